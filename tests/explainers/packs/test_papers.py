"""A pack as HTML and PDF: complete, tagged, the same every time, and nothing fetched."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader

from data.files import ROOT
from explainers.packs.document import Document, FactsBlock, ListBlock, TableBlock, TextBlock, say_cell
from explainers.packs.figures import figures_of
from explainers.packs.render_html import render_html
from explainers.packs.render_pdf import render_pdf
from explainers.pdf import make_pdf
from tests.explainers.notices.test_files import tags
from tests.explainers.packs.boards import BARS, DOTS, LINES, board, every_block, section

MADE = """
import hashlib
from data.workspace.pin_parts import ChartPart, Pin, WordsPart
from explainers.packs.compose import compose
from explainers.packs.contents import Kept, Pack
from explainers.packs.render_html import render_html
from explainers.packs.render_pdf import render_pdf
from tests.data.workspace.meeting import RISK, shown

bars = {"type": "bar", "orientation": "h", "x": [0.1, 0.3], "y": ["a", "b"]}
parts = WordsPart("finding", "It is so."), ChartPart("chart", "T", "A.", {"data": [bars], "layout": {"height": 120}})
given = RISK.audience, None, None, "2026-11-20T16:54:00.000000+00:00", shown(parts=parts)
pin = Pin("7e1c", "Ours", "rita", *given)
pack = compose(RISK, Pack("Board", "One pin", RISK.audience, None, (Kept(pin),), mark="rita"))
print(hashlib.sha256(render_pdf(pack) + render_html(pack).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def pdf() -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(board())))


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(board())


def plain(text: str) -> str:
    return "".join(text.split())


def words_of(pack: Document) -> list[str]:
    """Return every word and number that a document must say."""
    found = [pack.title, pack.subtitle, pack.audience_line, *pack.as_of, pack.made_on, *pack.lead, *pack.limits]
    for one in pack.sections:
        found += [one.title, one.kept]
        for block in one.blocks:
            match block:
                case TextBlock():
                    found.append(block.text)
                case ListBlock():
                    found += block.items
                case FactsBlock():
                    found += [text for row in block.rows for text in row]
                case TableBlock():
                    found += [*block.columns, *(say_cell(cell) for row in block.rows for cell in row)]
    return [text for text in found if text]


def test_the_pdf_says_every_word_and_every_number_to_the_last_digit(pdf: PdfReader) -> None:
    text = plain("".join(page.extract_text() for page in pdf.pages))
    for said in words_of(board()):
        assert plain(said) in text, said


def test_the_letters_of_charts_are_text_and_their_numbers_those_of_the_pin(pdf: PdfReader) -> None:
    text = plain("".join(page.extract_text() for page in pdf.pages))
    for label in ("+0.3", "−1.3", "Harbor", "Prairie", "Jan2026"):
        assert label in text


def test_the_html_has_the_figures_of_every_chart_and_paper_says_so(html: str, pdf: PdfReader) -> None:
    page = Reading()
    page.feed(html)
    text = plain(page.text)
    for part in (LINES, DOTS, BARS):
        for row in figures_of(part).rows:
            for cell in row:
                if isinstance(cell, float):
                    assert plain(say_cell(float(f"{cell:.6g}"))) in text
    assert "Figures of chart 2: in the HTML and Word forms" in "".join(one.extract_text() for one in pdf.pages)


def test_the_pdf_is_tagged_with_language_title_and_descriptions(pdf: PdfReader) -> None:
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Board pack, October 2026"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    counts = Counter(tags(root["/StructTreeRoot"]["/K"]))
    assert counts["/H1"] == 1
    assert counts["/Figure"] == len(list(board().charts()))
    assert counts["/Table"] >= len(list(board().tables()))
    assert counts["/TH"] > 4
    assert sorted(alts(root["/StructTreeRoot"]["/K"])) == sorted(chart.part.alt for chart in board().charts())


