"""The Drivers page for every view: families, drill-down, search, two sides, and what partners do not get."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER
from data.workspace import LogFilter, LogPage, list_log, open_workspace
from tests.pages.conftest import ALONE, SILENT, text_of

Run = Callable[..., AppTest]
LARGE = "First Harbor Bank"


def page(run: Run, partner: str | None = None, **query: str) -> AppTest:
    at = run("drivers.py", partner, **query)
    assert not at.exception
    return at


def headline(at: AppTest) -> str:
    return text_of(at).split("</h1>")[0].rsplit("<h1", 1)[-1]


def test_the_finding_comes_first_and_every_part_is_there(run: Run) -> None:
    shown = text_of(page(run))
    assert "Estimates move most with" in shown
    assert "signals carry half of all movement" in shown or "signals carries half" in shown
    assert "None of its 5 signals is forbidden" in shown
    assert "A second way of ranking" in shown
    assert "Do two sides differ?" in shown


def test_a_family_and_words_narrow_the_signals(run: Run) -> None:
    at = page(run)
    at.selectbox(key="family").set_value("debt").run()
    assert "In Debt compared with income, " in text_of(at) or "In Debt compared with income: " in text_of(at)
    at.selectbox(key="family").set_value(None).run()
    at.text_input(key="find").set_value("no such thing").run()
    assert "No signal fits “no such thing”" in text_of(at)
    assert not at.exception


def test_the_family_and_the_comparison_can_stand_in_a_link(run: Run) -> None:
    shown = text_of(page(run, family="Income", against="Declined against approved"))
    assert "In Income: Yearly income" in shown
    assert "The largest difference is in" in shown


def test_a_cohort_in_the_link_is_what_is_counted(run: Run) -> None:
    whole, declined = page(run), page(run, cohort="decision:declined")
    assert headline(whole) != headline(declined)
    assert "applications that fit (declined) are counted" in text_of(declined)


def test_a_partner_sees_families_and_approved_labels_only(run: Run) -> None:
    at = page(run, LARGE, family="Income", find="income")
    shown = text_of(at)
    assert "Income: what the model looks at" in shown
    assert "What may be named of it: Yearly income." in shown
    assert not [box for box in at.text_input if box.key == "find"]
    assert "late_payments" not in shown
    assert "signals carry half" not in shown


@pytest.mark.parametrize("partner", [ALONE, SILENT])
def test_too_few_applications_are_refused_politely(run: Run, partner: str) -> None:
    shown = text_of(page(run, partner))
    assert "Too few applications to sum up" in shown
    assert "An average needs at least 30" in shown


def test_strange_words_in_the_link_change_nothing(run: Run) -> None:
    for query in ({"family": "<script>"}, {"against": "no such"}, {"find": "%' OR 1=1 --"}, {"cohort": "x:y"}):
        shown = text_of(page(run, **query))
        assert "Estimates move most with" in shown
        assert "<script>" not in shown


def test_what_is_shown_is_logged_once(run: Run) -> None:
    before = logged().n_total
    at = page(run, family="Income", against="Declined against approved")
    at.run()
    after = logged()
    assert after.n_total == before + 1
    newest = after.rows.iloc[0]
    assert json.loads(newest["inputs"]) == {"against": "Declined against approved", "cohort": "all", "family": "Income"}
    assert newest["rows_behind"] == 3000
    at.selectbox(key="family").set_value("debt").run()
    assert logged().n_total == before + 2


def logged() -> LogPage:
    """Return what the log holds of this page."""
    return list_log(open_workspace(), LOCAL_VIEWER, LogFilter(page="drivers"))


def test_a_comparison_that_no_longer_fits_what_is_chosen_is_dropped(run: Run) -> None:
    at = page(run, against="Declined against approved")
    at.selectbox(key="cohort-decision").set_value("declined").run()
    assert not at.exception
    shown = text_of(at)
    assert "applications that fit (declined) are counted" in shown
    assert "Do two sides differ?" in shown
