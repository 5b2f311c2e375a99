"""The figures of slices as a table. Made from the result alone."""

from __future__ import annotations

import math

import pandas as pd

from explainers.slices.result import SlicesResult


def table_slices(result: SlicesResult) -> pd.DataFrame:
    """Return every slice with its figures; too small ones have none."""
    rows, pair = result.slices, result.pair
    what = "approved (%)" if result.figure == "approval" else "error (points)"
    frame = pd.DataFrame({"Where": [one.words for one in rows]})
    frame[f"“{pair.group}”"] = [_count(one.n_group) for one in rows]
    frame[f"“{pair.reference}”"] = [_count(one.n_reference) for one in rows]
    columns = {
        f"“{pair.group}” {what}": "group",
        f"“{pair.reference}” {what}": "reference",
        "Gap (points)": "size",
        "from": "low",
        "to": "high",
        "More than elsewhere (points)": "more",
    }
    for head, name in columns.items():
        frame[head] = [_points(getattr(one, name)) for one in rows]
    frame["Chance, adjusted"] = ["" if math.isnan(one.adjusted) else f"{one.adjusted:.3f}" for one in rows]
    frame["Beyond chance"] = ["too few to judge" if not one.enough else "yes" if one.holds else "no" for one in rows]
    return frame


def _count(n: int) -> str:
    return "hidden" if n < 0 else f"{n:,}"


def _points(value: float) -> float:
    return value if math.isnan(value) else round(value * 100, 1) + 0.0
