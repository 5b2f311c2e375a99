"""One attribute closely, in words and tables. Made from the result alone."""

from __future__ import annotations

import math

import pandas as pd
from scipy.stats import binom

from explainers.fairness.intervals import find_chance
from explainers.fairness.result import ChangeResult, CurvePoint, DetailResult, MonthPoint
from explainers.fairness.words import name_people
from explainers.style import percent, whole

MISSES = 0.025
"""Share of 95 % intervals that lie wholly on one side of the truth."""
CHANCE = 0.05
"""A finding over several groups or months is named only where chance would name as much this rarely."""


def say_months(result: DetailResult) -> str:
    """Return what happened to the ratio over time."""
    judged = [p for p in result.months if p.enough]
    if not judged:
        return "By month there are too few applications to judge"
    values = sorted({p.value for p in judged})
    below = {v: sum(p.value == v and p.high < 1 for p in judged) for v in values}
    months = {v: sum(p.value == v for p in judged) for v in values}
    worst = max(values, key=lambda v: (below[v] / months[v], v))
    often = f"{below[worst]} of {months[worst]} months"
    if float(binom.sf(below[worst] - 1, months[worst], MISSES)) * len(values) >= CHANCE:
        return f"Month by month, no group is approved less often than {result.reference} beyond chance"
    return (
        f"{name_people(worst)} were approved less often than {result.reference} in {often}, beyond the month's interval"
    )


def say_months_note() -> str:
    """Return what a month cannot tell."""
    return (
        "Each month is one small sample. About one interval in twenty misses by chance alone, so single months say "
        "little. "
        "Months with too few applications are left out."
    )


def say_outcomes(result: DetailResult) -> str:
    """Return who was declined although it would have gone well, as far as known."""
    shown = [line for line in result.outcomes if not math.isnan(line.missed[0])]
    if result.declined_known and len(shown) > 1:
        most, least = max(shown, key=lambda x: x.missed[0]), min(shown, key=lambda x: x.missed[0])
        if not _apart((most.good_declined, most.good), (least.good_declined, least.good), len(shown)):
            return f"Among people without {result.outcome}, no group had been declined more often than chance explains"
        return (
            f"{name_people(most.value)}: of those without {result.outcome}, {percent(most.missed[0])} had been "
            f"declined. {name_people(least.value)}: {percent(least.missed[0])}"
        )
    paid = [line for line in result.outcomes if not math.isnan(line.happened[0])]
    if len(paid) > 1:
        most, least = max(paid, key=lambda x: x.happened[0]), min(paid, key=lambda x: x.happened[0])
        if not _apart((most.bad_approved, most.approved), (least.bad_approved, least.approved), len(paid)):
            return f"Among approved applicants, no group {result.outcome_past} more often than chance explains"
        return (
            f"{name_people(most.value)}: of those approved, {percent(most.happened[0])} {result.outcome_past}. "
            f"{name_people(least.value)}: {percent(least.happened[0])}"
        )
    return "Too few outcomes are known to compare groups by what happened"


def _apart(first: tuple[int, int], second: tuple[int, int], groups: int) -> bool:
    """Return whether the two outermost groups differ by more than chance, over every pair they could have been."""
    return find_chance(*first, *second)[1] * groups * (groups - 1) / 2 < CHANCE


def say_outcomes_notes(result: DetailResult) -> list[str]:
    """Return what outcomes tell of the estimates, and what they cannot tell."""
    return [text for text in (say_calibration(result), _say_outcomes_limit(result)) if text]


def _say_outcomes_limit(result: DetailResult) -> str:
    if not result.declined_known:
        return (
            "Outcomes are known for approved applications only. Who was declined and would have done well cannot be "
            "counted, so these shares describe a chosen part of each group."
        )
    return (
        f"Outcomes of {whole(result.declined_known)} declined applications are known here. Groups with different "
        f"shares of "
        "the outcome cannot have all these rates equal at once, so no single one settles the question."
    )


def table_outcomes(result: DetailResult) -> pd.DataFrame:
    """Return what happened to each group."""
    rows, known = [], result.declined_known
    for line in result.outcomes:
        row = {
            "Group": line.value,
            "Known outcomes": whole(line.good + line.bad),
            f"Of those without {result.outcome}: declined": _share(line.missed) if known else "not known",
            f"Of those approved: {result.outcome_past}": _share(line.happened),
            f"Of all who {result.outcome_past}: approved": _share(line.passed) if known else "not known",
        }
        if result.is_probability:
            row["Mean estimate"] = "" if math.isnan(line.estimated) else percent(line.estimated, 1)
            row["Share found"] = _share(line.found)
        rows.append(row)
    return pd.DataFrame(rows)


