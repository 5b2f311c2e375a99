"""The sentences of the Overview. Made from the result alone."""

from __future__ import annotations

from explainers.assurance.ranking import RankingResult
from explainers.assurance.reliability import ReliabilityResult
from explainers.overview.compute import Cutoff, OverviewResult
from explainers.style import day, month, of_100, percent, whole


def say_overview(result: OverviewResult) -> str:
    """Return the headline: what is estimated and how many pass."""
    verb = "the chance of " if result.is_probability else ""
    passed = of_100(result.approved / result.n) if result.n else "none"
    return f"This model estimates {verb}{result.outcome}. {passed.capitalize()} applications pass."


def say_span(result: OverviewResult) -> str:
    """Return the context: how many applications, from when to when, declined by what."""
    span = ""
    if result.first_day:
        one_day = result.first_day == result.last_day
        span = (
            f", dated {day(result.first_day)}"
            if one_day
            else f" from {day(result.first_day)} to {day(result.last_day)}"
        )
    rules = ""
    if result.declined_by_rule:
        rules = (
            f" {whole(result.declined_by_rule)} of them were declined by a policy rule, before the model's estimate."
        )
    return f"{whole(result.n)} applications{span}. Nothing is sampled.{rules}"


def say_approval(result: OverviewResult) -> str:
    """Return the finding of the volume picture: approval by partner over the last three months."""
    volume = result.volume
    if volume.empty:
        return "The table has no dates, so nothing can be shown over time"
    if not result.over_time:
        return "All applications are of one month, so nothing can be shown over time"
    months = sorted(volume["month"].unique())[-3:]
    recent = volume[volume["month"].isin(months)].groupby("partner")[["n", "approved"]].sum()
    rates = recent["approved"] / recent["n"]
    if len(rates) == 1:
        return f"{of_100(float(rates.iloc[0])).capitalize()} applications pass in the last three months"
    ordered = sorted((float(rate), str(partner)) for partner, rate in rates.items())
    (low, low_name), (high, high_name) = ordered[0], ordered[-1]
    return f"In the last three months {percent(low)} pass at {low_name} and {percent(high)} at {high_name}"


def say_volume_alt(result: OverviewResult) -> str:
    """Describe the volume picture, for readers who do not see it."""
    volume = result.volume
    if volume.empty:
        return "No picture: the table has no dates."
    first, last = month(volume["month"].min()), month(volume["month"].max())
    partners = volume["partner"].nunique()
    return f"Lines of the share of applications that pass, by month from {first} to {last}, for {partners} partner(s)."


def say_volume(result: OverviewResult) -> str:
    """Describe the picture of the number of applications by month."""
    by_month = result.volume.groupby("month")["n"].sum()
    return (
        f"Bars of the number of applications by month, from {whole(by_month.min())} to {whole(by_month.max())} a month."
    )


