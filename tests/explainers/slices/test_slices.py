"""Slices of a real snapshot: figures against pandas, planted truth, and who sees them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from data.cohorts import EVERYONE, read_cohort
from data.errors import NotFoundForViewer
from data.policy import POLICY, Audience
from data.reader import Reader
from explainers.cohorts.compute import compute_cohort
from explainers.slices import charts, table, words
from explainers.slices.compute import choices, compute_chosen, compute_found
from explainers.slices.disclosure import disclose
from explainers.slices.result import SlicesResult
from explainers.slices.words import say_slices_context
from tests.grouped_snapshot import PARTNER, REGULATOR, book, planted_folder, planted_reader
from tests.snapshots_for_tests import numbers_of

RACE, BLACK = "race_ethnicity", "Black"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return planted_reader()


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Return every application with its race and sex, as stored."""
    applications = numbers_of(planted_folder())["snapshot.duckdb applications"]
    groups = book().groups.set_index("application_id")
    return applications.join(groups[[RACE, "sex"]], on="application_id")


@pytest.fixture(scope="module")
def found(reader: Reader) -> SlicesResult:
    return compute_found(reader, RACE, BLACK, "approval", EVERYONE)


def test_partners_are_compared_as_pandas_does(reader: Reader, rows: pd.DataFrame) -> None:
    result = compute_chosen(reader, RACE, BLACK, "partner", EVERYONE)
    assert len(result.slices) == rows["partner"].nunique()
    for one in result.slices:
        inside = rows[rows["partner"] == read_cohort(one.cohort).partners[0]]
        sides = [inside[inside[RACE] == value] for value in (BLACK, "White")]
        assert (one.n_group, one.n_reference) == tuple(map(len, sides))
        assert (one.group, one.reference) == pytest.approx([(s["decision"] == "approved").mean() for s in sides])
        assert one.low < one.size < one.high


def test_two_attributes_together_are_slices_too(reader: Reader, rows: pd.DataFrame) -> None:
    result = compute_chosen(reader, RACE, BLACK, "attribute.sex", EVERYONE)
    counted = rows[rows[RACE] == BLACK]["sex"].value_counts()
    assert {one.words: one.n_group for one in result.slices} == {f"Sex: {k}": n for k, n in counted.items()}
    assert all(one.cohort == "" for one in result.slices), "a group is never a condition of a cohort"


def test_steps_of_a_signal_are_cohorts_of_the_same_applications(reader: Reader) -> None:
    result = compute_chosen(reader, RACE, BLACK, "signal.annual_income", EVERYONE)
    assert len(result.slices) == 5
    for one in result.slices:
        assert compute_cohort(reader, read_cohort(one.cohort)).n >= one.n_group + one.n_reference
    assert "Income" in words.say_slices(result)


def test_months_with_too_few_are_not_judged(reader: Reader) -> None:
    result = compute_chosen(reader, RACE, BLACK, "month", read_cohort("partner:Northline%20Federal"))
    small = [one for one in result.slices if not one.enough]
    assert small
    assert all(pd.isna(one.size) and not one.holds for one in small)
    assert "Too few to judge in" in words.say_slices_context(result)


def test_slices_are_found_where_the_gap_is_larger(found: SlicesResult) -> None:
    assert found.overall > 0.05
    assert found.slices
    assert [one.holds for one in found.slices] == sorted((one.holds for one in found.slices), reverse=True)
    assert found.n_looked > 40
    assert str(len(found.slices)) in words.say_slices_context(found)
    frame = table.table_slices(found)
    assert len(frame) == len(found.slices)
    assert len(charts.chart_slices(found).layout.annotations) == len(words.shown(found))


def test_nothing_is_confirmed_for_sex(reader: Reader) -> None:
    result = compute_found(reader, "sex", "Female", "approval", EVERYONE)
    assert words.confirmed(result) == []
    assert "about the same everywhere" in words.say_slices(result)


