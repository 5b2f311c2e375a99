"""The pages about one signal and about pairs, for every view: a finding, a picture, and nothing that is not theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from pages.shared import readers
from tests.pages.conftest import ALONE, VIEWS, text_of

Run = Callable[..., AppTest]
PAGES = ("one_signal.py", "interactions.py")
PARTNER = "First Harbor Bank"
FAILED = "This page could not be shown"


def headline(at: AppTest) -> str:
    return text_of(at).split("</h1>")[0].rsplit("<h1", 1)[-1]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("view", [*VIEWS, "partner", "regulator"])
def test_both_pages_answer_or_refuse_politely(run: Run, monkeypatch: pytest.MonkeyPatch, page: str, view: str) -> None:
    at = run(page, PARTNER if view == "partner" else VIEWS.get(view))
    if view == "regulator":
        monkeypatch.setattr(readers, "viewer", lambda: Viewer("test", Audience.REGULATOR))
        at = at.run()
    shown = text_of(at)
    assert not at.exception
    assert FAILED not in shown
    if view == "empty":
        assert "There is nothing to show" in shown
    elif view in {"one row", "all missing"}:
        assert "Too few applications to sum up" in shown
    else:
        assert "applications" in headline(at) + shown
        assert at.get("plotly_chart")


def test_the_strongest_signal_opens_and_another_is_named_in_the_link(run: Run) -> None:
    assert "debt compared with income" in headline(run("one_signal.py"))
    assert "yearly income" in headline(run("one_signal.py", signal="Yearly income"))


def test_a_link_may_name_a_signal_as_the_model_does(run: Run) -> None:
    for asked in ("income", "yearly INCOME"):
        at = run("one_signal.py", signal=asked)
        assert "yearly income" in headline(at)
        assert "The link asks for" not in text_of(at)


@pytest.mark.parametrize("asked", ["no such signal", "<script>alert(1)</script>", "x' OR 1=1 --", "é" * 300])
def test_strange_links_open_the_strongest(run: Run, asked: str) -> None:
    at = run("one_signal.py", signal=asked)
    assert not at.exception
    assert "debt compared with income" in headline(at)
    assert "<script>" not in text_of(at)
    assert "The link asks for a signal that is not among those shown here." in text_of(at)
    assert "The link asks for" not in text_of(at.run())


def test_a_second_signal_cuts_the_first(run: Run) -> None:
    at = run("one_signal.py")
    before = len(at.get("plotly_chart"))
    at.selectbox(key="cut").select("Home").run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == before + 1
    assert "Debt compared with income" not in at.selectbox(key="cut").options


def test_the_model_is_asked_only_on_request(run: Run) -> None:
    at = run("one_signal.py")
    assert "partial dependence)" not in text_of(at)
    at.toggle(key="response").set_value(True).run()
    assert not at.exception
    assert "partial dependence)" in text_of(at)


def test_a_cohort_of_the_link_is_the_one_counted(run: Run) -> None:
    shown = text_of(run("one_signal.py", cohort="decision:declined"))
    assert "of 3,000 applications (declined) it moved the estimate" in shown


def test_partners_choose_families_by_estimate_or_month(run: Run) -> None:
    at = run("one_signal.py", PARTNER)
    assert set(at.selectbox(key="signal-family").options) == {
        "Income",
        "Debt compared with income",
        "Card balances",
        "Payment history",
        "Housing",
    }
    assert "where the estimate is under" in headline(at)
    months = run("one_signal.py", PARTNER, by="month")
    assert "the mean was" in headline(months)
    for shown in (text_of(at), text_of(months)):
        assert "debt_share" not in shown
        assert "Ask the model" not in shown


def test_among_very_many_a_word_finds_signals_and_no_match_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.signal_choice.MOST", 2)
    at = run("one_signal.py")
    assert [box.label for box in at.text_input if "Find" in box.label] == ["Find a signal", "Find a second signal"]
    assert "Nothing has these words" not in text_of(at)
    at.text_input(key="find-signal").set_value("yearly").run()
    assert "yearly income" in headline(at)
    at.text_input(key="find-signal").set_value("no such words").run()
    assert not at.exception
    assert text_of(at).count("Nothing has these words") == 1
    at.text_input(key="find-cut").set_value("no such words").run()
    assert text_of(at).count("Nothing has these words") == 2


def test_another_pair_can_be_looked_at(run: Run) -> None:
    at = run("interactions.py")
    first = text_of(at)
    box = at.selectbox(key="pair")
    assert len(box.options) == 10
    second = text_of(box.select(box.options[3]).run())
    assert "than the two moves alone add up to" in first
    assert first != second


def test_partners_pairs_are_families(run: Run) -> None:
    at = run("interactions.py", PARTNER)
    assert "families" in text_of(at)
    assert all("Yearly income" not in option for option in at.selectbox(key="families").options)
    assert "SHA-256" not in text_of(at)


def test_one_application_is_too_few_for_a_picture(run: Run) -> None:
    assert not run("one_signal.py", ALONE).get("plotly_chart")
