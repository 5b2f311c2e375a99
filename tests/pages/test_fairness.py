"""The Fairness page for every audience, and whatever there is to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import EVERYONE
from data.files import HOME_VARIABLE, ROOT
from data.workspace import open_workspace
from data.workspace.shared_groups import share_groups
from explainers.fairness.compute import compute_fairness
from explainers.fairness.result import Settings
from pages.shared import fairness_answers, readers
from tests.explainers.fairness.worlds import group_table, grouped_snapshot, reader_of
from tests.pages.conftest import ABSENT, ALONE, SILENT, odd_partners, text_of
from tests.snapshots_for_tests import small_card

BANK = "First Harbor Bank"
FAILED = "This page could not be shown"


@pytest.fixture(scope="module")
def fair_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose snapshot has protected groups; everybody of one partner has none on file."""

    def with_silence(table):
        groups = group_table(table)
        groups.loc[table["partner"] == SILENT, ["sex", "race", "age", "p_a", "p_b"]] = None
        return groups

    home = tmp_path_factory.mktemp("fair") / "home"
    features = small_card()["features"]
    for feature in features.values():
        feature["reason"].setdefault("missing", "No information on file")
    columns = {"decision": "decision"}
    grouped_snapshot(home, make=with_silence, change=odd_partners, applications=columns, features=features)
    return home


@pytest.fixture
def fair(fair_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Run the page for a viewer, with query parameters."""
    monkeypatch.setenv(HOME_VARIABLE, str(fair_home))
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")
    st.cache_data.clear()
    st.cache_resource.clear()

    def page(viewer: Viewer = LOCAL_VIEWER, **query: str) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page("fairness.py").run()

    yield page
    st.cache_resource.clear()


def test_a_specialist_sees_every_attribute_and_can_share(fair) -> None:
    at = fair()
    shown = text_of(at)
    assert not at.exception
    assert FAILED not in shown
    assert "comparisons are judged on this page" in shown
    assert "Share" in [button.label for button in at.button]


@pytest.mark.parametrize("attribute", ["Sex", "Race", "Age", "Race, by proxy"])
@pytest.mark.parametrize("audience", [Audience.SPECIALIST, Audience.REGULATOR])
def test_every_attribute_opens_from_a_link(fair, attribute: str, audience: Audience) -> None:
    at = fair(Viewer("v", audience), attribute=attribute)
    shown = text_of(at)
    assert not at.exception
    assert FAILED not in shown
    assert "cannot tell why" in shown
    assert ("Weighted:" in shown) == (attribute == "Race, by proxy")


def test_the_picture_under_the_headline_is_of_the_same_attribute(fair, fair_home: Path, monkeypatch) -> None:
    reader = reader_of(next((fair_home / "snapshots").glob("*/*/manifest.json")).parent)
    at = fair()
    first = fairness_answers.first_attribute(reader, EVERYONE)
    assert at.selectbox(key="attribute").value == first
    assert not compute_fairness(reader).closer or compute_fairness(reader).closer[0][0].name == first
    wide = Settings(ratio_below=0.995, least_points=0.0, chance=0.999)
    found = compute_fairness(reader, settings=wide).closer
    assert found, "with such values some group is worth a look"
    monkeypatch.setattr(fairness_answers, "Settings", lambda: wide)
    assert fairness_answers.first_attribute(reader, EVERYONE) == found[0][0].name


def test_levels_of_the_estimate_are_there_for_who_asks(fair) -> None:
    at = fair(attribute="Race")
    assert "Level by level" not in text_of(at)
    at.toggle(key="levels-race").set_value(True).run()
    assert not at.exception
    assert "Level by level" in text_of(at)
    regulator = fair(Viewer("v", Audience.REGULATOR), attribute="Race")
    assert not [one for one in regulator.toggle if str(one.key).startswith("levels-")]


def test_two_attributes_together_and_other_values_stand_in_the_link(fair) -> None:
    at = fair(attribute="Sex", **{"with": "Race"}, ratio="0.9")
    shown = text_of(at)
    assert not at.exception
    assert "M · B" in shown
    assert "ratio 0.90" in shown


def test_a_partner_is_told_politely_that_nothing_is_shared(fair) -> None:
    shown = text_of(fair(Viewer("p", Audience.PARTNER, BANK)))
    assert "not shared with you" in shown
    assert "judged on this page" not in shown


@pytest.mark.parametrize("partner", [BANK, ALONE, SILENT])
def test_a_partner_with_a_share_sees_aggregates_or_too_few(fair, partner: str) -> None:
    share_groups(open_workspace(), LOCAL_VIEWER, "small-loans", partner, "yearly review")
    at = fair(Viewer("p", Audience.PARTNER, partner))
    shown = text_of(at)
    assert not at.exception
    assert FAILED not in shown
    assert "<h1" in shown
    assert "Score apart" not in shown
    if partner != BANK:
        assert "Too few" in shown


def test_a_partner_without_applications_sees_that_there_is_nothing(fair) -> None:
    assert "There is nothing to show" in text_of(fair(Viewer("p", Audience.PARTNER, ABSENT)))


def test_an_examiner_who_asks_for_a_cohort_is_told_why_not(fair) -> None:
    shown = text_of(fair(Viewer("r", Audience.REGULATOR), cohort="month:2026-01..2026-02"))
    assert "over all applications only" in shown
    assert FAILED not in shown
