"""The sentences of what a gap between two groups goes with. Made from the results alone."""

from __future__ import annotations

import math

from explainers.fairness_drivers.result import GapPart, GapResult, Neutral, NeutralResult, Pair, Power, ProxyResult
from explainers.style import amount, percent, points, whole

SHOWN = 8
"""Families with a row of their own in a picture; the table holds all."""
CLOSE = 0.7
"""From here on a signal tells two groups apart well enough to be looked at as a stand-in."""
FAINT = 0.6
SMALL_PART = 0.0005
"""Parts below half a tenth of a point are not named."""


def say_people(pair: Pair) -> str:
    """Return who is compared, and how many."""
    about = "" if pair.kind == "observed" else "about "
    text = (
        f"{about}{whole(pair.n_group)} applications of “{pair.group}” against {about}{whole(pair.n_reference)} of"
        f" “{pair.reference}” ({pair.attribute})"
    )
    return f"{text[:1].upper()}{text[1:]}" + (f", {pair.cohort}" if pair.cohort else "")


def say_size(pair: Pair, value: float) -> str:
    """Write the size of a difference of estimates with its unit."""
    if pair.is_probability:
        return f"{points(abs(value)).lstrip('+')} points"
    return f"{amount(abs(value), 2).lstrip('+')} units"


def say_signed(pair: Pair, value: float) -> str:
    """Write a signed difference of estimates."""
    return points(value) if pair.is_probability else amount(value, 2)


def say_unit(pair: Pair) -> str:
    """Name the unit of the bars."""
    return "percentage points" if pair.is_probability else "units of the estimate"


def say_too_few(pair: Pair) -> str:
    """Say that there are too few applications, and how many are needed."""
    return (
        f"Too few to judge: {whole(pair.n_group)} applications of “{pair.group}” and {whole(pair.n_reference)} of"
        f" “{pair.reference}”. At least {pair.least} of each are needed"
    )


def say_gap(result: GapResult) -> str:
    """Return the finding: how far apart the mean estimates are, and which families hold most of that."""
    pair = result.pair
    if not pair.enough:
        return say_too_few(pair)
    head = f"The mean estimate of “{pair.group}”"
    if not result.gap.sure:
        return f"{head} does not differ from that of “{pair.reference}” beyond chance"
    way = "higher" if result.gap.size > 0 else "lower"
    text = f"{head} is {say_size(pair, result.gap.size)} {way} than that of “{pair.reference}”"
    named = [part for part in same_way(result) if part.sure][:2]
    if not named:
        return f"{text}; no family alone stands out"
    held = sum(part.size for part in named) / result.gap.size
    labels = " and ".join(f"“{part.label}”" for part in named)
    verb = "holds" if len(named) == 1 else "hold"
    sure = "" if named == same_way(result)[: len(named)] else "Beyond chance, "  # a larger part may be chance
    share = f"{percent(held)} of that" if held <= 1 else "more than all of that, and others offset it"
    return f"{text}. {sure}{labels} {verb} {share}"


def same_way(result: GapResult) -> list[GapPart]:
    """Return the families whose part has the sign of the gap, the largest first."""
    return [part for part in families(result) if part.size * result.gap.size > 0]


def families(result: GapResult) -> tuple[GapPart, ...]:
    """Return the parts that are families."""
    return tuple(part for part in result.parts if part.name)


def shown_parts(result: GapResult) -> tuple[GapPart, ...]:
    """Return the parts with a row in the picture: the largest, the rest as one, and a part of cut-offs that counts."""
    rows, other = families(result)[:SHOWN], result.parts[-1]
    rest = families(result)[SHOWN:]
    found = list(rows)
    if rest:
        size = sum(part.size for part in rest)
        found.append(GapPart("", f"{len(rest)} other families together", size, *(math.nan for _ in range(5))))
    if abs(other.size) >= SMALL_PART or not result.pair.is_probability:
        found.append(other)
    return tuple(found)


def say_gap_context(result: GapResult) -> str:
    """Return the sentence under the finding: who, how many, the two means and the interval."""
    pair = result.pair
    if not pair.enough:
        return f"{say_people(pair)}."
    means = " against ".join(
        percent(mean, 1) if pair.is_probability else f"{mean:,.2f}"
        for mean in (result.group_mean, result.reference_mean)
    )
    return (
        f"{say_people(pair)}. Mean estimate {means}: a difference of {say_signed(pair, result.gap.size)}"
        f" (95 % interval {say_range(pair, result.gap)})."
    )


def say_range(pair: Pair, part: GapPart) -> str:
    """Write the interval of a part."""
    return f"{say_signed(pair, part.low)} to {say_signed(pair, part.high)}"


def say_part(pair: Pair, part: GapPart) -> str:
    """Write one part with its interval."""
    if math.isnan(part.low):
        return say_signed(pair, part.size)
    return f"{say_signed(pair, part.size)} ({say_range(pair, part)})"


def say_gap_alt(result: GapResult) -> str:
    """Describe the picture of parts for readers who do not see it."""
    parts = "; ".join(f"{part.label} {say_part(result.pair, part)}" for part in shown_parts(result))
    return f"{say_gap(result)}. Parts in {say_unit(result.pair)}: {parts}."


