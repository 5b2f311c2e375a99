"""Counts over the groups of one cohort: one attribute, two together, by month, outcome, partner, or by the estimate."""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from data.cohorts import Cohort
from data.suppression import fold_small, hide_cells

if TYPE_CHECKING:
    from data.protected import Protected

LEAST_AGGREGATE = 10
"""Fewest applications of a group in a figure for viewers of aggregates, whatever else their policy allows."""
FULL_STEPS = (20, 10, 5)
"""Steps of the estimate that are tried for viewers of aggregates."""
CUBE_CELLS = 20_000
"""Combinations of values that one statement counts; beyond, each table is counted by itself."""
By = Literal["month", "outcome", "partner"]
BY: Mapping[str, str] = {
    "month": "coalesce(strftime(application_date, '%Y-%m'), '')",
    "outcome": "CASE WHEN outcome IS NULL OR NOT measured THEN 'not known'"
    " WHEN outcome = 1 THEN 'happened' ELSE 'did not' END",
    "partner": "coalesce(partner, '')",
}
FIGURES = ("n", "approved", "by_rule", "differing", "raw", "raw_squares", "estimate", "outcomes")
"""Of each cell: applications, approved, declined by a policy rule, with another decision on record, the sums of raw
scores, of their squares and of estimates, and applications with the outcome (where it is known)."""
SUMS = (
    "count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
    " count(*) FILTER (decision = 'declined' AND stage = 'policy rule')"
    " AS by_rule, count(*) FILTER (recorded_decision <> decision) AS differing, coalesce(sum(raw_score), 0) AS raw,"
    " coalesce(sum(raw_score * raw_score), 0) AS raw_squares, coalesce(sum(estimate), 0) AS estimate,"
    " count(*) FILTER (measured AND outcome = 1) AS outcomes"
)


