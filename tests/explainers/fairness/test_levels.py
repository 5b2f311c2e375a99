"""Estimates beside outcomes by group and level: counted with pandas, and cautious where there are few."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.access import Audience, Viewer
from data.cohorts import Cohort
from explainers.assurance.intervals import wilson
from explainers.fairness.charts import chart_levels
from explainers.fairness.level_words import say_levels, say_levels_alt, say_levels_note, table_levels
from explainers.fairness.levels import STEPS, Level, LevelsResult, compute_levels, disclose
from explainers.style import THIN
from tests.explainers.fairness.worlds import reader_of


@pytest.fixture(scope="module")
def levels(grouped: Path) -> LevelsResult:
    return compute_levels(reader_of(grouped), "race")


def test_levels_are_those_that_pandas_counts(grouped: Path, levels: LevelsResult) -> None:
    rows = reader_of(grouped).protected_groups().ask(("race",), "FROM labelled", {}, Cohort())
    rows = rows[rows["outcome"].notna() & rows["measured"]].sort_values(["estimate", "row_no"], ignore_index=True)
    assert len(rows) % STEPS == 0
    rows["level"] = np.arange(len(rows)) // (len(rows) // STEPS)
    own = rows.groupby(["g0", "level"]).agg(n=("row_no", "size"), k=("outcome", "sum"), mean=("estimate", "mean"))
    assert len(levels.levels) == len(own)
    for one in levels.levels:
        row = own.loc[(one.value, one.level)]
        assert (one.n, one.happened) == (row["n"], row["k"])
        assert one.estimate == pytest.approx(row["mean"], abs=1e-12)
        assert (one.low, one.high) == wilson(one.happened, one.n)
    assert levels.n == len(rows)


def level(n: int, happened: int, estimate: float, value: str = "B", place: int = 0) -> Level:
    return Level(value, place, n, happened, estimate, *wilson(happened, n))


def result_of(*levels: Level) -> LevelsResult:
    return LevelsResult("s", "Race", sum(one.n for one in levels), 5000, "defaulted", levels)


def test_a_level_needs_people_and_expected_outcomes() -> None:
    assert level(100, 6, 0.06).enough
    assert not level(29, 10, 0.3).enough
    assert not level(100, 3, 0.02).enough, "two expected outcomes say little"
    assert say_levels(result_of(level(20, 1, 0.1))).startswith("Too few")
    assert table_levels(result_of(level(20, 1, 0.1)))["Share found"].tolist() == ["too few"]


def test_one_miss_among_many_is_chance_and_many_are_named_with_the_furthest() -> None:
    fits = [level(1000, 100, 0.1, place=i) for i in range(9)]
    off = level(1000, 200, 0.1, value="C")
    assert say_levels(result_of(*fits, off)) == (
        "Level by level, estimates miss no more often than chance explains: 1 of 10"
    )
    far = level(100, 40, 0.1, value="D")  # 10 standard errors; C lies 10.5 from it with ten times as many
    said = say_levels(result_of(*fits, off, off, far)).replace(THIN, " ")
    assert said.startswith("Level by level, 3 of 12 estimates miss, more than chance explains.")
    assert said.endswith("The surest: C applicants, estimated 10.0 %, found 20.0 %")
    many = [level(1000, 100, 0.1, value=g) for g in "EFGH"]
    drawn = [trace.hovertext[0][0] for trace in chart_levels(result_of(*many, off)).data if trace.mode == "markers"]
    assert drawn == ["C", "E", "F", "G"], "the group that is named is drawn"


def test_the_picture_and_the_words_hold_what_is_judged(levels: LevelsResult) -> None:
    assert levels.judged
    markers = [trace for trace in chart_levels(levels).data if trace.mode == "markers"]
    drawn = {one.value for one in levels.judged}
    assert len(markers) == min(len(drawn), 4)
    assert len(table_levels(levels)) == len(levels.levels)
    assert "nan" not in f"{say_levels_alt(levels)} {say_levels_note(levels)} {table_levels(levels).to_csv()}"


def test_viewers_of_aggregates_get_no_levels_and_the_door_is_shut(grouped: Path, levels: LevelsResult) -> None:
    viewer = Viewer("examiner", Audience.REGULATOR)
    assert compute_levels(reader_of(grouped, viewer), "race").levels == ()
    with pytest.raises(AssertionError):
        disclose(replace(levels), viewer.policy)


def test_a_proxy_has_no_levels(grouped: Path) -> None:
    assert compute_levels(reader_of(grouped), "guess").levels == ()
