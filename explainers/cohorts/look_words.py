"""The sentences of a cohort beside everyone. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.cohorts.look import FamilyApart, LookResult
from explainers.style import MINUS, amount, month, percent, points, whole

SHOWN = 8
"""Families with a bar of their own."""


def say_look(result: LookResult) -> str:
    """Return the headline: how many, and how their mean estimate lies beside everyone's."""
    cohort, everyone = result.counted, result.everyone
    if result.is_everyone:
        return f"Every application is in: {whole(cohort.n)}. Choose some to see what sets them apart."
    gap = cohort.mean_estimate - everyone.mean_estimate
    name = f"“{cohort.words}”"
    if _flat(result, gap):
        return f"The model estimates {name} like everyone: {say_estimate(result, cohort.mean_estimate)} on average."
    way = "higher" if gap > 0 else "lower"
    return (
        f"The model estimates {name} {way} than everyone: {say_estimate(result, cohort.mean_estimate)} on average,"
        f" against {say_estimate(result, everyone.mean_estimate)}."
    )


def say_look_context(result: LookResult) -> str:
    """Return the sentence under the headline: how many, and how many were approved."""
    cohort, everyone = result.counted, result.everyone
    text = (
        f"{whole(cohort.n)} of {whole(everyone.n)} applications."
        if not result.is_everyone
        else f"{whole(cohort.n)} applications."
    )
    if counts_only(result):
        return text
    text += f" {percent(cohort.approved / cohort.n)} were approved"
    return f"{text}." if result.is_everyone else f"{text}; of everyone {percent(everyone.approved / everyone.n)}."


def say_estimate(result: LookResult, value: float) -> str:
    """Write an estimate on its scale."""
    return percent(value, 1) if result.counted.is_probability else f"{value:,.2f}".replace("-", MINUS)


def say_points(result: LookResult, value: float) -> str:
    """Write a signed difference of estimates."""
    return points(value) if result.counted.is_probability else amount(value, 2)


def say_unit(result: LookResult) -> str:
    """Name the unit of the bars."""
    return "percentage points" if result.counted.is_probability else "units of the estimate"


def shown_apart(result: LookResult) -> tuple[FamilyApart, ...]:
    """Return the families with a bar of their own."""
    least = 0.0005 if result.counted.is_probability else 0.0
    return tuple(f for f in result.families if abs(f.apart) >= least)[:SHOWN]


def say_apart(result: LookResult) -> str:
    """Title of the picture of families: the one that differs most."""
    shown = shown_apart(result)
    if result.is_everyone or not shown:
        return "No family of signals sets these applications apart"
    first = shown[0]
    way = "higher" if first.apart > 0 else "lower"
    return (
        f"“{first.label}” sets them apart most: its part of the estimate is"
        f" {say_points(result, abs(first.apart)).lstrip('+')} {say_unit(result)} {way} than in all applications"
    )


def say_apart_alt(result: LookResult) -> str:
    """Describe the picture of families for readers who do not see it."""
    parts = [f"{f.label} {say_points(result, f.apart)}" for f in shown_apart(result)]
    return f"{say_apart(result)}. Difference of the mean move, in {say_unit(result)}: {'; '.join(parts)}."


def say_spread(result: LookResult) -> str:
    """Title of the picture of estimates."""
    return "Where their estimates lie" if result.is_everyone else "Where their estimates lie, beside everyone’s"


def say_spread_alt(result: LookResult) -> str:
    """Describe the picture of estimates for readers who do not see it."""
    middle = say_estimate(result, result.counted.mean_estimate)
    low, high = say_estimate(result, result.low), say_estimate(result, result.high)
    return (
        f"Shares of the chosen applications by estimate, from {low} to {high}, over a shape for all applications."
        f" The mean is {middle}; of everyone {say_estimate(result, result.everyone.mean_estimate)}."
    )


def by_month(result: LookResult) -> pd.DataFrame:
    """Return the cohort by month: `month`, `n`, `approved`; months without an application are not there."""
    dated = result.volume.dropna(subset=["month"])
    return dated.groupby("month", as_index=False)[["n", "approved"]].sum().sort_values("month")


def by_partner(result: LookResult) -> pd.DataFrame:
    """Return the cohort by partner: `partner`, `n`, `approved`, the largest first."""
    sums = result.volume.groupby("partner", as_index=False)[["n", "approved"]].sum()
    return sums.sort_values(["n", "partner"], ascending=[False, True])


def counts_only(result: LookResult) -> bool:
    """Return whether months are drawn as counts: a cohort chosen by decision has no approval rate of its own."""
    return result.counted.cohort.decision is not None


def say_months(result: LookResult) -> str:
    """Title of the picture of months: where the approval rate, or the count, started and ended."""
    months = by_month(result)
    if counts_only(result):
        return f"{result.counted.words.capitalize()}, by month"
    months = months[months["n"] >= result.counted.least]
    if len(months) < 2:
        return "Approved, by month"
    first, last = months.iloc[0], months.iloc[-1]
    rates = [percent(row["approved"] / row["n"]) for row in (first, last)]
    if rates[0] == rates[1]:
        return f"{rates[0]} were approved in {month(first['month'])} and in {month(last['month'])}"
    return f"{rates[0]} were approved in {month(first['month'])}, {rates[1]} in {month(last['month'])}"


def say_months_alt(result: LookResult) -> str:
    """Describe the picture of months for readers who do not see it."""
    months = by_month(result)
    return f"{say_months(result)}. {len(months)} months, {whole(months['n'].sum())} applications with a date."


def say_how_to_read(result: LookResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        "A cohort is a rule, such as “declined, Jan 2026 to Mar 2026”. It is kept in the address, so a link shows the"
        " same applications. On another snapshot the same rule is counted anew.",
        f"Each bar takes the mean move of one family of signals in the chosen applications and subtracts its mean move"
        f" in all {whole(result.everyone.n)}, in {say_unit(result)}. Orange raises the estimate, blue lowers it.",
        "Every application is counted; nothing is sampled. A move is measured against each application’s own"
        " comparison group.",
    )


LIMITS = (
    "It does not say why these applications differ. The model only uses what tends to go together.",
    "A cohort chosen by decision or estimate differs in the estimate because it was chosen by it.",
    "Small cohorts move by chance. Below the least number no average is shown.",
)


def _flat(result: LookResult, gap: float) -> bool:
    return say_points(result, gap) == say_points(result, 0.0)
