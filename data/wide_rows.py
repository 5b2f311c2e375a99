"""Reading rows of hundreds of signals, within little memory: some columns or some rows at a time.

A statement over every column of a wide table takes time to plan, and sorting whole rows, or joining them, holds them
all in memory. So statements here neither sort nor join: they choose rows of `signal_values` in place, which is stored
in the order of row numbers, and one for each block of columns, two side by side.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.scoped import ScopedDatabase

COLUMNS_AT_ONCE = 900
"""Columns of one statement at most."""
STATEMENTS_AT_ONCE = 2
STATEMENT_BYTES = 32 << 20
"""Numbers that one statement may return, in bytes."""
FRAME_BYTES = 128 << 20
"""Numbers of a block of rows, in bytes."""
FEW = 2
"""Up to so many applications are read one by one."""
REMEMBERED = 32
"""Applications whose signals are kept for the viewers of one scope: a page asks for the same ones several times."""
Run = Callable[[str, dict[str, Any]], pd.DataFrame]
_TURNS = threading.BoundedSemaphore(STATEMENTS_AT_ONCE)
"""Statements over many rows take turns, whoever asks: together they would not fit into DuckDB's memory."""
Row = tuple[npt.NDArray[np.float64], list[str | None]]
Item = TypeVar("Item")


def rows_at_once(columns: int, most: int) -> int:
    """Return how many rows of so many columns make a block, `most` at most."""
    return max(1, min(most, FRAME_BYTES // (8 * max(columns, 1))))


def read_columns(
    run: Run, columns: Mapping[str, str], where: str, parameters: Mapping[str, Any], n: int
) -> pd.DataFrame:
    """Return signals of the rows that meet a condition, in the order of row numbers.

    Parameters
    ----------
    run : callable
        Runs SQL with parameters in a viewer's scope.
    columns : mapping of str to str
        Signals with their stored columns.
    where : str
        The condition on `v`, the table of signals. It must keep to the scope.
    parameters : mapping of str to value
        What the condition needs.
    n : int
        About how many rows there are, to bound what one statement returns.

    Returns
    -------
    pandas.DataFrame
        Indexed by row number, one column per signal.
    """

    def read(names: Sequence[str]) -> pd.DataFrame:
        listed = "".join(f", v.{columns[name]}" for name in names)
        with _TURNS:
            found = run(f"SELECT v.row_no{listed} FROM signal_values v WHERE {where}", dict(parameters))
        found = found.set_index("row_no")
        found.columns = pd.Index(list(names), dtype="str")
        return found if found.index.is_monotonic_increasing else found.sort_index()

    at_once = max(1, min(COLUMNS_AT_ONCE, STATEMENT_BYTES // (8 * max(n, 1))))
    parts = _side_by_side(read, _blocks(list(columns), at_once))
    return parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)


def _blocks(names: Sequence[str], at_once: int) -> list[Sequence[str]]:
    """Cut names into runs of like length; an even number of runs keeps two statements busy to the end."""
    runs = -(-len(names) // at_once)
    size = -(-len(names) // (runs + runs % 2 if runs > 1 else 1)) or 1
    return [names[first : first + size] for first in range(0, len(names), size)]


def _side_by_side(read: Callable[[Sequence[str]], Item], blocks: list[Sequence[str]]) -> list[Item]:
    if len(blocks) == 1:
        return [read(blocks[0])]
    with ThreadPoolExecutor(STATEMENTS_AT_ONCE) as pool:
        return list(pool.map(read, blocks))


class SignalRows:
    """The signals of single applications in a viewer's scope.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot's database in the viewer's scope.
    columns : mapping of str to str
        Signals with their stored columns, in the order they are returned in.
    numbers : collection of str
        Those that are numbers; the others are text.
    """

    def __init__(self, database: ScopedDatabase, columns: Mapping[str, str], numbers: Collection[str]) -> None:
        self._database = database
        self._columns = columns
        self._numbers = [name for name in columns if name in numbers]
        self._texts = [name for name in columns if name not in numbers]
        self._order = pd.Index(list(columns), dtype="str")
        self._found = lru_cache(maxsize=REMEMBERED)(self._find)

    def read(self, row_nos: Sequence[int]) -> pd.DataFrame:
        """Return the signals of applications in scope, in the order asked for, as often as asked for."""
        if len(row_nos) > FEW:
            return self._many([int(row) for row in row_nos])
        found = [row for row in (self._found(int(row)) for row in row_nos) if row is not None]
        numbers = np.array([row[0] for row in found]).reshape(len(found), len(self._numbers))
        texts = {name: _as_text([row[1][i] for row in found]) for i, name in enumerate(self._texts)}
        parts = [pd.DataFrame(numbers, columns=pd.Index(self._numbers, dtype="str")), pd.DataFrame(texts)]
        return pd.concat([part for part in parts if part.shape[1]], axis=1)[self._order]

    def _many(self, row_nos: list[int]) -> pd.DataFrame:
        where = "v.row_no IN (SELECT row_no FROM seen WHERE row_no IN (SELECT unnest($rows)))"
        found = read_columns(self._database.frame, self._columns, where, {"rows": row_nos}, len(row_nos))
        places = found.index.get_indexer(pd.Index(row_nos))
        return found.take(places[places >= 0]).reset_index(drop=True)

    def _find(self, row_no: int) -> Row | None:
        """Return the numbers and the texts of one application; None beyond the scope."""
        blocks = [*_blocks(self._numbers, COLUMNS_AT_ONCE), *_blocks(self._texts, COLUMNS_AT_ONCE)]
        found = [value for part in _side_by_side(lambda names: self._values(names, row_no), blocks) for value in part]
        if not found:
            return None
        count = len(self._numbers)
        return np.array(found[:count], dtype=np.float64), found[count:]

    def _values(self, names: Sequence[str], row_no: int) -> list[Any]:
        """Return some signals of one application; nothing beyond the scope.

        They come as one list: turning a column each into a frame takes longer than reading them.
        """
        listed = ", ".join(f"v.{self._columns[name]}" for name in names)
        found = self._database.frame(
            f"SELECT [{listed}] AS listed FROM signal_values v WHERE v.row_no = $row"
            " AND EXISTS (SELECT 1 FROM seen WHERE row_no = $row)",
            {"row": row_no},
        )
        return [value for row in found["listed"] for value in row.tolist()]


def _as_text(values: list[str | None]) -> pd.Series[Any]:
    """Return a column as DuckDB gives it: without any text it has no type of its own."""
    return pd.Series(values, dtype="str" if any(value is not None for value in values) else object)
