"""A draft of the catalogue counts as approved from the day a second person approved exactly its words, until not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import update

from data.access import LOCAL_VIEWER
from data.errors import CandorError, NotFoundForViewer
from data.reason_approvals import (
    ApprovedWords,
    WordsInForce,
    approvals_hash,
    approved_words,
    entry_hash,
    list_words,
    propose_words,
    with_approvals,
    words_of,
)
from data.reason_catalogue import Approval, Catalogue, CatalogueEntry
from data.workspace import Workspace
from data.workspace.approvals import approve, withdraw
from data.workspace.tables import APPROVALS
from tests.data.workspace.meeting import ALDER, EXAMINER, RISK, RON

DAY = date(2026, 3, 2)
DRAFT = Approval(state="draft")
DEBT = CatalogueEntry(
    statement="Too much debt, compared with income",
    sides=("high",),
    explanation="A large part of income goes to debts.",
    statement_es="Demasiadas deudas",
    explanation_es="Una gran parte se va en deudas.",
    form_c1="Excessive obligations",
    hmda=1,
    approval=DRAFT,
)
HOME = CatalogueEntry(
    statement="Kind of housing", sides=("value",), explanation="Housing.", form_c1="Other", hmda=9, approval=DRAFT
)
BOOK = Catalogue("own", "1", "ab" * 32, {"D1": DEBT, "H1": HOME})


def words(entry: CatalogueEntry, since: date = DAY) -> ApprovedWords:
    return ApprovedWords(entry_hash(entry), "ron", since)


def given(workspace: Workspace, entry: CatalogueEntry = DEBT) -> str:
    """Let one person propose words and another approve them."""
    return approve(workspace, RON, propose_words(workspace, RISK, entry).approval_id).approval_id


def test_a_draft_is_approved_from_the_day_of_its_approval_and_nothing_else_changes() -> None:
    laid_over = with_approvals(BOOK, [words(DEBT)])
    assert [laid_over.is_approved(DEBT.statement, DAY + timedelta(days=step)) for step in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]
    assert not laid_over.is_approved(HOME.statement, DAY)
    assert not BOOK.is_approved(DEBT.statement, DAY)
    assert laid_over.entries["D1"].approval == Approval(state="approved", by="ron", effective=DAY)
    assert laid_over.entries["D1"].model_copy(update={"approval": DRAFT}) == DEBT
    assert (laid_over.sha256, laid_over.entries["H1"]) == (BOOK.sha256, HOME)


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "Too much debt compared with income"},
        {"statement": "Too much Debt, compared with income"},
        {"explanation": "A large part of income goes to debts"},
        {"statement_es": "Demasiada deuda"},
        {"explanation_es": None},
        {"statement_es": None, "explanation_es": None},
    ],
)
def test_a_changed_comma_is_another_text(change: dict[str, str | None]) -> None:
    changed = DEBT.model_copy(update=change)
    laid_over = with_approvals(replace(BOOK, entries={"D1": changed}), [words(DEBT)])
    assert laid_over.entries["D1"] == changed


def test_spaces_forms_and_codes_are_no_words() -> None:
    same = DEBT.model_copy(update={"statement": "Too much  debt, compared with income", "hmda": 9})
    laid_over = with_approvals(replace(BOOK, entries={"X9": same}), [words(DEBT)])
    assert laid_over.is_approved(DEBT.statement, DAY)


def test_what_the_file_approves_stays_as_the_file_says() -> None:
    later = Approval(state="approved", by="Credit policy", effective=DAY + timedelta(days=30))
    filed = replace(BOOK, entries={"D1": DEBT.model_copy(update={"approval": later})})
    assert with_approvals(filed, [words(DEBT)]).entries == filed.entries
    assert approvals_hash(filed, [words(DEBT)]) == approvals_hash(filed, [])


def test_a_statement_without_an_entry_cannot_become_approved() -> None:
    assert not with_approvals(BOOK, [words(DEBT)]).is_approved("Something else", DAY)


def test_the_hash_over_approvals_counts_those_that_are_used() -> None:
    other = HOME.model_copy(update={"statement": "Of another catalogue"})
    found = [approvals_hash(BOOK, used) for used in ([], [words(DEBT)], [words(HOME)], [words(DEBT, date.max)])]
    assert len({*found}) == 4
    assert approvals_hash(BOOK, [words(other)]) == found[0]
    assert approvals_hash(BOOK, [words(DEBT), words(HOME)]) == approvals_hash(BOOK, [words(HOME), words(DEBT)])


def test_words_stand_approved_only_between_the_second_person_and_the_withdrawal(workspace: Workspace) -> None:
    proposed = propose_words(workspace, RISK, DEBT)
    assert (proposed.kind, proposed.title, proposed.body) == ("reason", *words_of(DEBT))
    assert approved_words(workspace) == ()
    with pytest.raises(CandorError, match="second person"):
        approve(workspace, RISK, proposed.approval_id)
    assert approved_words(workspace) == ()
    approved = approve(workspace, RON, proposed.approval_id)
    day = datetime.fromisoformat(str(approved.approved_at)).astimezone().date()
    assert approved_words(workspace) == (words(DEBT, day),)
    withdraw(workspace, RISK, proposed.approval_id)
    assert approved_words(workspace) == ()
    assert [one.state for one in list_words(workspace, RON)] == ["withdrawn"], "the record stays"


def test_one_code_with_other_words_takes_nothing_back(workspace: Workspace) -> None:
    given(workspace, DEBT)
    given(workspace, DEBT.model_copy(update={"statement": "Another model’s words"}))
    assert len(approved_words(workspace)) == 2


def test_outsiders_neither_propose_nor_list_and_without_sign_in_nothing_is_approved(workspace: Workspace) -> None:
    for viewer in (ALDER, EXAMINER):
        with pytest.raises(NotFoundForViewer):
            propose_words(workspace, viewer, DEBT)
        with pytest.raises(NotFoundForViewer):
            list_words(workspace, viewer)
    alone = propose_words(workspace, LOCAL_VIEWER, DEBT)
    with pytest.raises(CandorError, match="everybody is one person"):
        approve(workspace, LOCAL_VIEWER, alone.approval_id)


def test_kept_words_that_were_changed_approve_nothing(workspace: Workspace) -> None:
    given(workspace, DEBT)
    with workspace.write() as connection:
        connection.execute(update(APPROVALS).values(title="Kind of housing"))
    assert not with_approvals(BOOK, approved_words(workspace)).is_approved(DEBT.statement, date.today())
    assert not with_approvals(BOOK, approved_words(workspace)).is_approved(HOME.statement, date.today())


def test_an_open_catalogue_follows_and_forgets_once_for_each_change(workspace: Workspace) -> None:
    in_force, changes = WordsInForce(), []
    followed = in_force.follow(BOOK)

    def now() -> tuple[bool, int]:
        in_force.refresh(workspace, lambda: changes.append(followed.is_approved(DEBT.statement, date.today())))
        return followed.is_approved(DEBT.statement, date.today()), len(changes)

    assert now() == (False, 0)
    first = propose_words(workspace, RISK, DEBT).approval_id
    assert now() == (False, 0), "a proposal changes nothing"
    approve(workspace, RON, first)
    assert now() == now() == (True, 1)
    assert changes == [True], "new approvals are in force before anything is forgotten"
    withdraw(workspace, RON, first)
    assert now() == (False, 2)
    given(workspace, HOME)
    assert (now(), followed.entries.keys()) == ((False, 3), BOOK.entries.keys())
    assert followed.entries["H1"].approval.state == "approved"


def test_what_was_approved_before_this_process_began_is_in_force_at_once(workspace: Workspace) -> None:
    given(workspace, DEBT)
    in_force = WordsInForce()
    in_force.refresh(workspace, lambda: pytest.fail("nothing was computed yet"))
    assert in_force.follow(BOOK).is_approved(DEBT.statement, date.today())


def test_of_visitors_that_come_together_nobody_goes_on_before_old_answers_are_forgotten(workspace: Workspace) -> None:
    in_force, forgotten, together = WordsInForce(), [], Barrier(4)
    in_force.refresh(workspace, lambda: None)
    given(workspace, DEBT)

    def visit(_number: int) -> int:
        together.wait()
        in_force.refresh(workspace, lambda: forgotten.append("all"))
        return len(forgotten)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(visit, range(4))) == [1, 1, 1, 1]
