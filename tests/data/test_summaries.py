"""Figures over cohorts, against pandas on the same rows, and within a viewer's scope."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from data import summaries
from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import Cohort, CohortProblems, SignalCondition, read_cohort
from data.reader import Reader
from data.reason_counts import count_declines, count_reasons
from data.summaries import Summaries
from tests.data.worlds import Book, open_book

BOOK = Book(own="Alder", own_n=300, others={"Birch": 400, "Cedar": 350}, seed=3, others_seed=5)
ALDER = Viewer("anna", Audience.PARTNER, "Alder")
SLOPE = 0.2
"""Of every application of the made-up book."""


def sums(reader: Reader, text: str = "") -> Summaries:
    return reader.room.summaries(read_cohort(text))


def chosen(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Return the rows of a cohort, chosen with pandas."""
    days = pd.to_datetime(table["application_date"])
    masks: dict[str, Any] = {
        "": np.ones(len(table), bool),
        "partner:Birch|Cedar": table["partner"].isin(["Birch", "Cedar"]),
        "decision:declined": table["decision"] == "declined",
        "month:2026-02..2026-02": days.dt.month == 2,
        "estimate:0.2..0.4": table["estimate"].between(0.2, 0.4),
        "outcome:happened": table["outcome"] == 1,
        "signal.income:50000..80000": table["s0"].between(50000, 80000),
        "signal.home:=RENT|OWN": table["s1"].isin(["RENT", "OWN"]),
        "signal.home:missing": table["s1"].isna(),
        "partner:Alder;decision:approved;signal.home:=RENT": (table["partner"] == "Alder")
        & (table["decision"] == "approved")
        & (table["s1"] == "RENT"),
    }
    return table[masks[text]]


TEXTS = [
    "",
    "partner:Birch|Cedar",
    "decision:declined",
    "month:2026-02..2026-02",
    "estimate:0.2..0.4",
    "outcome:happened",
    "signal.income:50000..80000",
    "signal.home:=RENT|OWN",
    "signal.home:missing",
    "partner:Alder;decision:approved;signal.home:=RENT",
]


@pytest.mark.parametrize("text", TEXTS)
def test_counts_and_contributions_are_those_of_pandas(whole: Reader, table: pd.DataFrame, text: str) -> None:
    rows, found = chosen(table, text), sums(whole, text)
    assert found.counts["n"] == len(rows)
    assert found.counts["approved"] == (rows["decision"] == "approved").sum()
    assert found.counts["outcomes"] == rows["outcome"].sum()
    moved = rows["raw_score"] * SLOPE
    family = found.families().loc["all"]
    signal = found.signals(["income"], spread=True).loc["income"]
    for figures, share in ((family, 1.0), (signal, 0.75)):
        expected = [(moved * share).abs().mean(), (moved * share).mean(), (moved > 0).mean() if len(rows) else np.nan]
        np.testing.assert_allclose(figures[["mean_abs", "mean", "up"]].to_numpy(), expected, rtol=1e-6)
        expected = [(moved * share).quantile(q) for q in (0.1, 0.9)]
        np.testing.assert_allclose(figures[["low", "high"]].to_numpy(), expected, rtol=1e-6)


def test_values_on_a_limit_belong_to_the_step_above_it(whole: Reader, table: pd.DataFrame) -> None:
    edges = sorted(table["s0"].sample(3, random_state=1))
    found = sums(whole).by_value("income", edges)
    step = np.searchsorted(edges, table["s0"], side="right")
    groups = table.assign(moved=table["raw_score"] * 0.75 * SLOPE).groupby(step)
    np.testing.assert_array_equal(found["n"], groups.size())
    np.testing.assert_allclose(found["mean"], groups["moved"].mean(), rtol=1e-6)
    np.testing.assert_allclose(found["value"], groups["s0"].mean(), rtol=1e-9)
    np.testing.assert_allclose(found["size"], groups["moved"].apply(lambda own: own.abs().mean()), rtol=1e-6)
    np.testing.assert_allclose(found["low"], groups["moved"].quantile(0.1), rtol=1e-6)
    np.testing.assert_allclose(found["high"], groups["moved"].quantile(0.9), rtol=1e-6)
    np.testing.assert_array_equal(found["up"], groups["moved"].apply(lambda own: (own > 0).sum()))
    assert found["n"].sum() == len(table)


def test_equal_stretches_hold_every_value_once_and_a_limit_belongs_above(table: pd.DataFrame) -> None:
    values = [10.0, 12.0, 11.9, 14.0, 20.0, 99.0, -5.0, 18.0, np.nan]
    few = table.head(len(values)).assign(s0=values)
    found = sums(open_book(BOOK, LOCAL_VIEWER, few)).count_evenly("income", 10.0, 20.0, 5)
    assert found == [3, 1, 1, 0, 3]  # 10, 11.9 and the one below; 12; 14; none; 18, 20 and the one above
    assert len(sums(open_book(BOOK, LOCAL_VIEWER, table)).count_evenly("income", 0.0, 1.0, 7)) == 7


