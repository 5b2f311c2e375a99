"""The recipes turn published files into inputs of a snapshot, by documented rules, and refuse what they cannot use."""

from __future__ import annotations

import gzip
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from sklearn.metrics import roc_auc_score

from data.card_schema import Card, Unit
from data.errors import CandorError, Problem, TableError
from data.recipes import hmda, taiwan
from data.recipes.pack import RecipeInput, codes, numbers
from data.recipes.training import auc
from tests.shared_data import shared_path

HMDA_2021 = "hmda_2021/lar_2021_one_lender.parquet"
HMDA_2024 = "hmda_2024_small/travis_cu_2024_99col.csv.gz"
TAIWAN = "taiwan_credit/taiwan_credit.csv.gz"


def made_up_register(rows: int = 600) -> pd.DataFrame:
    """Return a made-up register with all columns the recipe reads, every value as text."""
    rng = np.random.default_rng(1)
    table = {name: rng.choice(list(allowed), size=rows).astype(object) for name, allowed in hmda.CODES.items()}
    table |= {name: rng.integers(1, 400, size=rows).astype(str).astype(object) for name in hmda.NUMBERS}
    debt = rng.choice([*hmda.DEBT_BINS, *map(str, range(36, 50))], size=rows).astype(object)
    table |= {"debt_to_income_ratio": debt, "activity_year": np.full(rows, "2023", dtype=object)}
    table["action_taken"] = rng.choice(["1", "2", "3", "4", "5", "6", "8"], size=rows).astype(object)
    table |= {name: np.full(rows, "Joint", dtype=object) for name in hmda.GROUPS}
    table |= {name: np.full(rows, "1", dtype=object) for name in hmda.REASONS}
    return pd.DataFrame(table)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    made_up_register().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def hmda_2021(tmp_path_factory: pytest.TempPathFactory) -> RecipeInput:
    return hmda.prepare(shared_path(HMDA_2021), tmp_path_factory.mktemp("hmda"))


@pytest.fixture(scope="module")
def taiwan_input(tmp_path_factory: pytest.TempPathFactory) -> RecipeInput:
    return taiwan.prepare(shared_path(TAIWAN), tmp_path_factory.mktemp("taiwan"))


def card(written: RecipeInput) -> Card:
    return Card.model_validate(YAML(typ="safe").load(written.card.read_text(encoding="utf-8")))


def applications(written: RecipeInput) -> pd.DataFrame:
    return pd.read_parquet(written.folder / "applications.parquet")


def assert_fits(written: RecipeInput) -> None:
    """Assert that card, model and table of a recipe belong together."""
    read, rows = card(written), applications(written)
    booster = lgb.Booster(model_file=str(written.folder / "model.txt"))
    assert set(read.features) == set(booster.feature_name())
    assert {read.applications.id, read.applications.outcome, read.applications.held_out} <= set(rows.columns)
    assert rows[read.applications.id].is_unique
    assert rows["held_out"].sum() == written.n_held_out
    for name, feature in read.features.items():
        assert feature.family in read.families
        assert feature.reason.missing or not rows[name].isna().any()
        if feature.unit is Unit.CATEGORY:
            assert set(rows[name].dropna()) <= set(feature.levels)
    assert read.groups is not None
    groups = pd.read_parquet(written.folder / "groups.parquet")
    for attribute in read.groups.attributes:
        assert attribute.reference in set(groups[attribute.name])
        assert attribute.name not in rows.columns


@pytest.mark.shared
def test_the_hmda_recipe_ranks_held_out_applications_well(hmda_2021: RecipeInput) -> None:
    assert (hmda_2021.n_read, hmda_2021.n) == (18_457, 10_139 + 119 + 5_192)
    assert hmda_2021.outcome_rate == pytest.approx(5_192 / 15_450)
    assert hmda_2021.auc_held_out > 0.90
    rows = applications(hmda_2021)
    held = rows[rows["held_out"]]
    assert hmda_2021.auc_held_out == pytest.approx(roc_auc_score(held["denied"], held["estimate"]), abs=1e-12)
    assert_fits(hmda_2021)


@pytest.mark.shared
def test_hmda_inputs_hold_nothing_from_after_the_decision_and_nothing_protected(hmda_2021: RecipeInput) -> None:
    booster = lgb.Booster(model_file=str(hmda_2021.folder / "model.txt"))
    for name in [*booster.feature_name(), *applications(hmda_2021).columns]:
        assert name not in hmda.LEFT_OUT_AFTER
        assert not any(part in name for part in ("race", "ethnicity", "sex", "age_above", "tract", "minority", "lei"))
        assert not name.startswith(("denial_reason", "aus", "applicant", "co_applicant"))


