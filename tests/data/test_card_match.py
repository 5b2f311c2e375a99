"""A card against its model and its table: what one names, the others must know."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from data.card_match import ColumnProfile, match_card, match_notes
from data.cards import LoadedCard, read_card
from data.errors import Problem
from data.models import read_model
from tests.cards_for_tests import SMALL_CARD, small_card, to_yaml, wide_features


@dataclass(frozen=True)
class Inputs:
    """The part of a model that matching looks at."""

    feature_names: tuple[str, ...] = ("income", "dti", "n_open", "housing")
    categorical_features: tuple[str, ...] = ("housing",)
    categories: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: {"housing": ("OWN", "RENT", "OTHER")})
    link: str = "sigmoid"


def profile(name: str, kind: Any = "number", missing: int = 0, values: tuple[str, ...] = ()) -> ColumnProfile:
    return ColumnProfile(name, kind, 1000, missing, len(values) or 201, values)


TABLE = {
    p.name: p
    for p in (
        profile("application_id", "text"),
        profile("partner", "text", values=("North", "South")),
        profile("applied_on", "date"),
        profile("defaulted"),
        profile("decision", "text", values=("approved", "declined", "withdrawn")),
        profile("income", missing=12),
        profile("dti"),
        profile("n_open"),
        profile("housing", "text", values=("OWN", "RENT")),
    )
}


def match(
    tmp_path: Path, model: Any = None, table: dict[str, ColumnProfile] | None = None, **card: Any
) -> list[Problem]:
    return match_card(read_card(small_card(tmp_path, **card)), model or Inputs(), TABLE if table is None else table)


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [str(p) for p in problems]
    return problems[0]


def without(*names: str, **new: ColumnProfile) -> dict[str, ColumnProfile]:
    return {k: v for k, v in TABLE.items() if k not in names} | {p.name: p for p in new.values()}


def test_a_card_that_fits_has_no_problem(tmp_path: Path) -> None:
    assert match(tmp_path) == []


def test_a_real_model_and_card_fit(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({name: rng.normal(size=200) for name in ("income", "dti", "n_open")})
    rows["housing"] = pd.Categorical(rng.choice(["OWN", "RENT"], 200))
    target = (rows["dti"] + (rows["housing"] == "RENT") > 0).astype(int)
    settings = {"objective": "binary", "num_threads": 2, "verbose": -1, "min_data_in_leaf": 5}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, target), num_boost_round=5)
    booster.save_model(tmp_path / "model.txt")
    model = read_model(tmp_path / "model.txt")
    assert match(tmp_path, model) == []
    assert only(match(tmp_path, model, decision__cutoffs={"default": "18"})).allowed == "between 0 and 1"


def test_a_signal_of_the_model_without_an_entry_gets_the_close_name(tmp_path: Path) -> None:
    model = Inputs(feature_names=("income", "DTI", "n_open", "housing"))
    missing, unknown = match(tmp_path, model, TABLE | {"DTI": profile("DTI")})
    assert missing.place == "model signal DTI"
    assert "Did you mean dti?" in missing.remedy
    assert unknown.place.endswith("features.dti")
    assert "card.yaml line " in unknown.place
    assert "Did you mean DTI?" in unknown.remedy


@pytest.mark.parametrize(
    ("column", "role"),
    [("application_id", "id"), ("partner", "partner"), ("applied_on", "date"), ("defaulted", "outcome"),
     ("decision", "decision")],
)  # fmt: skip
def test_a_column_the_card_names_must_be_in_the_table(tmp_path: Path, column: str, role: str) -> None:
    table = without(column) | {column + "s": profile(column + "s")}
    problem = only(match(tmp_path, table=table))
    assert problem.place.endswith(f"applications.{role}")
    assert f"Did you mean {column}s?" in problem.remedy


def test_a_score_column_must_be_in_the_table_and_hold_numbers(tmp_path: Path) -> None:
    assert "no column 'pd'" in only(match(tmp_path, applications__score="pd")).found
    table = TABLE | {"pd": profile("pd", "text")}
    assert only(match(tmp_path, table=table, applications__score="pd")).found == "a column of text"
    assert match(tmp_path, table=TABLE | {"pd": profile("pd")}, applications__score="pd") == []


def test_a_signal_that_is_not_in_the_table_is_a_problem(tmp_path: Path) -> None:
    problem = only(match(tmp_path, table=without("dti")))
    assert (problem.place.split(", ")[1], problem.found) == ("features.dti", "no such column in the table")


def test_a_prohibited_input_of_the_model_is_a_problem(tmp_path: Path) -> None:
    feature = SMALL_CARD["features"]["dti"]
    model = Inputs(feature_names=(*Inputs().feature_names, "applicant_sex", "zip"))
    table = TABLE | {"applicant_sex": profile("applicant_sex"), "zip": profile("zip")}
    changes = {"features__applicant_sex": feature, "features__zip": feature, "prohibited": ["zip"]}
    problems = match(tmp_path, model, table, **changes)
    assert [p.place for p in problems] == ["model signal applicant_sex", "model signal zip"]
    assert "points to sex" in problems[0].found
    assert "this card's own list" in problems[1].found


def test_an_attribute_of_groups_may_not_be_an_input(tmp_path: Path) -> None:
    attribute = {"name": "housing", "label": "Housing", "kind": "proxy", "reference": "OWN"}
    groups = {"source": "groups.csv", "id": "application_id", "attributes": [attribute]}
    assert only(match(tmp_path, groups=groups)).place.endswith("groups.attributes[1].name")


def test_a_probability_of_a_proxy_may_not_be_an_input(tmp_path: Path) -> None:
    attribute = {"name": "race", "label": "Race", "kind": "proxy", "reference": "A"}
    attribute |= {"probabilities": {"A": "p_a", "B": "dti"}}
    groups = {"source": "groups.csv", "id": "application_id", "attributes": [attribute]}
    assert "an attribute that is also a model input" in [p.found for p in match(tmp_path, groups=groups)]


@pytest.mark.parametrize("role", ["id", "outcome", "decision"])
def test_what_is_known_only_afterwards_may_not_be_an_input(tmp_path: Path, role: str) -> None:
    table = TABLE | {"dti": profile("dti")}
    problems = match(tmp_path, table=table, **{f"applications__{role}": "dti"})
    assert f"the {role} is also a model input" in [p.found for p in problems]


@pytest.mark.parametrize(
    ("link", "cutoff", "fits"),
    [("sigmoid", "0.18", True), ("sigmoid", "0", False), ("sigmoid", "1", False), ("sigmoid", "18", False),
     ("identity", "-3", True), ("exp", "0", False), ("exp", "18", True), ("signed_square", "-1", True)],
)  # fmt: skip
def test_a_cutoff_must_be_an_estimate_the_model_can_give(tmp_path: Path, link: str, cutoff: str, fits: bool) -> None:
    problems = match(tmp_path, Inputs(link=link), decision__cutoffs={"default": cutoff})
    assert fits == (problems == [])
    assert all(p.place.endswith("decision.cutoffs.default") for p in problems)


def test_a_cutoff_in_percent_is_told_its_share(tmp_path: Path) -> None:
    assert "Write 0.18 for 18 %" in only(match(tmp_path, decision__cutoffs={"default": "18"})).remedy


def test_cutoffs_by_partner_need_partners_of_the_table(tmp_path: Path) -> None:
    cutoffs = {"default": "0.2", "partners": {"Nord": "0.3", "South": "7"}}
    wrong_value, unknown = match(tmp_path, decision__cutoffs=cutoffs)
    assert wrong_value.place.endswith("decision.cutoffs.partners.South")
    assert unknown.place.endswith("decision.cutoffs.partners.Nord")
    assert "Did you mean North?" in unknown.remedy
    assert "no partner column" in only(match(tmp_path, applications__partner=None)).found
    many = TABLE | {"partner": replace(TABLE["partner"], n_distinct=201, distinct_values=())}
    assert match(tmp_path, table=many, decision__cutoffs={"default": "0.2", "partners": {"Nord": "0.3"}}) == []


def test_missing_values_need_their_own_reason(tmp_path: Path) -> None:
    reason = {"low": "Income is low for the amount asked"}
    problem = only(match(tmp_path, features__income__reason=reason))
    assert problem.found == "12 of 1,000 values missing and no reason for it"
    complete = TABLE | {"income": profile("income")}
    assert match(tmp_path, table=complete, features__income__reason=reason) == []


def test_a_category_of_the_model_needs_the_unit_category(tmp_path: Path) -> None:
    model = Inputs(categorical_features=("housing", "dti"))
    assert only(match(tmp_path, model)).place.endswith("features.dti.unit")


def test_text_cannot_feed_a_signal_that_the_model_reads_as_a_number(tmp_path: Path) -> None:
    assert only(match(tmp_path, table=TABLE | {"dti": profile("dti", "text")})).found == "a column of text"
    assert match(tmp_path, table=TABLE | {"dti": profile("dti", "boolean")}) == []


def test_levels_must_name_values_that_occur_in_the_table_or_in_training(tmp_path: Path) -> None:
    levels = {"RENT": "rents", "OTHER": "lives otherwise", "OWNS": "owns"}
    problem = only(match(tmp_path, features__housing__levels=levels))
    assert problem.place.endswith("features.housing.levels.OWNS")
    assert "Did you mean OWN?" in problem.remedy


def test_levels_of_number_codes_match_however_the_number_is_written(tmp_path: Path) -> None:
    model = Inputs(categories={"housing": (1.0, 2.0)})
    table = TABLE | {"housing": profile("housing")}
    assert match(tmp_path, model, table, features__housing__levels={"1": "owns", "2": "rents"}) == []
    assert only(match(tmp_path, model, table, features__housing__levels={"3": "x"})).found.endswith("'3'")
    assert match(tmp_path, Inputs(categories={}), table, features__housing__levels={"3": "x"}) == []


def test_decision_values_that_never_occur_are_a_problem(tmp_path: Path) -> None:
    problem = only(match(tmp_path, applications__approved_values=["A"]))
    assert problem.place.endswith("applications.approved_values")
    assert "approved, declined, withdrawn" in problem.remedy


@pytest.mark.parametrize(
    ("when", "fits"),
    [("dti > 60", True), ("housing = RENT", True), ("housing > 3", False), ("dti = RENT", False),
     ("applied_on < 3", False), ("applied_on is missing", True), ("debts > 60", False)],
)  # fmt: skip
def test_a_policy_rule_must_suit_its_column(tmp_path: Path, when: str, fits: bool) -> None:
    problems = match(tmp_path, decision__policy_rules=[{"when": when, "reason": "Debt is high"}])
    assert fits == (problems == [])
    assert all(p.place.endswith("decision.policy_rules[1].when") for p in problems)


def test_everything_wrong_is_reported_together(tmp_path: Path) -> None:
    problems = match(tmp_path, Inputs(feature_names=("income", "sex"), categories={}), {})
    places = [p.place for p in problems]
    # sex: no entry, and prohibited; three signals unknown to the model; five columns and income not in the table
    assert places.count("model signal sex") == 2
    assert len(problems) == 2 + 3 + 5 + 1


def test_the_applicants_age_is_a_note_and_no_problem(tmp_path: Path) -> None:
    model = Inputs(feature_names=(*Inputs().feature_names, "age"))
    loaded = read_card(small_card(tmp_path, features__age=SMALL_CARD["features"]["dti"]))
    assert match_card(loaded, model, TABLE | {"age": profile("age")}) == []
    (note,) = match_notes(loaded)
    assert "62 or older" in note


def test_a_wide_card_that_fits_nothing_is_answered_quickly(tmp_path: Path) -> None:
    features = dict(wide_features(1800, families=1))
    path = tmp_path / "card.yaml"
    path.write_text(to_yaml(SMALL_CARD | {"families": {"family-0": {"label": "All"}}, "features": features}))
    loaded: LoadedCard = read_card(path)
    names = tuple(f"other_{i}" for i in range(1800))
    started = time.perf_counter()
    assert len(match_card(loaded, Inputs(feature_names=names, categories={}), TABLE)) == 3600
    assert time.perf_counter() - started < 5
