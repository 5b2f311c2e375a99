"""Names and addresses for a batch of letters: read from a CSV file given on the command line, kept in memory only."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from data.errors import InputProblems, Problem
from explainers.notices.result import Recipient

NUMBER, NAME, ADDRESS = "application", "name", "address"
ALLOWED = "a CSV file in UTF-8 with the columns application, name, and address1, address2, …"
LISTED = 5
"""Lines that a report names."""


class NamesProblems(InputProblems):
    """A file of names that cannot be used, with every reason; never with a name."""


def read_names(path: Path, wanted: Collection[str]) -> dict[str, Recipient]:
    """Read to whom letters go.

    Parameters
    ----------
    path : Path
        The CSV file. Empty cells of an address are left out.
    wanted : collection of str
        Numbers of the applications of the batch; other lines are not kept.

    Raises
    ------
    NamesProblems
        It cannot be read, lacks a column, or names an application twice.
    """
    found: dict[str, Recipient] = {}
    twice: list[int] = []
    try:
        for line, row in _rows(path):
            number = (row[NUMBER] or "").strip()
            if number in found:
                twice.append(line)
            elif number in wanted and (row[NAME] or "").strip():
                parts = [row[column] for column in row if column.startswith(ADDRESS)]
                address = tuple(text.strip() for text in parts if text and text.strip())
                found[number] = Recipient(row[NAME].strip(), address)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problem = Problem(path.name, "a file that cannot be read", ALLOWED, "Check the file.")
        raise NamesProblems("The names cannot be used", [problem]) from error
    if twice:
        place = f"{path.name} lines {', '.join(map(str, twice[:LISTED]))}{' …' if len(twice) > LISTED else ''}"
        problem = Problem(place, "an application that was named before", "one line each", "Remove the lines.")
        raise NamesProblems("The names cannot be used", [problem])
    return found


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield every line with its number."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restval="", strict=True)
        columns = list(reader.fieldnames or [])
        absent = [column for column in (NUMBER, NAME) if column not in columns]
        if absent:
            problem = Problem(f"{path.name} line 1", f"no column {' and no column '.join(absent)}", ALLOWED, "Add it.")
            raise NamesProblems("The names cannot be used", [problem])
        for row in reader:
            yield reader.line_num, {key: value for key, value in row.items() if isinstance(key, str)}
