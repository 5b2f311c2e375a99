"""How often reasons are given: counts over the applications of a cohort, as stored in the snapshot.

Only applications that the model declined have reasons of the model: where a policy rule or a person declined, that is
the reason. See `explainers.reasons.ranking` for how reasons are chosen.
"""

# ruff: noqa: S608 - statements are made of the texts below; values are parameters
from __future__ import annotations

import pandas as pd

from data.summaries import Summaries

SIDES = {"partner": "partner", "month": "date_trunc('month', application_date)::DATE"}
"""By what reasons are counted apart."""
BY_MODEL = "decision = 'declined' AND stage = 'model'"


def count_reasons(sums: Summaries, by: str | None = None) -> pd.DataFrame:
    """Return how often each family is a principal reason.

    Parameters
    ----------
    sums : Summaries
        The cohort.
    by : {"partner", "month"}, optional
        Counted apart for each.

    Returns
    -------
    pandas.DataFrame
        `family`, `first` and `among`, the applications where it is the strongest reason and where it is one of the
        reasons, and with `by` a column of that name. A family that is never one has no line with `by`.
    """
    families = list(sums.family_columns)
    side, group = (f"{SIDES[by]} AS {by},", f"{by}, ") if by else ("", "")
    counted = sums.ask(
        f"SELECT {group}r, count(*) FILTER (place = 1) AS first, count(*) AS among FROM"
        f" (SELECT {side} unnest([r1, r2, r3, r4]) AS r, unnest([1, 2, 3, 4]) AS place FROM chosen"
        f" JOIN reasons USING (row_no) WHERE {BY_MODEL}) WHERE r >= 0 GROUP BY {group}r ORDER BY {group}r"
    )
    if by is None:
        counted = counted.set_index("r").reindex(range(len(families)), fill_value=0).astype(int).reset_index()
    return counted.assign(family=[families[int(r)] for r in counted["r"]]).drop(columns="r")


def count_declines(sums: Summaries, by: str | None = None) -> pd.DataFrame:
    """Return how many applications were declined, and how far their reasons go.

    Parameters
    ----------
    sums : Summaries
        The cohort.
    by : {"partner", "month"}, optional
        Counted apart for each.

    Returns
    -------
    pandas.DataFrame
        `n` declined by the model, `by_rule` by a policy rule, `by_review` by a person; `named`, the mean number of
        reasons, and `explained`, the mean share of what speaks against approval that they make up.
    """
    side, group = (f"{SIDES[by]} AS {by},", " GROUP BY 1 ORDER BY 1") if by else ("", "")
    named = " + ".join(f"(r{i} >= 0)::INTEGER" for i in range(1, 5))
    return sums.ask(
        f"SELECT {side} count(*) FILTER ({BY_MODEL}) AS n,"
        " count(*) FILTER (decision = 'declined' AND stage = 'policy rule') AS by_rule,"
        " count(*) FILTER (decision = 'declined' AND stage = 'review') AS by_review,"
        f" avg({named}) FILTER ({BY_MODEL}) AS named, avg(explained) FILTER ({BY_MODEL}) AS explained"
        f" FROM chosen JOIN reasons USING (row_no){group}"
    )


def find_with_reason(sums: Summaries, family: str, most: int) -> pd.DataFrame:
    """Return some applications that the model declined with a family among their reasons.

    Parameters
    ----------
    sums : Summaries
        The cohort.
    family : str
        Slug of a family of the model.
    most : int
        Applications at most: those for which it ranks highest, then the newest.

    Returns
    -------
    pandas.DataFrame
        `row_no`, `partner`, `day`, `place` (1 is the strongest), and `n`, how many there are in all.
    """
    place = "list_position([r1, r2, r3, r4], $family)"
    found = sums.ask(
        f"SELECT row_no, partner, application_date AS day, {place} AS place, count(*) OVER () AS n FROM chosen"
        f" JOIN reasons USING (row_no) WHERE {BY_MODEL} AND {place} IS NOT NULL"
        " ORDER BY place, application_date DESC NULLS LAST, row_no LIMIT $most",
        {"family": list(sums.family_columns).index(family), "most": most},
    )
    days = [None if pd.isna(day) else pd.Timestamp(day).date() for day in found["day"]]
    return found.assign(day=pd.Series(days, index=found.index, dtype=object))
