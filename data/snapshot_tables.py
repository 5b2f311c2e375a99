"""Putting the snapshot's database together from the staged table and the finished batches.

Everything is written by one scratch connection that sees exactly the files it is given. Tables are
sorted by `row_no`, which follows the application id, so that one application is found without an
index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from data.sql import Attachment, cursor, open_scratch
from data.staging_load import storage_for
from data.work_folder import WorkFolder


@dataclass(frozen=True)
class GroupRow:
    """One comparison group, as stored in `comparison_groups`."""

    group_no: int
    """Key."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule in words."""
    cutoff: float | None
    """The cut-off it lies at."""
    band_low: float | None
    """Lowest estimate in it."""
    band_high: float | None
    """Highest estimate in it."""
    n: int
    """Applications in it."""
    seed: int
    """Seed of the build."""
    as_of: date | None
    """Latest application."""
    content_hash: str
    """SHA-256 over model and rows."""
    baseline: float
    """Mean raw score."""


GROUP_TYPES = {
    "group_no": "INTEGER",
    "name": "VARCHAR",
    "rule": "VARCHAR",
    "cutoff": "DOUBLE",
    "band_low": "DOUBLE",
    "band_high": "DOUBLE",
    "n": "BIGINT",
    "seed": "BIGINT",
    "as_of": "DATE",
    "content_hash": "VARCHAR",
    "baseline": "DOUBLE",
}
MEMORY_LIMIT = "1GB"
THREADS = 2
SORTED_BYTES = 128 << 20
"""Numbers that are sorted, or held for medians, at a time."""
KINDS = ("decisions", "contributions", "signals", "members", "patterns")
"""Batches that become tables."""
PATTERN_TYPES = "group_no INTEGER, leaf INTEGER, low USMALLINT, high BIGINT, n UINTEGER"
"""A pattern in two parts: the small blocks of wide tables are not compressed, and nearly every `high` is 0."""


