"""What leaves explainers for a partner: every field, held against the policy and against what a specialist gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.policy import POLICY
from data.reason_catalogue import SHIPPED, Approval, Catalogue, read_catalogue
from data.snapshots import Snapshot, open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.decision import words
from explainers.decision.charts import chart_decision
from explainers.decision.compute import compute_decision, fit_group, group_for, group_names, value_words
from explainers.decision.disclosure import disclose
from explainers.decision.result import DecisionResult
from explainers.decision.second import compute_second, fit_second
from explainers.decision.table import csv_decision, table_decision, table_solid, table_technical
from explainers.overview.compute import compute_overview
from explainers.overview.tables import table_facts, table_scores, table_volume
from tests.explainers.conftest import PARTNER
from tests.snapshots_for_tests import numbers_of, small_snapshot

OTHER = "Prairie State Credit"
FEW = "Few Rows Union"
POLICY_OF_PARTNERS = POLICY[Audience.PARTNER]
CUT = {
    "raw_score": None,
    "residual": None,
    "comparison.baseline": None,
    "families.contribution": None,
    "families.signals.contribution": None,
    "families.signals.points": None,
    "families.signals.exact": None,
}
"""Fields that are not for partners."""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A book of a large partner and one of a dozen applications."""
    folder = tmp_path_factory.mktemp("mixed")

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(partner=[FEW if i < 12 else PARTNER for i in range(len(table))])

    built: Path = small_snapshot(folder / "snapshots", folder / "in", n=600, change=change)
    return open_snapshot(folder / "snapshots", built.parent.name, built.name)


def explain(snapshot: Snapshot, viewer: Viewer, number: str, group: str | None = None) -> DecisionResult:
    reader = open_reader(snapshot, viewer)
    name, group_no = group_for(reader, number, group)
    return compute_decision(reader, number, fit_group(reader, Engine(reader.room.model), name, group_no))


def of(partner: str) -> Viewer:
    return Viewer("p", Audience.PARTNER, partner)


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value in a result with its place, list positions left out."""
    if is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from leaves(getattr(value, f.name), f"{place}.{f.name}".strip("."))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one, place)
    else:
        yield place, value


@pytest.fixture(scope="module")
def number(snapshot: Snapshot) -> str:
    return open_reader(snapshot, of(PARTNER)).pick("declined", 0.4)


@pytest.fixture(scope="module")
def pair(snapshot: Snapshot, number: str) -> tuple[DecisionResult, DecisionResult]:
    """The same decision for a specialist and for its partner."""
    return explain(snapshot, LOCAL_VIEWER, number), explain(snapshot, of(PARTNER), number)


def test_fields_that_are_not_for_partners_are_empty(pair: tuple[DecisionResult, DecisionResult]) -> None:
    whole, cut = pair
    for place in CUT:
        assert {v for p, v in leaves(cut) if p == place} == {CUT[place]}, place
        assert None not in {v for p, v in leaves(whole) if p == place}, place


def test_no_exact_number_of_the_specialists_result_is_in_the_partners(
    pair: tuple[DecisionResult, DecisionResult],
) -> None:
    """Only what is a partner's own or a count may be the same; of a new field somebody decides here."""
    whole, cut = (dict.fromkeys(p for p, v in leaves(r) if isinstance(v, float)) for r in pair)
    same = {"cutoff", "comparison.low", "comparison.high", "explained", "experience.low", "experience.high"}
    exact = {(p, v) for p, v in leaves(pair[0]) if isinstance(v, float)}
    shared = {p for p, v in leaves(pair[1]) if isinstance(v, float) and (p, v) in exact and v not in (0.0, 1.0)}
    assert shared <= same | {"comparison.density"}
    assert set(cut) <= set(whole)
    assert all(v == round(v, 3) for p, v in leaves(pair[1]) if p in {"estimate", "families.points"})


def test_the_reasons_and_their_order_are_the_same_for_both(pair: tuple[DecisionResult, DecisionResult]) -> None:
    whole, cut = pair
    assert [(f.family, f.raises) for f in whole.families] == [(f.family, f.raises) for f in cut.families]
    assert (whole.decision, whole.cutoff, whole.comparison.name) == (cut.decision, cut.cutoff, cut.comparison.name)


def test_values_are_rounded_to_three_digits_and_codes_are_not(
    snapshot: Snapshot, pair: tuple[DecisionResult, DecisionResult]
) -> None:
    income = next(s for f in pair[1].families for s in f.signals if s.name == "income")
    for said in (income.value, income.typical):
        digits = re.sub(r"\D", "", said).rstrip("0")
        assert 1 <= len(digits) <= 3
    card = open_reader(snapshot, LOCAL_VIEWER).room.card
    code = card.features["late_payments"].model_copy(update={"levels": {"12345": "many", "2": "two"}})
    assert value_words(code, 12345.0, 3) == "many"
    assert value_words(code, 12346.0, 3) == "12,300"
    assert value_words(code, 12346.0) == "12,346"


def test_on_a_scale_of_its_own_the_ends_and_steps_tell_no_exact_number(
    snapshot: Snapshot, pair: tuple[DecisionResult, DecisionResult]
) -> None:
    whole = pair[0]
    group = replace(whole.comparison, low=-3.123456789, high=9.87654321, baseline_estimate=1.23456789)
    odd = replace(whole, scale="outcome", estimate=7.123456789, comparison=group)
    room = open_reader(snapshot, LOCAL_VIEWER).room
    cut = disclose(odd, POLICY_OF_PARTNERS, room.card, room.catalogue)
    assert (cut.estimate, cut.comparison.low, cut.comparison.high) == (7.12, -3.13, 9.88)
    assert cut.comparison.baseline_estimate == 1.23


