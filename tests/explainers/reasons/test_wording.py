"""Which statements wait for approval, with their record; nothing of it for people outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from data.access import Audience, Viewer
from data.card_schema import Card
from data.reader import Reader
from data.reason_approvals import approved_words, list_words, propose_words, with_approvals
from data.snapshots import Snapshot, open_reader, open_snapshot
from data.workspace import open_workspace
from data.workspace.approvals import approve, withdraw
from explainers.reasons import wording_words as words
from explainers.reasons.wording import WordingResult, compute_wording
from tests.data.workspace.meeting import RISK, RON
from tests.explainers.test_second_opinion_words import grade
from tests.snapshots_for_tests import small_card, small_snapshot

CODES = ("DE01", "PA01", "CA01")
"""Entries of the shipped catalogue, all drafts, that the small card uses; three more statements have none."""
UNLISTED = ("Type of housing", "Income too low for the amount asked", "No card accounts on file")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("wording")
    where = small_snapshot(folder / "root", folder / "in", n=400)
    opened = open_snapshot(folder / "root", where.parent.name, where.name)
    yield opened
    opened.close()


def reader_of(snapshot: Snapshot, viewer: Viewer = RISK) -> Reader:
    return open_reader(snapshot, viewer, with_approvals(snapshot.catalogue, approved_words(open_workspace())))


def listed(snapshot: Snapshot, viewer: Viewer = RISK) -> WordingResult:
    return compute_wording(reader_of(snapshot, viewer), list_words(open_workspace(), RISK))


def propose(snapshot: Snapshot, code: str) -> str:
    return propose_words(open_workspace(), RISK, snapshot.catalogue.entries[code]).approval_id


def codes(wordings: tuple) -> tuple[str, ...]:
    return tuple(one.code for one in wordings)


def test_every_statement_of_the_card_is_listed_once_as_draft_or_without_an_entry(snapshot: Snapshot) -> None:
    result = listed(snapshot)
    assert (result.n, result.n_total) == (6, 6)
    assert (codes(result.open), result.unlisted, result.approved) == (CODES, UNLISTED, ())
    debt = result.open[0]
    assert (debt.entry.hmda, debt.denial) == (1, "Debt-to-income ratio")
    assert re.findall(r"<dd[^>]*>(.*)</dd>", words.table_wording(debt)) == [
        "Too much debt compared with income",
        "A large part of income already goes to debts.",
        "Demasiadas deudas en comparación con los ingresos",
        "Una gran parte de los ingresos ya se va en deudas.",
        "Excessive obligations in relation to income",
        "1, Debt-to-income ratio",
        "DE01",
    ]
    assert words.table_wording(debt).count('lang="es"') == 2
    assert words.say_wording(result) == "Wording that is not approved yet (6 of 6)"
    assert str(words.say_unlisted(result)).count("“") == 3


def test_a_wording_moves_from_the_open_ones_to_the_approved_ones_with_its_record(snapshot: Snapshot) -> None:
    assert words.say_record(listed(snapshot).open[0]) == "Nobody has proposed these words yet."
    proposed = propose(snapshot, "DE01")
    waiting = listed(snapshot)
    assert (waiting.n, words.say_choice(waiting.open[0])) == (6, "Too much debt compared with income (proposed)")
    assert words.say_record(waiting.open[0]).endswith(" It waits for a second person.")
    approve(open_workspace(), RON, proposed)
    propose(snapshot, "DE01")  # a later proposal does not hide what stands
    done = listed(snapshot)
    assert (done.n, done.n_total, codes(done.open), codes(done.approved)) == (5, 6, CODES[1:], CODES[:1])
    assert "Proposed by rita on " in words.say_record(done.approved[0])
    assert " Approved by ron on " in words.say_record(done.approved[0])
    assert words.say_approved(done) == "Wording approved here (1)"
    withdraw(open_workspace(), RISK, proposed)
    again = listed(snapshot)
    assert (again.n, codes(again.open), again.approved) == (6, CODES, ())


def test_where_a_person_reviews_every_entry_can_be_given_as_a_reason(snapshot: Snapshot) -> None:
    reader, card = reader_of(snapshot), small_card()
    card["decision"]["review"] = {"below": 0.01, "above": 0.02, "reasons": ["reviewer"]}
    reader.room.card = Card.model_validate(card)
    result = compute_wording(reader, ())
    entries = len(snapshot.catalogue.entries)
    assert (len(result.open), result.n, result.n_total) == (entries, entries + 3, entries + 3)


@pytest.mark.parametrize(
    "outside", [Viewer("ann", Audience.PARTNER, "First Harbor Bank"), Viewer("ed", Audience.REGULATOR)]
)
def test_people_outside_get_nothing_of_it(snapshot: Snapshot, outside: Viewer) -> None:
    approve(open_workspace(), RON, propose(snapshot, "DE01"))
    result = listed(snapshot, outside)
    assert result == WordingResult(result.snapshot_id, 0, 0, (), (), ())


def test_what_stands_around_the_statements_is_easy_to_read(snapshot: Snapshot) -> None:
    told = str(words.say_unlisted(listed(snapshot)))
    plain = told.split(":")[0] + ". " + told.rsplit("”. ", 1)[1]
    assert grade(f"{words.HOW} {words.PROPOSED} {plain}") <= 8


def test_the_snapshot_keeps_its_own_catalogue(snapshot: Snapshot) -> None:
    approve(open_workspace(), RON, propose(snapshot, "DE01"))
    reader, statement = reader_of(snapshot), snapshot.catalogue.entries["DE01"].statement
    assert reader.room.catalogue.is_approved(statement, date.today())
    assert not snapshot.catalogue.is_approved(statement, date.today())
    assert reader.room.catalogue.sha256 == snapshot.catalogue.sha256
