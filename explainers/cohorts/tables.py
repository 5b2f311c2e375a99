"""The figures of a cohort as tables. Made from the result alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from explainers.cohorts import look_words as words
from explainers.cohorts.look import LookResult
from explainers.style import month, percent, whole


def table_apart(result: LookResult) -> pd.DataFrame:
    """Return per family: its mean move in the cohort, in everyone, and the difference."""
    factor, unit = (100.0, "points") if result.counted.is_probability else (1.0, "units")
    return pd.DataFrame(
        {
            "Family": [f.label for f in result.families],
            f"Chosen ({unit})": [round(f.cohort * factor, 2) for f in result.families],
            f"Everyone ({unit})": [round(f.everyone * factor, 2) for f in result.families],
            f"Difference ({unit})": [round(f.apart * factor, 2) for f in result.families],
        }
    )


def table_spread(result: LookResult) -> pd.DataFrame:
    """Return per step of the estimate: the share of the cohort and of everyone."""
    edges = np.linspace(result.low, result.high, len(result.shares) + 1)
    return pd.DataFrame(
        {
            "From": [words.say_estimate(result, float(e)) for e in edges[:-1]],
            "To": [words.say_estimate(result, float(e)) for e in edges[1:]],
            "Chosen": [percent(s, 1) for s in result.shares],
            "Everyone": [percent(s, 1) for s in result.all_shares],
        }
    )


def table_months(result: LookResult) -> pd.DataFrame:
    """Return per month: applications and, where the cohort has a rate, approved and its share if there are enough."""
    months = words.by_month(result)
    return _counted(result, "Month", [month(m) for m in months["month"]], months)


def table_partners(result: LookResult) -> pd.DataFrame:
    """Return per partner the same as per month."""
    partners = words.by_partner(result)
    return _counted(result, "Partner", partners["partner"].astype(str).tolist(), partners)


def _counted(result: LookResult, what: str, names: list[str], rows: pd.DataFrame) -> pd.DataFrame:
    if words.counts_only(result):
        return pd.DataFrame({what: names, "Applications": [whole(n) for n in rows["n"]]})
    least = result.counted.least
    rates = [percent(a / n) if n >= least else "too few" for a, n in zip(rows["approved"], rows["n"], strict=True)]
    counts = {"Applications": [whole(n) for n in rows["n"]], "Approved": [whole(a) for a in rows["approved"]]}
    return pd.DataFrame({what: names, **counts, "Share approved": rates})
