"""Queries in a viewer's scope: the only place where a snapshot's database is asked for rows."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.sql import cursor


class ScopedDatabase:
    """A snapshot's database as one viewer may see it.

    Every statement begins with a definition of `seen`: the applications in the viewer's scope. The
    partner goes in as a parameter. DuckDB folds the definition into the query, so an unscoped
    viewer pays nothing for it.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only parent; each query takes a cursor of its own.
    viewer : Viewer
        Who is looking.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, viewer: Viewer) -> None:
        self._connection = connection
        scoped = viewer.partner is not None
        self._scope = " WHERE partner = $viewer_partner" if scoped else ""
        self._values = {"viewer_partner": viewer.partner} if scoped else {}

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Run one query of this room and return its rows."""
        scoped = f"WITH seen AS NOT MATERIALIZED (FROM applications{self._scope}) {sql}"
        with cursor(self._connection) as own:
            frame: pd.DataFrame = own.execute(scoped, {**(parameters or {}), **self._values}).df()
        return frame


def to_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries of Python's own values."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """Turn pandas and numpy scalars into Python's, and every kind of missing value into None."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if isinstance(value, np.generic) else value
