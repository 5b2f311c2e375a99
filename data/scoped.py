"""Queries in a viewer's scope: the only place where a snapshot's database is asked for rows.

No statement of `data.reader`, `data.lookups` or `data.model_room` names the stored tables of
applications and group members; they ask `seen`, `members` and `visible_groups`, which are defined here. A
test over the syntax trees holds them to it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.group_scope import GroupScope, find_group_scope
from data.sql import cursor

EVERYTHING = "seen AS NOT MATERIALIZED (FROM applications)"
ALL_GROUPS = (
    "members AS NOT MATERIALIZED (FROM group_members), visible_groups AS NOT MATERIALIZED (FROM comparison_groups)"
)
OWN = "seen AS NOT MATERIALIZED (FROM applications WHERE partner = $viewer_partner)"
OWN_MEMBERS = (
    "members AS NOT MATERIALIZED (FROM group_members WHERE list_contains($whole_groups, group_no) UNION ALL"
    " SELECT m.* FROM group_members m SEMI JOIN seen USING (row_no) WHERE list_contains($own_groups, m.group_no))"
)
VISIBLE_GROUPS = (
    "visible_groups AS NOT MATERIALIZED (FROM comparison_groups"
    " WHERE list_contains($whole_groups, group_no) OR list_contains($own_groups, group_no))"
)
NONE = -1
"""Stands in a list of groups, so that an empty one has a type."""


class ScopedDatabase:
    """A snapshot's database as one viewer may see it.

    Every statement begins with definitions of what the viewer may see: `seen`, the applications in scope,
    and for statements about comparison groups `members` and `visible_groups`. The partner goes in as a
    parameter. DuckDB folds the definitions into the query, so an unscoped viewer pays nothing for them.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only parent; each query takes a cursor of its own.
    viewer : Viewer
        Who is looking.
    default_group : str
        Name of the card's default comparison group.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, viewer: Viewer, default_group: str) -> None:
        self._connection = connection
        self._viewer = viewer
        self._default_group = default_group

    @cached_property
    def group_scope(self) -> GroupScope | None:
        """Return which comparison groups the viewer may see; None for a viewer who sees every one, whole."""
        partner = self._viewer.partner
        if partner is None:
            return None
        return find_group_scope(self._run, partner, self._viewer.policy.smallest_count, self._default_group)

    def frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Run one query over `seen` and return its rows."""
        if self._viewer.partner is None:
            return self._run(f"WITH {EVERYTHING} {sql}", parameters or {})
        return self._run(f"WITH {OWN} {sql}", {**(parameters or {}), "viewer_partner": self._viewer.partner})

    def group_frame(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Run one query over `seen`, `members` and `visible_groups` and return its rows."""
        scope = self.group_scope
        if scope is None:
            return self._run(f"WITH {EVERYTHING}, {ALL_GROUPS} {sql}", parameters or {})
        own = {
            "viewer_partner": self._viewer.partner,
            "whole_groups": [*scope.whole, NONE],
            "own_groups": [*scope.own, NONE],
        }
        return self._run(f"WITH {OWN}, {OWN_MEMBERS}, {VISIBLE_GROUPS} {sql}", {**(parameters or {}), **own})

    def _run(self, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
        with cursor(self._connection) as own:
            frame: pd.DataFrame = own.execute(sql, parameters).df()
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
