"""What leaves the screen: pictures and tables, marked for audiences whose exports are marked."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import ROOT
from explainers.style import day
from pages.shared import exports, readers
from tests.pages.conftest import ALONE, text_of

Run = Callable[..., AppTest]
TODAY = day(date.today())


def test_a_marked_table_says_in_every_line_for_whom_it_is() -> None:
    text = 'family,points\n"Debt, total",0.04\nCards,-0.01\n'
    rows = list(csv.reader(io.StringIO(exports.marked(text, "Alder · anna · 20 Nov 2026"))))
    assert rows == [
        ["family", "points", "Made for"],
        ["Debt, total", "0.04", "Alder · anna · 20 Nov 2026"],
        ["Cards", "-0.01", "Alder · anna · 20 Nov 2026"],
    ]


def test_a_mark_cannot_be_a_formula() -> None:
    assert "\n1,=" not in exports.marked("a\n1\n", "=cmd|' /C calc'!A0")


def test_only_audiences_with_marked_exports_get_a_mark(run: Run) -> None:
    run("decision.py", ALONE, app="A-00000")
    mark = exports.mark_of(_reader(Viewer("anna", Audience.PARTNER, ALONE)))
    assert mark == f"{ALONE} · anna · {TODAY}"
    for audience in (Audience.SPECIALIST, Audience.REGULATOR):
        assert exports.mark_of(_reader(Viewer("anna", audience))) == ""


def test_every_picture_names_its_model_snapshot_and_size(run: Run) -> None:
    run("overview.py")
    source = exports.source_of(_reader(Viewer("anna", Audience.SPECIALIST)))
    assert "3,000 applications" in source
    assert "snapshot 2026-10-" in source


def _reader(viewer: Viewer):
    choice = readers.choices()[0]
    return readers._open(choice.snapshot_id, choice.model_id, viewer)


def test_a_decision_says_how_common_its_reasons_are_and_where_else_it_is(run: Run) -> None:
    shown = text_of(run("decision.py", app="A-00020"))
    assert "How common this is" in shown
    assert "There is no other snapshot." in shown


@pytest.fixture
def examiner(run: Run, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Decision page as a regulator, whose numbers are masked."""
    run("decision.py")
    viewer = Viewer("ellen", Audience.REGULATOR)
    monkeypatch.setattr(readers, "viewer", lambda: viewer)
    number = _reader(viewer).pick("declined", 0.4)
    at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
    at.query_params["app"] = number
    at.run()
    return at.switch_page("decision.py").run()


def test_a_masked_number_is_shown_for_a_reason_and_logged(examiner: AppTest) -> None:
    assert "A-0" not in text_of(examiner)
    next(b for b in examiner.button if b.label == "Show it").click().run()
    assert "Write the reason first" in text_of(examiner)
    examiner.text_input(key="reveal-reason").set_value("complaint 17")
    next(b for b in examiner.button if b.label == "Show it").click().run()
    assert "Number A-0" in text_of(examiner)
