"""Saved cohorts: they come back as kept, one of each name, and never to viewers of another scope."""

from __future__ import annotations

import pytest

from data.access import Audience, Viewer
from data.cohorts import EVERYONE, Cohort, read_cohort
from data.errors import CandorError
from data.workspace import Workspace
from data.workspace.cohorts import LONGEST_NAME, MOST, delete_cohort, list_cohorts, save_cohort

ALDER = Viewer("ann", Audience.PARTNER, "Alder")
BIRCH = Viewer("ben", Audience.PARTNER, "Birch")
RISK = Viewer("rita", Audience.SPECIALIST)
EXAMINER = Viewer("ed", Audience.REGULATOR)
DECLINED = Cohort(decision="declined")


def names(workspace: Workspace, viewer: Viewer, model: str = "loans") -> list[str]:
    return [saved.name for saved in list_cohorts(workspace, viewer, model)]


def test_a_saved_cohort_comes_back_as_it_was(workspace: Workspace) -> None:
    cohort = read_cohort("decision:declined;month:2026-01..2026-03;signal.income:..40000")
    assert save_cohort(workspace, RISK, "loans", "  Low   income ", cohort) == "Low income"
    (saved,) = list_cohorts(workspace, RISK, "loans")
    assert (saved.name, read_cohort(saved.text), saved.who) == ("Low income", cohort, "rita")
    assert saved.saved_at.endswith("Z")


def test_a_colleague_of_the_same_scope_finds_it_and_nobody_else_does(workspace: Workspace) -> None:
    save_cohort(workspace, ALDER, "loans", "Ours", DECLINED)
    assert names(workspace, Viewer("amy", Audience.PARTNER, "Alder")) == ["Ours"]
    for other in (BIRCH, RISK, EXAMINER, Viewer("x", Audience.PARTNER, "*")):
        assert names(workspace, other) == []
    assert names(workspace, ALDER, "cards") == []


def test_a_name_means_one_cohort_and_saving_it_again_replaces_it(workspace: Workspace) -> None:
    save_cohort(workspace, RISK, "loans", "Mine", DECLINED)
    save_cohort(workspace, RISK, "loans", "MINE", Cohort(decision="approved"))
    (saved,) = list_cohorts(workspace, RISK, "loans")
    assert (saved.name, saved.text) == ("MINE", "decision:approved")


def test_deleting_takes_one_name_of_the_own_scope_only(workspace: Workspace) -> None:
    for viewer in (ALDER, BIRCH):
        for name in ("One", "Two"):
            save_cohort(workspace, viewer, "loans", name, DECLINED)
    assert delete_cohort(workspace, ALDER, "loans", "one")
    assert not delete_cohort(workspace, ALDER, "loans", "One")
    assert (names(workspace, ALDER), names(workspace, BIRCH)) == (["Two"], ["One", "Two"])


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_used_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(CandorError, match="1 to 60 characters"):
        save_cohort(workspace, RISK, "loans", name, DECLINED)
    assert names(workspace, RISK) == []


def test_every_application_needs_no_name(workspace: Workspace) -> None:
    with pytest.raises(CandorError, match="no condition"):
        save_cohort(workspace, RISK, "loans", "All", EVERYONE)


def test_there_is_an_end_to_the_list_but_not_to_changing_what_is_kept(workspace: Workspace) -> None:
    for place in range(MOST):
        save_cohort(workspace, RISK, "loans", f"Name {place:03d}", DECLINED)
    with pytest.raises(CandorError, match="100 are kept already"):
        save_cohort(workspace, RISK, "loans", "One more", DECLINED)
    save_cohort(workspace, RISK, "loans", "Name 007", Cohort(decision="approved"))
    assert len(names(workspace, RISK)) == MOST
