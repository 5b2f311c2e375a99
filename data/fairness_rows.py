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
BLOCKS = 2_000
"""Random blocks that applications are summed up in: what a bootstrap draws from, whatever their number."""
COLUMNS_AT_ONCE = 200
"""Columns summed up in one statement."""


@dataclass(frozen=True, eq=False)
class ScoreSums:
    """The scores of two groups with the parts of families, summed up in random blocks of applications."""

    families: tuple[str, ...]
    """Names of the k families."""
    weights: Floats = field(repr=False)
    """Shape (2, blocks): applications of the group and of the reference group; of a proxy the sums of chances."""
    raw: Floats = field(repr=False)
    """Shape (2, blocks, k + 1): sums of contributions, and of the rest of the raw score."""
    points: Floats = field(repr=False)
    """Shape (2, blocks, k + 1): the same in estimate units, each contribution times its application's slope."""


def score_sums(
    protected: Protected, attribute: str, pair: tuple[str, str], cohort: Cohort, compared: Sequence[int] | None
) -> ScoreSums:
    """Sum up the scores of two groups and their parts, in one pass over the stored contributions.

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
    listed = protected.ask_chosen("SELECT family, col FROM families ORDER BY position", {}, cohort)
    columns = [f"c.{col}" for col in listed["col"]]
    figures = [*columns, "raw_score", *(f"{column} * c.slope" for column in columns), "estimate"]
    asked = ", ".join(f"sum({w} * {f}) AS s{i}_{k}" for i, w in enumerate(("w0", "w1")) for k, f in enumerate(figures))
    allowed = ""
    if compared is not None:
        allowed, parameters["compared"] = " WHERE list_contains($compared, group_no)", [*compared, -1]
    sql = (
        f"SELECT hash(row_no) % {BLOCKS} AS block, sum(w0) AS n0, sum(w1) AS n1, {asked}"
        f" FROM (SELECT *, {weights[0]} AS w0, {weights[1]} AS w1 FROM {'labelled' if names else 'chosen'}{allowed})"
        " JOIN contributions c USING (row_no) WHERE w0 > 0 OR w1 > 0 GROUP BY block ORDER BY block"
    )
    rows = protected.ask(names, sql, parameters, cohort) if names else protected.ask_chosen(sql, parameters, cohort)
    k = len(columns)
    sums = [rows[[f"s{i}_{place}" for place in range(2 * k + 2)]].to_numpy(dtype=np.float64) for i in range(2)]
    whole = np.stack(sums).reshape(2, len(rows), 2, k + 1)
    whole[..., k] -= whole[..., :k].sum(axis=-1)
    return ScoreSums(
        families=tuple(str(name) for name in listed["family"]),
        weights=np.stack([rows[name].to_numpy(dtype=np.float64) for name in ("n0", "n1")]),
        raw=whole[:, :, 0],
        points=whole[:, :, 1],
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


def count_rows(
    protected: Protected, attribute: str, cohort: Cohort, pair: tuple[str, str], *, known: bool = False
) -> int:
    """Return how many applications of two groups there are; arguments as for `decided_rows`."""
    where = " AND outcome IS NOT NULL AND measured" if known else ""
    sql = f"SELECT count(*) AS n FROM labelled WHERE list_contains($pair, g0){where}"
    return int(protected.ask([attribute], sql, {"pair": list(pair)}, cohort)["n"].iloc[0])
