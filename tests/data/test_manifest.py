"""A folder that is not the one published says so in one sentence; the others stay usable."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import SnapshotError
from data.listing import list_snapshots
from data.manifest import SCHEMA, Manifest, hash_file, read_manifest, verify_files
from data.snapshots import open_snapshot
from tests.snapshots_for_tests import small_snapshot


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    return small_snapshot(folder / "root", folder / "in")


@pytest.fixture
def pair(published: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two snapshots of two models: one to spoil, one that must stay usable."""
    folders = []
    for model in ("model-a", "model-b"):
        folder = tmp_path / "root" / model / published.name
        shutil.copytree(published, folder)
        for file in folder.iterdir():
            file.chmod(0o640)
        edit(folder, lambda raw, model=model: raw.update(model_id=model))
        folders.append(folder)
    return folders[0], folders[1]


def edit(folder: Path, change: Callable[[dict], object]) -> None:
    raw = json.loads((folder / "manifest.json").read_text())
    change(raw)
    (folder / "manifest.json").write_text(json.dumps(raw))


def sentence(folder: Path) -> str:
    """Open a folder and return what is said; the message is one or few sentences, never a traceback."""
    with pytest.raises(SnapshotError) as caught:
        open_snapshot(folder.parents[1], folder.parent.name, folder.name)
    assert caught.value.remedy.endswith(".")
    return f"{caught.value.title}. {caught.value.message}"


def test_a_manifest_reads_back_as_it_was_written(published: Path) -> None:
    manifest = read_manifest(published)
    text = (published / "manifest.json").read_text("utf-8")
    assert manifest.to_json() == text
    assert manifest.files["model.txt"].sha256 == hash_file(published / "model.txt")
    assert manifest.inputs["model"] == manifest.files["model.txt"].sha256
    assert set(manifest.versions) == {"python", "lightgbm", "duckdb", "numpy", "pandas", "numba", "pyarrow"}
    assert verify_files(published, manifest) == []


SPOILS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed byte": (
        lambda f: (f / "model.txt").write_bytes((f / "model.txt").read_bytes().replace(b"tree", b"tred", 1)),
        "model.txt is not the file that was published (its SHA-256 differs).",
    ),
    "a missing file": (lambda f: (f / "card.yaml").unlink(), "card.yaml is missing."),
    "an extra file": (lambda f: (f / "notes.txt").write_text("x"), "notes.txt does not belong to this snapshot."),
    "a half-copied file": (
        lambda f: (f / "snapshot.duckdb").write_bytes((f / "snapshot.duckdb").read_bytes()[:5000]),
        "snapshot.duckdb is not the file that was published (its SHA-256 differs).",
    ),
    "an older layout": (
        lambda f: edit(f, lambda raw: raw.update(schema=0)),
        f"It has layout version 0; this Candor reads version {SCHEMA}.",
    ),
    "a manifest cut off": (
        lambda f: (f / "manifest.json").write_text((f / "manifest.json").read_text()[:300]),
        "Its manifest.json is damaged.",
    ),
    "a manifest of another kind": (
        lambda f: (f / "manifest.json").write_text("[1, 2]"),
        "Its manifest.json is damaged.",
    ),
    "text where a number belongs": (
        lambda f: edit(f, lambda raw: raw.update(n="many")),
        "Its manifest.json is damaged.",
    ),
    "a file outside the folder": (
        lambda f: edit(f, lambda raw: raw["files"].update({"../../../x": raw["files"]["model.txt"]})),
        "../../../x is missing.",
    ),
}


@pytest.mark.parametrize(("spoil", "expected"), SPOILS.values(), ids=SPOILS)
def test_a_spoiled_folder_says_what_is_wrong_and_the_other_one_opens(
    spoil: Callable[[Path], object], expected: str, pair: tuple[Path, Path]
) -> None:
    bad, good = pair
    spoil(bad)
    assert sentence(bad) == f"Snapshot {bad.name} cannot be opened. {expected}"
    assert open_snapshot(good.parents[1], good.parent.name, good.name).manifest.model_id == "model-b"
    listing = list_snapshots(good.parents[1])
    assert "model-b" in {m.model_id for m in listing.manifests}
    assert all(said.startswith(f"Snapshot {bad.name} cannot be opened. ") for said in listing.broken)


@pytest.mark.parametrize("spoil", ["a missing file", "a half-copied file", "an older layout", "a manifest cut off"])
def test_the_listing_leaves_out_what_it_can_see_to_be_broken(spoil: str, pair: tuple[Path, Path]) -> None:
    bad, good = pair
    SPOILS[spoil][0](bad)
    listing = list_snapshots(good.parents[1])
    assert [m.model_id for m in listing.manifests] == ["model-b"]
    assert len(listing.broken) == 1


def test_a_folder_without_a_manifest_is_no_snapshot(pair: tuple[Path, Path]) -> None:
    bad, good = pair
    (bad / "manifest.json").unlink()
    assert sentence(bad) == "This snapshot cannot be opened. There is no such snapshot here, or it is not whole."
    listing = list_snapshots(good.parents[1])
    assert listing.broken == (
        f"Snapshot {bad.name} cannot be opened. The folder holds no manifest.json: it was copied only in part.",
    )


def test_a_renamed_folder_is_told_from_its_manifest(pair: tuple[Path, Path]) -> None:
    bad, good = pair
    renamed = bad.with_name("2031-01-01-00000000")
    bad.rename(renamed)
    expected = "Its manifest names another snapshot: the folder was renamed or mixed up."
    assert sentence(renamed) == f"Snapshot {renamed.name} cannot be opened. {expected}"
    listing = list_snapshots(good.parents[1])
    assert listing.broken == (f"Snapshot {renamed.name} cannot be opened. {expected}",)
    assert [m.model_id for m in listing.manifests] == ["model-b"]


def test_manifests_name_only_known_fields(published: Path) -> None:
    raw = json.loads((published / "manifest.json").read_text())
    assert set(raw) == set(Manifest.__dataclass_fields__)