def test_the_shape_is_drawn_from_the_partners_own_applications(
    snapshot: Snapshot, number: str, pair: tuple[DecisionResult, DecisionResult]
) -> None:
    whole, cut = pair
    everyone = explain(snapshot, of(PARTNER), number, "all_applicants")
    own = open_reader(snapshot, of(PARTNER)).totals()["n"]
    assert (everyone.comparison.drawn, everyone.comparison.n) == (own, 3000)
    assert whole.comparison.drawn == whole.comparison.n == cut.comparison.n > cut.comparison.drawn > 0
    assert "drawn from your own" in words.say_scale(cut)
    assert "drawn from your own" not in words.say_scale(whole)
    nobody = replace(cut, comparison=replace(cut.comparison, drawn=0, density=(0.0,) * 140))
    assert "No shape is drawn" in words.say_scale(nobody)
    assert chart_decision(nobody).data


def test_a_group_with_a_few_others_is_cut_to_the_own_applications_and_says_so(mixed: Snapshot) -> None:
    reader = open_reader(mixed, of(PARTNER))
    cut = explain(mixed, of(PARTNER), reader.pick("declined", 0.5))
    just, everyone = reader.groups()
    assert (just.own_only, everyone.own_only, everyone.n) == (True, True, 588)
    assert cut.comparison.n == just.n == len(reader.room.group_rows(just.group_no))
    assert "only your own, as there are too few others" in cut.comparison.rule
    assert "of your own applications that were just approved" in words.say_context(cut)
    assert cut.explained == pytest.approx(1.0)
    rows = reader.room.group_rows(everyone.group_no)
    typical = reader.room.typical_values(everyone.group_no)
    assert typical["median"]["income"] == rows["income"].median()
    assert typical["mode"]["home"] == rows["home"].mode()[0]
    assert typical["missing_share"]["utilisation"] == rows["utilisation"].isna().mean()


def test_a_partner_with_a_few_applications_is_compared_with_enough_others(mixed: Snapshot) -> None:
    reader = open_reader(mixed, of(FEW))
    assert list(group_names(reader)) == ["just_approved", "all_applicants"]
    assert not any(g.own_only for g in reader.groups())
    assert explain(mixed, of(FEW), reader.pick("any", 0.5)).n_total == 12


def test_nothing_a_partners_decision_is_made_into_names_a_hidden_signal_or_another_partner(
    snapshot: Snapshot, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = open_reader(snapshot, of(PARTNER))
    hide = {"audience": "specialist", "label": "Zorblax ratio", "definition": "Zorblax."}
    features = {n: f.model_copy(update=hide if n == "debt_share" else {}) for n, f in reader.room.card.features.items()}
    monkeypatch.setattr(reader.room, "card", reader.room.card.model_copy(update={"features": features}))
    name, group_no = group_for(reader, number, None)
    fitted = fit_group(reader, Engine(reader.room.model), name, group_no)
    cut = compute_decision(reader, number, fitted)
    note = compute_second(reader, number, fitted, fit_second(reader, fitted))
    assert note.detail is None
    shown = json.dumps([asdict(cut), asdict(note)], default=str) + chart_decision(cut).to_json()
    shown += table_decision(cut) + table_solid(cut) + csv_decision(cut) + words.say_scale(cut)
    assert table_technical(cut) is None
    for secret in ("Zorblax", "debt_share", OTHER):
        assert secret not in shown


def test_the_overview_of_a_partner_counts_its_own_applications_only(snapshot: Snapshot) -> None:
    result = compute_overview(open_reader(snapshot, of(PARTNER)))
    table = numbers_of(snapshot.folder)["snapshot.duckdb applications"]
    own = table[table["partner"] == PARTNER]
    assert result.n == len(own) == result.scores["n"].sum() == result.volume["n"].sum()
    assert [c.partners for c in result.cutoffs] == [(PARTNER,)]
    assert {c.finding for c in result.checks} == {"It held when the snapshot was built."}
    shown = json.dumps(asdict(result), default=str) + table_facts(result)
    shown += table_volume(result).to_csv() + table_scores(result).to_csv()
    assert OTHER not in shown
    assert "3,000" not in shown
    floats = {v for _, v in leaves(result) if isinstance(v, float)} | {
        float(v) for frame in (result.scores, result.volume) for v in frame.select_dtypes("number").to_numpy().ravel()
    }
    assert not floats & {*table["raw_score"], *table["estimate"]}


def test_a_statement_nobody_approved_stays_in_the_house(
    snapshot: Snapshot, pair: tuple[DecisionResult, DecisionResult]
) -> None:
    whole, cut = pair
    card = open_reader(snapshot, LOCAL_VIEWER).room.card
    said = {f.family: f.statement for f in whole.families}
    assert any(said[f.family] != f.label for f in whole.families), "the specialist reads the card's own statements"
    assert all(f.statement == f.label for f in cut.families), "the shipped catalogue holds drafts only"
    words = {entry.statement: entry for entry in read_catalogue(SHIPPED).entries.values()}
    statement = next(s for s in said.values() if s not in {f.label for f in whole.families})
    approval = Approval(state="approved", by="Credit policy", effective=date(2020, 1, 1))
    entry = next(iter(words.values())).model_copy(update={"statement": statement, "approval": approval})
    cleared = disclose(whole, POLICY_OF_PARTNERS, card, Catalogue("own", "1", "", {"X1": entry}))
    assert statement in {f.statement for f in cleared.families}
    tomorrow = entry.model_copy(update={"approval": approval.model_copy(update={"effective": date(2999, 1, 1)})})
    later = disclose(whole, POLICY_OF_PARTNERS, card, Catalogue("own", "1", "", {"X1": tomorrow}))
    assert statement not in {f.statement for f in later.families}
