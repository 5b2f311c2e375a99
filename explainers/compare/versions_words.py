"""The sentences of two snapshots side by side. Made from the result alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from explainers.compare.versions_result import DriverShift, Swap, VersionsResult
from explainers.style import MINUS, amount, percent, points, whole

SHOWN = 8
"""Families with bars of their own."""
SAID = 3
"""Families told of a swap."""
TOLD = 0.02
"""Smaller shares are left out of the description of a picture."""


def say_versions(result: VersionsResult) -> str:
    """Return the headline: who would change sides, or why that cannot be said."""
    if result.shift is None or result.now_declined is None or result.now_approved is None:
        few = "no application" if result.matched == 0 else f"only {result.matched}"
        return f"The two snapshots have {few} in common, so only their distributions can be compared."
    changed = result.now_declined.n + result.now_approved.n
    if not changed:
        same = "No estimate differs" if not result.shift.mean_size else "Nobody would change sides"
        return f"{same}: {whole(result.matched)} applications are in both snapshots."
    verb = "changes" if changed == 1 else "change"
    return f"{whole(changed)} of {whole(result.matched)} applications in both snapshots {verb} sides."


def say_versions_context(result: VersionsResult) -> str:
    """Return the sentence under the headline: which two, which way, and how many."""
    who = "" if result.everyone else f" Chosen here: {result.cohort}."
    text = f"Here: {result.here.label}. There: {result.there.label}.{who}"
    if result.now_declined is None or result.now_approved is None:
        return text
    if result.same_model:
        return f"{text} Both were scored by the same model."
    return (
        f"{text} {whole(result.now_declined.n)} approved there are declined here;"
        f" {whole(result.now_approved.n)} declined there are approved here."
    )


def say_estimate(result: VersionsResult, value: float) -> str:
    """Write an estimate on its scale."""
    return percent(value, 1) if result.is_probability else f"{value:,.2f}".replace("-", MINUS)


def say_points(result: VersionsResult, value: float) -> str:
    """Write a signed difference of estimates."""
    return points(value) if result.is_probability else amount(value, 2)


def say_size(result: VersionsResult, value: float) -> str:
    """Write the size of a move, without a sign."""
    return say_points(result, abs(value)).lstrip("+")


def say_unit(result: VersionsResult) -> str:
    """Name the unit of differences."""
    return "percentage points" if result.is_probability else "units of the estimate"


def say_swap_title(result: VersionsResult, swap: Swap, *, declined: bool) -> str:
    """Title of one direction of the swap set."""
    way = "approved there, declined here" if declined else "declined there, approved here"
    return f"{whole(swap.n)} {way} ({percent(swap.n / max(result.matched, 1), 1)})"


def say_swap(result: VersionsResult, swap: Swap) -> str:
    """Say which families moved most for the applications that change sides."""
    if not swap.n:
        return "None."
    if not swap.moved:
        return f"Too few for an average; at least {result.least} are needed."
    shown = [(label, value) for label, value in swap.moved if say_size(result, value) != say_size(result, 0.0)][:SAID]
    if not shown:
        return "No family moved them by an amount that can be shown. A cut-off or a rule may have changed."
    parts = [f"“{label}” {say_points(result, value)}" for label, value in shown]
    return f"What moved their estimates most, on average, in {say_unit(result)}: {', '.join(parts)}."


def say_drivers(result: VersionsResult) -> str:
    """Title of the picture of drivers: whether the order changes."""
    if not result.drivers:
        return "No family moves the estimates"
    first = max(result.drivers, key=lambda d: d.there)
    now = result.drivers[0]
    if first.label == now.label:
        return f"“{now.label}” moves estimates most in both"
    return f"“{now.label}” moves estimates most here; there it was “{first.label}”"


def shown_drivers(result: VersionsResult) -> tuple[DriverShift, ...]:
    """Return the families with bars of their own: the strongest in either snapshot, in the order here."""
    strongest = sorted(result.drivers, key=lambda d: -max(d.here, d.there))[:SHOWN]
    return tuple(d for d in result.drivers if d in strongest)


def say_drivers_alt(result: VersionsResult) -> str:
    """Describe the picture of drivers for readers who do not see it."""
    parts = [f"{d.label} {say_size(result, d.here)} and {say_size(result, d.there)}" for d in shown_drivers(result)]
    return f"{say_drivers(result)}. Mean move here and there, in {say_unit(result)}: {'; '.join(parts)}."


def differs(result: VersionsResult) -> bool:
    """Return whether any estimate differs between the two."""
    return result.shift is not None and bool(result.shift.mean_size)


def say_shift(result: VersionsResult) -> str:
    """Title of the picture of differences."""
    shift = result.shift
    if shift is None:
        return f"Fewer than {result.least} applications are in both"
    if not shift.mean_size:
        return "Every estimate is the same in both"
    return (
        f"Estimates differ by {say_size(result, shift.mean_size)} {say_unit(result)} on average:"
        f" {percent(shift.up)} are higher here, {percent(shift.down)} lower"
    )


def say_shift_alt(result: VersionsResult) -> str:
    """Describe the picture of differences for readers who do not see it."""
    steps = [] if result.shift is None else [i for i, share in enumerate(result.shift.shares) if share >= TOLD]
    return f"{say_shift(result)}. {'; '.join(say_step(result, i) for i in steps)}."


def say_shift_note(result: VersionsResult) -> str | None:
    """Say what "higher" means in the title, and how the mean moved; None without a shift."""
    shift = result.shift
    if shift is None or not shift.mean_size:
        return None
    half = shift.edges[len(shift.edges) // 2]
    return (
        f"Higher or lower means by more than {_fine(result, abs(half))} {say_unit(result)}. The mean estimate of the"
        f" applications in both moved by {say_points(result, shift.mean)}."
    )


def say_step(result: VersionsResult, place: int) -> str:
    """Say what one bar of the differences holds."""
    shift = result.shift
    if shift is None:
        return ""
    factor = 100 if result.is_probability else 1
    ends = [amount(e * factor, 2) for e in shift.edges[place : place + 2]]
    beyond = {0: " and below", len(shift.shares) - 1: " and above"}.get(place, "")
    return f"{ends[0]} to {ends[1]}{beyond}: {percent(shift.shares[place], 1)}"


def say_reasons(result: VersionsResult) -> str | None:
    """Say whose first reason changes; None where too few are declined in both."""
    found = result.reasons
    if found is None:
        return None
    head = f"{whole(found.n)} applications are declined in both. "
    if not found.changed:
        return f"{head}The first reason is the same for each of them."
    share = percent(found.changed / found.n, 1)
    return (
        f"{head}For {whole(found.changed)} of them ({share}) another family counts most against approval; most often"
        f" “{found.after}” in place of “{found.before}” ({whole(found.most_common)})."
    )


def say_spread_alt(result: VersionsResult) -> str:
    """Describe the picture of both distributions for readers who do not see it."""
    means = [say_estimate(result, side.mean_estimate) for side in (result.here, result.there)]
    return (
        f"Shares of the applications by estimate in both snapshots. The mean is {means[0]} here and {means[1]} there."
    )


def table_sides(result: VersionsResult) -> tuple[tuple[str, str, str], ...]:
    """Return rows side by side: name, here, there."""
    sides = (result.here, result.there)
    rows = [
        ("Snapshot", *(s.label for s in sides)),
        ("Applications", *(whole(s.n) for s in sides)),
        ("Approved", *(percent(s.approved / max(s.n, 1), 1) for s in sides)),
        ("Mean estimate", *(say_estimate(result, s.mean_estimate) for s in sides)),
    ]
    return tuple((name, here, there) for name, here, there in rows)


def table_drivers(result: VersionsResult) -> pd.DataFrame:
    """Return per family: its mean move here, there, and the difference."""
    factor, unit = (100.0, "points") if result.is_probability else (1.0, "units")
    return pd.DataFrame(
        {
            "Family": [d.label for d in result.drivers],
            f"Here ({unit})": [round(d.here * factor, 2) for d in result.drivers],
            f"There ({unit})": [round(d.there * factor, 2) for d in result.drivers],
            f"Difference ({unit})": [round((d.here - d.there) * factor, 2) for d in result.drivers],
        }
    )


def table_shift(result: VersionsResult) -> pd.DataFrame:
    """Return per step: from, to (units of the pictures) and the share of the applications in both."""
    shift = result.shift
    if shift is None:
        return pd.DataFrame({"From": [], "To": [], "Share": []})
    factor = 100 if result.is_probability else 1
    edges = [amount(e * factor, 2) for e in shift.edges]
    return pd.DataFrame({"From": edges[:-1], "To": edges[1:], "Share": [percent(s, 1) for s in shift.shares]})


def table_spread(result: VersionsResult) -> pd.DataFrame:
    """Return per step of the estimate: the share here and there."""
    edges = [say_estimate(result, float(e)) for e in np.linspace(result.low, result.high, len(result.here.shares) + 1)]
    shares = {s: [percent(x, 1) for x in side.shares] for s, side in (("Here", result.here), ("There", result.there))}
    return pd.DataFrame({"From": edges[:-1], "To": edges[1:], **shares})


def say_how_to_read(result: VersionsResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        f"“Here” is the snapshot in the bar above, “there” the one you compare with. {whole(result.matched)}"
        " applications were found in both by their number; every one of them is counted.",
        "The chosen applications are those the rule finds here. For the mean moves and the distributions the same rule"
        " is counted anew in the other snapshot.",
        "The mean move of a family is the mean size of what it moved, up or down, in each application against its own"
        " comparison group. A group is made anew in each snapshot, so moves can differ while estimates do not.",
        "Somebody changes sides when one snapshot says approved and the other declined, by the rules and cut-offs of"
        " each.",
    )


LIMITS = (
    "It does not say which of the two is right. Compare both with what happened later.",
    "Values on file can differ between snapshots, as well as the model, the cut-offs and the rules.",
    "Applications that are in one snapshot only are in no difference.",
)


def _fine(result: VersionsResult, value: float) -> str:
    return f"{value * 100:.2f}" if result.is_probability else f"{value:.2g}"