def test_a_large_cohort_is_asked_in_part_for_limits_and_answers_the_same_again(
    whole: Reader, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = [0.25, 0.5, 0.75]
    exact = table["s0"].quantile(shares, interpolation="lower")
    assert sums(whole).quantiles("income", shares) == pytest.approx(exact.tolist(), rel=0.02)
    monkeypatch.setattr(summaries, "ENOUGH", len(table) // 4)
    part = sums(whole).quantiles("income", shares)
    assert part == sums(whole).quantiles("income", shares)
    assert set(part) <= set(table["s0"])
    ranks = [(table["s0"] <= value).mean() for value in part]
    np.testing.assert_allclose(ranks, shares, atol=0.12)
    assert part != sums(whole, "decision:approved").quantiles("income", shares)


def test_missing_values_are_a_step_of_their_own(table: pd.DataFrame) -> None:
    holes = table.assign(s0=table["s0"].where(table.index % 5 > 0))
    found = sums(open_book(BOOK, LOCAL_VIEWER, holes)).by_value("income", [60000.0])
    assert found["step"].isna().tolist() == [False, False, True]
    assert found["n"].iloc[-1] == holes["s0"].isna().sum()


def test_two_signals_at_once_add_up_to_everything(whole: Reader, table: pd.DataFrame) -> None:
    found = sums(whole).by_two_values("income", "home", [60000.0], [])
    assert found["n"].sum() == len(table)
    rows = table[(table["s0"] >= 60000) & (table["s1"] == "RENT")]
    cell = found[(found["step"] == 1) & (found["other"] == "RENT")].iloc[0]
    assert cell["n"] == len(rows)
    assert cell["mean"] == pytest.approx((rows["raw_score"] * 0.75 * SLOPE).mean())


def test_reasons_are_counted_as_stored(whole: Reader, table: pd.DataFrame) -> None:
    declined = table[table["decision"] == "declined"]
    against = int((declined["raw_score"] > 0).sum())
    found = count_reasons(sums(whole))
    assert found.to_dict("records") == [{"first": against, "among": against, "family": "all"}]
    counts = count_declines(sums(whole)).iloc[0]
    assert (counts["n"], counts["by_rule"]) == (len(declined), 0)
    assert counts["named"] == pytest.approx(against / len(declined))
    assert count_declines(sums(whole, "decision:approved"))["n"].iloc[0] == 0


@pytest.mark.parametrize("by", ["partner", "month"])
def test_reasons_are_counted_apart_for_each_side(whole: Reader, table: pd.DataFrame, by: str) -> None:
    months = pd.to_datetime(table["application_date"]).dt.to_period("M").dt.to_timestamp()
    rows = table.assign(month=months)[table["decision"] == "declined"]
    found = count_reasons(sums(whole), by).set_index(by)["among"]
    expected = rows[rows["raw_score"] > 0].groupby(by).size()
    assert found.to_dict() == expected.to_dict()
    assert count_declines(sums(whole), by).set_index(by)["n"].to_dict() == rows.groupby(by).size().to_dict()


def test_a_partner_sums_up_own_applications_only(alder: Reader, table: pd.DataFrame) -> None:
    own = table[table["partner"] == "Alder"]
    assert sums(alder).counts["n"] == len(own)
    assert sums(alder, "partner:Birch|Cedar").counts["n"] == 0
    assert sums(alder).families().loc["all", "mean"] == pytest.approx((own["raw_score"] * SLOPE).mean())
    assert set(sums(alder).sample(1000)) == set(own["row_no"])


def test_a_partner_cannot_choose_by_a_signal_nor_learn_which_there_are(alder: Reader) -> None:
    said = set()
    for text in ("signal.income:1..2", "signal.home:=RENT", "signal.no_such:missing"):
        with pytest.raises(CohortProblems) as caught:
            sums(alder, text)
        said.add(str(caught.value))
    assert len(said) == 1
    assert "income" not in said.pop()


def test_a_partners_estimate_limits_are_compared_with_rounded_estimates(alder: Reader, table: pd.DataFrame) -> None:
    own = table[table["partner"] == "Alder"]["estimate"]
    shown = round(float(own.iloc[0]), 3)
    inside = {sums(alder, f"estimate:{shown}..{shown + tail}").counts["n"] for tail in (0.0, 0.0002, 0.0004)}
    assert inside == {int((own.round(3) == shown).sum())}


def test_conditions_that_do_not_fit_a_signal_are_all_named(whole: Reader) -> None:
    cohort = Cohort(
        signals=(
            SignalCondition("income", levels=("RENT",)),
            SignalCondition("home", low=1.0),
            SignalCondition("no_such", missing=True),
        )
    )
    with pytest.raises(CohortProblems) as caught:
        whole.room.summaries(cohort)
    assert len(caught.value.problems) == 3


def test_a_sample_is_the_same_again_and_grows_by_adding(whole: Reader) -> None:
    small, large = sums(whole).sample(50), sums(whole).sample(80)
    assert small == sums(whole).sample(50)
    assert len(small) == 50
    assert set(small) < set(large)


@pytest.mark.parametrize("text", ["", "decision:declined"])
def test_sizes_are_those_of_the_signals_without_the_rest(whole: Reader, text: str) -> None:
    found = sums(whole, text)
    pd.testing.assert_series_equal(found.sizes(), found.signals()["mean_abs"], check_names=False, rtol=1e-6)


def test_sizes_of_many_blocks_of_columns_stay_in_order(whole: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sums(whole, "decision:declined").sizes()
    monkeypatch.setattr("data.summaries.COLUMNS_AT_ONCE", 1)
    assert sums(whole, "decision:declined").sizes().to_dict() == expected.to_dict()


def test_figures_over_everyone_are_counted_once_and_cannot_be_changed_by_who_asked(whole: Reader) -> None:
    assert sums(whole) is sums(whole)
    assert sums(whole, "decision:declined") is not sums(whole, "decision:declined")
    found = sums(whole).sizes()
    found["income"] = -1.0
    assert sums(whole).sizes()["income"] > 0


@pytest.mark.parametrize("at_once", [1, 200])
@pytest.mark.parametrize("names", [["home", "income"], ["income"], ["home"]])
def test_values_are_those_asked_for_in_the_order_asked_for(
    whole: Reader, table: pd.DataFrame, names: list[str], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.summaries.COLUMNS_AT_ONCE", at_once)
    rows = [777, 3, 500, 12, 1049]
    expected = whole.room.signal_values(rows)[names]
    assert table.set_index("row_no").loc[rows, "s0"].tolist() == whole.room.signal_values(rows)["income"].tolist()
    pd.testing.assert_frame_equal(sums(whole).values(rows, names), expected)


def test_values_of_no_signal_are_still_one_row_each(whole: Reader) -> None:
    assert sums(whole).values([5, 2], []).shape == (2, 0)


def test_values_and_scores_of_others_never_come(alder: Reader, table: pd.DataFrame) -> None:
    own = table[table["partner"] == "Alder"]["row_no"].tolist()
    others = table[table["partner"] != "Alder"]["row_no"].tolist()
    mixed = [others[0], own[3], others[5], own[1]]
    by_row = table.set_index("row_no")
    assert sums(alder).values(mixed, ["income"])["income"].tolist() == by_row.loc[[own[3], own[1]], "s0"].tolist()
    assert sums(alder).scores(mixed).tolist() == by_row.loc[[own[3], own[1]], "raw_score"].tolist()
    assert len(sums(alder).family_moves(mixed, ["all"])) == 2


def test_values_of_a_cohort_are_of_its_applications_only(whole: Reader, table: pd.DataFrame) -> None:
    declined = set(table[table["decision"] == "declined"]["row_no"])
    rows = table["row_no"].tolist()[::7]
    found = sums(whole, "decision:declined").scores(rows)
    assert found.tolist() == table.set_index("row_no").loc[[r for r in rows if r in declined], "raw_score"].tolist()


def test_what_families_moved_is_as_stored_with_the_group_it_is_against(whole: Reader, table: pd.DataFrame) -> None:
    rows = [40, 7, 900]
    found = sums(whole).family_moves(rows, ["all"])
    expected = table.set_index("row_no").loc[rows]
    assert found["all"].tolist() == expected["raw_score"].tolist()
    assert found["group_no"].tolist() == expected["group_no"].tolist()


def test_families_can_be_summed_up_without_their_spread(whole: Reader) -> None:
    found = sums(whole).families(spread=False)
    assert list(found.columns) == ["mean_abs", "mean", "up"]
    pd.testing.assert_frame_equal(found, sums(whole).families()[list(found.columns)])


def test_known_outcomes_are_sampled_where_the_model_was_not_trained(whole: Reader, table: pd.DataFrame) -> None:
    known = table[table["outcome"].notna() & table["measured"]].set_index("row_no")["outcome"]
    found = sums(whole).known_sample(len(table)).set_index("row_no")["outcome"]
    assert found.sort_index().to_dict() == known.sort_index().to_dict()
    assert len(sums(whole).known_sample(40)) == 40