@pytest.mark.shared
def test_hmda_groups_are_people_and_what_is_not_available_is_empty(hmda_2021: RecipeInput) -> None:
    groups = pd.read_parquet(hmda_2021.folder / "groups.parquet")
    assert not groups.astype(str).apply(lambda column: column.str.contains("vailable")).any().any()
    assert groups["derived_race"].isna().sum() == 3_733
    assert set(groups["applicant_age_above_62"].dropna()) == {"under 62", "62 or older"}


@pytest.mark.shared
def test_hmda_values_that_hang_together_move_together(hmda_2021: RecipeInput) -> None:
    links = {link.when: link for link in card(hmda_2021).links}
    assert links["income"].opposite == ("loan_to_income", "debt_to_income_ratio")
    assert links["loan_amount"].same == ("loan_to_income",)


@pytest.mark.shared
def test_hmda_keeps_the_lenders_reasons_apart_for_denied_applications(hmda_2021: RecipeInput) -> None:
    reasons = pd.read_parquet(hmda_2021.folder / "reported_reasons.parquet")
    rows = applications(hmda_2021)
    assert set(reasons["application_id"]) == set(rows.loc[rows["denied"] == 1, "application_id"])
    assert set(reasons["denial_reason_1"].dropna()) <= set("123456789")
    assert (reasons["denial_reason_1"] == "7").sum() == 2_475


@pytest.mark.shared
def test_no_lender_is_named_in_what_the_hmda_recipe_writes(hmda_2021: RecipeInput) -> None:
    lender = pd.read_parquet(shared_path(HMDA_2021), columns=["lei"])["lei"].iloc[0].encode()
    for path in hmda_2021.folder.iterdir():
        assert lender not in path.read_bytes()


@pytest.mark.shared
def test_the_text_layout_with_na_and_exempt_works_too(tmp_path: Path) -> None:
    written = hmda.prepare(shared_path(HMDA_2024), tmp_path)
    assert (written.n_read, written.n) == (1_442, 817 + 43 + 379)
    assert written.auc_held_out > 0.80
    assert_fits(written)
    rows = applications(written)
    assert set(map(str, rows["activity_date"])) == {"2024-12-31"}
    assert rows["loan_to_value_ratio"].isna().any()


@pytest.mark.shared
def test_the_taiwan_recipe_ranks_held_out_rows_well_and_keeps_every_row(taiwan_input: RecipeInput) -> None:
    assert taiwan_input.n == taiwan_input.n_read == 30_000
    assert taiwan_input.outcome_rate == pytest.approx(6_636 / 30_000)
    assert taiwan_input.auc_held_out > 0.76
    assert_fits(taiwan_input)


@pytest.mark.shared
def test_taiwan_keeps_undocumented_codes_and_protected_attributes_apart(taiwan_input: RecipeInput) -> None:
    rows, read = applications(taiwan_input), card(taiwan_input)
    assert rows["education"].value_counts()[["0", "5", "6"]].tolist() == [14, 280, 51]
    assert "not documented" in read.features["education"].levels["5"]
    assert "not documented" in read.features["repayment_september"].levels["-2"]
    assert (rows["bill_september"] < 0).any()
    groups = pd.read_parquet(taiwan_input.folder / "groups.parquet")
    assert groups["marital_status"].value_counts()["Not documented"] == 54
    assert groups["sex"].value_counts()["Female"] == 18_112
    assert not {"sex", "marriage", "age", "marital_status"} & set(rows.columns)


@pytest.mark.shared
def test_the_same_seed_gives_the_same_files(taiwan_input: RecipeInput, tmp_path: Path) -> None:
    taiwan.prepare(shared_path(TAIWAN), tmp_path)
    for name in ("applications.parquet", "groups.parquet", "model.txt", "card.yaml"):
        assert (tmp_path / name).read_bytes() == (taiwan_input.folder / name).read_bytes()


def test_dashes_underscores_and_capitals_in_the_header_are_the_same(register: Path, tmp_path: Path) -> None:
    table = pd.read_csv(register, dtype=str, keep_default_na=False)
    dashed = table.rename(columns={"loan_to_value_ratio": "combined_loan_to_value_ratio"})
    dashed.columns = [name.replace("denial_reason_", "denial_reason-").upper() for name in dashed.columns]
    other = tmp_path / "dashed.csv.gz"
    with gzip.open(other, "wt", encoding="utf-8") as file:
        dashed.to_csv(file, index=False)
    pd.testing.assert_frame_equal(hmda.clean(other).signals, hmda.clean(register).signals)


