"""The letter to an applicant: asked for like any application, logged when shown and when files of it are made."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.notice_schema import Language
from data.reader import Reader
from data.workspace import QuestionKind
from explainers.notices import words
from explainers.notices.compute import compute_notice
from explainers.notices.render_html import preview_html, render_html, style
from explainers.notices.render_pdf import render_pdf
from explainers.notices.render_word import render_word
from explainers.notices.result import NoticeResult
from explainers.notices.words import file_stem
from explainers.pdf import PdfUnavailable
from pages.shared import answers, exports, readers, widgets

LANGUAGES: dict[Language, str] = {"en": "English", "es": "Spanish"}
"""What a letter can be shown in."""
MENU = "candor-letter"
"""Key of the menu of files: they are made while it is open."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class LetterFile:
    """One file of a letter."""

    label: str
    """On its button."""
    name: str
    """Of the file."""
    kind: str
    """Media type."""
    content: bytes
    """The file."""


def notice(reader: Reader, number: str, language: Language, *, part: str = "") -> NoticeResult:
    """Return the letter for one application; `part` is its place where the page shows something else.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        No such application for this viewer. It counts as a question too.
    """
    answers.ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{number}")
    result = _notice(reader.snapshot_id, reader.viewer.scope, number, language, reader)
    inputs = {"application": number, "language": language, "files": "no"}
    answers.log(reader, "notice", inputs, 1, part=part)
    if not part and result.state == "ready" and st.session_state.get(MENU):
        answers.log(reader, "notice", {**inputs, "files": "yes"}, 1, part="files")
    return result


@st.cache_data(max_entries=256, ttl=3600, show_spinner="Writing the letter")
def _notice(snapshot_id: str, scope: str, number: str, language: Language, _reader: Reader) -> NoticeResult:
    asked = readers.on_file(snapshot_id, scope, number, _reader)
    return compute_notice(_reader, asked, readers.fitting(_reader), language)


def show(result: NoticeResult) -> None:
    """Draw a letter as the applicant would read it, without a name."""
    st.html(f"<style>{style()}</style>")
    widgets.fragment(preview_html(result))


@st.fragment
def preview(number: str) -> None:
    """Draw the letter for an application that is on the screen, once somebody unfolds it."""
    drawer = st.expander("The letter this applicant would get", key="candor-letter-preview", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        result = notice(readers.current(), number, "en", part="letter")
        widgets.note(f"{words.say_notice(result)}. {words.say_context(result)}")
        if result.state == "stopped":
            widgets.plain_table(words.table_missing(result))
        if result.parts:
            show(result)


def offer(reader: Reader, result: NoticeResult) -> None:
    """Offer a letter that can be sent as HTML, Word and PDF; files are made when the menu is open."""
    with st.container(horizontal=True):
        menu = st.popover("Download the letter", key=MENU, on_change="rerun")
    if not menu.open:
        return
    with menu:
        for file in _files(result, exports.mark_of(reader)):
            st.download_button(
                file.label, file.content, file.name, file.kind, key=f"letter-{file.label}", on_click="ignore"
            )


def _files(result: NoticeResult, mark: str) -> list[LetterFile]:
    """Make the files of a letter, marked where exports are; where PDF cannot be made it says what is missing."""
    stem = file_stem(result)
    made = [
        LetterFile("HTML", f"{stem}.html", "text/html", render_html(result, None, mark).encode()),
        LetterFile("Word", f"{stem}.docx", WORD, render_word(result, None, mark)),
    ]
    try:
        made.append(LetterFile("PDF", f"{stem}.pdf", "application/pdf", render_pdf(result, None, mark)))
    except PdfUnavailable as missing:
        widgets.warning(str(missing))
    return made
