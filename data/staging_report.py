"""What is collected while a table is checked: problems, notes and the names of rows.

Rows are named by where they stand in the source. What stands *in* them is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NoReturn

from data.errors import Problem, TableError

SHOWN_ROWS = 5
"""Rows named in one problem; the count always covers all of them."""
SHOWN_COLUMNS = 30
"""Columns named one by one before the rest is counted."""


@dataclass
class Report:
    """Problems and notes about one table, gathered until they are raised together."""

    title: str
    """What could not be used, when there is a problem."""
    problems: list[Problem] = field(default_factory=list)
    """Everything that stops the table from being used."""
    notes: list[str] = field(default_factory=list)
    """What a reader should know though the table is usable."""

    def problem(self, place: str, found: str, allowed: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(place, found, allowed, remedy))

    def note(self, words: str) -> None:
        """Add a note."""
        self.notes.append(words)

    def raise_problems(self) -> None:
        """Raise everything found so far, if anything was found.

        Raises
        ------
        TableError
            With all problems.
        """
        if self.problems:
            raise TableError(self.title, self.problems)

    def stop(self, place: str, found: str, allowed: str, remedy: str) -> NoReturn:
        """Add a problem after which nothing more can be checked, and raise all of them.

        Raises
        ------
        TableError
            Always.
        """
        self.problem(place, found, allowed, remedy)
        raise TableError(self.title, self.problems)


@dataclass(frozen=True)
class RowNames:
    """Turns the position of a row into words a person can find it by."""

    by_line: bool = False
    """True for a CSV file with one row per line: rows are named by their line."""
    skipped_lines: tuple[int, ...] = ()
    """Lines of the file that hold no usable row, in order."""

    def words(self, rows: Sequence[int]) -> str:
        """Name rows given by their position, 1 for the first row of the table."""
        noun = "line" if self.by_line else "row"
        numbers = [f"{self._number(row):,}" for row in rows]
        return f"{noun} {numbers[0]}" if len(numbers) == 1 else f"{noun}s {', '.join(numbers)}"

    def first(self, rows: Sequence[int], total: int) -> str:
        """Name the first rows of a total, saying that there are more."""
        return self.words(rows) + (", …" if total > len(rows) else "")

    def _number(self, row: int) -> int:
        line = row + 1 if self.by_line else row
        for skipped in self.skipped_lines:
            line += skipped <= line
        return line


def count(number: int, noun: str) -> str:
    """Write a count with its noun: "1 row", "1,204 rows"."""
    plural = noun if number == 1 else f"{noun}s"
    return f"{number:,} {plural}"


def some(names: Iterable[str], total: int) -> str:
    """List names, at most `SHOWN_COLUMNS`, and say how many more there are."""
    shown = list(islice(names, SHOWN_COLUMNS))
    more = total - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def columns(names: Sequence[str]) -> str:
    """Name columns as a place: "column income", "columns a, b"."""
    noun = "column" if len(names) == 1 else "columns"
    return f"{noun} {some(names, len(names))}"
