"""LIME beside the exact contributions: real LightGBM models, the real lime package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from data.errors import AttributionError, TableError
from data.models import CreditModel, read_model
from explainers.attribution import Comparison, FamilyAttributions, attribute_families, fit_comparison
from explainers.second_opinion import compute
from explainers.second_opinion.compute import SecondOpinion, compute_second_opinion, fit_second_opinion
from explainers.second_opinion.levels import MISSING, draw_shares, find_levels, level_of, quarter_edges
from explainers.second_opinion.result import SecondOpinionResult, jaccard, spearman, top_families
from tests.snapshots_for_tests import SIGNALS, applications, train

FAMILIES = {name: f"family of {name}" for name in SIGNALS}
HOME = SIGNALS.index("home")
QUICK = {"n_samples": 500, "seeds": (1, 2)}


class Spy:
    """A real model that keeps what it was asked to score."""

    def __init__(self, model: CreditModel) -> None:
        self.model = model
        self.asked: list[np.ndarray] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def predict_raw(self, rows: Any, num_threads: int = 0) -> np.ndarray:
        self.asked.append(self.model.encode(rows))
        return self.model.predict_raw(rows, num_threads)


def save_and_read(booster: lgb.Booster, folder: Path) -> CreditModel:
    booster.save_model(str(folder / "model.txt"))
    return read_model(folder / "model.txt")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> CreditModel:
    return save_and_read(train(applications(2000)), tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def group() -> pd.DataFrame:
    return applications(800, seed=5)[list(SIGNALS)]


@pytest.fixture(scope="module")
def comparison(model: CreditModel, group: pd.DataFrame) -> Comparison:
    return fit_comparison(model, group, name="all_applicants", rule="all")


@pytest.fixture(scope="module")
def second(comparison: Comparison, group: pd.DataFrame) -> SecondOpinion:
    return fit_second_opinion(comparison, group, seed=1)


def one_application(**values: Any) -> pd.DataFrame:
    row = {"income": 41_000.0, "debt_share": 44.0, "utilisation": 71.0, "late_payments": 2, "home": "RENT"} | values
    return pd.DataFrame([row]).astype({"utilisation": float})


def ask(second: SecondOpinion, row: pd.DataFrame, **changes: Any) -> SecondOpinionResult:
    exact = attribute_families(second.comparison, row, FAMILIES)
    return compute_second_opinion(second, row, FAMILIES, exact, **({"adverse_sign": 1} | QUICK | changes))


def test_numbers_become_quarters_of_the_group_and_missing_its_own_level() -> None:
    values = np.array([8.0, 1, 2, 3, np.nan, 4, 5, 6, 7])
    found = find_levels(values, 0, category=False)
    assert found.edges.tolist() == [2, 4, 6]
    assert found.code.tolist() == [MISSING, 0, 1, 2, 3]
    assert found.count.tolist() == [1, 2, 2, 2, 2]
    np.testing.assert_array_equal(found.values, [np.nan, 1, 2, 3, 4, 5, 6, 7, 8])
    assert level_of(np.array([-9.0, 2.0, 2.1, 99.0, np.nan]), found.edges).tolist() == [0, 0, 1, 3, MISSING]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([0.0, 0, 0, 0, 1], [0]),  # a flag that few have
        ([0.0, 1, 1, 1, 1], [0]),  # a flag that most have
        ([0.0, 0, 1, 1, 2, 2], [0, 1]),
        ([1.0, 2, 9, 9, 9, 9, 9, 9], [2]),  # three quarters are the same: the next smaller value
        ([3.0, 3, 3], []),
        ([np.nan, np.nan], []),
    ],
)
def test_signals_with_few_values_are_still_parted(values: list[float], edges: list[float]) -> None:
    assert quarter_edges(np.array(values)).tolist() == edges


def test_categories_keep_their_codes_and_negative_codes_are_missing_as_in_lightgbm() -> None:
    found = find_levels(np.array([2.0, 0, np.nan, 2, -3, 7]), 4, category=True)
    assert found.edges is None
    assert (found.code.tolist(), found.count.tolist()) == ([MISSING, 0, 2, 7], [2, 1, 2, 1])


def test_the_own_level_is_drawn_as_often_as_in_the_group_but_at_least_one_time_in_ten() -> None:
    levels = find_levels(np.array([0.0] * 95 + [1.0] * 5), 0, category=True)
    assert draw_shares(levels, 0)[1] == pytest.approx([0.95, 0.05])
    assert draw_shares(levels, 1)[1] == pytest.approx([0.9, 0.1])
    codes, shares = draw_shares(levels, 4)
    assert codes.tolist() == [0, 1, 4]
    assert shares == pytest.approx([0.855, 0.045, 0.1])


@pytest.mark.parametrize(
    "changes", [{}, {"utilisation": np.nan}, {"home": "CASTLE"}, {"home": None, "income": 9e9, "late_payments": 400}]
)
def test_the_model_scores_only_values_of_the_group_or_of_the_application(
    changes: dict[str, Any], model: CreditModel, group: pd.DataFrame
) -> None:
    spy = Spy(model)
    comparison = fit_comparison(spy, group, name="g", rule="all")
    second = fit_second_opinion(comparison, group, seed=1)
    row, known = one_application(**changes), model.encode(group)
    exact = attribute_families(comparison, row, FAMILIES)
    spy.asked.clear()
    compute_second_opinion(second, row, FAMILIES, exact, adverse_sign=1, **QUICK)
    assert [len(asked) for asked in spy.asked] == [500, 500]
    own = model.encode(row)[0]
    for asked in spy.asked:
        np.testing.assert_array_equal(asked[0], own)
        for j in range(len(SIGNALS)):
            allowed = np.append(known[:, j], own[j])
            assert np.isin(asked[:, j][~np.isnan(asked[:, j])], allowed).all()
            assert not np.isnan(asked[:, j]).any() or np.isnan(allowed).any()
        assert np.isnan(asked[:, SIGNALS.index("utilisation")]).sum() > 30, "missing values of the group are tried"
        assert set(asked[1:, HOME][~np.isnan(asked[1:, HOME])]) == {0, 1, 2}


def test_an_application_of_the_group_is_scored_with_values_of_the_group_alone(
    model: CreditModel, group: pd.DataFrame
) -> None:
    spy = Spy(model)
    comparison = fit_comparison(spy, group, name="g", rule="all")
    second = fit_second_opinion(comparison, group, seed=1)
    exact = attribute_families(comparison, group[7:8], FAMILIES)
    spy.asked.clear()
    result = compute_second_opinion(second, group[7:8], FAMILIES, exact, adverse_sign=1, **QUICK)
    known = model.encode(group)
    for j in range(len(SIGNALS)):
        seen = np.unique(np.concatenate([asked[:, j] for asked in spy.asked]))
        assert np.isin(seen[~np.isnan(seen)], known[:, j]).all()
        assert len(seen) > min(200, len(np.unique(known[:, j])) - 1), "many real values, not one per bin"
    assert result.notes == ()


@pytest.fixture(scope="module")
def additive(tmp_path_factory: pytest.TempPathFactory) -> tuple[CreditModel, pd.DataFrame]:
    """Stumps on six signals of clearly different weight and one that no split uses."""
    random = np.random.default_rng(4)
    names = ["a", "b", "c", "d", "e", "f", "still"]
    table = pd.DataFrame(random.uniform(size=(2000, 7)), columns=names)
    table["still"] = 1.0
    target = table[names[:6]].to_numpy() @ np.array([8.0, 5.5, 3.5, 2.0, 1.0, 0.5])
    target[::10] += 8.0 - 8.0 * table["a"].to_numpy()[::10]
    table.loc[::10, "a"] = np.nan  # as bad as the worst value
    params = {"objective": "regression", "num_leaves": 2, "verbose": -1, "num_threads": 2, "learning_rate": 0.3}
    booster = lgb.train(params, lgb.Dataset(table, target), 200)
    return save_and_read(booster, tmp_path_factory.mktemp("additive")), table


@pytest.mark.parametrize("value", [0.93, 0.99])
def test_on_an_additive_model_lime_orders_the_families_as_the_exact_method_does(
    value: float, additive: tuple[CreditModel, pd.DataFrame]
) -> None:
    model, table = additive
    comparison = fit_comparison(model, table, name="g", rule="all")
    row = pd.DataFrame([dict.fromkeys(table.columns, value)])
    families = {name: name.upper() for name in table.columns}
    exact = attribute_families(comparison, row, families)
    result = compute_second_opinion(fit_second_opinion(comparison, table, seed=1), row, families, exact, adverse_sign=1)
    assert result.top_lime == result.top_exact == ("A", "B", "C", "D")
    assert (result.agree, result.jaccard) == (4, 1.0)
    assert result.spearman > 0.95
    assert result.weights["STILL"] == 0.0, "no split uses it"
    against = compute_second_opinion(
        fit_second_opinion(comparison, table, seed=1), row, families, exact, adverse_sign=-1, **QUICK
    )
    assert not set(against.top_lime) & {"A", "B", "C", "D"}, "what counts for approval is not listed against it"


def test_on_an_additive_model_a_weight_is_the_own_effect_less_that_of_the_other_quarters(
    additive: tuple[CreditModel, pd.DataFrame],
) -> None:
    model, table = additive
    comparison = fit_comparison(model, table, name="g", rule="all")
    row = pd.DataFrame([dict.fromkeys(table.columns, 0.97)])
    exact = dict.fromkeys(table.columns, 0.0)
    result = compute_second_opinion(
        fit_second_opinion(comparison, table, seed=1),
        row,
        {name: name for name in table.columns},
        exact,
        adverse_sign=1,
        n_samples=8000,
    )
    for name in ("a", "b", "c"):
        known = np.sort(table[name].dropna())
        others = table[~(table[name] > known[(len(known) - 1) * 3 // 4])]
        swapped = pd.concat([row] * len(others), ignore_index=True).assign(**{name: others[name].to_numpy()})
        expected = model.predict_raw(row)[0] - model.predict_raw(swapped).mean()
        assert result.weights[name] == pytest.approx(expected, abs=0.15)


def test_a_missing_value_that_nobody_in_the_group_has_still_gets_its_weight(
    additive: tuple[CreditModel, pd.DataFrame],
) -> None:
    model, table = additive
    group = table[table["a"].notna()]
    comparison = fit_comparison(model, group, name="g", rule="complete")
    row = group[:1].assign(a=np.nan)
    exact = attribute_families(comparison, row, {name: name for name in table.columns})
    result = compute_second_opinion(
        fit_second_opinion(comparison, group, seed=1),
        row,
        {name: name for name in table.columns},
        exact,
        adverse_sign=1,
        n_samples=8000,
    )
    assert result.exact["a"] > 2, "the case must not be trivial"
    assert result.weights["a"] == pytest.approx(result.exact["a"], rel=0.05), "additive, and no quarter to leave out"
    assert result.notes == ("1 value of this application is of a kind that nobody in the comparison group has.",)


def test_the_same_seeds_give_the_same_result_and_others_another(second: SecondOpinion) -> None:
    row = one_application()
    first, again, other = ask(second, row), ask(second, row), ask(second, row, seeds=(8, 9))
    assert replace(again, seconds=first.seconds) == first
    assert other.weights != first.weights


def test_the_order_of_the_groups_rows_does_not_matter(
    second: SecondOpinion, model: CreditModel, group: pd.DataFrame
) -> None:
    shuffled = group.sample(frac=1.0, random_state=2)
    refitted = fit_second_opinion(fit_comparison(model, shuffled, name="g", rule="all"), shuffled, seed=9)
    first, again = ask(second, one_application()), ask(refitted, one_application())
    assert again.weights == first.weights
    assert again.r_squared == first.r_squared


def test_the_fit_is_a_share_and_equal_seeds_repeat_perfectly(second: SecondOpinion) -> None:
    for changes in ({}, {"utilisation": np.nan}, {"home": "OWN", "late_payments": 0}):
        result = ask(second, one_application(**changes), seeds=(4, 4, 4))
        assert 0.0 < result.r_squared < 1.0
        assert result.repeatability == 1.0
        assert ask(second, one_application(**changes), seeds=(4,)).repeatability is None


def test_the_result_counts_what_it_says(second: SecondOpinion) -> None:
    result = ask(second, one_application())
    assert (result.n, result.n_total, result.n_signals, result.n_signals_used) == (800, 800, 5, 5)
    assert list(result.weights) == list(result.exact) == list(FAMILIES.values())
    assert result.agree == len(set(result.top_lime) & set(result.top_exact))
    assert result.top_lime == top_families(result.weights, 1)
    assert result.seconds > 0


def test_families_add_up_their_signals_with_their_signs(second: SecondOpinion) -> None:
    row = one_application()
    single = ask(second, row)
    merged = {name: "money" if name in ("income", "debt_share") else "rest" for name in SIGNALS}
    result = compute_second_opinion(
        second, row, merged, attribute_families(second.comparison, row, merged), adverse_sign=1, **QUICK
    )
    sums = [single.weights[FAMILIES[name]] for name in ("income", "debt_share")]
    assert result.weights["money"] == pytest.approx(sum(sums))


def test_a_large_group_and_many_signals_are_bounded_and_said(
    monkeypatch: pytest.MonkeyPatch, model: CreditModel, group: pd.DataFrame
) -> None:
    monkeypatch.setattr(compute, "MOST_ROWS", 300)
    monkeypatch.setattr(compute, "MOST_SIGNALS", 3)
    spy = Spy(model)
    comparison = fit_comparison(spy, group, name="g", rule="all")
    second = fit_second_opinion(comparison, group, seed=6)
    spy.asked.clear()
    result = ask(second, one_application())
    gain = model.booster.feature_importance("gain")
    weakest = [SIGNALS[j] for j in np.argsort(gain)[:2]]
    assert {name for name in SIGNALS if result.weights[FAMILIES[name]] == 0.0} == set(weakest)
    own = model.encode(one_application())[0]
    fixed = [SIGNALS.index(name) for name in weakest]
    lime_calls = [asked for asked in spy.asked if len(asked) == QUICK["n_samples"]]
    assert len(lime_calls) == 2
    np.testing.assert_array_equal(lime_calls[0][:, fixed], np.tile(own[fixed], (500, 1)))
    assert (result.n, result.n_total, result.n_signals, result.n_signals_used) == (300, 800, 3, 5)
    assert result.notes == (
        "Values are drawn from 300 of 800 rows (sampled, seed 6).",
        "LIME was given the 3 signals with the most gain of the 5 that the model uses; the others keep this"
        " application's values.",
    )


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [("abcd", "abce", 3 / 5), ("abcd", "dcba", 1.0), ("ab", "cd", 0.0), ("", "", 1.0), ("abcd", "a", 1 / 4)],
)
def test_jaccard_is_shared_names_over_all_names(a: str, b: str, share: float) -> None:
    assert jaccard(tuple(a), tuple(b)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("a", "b", "correlation"),
    [
        ([10, 20, 30, 40], [1, 3, 2, 9], 0.8),  # rank differences 0, 1, 1, 0: 1 − 6·2/60
        ([1, 2, 3], [-1, -2, -3], -1.0),
        ([1, 1, 2], [5, 6, 7], 3**0.5 / 2),  # ranks 1.5, 1.5, 3 against 1, 2, 3
        ([1, 2], [4, 4], None),
        ([1], [2], None),
    ],
)
def test_spearman_is_counted_by_hand(a: list[float], b: list[float], correlation: float | None) -> None:
    assert spearman(a, b) == (None if correlation is None else pytest.approx(correlation))


def test_the_top_families_are_those_against_approval_at_most_four() -> None:
    values = {"a": 0.2, "b": -0.9, "c": 0.5, "d": 0.1, "e": 0.3, "f": 0.4, "g": 0.0}
    assert top_families(values, 1) == ("c", "f", "e", "a")
    assert top_families(values, -1) == ("b",)


def test_bad_requests_get_all_their_problems_in_sentences(second: SecondOpinion, group: pd.DataFrame) -> None:
    exact = dict.fromkeys(FAMILIES.values(), 0.0)
    with pytest.raises(AttributionError, match=r"2 rows .* adverse_sign is 0.* 5 samples .* No seed"):
        compute_second_opinion(second, group[:2], FAMILIES, exact, adverse_sign=0, n_samples=5, seeds=())
    with pytest.raises(AttributionError, match="families do not match"):
        compute_second_opinion(second, group[:1], FAMILIES, {"other": 1.0}, adverse_sign=1)
    with pytest.raises(AttributionError, match="no family"):
        compute_second_opinion(second, group[:1], {"income": "x"}, exact, adverse_sign=1)
    with pytest.raises(TableError, match="income"):
        compute_second_opinion(second, group[:1].drop(columns="income"), FAMILIES, exact, adverse_sign=1)


def test_exact_contributions_of_other_rows_or_another_group_are_refused(
    second: SecondOpinion, model: CreditModel, group: pd.DataFrame
) -> None:
    two: FamilyAttributions = attribute_families(second.comparison, group[:2], FAMILIES)
    other = attribute_families(fit_comparison(model, group[:50], name="g", rule="r"), group[:1], FAMILIES)
    for exact in (two, other):
        with pytest.raises(AttributionError, match="belong to something else"):
            compute_second_opinion(second, group[:1], FAMILIES, exact, adverse_sign=1)


def test_rows_that_are_not_the_group_are_refused(comparison: Comparison, group: pd.DataFrame) -> None:
    with pytest.raises(AttributionError, match="800 rows; 799"):
        fit_second_opinion(comparison, group[1:], seed=1)
