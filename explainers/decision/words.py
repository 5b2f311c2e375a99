"""The sentences of one decision. Made from the result alone."""

from __future__ import annotations

from explainers.decision.result import Agreement, DecisionResult, Experience, shown_rows
from explainers.style import MINUS, THIN, amount, day, of_100, percent, points, whole

LIMIT = "These reasons say what the model used. They do not say what made anything happen in this person’s life."
METHOD = (
    "Exact interventional Shapley values of the raw score against every application of the comparison group."
    " Points are contributions times the slope of the chord between the two estimates."
)
NUMBERS = ("No", "One", "Two", "Three", "Four")


def say_estimate(result: DecisionResult, value: float, digits: int = 0) -> str:
    """Write an estimate on the result's scale."""
    if result.scale == "probability":
        return percent(value, _digits(value, digits))
    return f"{value:,.{max(digits, 1)}f}".replace("-", MINUS)


def say_points(result: DecisionResult, value: float) -> str:
    """Write a signed difference of estimates: percentage points for a probability."""
    return points(value) if result.scale == "probability" else amount(value, 2)


def say_unit(result: DecisionResult) -> str:
    """Name the unit of the bars."""
    if result.scale == "probability":
        return f"percentage points of the estimated chance of {result.outcome_words}"
    return f"units of the estimate ({result.outcome_words})"


def say_decision(result: DecisionResult) -> str:
    """Return the headline: the decision, the estimate, the cut-off."""
    estimate, cutoff = say_estimate(result, result.estimate), say_estimate(result, result.cutoff)
    if estimate == cutoff and result.estimate != result.cutoff:
        estimate = say_estimate(result, result.estimate, 1)
        cutoff = say_estimate(result, result.cutoff, 1)
    if result.scale == "probability":
        model = f"the model estimates {_article(estimate)} {estimate} chance of {result.outcome_words}"
    else:
        model = f"the model estimates {estimate} for {result.outcome_words}"
    if result.stage == "policy rule":
        return f"Declined by a policy rule: {result.rule_reason}. Apart from it, {model}; the cut-off is {cutoff}."
    if result.stage == "review":
        return f"{result.decision.capitalize()} by a person: {model}, near the cut-off of {cutoff}."
    return f"{result.decision.capitalize()}: {model}. The cut-off is {cutoff}."


def say_prompt(n_total: int) -> str:
    """Say what to do while no application is chosen."""
    return f"Type its number, or pick one. {whole(n_total)} applications can be asked for."


def say_context(result: DecisionResult) -> str:
    """Return the one sentence under the headline: what happened before, and the comparison group."""
    sentences = []
    seen = result.experience
    if seen is not None:
        sentences.append(
            f"Of {whole(seen.n)} past applications with the closest estimates, about"
            f" {of_100(seen.outcomes / seen.n)} {result.outcome_past}."
        )
    sentences.append(f"Compared with {say_group(result)}.")
    return " ".join(sentences)


def say_group(result: DecisionResult) -> str:
    """Name the comparison group with its size."""
    n, own = whole(result.comparison.n), "of your own " if result.comparison.own_only else ""
    if result.comparison.name == "just_approved":
        return f"{n} {own}applications that were just approved"
    if result.comparison.name == "all_applicants":
        return f"all {n} {own}applications"
    return f"{n} {own}applications ({result.comparison.name})"


def say_group_short(result: DecisionResult) -> str:
    """Name the comparison group beside a value."""
    names = {"just_approved": "just approved", "all_applicants": "all applications"}
    return names.get(result.comparison.name, result.comparison.name)


def say_record(result: DecisionResult) -> str | None:
    """Say so when the decision on record is another one; None when it is the same or not known."""
    if result.recorded_decision in (None, result.decision):
        return None
    return (
        f"On record this application was {result.recorded_decision}, although the model and the cut-off say"
        f" {result.decision}. A person or a rule outside the model decided otherwise; these bars explain the model."
    )


def say_against_title(result: DecisionResult) -> str:
    """Title of the bars that count against approval."""
    count = len(shown_rows(result).against)
    if count == 0:
        return "Nothing of size counted against this application"
    if result.decision == "declined" and result.stage == "model":
        things = "reason" if count == 1 else "reasons"
        side = "above" if result.riskier_up else "below"
        return f"{NUMBERS[count]} {things} moved the estimate {side} the cut-off"
    return f"What moved the estimate {'up' if result.riskier_up else 'down'}"


def say_total(result: DecisionResult) -> str:
    """Label of the total: from the group's typical estimate to this application's."""
    start = say_estimate(result, result.comparison.baseline_estimate, 1)
    return f"Typical {say_group_short(result)} {start} → this application {say_estimate(result, result.estimate, 1)}"


def say_sum(result: DecisionResult) -> str:
    """Say what the bars are and that they add up."""
    unit = say_unit(result)
    return f"{unit[0].upper()}{unit[1:]}. Before rounding, the bars add up to the total exactly."


