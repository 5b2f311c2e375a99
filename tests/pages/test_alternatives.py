"""The page Alternatives and the parts of Fairness: every view, a search from start to end, reasons kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.alternatives_process import SEARCH
from data.files import HOME_VARIABLE, ROOT
from data.workspace import LogFilter, list_log, open_workspace
from data.workspace.alternatives import StoredSearch, hash_content, list_tolerances, save_search
from data.workspace.shared_groups import share_groups
from data.workspace.tables import time_text
from explainers.alternatives.compute import compute_search
from explainers.alternatives.settings import Settings
from pages.shared import readers
from tests.grouped_snapshot import PARTNER, REGULATOR, planted_home, planted_reader
from tests.pages.conftest import text_of

RACE = "race_ethnicity"
SMALL = Settings(candidates=5, rows=2_700, trees=6, drops=1, grid=1, rounds=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The small book's snapshot with a workspace of its own."""
    monkeypatch.setenv(HOME_VARIABLE, str(planted_home()))
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path / 'workspace.sqlite'}")
    st.cache_data.clear()
    st.cache_resource.clear()
    yield tmp_path
    open_workspace().close()
    st.cache_resource.clear()


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page for a viewer."""

    def page(file: str, viewer: Viewer, query: dict[str, str]) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page(file).run()

    return page


@pytest.fixture
def run(open_page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Open the page Alternatives."""
    return lambda viewer=LOCAL_VIEWER, **query: open_page("alternatives.py", viewer, query)


@pytest.fixture
def search(home: Path) -> StoredSearch:
    """A finished search, kept in the workspace."""
    result = compute_search(planted_reader(), RACE, "Black", SMALL, lambda _doing, _done: None)
    now, content = time_text(datetime.now(UTC)), result.to_json()
    found = StoredSearch(
        search_id="s-1",
        model_id=result.model_id,
        snapshot_id=result.snapshot_id,
        snapshot_hash=result.snapshot_hash,
        training_hash=result.training_hash,
        code_hash=result.code_hash,
        attribute=RACE,
        seed=7,
        who="local",
        started_at=now,
        finished_at=now,
        content=content,
        content_hash=hash_content(content),
    )
    save_search(open_workspace(), LOCAL_VIEWER, found)
    return found


def test_without_a_search_the_page_says_how_to_make_one(run: Callable[..., AppTest]) -> None:
    at = run()
    assert not at.exception
    assert "No search for alternatives was made yet" in text_of(at)
    assert at.selectbox(key="alternatives-attribute").options == ["Sex", "Race and ethnicity", "Age"]


@pytest.mark.parametrize("viewer", [REGULATOR, PARTNER, Viewer("p", Audience.PARTNER, "Nobody Bank")])
def test_the_page_is_for_specialists_only(run: Callable[..., AppTest], search: StoredSearch, viewer: Viewer) -> None:
    at = run(viewer)
    assert "were tried" not in text_of(at)
    assert "AUC" not in text_of(at)
    assert not [button for button in at.button if button.key == "alternatives-start"]


def test_a_search_is_shown_with_what_was_left_out(run: Callable[..., AppTest], search: StoredSearch) -> None:
    at = run()
    assert not at.exception
    shown = text_of(at)
    assert "alternatives were tried" in shown
    assert "Left out, and why" in shown
    assert "Trained anew" in shown
    assert search.training_hash in shown
    entry = list_log(open_workspace(), LOCAL_VIEWER, LogFilter(page="alternatives")).rows.iloc[0]
    assert json.loads(entry["inputs"]) == {"attribute": RACE, "group": "Black", "search": "s-1"}


