"""Writing a checked raw table as a staging database, in the order of application ids."""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb

from data.records import NO_PARTNER
from data.staging_checks import OUTCOME_TRUE, Loaded, day_value
from data.staging_columns import DayForm, as_number
from data.staging_load import RawLayout, StagingRoles, row_group_rows

ALL_PARTNERS = f"'{NO_PARTNER}'"
"""SQL text for the partner of a table that names none."""
_ORDER = "work.main.ordering"


def write_staged(
    loaded: Loaded,
    layout: RawLayout,
    roles: StagingRoles,
    day: DayForm,
    budget: int,
    step: Callable[[float], None],
) -> None:
    """Write all tables of a staging database, attached as "staged", from a checked raw table.

    Parameters
    ----------
    loaded : Loaded
        The raw table.
    layout : RawLayout
        What it holds.
    roles : StagingRoles
        What the columns mean.
    day : DayForm
        How dates are written.
    budget : int
        Bytes of signals that may be sorted at a time.
    step : callable
        Called with the share done (0 to 1).
    """
    connection = loaded.connection
    connection.execute(
        f"CREATE TABLE {_ORDER} AS SELECT row_number() OVER (ORDER BY application_id) - 1 AS row_no, "
        f"rowid AS source_row FROM {loaded.table}"
    )
    _write_applications(loaded, layout, roles, day)
    signals = {stored: (name, "number", stored) for stored, name in layout.numbers.items()}
    signals |= {stored: (name, "category", stored) for stored, name in layout.categories.items()}
    _write_list(connection, "signals", signals)
    extras = {stored: (name, *_extra_kind(loaded, stored)) for stored, name in layout.extras.items()}
    _write_list(connection, "extras", extras)
    group = row_group_rows(len(roles.columns))  # as `storage_for` set it for these files
    for _ in _write_sorted(loaded, "staged_extras", extras, budget, group):
        step(0.0)
    for share in _write_sorted(loaded, "staged_signals", signals, budget, group):
        step(share)
    connection.execute("CHECKPOINT staged")


def count_staged(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the counts of a written staging database, named as the fields of `StagedTable`."""
    row = connection.execute(
        "SELECT count(*), min(application_date), max(application_date), count(outcome), "
        "count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE recorded_decision = 'approved'), "
        "count(*) FILTER (WHERE recorded_decision = 'declined') FROM staged.main.staged"
    ).fetchone()
    partners = connection.execute(
        "SELECT partner, count(*) AS n FROM staged.main.staged GROUP BY ALL ORDER BY n DESC, partner"
    ).fetchall()
    names = ("n", "first_date", "last_date", "n_outcome_known", "n_outcome_happened", "n_approved", "n_declined")
    counts: dict[str, int | date | None] = dict(zip(names, row or (), strict=True))
    return {**counts, "n_by_partner": dict(partners)}


def _write_applications(loaded: Loaded, layout: RawLayout, roles: StagingRoles, day: DayForm) -> None:
    def when(column: str, there: str, otherwise: str) -> str:
        return there if column in layout.roles else otherwise

    outcome = "CASE WHEN list_contains(?::VARCHAR[], lower(outcome)) THEN 1 WHEN outcome IS NOT NULL THEN 0 END"
    held_out = "CASE WHEN held_out IS NOT NULL THEN list_contains(?::VARCHAR[], lower(held_out)) END"
    decision = (
        "CASE WHEN list_contains(?::VARCHAR[], decision) THEN 'approved' WHEN decision IS NOT NULL THEN 'declined' END"
    )
    parameters: list[object] = [list(OUTCOME_TRUE)] if "outcome" in layout.roles else []
    parameters += [list(roles.approved_values)] if "decision" in layout.roles else []
    parameters += [list(OUTCOME_TRUE)] if "held_out" in layout.roles else []
    loaded.connection.execute(
        "CREATE TABLE staged.main.staged AS SELECT row_no, application_id, "
        f"{when('partner', 'partner', ALL_PARTNERS)}::VARCHAR AS partner, "
        f"{when('application_date', day_value(day), 'NULL')}::DATE AS application_date, "
        f"({when('outcome', outcome, 'NULL')})::TINYINT AS outcome, "
        f"({when('decision', decision, 'NULL')})::VARCHAR AS recorded_decision, "
        f"{when('score', 'score', 'NULL')}::DOUBLE AS production_score, "
        f"({when('held_out', held_out, 'NULL')})::BOOLEAN AS held_out "
        f"FROM {_ORDER} JOIN {loaded.table} AS raw ON raw.rowid = source_row ORDER BY row_no",
        parameters,
    )


def _extra_kind(loaded: Loaded, stored: str) -> tuple[str, str]:
    """Return the kind of an extra column and its value: a number when every text in it is one."""
    described = loaded.connection.execute(f"SELECT {stored} FROM {loaded.table} LIMIT 0").description or []
    type_name = str(described[0][1]) if described else "VARCHAR"
    value = as_number(stored, type_name) or stored
    wrong = loaded.number(f"SELECT count(*) FILTER (WHERE isnan({value})) FROM {{table}}")
    return ("text", f"nullif({stored}, '')") if wrong else ("number", value)


def _write_list(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, tuple[str, str, str]]) -> None:
    connection.execute(
        f"CREATE TABLE staged.main.{table} (position INTEGER, name VARCHAR, kind VARCHAR, stored VARCHAR)"
    )
    rows = [(i, name, kind, stored) for i, (stored, (name, kind, _)) in enumerate(columns.items())]
    if rows:
        connection.executemany(f"INSERT INTO staged.main.{table} VALUES (?, ?, ?, ?)", rows)


def _write_sorted(
    loaded: Loaded,
    table: str,
    columns: dict[str, tuple[str, str, str]],
    budget: int,
    group: int,
) -> Iterator[float]:
    """Write columns in the order of row numbers, as many rows at a time as fit, yielding the share done.

    One sort of everything would pin whole rows in memory, which fails on a table of a thousand columns.
    """
    items = "".join(f", {value} AS {stored}" for stored, (_, _, value) in columns.items())
    types = {"number": "DOUBLE"}
    declared = "".join(f", {stored} {types.get(kind, 'VARCHAR')}" for stored, (_, kind, _) in columns.items())
    loaded.connection.execute(f"CREATE TABLE staged.main.{table} (row_no BIGINT{declared})")
    # whole row groups: partly filled ones would all be written again at the checkpoint
    rows = max(budget // (8 * (len(columns) + 1)) // group, 1) * group
    for start in range(0, loaded.n, rows):
        loaded.connection.execute(
            f"INSERT INTO staged.main.{table} SELECT part.row_no{items} FROM {loaded.table} AS raw JOIN "
            f"(SELECT row_no, source_row FROM {_ORDER} WHERE row_no >= ? AND row_no < ?) AS part "
            "ON raw.rowid = part.source_row ORDER BY part.row_no",
            [start, start + rows],
        )
        yield min(1.0, (start + rows) / loaded.n)
