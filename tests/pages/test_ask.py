"""The search box, run by Streamlit's own test runner."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.files import HOME_VARIABLE
from data.workspace import list_log, open_workspace
from pages.shared import ask_box, readers
from tests.pages.conftest import text_of


def box() -> None:
    """Draw the box as the frame does."""
    from pages._router import PAGES
    from pages.shared import ask_box, readers

    readers.as_of(readers.choices()[0])
    ask_box.draw(PAGES, PAGES[0])


@pytest.fixture
def asked(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Ask a question as a viewer and return what the box shows."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def ask(question: str, viewer: Viewer = LOCAL_VIEWER) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_function(box, default_timeout=60).run()
        return at.text_input(key=ask_box.TEXT).input(question).run()

    yield ask
    st.cache_resource.clear()


def test_a_sure_answer_is_opened(asked) -> None:
    at = asked("why was A-00020 declined")
    assert not at.exception
    assert "Opening: Why application A-00020 was decided this way" in text_of(at)
    assert at.text_input(key=ask_box.TEXT).value == ""


def test_what_cannot_be_answered_is_said_and_its_words_are_escaped(asked) -> None:
    shown = text_of(asked("should we approve this <b>customer</b>"))
    assert "I cannot answer that." in shown
    assert "&lt;b&gt;" in shown


def test_no_page_is_offered_that_the_viewer_has_not(asked) -> None:
    shown = text_of(asked("show the audit log", Viewer("test", Audience.REGULATOR)))
    assert 'href="log' not in shown
    assert "Opening" not in shown


def test_the_log_keeps_the_kind_of_question_and_none_of_its_words(asked) -> None:
    asked("why was A-00020 declined")
    rows = list_log(open_workspace(), LOCAL_VIEWER).rows
    asked_rows = rows[rows["page"] == "ask"].to_csv()
    assert "decision" in asked_rows
    assert "A-00020" not in asked_rows
