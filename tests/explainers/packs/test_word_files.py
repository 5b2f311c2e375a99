"""A pack as a Word file: real headings, native tables, described pictures, and the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Emu

from explainers.packs.document import ChartBlock, say_cell
from explainers.packs.evidence import figure_files
from explainers.packs.render_word import render_word
from explainers.packs.word_frame import MARGIN, WIDE
from tests.explainers.packs.boards import BARS, DOTS, FIELD, ODD, board, section, table

Made = Any


@pytest.fixture(scope="module")
def made() -> Made:
    return docx.Document(io.BytesIO(render_word(board())))


def xml_of(made: Made, name: str) -> str:
    target = io.BytesIO()
    made.save(target)
    with zipfile.ZipFile(target) as content:
        return "\n".join(content.read(one).decode() for one in content.namelist() if one.startswith(f"word/{name}"))


def cells(made: Made, n: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in made.tables[n].rows]


def test_headings_are_headings_and_each_stands_in_the_table_of_contents(made: Made) -> None:
    headings = [p.text for p in made.paragraphs if p.style.name == "Heading 1"]
    entries = [p for p in made.paragraphs if p.style.name == "TOC 1"]
    assert headings == ["Income counts most.", "Both together move it.", "What this pack cannot say"]
    assert ["".join(t.text for t in p._p.iter(qn("w:t"))) for p in entries] == headings
    anchors = [link.get(qn("w:anchor")) for p in entries for link in p._p.iter(qn("w:hyperlink"))]
    assert anchors == [mark.get(qn("w:name")) for mark in made.element.body.iter(qn("w:bookmarkStart"))]


def test_the_field_of_the_contents_is_whole_and_asks_for_no_update(made: Made) -> None:
    kinds = [mark.get(qn("w:fldCharType")) for mark in made.element.body.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]
    assert "TOC" in next(made.element.body.iter(qn("w:instrText"))).text
    assert "updateFields" not in xml_of(made, "settings")


def test_a_table_is_native_repeats_its_head_and_says_where_the_other_rows_are(made: Made) -> None:
    shown = table()
    found = cells(made, 0) if cells(made, 0)[0][0] == "Signal" else cells(made, 1)
    assert found[0] == list(shown.columns)
    assert found[1:] == [[say_cell(cell) for cell in row] for row in shown.rows]
    native = next(t for t in made.tables if t.rows[0].cells[0].text == "Signal")
    assert native.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in native.rows)
    assert any("first 25 of 40 rows" in p.text and "table-01-signals.csv" in p.text for p in made.paragraphs)


def test_numbers_stand_at_the_right_and_names_at_the_left(made: Made) -> None:
    native = next(t for t in made.tables if t.rows[0].cells[0].text == "Signal")
    right = [[cell.paragraphs[0].alignment is not None for cell in row.cells] for row in native.rows]
    assert right == [[False, True, True, True]] * 26


@pytest.mark.parametrize("width", [1, 4, 12])
def test_a_table_is_never_wider_than_the_text(width: int) -> None:
    rows = tuple(tuple(f"a rather long cell {i} {j}" for j in range(width)) for i in range(3))
    wide = replace(table(), columns=tuple(f"Column {j}" for j in range(width)), rows=rows, n_total=3, every=())
    (native,) = docx.Document(io.BytesIO(render_word(board(section(wide))))).tables
    assert sum(column.width for column in native.columns) <= Emu(WIDE - 2 * MARGIN) + width


def test_every_picture_is_described_and_numbered(made: Made) -> None:
    told = list(made.element.body.iter(qn("wp:docPr")))
    assert [one.get("name") for one in told] == [f"Chart {i}" for i in range(1, 6)]
    assert told[0].get("descr") == BARS.alt
    assert all(len(one.get("descr")) > 10 for one in told)


def test_a_chart_without_a_table_of_its_own_shows_its_figures() -> None:
    made = docx.Document(io.BytesIO(render_word(board(section(ChartBlock(1, DOTS, "chart-01.csv"))))))
    assert cells(made, 0) == [
        ["x", "y", "Less by", "More by"],
        ["0.25", "0.3", "0.25", "0.5"],
        ["0.5", "0.45", "0.125", "0.25"],
    ]
    field = docx.Document(io.BytesIO(render_word(board(section(ChartBlock(1, FIELD, "chart-01.csv"))))))
    assert cells(field, 0)[1] == ["young", "low", "0.5", "+0.5"]
    assert say_cell(ODD) == "0.30000000000000004", "rounded under a chart only; the evidence has every digit"


def test_many_figures_are_not_written_out_but_told_where_they_are() -> None:
    long = {"type": "scatter", "x": list(range(100)), "y": [i / 3 for i in range(100)]}
    part = replace(DOTS, figure={"data": [long], "layout": {}})
    made = docx.Document(io.BytesIO(render_word(board(section(ChartBlock(1, part, "chart-01.csv"))))))
    assert made.tables == []
    assert any("100 rows" in p.text and "chart-01.csv" in p.text for p in made.paragraphs)


def test_a_pack_without_evidence_sends_nobody_to_it() -> None:
    long = {"type": "scatter", "x": list(range(100)), "y": [i / 3 for i in range(100)]}
    part = replace(DOTS, figure={"data": [long], "layout": {}})
    pack = board(section(ChartBlock(1, part, ""), replace(table(), file="")))
    assert "evidence" not in xml_of(docx.Document(io.BytesIO(render_word(pack))), "document")
    assert figure_files(pack) == {}


def test_every_page_says_for_whom_it_is_that_data_are_made_up_and_its_number(made: Made) -> None:
    footer = xml_of(made, "footer")
    assert "For First Harbor Bank only." in footer
    assert "Synthetic data" in footer
    assert "PAGE" in footer
    assert "NUMPAGES" in footer
    real = docx.Document(io.BytesIO(render_word(board(synthetic=False))))
    assert "Synthetic" not in xml_of(real, "footer")


def test_a_watermark_lies_behind_every_page_of_a_pack_that_has_one(made: Made) -> None:
    assert "First Harbor Bank · ann · 20 Nov 2026" in xml_of(made, "header")
    assert "textpath" in xml_of(made, "header")
    quotes = docx.Document(io.BytesIO(render_word(board(watermark='"A" & <B>'))))
    assert "&lt;B&gt;" in xml_of(quotes, "header")
    assert "textpath" not in xml_of(docx.Document(io.BytesIO(render_word(board(watermark="")))), "header")


def test_the_file_tells_language_and_title_and_nothing_of_when_it_was_made(made: Made) -> None:
    told = made.core_properties
    assert (told.title, told.language, told.author) == ("Board pack, October 2026", "en-US", "Candor")
    assert told.created.year == 2000
    assert {one.get(qn("w:val")) for one in made.styles.element.iter(qn("w:lang"))} == {"en-US"}


def test_no_words_of_the_pack_are_lost(made: Made) -> None:
    said = xml_of(made, "document")
    for words in (
        "Over 3,000 applications.",
        "Two months are missing.",
        "Then that.",
        "charge-off",
        "Every application",
    ):
        assert words in said
    assert "Say it slowly." not in said, "what a presenter may say is for slides only"


def test_an_empty_pack_is_a_file_too() -> None:
    nothing = replace(board(), sections=(), lead=(), limits=(), as_of=())
    assert [p.text for p in docx.Document(io.BytesIO(render_word(nothing))).paragraphs][:2] == [
        "Board pack, October 2026",
        "Board pack",
    ]
