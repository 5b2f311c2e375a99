"""The reason catalogue: what may be said to an applicant, and what is refused before anybody can say it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data.cards import read_card
from data.reason_catalogue import (
    HMDA,
    SHIPPED,
    CatalogueProblems,
    check_card_reasons,
    read_catalogue,
    statements_of,
)
from tests.snapshots_for_tests import small_inputs

ENTRY = """
  {code}:
    statement: {statement}
    sides: [{sides}]
    explanation: A large part of income already goes to debts.
    form_c1: Excessive obligations in relation to income
    hmda: 1
    approval: {approval}
"""
APPROVED = "{state: approved, by: Credit policy committee, effective: 2026-01-15}"


def written(folder: Path, *entries: str, head: str = "") -> Path:
    path = folder / "reasons.yaml"
    path.write_text(f'catalogue: test\nversion: "1"\n{head}' + ("reasons:" + "".join(entries) if entries else ""))
    return path


def entry(code: str = "D1", statement: str = "Too much debt", sides: str = "high", approval: str = APPROVED) -> str:
    return ENTRY.format(code=code, statement=statement, sides=sides, approval=approval)


def test_the_shipped_catalogue_is_all_drafts_and_fits_the_demonstration() -> None:
    shipped = read_catalogue(SHIPPED)
    assert {e.approval.state for e in shipped.entries.values()} == {"draft"}
    assert {e.hmda for e in shipped.entries.values()} <= set(HMDA)
    card = read_card(Path(__file__).parents[2] / "assets" / "demo" / "card.yaml").card
    assert check_card_reasons(card, shipped) == []
    assert [statement for *_, statement in statements_of(card) if shipped.find(statement) is None] == []


def test_a_statement_may_be_made_from_the_day_its_approval_takes_effect(tmp_path: Path) -> None:
    catalogue = read_catalogue(
        written(tmp_path, entry(), entry("D2", "Debt payments too high", approval="{state: draft}"))
    )
    assert catalogue.is_approved("too much  debt.", date(2026, 1, 15))
    assert not catalogue.is_approved("Too much debt", date(2026, 1, 14))
    assert not catalogue.is_approved("Debt payments too high", date(2026, 1, 15))
    assert not catalogue.is_approved("Something else", date(2026, 1, 15))


def test_a_file_of_ones_own_approves_the_shipped_statements_and_changes_single_ones(tmp_path: Path) -> None:
    head = f"based_on: shipped\napproved: {APPROVED}\n"
    own = read_catalogue(written(tmp_path, entry("DE01", "Debt is high beside income"), head=head))
    shipped = read_catalogue(SHIPPED)
    assert set(own.entries) == set(shipped.entries)
    assert own.entries["DE01"].statement == "Debt is high beside income"
    assert own.is_approved("Short credit history", date(2026, 2, 1))
    assert own.sha256 != shipped.sha256


@pytest.mark.parametrize(
    ("entries", "problems"),
    [
        ([entry(statement="Insufficient credit score")], 1),
        ([entry(statement="Internal policy of the bank")], 1),
        ([entry(statement="Marital status")], 1),
        ([entry(sides="high, sideways")], 1),
        ([entry(), entry("D2")], 1),
        ([entry(approval="{state: approved}")], 1),
        ([entry(approval="{state: perhaps}")], 1),
        ([entry(statement="Score too low", approval="{state: approved}"), entry("D2", "Not eligible")], 3),
        ([], 1),
    ],
    ids=["vague", "policy", "prohibited", "side", "twice", "nobody approved", "state", "several", "empty"],
)
def test_what_may_not_be_said_is_refused_with_every_reason(tmp_path: Path, entries: list[str], problems: int) -> None:
    with pytest.raises(CatalogueProblems) as caught:
        read_catalogue(written(tmp_path, *entries))
    assert len(caught.value.problems) == problems


def test_a_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueProblems):
        read_catalogue(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueProblems):
        read_catalogue(tmp_path / "bytes.yaml")


def test_a_statement_on_the_wrong_side_is_found(tmp_path: Path) -> None:
    card = read_card(small_inputs(tmp_path / "in").card).card
    name, side, statement = next(iter(statements_of(card)))
    wrong = "low" if side == "high" else "high"
    catalogue = read_catalogue(written(tmp_path, entry(statement=f'"{statement}"', sides=wrong)))
    found = check_card_reasons(card, catalogue)
    assert [problem.place for problem in found] == [f"features.{name}.reason.{side}"]
