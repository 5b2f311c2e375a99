"""The errors Candor shows to people: what failed, what was found, what is allowed, what to do.

Every error a person can meet is a `CandorError`. Messages never hold an applicant's values: they
name columns, counts and places. Errors of libraries are wrapped at the edge with ``raise … from``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CandorError(Exception):
    """Base of all errors shown to people.

    Parameters
    ----------
    title : str
        What failed, as a short sentence without a full stop.
    message : str
        What was found and what is allowed.
    remedy : str
        What the reader can do now.
    """

    def __init__(self, title: str, message: str, remedy: str) -> None:
        super().__init__(f"{title}. {message} {remedy}".strip())
        self.title = title
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input."""

    place: str
    """Where: "card.yaml line 12, features.income.unit", "column loan_amount", "rows 4, 17, …"."""
    found: str
    """What stands there (never an applicant's value)."""
    allowed: str
    """What may stand there."""
    remedy: str
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.place}: found {self.found}; allowed: {self.allowed}. {self.remedy}"


class InputProblems(CandorError):
    """An input with one or more problems, all reported together.

    Parameters
    ----------
    title : str
        What could not be used.
    problems : sequence of Problem
        Every problem found; at least one.
    """

    def __init__(self, title: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        listed = "\n".join(f"  {i}. {p}" for i, p in enumerate(self.problems, start=1))
        super().__init__(
            title,
            f"{count} {noun} found:\n{listed}\n",
            "Nothing was written. Mend every point above and run it again.",
        )


class CardError(InputProblems):
    """The model card cannot be used as it is."""


class TableError(InputProblems):
    """The table of applications cannot be used as it is."""


class ModelFileError(CandorError):
    """A model file cannot be read, or is of a kind Candor does not explain."""


class SnapshotError(CandorError):
    """A snapshot cannot be opened, verified or written."""


class NotFoundForViewer(CandorError):
    """The thing asked for does not exist, or not for this viewer: the two look alike on purpose."""


class BudgetSpent(CandorError):
    """A viewer asked as many questions of a kind as one may in an hour."""


class AttributionError(CandorError):
    """Contributions cannot be computed for this input."""


class WorkspaceError(CandorError):
    """The workspace database cannot be opened, read or written, or was asked for something it does not keep."""
