"""The sentences of Drivers. Made from the results alone."""

from __future__ import annotations

import math

from explainers.drivers.result import Driver, DriversResult, SignalsResult
from explainers.style import amount, of_100, points, whole

NEVER_ZERO = 0.0005
"""Below half a tenth of a point nothing moved that a person could see."""
NAMED = 3
"""Families named in one sentence."""


def write_moved(value: float, *, is_probability: bool, digits: int = 1) -> str:
    """Write a signed figure without its unit: "+4.1"; `digits` counts for percentage points."""
    return points(value, digits) if is_probability else amount(value, _digits(value))


def write_size(value: float, *, is_probability: bool, digits: int = 1) -> str:
    """Write a size without its unit: "4.1"."""
    return write_moved(value, is_probability=is_probability, digits=digits).lstrip("+")


def unit(*, is_probability: bool) -> str:
    """Return the unit of every figure of this topic, for an axis or the head of a column."""
    return "percentage points" if is_probability else "units of the estimate"


def _digits(value: float) -> int:
    """Return the decimals that leave two or three figures of a number that is no share."""
    return 1 if value == 0 else max(0, min(4, 1 - math.floor(math.log10(abs(value)))))


def _say_size(value: float, *, is_probability: bool) -> str:
    word = "points" if is_probability else "units"
    return f"{write_size(value, is_probability=is_probability)} {word}"


def say_drivers(result: DriversResult) -> str:
    """Return the headline: what moves estimates most, and how few families carry half."""
    if not result.half:
        return "Nothing moves these estimates: every family's contribution is zero."
    first = result.families[0]
    size = _say_size(first.size, is_probability=result.is_probability)
    head = f"Estimates move most with {first.label}: by {size}"
    total = len(result.families)
    if total <= NAMED:
        return f"{head} on average."
    verb = "carries" if result.half == 1 else "carry"
    return f"{head} on average. {result.half} of {total} families {verb} half of all movement."


def say_context(result: DriversResult) -> str:
    """Return what was counted, and against what."""
    counted = f"All {whole(result.n)} applications are counted."
    if result.n != result.n_total:
        counted = (
            f"All {whole(result.n)} applications that fit ({result.cohort}) are counted, of {whole(result.n_total)}."
        )
    beside = "all of them" if result.group == "all applications" else result.group.replace("applications ", "those ")
    return f"{counted} Each one is set against {beside}."


def say_families(result: DriversResult) -> str:
    """Return the title of the picture of families: its finding."""
    moving = [f for f in result.families if f.size >= NEVER_ZERO]
    names = [f.label for f in moving[:NAMED]]
    if not names:
        return "No family moves these estimates by a tenth of a point"
    if len(names) == 1:
        return f"Only one family moves these estimates: {names[0]}"
    return f"{', '.join(names[:-1])} and {names[-1]} come first"


def say_direction(driver: Driver, *, is_probability: bool) -> str:
    """Return what one driver did, in words: how much, how often up, and where most lie."""
    written = {
        name: write_moved(getattr(driver, name), is_probability=is_probability) for name in ("mean", "low", "high")
    }
    text = f"{write_size(driver.size, is_probability=is_probability)} on average; raised {of_100(driver.up)} estimates"
    if math.isnan(driver.low):
        return text
    return f"{text}; average {written['mean']}; 8 of 10 lie from {written['low']} to {written['high']}"


def say_alt(result: DriversResult | SignalsResult) -> str:
    """Describe a picture of drivers, for readers who do not see it: the finding, then every figure."""
    if isinstance(result, DriversResult):
        finding, rows = say_families(result), result.families
    else:
        finding, rows = say_signals(result), result.rows
    what = f"{finding}. Bars in {unit(is_probability=result.is_probability)}, the longest first."
    said = (f"{row.label}: {say_direction(row, is_probability=result.is_probability)}." for row in rows)
    return " ".join([what, *said])


def say_legend() -> str:
    """Say what bar, line and dot are; stands under each picture of drivers."""
    return (
        "Bar: how far it moves an estimate on average, up or down. Thin line: where 8 of 10 applications lie. "
        "Dot: the average with its sign; right of zero it raises estimates more than it lowers them."
    )


