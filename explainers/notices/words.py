"""A letter in words for the specialist: whether it can be sent, what is missing, which rule wants which part."""

from __future__ import annotations

import pandas as pd

from data.errors import Problem
from explainers.notices.result import NoticeResult
from explainers.style import day

PARTS = {
    "creditor": "Creditor",
    "action": "What was decided",
    "reasons": "Reasons",
    "report": "Credit report",
    "score": "Credit score",
    "key factors": "Key factors of the score",
    "ecoa": "Notice of rights",
    "agency": "Federal agency",
    "questions": "Questions",
    "other language": "Other language",
}
"""Words for the parts of a letter."""
LIMITS = (
    "The letter is evidence of how a decision was made. It is not legal advice: the lender answers for what it sends.",
    "It is about a decline. Offers on other terms, missing papers and changes to accounts need letters of their own.",
    "The name and the address are not here. They are added when files are made, and kept nowhere.",
)


def say_notice(result: NoticeResult) -> str:
    """Return the headline: whether there is a letter, and whether it can be sent."""
    if result.state == "not due":
        return "No letter is due for this application."
    if result.state == "ready":
        return "This is what the applicant would be told."
    missing = len(result.problems)
    return f"This letter cannot be sent yet: {missing} {'thing is' if missing == 1 else 'things are'} missing."


def say_context(result: NoticeResult) -> str:
    """Return who writes, and by when; the day is for the specialist and not on the letter."""
    if result.state == "not due":
        return say_missing(result.problems[0])
    who = " and ".join(result.creditors) or "the lender"
    who = f"{who[:1].upper()}{who[1:]}"
    if result.send_by is None:
        return f"{who} must send it within 30 days of a complete application."
    return f"{who} must send it by {day(result.send_by)}, if the application was complete on the day it was made."


def say_missing(problem: Problem) -> str:
    """Return one thing that stops a letter, as a sentence."""
    return f"{problem.place[:1].upper()}{problem.place[1:]}: found {problem.found}; needed: {problem.allowed}."


def table_missing(result: NoticeResult) -> pd.DataFrame:
    """Return everything that stops a letter, with what to do."""
    return pd.DataFrame(
        [{"Where": p.place, "Found": p.found, "Needed": p.allowed, "What to do": p.remedy} for p in result.problems]
    )


def table_sources(result: NoticeResult) -> pd.DataFrame:
    """Return which rule wants which part of the letter."""
    rows = [{"Part": _say_part(key), "Wanted by": rule} for key, rule in result.sources.items() if rule]
    return pd.DataFrame(rows)


def _say_part(key: str) -> str:
    """Name a part: in a joint letter with its creditor."""
    kind, _, creditor = key.partition(": ")
    return f"{PARTS[kind]} ({creditor})" if creditor else PARTS[kind]


def say_prompt() -> str:
    """Return what to do first."""
    return "Type the number of a declined application to read the letter, or pick one."


def say_how_to_read() -> tuple[str, ...]:
    """Return how to read the page."""
    return (
        "The letter is put together from the reasons of this decision, the model card and the approved words of the"
        " reason catalogue. Nobody types into it here.",
        "It has at most four reasons for each lender, the strongest first. They come from the stage that declined: a"
        " rule, the model, or a person.",
        "Where a credit score was used, what its provider says of it is a list of its own. It never stands in for a"
        " reason.",
        "A letter that lacks something it must have is not made: everything that is missing is listed instead.",
    )


def file_stem(result: NoticeResult) -> str:
    """Return the name of a letter’s file, without its ending."""
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in result.application_id)[:60]
    return f"letter-{plain}-{result.language}"