def test_only_approved_and_denied_rows_stay_and_numbers_count_from_100001(register: Path) -> None:
    raw, cleaned = made_up_register(), hmda.clean(register)
    kept = raw[raw["action_taken"].isin(["1", "2", "3"])]
    assert len(cleaned.head) == len(kept)
    assert cleaned.outcome.tolist() == (kept["action_taken"] == "3").astype(int).tolist()
    assert cleaned.head["application_id"].tolist()[:2] == ["100001", "100002"]
    assert cleaned.head["activity_date"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2023-12-31"]
    assert cleaned.head["decision"].tolist() == np.where(cleaned.outcome == 1, "declined", "approved").tolist()


def test_debt_bins_become_their_middle_and_36_counts_with_and_without_a_percent_sign() -> None:
    problems: list[Problem] = []
    written = pd.Series(["<20%", "20%-<30%", "30%-<36%", "36", "36%", "49", "50%-60%", ">60%", "NA", "Exempt", ""])
    found = hmda.debt_to_income(written.astype(object), problems)
    np.testing.assert_array_equal(found, [15, 25, 33, 36, 36, 49, 55, 65, np.nan, np.nan, np.nan])
    assert problems == []


def test_income_of_zero_or_less_gives_no_ratio(tmp_path: Path) -> None:
    table = made_up_register()
    table["action_taken"] = np.where(np.arange(len(table)) % 2, "1", "3")
    table.loc[:2, "income"] = ["-5", "0", "50"]
    table.loc[:2, "loan_amount"] = ["105000", "105000", "105000"]
    path = tmp_path / "r.csv"
    table.to_csv(path, index=False)
    assert hmda.clean(path).signals["loan_to_income"].tolist()[:3] == pytest.approx([np.nan, np.nan, 2.1], nan_ok=True)


def test_all_problems_of_a_register_are_reported_together_without_values(tmp_path: Path) -> None:
    table = made_up_register()
    table["action_taken"] = np.where(np.arange(len(table)) % 2, "1", "3")
    table.loc[:4, "income"] = "lots of money"
    table.loc[:2, "loan_purpose"] = "77"
    table.loc[:1, "debt_to_income_ratio"] = "much"
    path = tmp_path / "bad.csv"
    table.to_csv(path, index=False)
    with pytest.raises(TableError) as raised:
        hmda.clean(path)
    places = {problem.place: problem.found for problem in raised.value.problems}
    assert places == {
        "column income": "5 rows that are no number",
        "column loan_purpose": "3 rows with an unknown code",
        "column debt_to_income_ratio": "2 rows that are no number",
    }
    assert "lots of money" not in str(raised.value)


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    made_up_register().drop(columns=["income", "derived_sex"]).to_csv(path, index=False)
    with pytest.raises(TableError) as raised:
        hmda.clean(path)
    assert {problem.place for problem in raised.value.problems} == {"column income", "column derived_sex"}


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", b'a,b\n"1,2'])
def test_a_file_that_is_no_register_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    for name in ("x.csv", "x.parquet", "x.csv.gz"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CandorError):
            hmda.clean(path)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CandorError, match="not found"):
        taiwan.clean(tmp_path / "nothing.csv")


def test_too_few_rows_or_one_outcome_only_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    made_up_register(60).to_csv(path, index=False)
    with pytest.raises(TableError, match="usable rows"):
        hmda.clean(path)
    made_up_register().assign(action_taken="1").to_csv(path, index=False)
    with pytest.raises(TableError, match="0 of 600 with the outcome"):
        hmda.clean(path)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=40))
def test_auc_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    outcome = np.array([pair[0] for pair in pairs], dtype=np.int8)
    estimate = np.array([pair[1] for pair in pairs], dtype=np.float64)
    if len(set(outcome.tolist())) < 2:
        assert np.isnan(auc(outcome, estimate))
    else:
        assert auc(outcome, estimate) == pytest.approx(roc_auc_score(outcome, estimate), abs=1e-12)


def test_codes_and_numbers_read_all_ways_of_writing_nothing() -> None:
    problems: list[Problem] = []
    column = pd.Series(["1", "1.0", "NA", "Exempt", "", "1111", "2"], name="c", dtype=object)
    assert codes(column, ("1", "2"), problems).tolist() == pytest.approx(
        ["1", "1", np.nan, np.nan, np.nan, np.nan, "2"], nan_ok=True
    )
    np.testing.assert_array_equal(numbers(column, problems), [1, 1, np.nan, np.nan, np.nan, np.nan, 2])
    assert problems == []
    numbers(pd.Series(["inf", "1"], name="n", dtype=object), problems)
    assert [problem.place for problem in problems] == ["column n"]
