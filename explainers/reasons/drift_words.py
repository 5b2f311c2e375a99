"""Whether reasons became more or less common, in words."""

from __future__ import annotations

from datetime import date

import pandas as pd

from explainers.reasons.drift import DriftResult
from explainers.style import day_from_iso, month, of_100, percent, points, whole

MOST = 3
"""Families that a sentence names at most."""


def say_drift(result: DriftResult) -> str:
    """Return the finding: which reasons changed since the earlier snapshot, or that none did."""
    if not result.families:
        return f"Too few applications were declined since {_then(result)} to compare reasons"
    changed = [f for f in result.families if f.changed]
    if not changed:
        return f"No reason became more or less common since {_then(result)}, beyond chance"
    first = changed[0]
    way = "more" if first.now > first.before else "less"
    others = f"; {len(changed) - 1} more changed" if len(changed) > 1 else ""
    return (
        f"“{first.label}” is a {way} common reason since {_then(result)}:"
        f" {of_100(first.now)}, {of_100(first.before)} before{others}"
    )


def say_drift_context(result: DriftResult) -> str:
    """Return what is compared with what."""
    since = month(date.fromisoformat(f"{result.since}-01"))
    return (
        f"{whole(result.n)} applications declined by the model from {since} on, beside {whole(result.n_before)} in the"
        f" snapshot as of {_then(result)}. A change counts when its range, set for all families together, leaves out"
        " zero."
    )


def table_drift(result: DriftResult) -> pd.DataFrame:
    """Return the figures behind the finding."""
    return pd.DataFrame(
        [
            {
                "Reason": f.label,
                "Before": percent(f.before, 1),
                "Since": percent(f.now, 1),
                "Change, percentage points": points(f.now - f.before),
                "Range": f"{points(f.low)} to {points(f.high)}",
                "Beyond chance": "yes" if f.changed else "no",
            }
            for f in result.families
        ]
    )


def _then(result: DriftResult) -> str:
    return day_from_iso(result.earlier_as_of)
