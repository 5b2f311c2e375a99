"""How common reasons are, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from explainers.markup import render
from explainers.reasons.examples import Example, ExamplesResult
from explainers.reasons.frequency import FrequencyResult, SideFrequency
from explainers.style import day, month, of_100, percent, whole

NEARLY_ALL = 0.95
"""A reason given to more than this share tells applicants apart from nobody."""
APART = 0.05
"""Partners whose shares differ by less than this are not called different."""
LIMITS = (
    "A reason says what the model used. It does not say what made anything happen in a person’s life.",
    "Counts are of families of signals. Which statement a person gets depends on the person’s own values.",
    "A reason that is common is not a wrong one, and one that is rare is not a right one.",
)


def say_reasons(result: FrequencyResult) -> str:
    """Return the headline: the reason given most often."""
    if not result.families:
        return f"{whole(result.n)} applications were declined by the model: too few to count reasons."
    first = result.families[0]
    return f"“{first.label}” is a reason most often: for {of_100(first.among / result.n)} declined applications."


def say_reasons_context(result: FrequencyResult) -> str:
    """Return what is counted."""
    rules = "" if not result.n_rule else f" {whole(result.n_rule)} more were declined by a rule, which is their reason."
    if result.n_review:
        rules += f" {whole(result.n_review)} more were declined by a person near the cut-off and are not counted here."
    if not result.families:
        return f"At least {result.least} are needed.{rules}"
    return (
        f"{whole(result.n)} declined applications have {result.named:.1f} reasons on average, at most four. Together"
        f" these make up {percent(result.explained)} of what spoke against approval.{rules}"
    )


def say_alt(result: FrequencyResult) -> str:
    """Return the chart’s finding and numbers."""
    parts = [f"{f.label} {of_100(f.among / result.n)}, first for {of_100(f.first / result.n)}" for f in result.families]
    return f"{say_reasons(result)} {'; '.join(parts)}."


def say_never(result: FrequencyResult) -> str:
    """Return which families are never a reason, and which nearly always are."""
    never = [f.label for f in result.families if not f.among]
    always = [f.label for f in result.families if f.among > NEARLY_ALL * result.n]
    said = f"Never a reason: {', '.join(never)}." if never else "Every family is a reason for somebody."
    return f"{said} A reason for nearly everybody: {', '.join(always)}." if always else said


def say_partners(result: FrequencyResult) -> str | None:
    """Return where partners differ most; None with fewer than two."""
    if len(result.partners) < 2:
        return None
    family = max(result.families, key=lambda f: _gap(result, f.family))
    ordered = sorted(result.partners, key=lambda side: side.among[family.family])
    if _gap(result, family.family) < APART:
        return "No reason is much more common at one partner than at another."
    low, high = ordered[0], ordered[-1]
    return (
        f"“{family.label}” differs most between partners: {of_100(high.among[family.family])} at {high.name},"
        f" {of_100(low.among[family.family])} at {low.name}."
    )


def _gap(result: FrequencyResult, family: str) -> float:
    """Return how far the shares of a family lie apart between partners."""
    shares = [side.among[family] for side in result.partners]
    return max(shares) - min(shares)


def say_months(result: FrequencyResult) -> str | None:
    """Return which reason changed most from the first months to the last; None with fewer than six."""
    if len(result.months) < 6:
        return None
    changes = [(_mean(result.months[-3:], f.family) - _mean(result.months[:3], f.family), f) for f in result.families]
    change, family = max(changes, key=lambda pair: abs(pair[0]))
    first, last = _mean(result.months[:3], family.family), _mean(result.months[-3:], family.family)
    if abs(change) < APART:
        return "From the first three months to the last three, no reason became much more or less common."
    return (
        f"“{family.label}” changed most: a reason for {of_100(first)} in the first three months,"
        f" for {of_100(last)} in the last three."
    )


def _mean(months: Sequence[SideFrequency], family: str) -> float:
    """Return the share over several months together."""
    return sum(m.among[family] * m.n for m in months) / sum(m.n for m in months)


def say_how_to_read() -> tuple[str, ...]:
    """Return how to read the page."""
    return (
        "The long bar is the share of declined applications for which a family is one of the reasons; the dark part is"
        " the share for which it is the strongest.",
        "Reasons are at most four families whose contributions speak most against approval, compared with applications"
        " that were just approved. A family that makes up less than a twentieth of all that speaks against approval is"
        " not named, so many applications have fewer than four.",
        "Contributions are added up inside a family before they are ranked, and ranked in raw score.",
    )


def table_reasons(result: FrequencyResult) -> pd.DataFrame:
    """Return the figures behind the chart."""
    return pd.DataFrame(
        [
            {
                "Reason": f.label,
                "Strongest": f.first,
                "Strongest, share": percent(f.first / result.n, 1),
                "One of the reasons": f.among,
                "One of the reasons, share": percent(f.among / result.n, 1),
            }
            for f in result.families
        ]
    )


def table_months(result: FrequencyResult) -> pd.DataFrame:
    """Return how often each family is a reason, by month."""
    labels = {f.family: f.label for f in result.families}
    return pd.DataFrame(
        [
            {"Month": month(date.fromisoformat(m.name)), "Declined": m.n}
            | {labels[family]: percent(share, 1) for family, share in m.among.items()}
            for m in result.months
        ]
    )


def table_partners(result: FrequencyResult) -> pd.DataFrame:
    """Return how often each family is a reason, by partner."""
    labels = {f.family: f.label for f in result.families}
    return pd.DataFrame(
        [
            {"Reason": labels[f.family]} | {side.name: percent(side.among[f.family]) for side in result.partners}
            for f in result.families
        ]
    )


def say_common(result: FrequencyResult, families: Sequence[str]) -> str:
    """Return how common the reasons of one application are, the strongest first.

    Parameters
    ----------
    result : FrequencyResult
        From `compute_frequency`.
    families : sequence of str
        The application's reasons, strongest first.
    """
    if not result.families:
        return f"{whole(result.n)} applications are declined: too few to say how common these reasons are."
    first = result.of(families[0]) if families else None
    if first is None:
        return "Nothing speaks against approval here, so there is no reason to compare."
    return (
        f"“{first.label}” is the strongest reason for {of_100(first.first / result.n)} declined applications,"
        f" and one of up to four reasons for {of_100(first.among / result.n)}."
    )


def table_frequency(result: FrequencyResult, families: Sequence[str]) -> str:
    """Draw the sentence as one more entry of the side column."""
    return render("check.html", title="How common this is", text=say_common(result, families))


def say_examples(result: ExamplesResult) -> str:
    """Return how many applications have a reason, and which of them are listed."""
    return f"{whole(result.n)} declined applications have it. Listed: where it counts most, the newest first."


def say_example(example: Example) -> str:
    """Return one line of the list."""
    place = {1: "strongest reason", 2: "second reason", 3: "third reason"}.get(example.place, "fourth reason")
    when = "" if example.application_date is None else f", {day(example.application_date)}"
    return f"{example.application_id}: {place}{when}"
