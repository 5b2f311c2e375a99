"""Hiding small cells so that they cannot be worked out from what is shown.

Where a table is shown with its sums, one empty cell is no secret: it is the sum less the rest. So more cells are hidden
until no hidden one follows from the others (complementary suppression), and until what is hidden in a row or column
is together large enough to be shown: anybody can subtract up to there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
DETERMINED = 1e-9
"""A cell whose own direction is this close to what the sums tell is known."""


def fold_small(counts: Sequence[int], least: int) -> tuple[int, ...]:
    """Return which values of one attribute are put together, so that none is shown that is too small.

    Parameters
    ----------
    counts : sequence of int
        Applications of each value.
    least : int
        A value with fewer is not shown alone.

    Returns
    -------
    tuple of int
        Positions of the values that are put together, two at least and `least` applications in sum (or all of them);
        empty where every value is large enough.
    """
    order = sorted(range(len(counts)), key=lambda i: (counts[i], i))
    if not order or counts[order[0]] >= least:
        return ()
    folded: list[int] = []
    for place in order:
        if counts[place] >= least and len(folded) >= 2 and sum(counts[i] for i in folded) >= least:
            break
        folded.append(place)
    return tuple(sorted(folded))


def hide_cells(counts: npt.NDArray[np.int64], least: int) -> Flags:
    """Return which cells of a table with known sums of rows and columns are hidden.

    Parameters
    ----------
    counts : numpy.ndarray
        (rows, columns) applications of each cell.
    least : int
        A cell with fewer is hidden, an empty one too.

    Returns
    -------
    numpy.ndarray
        (rows, columns), True where hidden. No hidden cell follows from the shown ones and the sums, and the hidden
        ones of a row or column have `least` applications together where there are as many.
    """
    hidden = np.asarray(counts) < least
    while True:
        more = _next(counts, hidden, least)
        if more is None:
            return hidden
        hidden[more] = True


def find_determined(hidden: Flags) -> Flags:
    """Return which hidden cells follow from the shown cells and the sums of rows and columns.

    A cell is known exactly where its direction lies in the space of the sums' equations over the hidden cells.
    """
    rows, columns = np.nonzero(hidden)
    found = np.zeros_like(hidden)
    if not len(rows):
        return found
    sums = np.zeros((sum(hidden.shape), len(rows)))
    sums[rows, np.arange(len(rows))] = 1.0
    sums[hidden.shape[0] + columns, np.arange(len(rows))] = 1.0
    known = np.einsum("ij,ji->i", np.linalg.pinv(sums), sums) > 1.0 - DETERMINED
    found[rows[known], columns[known]] = True
    return found


def _next(counts: npt.NDArray[np.int64], hidden: Flags, least: int) -> tuple[int, int] | None:
    """Return one more cell to hide, or None where nothing more is needed or possible."""
    for axis in (0, 1):
        for line in range(hidden.shape[axis]):
            flags, values = np.take(hidden, line, axis), np.take(counts, line, axis)
            if flags.any() and not flags.all() and (flags.sum() < 2 or values[flags].sum() < least):
                return _smallest(values, flags, line, axis)
    for line, column in zip(*np.nonzero(find_determined(hidden)), strict=True):
        for axis, place in ((0, line), (1, column)):
            flags = np.take(hidden, place, axis)
            if not flags.all():
                return _smallest(np.take(counts, place, axis), flags, int(place), axis)
    return None


def _smallest(values: npt.NDArray[np.int64], flags: Flags, line: int, axis: int) -> tuple[int, int]:
    place = int(np.argmin(np.where(flags, np.iinfo(np.int64).max, values)))
    return (line, place) if axis == 0 else (place, line)