def say_adds_up(result: DecisionResult) -> str:
    """Say how much of the score the parts explain."""
    return f"The parts explain {result.explained * 100:.2f}{THIN}% of the score."


def say_agreement_title(agreement: Agreement) -> str:
    """Title of the check against another comparison group."""
    return f"Another accepted comparison agrees on {agreement.kept} of {agreement.listed}"


def say_agreement(agreement: Agreement) -> str:
    """Say which reasons change against another comparison group."""
    other = {"just_approved": "just-approved applications", "all_applicants": "all applications"}[agreement.group]
    if not agreement.gone:
        return f"Compared with {other}, the same reasons are listed."
    gone = " and ".join(f"“{name}”" for name in agreement.gone)
    verb = "is" if len(agreement.gone) == 1 else "are"
    if not agreement.come:
        return f"Compared with {other}, {gone} {verb} no longer listed."
    come = " and ".join(f"“{name}”" for name in agreement.come)
    return f"Compared with {other}, {gone} {verb} replaced by {come}."


def say_experience(seen: Experience, outcome_past: str) -> str:
    """Say what happened to past applications with the closest estimates, with its range."""
    low, high = round(seen.low * 100), round(seen.high * 100)
    return (
        f"{of_100(seen.outcomes / seen.n).capitalize()} past applications with the closest estimates"
        f" {outcome_past} (range {low} to {high}, counted on {whole(seen.n)})."
    )


def say_technical(result: DecisionResult) -> tuple[tuple[str, str], ...]:
    """Return names and values for readers who re-compute; nothing for an audience that sees estimates only."""
    group = result.comparison
    if result.raw_score is None or group.baseline is None or result.residual is None:
        return ()
    return (
        ("Raw score (log-odds)" if result.scale == "probability" else "Raw score", f"{result.raw_score:.9f}"),
        ("Mean raw score of the comparison group", f"{group.baseline:.9f}"),
        ("Raw score less that mean less all contributions", f"{result.residual:.1e}"),
        ("Estimate", f"{result.estimate:.9f}"),
        ("Estimate at the mean raw score", f"{group.baseline_estimate:.9f}"),
        ("Cut-off", f"{result.cutoff:g}"),
        ("Comparison group", f"{group.rule}; {whole(group.n)} applications"),
        ("SHA-256 of model and comparison group", group.content_hash),
        ("Snapshot", result.snapshot_id),
        ("Method", METHOD),
    )


def say_scale(result: DecisionResult) -> str:
    """Describe the picture of the estimate, for readers who do not see it."""
    return (
        f"A scale of the estimate from {say_estimate(result, result.comparison.low)} to"
        f" {say_estimate(result, result.comparison.high)}. This application stands at"
        f" {say_estimate(result, result.estimate, 1)}, the cut-off at {say_estimate(result, result.cutoff, 1)}."
        f" {_say_shape(result)}"
    )


def _say_shape(result: DecisionResult) -> str:
    group = result.comparison
    if group.drawn == group.n:
        return f"The shaded shape shows where the estimates of {say_group(result)} lie."
    if group.drawn == 0:
        return "No shape is drawn: none of the comparison group is your own."
    return f"The shaded shape is drawn from your own {whole(group.drawn)} of {say_group(result)}."


def say_how_to_read(result: DecisionResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    start = say_estimate(result, result.comparison.baseline_estimate, 1)
    return (
        f"Each bar shows how far one group of signals moved the model's estimate away from {start}, the estimate"
        f" at the average score of {say_group(result)}.",
        "Orange bars raise the estimate, blue bars lower it. The figure beside a bar is the size of the move.",
        "The bars are the model's exact contributions, all drawn to one scale. They add up to the difference"
        " between the two estimates.",
        f"The rule of the comparison group: {result.comparison.rule}",
    )


def say_limits(result: DecisionResult) -> tuple[str, ...]:
    """Return the paragraphs of "What this does not tell you"."""
    return (
        LIMIT,
        "Another accepted comparison group can put other reasons first. Choose it above to see.",
        "A change in one of these signals may not change the decision. This page is no promise.",
        f"{say_provenance(result)}",
    )


def say_provenance(result: DecisionResult) -> str:
    """Say from which snapshot and day this is."""
    on = f" of {day(result.application_date)}" if result.application_date else ""
    return f"It describes one application{on} as scored in snapshot {result.snapshot_id}."


def _digits(value: float, digits: int) -> int:
    """Write chances near the ends with a decimal, so that 0.4 % does not read as 0 %, nor 99.9 % as 100 %."""
    return max(digits, 1) if 0 < value < 0.01 or 0.99 < value < 1 else digits


def _article(number: str) -> str:
    """Return "an" before 8, 11, 18 and eighty-something, else "a"."""
    head = number.split(THIN)[0].split(".")[0]
    return "an" if head in {"11", "18"} or head.startswith("8") else "a"
