"""The figures behind the pictures, as tables. Made from the results alone."""

from __future__ import annotations

import math

import pandas as pd

from explainers.fairness_drivers.result import GapResult, NeutralResult, Power, ProxyResult
from explainers.fairness_drivers.words import say_unit
from explainers.markup import render

MOST_SIGNALS = 25


def table_gap(result: GapResult) -> pd.DataFrame:
    """Return every part with its interval; the last line is their sum."""
    unit, factor = say_unit(result.pair), 100 if result.pair.is_probability else 1
    rows = [*result.parts, result.gap]
    frame = pd.DataFrame({"Part": [part.label for part in rows]})
    for head, name in ((f"Part of the gap ({unit})", "size"), ("from", "low"), ("to", "high")):
        frame[head] = [_rounded(getattr(part, name) * factor, 2) for part in rows]
    if not any(math.isnan(part.raw) for part in rows):
        for head, name in (("Raw score", "raw"), ("raw from", "raw_low"), ("raw to", "raw_high")):
            frame[head] = [_rounded(getattr(part, name), 4) for part in rows]
    return frame


def table_neutral(result: NeutralResult) -> pd.DataFrame:
    """Return every family with the share that would be approved, and the change with its interval."""
    return pd.DataFrame(
        {
            "Family drawn from the reference group": [one.label for one in result.families],
            "Approved then (%)": [_rounded(one.rate * 100, 1) for one in result.families],
            "Change (points)": [_rounded(one.change * 100, 1) for one in result.families],
            "from": [_rounded(one.low * 100, 1) for one in result.families],
            "to": [_rounded(one.high * 100, 1) for one in result.families],
        }
    )


def table_proxies(result: ProxyResult) -> pd.DataFrame:
    """Return every family with how well it tells the groups apart, beside its part of the gap."""
    return _power_table((result.together, *result.families), result, "Family")


def table_signals(result: ProxyResult) -> pd.DataFrame:
    """Return the signals that tell the groups apart best."""
    frame = _power_table(result.signals[:MOST_SIGNALS], result, "Signal")
    frame.insert(1, "Family", [one.family for one in result.signals[:MOST_SIGNALS]])
    return frame


def _power_table(rows: tuple[Power, ...], result: ProxyResult, head: str) -> pd.DataFrame:
    factor = 100 if result.pair.is_probability else 1
    return pd.DataFrame(
        {
            head: [one.label for one in rows],
            "Tells apart (0.50 is chance)": [_rounded(one.auc, 3) for one in rows],
            "from": [_rounded(one.low, 3) for one in rows],
            "to": [_rounded(one.high, 3) for one in rows],
            f"Part of the gap ({say_unit(result.pair)})": [_rounded(one.size * factor, 2) for one in rows],
        }
    )


def table_technical(result: GapResult) -> str:
    """Draw how the figures are computed, as an HTML fragment, every value escaped."""
    checks = [
        (
            "Parts",
            "Weighted mean of each family’s stored contribution (exact interventional Shapley values of the raw score)"
            " times the application’s own slope, in the group less in the reference group. The raw score’s parts are in"
            " the table where this view shows raw scores.",
        ),
        (
            "Comparison groups",
            "Stored contributions are against each application’s own comparison group; the difference of the groups’"
            " mean baselines is a part of its own, so the parts add up to the difference of the means (to 1e-12).",
        ),
        (
            "Intervals",
            f"Percentile bootstrap, {result.resamples:,} samples, seed {result.pair.seed}, of 2,000 random blocks"
            " of applications, summed up in one pass.",
        ),
        ("What-if", "One family’s signals jointly from one reference application; paired interval of the change."),
        (
            "Stand-ins",
            "LightGBM, 40 trees of 8 leaves, learnt on a random half and measured on the other; DeLong interval of the"
            " area under the ROC curve. Single signals: share of the group in 20 steps, the same way.",
        ),
    ]
    return render("solid.html", title="How it is computed", checks=checks)


def _rounded(value: float, digits: int) -> float:
    return value if math.isnan(value) else round(value, digits) + 0.0
