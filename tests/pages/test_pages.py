"""Every page × what there is to see: it always says something true, and never fails in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages._router import PAGES
from tests.pages.conftest import ALONE, SILENT, VIEWS, text_of

Run = Callable[..., AppTest]
FAILED = "This page could not be shown"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.url)
def test_every_page_shows_a_finding_first(run: Run, page, view: str) -> None:
    at = run(page.file, VIEWS[view])
    shown = text_of(at)
    assert not at.exception
    assert FAILED not in shown
    assert "<h1" in shown
    if view == "empty":
        assert "There is nothing to show" in shown
    else:
        assert "as of" in shown
    described = [chart.proto.alt for chart in at.get("plotly_chart")]
    assert all(described)
    for text in (shown, *described):
        assert ".." not in text, "a sentence ends once"
    if "candor-wall" not in shown:
        headline = shown.split("</h1>")[0].rsplit(">", 1)[1]
        assert len(headline) < 40 or headline.endswith((".", "?")), "a question or a title is short; an answer ends"


@pytest.mark.parametrize(("partner", "number"), [(None, "A-00020"), (ALONE, "A-00000"), (SILENT, "A-00003")])
def test_a_decision_is_explained_whatever_is_known(run: Run, partner: str | None, number: str) -> None:
    at = run("decision.py", partner, app=number)
    shown = text_of(at)
    assert not at.exception
    assert "the model estimates" in shown
    assert "Typical just approved" in shown
    assert "The parts explain 100.00" in shown


def test_a_missing_value_is_called_what_it_means(run: Run) -> None:
    assert "not on file" in text_of(run("decision.py", SILENT, app="A-00003"))


def test_another_partners_number_and_a_number_that_does_not_exist_look_alike(run: Run) -> None:
    other = text_of(run("decision.py", ALONE, app="A-00020"))
    nowhere = text_of(run("decision.py", ALONE, app="A-99999"))
    assert "No application with this number" in other
    assert other.replace("A-00020", "") == nowhere.replace("A-99999", "")


def test_choosing_another_comparison_group_changes_the_group_and_not_the_estimate(run: Run) -> None:
    first = text_of(run("decision.py", app="A-00020"))
    second = text_of(run("decision.py", app="A-00020", group="all applications"))
    assert "that were just approved" in first
    assert "Compared with all 3,000 applications" in second
    headline = first.split("</h1>")[0].rsplit("<h1", 1)[1]
    assert headline == second.split("</h1>")[0].rsplit("<h1", 1)[1]


@pytest.mark.parametrize("kind", ["declined", "approved", "near the cut-off"])
def test_a_random_pick_is_of_the_kind_asked_for(run: Run, kind: str) -> None:
    at = run("decision.py")
    at.button(key=f"pick-{kind}").click().run()
    shown = text_of(at)
    assert not at.exception
    wanted = {"declined": "Declined", "approved": "Approved", "near the cut-off": "the model estimates"}
    assert wanted[kind] in shown.split("</h1>")[0]


def test_a_decision_on_record_that_differs_is_said(run: Run) -> None:
    at = run("decision.py", app="A-00050")
    record = "On record this application was declined, although the model and the cut-off say approved."
    assert record in text_of(at) or "Declined" in text_of(at)


@pytest.mark.parametrize("number", ["x' OR 1=1 --", "<script>alert(1)</script>", "A-00020\u0000", "é" * 190])
def test_strange_numbers_are_only_not_found(run: Run, number: str) -> None:
    shown = text_of(run("decision.py", app=number))
    assert "No application with this number" in shown
    assert "<script>" not in shown