def say_how_to_read(result: OverviewResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    side = "at or below" if result.riskier_up else "at or above"
    return (
        f"An application passes when no policy rule declines it and its estimate is {side} the cut-off.",
        "The dots compare what the model said with what happened: each stands for a tenth of the applications with"
        " a known outcome, from the lowest estimates to the highest. The line through a dot is the range that"
        " chance alone leaves open (95 of 100 times).",
        "Dots on the dotted line mean that the estimates match what happened.",
    )


def say_limits(result: OverviewResult) -> tuple[str, ...]:
    """Return the paragraphs of "What this does not tell you"."""
    return (
        *result.limits,
        "These figures describe this snapshot. They do not say how the model will do on other applications or later.",
    )


def say_facts(result: OverviewResult) -> tuple[tuple[str, str], ...]:
    """Return names and values of the facts beside the pictures."""
    return (
        ("What it is for", result.purpose),
        ("Product", result.product),
        ("Who decides with it", result.decided_by),
        ("Who answers for it", result.owner),
        ("Cut-off", say_cutoff_facts(result)),
        (
            "What it looks at",
            f"{result.signals} signals in {len(result.families)} families: {', '.join(result.families)}",
        ),
        ("Snapshot", result.snapshot_id),
    )


def say_cutoff_facts(result: OverviewResult) -> str:
    """Name every cut-off with its partners."""
    if len(result.cutoffs) == 1:
        return _estimate(result, result.cutoffs[0].value)
    return "; ".join(f"{_estimate(result, c.value)} ({', '.join(c.partners)})" for c in result.cutoffs)


def say_scores(result: OverviewResult) -> str:
    """Return the finding of the score picture."""
    middle = _median(result)
    return f"Half of all estimates are below {_estimate(result, middle)}. {say_cutoffs(result)}"


def say_cutoffs(result: OverviewResult) -> str:
    """Name the cut-offs."""
    if len(result.cutoffs) == 1:
        return f"The cut-off is {_estimate(result, result.cutoffs[0].value)}"
    values = [_estimate(result, c.value) for c in result.cutoffs]
    return f"The cut-offs are {', '.join(values[:-1])} and {values[-1]}"


def say_cutoff(result: OverviewResult, cutoff: Cutoff) -> str:
    """Label one cut-off in the picture."""
    label = _estimate(result, cutoff.value)
    return label if len(result.cutoffs) == 1 or len(cutoff.partners) > 1 else f"{label} {cutoff.partners[0]}"


def say_ranking(ranking: RankingResult | None, outcome_past: str) -> str:
    """Say how well the model ranks, as pairs of a hundred."""
    if ranking is None:
        return "How well the model ranks cannot be told: too few outcomes are known."
    return (
        f"Of two applications, one that {_singular(outcome_past)} and one without this outcome, the model ranks the"
        f" first as riskier {of_100(ranking.auc)} times (range {round(ranking.low * 100)} to"
        f" {round(ranking.high * 100)}). Chance alone gives 50. Counted on {whole(ranking.n)} applications with a"
        f" known outcome that the model was not trained on, where the table tells."
    )


def say_reliability(reliability: ReliabilityResult | None, outcome_past: str) -> str:
    """Return the finding of the reliability picture."""
    if reliability is None:
        return "Estimates cannot be compared with outcomes: too few outcomes are known"
    mean, share = percent(reliability.mean_estimate, 1), percent(reliability.outcomes / reliability.n, 1)
    return f"On average the model estimated {mean}; {share} {outcome_past}"


def say_reliability_detail(reliability: ReliabilityResult, outcome_past: str) -> str:
    """Say in how many steps the estimate lies within what happened, and where it is furthest off."""
    steps = reliability.steps
    hits = sum(s.matches for s in steps)
    worst = max([s for s in steps if not s.matches] or steps, key=lambda s: abs(s.share - s.estimate))
    where = "Furthest off" if worst.matches else "Outside it" if hits == len(steps) - 1 else "Furthest outside it"
    return (
        f"In {hits} of {len(steps)} steps the mean estimate lies within the range of what happened. {where}: where"
        f" it said {percent(worst.estimate, 1)}, {percent(worst.share, 1)} {outcome_past}"
        f" (range {percent(worst.low, 1)} to {percent(worst.high, 1)})."
        f" {whole(reliability.n)} of {whole(reliability.n_total)} applications have a known outcome that counts here."
    )


def say_checks(result: OverviewResult) -> str:
    """Sum up the self-checks."""
    failed = [c for c in result.checks if not c.passed]
    if not failed:
        return f"All {len(result.checks)} self-checks passed when this snapshot was built"
    return f"{len(failed)} of {len(result.checks)} self-checks failed when this snapshot was built"


def _estimate(result: OverviewResult, value: float) -> str:
    if not result.is_probability:
        return f"{value:,.1f}"
    return percent(value, 0 if abs(value * 100 - round(value * 100)) < 0.05 else 1)


def _median(result: OverviewResult) -> float:
    """Return the middle estimate; within its step the estimates count as evenly spread."""
    steps, half = result.scores, result.scores["n"].sum() / 2
    place = int((steps["n"].cumsum() >= half).to_numpy().argmax())
    step, before = steps.iloc[place], float(steps["n"].iloc[:place].sum())
    within = (half - before) / step["n"] if step["n"] else 1.0
    return float(step["low"] + (step["high"] - step["low"]) * within)


def _singular(outcome_past: str) -> str:
    """Turn "were charged off" into "was charged off"."""
    head, _, rest = outcome_past.partition(" ")
    return f"was {rest}" if head == "were" else f"has {rest}" if head == "have" else outcome_past
