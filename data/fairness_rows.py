"""Rows of a cohort with their groups, as gaps between groups are computed from.

All is asked through `data.protected`, so nothing reaches beyond what a viewer may see of applications and of groups.
What comes back is finer than any viewer may see: for `explainers` only, which give out sums over many.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.cohorts import Cohort
from data.protected import Protected

Floats = npt.NDArray[np.float64]
COLUMNS_AT_ONCE = 200
"""Columns summed up in one statement."""


@dataclass(frozen=True, eq=False)
class ScoreParts:
    """The scores of the applications of two groups, with the stored contributions of families."""

    families: tuple[str, ...]
    """Names of the k families."""
    group: Floats = field(repr=False)
    """Shape (n,): weight in the group; 1 or 0, or a proxy's probability."""
    reference: Floats = field(repr=False)
    """Shape (n,): weight in the reference group."""
    raw: Floats = field(repr=False)
    """Shape (n, k): contributions, raw score."""
    slope: Floats = field(repr=False)
    """Shape (n,): what turns a contribution into estimate units."""
    raw_score: Floats = field(repr=False)
    """Shape (n,)."""
    estimate: Floats = field(repr=False)
    """Shape (n,)."""


def score_parts(
    protected: Protected, attribute: str, pair: tuple[str, str], cohort: Cohort, compared: Sequence[int] | None
) -> ScoreParts:
    """Return the applications of two groups with the parts of their scores.

    Parameters
    ----------
    protected : Protected
        The groups, opened for a viewer.
    attribute : str
        Its name in the card.
    pair : tuple of str
        The group and the reference group, as the viewer sees them.
    cohort : Cohort
        Which applications.
    compared : sequence of int or None
        Only applications explained against one of these comparison groups; None for every one.
    """
    weights, names, parameters = _weights(protected, attribute, pair)
    parameters["compared"] = [*(compared or ()), -1]
    listed = protected.ask_chosen("SELECT family, col FROM families ORDER BY position", {}, cohort)
    columns = [str(col) for col in listed["col"]]
    named = ", ".join(f"c.{col}" for col in columns)
    allowed = "" if compared is None else " AND list_contains($compared, group_no)"
    if compared is None:
        del parameters["compared"]
    sql = (
        f"SELECT * FROM (SELECT a.row_no, {weights[0]} AS w0, {weights[1]} AS w1, raw_score, estimate, c.slope, {named}"
        f" FROM {'labelled' if names else 'chosen'} a JOIN contributions c USING (row_no) WHERE true{allowed})"
        " WHERE w0 > 0 OR w1 > 0 ORDER BY row_no"
    )
    rows = protected.ask(names, sql, parameters, cohort) if names else protected.ask_chosen(sql, parameters, cohort)
    numbers = {name: rows[name].to_numpy(dtype=np.float64) for name in ("w0", "w1", "slope", "raw_score", "estimate")}
    return ScoreParts(
        families=tuple(str(name) for name in listed["family"]),
        group=numbers["w0"],
        reference=numbers["w1"],
        raw=rows[columns].to_numpy(dtype=np.float64),
        slope=numbers["slope"],
        raw_score=numbers["raw_score"],
        estimate=numbers["estimate"],
    )


def _weights(
    protected: Protected, attribute: str, pair: tuple[str, str]
) -> tuple[list[str], tuple[str, ...], dict[str, object]]:
    """Return expressions of an application's weight in either group, the observed attribute, and parameters."""
    if protected.attribute(attribute).kind == "proxy":
        columns = protected.probability_columns(attribute)
        return [f"coalesce({columns[value]}, 0)" for value in pair], (), {}
    expressions = [f"(g0 = ${key})::DOUBLE" for key in ("group_value", "reference_value")]
    return expressions, (attribute,), dict(zip(("group_value", "reference_value"), pair, strict=True))


def signal_gaps(protected: Protected, attribute: str, pair: tuple[str, str], cohort: Cohort) -> pd.Series[float]:
    """Return the difference of the two groups' mean contribution of each signal, by signal; estimate units.

    Contributions of signals are stored in 32 bits: these figures are for looking at, the families' add up exactly.
    """
    listed = protected.ask_chosen("SELECT name, contribution FROM used_signals", {}, cohort)
    weights, names, parameters = _weights(protected, attribute, pair)
    found: dict[str, float] = {}
    for first in range(0, len(listed), COLUMNS_AT_ONCE):
        block = listed.iloc[first : first + COLUMNS_AT_ONCE]
        asked = ", ".join(
            f"sum(w0 * slope * s.{col}) / sum(w0) - sum(w1 * slope * s.{col}) / sum(w1) AS d{i}"
            for i, col in enumerate(block["contribution"])
        )
        table = "labelled" if names else "chosen"
        sql = (
            f"SELECT {asked} FROM (SELECT row_no, {weights[0]} AS w0, {weights[1]} AS w1 FROM {table})"
            " JOIN contributions c USING (row_no) JOIN signal_contributions s USING (row_no)"
        )
        row = (
            protected.ask(names, sql, parameters, cohort) if names else protected.ask_chosen(sql, parameters, cohort)
        ).iloc[0]
        found.update({str(name): float(row[f"d{i}"]) for i, name in enumerate(block["name"])})
    return pd.Series(found, dtype=float)


def decided_rows(
    protected: Protected,
    names: Sequence[str],
    cohort: Cohort,
    most: int | None = None,
    *,
    known: bool = False,
    pair: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Return what was decided about applications, with their groups.

    Parameters
    ----------
    protected : Protected
        The groups, opened for a viewer.
    names : sequence of str
        Observed attributes.
    cohort : Cohort
        Which applications.
    most : int, optional
        At most so many: those whose number has the smallest hash, the same ones everywhere.
    known : bool
        Only applications with a known outcome that the model was not trained on, where the table tells.
    pair : tuple of str, optional
        Only applications of these two values of the first attribute.

    Returns
    -------
    pandas.DataFrame
        `row_no` (ascending), `partner`, `month` (text, missing without a date), `approved` (bool), `by_rule` (bool: a
        rule or a person decided, whatever the estimate), `outcome` (float, NaN where not known), `estimate`,
        `raw_score`, `cutoff`, and `g0`, `g1`, … for the attributes.
    """
    groups = "".join(f", g{i}" for i in range(len(names)))
    conditions = ["outcome IS NOT NULL AND measured"] if known else []
    parameters: dict[str, object] = {}
    if pair is not None:
        conditions.append("list_contains($pair, g0)")
        parameters["pair"] = list(pair)
    limit = ""
    if most is not None:
        limit, parameters["most"] = " ORDER BY hash(application_id), row_no LIMIT $most", most
    rows = protected.ask(
        names,
        "SELECT row_no, partner, strftime(application_date, '%Y-%m') AS month, decision = 'approved' AS approved,"
        " stage <> 'model' AS by_rule, outcome::DOUBLE AS outcome, estimate, raw_score, cutoff"
        f"{groups} FROM labelled WHERE {' AND '.join(conditions) or 'true'}{limit}",
        parameters,
        cohort,
    )
    return rows.sort_values("row_no", ignore_index=True)