def test_the_tolerance_is_a_choice_with_a_reason(run: Callable[..., AppTest], search: StoredSearch) -> None:
    at = run(tolerance="0.02")
    at.slider(key="tolerance").set_value(0.03).run()
    at.text_area(key="alternatives-rationale").set_value("short").run()
    at.button(key="alternatives-keep").click().run()
    assert "Its reason has 5 characters" in text_of(at)
    at.text_area(key="alternatives-rationale").set_value("Three hundredths cost less than one month of vintages.").run()
    at.button(key="alternatives-keep").click().run()
    assert not at.exception
    (one,) = list_tolerances(open_workspace(), LOCAL_VIEWER, "s-1")
    assert (one.tolerance, one.who) == (300, "local")
    assert "Three hundredths cost less" in text_of(at)


def test_a_search_can_be_started_and_stopped_on_the_page(run: Callable[..., AppTest]) -> None:
    at = run()
    at.selectbox(key="alternatives-attribute").set_value(RACE).run()
    at.button(key="alternatives-start").click().run()
    try:
        assert SEARCH.progress().state == "running"
        at.run()
        at.button(key="alternatives-start").click().run()
        assert "A search is running already" in text_of(at)
        at.button(key="alternatives-stop").click().run()
    finally:
        SEARCH.cancel()
    end = time.monotonic() + 20
    while SEARCH.progress().state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert "Nothing of it was kept" in text_of(at.run())
    assert not at.exception


# -- the parts of Fairness ------------------------------------------------------------------------


@pytest.fixture
def parts(open_page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Open the page Fairness at race."""
    race = {"attribute": "Race and ethnicity"}
    return lambda viewer=LOCAL_VIEWER, **query: open_page("fairness.py", viewer, {**race, **query})


def test_both_parts_say_their_finding_and_are_logged_once(parts: Callable[..., AppTest]) -> None:
    at = parts(**{"gap-group": "Black"})
    shown = text_of(at)
    assert "The mean estimate of “Black” is" in shown
    assert "slice" in shown
    assert at.selectbox(key="gap-group").value == "Black"
    at.run()
    pages = ("fairness drivers", "fairness slices")
    counts = [list_log(open_workspace(), LOCAL_VIEWER, LogFilter(page=page)).n_total for page in pages]
    assert counts == [1, 1]
    at.toggle(key=f"what-if-{RACE}").set_value(True).run()
    assert "What if: with “" in text_of(at)
    at.selectbox(key="slices-by").set_value("attribute.sex").run()
    assert "By Sex, the gap in approvals" in text_of(at)
    assert not at.exception


@pytest.mark.parametrize(
    "viewer", [PARTNER, Viewer("p", Audience.PARTNER, "Nobody Bank")], ids=["partner", "partner without applications"]
)
def test_a_partner_without_a_share_sees_nothing_of_it(parts: Callable[..., AppTest], viewer: Viewer) -> None:
    at = parts(viewer)
    assert not at.exception
    shown = text_of(at)
    assert "not shared with you" in shown or "no application that you can see" in shown
    assert "Black" not in shown
    assert "slice" not in shown.lower()


def test_a_partner_with_a_share_sees_families_and_nothing_of_signals(parts: Callable[..., AppTest]) -> None:
    specialist = planted_reader()
    reason = "For the yearly review with this partner."
    share_groups(open_workspace(), LOCAL_VIEWER, specialist.manifest.model_id, str(PARTNER.partner), reason)
    at = parts(PARTNER, **{"gap-group": "Black"})
    at.toggle(key=f"stand-in-{RACE}").set_value(True).run()
    assert not at.exception
    shown = text_of(at)
    assert "The mean estimate of “Black” is" in shown
    assert "slice" not in shown.lower()
    card = specialist.room.card
    hidden = {f.label for f in card.features.values() if f.audience != "partner"}
    labels = hidden - {family.label for family in card.families.values()}
    assert labels
    assert not [label for label in labels if label in shown]


def test_a_regulator_sees_groups_over_all_applications_only(parts: Callable[..., AppTest]) -> None:
    at = parts(REGULATOR, cohort="month:2026-01..2026-03")
    assert not at.exception
    assert "Groups are shown over all applications only" in text_of(at)
    assert "The mean estimate of" not in text_of(at)
