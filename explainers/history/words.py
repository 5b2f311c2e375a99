"""One application over time, in words."""

from __future__ import annotations

import pandas as pd

from explainers.history.compute import HistoryEntry, HistoryResult
from explainers.markup import render
from explainers.style import day_from_iso, percent


def say_history(result: HistoryResult) -> str:
    """Return how the estimate of this application differs between snapshots."""
    others = [entry for entry in result.entries if not entry.current]
    if not others:
        looked = result.n_total - 1
        where = "the other snapshot holds" if looked == 1 else f"none of the {looked} other snapshots holds"
        return "There is no other snapshot." if not looked else f"{where.capitalize()} this application."
    current = next(entry for entry in result.entries if entry.current)
    changed = [entry for entry in others if entry.decision != current.decision]
    count = "one other snapshot" if len(others) == 1 else f"{len(others)} other snapshots"
    low, high = (_estimate(e) for e in (min(others, key=_size), max(others, key=_size)))
    span = low if low == high else f"{low} to {high}"
    said = f"In {count} the estimate is {span}; here it is {_estimate(current)}."
    if not changed:
        return f"{said} The decision is the same in each."
    names = ", ".join(dict.fromkeys(f"{e.decision} by {e.model}" for e in changed))
    return f"{said} The decision differs: {names}."


def table_elsewhere(result: HistoryResult) -> str:
    """Draw the sentence as one more entry of the side column."""
    return render("check.html", title="In other snapshots", text=say_history(result))


def table_history(result: HistoryResult) -> pd.DataFrame:
    """Return one line for each snapshot that holds the application."""
    return pd.DataFrame(
        [
            {
                "Model": entry.model,
                "As of": day_from_iso(entry.as_of) if entry.as_of else "no date",
                "Estimate": _estimate(entry),
                "Cut-off": percent(entry.cutoff, 1) if entry.is_probability else f"{entry.cutoff:,.4g}",
                "Decision": entry.decision,
                "": "shown here" if entry.current else "",
            }
            for entry in result.entries
        ]
    )


def _size(entry: HistoryEntry) -> float:
    return entry.estimate


def _estimate(entry: HistoryEntry) -> str:
    return percent(entry.estimate, 1) if entry.is_probability else f"{entry.estimate:,.4g}"
