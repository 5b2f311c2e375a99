"""The evidence pack: every figure as CSV, the pins, and a manifest that names each file by its hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files import ROOT
from data.workspace.pin_parts import read_pin_text
from explainers.packs.document import ChartBlock, TableBlock
from explainers.packs.evidence import csv_of, document_text, make_evidence
from explainers.packs.evidence_files import read_document
from explainers.packs.figures import figures_of
from tests.explainers.packs.boards import BARS, DOTS, FIELD, LINES, MIXED, ODD, ROWS, board, hashes, section, table
from tests.explainers.packs.kept_pins import kept, small_pack

ALONE = "from tests.explainers.packs.boards import hashes; print(*hashes())"
"""What another process runs."""


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    pins = (kept("overview"), kept("health"))
    return opened(make_evidence(small_pack(*pins), pins, {"pack.docx": b"a document"}))


def test_a_table_is_written_with_all_rows_and_all_digits() -> None:
    found = rows(csv_of(table()))
    assert found[0] == ["Signal", "Applications", "Points", "Share"]
    assert len(found) == 41
    assert found[2] == ["Signal 1", "1000", repr(1 / 7), "1 %"]
    assert [float(row[2]) for row in found[1:] if row[2]] == [row[2] for row in ROWS if row[2] is not None]


def test_text_that_a_spreadsheet_would_run_stays_text() -> None:
    made = TableBlock(1, "t", ("=A1", "n"), (("=SUM(A1)", -2.5), ("@x", None)), 2, "table-01.csv")
    assert rows(csv_of(made)) == [["'=A1", "n"], ["'=SUM(A1)", "-2.5"], ["'@x", ""]]


def test_bars_are_written_with_their_names_and_words() -> None:
    assert rows(csv_of(ChartBlock(1, BARS, "c.csv"))) == [
        ["points", "y", "Label"],
        ["0.30000000000000004", "Income", "'+0.3"],
        ["-1.25", "Debt & co", "−1.3"],
    ]


def test_lines_are_told_apart_by_the_labels_at_their_ends() -> None:
    found = rows(csv_of(ChartBlock(1, LINES, "c.csv")))
    assert found == [
        ["Series", "x", "y"],
        ["Harbor", "2026-01-01", repr(ODD)],
        ["Harbor", "2026-02-01", "0.4"],
        ["Prairie", "2026-01-01", "0.5"],
        ["Prairie", "2026-02-01", "0.25"],
    ]


def test_rows_of_a_chart_are_named_by_the_labels_beside_them_and_gaps_are_left_out() -> None:
    found = figures_of(MIXED)
    assert found.columns == ("x", "y")
    assert found.rows[:2] == ((5.0625, "Payments"), (4.5, "Debt"))
    assert [row[0] for row in found.rows[2:]] == [-4.0, ODD, -3.0, 6.0]


def test_whiskers_and_fields_of_colour_are_written_too() -> None:
    assert figures_of(DOTS).columns == ("x", "y", "Less by", "More by")
    assert figures_of(FIELD).rows == (
        ("young", "low", 0.5, "+0.5"),
        ("young", "high", ODD, "+0.3"),
        ("old", "low", None, ""),
        ("old", "high", -0.25, "−0.3"),
    )


def test_the_manifest_names_every_file_by_its_hash_and_every_section_by_its_pin(files: dict[str, bytes]) -> None:
    manifest = json.loads(files.pop("manifest.json"))
    assert set(manifest["files"]) == set(files)
    for name, content in files.items():
        assert manifest["files"][name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert manifest["files"][name]["size"] == len(content)
    pins = (kept("overview"), kept("health"))
    assert [one["content_hash"] for one in manifest["sections"]] == [pin.content_hash for pin in pins]
    assert [one["snapshot_hash"] for one in manifest["sections"]] == [p.shown.source.snapshot_hash for p in pins]
    assert all(name in files for one in manifest["sections"] for name in one["figures"])


def test_pins_are_kept_as_they_were_and_the_readme_says_how_to_check(files: dict[str, bytes]) -> None:
    pin = kept("overview")
    text = files[f"pins/{pin.pin_id}.json"]
    assert hashlib.sha256(text).hexdigest() == pin.content_hash
    assert read_pin_text(text.decode()) == pin
    read_me = files["README.txt"].decode()
    for words in ("python -m explainers verify", "python -m explainers check", pin.pin_id, "Three answers"):
        assert words in read_me


def test_no_pack_is_made_without_the_pins_it_names() -> None:
    with pytest.raises(ValueError, match=kept("health").pin_id):
        make_evidence(small_pack(kept("overview"), kept("health")), (kept("overview"),), {})


def test_words_and_figures_are_read_back_to_the_same(files: dict[str, bytes]) -> None:
    document = small_pack(kept("overview"), kept("health"))
    assert read_document(files["document.json"]) == document
    assert read_document(document_text(board()).encode()) == board()


FINITE = st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), FINITE, st.text(max_size=12))


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=6).map(tuple))
def test_any_table_is_read_back_to_the_same(cells: tuple[Any, ...]) -> None:
    one = table(rows=cells)
    document = board(section(one))
    again = read_document(document_text(document).encode())
    assert again == document
    assert [[type(c) for c in row] for row in next(again.tables()).rows] == [[type(c) for c in row] for row in one.rows]
    assert csv_of(next(again.tables())) == csv_of(one)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"null", b'{"sections": 3}', b'{"sections": [{"blocks": [{"block": "Evil"}]}]}']
)
def test_what_is_no_document_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_document(text)


def test_another_process_makes_the_same_bytes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    command = [sys.executable, "-c", ALONE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == hashes()
    assert len(set(hashes())) == 3
