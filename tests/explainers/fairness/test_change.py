"""A ratio in two snapshots: counted by hand, tested only where the two samples are separate."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import norm

from data.access import Audience, Viewer
from data.cohorts import Cohort
from explainers.fairness.change import compute_change
from explainers.fairness.detail_words import say_change, table_change
from tests.explainers.fairness.worlds import group_table, grouped_snapshot, reader_of

JULY = date(2026, 7, 1)


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same book up to June, in which race B lives in debt as nobody else does: fewer of B are approved."""
    return grouped_snapshot(
        tmp_path_factory.mktemp("half") / "home", change=lambda t: t[t["application_date"] < JULY], make=burdened
    )


def burdened(table: pd.DataFrame) -> pd.DataFrame:
    """Put the deepest debtors into race B."""
    found = group_table(table)
    deep = table["debt_share"].to_numpy() > 45
    found.loc[found["race"] == "B", "race"] = "A"
    found.loc[deep & (found["race"] == "A"), "race"] = "B"
    return found


def cells(snapshot: Path, since: date | None = None) -> dict[str, tuple[int, int]]:
    """Count (approved, applications) of races A and B, straight from the stored tables."""
    rows = reader_of(snapshot).protected_groups().ask(("race",), "FROM labelled", {}, Cohort())
    if since is not None:
        rows = rows[pd.to_datetime(rows["application_date"]).dt.date >= since]
    approved = rows["decision"] == "approved"
    return {g: (int(approved[rows["g0"] == g].sum()), int((rows["g0"] == g).sum())) for g in "AB"}


def test_a_change_over_later_months_is_as_counted_by_hand(grouped: Path, half: Path) -> None:
    found = compute_change(reader_of(grouped), reader_of(half), "race")
    here, there = cells(grouped, JULY), cells(half)
    ratios = [(k["B"][0] / k["B"][1]) / (k["A"][0] / k["A"][1]) for k in (here, there)]
    error = math.sqrt(sum(1 / k - 1 / n for counts in (here, there) for k, n in counts.values()))
    one = next(change for change in found.changes if change.value == "B")
    assert found.separate
    assert found.n < found.n_total
    assert (one.here, one.there) == (pytest.approx(ratios[0]), pytest.approx(ratios[1]))
    assert one.relative == pytest.approx(ratios[0] / ratios[1])
    middle = math.log(ratios[0] / ratios[1])
    ends = [math.exp(middle + side * 1.959964 * error) for side in (-1, 1)]
    assert (one.low, one.high) == (pytest.approx(ends[0], rel=1e-5), pytest.approx(ends[1], rel=1e-5))
    own = 2 * norm.sf(abs(middle) / error)
    assert own <= one.adjusted <= min(1.0, own * len(found.changes)) + 1e-12


def test_a_planted_change_is_named_and_an_unchanged_group_is_not(grouped: Path, half: Path) -> None:
    found = compute_change(reader_of(grouped), reader_of(half), "race")
    assert say_change(found).startswith("B applicants: the ratio went from")
    assert "to" in table_change(found).set_index("Group").loc["B", "Here to earlier"]
    sex = compute_change(reader_of(grouped), reader_of(half), "sex")
    assert say_change(sex) == "No ratio changed by more than chance since the earlier snapshot"


def test_the_same_applications_are_shown_and_not_tested(grouped: Path) -> None:
    found = compute_change(reader_of(grouped), reader_of(grouped), "race")
    assert not found.separate
    assert found.n == found.n_total
    assert all(c.here == c.there and c.relative == 1 for c in found.changes)
    assert all(math.isnan(c.adjusted) and math.isnan(c.low) for c in found.changes)
    assert "not tested" in say_change(found)
    assert table_change(found)["Chance"].tolist() == [""] * len(found.changes)


def test_who_sees_aggregates_gets_no_figures_over_the_later_months(grouped: Path, half: Path) -> None:
    viewer = Viewer("examiner", Audience.REGULATOR)
    found = compute_change(reader_of(grouped, viewer), reader_of(half, viewer), "race")
    assert not found.separate  # later months less all months would tell the rest
    assert found.n == found.n_total
