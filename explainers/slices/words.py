"""The sentences of slices. Made from the results alone."""

from __future__ import annotations

from explainers.slices.result import SliceGap, SlicesResult
from explainers.style import percent, points, whole

SHOWN = 8
"""Slices with a row in the picture of found ones; the table holds all."""
MOST_STEPS = 26


def say_slices(result: SlicesResult) -> str:
    """Return the finding."""
    return _say_found(result) if result.kind == "found" else _say_chosen(result)


def _say_found(result: SlicesResult) -> str:
    pair, more = result.pair, wider(result)
    what = "approvals" if result.figure == "approval" else "errors of estimates"
    if not result.slices:
        return f"No slice could be looked at: too few applications of “{pair.group}” or “{pair.reference}”"
    if not confirmed(result):
        return f"No slice differs from the rest beyond chance: the gap in {what} is about the same everywhere looked at"
    if not more:
        return f"In no slice is the gap in {what} larger than elsewhere; in {len(confirmed(result))} it is smaller"
    first = more[0]
    return (
        f"Beyond chance, the gap in {what} is larger than elsewhere where {quoted(first)}: {write(first.size)} points,"
        f" elsewhere {write(first.size - first.more)}"
    )


def _say_chosen(result: SlicesResult) -> str:
    pair, held = result.pair, [one for one in result.slices if one.holds]
    if not any(one.enough for one in result.slices):
        return f"Too few to judge in every step of {result.by}: each needs {result.least} of either group"
    if not held:
        return f"By {result.by}, the gap in approvals is about the same everywhere: no step differs beyond chance"
    first = max(held, key=lambda one: one.more)
    if first.more <= 0:
        first = min(held, key=lambda one: one.more)
    return (
        f"By {result.by}, the gap in approvals between “{pair.reference}” and “{pair.group}” is"
        f" {'largest' if first.more > 0 else 'smallest'} where {quoted(first)}: {write(first.size)} points"
    )


def quoted(one: SliceGap) -> str:
    """Return a slice's words in quotation marks."""
    return f"“{one.words}”"


def write(value: float) -> str:
    """Write a difference in percentage points."""
    return points(value).lstrip("+")


def confirmed(result: SlicesResult) -> list[SliceGap]:
    """Return the slices that hold on the applications they were not found on."""
    return [one for one in result.slices if one.holds]


def wider(result: SlicesResult) -> list[SliceGap]:
    """Return the confirmed slices in which the gap is larger than elsewhere, the surest first."""
    sign = 1 if result.overall >= 0 else -1
    return [one for one in confirmed(result) if one.more * sign > 0]


def shown(result: SlicesResult) -> tuple[SliceGap, ...]:
    """Return the slices with a row in the picture."""
    if result.kind == "found":
        return tuple([one for one in result.slices if one.enough][:SHOWN])
    return tuple(one for one in result.slices if one.enough)[:MOST_STEPS]


def say_slices_context(result: SlicesResult) -> str:
    """Return who is compared, what was looked at, and how slices were confirmed."""
    pair = result.pair
    sample = "" if result.n == result.n_possible else f", a sample of {whole(result.n_possible)}"
    about = (
        f"{whole(pair.n_group)} applications of “{pair.group}” and {whole(pair.n_reference)} of “{pair.reference}”"
        f"{sample}."
    )
    gap = f"{points(result.overall)} points ({points(result.overall_low)} to {points(result.overall_high)})"
    what = f"approved of “{pair.reference}” less “{pair.group}”" if result.figure == "approval" else "the gap"
    overall = f" Over all of them, {what}: {gap}."
    if result.kind == "chosen":
        small = sum(not one.enough for one in result.slices)
        few = f" Too few to judge in {small} of {len(result.slices)} steps." if small else ""
        return f"{about}{overall}{few} {len(result.slices) - small} comparisons, adjusted for their number."
    return (
        f"{about}{overall} A tree looked at {result.n_looked} signals and groups on a random half (seed {pair.seed})"
        f"{_say_kept(result)} All figures are from that other half."
    )


def _say_kept(result: SlicesResult) -> str:
    """Return how many slices were found, and how many of them hold."""
    found, held = len(result.slices), len(confirmed(result))
    if not found:
        return ", and none of its slices was large enough to be looked at."
    holds = "it does not hold" if found == 1 else "none of them holds"
    if held:
        holds = "it holds" if found == 1 else f"{held} of them {'holds' if held == 1 else 'hold'}"
    number = "" if found == 1 else ", adjusted for their number"
    return f" and found {found} {'slice' if found == 1 else 'slices'}; {holds} on the other half{number}."


def say_slice(result: SlicesResult, one: SliceGap) -> str:
    """Write one slice with its figures."""
    if not one.enough:
        return f"{one.words}: too few to judge"
    return (
        f"{one.words}: gap {points(one.size)} points ({points(one.low)} to {points(one.high)}),"
        f" {whole(one.n_group)} of “{result.pair.group}” and {whole(one.n_reference)} of “{result.pair.reference}”"
    )


def say_sides(result: SlicesResult, one: SliceGap) -> str:
    """Write what was measured in both groups."""
    if result.figure == "approval":
        return f"{percent(one.group)} against {percent(one.reference)} approved"
    return f"error {points(one.group)} against {points(one.reference)}"


def say_slices_alt(result: SlicesResult) -> str:
    """Describe the picture for readers who do not see it."""
    return f"{say_slices(result)}. {'; '.join(say_slice(result, one) for one in shown(result))}."


def say_legend(result: SlicesResult) -> str:
    """Say what dots and lines are; stands under the picture."""
    pair = result.pair
    what = (
        f"how many more of 100 of “{pair.reference}” than of “{pair.group}” are approved"
        if result.figure == "approval"
        else f"how much less than estimated “{pair.group}” had the outcome, set against “{pair.reference}”"
    )
    return (
        f"Dot: {what}. Line: 95 % interval. Full dots differ from elsewhere beyond chance. The thin line down is the"
        " gap over all applications. A slice is where groups differ, not why."
    )


LIMITS = (
    "A slice says where groups differ. It does not say why, nor that anything in it is wrong.",
    "Only slices of up to three conditions were looked at, in steps: what lies across them is not found.",
    "No slice found is not proof that there is none: small ones are beyond what these numbers can show.",
)
