"""The Cohorts page and the choice of applications on it: conditions, links, names, and polite refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.workspace import LogFilter, list_log, open_workspace
from pages.shared import readers
from tests.pages.conftest import text_of
from tests.two_snapshots import MOVED, TINY, two_snapshots

Run = Callable[..., AppTest]
PARTNER = "First Harbor Bank"


@pytest.fixture(scope="module", autouse=True)
def _nothing_cached() -> Iterator[None]:
    """Begin with nothing cached; between tests of one home it may stay: its keys name snapshot and scope."""
    _clear()
    yield
    _clear()


def _clear() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[Run]:
    """Open a page of the two snapshots for a partner (None: a specialist), with query parameters."""
    monkeypatch.setenv(HOME_VARIABLE, str(two_snapshots()))
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")

    def page(file: str, partner: str | None = None, *, examiner: bool = False, **query: str) -> AppTest:
        whole = Audience.REGULATOR if examiner else Audience.SPECIALIST
        viewer = Viewer("test", Audience.PARTNER if partner else whole, partner)
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        at.run()
        at.switch_page(file)
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    yield page
    open_workspace().close()


def finding(at: AppTest) -> str:
    return text_of(at).split("</h1>")[0].rsplit("<h1", 1)[-1]


def line(at: AppTest) -> str:
    return text_of(at).split('data-testid="candor-cohort">')[1].split("</p>")[0]


def cohort_of(at: AppTest) -> str:
    found = at.query_params.get("cohort", "")
    return found[0] if isinstance(found, list) else found


@pytest.mark.parametrize("partner", [None, PARTNER])
def test_a_link_chooses_and_the_page_tells_what_sets_them_apart(visit: Run, partner: str | None) -> None:
    at = visit("cohorts.py", partner, cohort="decision:declined")
    assert not at.exception
    assert "“declined” higher than everyone" in finding(at)
    assert "sets them apart most" in text_of(at)
    assert "(declined)" in line(at)
    assert at.selectbox(key="cohort-decision").value == "declined"


def test_the_choice_stays_from_page_to_page_and_can_be_changed_there(visit: Run) -> None:
    at = visit("cohorts.py", cohort="decision:declined;signal.income:..60000")
    at.switch_page("drivers.py").run()
    assert "declined, Yearly income up to $60,000" in line(at)
    assert at.selectbox(key="cohort-decision").value == "declined"
    at.selectbox(key="cohort-decision").set_value(None).run()
    assert cohort_of(at) == "signal.income:..60000"
    at.switch_page("cohorts.py").run()
    assert cohort_of(at) == "signal.income:..60000"


def test_estimates_are_typed_in_percent_and_kept_as_shares(visit: Run) -> None:
    at = visit("cohorts.py", cohort="estimate:0.1..0.25")
    assert (at.number_input(key="cohort-low").value, at.number_input(key="cohort-high").value) == (10, 25)
    at.number_input(key="cohort-low").set_value(12.5).run()
    assert cohort_of(at) == "estimate:0.125..0.25"
    assert "estimate 12.5" in line(at)


def test_a_condition_on_a_signal_is_added_listed_and_removed(visit: Run) -> None:
    at = visit("cohorts.py")
    at.selectbox(key="cohort-signal").set_value("income").run()
    at.number_input(key="cohort-income-high").set_value(50000.0).run()
    at.button(key="cohort-add").click().run()
    assert not at.exception
    at.run()
    assert cohort_of(at) == "signal.income:..50000"
    assert "Yearly income up to $50,000" in line(at)
    at.button(key="cohort-remove-income").click().run()
    assert cohort_of(at) == ""
    assert "all applications" in line(at)


def test_categories_and_missing_values_can_be_chosen(visit: Run) -> None:
    at = visit("cohorts.py")
    at.selectbox(key="cohort-signal").set_value("home").run()
    at.multiselect(key="cohort-home-levels").set_value(["RENT"]).run()
    at.button(key="cohort-add").click().run()
    at.run()
    assert cohort_of(at) == "signal.home:=RENT"
    at.selectbox(key="cohort-signal").set_value("utilisation").run()
    at.checkbox(key="cohort-utilisation-missing").check().run()
    at.button(key="cohort-add").click().run()
    at.run()
    assert cohort_of(at) == "signal.home:=RENT;signal.utilisation:missing"
    assert not at.exception


def test_a_range_that_runs_backwards_cannot_be_added(visit: Run) -> None:
    at = visit("cohorts.py")
    at.selectbox(key="cohort-signal").set_value("income").run()
    at.number_input(key="cohort-income-low").set_value(9.0).run()
    at.number_input(key="cohort-income-high").set_value(1.0).run()
    assert at.button(key="cohort-add").disabled
    assert "runs backwards" in text_of(at)


def test_a_partner_is_offered_no_signal_and_a_link_with_one_is_refused(visit: Run) -> None:
    at = visit("cohorts.py", PARTNER, cohort="signal.income:..40000")
    assert not at.exception
    shown = text_of(at)
    assert "a signal you cannot choose by" in shown
    assert "income" not in shown.replace("Debt compared with income", "")
    assert "all applications" in line(at)
    assert "cohort-signal" not in {box.key for box in at.selectbox}


@pytest.mark.parametrize(
    "link", ["decision:maybe", "x", "signal.nothing:1..2", "estimate:5..9", "month:2026-09..2026-01"]
)
def test_a_link_that_cannot_be_read_or_finds_nobody_is_said_in_words(visit: Run, link: str) -> None:
    at = visit("cohorts.py", cohort=link)
    assert not at.exception
    assert "cannot be chosen" in text_of(at) or "Too few" in finding(at)


def test_a_link_that_names_another_partner_and_one_that_names_nobody_say_the_same(visit: Run) -> None:
    pages = [visit("cohorts.py", PARTNER, cohort=f"partner:{name.replace(' ', '%20')}") for name in (MOVED, "Nobody")]
    shown = [text_of(at) for at in pages]
    assert "you see other applications than the person who sent it" in shown[0]
    assert shown[0] == shown[1]
    assert MOVED not in shown[0]


@pytest.mark.parametrize(("partner", "least"), [(None, 10), (TINY, 30)])
def test_too_few_are_refused_politely(visit: Run, partner: str | None, least: int) -> None:
    at = visit("cohorts.py", partner, cohort="" if partner else f"partner:{TINY.replace(' ', '%20')}")
    assert not at.exception
    assert "Too few applications" in finding(at)
    assert f"at least {least} are needed" in text_of(at)


def test_a_cohort_is_saved_picked_and_deleted_within_its_scope(visit: Run) -> None:
    at = visit("cohorts.py", PARTNER, cohort="decision:declined")
    at.text_input(key="cohort-name").set_value("Our <b>declined</b>").run()
    at.button(key="cohort-save").click().run()
    assert "Saved as “Our &lt;b&gt;declined&lt;/b&gt;”." in text_of(at)
    for partner in (MOVED, None):
        other = visit("cohorts.py", partner)
        assert "cohort-saved" not in {box.key for box in other.selectbox}
        assert "declined&lt;/b&gt;" not in text_of(other)
    again = visit("cohorts.py", PARTNER)
    again.selectbox(key="cohort-saved").set_value("Our <b>declined</b>").run()
    assert cohort_of(again) == "decision:declined"
    assert again.selectbox(key="cohort-decision").value == "declined"
    again.button(key="cohort-delete-Our <b>declined</b>").click().run()
    assert "cohort-saved" not in {box.key for box in again.selectbox}


def test_a_name_that_cannot_be_used_is_said_and_nothing_breaks(visit: Run) -> None:
    at = visit("cohorts.py", cohort="decision:declined")
    at.button(key="cohort-save").click().run()
    assert not at.exception
    assert "cannot be saved" in text_of(at)


def test_a_look_is_logged_with_its_cohort(visit: Run) -> None:
    visit("cohorts.py", cohort="decision:declined")
    rows = list_log(open_workspace(), Viewer("r", Audience.SPECIALIST), LogFilter(page="cohorts")).rows
    assert [json.loads(inputs) for inputs in rows["inputs"]] == [{"cohort": "decision:declined"}]
