"""A pack is verified: a good one holds, each planted change is found, and a hostile file gives one clear error."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.errors import CandorError
from data.workspace import open_workspace
from data.workspace.pin_parts import ChartPart, Pin
from data.workspace.pins import save_pin
from explainers.__main__ import main
from explainers.packs import evidence_files
from explainers.packs.evidence import make_evidence
from explainers.packs.forms import WRITERS
from explainers.packs.verify import verify_pack
from explainers.self_checks import SelfCheck
from tests.data.workspace.meeting import RISK
from tests.explainers.packs.kept_pins import kept, root, small_pack

Files = dict[str, bytes]
PAGES = ("overview", "health", "drivers")


@pytest.fixture(scope="module")
def good() -> bytes:
    pins = [kept(page) for page in PAGES]
    document = small_pack(*pins)
    return make_evidence(document, pins, {f"pack{end}": WRITERS[end](document) for end in (".docx", ".pptx")})


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def packed(files: Files, path: Path, *, rehash: bool = False) -> Path:
    """Write files as a pack; on request with a manifest that names their hashes, as a forger would."""
    if rehash:
        manifest = json.loads(files["manifest.json"])
        for name, entry in manifest["files"].items():
            if name in files:
                entry |= {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
        files = {**files, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def failed(path: Path, **more: Any) -> dict[str, str]:
    """Return what does not hold: check to finding."""
    return {one.name: one.finding for one in verify_pack(path, **more) if not one.passed}


def found(path: Path, **more: Any) -> list[SelfCheck]:
    return list(verify_pack(path, **more))


def test_a_good_pack_holds_and_its_main_pages_are_computed_again(good: bytes, tmp_path: Path) -> None:
    checks = found(packed(unpacked(good), tmp_path / "p.zip"), root=root())
    assert [one for one in checks if not one.passed] == []
    said = {one.name: one.finding for one in checks}
    for number, page in enumerate(PAGES, start=1):
        assert said[f"Section {number}, page {page}"].startswith("Computed again: the same, ")
    assert said["Document documents/pack.docx"] == "Written again from the figures: the same bytes."
    assert said["Document documents/pack.pptx"] == "Written again from the figures: the same bytes."
    assert "1 part" not in said["Section 1, page overview"]


def test_without_the_snapshot_only_hashes_are_checked_and_it_says_so(good: bytes, tmp_path: Path) -> None:
    path = packed(unpacked(good), tmp_path / "p.zip")
    for given in (None, tmp_path):
        sections = [one for one in found(path, root=given) if one.name.startswith("Section")]
        assert all(one.passed and one.finding.startswith("Only hashes were checked") for one in sections)


def figures(files: Files) -> str:
    return next(name for name in sorted(files) if name.startswith("figures/chart-"))


def flipped(content: bytes) -> bytes:
    """Change the last digit of a text."""
    place = max(i for i, byte in enumerate(content) if chr(byte).isdigit())
    return content[:place] + bytes([ord("1") if content[place] != ord("1") else ord("2")]) + content[place + 1 :]


def flip_a_digit(files: Files) -> None:
    files[figures(files)] = flipped(files[figures(files)])


def swap_pins(files: Files) -> None:
    first, second = (f"pins/{kept(page).pin_id}.json" for page in PAGES[:2])
    files[first], files[second] = files[second], files[first]


def forge_a_pin(files: Files) -> None:
    name = f"pins/{kept('overview').pin_id}.json"
    files[name] = files[name].replace(b"3,000", b"4,000").replace(b"1,500", b"2,500")


def forge_the_words(files: Files) -> None:
    files["document.json"] = files["document.json"].replace(b'"number":1,', b'"number":9,', 1)


def take_a_file(files: Files) -> None:
    del files[figures(files)]


def add_a_file(files: Files) -> None:
    files["figures/extra.csv"] = b"x\n"


def forge_a_document(files: Files) -> None:
    files["documents/pack.docx"] = files["documents/pack.pptx"]


def take_the_words(files: Files) -> None:
    del files["document.json"]


@pytest.mark.parametrize(
    ("change", "rehash", "where"),
    [
        (flip_a_digit, False, {"Files are those of the manifest", "CSV files are the figures"}),
        (flip_a_digit, True, {"CSV files are the figures"}),
        (swap_pins, False, {"Files are those of the manifest", "Pins are as they were kept"}),
        (swap_pins, True, {"Pins are as they were kept"}),
        (forge_a_pin, True, {"Pins are as they were kept", "Charts and tables are those of the pins"}),
        (forge_the_words, True, {"Document documents/pack.docx", "Document documents/pack.pptx"}),
        (take_a_file, True, {"Files are those of the manifest", "CSV files are the figures"}),
        (add_a_file, True, {"Files are those of the manifest"}),
        (forge_a_document, True, {"Document documents/pack.docx"}),
        (take_the_words, True, {"Files are those of the manifest", "The document can be read"}),
    ],
)
def test_each_planted_change_is_found(
    good: bytes, tmp_path: Path, change: Callable[[Files], None], rehash: bool, where: set[str]
) -> None:
    files = unpacked(good)
    change(files)
    wrong = failed(packed(files, tmp_path / "p.zip", rehash=rehash))
    assert where <= set(wrong)
    assert {name for name in wrong if not name.startswith("Section")} == where


def with_another_number(pin: Pin) -> Pin:
    """Return a pin whose first chart says something else, with a content hash of its own."""
    parts = list(pin.shown.parts)
    place = next(i for i, part in enumerate(parts) if isinstance(part, ChartPart))
    part = parts[place]
    assert isinstance(part, ChartPart)
    text = json.dumps(part.figure)
    number = next(v for trace in part.figure["data"] for v in trace["x"] if isinstance(v, float) and abs(v) > 0.01)
    parts[place] = replace(part, figure=json.loads(text.replace(repr(number), repr(number * (1 + 1e-9)))))
    return replace(pin, shown=replace(pin.shown, parts=tuple(parts)))


def test_a_pack_forged_from_end_to_end_is_found_by_computing_again(tmp_path: Path) -> None:
    forged = with_another_number(kept("drivers"))
    path = tmp_path / "p.zip"
    path.write_bytes(make_evidence(small_pack(forged), [forged], {}))
    assert failed(path) == {}
    wrong = failed(path, root=root())
    assert set(wrong) == {"Section 1, page drivers"}
    assert wrong["Section 1, page drivers"].startswith("Computed again: 1 of ")


def test_a_forged_pin_is_found_beside_the_one_in_the_workspace(tmp_path: Path) -> None:
    workspace = open_workspace(f"sqlite:///{tmp_path}/w.sqlite")
    pin = save_pin(workspace, RISK, kept("drivers").shown)
    path = tmp_path / "p.zip"
    for given, passes in ((pin, True), (with_another_number(pin), False)):
        path.write_bytes(make_evidence(small_pack(given), [given], {}))
        told = next(o for o in verify_pack(path, None, workspace) if o.name == "Pins are those of the workspace")
        assert told.passed is passes
        assert ("1 of 1 pins are kept" in told.finding) is passes
    workspace.close()


def test_another_snapshot_under_the_name_is_found(good: bytes, tmp_path: Path) -> None:
    pin = kept("health")
    other = replace(pin, shown=replace(pin.shown, source=replace(pin.shown.source, snapshot_hash="0" * 64)))
    path = tmp_path / "p.zip"
    path.write_bytes(make_evidence(small_pack(other), [other], {}))
    assert "has another hash" in failed(path, root=root())["Section 1, page health"]
    gone = replace(pin, shown=replace(pin.shown, source=replace(pin.shown.source, snapshot_id="../../etc")))
    path.write_bytes(make_evidence(small_pack(gone), [gone], {}))
    (told,) = [one for one in found(path, root=root()) if one.name.startswith("Section")]
    assert told.finding == "Only hashes were checked: snapshot ../../etc is not here."


def test_documents_of_other_code_are_not_said_to_be_wrong(good: bytes, tmp_path: Path) -> None:
    files = unpacked(good)
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({**manifest, "code_hash": "0" * 64}).encode()
    told = [o for o in found(packed(files, tmp_path / "p.zip")) if o.name.startswith("Document ")]
    assert [one.finding for one in told] == ["Only its hash was checked: other code or libraries wrote it."] * 2


def test_a_page_that_is_not_computed_again_says_so(tmp_path: Path) -> None:
    pin = replace(kept("health"), shown=replace(kept("health").shown, page="notice"))
    path = tmp_path / "p.zip"
    path.write_bytes(make_evidence(small_pack(pin), [pin], {}))
    (told,) = [one for one in found(path, root=root()) if one.name.startswith("Section")]
    assert told.passed
    assert told.finding == "The snapshot is the one named. Only hashes were checked for this page."


def not_a_zip(path: Path, _good: bytes) -> None:
    path.write_bytes(b"PK\x03\x04 this is no zip")


def empty(path: Path, _good: bytes) -> None:
    path.write_bytes(b"")


def cut_short(path: Path, good: bytes) -> None:
    path.write_bytes(good[: len(good) // 2])


def flipped_bit(path: Path, good: bytes) -> None:
    place = good.index(b"README.txt") + 200
    path.write_bytes(good[:place] + bytes([good[place] ^ 255]) + good[place + 1 :])


def without_a_manifest(path: Path, good: bytes) -> None:
    files = unpacked(good)
    del files["manifest.json"]
    packed(files, path)


def outside(path: Path, good: bytes) -> None:
    packed({**unpacked(good), "../../evil.txt": b"x"}, path)


def absolute(path: Path, good: bytes) -> None:
    packed({**unpacked(good), "/etc/evil": b"x"}, path)


def windows(path: Path, good: bytes) -> None:
    packed({**unpacked(good), "C:\\evil": b"x"}, path)


def unknown_layout(path: Path, good: bytes) -> None:
    files = unpacked(good)
    files["manifest.json"] = json.dumps({**json.loads(files["manifest.json"]), "schema": 99}).encode()
    packed(files, path)


def another_kind(path: Path, _good: bytes) -> None:
    packed({"manifest.json": b'{"kind": "holiday photos", "schema": 1}'}, path)


def nonsense(path: Path, _good: bytes) -> None:
    packed({"manifest.json": b'{"kind": "candor evidence pack", "schema": 1, "files": 3}'}, path)


def deep(path: Path, _good: bytes) -> None:
    packed({"manifest.json": b"[" * 100_000}, path)


def a_bomb(path: Path, good: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in unpacked(good).items():
            made.writestr(name, content)
        made.writestr("bomb", b"\0" * 2_000_000)


def a_lie(path: Path, _good: bytes) -> None:
    """Write a bomb that says it is small: the size in both of its headers is not the real one."""
    a_bomb(path, _good)
    size = struct.pack("<L", 2_000_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<L", 10)))


def twice(path: Path, good: bytes) -> None:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in unpacked(good).items():
            made.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("README.txt", b"another")


def too_many(path: Path, good: bytes) -> None:
    packed({**unpacked(good), **{f"x{i}": b"" for i in range(500)}}, path)


def a_folder(path: Path, _good: bytes) -> None:
    path.mkdir()


def nothing(_path: Path, _good: bytes) -> None:
    return


HOSTILE = (
    not_a_zip, empty, cut_short, flipped_bit, without_a_manifest, outside, absolute, windows, unknown_layout,
    another_kind, nonsense, deep, a_bomb, a_lie, twice, too_many, a_folder, nothing,
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_damaged_or_hostile_file_gives_one_clear_error(
    good: bytes,
    tmp_path: Path,
    hostile: Callable[[Path, bytes], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(evidence_files, "LARGEST_FILE", 1_500_000)
    monkeypatch.setattr(evidence_files, "MOST_FILES", 400)
    path = tmp_path / "p.zip"
    hostile(path, good)
    with pytest.raises(CandorError, match="cannot be verified"):
        found(path)
    assert main(["verify", str(path), "--snapshots", str(tmp_path / "none")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip().splitlines()[0] == "This pack cannot be verified."
    assert not (tmp_path.parent / "evil.txt").exists()


def test_the_command_prints_a_line_a_check_and_ends_with_0_or_1(
    good: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = unpacked(good)
    words = ["verify", str(packed(files, tmp_path / "p.zip")), "--snapshots", str(tmp_path / "none")]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok    The pack can be read: layout 1, ")
    assert len(lines) == 10
    flip_a_digit(files)
    packed(files, tmp_path / "p.zip")
    assert main(words) == 1
    assert sum(line.startswith("FAIL  ") for line in capsys.readouterr().out.splitlines()) == 2
