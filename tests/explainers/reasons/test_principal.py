"""Principal reasons by stage and creditor: each rule of 12 CFR 1002.9 and its comments by name, on a real snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import InputProblems
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.build import build_snapshot
from explainers.decision.compute import fit_group, read_on_file
from explainers.reasons import principal_words as words
from explainers.reasons.principal import NOT_APPROVED, compute_principal
from explainers.reasons.result import PrincipalResult
from tests.snapshots_for_tests import small_inputs, small_snapshot

HARBOR, PRAIRIE = "First Harbor Bank", "Prairie State Credit"
FACTORS = ["Proportion of balances to limits", "Length of time accounts open", "Late payments", "Too few accounts"]
INQUIRIES = "Number of recent inquiries"


def stages(card: dict) -> None:
    """Give the small card every stage: rules on columns in and outside the model, a review, a score from outside."""
    card["decision"] = {
        "cutoffs": {"default": 0.18, "partners": {HARBOR: 0.18, PRAIRIE: 0.26}},
        "policy_rules": [
            {"when": "fraud_flag = yes", "reason": "Unable to confirm identity"},
            {"when": "late_payments >= 3", "reason": "Three or more late payments in a year"},
        ],
        "review": {"below": 0.01, "above": 0.02, "reasons": ["reviewer_1", "reviewer_2"]},
        "considered_by": "every partner",
    }
    card["applications"]["decision"] = "on_record"
    card["consumer_report"] = {
        "provider": "A bureau",
        "score": "bureau_score",
        "score_low": 300,
        "score_high": 850,
        "created": "scored_on",
        "key_factors": [f"factor_{i}" for i in range(1, 6)],
        "inquiries": [INQUIRIES],
    }


def more_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Add what the stages look at."""
    n = len(table)
    rng = np.random.default_rng(8)
    table["fraud_flag"] = np.where((np.arange(n) % 50 == 0) | (table["late_payments"] > 3), "yes", "no")
    table["on_record"] = np.where(rng.random(n) < 0.5, "approved", "declined")
    table["reviewer_1"] = np.where(np.arange(n) % 3 == 0, "IN03", "DE01")
    table["reviewer_2"] = np.where(np.arange(n) % 2 == 0, "DE01", None)
    table["bureau_score"] = np.where(np.arange(n) % 10 == 0, np.nan, 600.0 + np.arange(n) % 100)
    table["scored_on"] = "2026-03-04"
    for i, factor in enumerate([*FACTORS, INQUIRIES], start=1):
        table[f"factor_{i}"] = np.where(np.arange(n) % 4 == 0, None if i > 2 else factor, factor)
    return table


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages")
    return small_snapshot(folder / "snapshots", folder / "inputs", change=more_columns, card=stages)


@pytest.fixture(scope="module")
def staged(built: Path) -> Reader:
    return open_reader(open_snapshot(built.parents[1], built.parent.name, built.name), LOCAL_VIEWER)


def ask(reader: Reader, number: str) -> PrincipalResult:
    engine = Engine(reader.room.model)
    asked = read_on_file(reader, engine, number)
    return compute_principal(reader, asked, lambda name, no: fit_group(reader, engine, name, no))


def first(reader: Reader, condition: str) -> str:
    """Return the number of the first application for which a condition holds."""
    found = reader.room.summaries().ask(
        f"SELECT application_id FROM chosen JOIN extra_values USING (row_no) JOIN signal_values USING (row_no)"
        f" WHERE {condition} ORDER BY row_no LIMIT 1"
    )
    return str(found["application_id"].iloc[0])


def test_comment_8_an_automatic_decline_gives_the_rules_own_factor_and_nothing_of_the_model(staged: Reader) -> None:
    result = ask(staged, first(staged, "rule_no = 0 AND estimate > 0.3"))
    own = result.own
    assert (own.stage, own.decision) == ("policy rule", "declined")
    assert [reason.statement for reason in own.reasons] == ["Unable to confirm identity"]
    assert own.explained is None
    # the model would have declined too: a barrier, never a reason
    assert own.barriers
    assert {barrier.stage for barrier in own.barriers} <= {"model", "policy rule"}
    assert words.say_principal(result) == "Declined by a policy rule: one principal reason."
    shown = words.table_principal(result)
    assert words.BARRIERS in shown
    assert shown.index("Unable to confirm identity") < shown.index(words.BARRIERS)


