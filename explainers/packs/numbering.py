"""Tables and charts get their numbers, and the names of their files, in the order of reading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.workspace.pin_parts import Cell, ChartPart
from explainers.packs.document import ChartBlock, TableBlock

MOST_ROWS = 25
"""Rows of a table that a document shows; the evidence has all."""
WIDEST = 12
"""Columns of a table that fits on a page; a wider one is in the evidence only."""
LONGEST = 48
"""Letters of a file's name that come from what is in it."""


class Numbering:
    """Counts the tables and the charts of one pack.

    Parameters
    ----------
    evidence : bool
        Whether the readers of the pack get its evidence; otherwise no table is said to be there only.
    """

    def __init__(self, *, evidence: bool = True) -> None:
        self._evidence = evidence
        self._tables = 0
        self._charts = 0

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[tuple[Cell, ...]],
        *,
        name: str = "",
        behind: int | None = None,
        show: bool = True,
    ) -> tuple[TableBlock, ...]:
        """Return the next table; nothing for one that would stand nowhere.

        Parameters
        ----------
        title : str
            What stands over it.
        columns, rows : sequence
            Titles and cells.
        name : str
            What its file is called after; the title where it is empty.
        behind : int, optional
            Number of the chart whose figures these are.
        show : bool
            Whether a document shows the first rows; otherwise only the evidence has them.
        """
        shown = tuple(rows[:MOST_ROWS]) if show and len(columns) <= WIDEST else ()
        if rows and not shown and not self._evidence:
            return ()
        self._tables += 1
        every = () if len(shown) == len(rows) else tuple(rows)
        file = _file("table", self._tables, name or title) if self._evidence else ""
        return (TableBlock(self._tables, title, tuple(columns), shown, len(rows), file, every, behind),)

    def chart(self, part: ChartPart, name: str) -> ChartBlock:
        """Return the next chart; `name` is what its file is called after."""
        self._charts += 1
        return ChartBlock(self._charts, part, _file("chart", self._charts, name) if self._evidence else "")


def _file(kind: str, number: int, name: str) -> str:
    """Return a name that every machine can write: small letters, digits and dashes."""
    short = re.sub(r"[^a-z0-9]+", "-", name.lower())[:LONGEST].strip("-")
    return f"{kind}-{number:02d}{f'-{short}' if short else ''}.csv"
