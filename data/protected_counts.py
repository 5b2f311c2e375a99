"""Counts over the groups of one cohort: one attribute, two together, by month, outcome, partner, or by the estimate."""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
"""Steps of the estimate that are tried for viewers of aggregates; each number divides the first."""
CUBE_CELLS = 20_000
"""Combinations of values that one statement counts; beyond, each table is counted by itself."""
By = Literal["month", "outcome", "partner"]
BY: Mapping[str, str] = {
    "month": "date_trunc('month', application_date)",
    "outcome": "CASE WHEN outcome IS NULL OR NOT measured THEN 'not known'"
    " WHEN outcome = 1 THEN 'happened' ELSE 'did not' END",
    "partner": "coalesce(partner, '')",
}
NAMED: Mapping[str, str] = {"month": "coalesce(strftime(part, '%Y-%m'), '')", "outcome": "part", "partner": "part"}
"""How a value of `BY` is written: a text for each month, not for each application."""
FIGURES = ("n", "approved", "by_rule", "differing", "raw", "raw_squares", "estimate", "outcomes")
"""Of each cell: applications, approved, declined by a policy rule, with another decision on record, the sums of raw
scores, of their squares and of estimates, and applications with the outcome (where it is known)."""
COUNTS = ("n", "approved", "by_rule", "differing", "outcomes")
"""Those of them that are whole numbers."""
BY_RULE = "count(*) FILTER (decision = 'declined' AND stage = 'policy rule') AS by_rule"
FEW_SUMS = "count(*) AS n, count(*) FILTER (decision = 'approved') AS approved, coalesce(sum(estimate), 0) AS estimate"
"""What tables by month, outcome and partner hold: the first figures and the sum of estimates."""
SUMS = (
    f"count(*) AS n, count(*) FILTER (decision = 'approved') AS approved, {BY_RULE},"
    " count(*) FILTER (recorded_decision <> decision) AS differing, coalesce(sum(raw_score), 0) AS raw,"
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
    def n(self) -> int:
        """Return the number of applications of the cohort."""
        return int(self._protected.ask((), "SELECT count(*) AS n FROM labelled", {}, self._cohort)["n"].iloc[0])

    @cached_property
    def total(self) -> pd.Series[Any]:
        """Return the figures (`FIGURES`) over the whole cohort."""
        if self._has_cube:
            return self._cube[list(FIGURES)].sum()
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
            is none), `n`, `approved`, `estimate` (see `FIGURES`), `hidden`.
        """
        sql = (
            f"SELECT value, {NAMED[by]} AS by, n, approved, estimate FROM"
            f" (SELECT g0 AS value, {BY[by]} AS part, {FEW_SUMS} FROM labelled GROUP BY 1, 2) ORDER BY 2, 1"
        )
        found = self._protected.ask((name,), sql, {}, self._cohort)
        return self._hide(found, "value", "by")

    def steps(self, name: str, most: int) -> tuple[pd.DataFrame, list[float]]:
        """Return the figures of each value of an attribute by steps of the estimate, and the limits of the steps.

        Parameters
        ----------
        name : str
            An observed attribute.
        most : int
            Steps, equally wide. For viewers of aggregates there are fewer, each with about as many applications, so
            few that every group is large enough in each.

        Returns
        -------
        tuple
            `value`, `bin` (0-based), `n` and `by_rule` (see `FIGURES`); and the ascending limits, one more than there
            are steps. Both empty where nothing can be shown.
        """
        low, high = self._range
        if math.isnan(low) or self._protected.least > LEAST_AGGREGATE:
            return pd.DataFrame(), []
        if self._protected.whole:
            return self._equal_steps(name, low, high if high > low else low + 1.0, most)
        inner = self._full_limits
        counted = self._by_step(name, " + ".join(f"(estimate > $l{i})::INTEGER" for i in range(len(inner))), inner)
        for steps in FULL_STEPS:
            every = FULL_STEPS[0] // steps
            kept = sorted({*inner[every - 1 :: every]} - {high})
            found = _merged(counted, inner, kept)
            sizes = found.groupby("bin")["value"].nunique()
            if found["n"].min() >= self._protected.least and sizes.min() == sizes.max():
                return found, [low, *kept, high]
        return pd.DataFrame(), []

    def _equal_steps(self, name: str, low: float, high: float, most: int) -> tuple[pd.DataFrame, list[float]]:
        width = (high - low) / most
        step = f"least(greatest(floor((estimate - $l0) / $l1), 0), {most - 1})::INTEGER"
        return self._by_step(name, step, [low, width]), [low + width * i for i in range(most + 1)]

    def _by_step(self, name: str, step: str, numbers: Sequence[float]) -> pd.DataFrame:
        """Count by an attribute and a step of the estimate, an expression over `numbers`: `$l0`, `$l1` and so on."""
        sql = (
            f"SELECT g0 AS value, {step} AS bin, count(*) AS n, {BY_RULE} FROM labelled"
            " WHERE estimate IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return self._protected.ask((name,), sql, {f"l{i}": x for i, x in enumerate(numbers)}, self._cohort)

    @cached_property
    def _full_limits(self) -> list[float]:
        """Return the inner limits of the finest full steps; equal estimates never fall into two steps."""
        shares = ", ".join(str(i / FULL_STEPS[0]) for i in range(1, FULL_STEPS[0]))
        sql = f"SELECT quantile_disc(estimate, [{shares}]) AS limits FROM labelled"
        return [float(x) for x in self._protected.ask((), sql, {}, self._cohort)["limits"].iloc[0]]

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
        asked = ", ".join(
            f"coalesce(sum({c}), 0) AS weight{i}, coalesce(sum({c} * {c}), 0) AS squares{i},"
            f" count(*) FILTER ({c} >= $threshold) AS over{i}, count({c}) AS known{i}"
            for i, c in enumerate(columns.values())
        )
        sql = f"SELECT decision IS NOT DISTINCT FROM 'approved' AS approved, {asked} FROM chosen GROUP BY 1"
        rows = self._protected.ask_chosen(sql, {"threshold": threshold}, self._cohort)
        row, approved = rows.sum(), rows[rows["approved"]].sum()
        figures = ("weight", "squares", "over")
        found = pd.DataFrame(
            [
                {
                    **{f: float(row[f"{f}{i}"]) for f in (*figures, "known")},
                    **{_of_approved(f): float(approved[f"{f}{i}"]) for f in figures},
                }
                for i in range(len(columns))
            ],
            index=pd.Index(list(columns), name="value"),
        )
        return found if self._protected.whole else _hide_proxy(found, self._protected.least)

    def _sum(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return the figures by some observed attributes, from the table of all combinations where it is small."""
        if names not in self._tables:
            if not self._has_cube or len(self._observed) == len(names):
                self._tables[names] = self._grouped(names)
            else:
                cube = self._cube
                keys = [f"g{self._observed.index(n)}" for n in names]
                summed = cube.groupby(keys, sort=True)[list(FIGURES)].sum().reset_index()
                renamed = dict(zip(keys, [f"g{i}" for i in range(len(names))], strict=True))
                self._tables[names] = summed.rename(columns=renamed)
        return self._tables[names]

    @cached_property
    def _has_cube(self) -> bool:
        """Return whether all observed attributes are counted together, and other tables summed up from there."""
        size = math.prod(len(self._protected.attribute(n).values) + 1 for n in self._observed)
        return bool(self._observed) and size <= CUBE_CELLS

    @cached_property
    def _cube(self) -> pd.DataFrame:
        return self._grouped(tuple(self._observed))

    def _grouped(self, names: tuple[str, ...]) -> pd.DataFrame:
        keys = ", ".join(f"g{i}" for i in range(len(names)))
        summed = ", ".join(f"sum({f})::{'BIGINT' if f in COUNTS else 'DOUBLE'} AS {f}" for f in FIGURES)
        sql = f"SELECT {keys}, {summed} FROM labelled GROUP BY {keys} ORDER BY {keys}"
        return self._protected.ask_sums(names, sql, SUMS, self._cohort)

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


def _of_approved(figure: str) -> str:
    return "over_approved" if figure == "over" else f"approved_{figure}"


def _merged(counted: pd.DataFrame, inner: Sequence[float], kept: Sequence[float]) -> pd.DataFrame:
    """Put steps between the limits `inner` together into those between some of them."""
    coarse = np.searchsorted(np.array(kept), np.array([*inner, math.inf]))
    merged = counted.assign(bin=coarse[counted["bin"].to_numpy(dtype="int64")])
    return merged.groupby(["value", "bin"], as_index=False)[["n", "by_rule"]].sum()