def say_gap_legend(pair: Pair) -> str:
    """Say what bars and lines are, and what they cannot tell; stands under the picture."""
    raises = "speaks against approval" if pair.riskier_up else "speaks for approval"
    kind = (
        "" if pair.kind == "observed" else " Groups are chances here: differences tend to look smaller than they are."
    )
    return (
        f"Bar: the family’s part of the difference; right of zero it {raises}. Line: 95 % interval. The parts add up"
        " exactly to the difference. They say what goes with it in this model, not why the groups’ signals differ."
        f"{kind}"
    )


# -- one family at a time -------------------------------------------------------------------------


def say_neutral(result: NeutralResult) -> str:
    """Return the finding: which family, drawn from the reference group, would move the approvals most."""
    pair, now = result.pair, result.reference_rate - result.group_rate
    sure = [one for one in result.families if sure_change(one)]
    if not sure:
        return f"What if: no family alone would change how often “{pair.group}” is approved beyond chance"
    first = sure[0]
    then = result.reference_rate - first.rate
    return (
        f"What if: with “{first.label}” as in “{pair.reference}”, {percent(first.rate)} of “{pair.group}” would be"
        f" approved, not {percent(result.group_rate)}. The gap would be {points(then).lstrip('+')} points,"
        f" not {points(now).lstrip('+')}"
    )


def sure_change(one: Neutral) -> bool:
    """Return whether the interval of a change leaves out zero."""
    return one.low > 0 or one.high < 0


def say_neutral_context(result: NeutralResult) -> str:
    """Return what was done, and on how many."""
    return (
        f"{whole(result.n_group)} applications of “{result.pair.group}” were scored again, each time with one family of"
        f" signals from an application of “{result.pair.reference}” (drawn from {whole(result.n_reference)}, seed"
        f" {result.pair.seed}), and once with one from its own group; the change is the difference of the two. Cut-offs"
        " and rules stayed. Changes of several families do not add up."
    )


def say_neutral_alt(result: NeutralResult) -> str:
    """Describe the picture of what-ifs for readers who do not see it."""
    rows = "; ".join(
        f"{one.label} {points(one.change)} ({points(one.low)} to {points(one.high)})" for one in result.families[:SHOWN]
    )
    return f"{say_neutral(result)}. Change of the share approved, in percentage points: {rows}."


# -- stand-ins for the group ----------------------------------------------------------------------


def say_proxies(result: ProxyResult) -> str:
    """Return the finding: how well the signals tell the two groups apart, and which family does best."""
    together, pair = result.together.auc, result.pair
    if math.isnan(together):
        return "Too few applications to see whether signals tell the groups apart"
    measured = [one for one in result.families if not math.isnan(one.auc)]
    close = [one for one in measured if one.auc >= CLOSE]
    if close:
        labels = ", ".join(f"“{one.label}”" for one in close[:3])
        return f"{labels} can stand in for “{pair.group}” against “{pair.reference}”: look at what it is for"
    how = "hardly" if together < FAINT else "somewhat"
    if together >= CLOSE:
        return f"No family alone stands in for “{pair.group}”; all signals together tell it apart ({together:.2f})"
    return f"No family stands in for “{pair.group}”: all signals together tell it {how} apart ({together:.2f})"


def say_proxies_context(result: ProxyResult) -> str:
    """Return what was measured, and on how many."""
    return (
        f"A small model learnt on {whole(result.n_learnt)} applications to tell the two groups apart, and was measured"
        f" on {whole(result.n_measured)} others: 0.50 is chance, 1.00 is without a mistake. “Stands in” is said from"
        f" {CLOSE:.2f} on; that line is ours, not a rule."
    )


def say_proxies_alt(result: ProxyResult) -> str:
    """Describe the picture of stand-ins for readers who do not see it."""
    rows = "; ".join(
        f"{one.label} tells apart {say_power(one)}, part of the gap {say_signed(result.pair, one.size)}"
        for one in result.families[:SHOWN]
    )
    return f"{say_proxies(result)}. {rows}."


def say_power(one: Power) -> str:
    """Write how well something tells the groups apart, with its interval."""
    return "too few to judge" if math.isnan(one.auc) else f"{one.auc:.2f} ({one.low:.2f} to {one.high:.2f})"


LIMITS = (
    "A part of the gap says what goes with it in this model. It does not say why the groups’ signals differ, nor"
    " whether a signal measures both groups equally well.",
    "Outcomes on record carry what happened before: a gap that follows them is not shown to be right by that.",
    "A what-if changes one family and leaves the rest. Real people do not change that way.",
    "A signal that tells groups apart may still be needed to estimate the outcome; one that does not may still treat"
    " people differently.",
)


def say_how_to_read(result: GapResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        "Every application’s estimate is a sum of parts, one a family of signals. The mean of each part is taken in"
        " both groups; the difference is the family’s part of the gap. Nothing is modelled and nothing is left over.",
        f"Intervals come from {whole(result.resamples)} bootstrap samples (seed {result.pair.seed}). An interval on"
        " both sides of zero may be chance. With many families about one in twenty leaves out zero by chance alone.",
        "“Different cut-offs to compare with” is there because each application is set against those just approved at"
        " its own cut-off, and the groups may lie at different cut-offs.",
    )