def say_signals(result: SignalsResult) -> str:
    """Return the title of the part on signals: its finding."""
    if result.names_hidden:
        where = f"{result.family}: what the model looks at" if result.family else "What a family stands for"
        return where if result.approved or not result.family else f"{result.family}: no label is approved to be shown"
    if result.find and not result.matched:
        return f"No signal fits “{result.find}”"
    if result.family or result.find:
        return _say_chosen(result)
    verb = "carries" if result.half == 1 else "carry"
    return f"{whole(result.half)} of {whole(result.n_signals)} signals {verb} half of all movement"


def _say_chosen(result: SignalsResult) -> str:
    """Return the finding on signals of a family or of words."""
    where = f"In {result.family}" if result.family else f"Of {_signals(result.matched)} that fit “{result.find}”"
    if not result.rows:
        return f"{where} none is used by the model"
    first = result.rows[0]
    if result.matched_used == 1 and result.matched == 1:
        where = where if result.family else "One signal fits"
        return f"{where}: {first.label}, {_say_size(first.size, is_probability=result.is_probability)} on average"
    size = _say_size(first.size, is_probability=result.is_probability)
    return f"{where}, estimates move most with {first.label}: by {size} on average"


def _signals(count: int) -> str:
    return "1 signal" if count == 1 else f"{whole(count)} signals"


def say_shown(result: SignalsResult) -> str:
    """Say how many signals are shown, and what is not used."""
    if result.names_hidden:
        return _say_approved(result)
    parts = []
    if len(result.rows) < result.matched_used:
        parts.append(f"The {len(result.rows)} largest of {_signals(result.matched_used)}. Search to find any other.")
    left_out = result.matched - result.matched_used
    if left_out and (result.family or result.find):
        more = "" if left_out == len(result.unused) else f"; and {whole(left_out - len(result.unused))} more"
        parts.append(f"The model does not use: {'; '.join(result.unused)}{more}.")
    if result.family and len(result.rows) > 1:
        parts.append("Signals can pull against each other, so a family may move less than its signals one by one.")
    return " ".join(parts)


def _say_approved(result: SignalsResult) -> str:
    if not result.family:
        return "Choose a family to read what it stands for."
    meaning = f"{result.definition} " if result.definition else ""
    names = f"What may be named of it: {'; '.join(result.approved)}." if result.approved else ""
    return f"{meaning}{names}" or "Ask the lender what it stands for."


def say_how_to_read(result: DriversResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    scale = "percentage points" if result.is_probability else "the units of the estimate"
    return (
        f"For each application, Candor takes the gap between its estimate and that of a group ({result.group}). It"
        f" splits the gap into parts, one for each signal, in {scale}. Parts of one family are added up first. The"
        " bar is the average size of these parts, up or down.",
        "A long bar with its dot near zero moves estimates far, up for some and down for others.",
        "“Half of all movement” adds up the bars: the fewest that reach half of the sum.",
        *(_example(family, is_probability=result.is_probability) for family in result.families[:1]),
    )


def _example(driver: Driver, *, is_probability: bool) -> str:
    size = _say_size(driver.size, is_probability=is_probability)
    raised = f"It raised {of_100(driver.up)} estimates."
    return f"An example: {driver.label}. It moved an estimate by {size} on average. {raised}"


def say_technical(result: DriversResult) -> tuple[tuple[str, str], ...]:
    """Return names and sentences for readers who compute it again."""
    return (
        (
            "Contribution of a signal",
            "The exact interventional Shapley value of the raw score, each application against its own default"
            " comparison group, times the slope of the chord between the group's mean raw score and the application's.",
        ),
        (
            "Size of a family",
            "The mean, over the applications, of the absolute value of the sum of its signals' contributions.",
        ),
        ("Spread", "The 10 % and the 90 % quantile, interpolated, of the same sums."),
        (
            "Second way of ranking",
            "Permutation importance of whole families, one shuffle each: the fall of the area under the ROC curve, or"
            " the mean absolute change of the estimate where too few outcomes are known. Agreement is Spearman's rank"
            " correlation with the sizes.",
        ),
        ("Snapshot", result.snapshot_id),
    )


def say_limits() -> tuple[str, ...]:
    """Return the paragraphs of "What this does not tell you"."""
    return (
        "It tells what moved the model's estimates, not why people do well or badly.",
        "Signals that go together share the credit. A short bar does not prove that a signal is not needed.",
        "Partners with other cut-offs are compared with other groups. Part of a gap between them can come from that.",
        "An average hides single cases. Open an application in Decision to see what moved it.",
    )
