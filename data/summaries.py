"""Figures over many applications of a cohort: how families and signals moved their estimates.

`data.model_room` hands these out, for explainers only. Contributions are the stored ones: each application's own,
against its own default comparison group, scaled to estimate units by its own slope (`explainers.decision.points`).
Everything is counted over every application of the cohort that the viewer may see; nothing is sampled.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.access import Viewer
from data.chosen import check_cohort, define_chosen
from data.cohorts import EVERYONE, Cohort
from data.scoped import ScopedDatabase
from data.sql import quote_identifier
from data.wide_rows import read_columns

ENOUGH = 100_000
"""Applications that are enough to find limits by: twice as many and more are asked in part."""
COLUMNS_AT_ONCE = 200
"""Columns summed up in one statement."""
SPREAD_AT_ONCE = 8_000_000
"""Values held in one statement for their spread; DuckDB takes up to 32 bytes for each."""
BLOCKS_AT_ONCE = 2
"""Statements over blocks of columns that run side by side."""


class Summaries:
    """A cohort of a snapshot, summed up for one viewer.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot's database in the viewer's scope.
    viewer : Viewer
        Who is looking.
    labels : mapping of str to str
        Labels of the signals.
    cohort : Cohort
        Which applications.
    attributes : mapping of str to str, optional
        Protected attributes the cohort may name, with the expressions of their values.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    """

    def __init__(
        self,
        database: ScopedDatabase,
        viewer: Viewer,
        labels: Mapping[str, str],
        cohort: Cohort = EVERYONE,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self._database = database
        signals = database.frame(
            "SELECT s.name, s.col, s.kind, u.contribution FROM signals s LEFT JOIN used_signals u USING (name)"
            " ORDER BY s.position"
        ).set_index("name")
        self.kinds: dict[str, str] = {str(k): str(v) for k, v in signals["kind"].items()}
        self._columns = {str(k): str(v) for k, v in signals["col"].items()}
        self._parts = {str(k): str(v) for k, v in signals["contribution"].dropna().items()}
        check_cohort(cohort, viewer, self.kinds, labels, attributes or ())
        scope = database.group_scope
        groups = None if scope is None else tuple(scope.whole)
        self._chosen, self._parameters = define_chosen(cohort, viewer, self._columns, groups, attributes)

    @property
    def used(self) -> tuple[str, ...]:
        """Return the signals a tree of the model splits on, in the model's order."""
        return tuple(self._parts)

    @cached_property
    def family_columns(self) -> dict[str, str]:
        """Return the column of each family in `contributions`, in the snapshot's order."""
        found = self._database.frame("SELECT family, col FROM families ORDER BY position")
        return {str(f): str(c) for f, c in zip(found["family"], found["col"], strict=True)}

    @cached_property
    def counts(self) -> pd.Series[Any]:
        """Return `n`, `approved`, `known_outcomes`, `outcomes` and the mean `estimate` of the cohort."""
        return self.ask(
            "SELECT count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
            " count(outcome) AS known_outcomes, coalesce(sum(outcome), 0) AS outcomes,"
            " avg(estimate) AS estimate FROM chosen"
        ).iloc[0]

    def families(self, *, spread: bool = True) -> pd.DataFrame:
        """Return what each family moved.

        Parameters
        ----------
        spread : bool
            Whether `low` and `high` are wanted; they cost most.

        Returns
        -------
        pandas.DataFrame
            Indexed by family, estimate units: `mean_abs` (mean size), `mean`, `low` and `high` (10 % and 90 % of the
            applications lie below), and `up`, the share of applications whose estimate it raised.
        """
        return self._moved("contributions", self.family_columns, spread=spread)

    def signals(self, names: Sequence[str] | None = None, *, spread: bool = False) -> pd.DataFrame:
        """Return what each signal moved, as `families` does; of a signal no tree uses there is nothing.

        Parameters
        ----------
        names : sequence of str, optional
            Which signals; every one that the model uses by default.
        spread : bool
            Whether `low` and `high` are wanted; they cost most.
        """
        columns = self._parts if names is None else {n: self._parts[n] for n in names if n in self._parts}
        return self._moved("signal_contributions", columns, spread=spread)

    def sizes(self) -> pd.Series[float]:
        """Return the mean size of what each signal moved (estimate units), indexed by signal.

        The quick way to rank hundreds of signals: one figure each, multiplied in single precision (seven digits).
        """
        return self._sizes.copy()

    @cached_property
    def _sizes(self) -> pd.Series[float]:
        names = list(self._parts)
        blocks = [names[first : first + COLUMNS_AT_ONCE] for first in range(0, len(names), COLUMNS_AT_ONCE)]
        with ThreadPoolExecutor(BLOCKS_AT_ONCE) as pool:  # DuckDB reads up to 122,880 rows with one thread only
            found = [size for sizes in pool.map(self._sizes_of, blocks) for size in sizes]
        return pd.Series(found, index=pd.Index(names, name="name"), dtype=float)

    def _sizes_of(self, names: Sequence[str]) -> list[float]:
        asked = ", ".join(f"avg(abs({self._parts[name]} * s)) AS size{place}" for place, name in enumerate(names))
        row = self.ask(
            f"SELECT {asked} FROM chosen JOIN signal_contributions USING (row_no)"
            " JOIN (SELECT row_no, slope::FLOAT AS s FROM contributions) USING (row_no)"
        ).iloc[0]
        return [float(size) for size in row]

    def _moved(self, table: str, columns: Mapping[str, str], *, spread: bool) -> pd.DataFrame:
        slope = "" if table == "contributions" else " JOIN contributions USING (row_no)"
        most = SPREAD_AT_ONCE // max(int(self.counts["n"]), 1) if spread else COLUMNS_AT_ONCE
        parts, names, at_once = [], list(columns), min(COLUMNS_AT_ONCE, max(most, 1))
        for first in range(0, len(names), at_once):
            block = names[first : first + at_once]
            asked = ", ".join(_moved_by(columns[name], i, spread=spread) for i, name in enumerate(block))
            row = self.ask(f"SELECT {asked} FROM chosen JOIN {table} USING (row_no){slope}").iloc[0]
            parts += [{w: row[f"{w}{i}"] for w in _FIGURES if f"{w}{i}" in row.index} for i in range(len(block))]
        wanted = _FIGURES if spread else _FIGURES[:3]
        return pd.DataFrame(parts, index=pd.Index(names, name="name"), columns=list(wanted)).astype(float)

    def by_value(self, name: str, edges: Sequence[float]) -> pd.DataFrame:
        """Return what a signal moved, by its own value.

        Parameters
        ----------
        name : str
            A signal the model uses.
        edges : sequence of float
            For a number: ascending limits of the steps; a value on a limit belongs to the step above it.
            Ignored for a category.

        Returns
        -------
        pandas.DataFrame
            `step` (number of the step, or the category; missing for applications without a value), `n`, `approved`,
            `value` (mean value, numbers only), `mean`, `size` (of the move, mean), `low`, `high` (estimate units),
            `up`, the applications whose estimate it raised, and the mean contribution `raw` (raw score) with its
            standard error `raw_error`.
        """
        column, raw = f"v.{self._columns[name]}", f"s.{self._parts[name]}"
        part = f"{raw} * c.slope"
        ends = f"quantile_cont({part}, [0.1, 0.9])"  # the same twice: DuckDB finds both at once, from one copy of all
        value = f"avg({column})" if self.kinds[name] == "number" else "NULL::DOUBLE"
        step, parameters = self._step(name, edges, "edge")
        return self.ask(
            f"SELECT {step} AS step, count(*) AS n,"
            f" count(*) FILTER (decision = 'approved') AS approved, {value} AS value, avg({part}) AS mean,"
            f" avg(abs({part})) AS size, count(*) FILTER ({raw} > 0) AS up, {ends}[1] AS low, {ends}[2] AS high,"
            f" avg({raw}) AS raw, coalesce(stddev_samp({raw}), 0) / sqrt(count(*)) AS raw_error"
            " FROM chosen JOIN signal_values v USING (row_no) JOIN signal_contributions s USING (row_no)"
            " JOIN contributions c USING (row_no) GROUP BY 1 ORDER BY 1 NULLS LAST",
            parameters,
        )

    def count_evenly(self, name: str, low: float, high: float, stretches: int) -> list[int]:
        """Return how many applications lie in each of so many equal stretches of a number, from `low` to `high`.

        Values below count in the first one, values above in the last one; one on a limit belongs to the stretch above.
        """
        place = f"floor((v.{self._columns[name]} - $low) * $stretches / ($high - $low))"
        found = self.ask(
            f"SELECT greatest(0, least($stretches - 1, {place}))::INTEGER AS place, count(*) AS n"
            f" FROM chosen JOIN signal_values v USING (row_no) WHERE v.{self._columns[name]} IS NOT NULL GROUP BY 1",
            {"low": float(low), "high": float(high), "stretches": stretches},
        )
        counts = dict(zip(found["place"].astype(int), found["n"].astype(int), strict=True))
        return [int(counts.get(place, 0)) for place in range(stretches)]

    def by_two_values(
        self, first: str, second: str, first_edges: Sequence[float], second_edges: Sequence[float]
    ) -> pd.DataFrame:
        """Return what the first signal moved, by the values of two: `step`, `other`, `n`, `mean` (estimate units)."""
        step, parameters = self._step(first, first_edges, "first")
        other, others = self._step(second, second_edges, "second")
        return self.ask(
            f"SELECT {step} AS step, {other} AS other, count(*) AS n,"
            f" avg(s.{self._parts[first]} * c.slope) AS mean"
            " FROM chosen JOIN signal_values v USING (row_no) JOIN signal_contributions s USING (row_no)"
            " JOIN contributions c USING (row_no) GROUP BY 1, 2 ORDER BY 1, 2",
            {**parameters, **others},
        )

    def _step(self, name: str, edges: Sequence[float], key: str) -> tuple[str, dict[str, Any]]:
        """Return an expression for the step a value lies in (a category is its own), and its parameters."""
        column = f"v.{self._columns[name]}"
        if self.kinds[name] != "number":
            return f"{column}::VARCHAR", {}
        reached = " + ".join(f"({column} >= ${key}{i})::INTEGER" for i in range(len(edges))) or "0"
        parameters = {f"{key}{i}": float(edge) for i, edge in enumerate(edges)}
        return f"CASE WHEN {column} IS NOT NULL THEN {reached} END", parameters

    def quantiles(self, name: str, shares: Sequence[float]) -> list[float]:
        """Return the values of a signal (a number) below which given shares of the cohort lie; empty without any.

        They are limits to count between. In a large cohort a fixed part of it, of at least `ENOUGH`, is asked for them:
        shares of one half percent are then met within a tenth of a percent. What is counted is always counted over all.
        """
        parts = int(self.counts["n"]) // ENOUGH
        part = f" WHERE hash(row_no) % {parts} = 0" if parts > 1 else ""
        found = self.ask(
            f"SELECT quantile_disc(v.{self._columns[name]}, $shares) AS q FROM chosen JOIN signal_values v"
            f" USING (row_no){part}",
            {"shares": list(map(float, shares))},
        )["q"].iloc[0]
        return [float(q) for q in found] if isinstance(found, np.ndarray | list) else []

    def values(self, row_nos: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
        """Return the values of some signals for some of the cohort's applications.

        Of a thousand applications that lie anywhere in the table, reading takes as long as of all: it is the number of
        signals that counts. So only those are read that are asked for.

        Parameters
        ----------
        row_nos : sequence of int
            Applications, each once; those that are not of the cohort are left out.
        names : sequence of str
            Signals, each once.

        Returns
        -------
        pandas.DataFrame
            One row per application in the order asked for, one column per signal in the order asked for.
        """
        rows = [int(row) for row in row_nos]
        asked = list(names) or list(self._columns)[:1]  # without any signal the rows are still counted
        where = "v.row_no IN (SELECT row_no FROM chosen WHERE row_no IN (SELECT unnest($rows)))"

        def read(some: Sequence[str]) -> pd.DataFrame:
            columns = {name: self._columns[name] for name in some}
            return read_columns(self.ask, columns, where, {"rows": rows}, len(rows))

        half = -(-len(asked) // BLOCKS_AT_ONCE) if len(asked) > COLUMNS_AT_ONCE else len(asked)
        with ThreadPoolExecutor(BLOCKS_AT_ONCE) as pool:
            parts = list(pool.map(read, [asked[first : first + half] for first in range(0, len(asked), half)]))
        found = parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)
        places = found.index.get_indexer(pd.Index(rows))
        return found.take(places[places >= 0]).reset_index(drop=True)[list(names)]

    def family_moves(self, row_nos: Sequence[int], families: Sequence[str]) -> pd.DataFrame:
        """Return what families moved, raw score, in some of the cohort's applications, in the order asked for.

        Returns
        -------
        pandas.DataFrame
            `group_no`, the comparison group of each application, and one column per family.
        """
        asked = ", ".join(f"c.{self.family_columns[family]} AS {quote_identifier(family)}" for family in families)
        return self.ask(
            f"SELECT group_no, {asked} FROM (SELECT unnest($rows) AS row_no, generate_subscripts($rows, 1) AS asked)"
            " JOIN chosen USING (row_no) JOIN contributions c USING (row_no) ORDER BY asked",
            {"rows": [int(row) for row in row_nos]},
        )

    def scores(self, row_nos: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the stored raw scores of some of the cohort's applications, in the order asked for."""
        found = self.ask(
            "SELECT raw_score FROM (SELECT unnest($rows) AS row_no, generate_subscripts($rows, 1) AS asked)"
            " JOIN chosen USING (row_no) ORDER BY asked",
            {"rows": [int(row) for row in row_nos]},
        )
        return found["raw_score"].to_numpy(dtype=np.float64)

    def sample(self, most: int) -> list[int]:
        """Return row numbers of at most so many applications: those whose number has the smallest hash.

        The same cohort gives the same sample everywhere, and one application more changes at most one of them.
        """
        found = self.ask("SELECT row_no FROM chosen ORDER BY hash(application_id), row_no LIMIT $most", {"most": most})
        return sorted(int(row) for row in found["row_no"])

    def known_sample(self, most: int) -> pd.DataFrame:
        """Return `row_no` and `outcome` of at most so many applications, chosen as by `sample`.

        Only applications with a known outcome count, and of these only ones the model was not trained on where the
        table tells.
        """
        return self.ask(
            "SELECT row_no, outcome FROM chosen WHERE outcome IS NOT NULL AND measured"
            " ORDER BY hash(application_id), row_no LIMIT $most",
            {"most": most},
        )

    def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one query over `chosen`, the cohort's applications within the viewer's scope."""
        return self._database.frame(f"{self._chosen}{sql}", {**self._parameters, **(parameters or {})})


_FIGURES = ("mean_abs", "mean", "up", "low", "high")


def _moved_by(column: str, place: int, *, spread: bool) -> str:
    """Return the figures of one column of contributions."""
    moved = f"{column} * slope"
    text = (
        f"avg(abs({moved})) AS mean_abs{place}, avg({moved}) AS mean{place}, avg(({column} > 0)::INTEGER) AS up{place}"
    )
    if spread:
        ends = f"quantile_cont({moved}, [0.1, 0.9])"  # the same twice: DuckDB finds both at once, from one copy of all
        text += f", {ends}[1] AS low{place}, {ends}[2] AS high{place}"
    return text