def test_a_rule_after_the_one_that_declined_is_a_barrier_and_one_that_does_not_match_is_not(staged: Reader) -> None:
    late = next(c for c, name in zip(*columns(staged), strict=True) if name == "late_payments")
    both = ask(staged, first(staged, f"rule_no = 0 AND {late} >= 3"))
    barriers = [b.statement for b in both.own.barriers if b.stage == "policy rule"]
    assert barriers == ["Three or more late payments in a year"]
    one = ask(staged, first(staged, f"rule_no = 0 AND {late} < 3 AND estimate < 0.1"))
    assert one.own.barriers == ()


def columns(reader: Reader) -> tuple[list[str], list[str]]:
    found = reader.room.summaries().ask("SELECT col, name FROM signals")
    return list(found["col"]), list(found["name"])


def test_comments_4_and_5_a_decline_by_the_model_gives_the_stored_principal_families(staged: Reader) -> None:
    numbers = staged.room.summaries().ask(
        "SELECT application_id, r1, r2, r3, r4, explained FROM chosen JOIN reasons USING (row_no)"
        " WHERE stage = 'model' AND decision = 'declined' ORDER BY row_no LIMIT 12"
    )
    families = list(staged.room.summaries().families().index)
    for row in numbers.to_dict("records"):
        own = ask(staged, row["application_id"]).own
        assert own.stage == "model"
        stored = [families[row[key]] for key in ("r1", "r2", "r3", "r4") if row[key] >= 0]
        assert [reason.family for reason in own.reasons] == stored
        assert own.explained == pytest.approx(row["explained"], abs=1e-6)
        assert sum(reason.share or 0 for reason in own.reasons) == pytest.approx(row["explained"], abs=1e-6)


def test_comments_6_and_7_a_decline_after_review_gives_the_reviewers_reasons_then_the_models(staged: Reader) -> None:
    number = first(staged, "stage = 'review' AND decision = 'declined' AND row_no % 6 = 0")
    own = ask(staged, number).own
    assert own.stage == "review"
    codes = [reason.code for reason in own.reasons if reason.stage == "review"]
    assert codes == ["IN03", "DE01"]
    assert [reason.stage for reason in own.reasons][:2] == ["review", "review"]
    assert "model" in {reason.stage for reason in own.reasons}
    assert len(own.reasons) <= 4


def test_a_person_who_approves_above_the_cutoff_leaves_no_reasons(staged: Reader) -> None:
    own = ask(staged, first(staged, "stage = 'review' AND decision = 'approved' AND estimate > cutoff")).own
    assert own.decision == "approved"
    assert own.reasons == own.barriers == ()


def test_comment_9_key_factors_are_the_providers_own_list_and_inquiries_may_be_a_fifth(staged: Reader) -> None:
    number = first(staged, "row_no % 10 <> 0 AND row_no % 4 = 1 AND stage = 'model' AND decision = 'declined'")
    result = ask(staged, number)
    factors = result.key_factors
    assert factors is not None
    assert factors.factors == (*FACTORS, INQUIRIES)
    assert (factors.low, factors.high, factors.created) == (300, 850, date(2026, 3, 4))
    assert not {reason.statement for reason in result.own.reasons} & set(factors.factors)
    shown = words.table_principal(result)
    assert shown.index(words.FACTORS) > shown.index(result.own.reasons[0].statement)
    fewer = ask(staged, first(staged, "row_no % 10 <> 0 AND row_no % 4 = 0")).key_factors
    assert fewer is not None
    assert fewer.factors == tuple(FACTORS[:2])
    assert ask(staged, first(staged, "row_no % 10 = 0")).key_factors is None