class Counted:
    """Counts over the groups of one cohort; every table is counted once.

    Parameters
    ----------
    protected : Protected
        The groups.
    cohort : Cohort
        Which applications.
    """

    def __init__(self, protected: Protected, cohort: Cohort) -> None:
        protected.define(cohort)
        self._protected = protected
        self._cohort = cohort
        self._observed = [a.name for a in protected.attributes if a.kind == "observed"]
        self._tables: dict[tuple[str, ...], pd.DataFrame] = {}

    @cached_property
    def total(self) -> pd.Series[Any]:
        """Return the figures (`FIGURES`) over the whole cohort."""
        return self._protected.ask((), f"SELECT {SUMS} FROM labelled", {}, self._cohort).iloc[0]

    def of(self, name: str) -> pd.DataFrame:
        """Return the figures of each value of an observed attribute: `FIGURES`, indexed by value, largest first."""
        found = self._sum((name,)).sort_values("n", ascending=False, kind="stable")
        return found.set_index("g0")

    def pair(self, first: str, second: str) -> pd.DataFrame:
        """Return the figures of each combination of two attributes: `first`, `second`, `FIGURES`, `hidden`.

        Hidden cells have no figures (NaN); a combination that never occurs has no line where everything is shown.
        """
        found = self._sum((first, second)).rename(columns={"g0": "first", "g1": "second"})
        return self._hide(found, "first", "second")

    def by(self, name: str, by: By) -> pd.DataFrame:
        """Return the figures of each value of an attribute in each month, outcome or partner.

        Returns
        -------
        pandas.DataFrame
            `value`, `by` (month "2026-01", outcome "happened", "did not" or "not known", or partner; "" where there
            is none), `FIGURES`, `hidden`.
        """
        sql = f"SELECT g0 AS value, {BY[by]} AS by, {SUMS} FROM labelled GROUP BY 1, 2 ORDER BY 2, 1"
        found = self._protected.ask((name,), sql, {}, self._cohort)
        return self._hide(found, "value", "by")

    def steps(self, name: str, most: int) -> tuple[pd.DataFrame, list[float]]:
        """Return the figures of each value of an attribute by steps of the estimate, and the limits of the steps.

        Parameters
        ----------
        name : str
            An observed attribute.
        most : int
            Steps, equally wide. For viewers of aggregates there are fewer, each with as many applications, so few that
            every group is large enough in each.

        Returns
        -------
        tuple
            `value`, `bin` (0-based) and `FIGURES`; and the ascending limits, one more than there are steps. Both empty
            where nothing can be shown.
        """
        low, high = self._range
        if math.isnan(low) or self._protected.least > LEAST_AGGREGATE:
            return pd.DataFrame(), []
        if self._protected.whole:
            return self._equal_steps(name, low, high if high > low else low + 1.0, most)
        for steps in FULL_STEPS:
            found = self._full_steps(name, steps)
            counts = found.groupby("bin")["value"].nunique()
            if found["n"].min() >= self._protected.least and counts.min() == counts.max():
                return found, [low, *found.groupby("bin")["top"].max()]
        return pd.DataFrame(), []

    def _equal_steps(self, name: str, low: float, high: float, most: int) -> tuple[pd.DataFrame, list[float]]:
        sql = (
            "SELECT g0 AS value, least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)"
            f"::INTEGER AS bin, {SUMS} FROM labelled WHERE estimate IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
        )
        found = self._protected.ask((name,), sql, {"low": low, "high": high, "bins": most}, self._cohort)
        return found, [low + (high - low) * i / most for i in range(most + 1)]

    def _full_steps(self, name: str, steps: int) -> pd.DataFrame:
        sql = (
            f"SELECT g0 AS value, bin, {SUMS}, max(top) AS top FROM (SELECT *, max(estimate) OVER (PARTITION BY bin) AS"
            " top FROM (SELECT *, ntile($steps) OVER (ORDER BY estimate, row_no) - 1 AS bin FROM labelled"
            " WHERE estimate IS NOT NULL)) GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return self._protected.ask((name,), sql, {"steps": steps}, self._cohort)

    @cached_property
    def _range(self) -> tuple[float, float]:
        sql = "SELECT min(estimate) AS low, max(estimate) AS high FROM labelled"
        row = self._protected.ask((), sql, {}, self._cohort).iloc[0]
        return float(row["low"]), float(row["high"])

    def proxy(self, name: str, threshold: float) -> pd.DataFrame:
        """Return sums over a proxy's probabilities.

        Parameters
        ----------
        name : str
            A proxy.
        threshold : float
            A person counts as of a group, in the second reading, from this probability on.

        Returns
        -------
        pandas.DataFrame
            Indexed by value: `weight` (sum of probabilities), `squares` (of their squares), `approved_weight` and
            `approved_squares` (the same over approved applications), `over` (applications at or above the threshold)
            and `over_approved`; `known`, applications with any probability. For viewers of aggregates, values
            below `Protected.least` in either reading have none (NaN).
        """
        columns = self._protected.probability_columns(name)
        asked = [
            f"coalesce(sum({c}), 0) AS weight{i}, coalesce(sum({c} * {c}), 0) AS squares{i},"
            f" coalesce(sum({c}) FILTER (decision = 'approved'), 0) AS approved_weight{i},"
            f" coalesce(sum({c} * {c}) FILTER (decision = 'approved'), 0) AS approved_squares{i},"
            f" count(*) FILTER ({c} >= $threshold) AS over{i},"
            f" count(*) FILTER ({c} >= $threshold AND decision = 'approved') AS over_approved{i},"
            f" count({c}) AS known{i}"
            for i, c in enumerate(columns.values())
        ]
        sql = f"SELECT {', '.join(asked)} FROM chosen"
        row = self._protected.ask_chosen(sql, {"threshold": threshold}, self._cohort).iloc[0]
        figures = ("weight", "squares", "approved_weight", "approved_squares", "over", "over_approved", "known")
        found = pd.DataFrame(
            [{f: float(row[f"{f}{i}"]) for f in figures} for i in range(len(columns))],
            index=pd.Index(list(columns), name="value"),
        )
        return found if self._protected.whole else _hide_proxy(found, self._protected.least)

    def _sum(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return the figures by some observed attributes, from the table of all combinations where it is small."""
        if names not in self._tables:
            size = math.prod(len(self._protected.attribute(n).values) + 1 for n in self._observed)
            if size > CUBE_CELLS or len(self._observed) == len(names):
                self._tables[names] = self._grouped(names)
            else:
                cube = self._cube
                keys = [f"g{self._observed.index(n)}" for n in names]
                summed = cube.groupby(keys, sort=True)[list(FIGURES)].sum().reset_index()
                renamed = dict(zip(keys, [f"g{i}" for i in range(len(names))], strict=True))
                self._tables[names] = summed.rename(columns=renamed)
        return self._tables[names]

    @cached_property
    def _cube(self) -> pd.DataFrame:
        return self._grouped(tuple(self._observed))

    def _grouped(self, names: tuple[str, ...]) -> pd.DataFrame:
        keys = ", ".join(f"g{i}" for i in range(len(names)))
        sql = f"SELECT {keys}, {SUMS} FROM labelled GROUP BY {keys} ORDER BY {keys}"
        return self._protected.ask(names, sql, {}, self._cohort)

    def _hide(self, found: pd.DataFrame, row: str, column: str) -> pd.DataFrame:
        """Add `hidden`, and take the figures out of cells that must not be worked out."""
        if self._protected.whole or found.empty:
            return found.assign(hidden=False)
        rows, columns = (sorted(found[key].unique()) for key in (row, column))
        places = pd.MultiIndex.from_product([rows, columns], names=[row, column])
        counts = found.set_index([row, column])["n"].reindex(places, fill_value=0).to_numpy(dtype="int64")
        flags = hide_cells(counts.reshape(len(rows), len(columns)), self._protected.least)
        stacked = pd.DataFrame({"hidden": flags.ravel()}, index=places).reset_index()
        joined = stacked.merge(found, on=[row, column], how="left")
        others = [c for c in found.columns if c not in (row, column)]
        joined[others] = joined[others].astype(float).mask(joined["hidden"])
        return joined[[*found.columns, "hidden"]]


def _hide_proxy(found: pd.DataFrame, least: int) -> pd.DataFrame:
    """Take out values that are too small, and the next one where only one would be hidden."""
    size = np.minimum(found["weight"].to_numpy(), found["over"].to_numpy())
    folded = fold_small([int(s) for s in size], least)
    hidden = np.isin(np.arange(len(found)), folded)
    return found.mask(pd.Series(hidden, index=found.index))