def say_calibration(result: DetailResult) -> str | None:
    """Return whether estimates hold for every group; None where that cannot be said."""
    if not result.is_probability:
        return None
    lines = [x for x in result.outcomes if not math.isnan(x.estimated) and not math.isnan(x.found[0])]
    off = [x for x in lines if not x.found[1] <= x.estimated <= x.found[2]]
    if not lines:
        return None
    if not off:
        return "Mean estimates lie within the interval of what was found, for every group with enough outcomes."
    parts = [f"{x.value}: estimated {percent(x.estimated, 1)}, found {_share(x.found)}" for x in off]
    return f"Mean estimates lie outside the interval of what was found for {'; '.join(parts)}."


def _share(share: tuple[float, float, float]) -> str:
    if math.isnan(share[0]):
        return "too few"
    return f"{percent(share[0], 1)} ({percent(share[1], 1)} to {percent(share[2], 1)})"


def say_curve(result: DetailResult) -> str:
    """Return how the ratio moves with the cut-off."""
    known = [p for p in result.curve if not math.isnan(p.ratio)]
    if not known:
        return "At other cut-offs there are too few applications to judge"
    near = nearest_points(result)[0]
    own = [p.ratio for p in known if p.value == near.value]
    return (
        f"{name_people(near.value)}: at one cut-off for all of {_cutoff(result, near.cutoff)} the ratio would be "
        f"{near.ratio:.2f}; over every cut-off looked at it lies between {min(own):.2f} and {max(own):.2f}"
    )


def nearest_points(result: DetailResult) -> list[CurvePoint]:
    """Return each group at the judged cut-off nearest the card's, the lowest ratio first."""
    nearest: dict[str, CurvePoint] = {}
    for point in sorted(result.curve, key=lambda p: abs(p.cutoff - result.cutoff)):
        if not math.isnan(point.ratio):
            nearest.setdefault(point.value, point)
    return sorted(nearest.values(), key=lambda p: (p.ratio, p.value))


def _cutoff(result: DetailResult, value: float) -> str:
    return percent(value, 1) if result.is_probability else f"{value:.4g}"


def say_curve_note() -> str:
    """Return what the curve leaves out."""
    return (
        "If one cut-off held for everybody: who passes it and is not declined by a policy rule counts as approved. "
        "Partners' "
        "own cut-offs and decisions by people are left out. Another cut-off would change who is approved in every "
        "group."
    )


def table_curve(result: DetailResult) -> pd.DataFrame:
    """Return every tenth possible cut-off."""
    cutoffs = sorted({p.cutoff for p in result.curve})
    kept = set(cutoffs[:: max(len(cutoffs) // 20, 1)])
    return pd.DataFrame(
        [
            {
                "Group": p.value,
                "Cut-off": _cutoff(result, p.cutoff),
                "Approved": percent(p.rate, 1),
                "Ratio": "" if math.isnan(p.ratio) else f"{p.ratio:.2f}",
            }
            for p in result.curve
            if p.cutoff in kept
        ]
    )


def table_months(result: DetailResult) -> pd.DataFrame:
    """Return every month of every group."""
    return pd.DataFrame(
        [
            {
                "Group": p.value,
                "Month": p.month,
                "Applications": whole(p.n),
                "Ratio": f"{p.ratio:.2f}" if p.enough else "too few",
                "95 % interval": f"{p.low:.2f} to {p.high:.2f}" if p.enough else "",
            }
            for p in result.months
        ]
    )


def shown_groups(points: tuple[MonthPoint, ...], most: int = 4) -> list[str]:
    """Return the groups that a picture over time has room for: the largest ones that are judged."""
    sizes: dict[str, int] = {}
    for point in points:
        if point.enough:
            sizes[point.value] = sizes.get(point.value, 0) + point.n
    return sorted(sizes, key=lambda value: (-sizes[value], value))[:most]


def say_change(result: ChangeResult) -> str:
    """Return whether ratios moved between two snapshots."""
    if not result.changes:
        return "Too few applications to compare the two snapshots"
    if not result.separate:
        return "Both snapshots hold the same applications, so a change is shown and not tested"
    moved = [c for c in result.changes if c.adjusted < 0.05]
    if not moved:
        return "No ratio changed by more than chance since the earlier snapshot"
    one = min(moved, key=lambda c: c.adjusted)
    return f"{name_people(one.value)}: the ratio went from {one.there:.2f} to {one.here:.2f}, by more than chance"


def table_change(result: ChangeResult) -> pd.DataFrame:
    """Return every group's ratio in both snapshots."""
    return pd.DataFrame(
        [
            {
                "Group": c.value,
                "Earlier": f"{c.there:.2f}",
                "Here": f"{c.here:.2f}",
                "Here to earlier": f"{c.relative:.2f} ({c.low:.2f} to {c.high:.2f})"
                if result.separate
                else f"{c.relative:.2f}",
                "Chance": "" if math.isnan(c.adjusted) else f"{c.adjusted:.3f}",
            }
            for c in result.changes
        ]
    )