def test_1002_9_g_each_creditor_has_its_own_cutoff_group_and_reasons(staged: Reader) -> None:
    number = first(staged, f"partner = '{HARBOR}' AND stage = 'model' AND estimate > 0.4 AND rule_no IS NULL")
    result = ask(staged, number)
    assert [(c.creditor, c.own, c.cutoff) for c in result.creditors] == [(HARBOR, True, 0.18), (PRAIRIE, False, 0.26)]
    assert result.declining == result.creditors
    assert result.creditors[0].group_rule != result.creditors[1].group_rule
    # the other creditor's reasons are those it would give an application of its own
    other = result.creditors[1]
    engine = Engine(staged.room.model)
    group = next(g for g in staged.groups() if g.cutoff == 0.26)
    asked = read_on_file(staged, engine, number)
    moved = replace(asked.record, partner=PRAIRIE, cutoff=0.26, group_no=group.group_no)
    alone = compute_principal(
        staged, replace(asked, record=moved), lambda name, no: fit_group(staged, engine, name, no)
    ).own
    assert [r.family for r in other.reasons] == [r.family for r in alone.reasons]


def test_1002_9_g_no_reasons_are_due_where_one_creditor_accepts(staged: Reader) -> None:
    number = first(staged, f"partner = '{HARBOR}' AND stage = 'model' AND estimate BETWEEN 0.205 AND 0.25")
    result = ask(staged, number)
    assert [c.decision for c in result.creditors] == ["declined", "approved"]
    assert result.declining == ()
    assert words.say_principal(result) == (
        "Prairie State Credit would accept this application, so no notice of a decline is due."
    )


def test_a_partner_learns_of_no_other_creditor_and_of_no_words_that_are_not_approved(built: Path) -> None:
    snapshot = open_snapshot(built.parents[1], built.parent.name, built.name)
    partner = open_reader(snapshot, Viewer("p", Audience.PARTNER, HARBOR))
    whole = open_reader(snapshot, LOCAL_VIEWER)
    number = first(partner, "stage = 'model' AND estimate > 0.4 AND row_no % 10 <> 0")
    cut, full = ask(partner, number), ask(whole, number)
    assert [c.creditor for c in cut.creditors] == [HARBOR]
    # the shipped catalogue is all drafts, so that only neutral names are left
    assert not any(reason.approved for reason in cut.own.reasons)
    assert [r.statement for r in cut.own.reasons] == [r.label for r in full.own.reasons]
    assert all(round(reason.share or 0, 2) == reason.share for reason in cut.own.reasons)
    ruled = ask(partner, first(partner, "rule_no = 0"))
    assert [r.statement for r in ruled.own.reasons] == [NOT_APPROVED]
    assert "identity" not in repr(ruled)


def test_the_reviewers_codes_must_be_in_the_catalogue(tmp_path: Path) -> None:
    def wrong(table: pd.DataFrame) -> pd.DataFrame:
        return more_columns(table).assign(reviewer_1="DE1")

    with pytest.raises(InputProblems, match="not in the catalogue") as told:
        small_snapshot(tmp_path / "snapshots", tmp_path / "inputs", n=600, change=wrong, card=stages)
    assert "Did you mean" in str(told.value)
    assert not list((tmp_path / "snapshots").glob("*/*-*"))


def test_what_a_stage_needs_and_the_table_lacks_is_reported_together(tmp_path: Path) -> None:
    def half(card: dict) -> None:
        stages(card)
        del card["applications"]["decision"], card["applications"]["partner"]
        card["consumer_report"] |= {"score_high": 300, "inquiries": [], "score": "fraud_flag"}
        card["decision"]["review"]["reasons"] = ["nobody_wrote_this"]
        del card["decision"]["cutoffs"]["partners"]

    inputs = small_inputs(tmp_path / "inputs", n=300, change=more_columns, card=half)
    with pytest.raises(InputProblems) as told:
        build_snapshot(inputs.card, tmp_path / "snapshots")
    said = str(told.value)
    for words_ in (
        "nobody_wrote_this",
        "applications.decision",
        "no partner column",
        "300 to 300",
        "five columns",
        "a column of text",
    ):
        assert words_ in said
