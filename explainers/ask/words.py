"""The sentences of the search box. Made from what was found alone."""

from __future__ import annotations

from explainers.ask.result import AskResult, Slots

SHOWS = {
    "overview": "What this model is and how good it is",
    "reasons": "How often each reason is given",
    "evidence": "The tests of the reasons: can we rely on them?",
    "drivers": "What drives the decisions, the strongest first",
    "absence": "What the model uses, and what it must not use",
    "interactions": "Which signals work together",
    "cohorts": "Some of the applications beside all of them",
    "partners": "Partners beside each other",
    "snapshots": "Two snapshots beside each other",
    "health": "The checks of this snapshot",
    "log": "What was shown to whom",
    "fairness": "Whether groups of people are treated differently",
    "alternatives": "Other models that do as well with smaller gaps",
    "sessions": "Meetings and their questions",
    "pins": "The answers that were kept",
}
ONE = {
    "decision": "Why {one} was decided this way",
    "notice": "What the applicant of {one} would be told",
    "what_if": "What happens when values of {one} change",
    "recourse": "What would change the decision on {one}",
    "similar": "Applications like {one}",
}
"""Sentences about one application."""


def say_link(intent: str, slots: Slots) -> str:
    """Say what a link will show."""
    if intent in ONE:
        return ONE[intent].format(one=f"application {slots.numbers[0]}" if slots.numbers else "an application")
    if intent == "pair":
        beside = f"Applications {' and '.join(slots.numbers[:2])}" if len(slots.numbers) > 1 else "Two applications"
        return f"{beside} side by side"
    if intent == "signal":
        first, *more = slots.topics
        kind = "family of signals " if first.family else ""
        cut = f", cut by “{more[0].label}”" if more and not first.family and not more[0].family else ""
        return f"How much the {kind}“{first.label}” matters{cut}{_where(slots)}"
    where = "" if intent == "snapshots" else _where(slots)
    if intent in {"overview", "absence", "evidence", "health", "log", "alternatives", "sessions", "pins"}:
        return SHOWS[intent]
    return f"{SHOWS[intent]}{where}"


def _where(slots: Slots) -> str:
    """Say which applications are meant."""
    parts = [", ".join(slots.partners)] if slots.partners else []
    if slots.first_month is not None and slots.last_month is not None:
        one = slots.first_month == slots.last_month
        parts.append(slots.first_month if one else f"{slots.first_month} to {slots.last_month}")
    return f": {'; '.join(parts)}" if parts else ""


def say_ask(result: AskResult) -> str:
    """Say how sure the answer is: the page is open, one of a list, or none.

    Parameters
    ----------
    result : AskResult
        From `compute_ask`.
    """
    if result.state == "sure":
        return result.links[0].words
    if result.state == "list" and result.links:
        return "Which of these do you mean?"
    return "I cannot answer that. Here is what I can show:"
