"""The Compare page in its three modes, for every audience: it answers, counts look-ups, and refuses politely."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.workspace import LogFilter, QuestionKind, list_log, open_workspace, read_budget
from pages._router import PAGES
from tests.pages.conftest import text_of
from tests.pages.test_cohorts import PARTNER, Run, _nothing_cached, finding, visit
from tests.two_snapshots import MOVED, TINY, reader_of, stored

__all__ = ["_nothing_cached", "visit"]
SPECIALIST = Viewer("r", Audience.SPECIALIST)


def ids(partner: str | None, n: int, version: str = "2") -> list[str]:
    table = stored(version)
    own = table if partner is None else table[table["partner"] == partner]
    return own["application_id"].iloc[50 : 50 + n].tolist()


def snapshot_of(version: str) -> str:
    return reader_of(version, SPECIALIST).snapshot_id


def left(partner: str) -> int:
    viewer = Viewer("test", Audience.PARTNER, partner)
    return read_budget(open_workspace(), viewer, QuestionKind.LOOK_UP, viewer.policy.lookups_per_hour).left or 0


@pytest.mark.parametrize("partner", [None, PARTNER])
def test_two_applications_stand_side_by_side(visit: Run, partner: str | None) -> None:
    first, second = ids(partner, 2)
    at = visit("compare.py", partner, app=first, second=second)
    assert not at.exception
    assert "The second is estimated" in finding(at) or "the same for both" in finding(at)
    assert first in text_of(at)
    assert second in text_of(at)
    assert "The largest differences" in text_of(at)


def test_both_count_as_look_ups_and_both_are_logged_once(visit: Run) -> None:
    first, second = ids(PARTNER, 2)
    at = visit("compare.py", PARTNER, app=first, second=second)
    at.run()
    assert left(PARTNER) == 118
    for number in (first, second):
        asked = LogFilter(page="compare", hidden=("application", number))
        assert list_log(open_workspace(), SPECIALIST, asked).n == 1


def test_a_partner_cannot_set_another_partners_application_beside_an_own_one(visit: Run) -> None:
    (own,), (other,) = ids(PARTNER, 1), ids(MOVED, 1)
    hidden, nowhere = (text_of(visit("compare.py", PARTNER, app=own, second=s)) for s in (other, "A-99999"))
    assert "No application with this number" in hidden
    assert hidden.replace(other, "") == nowhere.replace("A-99999", "")


@pytest.mark.parametrize(("partner", "examiner"), [(None, False), (PARTNER, False), (None, True)])
def test_similar_applications_are_listed_with_what_differs(visit: Run, partner: str | None, examiner: bool) -> None:
    at = visit("compare.py", partner, examiner=examiner, mode="Similar applications")
    assert "What is different?" in finding(at)
    number = stored("2")["application_id"].iloc[700] if partner is None else ids(partner, 1)[0]
    if examiner:
        at = visit("compare.py", examiner=True, mode="Two snapshots")
        number = next(word.split("<")[0] for word in links(at) if word.startswith("M-"))
    at = visit("compare.py", partner, examiner=examiner, mode="Similar applications", app=number)
    assert not at.exception
    assert "most similar applications" in finding(at)
    assert "percentage points" in text_of(at)
    if examiner:
        assert "A-0" not in text_of(at)


def links(at: object) -> list[str]:
    """Return the labels of links to other pages, without those of the frame."""
    labels = [link.proto.label.replace("\\", "") for link in at.get("page_link")]  # type: ignore[attr-defined]
    return [label for label in labels if label not in {spec.nav for spec in PAGES}]


def test_a_click_puts_a_similar_application_beside_the_first(visit: Run) -> None:
    at = visit("compare.py", mode="Similar applications", app="A-00700")
    beside = next(button for button in at.button if str(button.key).startswith("beside-"))
    number = str(beside.key).removeprefix("beside-")
    beside.click().run()
    assert not at.exception
    assert at.text_input(key="second").value == number
    assert "The largest differences" in text_of(at)


def test_each_similar_application_counts_as_a_look_up(visit: Run) -> None:
    (number,) = ids(PARTNER, 1)
    visit("compare.py", PARTNER, mode="Similar applications", app=number).run()
    assert left(PARTNER) == 114


@pytest.mark.parametrize(("partner", "examiner"), [(None, False), (PARTNER, False), (None, True)])
def test_two_snapshots_tell_who_changes_sides(visit: Run, partner: str | None, examiner: bool) -> None:
    at = visit("compare.py", partner, examiner=examiner, mode="Two snapshots")
    shown = text_of(at)
    assert not at.exception
    assert "change sides" in finding(at)
    assert "approved there, declined here" in shown
    assert "Do first reasons stay?" in shown
    assert links(at)
    assert all(label.startswith("M-" if examiner else "A-") for label in links(at))
    assert at.query_params["other"] in (snapshot_of("1"), [snapshot_of("1")])


def test_the_link_names_the_other_snapshot_and_the_cohort(visit: Run) -> None:
    at = visit("compare.py", mode="Two snapshots", other=snapshot_of("1"), cohort="decision:declined")
    assert not at.exception
    assert "Chosen here: declined." in text_of(at)
    rows = list_log(open_workspace(), SPECIALIST, LogFilter(page="compare")).rows
    inputs = {"mode": "snapshots", "other": snapshot_of("1"), "cohort": "decision:declined"}
    assert [json.loads(text) for text in rows["inputs"]] == [inputs]


def test_applications_that_are_nowhere_in_common_are_compared_by_distribution(visit: Run) -> None:
    at = visit("compare.py", MOVED, mode="Two snapshots")
    assert not at.exception
    assert "no application in common" in finding(at)
    assert "Where the estimates lie in both" in text_of(at)


@pytest.mark.parametrize("mode", ["Two snapshots", "Similar applications"])
def test_too_few_are_refused_politely(visit: Run, mode: str) -> None:
    at = visit("compare.py", TINY, mode=mode, app=stored("2").query("partner == @TINY")["application_id"].iloc[0])
    assert not at.exception
    assert "Too few applications" in text_of(at)


@pytest.mark.parametrize("number", ["x' OR 1=1 --", "<script>alert(1)</script>", "é" * 190])
def test_strange_numbers_are_only_not_found(visit: Run, number: str) -> None:
    for query in ({"app": number, "second": number}, {"app": number, "mode": "Similar applications"}):
        shown = text_of(visit("compare.py", **query))
        assert "No application with this number" in shown
        assert "<script>" not in shown


def explained() -> None:
    """Show one decision against the chosen applications, as the Decision page does."""
    import streamlit as st

    from data.errors import NotFoundForViewer
    from explainers.decision import words
    from pages.shared import compare_answers
    from tests.pages.test_compare import reader_of, viewer_of

    reader = reader_of("2", viewer_of(st.query_params["who"]))
    number, offered = st.query_params["app"], compare_answers.chosen_group(reader)
    try:
        result = compare_answers.decision(reader, number, st.query_params["group"])
    except NotFoundForViewer as error:
        st.text(f"{offered} {error.title}")
        return
    agreement = compare_answers.agreement(reader, number, st.query_params["group"])
    st.text(f"{offered} {words.say_context(result)} {agreement is not None and words.say_agreement(agreement)}")


def viewer_of(partner: str) -> Viewer:
    return Viewer("test", Audience.PARTNER, partner) if partner else SPECIALIST


@pytest.mark.parametrize("partner", ["", PARTNER])
def test_a_decision_is_explained_against_the_chosen_applications(visit: Run, partner: str) -> None:
    at = AppTest.from_function(explained, default_timeout=60)
    (number,) = ids(partner or None, 1)
    for key, value in {"who": partner, "app": number, "group": "chosen", "cohort": "decision:declined"}.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    table = stored("2").query("decision == 'declined'")
    own = table[table["partner"] == partner] if partner else table
    said = at.text[0].value
    assert f"{len(own):,} {'of your own ' if partner else ''}applications (declined)" in said
    assert "{'chosen': 'chosen applications'}" in said
    assert "just-approved applications" in said
    if partner:
        assert left(partner) == 118
    at.query_params["group"] = "just_approved"
    assert "that were just approved" in at.run().text[0].value


def test_too_few_chosen_applications_are_not_offered_as_a_group(visit: Run) -> None:
    at = AppTest.from_function(explained, default_timeout=60)
    (number,) = ids(None, 1)
    query = {"who": "", "app": number, "group": "chosen", "cohort": f"partner:{TINY.replace(' ', '%20')}"}
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    assert at.text[0].value == "{} Too few applications to sum up"