class SnapshotWriter:
    """Writes one `snapshot.duckdb`; a context manager.

    Parameters
    ----------
    work : WorkFolder
        A build whose batches of all `KINDS` are finished.
    target : Path
        The database to make, or to add to.
    n_signals : int
        Signals of the model: a wide table is stored in smaller pieces.
    """

    def __init__(self, work: WorkFolder, target: Path, n_signals: int) -> None:
        self._work = work
        self._connection = open_scratch(
            work.spill,
            memory_limit=MEMORY_LIMIT,
            threads=THREADS,
            attachments=(
                Attachment("staging", work.staging, read_only=True),
                storage_for("snap", target, n_signals),
            ),
            readable=[path for kind in KINDS for path in work.parts(kind)],
        )

    def __enter__(self) -> SnapshotWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the database; a finished one is one file, with no log of changes beside it."""
        try:
            if kind is None:
                self.run("CHECKPOINT snap")
        finally:
            self._connection.close()

    def run(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> None:
        """Run one statement of this module's own."""
        with cursor(self._connection) as own:
            own.execute("USE snap").execute(sql, parameters or [])

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Run one query of this module's own."""
        with cursor(self._connection) as own:
            frame: pd.DataFrame = own.execute("USE snap").execute(sql, parameters or {}).df()
        return frame

    def write_applications(self) -> None:
        """Write `applications` (one row each, as scored and decided), `signal_values`, and `extra_values`.

        Extra values are what stages beside the model look at: policy rules, a reviewer's reasons, a score provider.
        """
        self.run(
            "CREATE TABLE applications AS SELECT a.row_no, a.application_id, a.partner, a.application_date, a.outcome,"
            " coalesce(a.held_out, true) AS measured, a.recorded_decision, a.production_score, s.raw_score, s.estimate,"
            " s.cutoff, s.decision, s.stage, nullif(s.rule_no, -1) AS rule_no, s.group_no, s.near_cutoff, c.residual"
            " FROM staging.staged a JOIN read_parquet($scores) s USING (row_no)"
            " JOIN read_parquet($contributions) c USING (row_no) ORDER BY a.row_no",
            {"scores": self._files("decisions"), "contributions": self._files("contributions")},
        )
        self.run(
            "CREATE TABLE signals AS SELECT position, name, stored AS col, kind FROM staging.signals ORDER BY position"
        )
        self._copy_in_blocks("signal_values", "staging.staged_signals", 8 * (self._count("signals") + 1), {})
        self.run("CREATE TABLE extras AS SELECT name, stored AS col, kind FROM staging.extras ORDER BY position")
        if self._count("extras"):
            self.run("CREATE TABLE extra_values AS FROM staging.staged_extras ORDER BY row_no")

    def _copy_in_blocks(self, table: str, source: str, row_bytes: int, files: Mapping[str, Any]) -> None:
        """Copy a wide table some rows at a time: one sort of everything would pin whole rows in memory."""
        self.run(f"CREATE TABLE {table} AS FROM {source} LIMIT 0", files)
        n, rows = self._count("staging.staged_signals"), max(SORTED_BYTES // row_bytes, 2048)
        for first in range(0, n, rows):
            self.run(
                f"INSERT INTO {table} FROM {source} WHERE row_no >= $first AND row_no < $end ORDER BY row_no",
                {"first": first, "end": first + rows, **files},
            )

    def _count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) AS n FROM {table}")["n"].iloc[0])  # noqa: S608 - fixed names

    def write_contributions(self, families: Sequence[str], used: Sequence[str]) -> None:
        """Write `contributions`, `reasons` and `signal_contributions`: raw-score units, every application.

        Parameters
        ----------
        families : sequence of str
            One column each in `contributions`, exact.
        used : sequence of str
            Signals that a tree splits on, one column each in `signal_contributions`, in 32 bits.

        In `reasons`, `r1` to `r4` are positions of families, the strongest first, and nothing where there are fewer.
        """
        names = pd.DataFrame({"position": range(len(families)), "family": list(families)})
        self.write_frame("families", names.assign(col=[family_column(i) for i in names["position"]]))
        columns = ", ".join(family_column(i) for i in range(len(families)))
        self.run(
            f"CREATE TABLE contributions AS SELECT row_no, slope, {columns} FROM read_parquet($files) ORDER BY row_no",  # noqa: S608
            {"files": self._files("contributions")},
        )
        names = pd.DataFrame({"name": list(used), "contribution": [used_column(i) for i in range(len(used))]})
        self.write_frame("used_signals", names.astype(str))
        self.run(
            "CREATE TABLE reasons AS SELECT row_no, r1, r2, r3, r4, explained FROM read_parquet($files)"
            " ORDER BY row_no",
            {"files": self._files("contributions")},
        )
        parts = {"files": self._files("signals")}
        self._copy_in_blocks("signal_contributions", "read_parquet($files)", 4 * (len(used) + 2), parts)

    def write_groups(self, groups: Sequence[GroupRow]) -> None:
        """Write `comparison_groups`, `group_members`, `group_patterns` and `typical_values`.

        A row of `group_patterns` tells how many applications of a group have a pattern at a leaf of the model; what
        that means is told in `explainers/attribution/README.md`.
        """
        columns = ", ".join(f"{name} {kind}" for name, kind in GROUP_TYPES.items())
        self.run(f"CREATE TABLE comparison_groups ({columns})")
        places = ", ".join("?" for _ in GROUP_TYPES)
        for group in groups:
            values = [getattr(group, f.name) for f in fields(group)]
            self.run(f"INSERT INTO comparison_groups VALUES ({places})", values)  # noqa: S608
        self.run(
            "CREATE TABLE group_members AS SELECT group_no::INTEGER AS group_no, row_no"
            " FROM read_parquet($files) ORDER BY group_no, row_no",
            {"files": self._files("members")},
        )
        self.run(f"CREATE TABLE group_pattern_parts ({PATTERN_TYPES})")
        for file in self._files("patterns"):  # each is in order: sorting all of them would hold them in memory
            self.run(
                "INSERT INTO group_pattern_parts SELECT group_no, leaf, pattern & 65535, pattern >> 16, n"
                " FROM read_parquet($file)",
                {"file": file},
            )
        self.run(
            "CREATE VIEW group_patterns AS"
            " SELECT group_no, leaf, low::BIGINT + (high << 16) AS pattern, n FROM group_pattern_parts"
        )
        self._write_typical_values([g.group_no for g in groups])

    def write_frame(self, table: str, frame: pd.DataFrame) -> None:
        """Write a small frame as a table."""
        with cursor(self._connection) as own:
            own.execute("USE snap")
            own.register("incoming", frame)
            own.execute(f"CREATE TABLE {table} AS FROM incoming")

    def _write_typical_values(self, group_nos: Sequence[int]) -> None:
        self.run(
            "CREATE TABLE typical_values (group_no INTEGER, position INTEGER, median DOUBLE, mode VARCHAR,"
            " missing_share DOUBLE)"
        )
        signals = self.rows("SELECT position, col, kind FROM signals ORDER BY position")
        # a median holds all its values: fewer signals at a time where there are many applications
        step = min(100, max(1, SORTED_BYTES // (8 * max(self._count("applications"), 1))))
        for group_no in group_nos:
            for block in range(0, len(signals), step):
                self._typical_block(group_no, signals.iloc[block : block + step])

    def _typical_block(self, group_no: int, signals: pd.DataFrame) -> None:
        """Summarise some signals in one pass over a group."""
        parts = []
        for i, signal in enumerate(signals.itertuples(index=False)):
            number = signal.kind == "number"
            median = f"median({signal.col})" if number else "NULL::DOUBLE"
            mode = "NULL::VARCHAR" if number else f"mode({signal.col})"
            parts.append(f"{median} AS median{i}, {mode} AS mode{i}, 1 - count({signal.col}) / count(*) AS share{i}")
        row = self.rows(
            f"SELECT {', '.join(parts)} FROM signal_values JOIN group_members USING (row_no) WHERE group_no = $g",  # noqa: S608
            {"g": group_no},
        )
        for i, position in enumerate(signals["position"]):
            values = [row.iloc[0][f"{what}{i}"] for what in ("median", "mode", "share")]
            plain = [None if pd.isna(v) else v for v in values]
            self.run("INSERT INTO typical_values VALUES (?, ?, ?, ?, ?)", [group_no, int(position), *plain])

    def _files(self, kind: str) -> list[str]:
        return [str(path) for path in self._work.parts(kind)]


def family_column(position: int) -> str:
    """Return the column that holds a family's contributions."""
    return f"f{position:03d}"


def used_column(position: int) -> str:
    """Return the column that holds the contributions of a signal, counted among those the model uses."""
    return f"c{position:04d}"
