"""What it costs that every query goes through the viewer's scope, and what the log costs.

Each scoped answer is timed against the same statement on the stored table, in turns, so that other load on the
machine weighs on both.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.reader import Reader
from data.sql import cursor, open_readonly
from data.workspace import open_workspace
from tests.bench.workspace_log import WRITE_MS, disk_waits, log_one, timed
from tests.data.worlds import Book, card_and_model, manifest_of

PARTNERS = 20
REGULATOR = Viewer("bench", Audience.REGULATOR)
PARTNER = Viewer("bench", Audience.PARTNER, "Partner 07")
MOST = 1.10
"""The scoped reader may take a tenth longer."""


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    rows, repeats = (1_000_000, 9) if quick else (1_000_000, 41)
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        path = Path(name) / "snapshot.duckdb"
        write_book(path, rows)
        with closing(open_readonly(path)) as connection:
            yield from overheads(connection, rows, repeats)
            yield from lookups(connection, rows, repeats)
        yield from log_write(Path(name), 200 if quick else 1_000)


def record(
    measure: str, value: float, unit: str, target: float | None, n: int, note: str = "", digits: int = 3
) -> dict[str, Any]:
    """Return one line; smaller is better everywhere here."""
    ok = None if target is None else bool(value <= target)
    line = {"bench": "access", "measure": measure, "value": round(value, digits), "unit": unit, "target": target}
    return {**line, "ok": ok, "n": n, "note": note}


def write_book(path: Path, rows: int) -> None:
    """Write the tables of a snapshot that readers ask, with made-up applications of twenty partners."""
    with duckdb.connect(path) as own:
        own.execute("SELECT setseed(0.5)")
        own.execute(
            "CREATE TABLE applications AS SELECT i::BIGINT AS row_no, format('{:08d}', i) AS application_id,"
            f" format('Partner {{:02d}}', (i * 7919) % {PARTNERS}) AS partner, DATE '2026-01-01' + (i % 300)::INTEGER"
            " AS application_date, CASE WHEN i % 5 > 0 THEN (random() < 0.1)::INTEGER END AS outcome, i % 3 > 0 AS"
            " measured, NULL::VARCHAR AS recorded_decision, e AS estimate, ln(e / (1 - e)) AS raw_score,"
            " 0.18::DOUBLE AS cutoff, CASE WHEN e <= 0.18 THEN 'approved' ELSE 'declined' END AS decision,"
            " 'model' AS stage, NULL::INTEGER AS rule_no, 0 AS group_no, abs(e - 0.18) < 0.01 AS near_cutoff,"
            f" 1e-15::DOUBLE AS residual FROM (SELECT range AS i, 0.001 + 0.5 * random() AS e FROM range({rows}))"
        )
        own.execute(
            "CREATE TABLE comparison_groups AS SELECT 0 AS group_no, 'just_approved' AS name, 'a rule' AS rule,"
            " 0.18::DOUBLE AS cutoff, 0.1::DOUBLE AS band_low, 0.18::DOUBLE AS band_high, count(*) AS n, 0 AS seed,"
            " DATE '2026-10-27' AS as_of, '' AS content_hash, -2.0::DOUBLE AS baseline FROM applications UNION ALL"
            " SELECT 1, 'all_applicants', 'a rule', NULL, 0.0, 1.0, count(*), 0, DATE '2026-10-27', '', -1.5"
            " FROM applications"
        )
        own.execute(
            "CREATE TABLE group_members AS SELECT 0 AS group_no, row_no FROM applications WHERE decision = 'approved'"
            " UNION ALL SELECT 1, row_no FROM applications"
        )


SAME = {
    "totals": (
        lambda r: type(r)._totals.func(r),  # not the remembered one
        "SELECT count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
        " count(*) FILTER (stage = 'policy rule') AS declined_by_rule, count(outcome) AS known_outcomes,"
        " coalesce(sum(outcome), 0) AS outcomes, count(DISTINCT partner) AS partners,"
        " min(application_date) AS first_day, max(application_date) AS last_day,"
        " max(abs(residual)) AS worst_residual FROM applications",
    ),
    "estimates": (
        lambda r: r.estimates(0.0, 1.0, 50),
        "SELECT least(greatest(floor(estimate * 50), 0), 49)::INTEGER AS bin, count(*) AS n,"
        " count(*) FILTER (decision = 'approved') AS approved FROM applications GROUP BY bin ORDER BY bin",
    ),
    "volume": (
        lambda r: r.volume(),
        "SELECT date_trunc('month', application_date)::DATE AS month, partner, count(*) AS n,"
        " count(*) FILTER (decision = 'approved') AS approved FROM applications"
        " WHERE application_date IS NOT NULL GROUP BY ALL ORDER BY month, partner",
    ),
    "density of a group": (
        lambda r: r.group_density(1, 0.0, 1.0, 140),
        "SELECT least(greatest(floor(estimate * 140), 0), 139)::INTEGER AS bin, count(*) AS n FROM applications"
        " JOIN group_members m USING (row_no) WHERE m.group_no = 1 GROUP BY bin",
    ),
}
"""What a reader is asked, and the same without a scope."""


def overheads(connection: duckdb.DuckDBPyConnection, rows: int, repeats: int) -> Iterator[dict[str, Any]]:
    """Time readers against the plain statements."""

    def plain(sql: str) -> None:
        with cursor(connection) as own:
            own.execute(sql).df()

    for viewer in (LOCAL_VIEWER, PARTNER):
        reader = reader_of(connection, viewer, rows)
        if viewer is PARTNER:
            took = seconds(lambda reader=reader: reader.groups())
            yield record("partner: deciding which groups may be seen, once", took * 1e3, "ms", None, rows, digits=0)
        for name, (ask, sql) in SAME.items():
            ratios, times = [], []
            for _ in range(repeats):
                before = seconds(lambda sql=sql: plain(sql))
                times.append(seconds(lambda ask=ask, reader=reader: ask(reader)))
                ratios.append(times[-1] / ((before + seconds(lambda sql=sql: plain(sql))) / 2))
            note = f"{statistics.median(times) * 1e3:.1f} ms, median of {repeats} turns"
            yield record(
                f"{viewer.audience}: {name}, ratio to unscoped", statistics.median(ratios), "x", MOST, rows, note
            )


def lookups(connection: duckdb.DuckDBPyConnection, rows: int, repeats: int) -> Iterator[dict[str, Any]]:
    """Time finding one application."""
    for viewer in (LOCAL_VIEWER, PARTNER, REGULATOR):
        reader = reader_of(connection, viewer, rows)
        numbers = [reader.pick("any", (i + 0.5) / repeats) for i in range(repeats)]
        reader.application(numbers[0])
        times = [seconds(lambda n=n, reader=reader: reader.application(n)) for n in numbers]
        kind = "masked number" if viewer is REGULATOR else "number"
        yield record(
            f"{viewer.audience}: look-up by {kind}", statistics.median(times) * 1e3, "ms", 300.0, rows, digits=1
        )


def reader_of(connection: duckdb.DuckDBPyConnection, viewer: Viewer, rows: int) -> Reader:
    """Open the book for a viewer."""
    card, model = card_and_model()
    return Reader(connection, card, model, manifest_of(Book("", 0, {}, 0, 0), rows), viewer)


def log_write(folder: Path, repeats: int) -> Iterator[dict[str, Any]]:
    """Time a write to the log beside the one wait for the disk that it cannot do without."""
    floor = statistics.median(disk_waits(folder / "wait", repeats))
    workspace = open_workspace(f"sqlite:///{folder}/workspace.sqlite")
    times = timed(lambda i: log_one(workspace, i), repeats)
    workspace.close()
    note = f"one wait for the disk is {floor:.2f} ms"
    yield record("log write, median", statistics.median(times), "ms", WRITE_MS, repeats, note)


def seconds(job: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    job()
    return time.perf_counter() - started
