"""Reading a staging database batch by batch, in row order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.sql import cursor, open_readonly, quote_identifier


class StagedRows:
    """A staging database, open for reading; a context manager.

    Parameters
    ----------
    database : Path
        Written by `data.staging.stage`.
    """

    def __init__(self, database: Path) -> None:
        self._connection = open_readonly(database)
        self.n = int(self._value("SELECT count(*) FROM staged"))
        self._signals = self._names("signals")
        self._extras = self._names("extras")

    def __enter__(self) -> StagedRows:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def as_of(self) -> date | None:
        """Return the date of the latest application."""
        latest: date | None = self._value("SELECT max(application_date) FROM staged")
        return latest

    def column(self, name: str) -> np.ndarray[Any, Any]:
        """Return one column of `staged` for every application, in row order."""
        frame = self._query(f"SELECT {quote_identifier(name)} FROM staged ORDER BY row_no")  # noqa: S608
        values: np.ndarray[Any, Any] = frame.iloc[:, 0].to_numpy()
        return values

    def signals(self, first: int, end: int) -> pd.DataFrame:
        """Return the model's inputs of rows `first` to `end` (exclusive), one column per signal."""
        return self._block("staged_signals", self._signals, first, end)

    def extras(self, first: int, end: int) -> pd.DataFrame:
        """Return the columns that only stages beside the model use, of rows `first` to `end` (exclusive)."""
        return self._block("staged_extras", self._extras, first, end)

    def _block(self, table: str, names: dict[str, str], first: int, end: int) -> pd.DataFrame:
        if not names:
            return pd.DataFrame(index=range(end - first))
        columns = ", ".join(f"{stored} AS {quote_identifier(name)}" for name, stored in names.items())
        sql = f"SELECT {columns} FROM {table} WHERE row_no >= $first AND row_no < $end ORDER BY row_no"  # noqa: S608
        return self._query(sql, {"first": first, "end": end})

    def _names(self, table: str) -> dict[str, str]:
        frame = self._query(f"SELECT name, stored FROM {table} ORDER BY position")  # noqa: S608 - two fixed names
        return dict(zip(frame["name"].astype(str), frame["stored"].astype(str), strict=True))

    def _value(self, sql: str) -> Any:
        with cursor(self._connection) as own:
            row = own.execute(sql).fetchone()
        return None if row is None else row[0]

    def _query(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        with cursor(self._connection) as own:
            frame: pd.DataFrame = own.execute(sql, parameters or {}).df()
        return frame