def test_errors_of_estimates_are_looked_at_where_outcomes_are_known(reader: Reader, rows: pd.DataFrame) -> None:
    result = compute_found(reader, "sex", "Female", "error", EVERYONE)
    known = rows[rows["outcome"].notna() & rows["measured"]]
    assert result.n == len(known)
    error = known["outcome"] - known["estimate"]
    gap = error[known["sex"] == "Male"].mean() - error[known["sex"] == "Female"].mean()
    assert result.overall == pytest.approx(gap, abs=0.04)
    assert words.confirmed(result) == []


def test_the_same_question_has_the_same_answer(reader: Reader, found: SlicesResult) -> None:
    assert compute_found(reader, RACE, BLACK, "approval", EVERYONE) == found


def test_a_sample_is_said_to_be_one(reader: Reader, monkeypatch: pytest.MonkeyPatch, rows: pd.DataFrame) -> None:
    monkeypatch.setattr("explainers.slices.compute.MOST", 500)
    result = compute_chosen(reader, RACE, BLACK, "partner", EVERYONE)
    assert (result.n, result.n_possible) == (500, int(rows[RACE].isin([BLACK, "White"]).sum()))
    assert f"a sample of {result.n_possible:,}" in words.say_slices_context(result)


# -- who sees what --------------------------------------------------------------------------------


def test_slices_are_not_for_viewers_who_see_families_only() -> None:
    partner = planted_reader(PARTNER)
    assert choices(partner, RACE) == {}
    with pytest.raises(NotFoundForViewer):
        compute_found(partner, RACE, BLACK, "approval", EVERYONE)
    with pytest.raises(NotFoundForViewer):
        compute_chosen(partner, RACE, BLACK, "partner", EVERYONE)


def test_a_regulator_gets_no_cell_that_could_be_worked_out() -> None:
    result = compute_chosen(planted_reader(REGULATOR), "age_band", "62 or older", "month", EVERYONE)
    hidden = [one for one in result.slices if one.n_group < 0]
    assert len(hidden) != 1
    assert all(pd.isna(one.size) for one in hidden)
    assert "hidden" in set(table.table_slices(result).iloc[:, 1]) or not hidden


def test_one_small_slice_takes_another_with_it(reader: Reader) -> None:
    result = compute_chosen(reader, RACE, BLACK, "partner", EVERYONE)
    first = result.slices[0]
    small = type(first)(first.words, first.cohort, 5, 9, *(float("nan"),) * 8, enough=False, holds=False)
    cut = disclose(type(result)(**{**vars(result), "slices": (small, *result.slices[1:])}), POLICY[Audience.REGULATOR])
    assert sum(one.n_group < 0 for one in cut.slices) == 2
    assert disclose(result, POLICY[Audience.SPECIALIST]) is result
    assert disclose(result, POLICY[Audience.PARTNER]).slices == ()


@pytest.mark.parametrize("by", ["signal.no_such", "attribute.race_ethnicity", "", "found.approval"])
def test_what_is_not_there_cannot_be_cut_by(reader: Reader, by: str) -> None:
    with pytest.raises(NotFoundForViewer):
        compute_chosen(reader, RACE, BLACK, by, EVERYONE)


def test_what_was_found_is_told_without_a_false_plural(found: SlicesResult) -> None:
    one = replace(found.slices[0], holds=True)
    none = say_slices_context(replace(found, slices=()))
    assert "none of its slices was large enough" in none
    assert "found 0" not in none
    assert "found 1 slice; it holds on the other half." in say_slices_context(replace(found, slices=(one,)))
    off = replace(one, holds=False)
    assert "found 1 slice; it does not hold on the other half." in say_slices_context(replace(found, slices=(off,)))
    assert "found 2 slices; 1 of them holds" in say_slices_context(replace(found, slices=(one, off)))
    assert f"approved of “{found.pair.reference}” less “{found.pair.group}”: " in none
