"""A drafted card: useful guesses, TODO where a person must decide, never an invented reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from data.card_match import ColumnProfile, match_card
from data.card_schema import Unit
from data.cards import read_card
from data.errors import CardError
from data.models import read_model
from explainers.draft import draft_card, draft_features, guess_roles, quoted
from explainers.draft_names import FAMILIES, family_of, label_of, unit_of
from tests.shared_data import shared_path


@dataclass(frozen=True)
class Inputs:
    """The part of a model that a draft looks at."""

    feature_names: tuple[str, ...]
    categorical_features: tuple[str, ...] = ()
    categories: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    link: str = "sigmoid"
    constraints: str = ""

    @property
    def parsed(self) -> Any:
        return SimpleNamespace(parameters={"monotone_constraints": self.constraints})


def profiles(rows: pd.DataFrame) -> dict[str, ColumnProfile]:
    found = {}
    for name in rows:
        column = rows[name]
        kinds = {"b": "boolean", "i": "number", "u": "number", "f": "number", "M": "date"}
        kind: Any = kinds.get(getattr(column.dtype, "kind", "O"), "text")
        distinct = column.nunique()
        values = tuple(sorted(column.dropna().astype(str).unique())) if kind == "text" and distinct <= 200 else ()
        found[name] = ColumnProfile(name, kind, len(rows), int(column.isna().sum()), min(distinct, 201), values)
    return found


def drafted(tmp_path: Path, model: Inputs, columns: dict[str, ColumnProfile]) -> str:
    text = draft_card(model, columns, model_file="model.txt", source="applications.csv")
    (tmp_path / "card.yaml").write_text(text, encoding="utf-8")
    return text


def filled(text: str) -> str:
    """Do what a person would: replace every TODO by an answer that suits its key."""
    answers = {"direction": "either", "higher_score_is": "riskier", "default": "0.2"}
    reasons = {"high": "The value is high", "low": "The value is low", "value": "The kind", "missing": "Not on file"}

    def answer(match: re.Match[str]) -> str:
        key = match["key"]
        return f"{key}: {answers.get(key) or reasons.get(key) or 'written by a person'}"

    text = re.sub(r"(?P<key>\w+): TODO\b", answer, text)
    return text.replace("approved_values: [TODO]", "approved_values: [a]").replace(
        "declined_values: [TODO]", "declined_values: [b]"
    )


def check(tmp_path: Path, text: str) -> None:
    """A draft has only TODO problems, and none once they are answered."""
    with pytest.raises(CardError) as caught:
        read_card(tmp_path / "card.yaml")
    assert {problem.found for problem in caught.value.problems} == {"TODO"}
    (tmp_path / "card.yaml").write_text(filled(text), encoding="utf-8")
    read_card(tmp_path / "card.yaml")


def test_a_draft_of_a_real_model_loads_once_filled_and_fits_its_model_and_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"annual_inc": rng.normal(50_000, 9_000, 300), "dti": rng.uniform(0, 60, 300)})
    rows.loc[rows.index[:20], "dti"] = np.nan
    rows["home_ownership"] = pd.Categorical(rng.choice(["OWN", "RENT"], 300))
    target = (rows["dti"].fillna(0) > 30).astype(int)
    training = {"objective": "binary", "num_threads": 2, "verbose": -1, "monotone_constraints": [-1, 1, 0]}
    booster = lightgbm.train(training, lightgbm.Dataset(rows, target), num_boost_round=5)
    booster.save_model(tmp_path / "model.txt")
    table = rows.astype({"home_ownership": object}).assign(
        application_id=[f"A-{i}" for i in range(300)], applied_on=pd.Timestamp("2026-01-01"), defaulted=target,
        decision=rng.choice(["a", "b"], 300), sex="1", partner="North",
    )  # fmt: skip
    model = read_model(tmp_path / "model.txt")
    columns = profiles(table)
    text = draft_card(model, columns, model_file="model.txt", source="applications.csv")
    (tmp_path / "card.yaml").write_text(text, encoding="utf-8")
    check(tmp_path, text)
    loaded = read_card(tmp_path / "card.yaml")
    assert match_card(loaded, model, columns) == []
    signals = loaded.card.features
    assert [signals[name].direction for name in model.feature_names] == ["lowers", "raises", "either"]
    assert [signals[name].unit for name in model.feature_names] == [Unit.DOLLARS, Unit.RATIO, Unit.CATEGORY]
    assert [signals[name].family for name in model.feature_names] == ["income", "debt", "housing"]
    applications = loaded.card.applications
    assert (applications.id, applications.partner, applications.date) == ("application_id", "partner", "applied_on")
    assert (applications.outcome, applications.decision, applications.score) == ("defaulted", "decision", None)
    assert "#   sex" in text


def test_every_reason_definition_and_purpose_of_a_draft_waits_for_a_person(tmp_path: Path) -> None:
    text = drafted(tmp_path, Inputs(("income", "state"), ("state",)), {})
    with pytest.raises(CardError) as caught:
        read_card(tmp_path / "card.yaml")
    waiting = {problem.place.split(", ")[1] for problem in caught.value.problems}
    for key in ("model.purpose", "model.owner", "model.outcome", "decision.cutoffs.default", "applications.id"):
        assert key in waiting
    for key in ("definition", "reason.high", "reason.low", "direction"):
        assert f"features.income.{key}" in waiting
    assert {"features.state.reason.value", "features.state.definition"} <= waiting
    reasons = [line for line in text.splitlines() if line.startswith("    reason:")]
    assert len(reasons) == 2
    assert all(re.fullmatch(r"    reason: \{\w+: TODO(, \w+: TODO)*\}", line) for line in reasons)


def test_guesses_are_marked_and_prohibited_inputs_pointed_out(tmp_path: Path) -> None:
    text = drafted(tmp_path, Inputs(("income", "SEX", "age")), {})
    assert "unit: dollars  # guessed" in text
    assert "  SEX:  # prohibited: points to sex" in text
    assert "  age:  # needs care: points to age" in text


def test_a_duckdb_source_asks_for_its_table() -> None:
    assert "  table: TODO" in draft_card(Inputs(("a",)), {}, model_file="m.txt", source="book.duckdb")


@pytest.mark.parametrize(
    ("constraints", "directions"),
    [
        ("1,-1,0", ["raises", "lowers", "TODO"]),
        ("", ["TODO"] * 3),
        ("1,-1", ["TODO"] * 3),
        ("[1, 1, 1]", ["raises"] * 3),
    ],
)
def test_directions_come_from_the_models_own_constraints_or_from_a_person(
    constraints: str, directions: list[str]
) -> None:
    drafted_features = draft_features(Inputs(("a", "b", "c"), constraints=constraints), {})
    assert [feature.direction for feature in drafted_features] == directions


@pytest.mark.parametrize(
    ("name", "label", "unit", "family"),
    [
        ("dti", "Debt compared with income", "ratio", "debt"),
        ("revolvingUtil_pct", "Revolving share of credit limits used percent", "percent", "utilisation"),
        ("num_inq_last_6mths", "Number of inquiries last 6 months", "count", "inquiries"),
        ("months_since_recent_inq", "Months since recent inquiries", "months", "inquiries"),
        ("mths_since_oldest_acct", "Months since oldest account", "months", "history-length"),
        ("n_30dpd", "N 30 dpd", "count", "delinquency"),
        ("is_homeowner", "Is homeowner", "yes or no", "housing"),
        ("avg_bal_3m", "Average balance 3 m", "dollars", "balances"),
        ("checking_min_bal", "Checking smallest balance", "dollars", "cash-flow"),
        ("emp_length_years", "Employment length years", "years", "employment"),
        ("days_past_due_12m", "Days past due 12 m", "days", "delinquency"),
        ("bkcy_flag", "Bankruptcy flag", "yes or no", "public-records"),
        ("ltv", "Loan compared with collateral value", "ratio", "collateral"),
        ("LIMIT_BAL", "Limit balance", "dollars", "utilisation"),
        ("BILL_AMT1", "Bill amount 1", "dollars", "balances"),
        ("loan_amount", "Loan amount", "dollars", "loan-terms"),
        ("bureau_17", "Bureau 17", "none", "bureau"),
        ("Column_3", "Column 3", "none", "other-signals"),
        ("###", "Unnamed signal", "none", "other-signals"),
    ],
)
def test_a_name_gives_label_unit_and_family(name: str, label: str, unit: str, family: str) -> None:
    assert (label_of(name), unit_of(name, None, categorical=False), family_of(name)) == (label, unit, family)


def test_the_type_of_a_column_goes_before_its_name() -> None:
    assert unit_of("income", None, categorical=True) == "category"
    assert unit_of("income", ColumnProfile("income", "text", 9, 0, 3), categorical=False) == "category"
    assert unit_of("income", ColumnProfile("income", "boolean", 9, 0, 2), categorical=False) == "yes or no"


def test_every_unit_a_name_can_give_is_a_unit_of_the_card() -> None:
    names = ["pct", "ratio", "count", "days", "months", "years", "income", "share", "flag", "thing"]
    assert {unit_of(name, None, categorical=False) for name in names} <= {unit.value for unit in Unit}


def test_roles_of_the_table_are_guessed_from_name_type_and_values() -> None:
    columns = {
        p.name: p
        for p in (
            ColumnProfile("ID", "number", 1000, 0, 201),
            ColumnProfile("customer_id", "number", 1000, 0, 150),
            ColumnProfile("lei", "text", 1000, 0, 3, ("x", "y", "z")),
            ColumnProfile("activity_year", "number", 1000, 0, 1),
            ColumnProfile("Default", "number", 1000, 0, 2),
            ColumnProfile("bad_rate", "number", 1000, 0, 90),
            ColumnProfile("action_taken", "number", 1000, 0, 6),
            ColumnProfile("credit_score_type", "number", 1000, 0, 9),
        )
    }
    assert guess_roles(columns) == {
        "id": "ID", "partner": "lei", "date": "activity_year", "outcome": "Default", "decision": "action_taken",
    }  # fmt: skip


def test_1800_signals_are_drafted_and_load_once_filled(tmp_path: Path) -> None:
    stems = ("bureau_{}", "bal_{}m", "num_inq_{}", "cashflow_{}_amt", "pct_util_{}", "x{}")
    names = tuple(stems[i % 6].format(i) for i in range(1800))
    columns = {name: ColumnProfile(name, "number", 100, i % 3, 100) for i, name in enumerate(names)}
    text = drafted(tmp_path, Inputs(names), columns)
    assert text.count("missing: TODO") == 1200
    check(tmp_path, text)


@pytest.mark.shared
def test_taiwan_columns_give_a_useful_draft(tmp_path: Path) -> None:
    columns = profiles(pd.read_csv(shared_path("taiwan_credit/taiwan_credit.csv.gz")))
    inputs = tuple(name for name in columns if name not in {"ID", "Default", "SEX", "MARRIAGE"})
    text = drafted(tmp_path, Inputs(inputs, ("EDUCATION",)), columns)
    assert "  id: ID  # guessed" in text
    assert "  outcome: Default  # guessed" in text
    assert "#   SEX, MARRIAGE" in text
    check(tmp_path, text)


@pytest.mark.shared
def test_hmda_columns_give_a_useful_draft(tmp_path: Path) -> None:
    table = pd.read_csv(shared_path("hmda_2024_small/travis_cu_2024_99col.csv.gz"), low_memory=False)
    columns = profiles(table)
    inputs = ("loan_purpose", "loan_amount", "loan_to_value_ratio", "income", "debt_to_income_ratio", "property_value")
    text = drafted(tmp_path, Inputs(inputs, ("loan_purpose", "debt_to_income_ratio")), columns)
    assert "  decision: action_taken  # guessed" in text
    assert "  partner: lei  # guessed" in text
    assert "derived_race" in text
    check(tmp_path, text)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=40).filter(
    lambda name: name == name.strip() and "TODO" not in name and name != "?"
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_any_column_names_give_a_draft_that_loads_once_filled(tmp_path: Path, names: list[str]) -> None:
    columns = {name: ColumnProfile(name, "number", 9, 0, 9) for name in names}
    text = drafted(tmp_path, Inputs(tuple(names)), columns)
    (tmp_path / "card.yaml").write_text(filled(text), encoding="utf-8")
    assert tuple(read_card(tmp_path / "card.yaml").card.features) == tuple(names)


@pytest.mark.parametrize("text", ["no", "1", "a: b", "# x", "null", "~", " a", "a\nb", 'say "x"', "\u2028", "é", "\\"])
def test_a_text_that_yaml_could_misread_is_quoted(text: str) -> None:
    for version in (None, "1.1"):
        reader = YAML(typ="safe", pure=True)
        reader.version = version
        assert reader.load(f"a: {quoted(text)}") == {"a": text}


def test_the_families_of_a_draft_have_slugs_and_labels() -> None:
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]*", slug) and label for slug, label in FAMILIES.items())
