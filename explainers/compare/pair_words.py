"""The sentences of two applications side by side. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.compare.pair import FamilyDifference, PairResult
from explainers.decision import words as decision
from explainers.decision.result import shown_rows
from explainers.style import amount, points, whole

SAID = 3
"""Differences told in sentences."""
SHOWN = 8
"""Families with bars of their own; the rest is one row."""


def say_prompt(n_total: int, *, two: bool, has_first: bool) -> str:
    """Say what to do while an application is still to be chosen."""
    numbers = "the number of a second application" if has_first else "the numbers of two applications"
    what = f"Type {numbers if two else 'the number of an application'}, or pick one"
    return f"{what}. {whole(n_total)} applications can be asked for."


def say_pair(result: PairResult) -> str:
    """Return the headline: how far the two estimates lie apart, and what the largest difference is."""
    first, second = result.first, result.second
    texts = [decision.say_estimate(d, d.estimate, 1) for d in (first, second)]
    if texts[0] == texts[1]:
        return f"The model estimates the same for both: {texts[0]}."
    way, moved = ("higher", "up") if result.apart > 0 else ("lower", "down")
    head = f"The second is estimated {way}: {texts[1]} against {texts[0]}"
    shown = shown_differences(result)[0]
    same_way = [d for d in shown if (d.apart > 0) == (result.apart > 0)]
    if not same_way:
        return f"{head}."
    largest = "makes the largest difference" if same_way[0] is shown[0] else f"moves it {moved} most"
    return f"{head}. “{same_way[0].label}” {largest}."


def say_pair_context(result: PairResult) -> str:
    """Return the sentence under the headline: both decisions, and the comparison group."""
    group = decision.say_group(result.first)
    told = [
        f"{d.decision}{' by a policy rule' if d.stage == 'policy rule' else ''}" for d in (result.first, result.second)
    ]
    decided = f"Both were {told[0]}." if told[0] == told[1] else f"The first was {told[0]}, the second {told[1]}."
    return f"{decided} Both are compared with {group}."


def say_moved(result: PairResult, value: float) -> str:
    """Write a signed difference of estimates with its unit."""
    return f"{say_points(result, value)} {say_unit(result, value)}"


def say_points(result: PairResult, value: float) -> str:
    """Write a signed difference of estimates."""
    return points(value) if result.first.scale == "probability" else amount(value, 2)


def say_unit(result: PairResult, value: float = 2.0) -> str:
    """Name the unit of a difference."""
    if result.first.scale != "probability":
        return "units of the estimate"
    return "percentage point" if f"{abs(value) * 100:.1f}" == "1.0" else "percentage points"


def shown_differences(result: PairResult) -> tuple[tuple[FamilyDifference, ...], FamilyDifference | None]:
    """Return the families with bars of their own, and all others as one; the sums hold."""
    least = 0.0005 if result.first.scale == "probability" else 0.005 * abs(result.apart)
    large = tuple(d for d in result.differences if max(abs(d.first), abs(d.second)) >= least)[:SHOWN]
    rest = [d for d in result.differences if d not in large]
    if not rest:
        return large, None
    others = FamilyDifference("", "All other signals", sum(d.first for d in rest), sum(d.second for d in rest), None)
    return large, others


def say_differences(result: PairResult) -> tuple[str, ...]:
    """Return the largest differences, one sentence each."""
    said = []
    for difference in shown_differences(result)[0][:SAID]:
        if say_points(result, difference.apart) == say_points(result, 0.0):
            continue
        way = "higher" if difference.apart > 0 else "lower"
        size = say_moved(result, abs(difference.apart)).lstrip("+")
        text = f"“{difference.label}” puts the second one {size} {way} than the first."
        if difference.value is not None:
            pair = difference.value
            text += f" {pair.label}: {pair.second} against {pair.first}."
        said.append(text)
    return tuple(said) or ("No family of signals makes a difference that can be shown.",)


def say_pair_alt(result: PairResult) -> str:
    """Describe the picture for readers who do not see it."""
    large, rest = shown_differences(result)
    rows = [*large, *([rest] if rest is not None else [])]
    parts = [f"{d.label} {say_points(result, d.first)} and {say_points(result, d.second)}" for d in rows]
    return f"Bars of the first and the second application, in {say_unit(result)}: {'; '.join(parts)}."


def table_pair(result: PairResult) -> tuple[tuple[str, str, str], ...]:
    """Return rows side by side: name, first, second."""
    sides = (result.first, result.second)
    rows = [
        ("Number", *(d.application_id for d in sides)),
        ("By the rules and the cut-off", *(d.decision for d in sides)),
        ("Estimate", *(decision.say_estimate(d, d.estimate, 1) for d in sides)),
        ("Cut-off", *(decision.say_estimate(d, d.cutoff, 1) for d in sides)),
    ]
    if any(d.stage == "policy rule" for d in sides):
        rows.append(("Declined by a policy rule", *(d.rule_reason or "no" for d in sides)))
    reasons = [[f.statement for f in shown_rows(d).against] for d in sides]
    for place in range(max(map(len, reasons))):
        cells = [told[place] if place < len(told) else "none" for told in reasons]
        rows.append((f"Counts against it, {place + 1}", cells[0], cells[1]))
    return tuple((name, first, second) for name, first, second in rows)


def figures_pair(result: PairResult) -> pd.DataFrame:
    """Return per family what it moved in both and the difference; percentage points for a probability."""
    factor, unit = (100.0, "points") if result.first.scale == "probability" else (1.0, "units")
    digits = 2 if result.first.raw_score is not None else 1
    return pd.DataFrame(
        {
            "Family": [d.label for d in result.differences],
            f"First ({unit})": [round(d.first * factor, digits) for d in result.differences],
            f"Second ({unit})": [round(d.second * factor, digits) for d in result.differences],
            f"Difference ({unit})": [round(d.apart * factor, digits) for d in result.differences],
        }
    )


def say_how_to_read(result: PairResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    start = decision.say_estimate(result.first, result.first.comparison.baseline_estimate, 1)
    return (
        f"Each pair of bars shows how far one family of signals moved the two estimates away from {start}, the"
        f" estimate at the average score of {decision.say_group(result.first)}.",
        "Both use the first application’s comparison group, so the bars can be set side by side and the differences"
        " add up to the difference of the two estimates.",
        f"The rule of the comparison group: {result.first.comparison.rule}",
    )


LIMITS = (
    "It says what the model used. It does not say that one person is the better borrower.",
    "Two applications at different cut-offs or under different rules can be decided differently at the same estimate.",
    "One pair proves no rule. Look at a cohort to see what holds for many.",
)