def alts(node: Any) -> list[str]:
    """Return the descriptions of a PDF's figures."""
    node = node.get_object()
    if isinstance(node, list):
        return [alt for child in node for alt in alts(child)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + (alts(node["/K"]) if "/K" in node and not isinstance(node["/K"], int) else [])


def test_every_page_says_who_may_read_it_that_data_are_made_up_and_for_whom_the_copy_is(pdf: PdfReader) -> None:
    pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert "For First Harbor Bank only." in text
        assert "Synthetic data" in text
        assert f"{number} / {len(pages)}" in text
        assert "First Harbor Bank · ann · 20 Nov 2026" in text


def test_the_contents_name_the_page_on_which_a_section_begins(pdf: PdfReader) -> None:
    pages = [" ".join(page.extract_text().split()) for page in pdf.pages]
    contents = next(text for text in pages if "Contents" in text)
    for title in ("Income counts most.", "Both together move it.", "What this pack cannot say"):
        found = re.search(rf"{re.escape(title)}[ .]*(\d+)", contents)
        assert found is not None
        assert title in pages[int(found[1]) - 1]
    assert len(pdf.outline) > 0


def test_without_a_mark_and_made_up_data_no_page_speaks_of_them() -> None:
    made = PdfReader(io.BytesIO(render_pdf(board(watermark="", synthetic=False))))
    text = "".join(page.extract_text() for page in made.pages)
    assert "Synthetic" not in text
    assert "ann ·" not in text


def test_the_same_pack_gives_the_same_bytes_here_and_in_other_processes(html: str) -> None:
    assert render_pdf(board()) == render_pdf(board()) != render_pdf(board(title="Another"))
    assert render_html(board()) == html
    runs = [
        subprocess.run([sys.executable, "-c", MADE], cwd=ROOT, capture_output=True, text=True, check=True, env=env)
        for env in ({**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2"))
    ]
    assert runs[0].stdout == runs[1].stdout != ""


class Reading(HTMLParser):
    """What of a page a browser would fetch or run, and its names."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.names: list[str] = []
        self.pointed: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names += [given["id"] or ""] if "id" in given else []
        for key in ("src", "href", "xlink:href", "data", "srcset"):
            target = given.get(key) or ""
            self.pointed += [target[1:]] if target.startswith("#") else []
            self.fetched += [target] if target and not target.startswith("#") else []
        self.fetched += [tag] if tag in {"script", "iframe", "link", "object", "embed"} else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_is_one_file_that_fetches_nothing_and_names_nothing_twice(html: str) -> None:
    page = Reading()
    page.feed(html)
    assert page.fetched == []
    assert [name for name, times in Counter(page.names).items() if times > 1] == []
    assert set(page.pointed) <= set(page.names)
    assert "url(http" not in html
    assert html.count("<svg") == len(list(board().charts()))
    assert html.startswith("<!doctype html>")
    assert '<html lang="en">' in html


def test_the_html_says_every_word_of_the_pack(html: str) -> None:
    page = Reading()
    page.feed(html)
    text = plain(page.text)
    for said in words_of(board()):
        assert plain(said) in text, said


def test_what_a_user_typed_is_text_and_never_markup() -> None:
    evil = '<script>alert(1)</script>"><img src=x>'
    pack = board(section(TextBlock("text", evil), title=evil), title=evil, watermark=evil, audience_line=evil)
    page = Reading()
    page.feed(render_html(pack))
    assert page.fetched == []
    assert "alert(1)" in page.text
    assert len(PdfReader(io.BytesIO(render_pdf(pack))).pages) >= 2


def test_a_page_that_points_elsewhere_gets_nothing() -> None:
    secret = ROOT / "assets" / "logo.svg"
    page = (
        f'<html lang="en"><title>t</title><p>x</p><img alt="a" src="{secret.as_uri()}"><img alt="b" src="picture:no">'
    )
    made = make_pdf(page, "p { color: red }")
    assert b"/XObject" not in made or b"logo" not in made


def test_only_sections_with_titles_of_their_own_say_their_question() -> None:
    asked = render_html(board(section(title="What counts?")))
    assert asked.count('class="question"') == 0
    assert render_html(board(*every_block())).count('class="question"') == 2
