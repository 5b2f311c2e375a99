"""The what-if page for every view: it answers, refuses politely, and counts the questions of partners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.workspace import QuestionKind, open_workspace
from data.workspace.budgets import read_budget
from pages.shared import readers
from tests.explainers.what_if.worlds import changeable
from tests.pages.conftest import ALONE, SILENT, odd_partners, text_of
from tests.snapshots_for_tests import small_snapshot

Run = Callable[..., AppTest]
NUMBERS = [f"A-{place:05d}" for place in range(20, 60)]


@pytest.fixture(scope="module")
def what_if_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose snapshot's card lets signals change."""
    folder = tmp_path_factory.mktemp("what-if")

    def card(content: dict) -> None:
        changeable(content)
        for feature in content["features"].values():
            feature["reason"].setdefault("missing", "No information on file")

    small_snapshot(folder / "home" / "snapshots", folder / "inputs", change=odd_partners, card=card)
    return folder / "home"


@pytest.fixture
def ask(what_if_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Open the page for a partner (None: a specialist), with query parameters."""
    monkeypatch.setenv(HOME_VARIABLE, str(what_if_home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def page(partner: str | None = None, *, who: str = "test", **query: str) -> AppTest:
        viewer = Viewer(who, Audience.PARTNER if partner else Audience.SPECIALIST, partner)
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page("what_if.py").run()

    yield page
    st.cache_resource.clear()


def headline(at: AppTest) -> str:
    return text_of(at).split("</h1>")[0].rsplit("<h1", 1)[-1]


@pytest.mark.parametrize(("partner", "number"), [(None, "A-00020"), (ALONE, "A-00000"), (SILENT, "A-00003")])
def test_every_view_gets_a_finding_and_the_limits(ask: Run, partner: str | None, number: str) -> None:
    at = ask(partner, app=number)
    assert not at.exception
    assert "Now the model estimates" in headline(at)
    assert "no promise" in text_of(at)


def test_without_a_number_it_asks_for_one(ask: Run) -> None:
    assert "What would change it?" in headline(ask())


def test_an_application_without_values_has_nothing_to_change_and_says_why(ask: Run) -> None:
    at = ask(SILENT, app="A-00003")
    assert len(at.number_input) == 0
    assert "No value on file, so nothing to change" in text_of(at)


@pytest.mark.parametrize("number", ["A-99999", "x' OR 1=1 --", "<script>alert(1)</script>"])
def test_a_number_that_is_not_there_is_not_found(ask: Run, number: str) -> None:
    shown = text_of(ask(ALONE, app=number))
    assert "No application with this number" in shown
    assert "<script>" not in shown


def test_a_link_opens_with_its_changes_and_a_reset_takes_them_back(ask: Run) -> None:
    at = ask(app="A-00020", set="debt_share:0")
    if "would be" not in headline(at):
        pytest.fail(text_of(at)[:400])
    assert at.query_params["set"] in ("debt_share:0", ["debt_share:0"])
    at.button(key="what-if-reset").click().run()
    assert not at.exception
    assert "Now the model estimates" in headline(at)
    assert "set" not in at.query_params


@pytest.mark.parametrize(
    "link", ["debt_share:99", "late_payments:0", "nothing:1", "debt_share:abc", "home:CASTLE", "debt_share=5"]
)
def test_a_link_with_a_forbidden_change_says_so_and_shows_what_is_on_file(ask: Run, link: str) -> None:
    at = ask(app="A-00020", set=link)
    assert not at.exception
    shown = text_of(at)
    assert "allowed:" in shown
    assert "Now the model estimates" in headline(at)


@pytest.mark.parametrize("link", [":::", ",,,", "a", "%00:1", "x" * 5000])
def test_a_link_that_is_no_change_does_no_harm(ask: Run, link: str) -> None:
    at = ask(app="A-00020", set=link)
    assert not at.exception
    assert "Now the model estimates" in headline(at)


def test_an_option_fills_the_inputs_and_passes(ask: Run) -> None:
    at = ask()
    found = next((n for n in NUMBERS if "to bring the estimate" in text_of(go(at, n))), None)
    assert found is not None
    at.button(key="try-0").click().run()
    assert not at.exception
    assert "at or below the cut-off" in headline(at)
    assert "it would be approved, not declined" in text_of(at)


def go(at: AppTest, number: str) -> AppTest:
    return at.text_input(key="app").set_value(number).run()


def test_a_partners_questions_are_counted_once_each(ask: Run) -> None:
    viewer = Viewer("counted", Audience.PARTNER, ALONE)

    def left() -> int:
        state = read_budget(open_workspace(), viewer, QuestionKind.WHAT_IF, viewer.policy.what_ifs_per_hour)
        return state.left or 0

    at = ask(ALONE, who="counted", app="A-00000")
    start = left()
    assert start == 60
    editable = [box for box in at.number_input if box.key and box.key.endswith("income")]
    assert editable
    editable[0].set_value(150_000.0).run()
    assert not at.exception
    assert left() == start - 1
    at.run()
    assert left() == start - 1
    at.toggle(key="smallest").set_value(True).run()
    assert left() == start - 2
    assert "card limits" not in text_of(at)
