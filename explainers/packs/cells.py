"""Cells of tables in documents: which columns hold numbers, and how wide columns should be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data.workspace.pin_parts import Cell
from explainers.packs import fit
from explainers.packs.document import say_cell
from explainers.style import MINUS, THIN

NUMBER = re.compile(rf"[+{MINUS}-]?\$?[\d,]*\.?\d+(e[+-]?\d+)?[ {THIN}\xa0]?(%|pp|points?)?")
"""What stands in a column of numbers, beside plain numbers."""
NARROWEST = 0.4
"""Inches of the text of a column at least."""
BESIDE = 0.2
"""Inches beside the text of a column, both sides together."""


def is_numeric(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    """Return whether a column holds numbers, with or without units, and nothing else."""
    cells = [say_cell(row[column]).strip() for row in rows]
    known = [cell for cell in cells if cell]
    return bool(known) and all(NUMBER.fullmatch(cell) for cell in known)


def column_widths(columns: Sequence[str], rows: Sequence[Sequence[str]], size: float, room: float) -> list[float]:
    """Return how wide the columns of a table should be: no word is broken as long as there is room.

    Parameters
    ----------
    columns : sequence of str
        Titles, which are bold.
    rows : sequence of rows
        Cells as written.
    size : float
        Points of the letters.
    room : float
        Inches there are.

    Returns
    -------
    list of float
        Inches, together at most `room`.
    """
    least, natural = [], []
    for place, title in enumerate(columns):
        texts = [row[place] for row in rows]
        words = [word for text in texts for word in text.split(" ")]
        least.append(max(_inches(title.split(" "), size, fit.BOLD), _inches(words, size), NARROWEST) + BESIDE)
        natural.append(max(_inches([title], size, fit.BOLD), _inches(texts, size), NARROWEST) + BESIDE)
    if sum(natural) <= room:
        return natural
    if sum(least) >= room:
        return [one * room / sum(least) for one in least]
    share = (room - sum(least)) / (sum(natural) - sum(least))
    return [low + (high - low) * share for low, high in zip(least, natural, strict=True)]


def _inches(texts: Sequence[str], size: float, bold: float = 1.0) -> float:
    return max(map(fit.length, texts), default=0.0) * size * fit.SANS * bold / fit.POINTS
