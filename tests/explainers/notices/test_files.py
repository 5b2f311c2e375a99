"""Letters as files: PDF with its tags, Word, and what a machine without the libraries says."""

from __future__ import annotations

import io
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import cffi
import docx
import pytest
from pypdf import PdfReader

from data.errors import CandorError
from explainers.notices.render_html import render_html
from explainers.notices.render_pdf import render_pdf
from explainers.notices.render_word import render_word
from explainers.notices.result import Recipient
from explainers.pdf import DEBIAN, PdfUnavailable, _stylesheet, _tools
from tests.__main__ import DEBIAN as INSTALLED
from tests.explainers.notices.letters import SCORE, card_with, joint, letter, principal, without
from tests.explainers.notices.test_letters import ANA, Reading


@pytest.fixture(scope="module")
def pdf() -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(letter(principal(key_factors=SCORE)), ANA)))


def tags(node: Any) -> Iterator[str]:
    """Yield the kinds of a PDF's structure elements, from the root down."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from tags(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node and not isinstance(node["/K"], int):
            yield from tags(node["/K"])


def test_a_pdf_is_tagged_with_language_and_title(pdf: PdfReader) -> None:
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert pdf.metadata is not None
    assert pdf.metadata.title == "We could not approve your application: A-1"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data() or b'pdfuaid:part="1"' in root[
        "/Metadata"
    ].get_data().replace(b" ", b"")


def test_headings_lists_and_tables_are_tagged_as_such(pdf: PdfReader) -> None:
    root: Any = pdf.trailer["/Root"]
    counts = Counter(tags(root["/StructTreeRoot"]["/K"]))
    assert counts["/H1"] == 1
    assert counts["/H2"] == 6
    assert counts["/L"] == 2
    assert counts["/LI"] == 6
    assert (counts["/Table"], counts["/TR"], counts["/TH"], counts["/TD"]) == (1, 4, 4, 4)


def test_a_pdf_says_what_the_html_says_and_embeds_its_letters(pdf: PdfReader) -> None:
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for line in Reading(render_html(letter(principal(key_factors=SCORE)), ANA)).text.splitlines():
        assert " ".join(line.split()) in text
    fonts = [font for page in pdf.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert any(key.startswith("/FontFile") for key in below)


@pytest.mark.parametrize("render", [render_pdf, render_word])
def test_the_same_letter_gives_the_same_bytes_and_another_name_others(render: Any) -> None:
    first = render(letter(joint()), ANA)
    assert first == render(letter(joint()), ANA)
    assert first != render(letter(joint()), Recipient("Bo Lee"))


@pytest.mark.parametrize("render", [render_pdf, render_word, render_html])
def test_no_file_is_made_of_a_letter_that_lacks_something(render: Any) -> None:
    with pytest.raises(CandorError, match="never made with blanks"):
        render(letter(card=card_with(without("agency"))))


@pytest.mark.parametrize("asked", [principal(key_factors=SCORE), joint()])
def test_a_word_file_says_what_the_html_says(asked: Any) -> None:
    made = docx.Document(io.BytesIO(render_word(letter(asked), ANA)))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    said = "\n".join([*(paragraph.text for paragraph in made.paragraphs), *cells])
    assert [line for line in Reading(render_html(letter(asked), ANA)).text.splitlines() if line not in said] == []
    assert [p.text for p in made.paragraphs if p.style.name == "Heading 1"] == ["We could not approve your application"]


def test_numbers_of_a_joint_word_letter_begin_anew_for_each_creditor() -> None:
    from tests.explainers.notices.letters import HARBOR, PRAIRIE, creditor

    asked = principal(creditor(HARBOR, "DE01", "PA01"), creditor(PRAIRIE, "CA01", "DE01"))
    made = docx.Document(io.BytesIO(render_word(letter(asked))))
    lists = [p._p.pPr.numPr.numId.val for p in made.paragraphs if p.style.name == "List Number"]
    assert len(lists) == 4
    assert lists[0] == lists[1] != lists[2] == lists[3]


def test_a_word_file_tells_nothing_of_who_made_it_or_when() -> None:
    content = zipfile.ZipFile(io.BytesIO(render_word(letter(), ANA)))
    told = content.read("docProps/core.xml").decode()
    assert "python-docx" not in told
    assert "Ana" not in told
    assert {entry.date_time for entry in content.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def _forget() -> None:
    """Let the libraries be loaded anew."""
    _stylesheet.cache_clear()
    _tools.cache_clear()


@pytest.fixture
def _without_libraries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take away what PDF is made with: loading it fails as on a machine that lacks it."""
    real = cffi.FFI.dlopen

    def dlopen(self: cffi.FFI, name: str, flags: int = 0) -> object:
        if "pango" in str(name).lower():
            raise OSError("cannot load library")
        return real(self, name, flags)

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(cffi.FFI, "dlopen", dlopen)
    _forget()
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        del sys.modules[name]
    _forget()


@pytest.mark.usefixtures("_without_libraries")
def test_without_the_libraries_html_and_word_still_work_and_the_message_names_the_packages(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert render_html(letter())
    assert render_word(letter())
    with pytest.raises(PdfUnavailable, match=r"^PDF cannot be made on this machine\.") as caught:
        render_pdf(letter())
    for package in DEBIAN:
        assert package in str(caught.value)
    assert capfd.readouterr().out == ""


def test_the_tests_install_the_same_packages() -> None:
    assert set(DEBIAN) <= set(INSTALLED)
