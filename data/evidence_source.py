"""What the tests of reasons read of a snapshot while it is built: declined applications, a pool of others, bands.

Reading for viewers is in `data.evidence_rows`; nothing here is scoped to a viewer.
"""

# ruff: noqa: S608 - statements hold constants and columns of the snapshot's own list only
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from data.snapshot_checks import StoredGroup, StoredRows, opened, read_groups, read_rows
from data.sql import cursor, quote_identifier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pool:
    """Applications to look for neighbours among."""

    group_no: Ints
    """Default comparison group, (n,): contributions compare only within one."""
    raw_score: Floats
    """Shape (n,)."""
    estimate: Floats
    """Shape (n,)."""
    contributions: Floats
    """Raw-score units, (n, families)."""


class EvidenceSource:
    """A snapshot's database that is all but finished, for the tests of its reasons.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only; each query takes a cursor of its own.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def declines(self) -> pd.DataFrame:
        """Return every application the model declined: `row_no`, `group_no`, `estimate`, `cutoff`."""
        return self._ask(
            "SELECT row_no, group_no, estimate, cutoff FROM applications"
            " WHERE decision = 'declined' AND stage = 'model' ORDER BY row_no"
        )

    def families(self) -> tuple[str, ...]:
        """Return the families in the order of their positions."""
        return tuple(str(name) for name in self._ask("SELECT family FROM families ORDER BY position")["family"])

    def used(self) -> tuple[str, ...]:
        """Return the signals that trees split on, in the order of the stored contributions."""
        return tuple(str(n) for n in self._ask("SELECT name FROM used_signals ORDER BY contribution")["name"])

    def rows(self, numbers: Ints) -> StoredRows:
        """Return some applications as stored."""
        return read_rows(self._connection, numbers)

    def groups(self) -> dict[int, StoredGroup]:
        """Return the comparison groups with their members."""
        return {group.group_no: group for group in read_groups(self._connection)}

    def signals(self, numbers: Ints) -> pd.DataFrame:
        """Return the model's inputs of some applications, in the order of their row numbers."""
        names = self._ask("SELECT name, col FROM signals ORDER BY position")
        listed = ", ".join(f"{col} AS {quote_identifier(str(n))}" for n, col in names.itertuples(index=False))
        sql = f"SELECT {listed} FROM signal_values WHERE row_no IN (SELECT unnest($rows)) ORDER BY row_no"
        return self._ask(sql, {"rows": numbers.tolist()})

    def pool(self, most: int) -> Pool:
        """Return every k-th application with its contributions; k is the smallest number that keeps to `most`."""
        columns = [str(c) for c in self._ask("SELECT col FROM families ORDER BY position")["col"]]
        total = int(self._ask("SELECT count(*) AS n FROM applications")["n"].iloc[0])
        listed = ", ".join(f"c.{quote_identifier(col)}" for col in columns)
        rows = self._ask(
            f"SELECT a.group_no, a.raw_score, a.estimate, {listed} FROM applications a"
            " JOIN contributions c USING (row_no) WHERE a.row_no % $every = 0 ORDER BY a.row_no",
            {"every": max(1, -(-total // most))},
        )
        return Pool(
            rows["group_no"].to_numpy(np.int64),
            rows["raw_score"].to_numpy(np.float64),
            rows["estimate"].to_numpy(np.float64),
            rows[columns].to_numpy(np.float64),
        )

    def band(self, cutoff: float) -> tuple[Ints, Floats]:
        """Return the rows approved at a cut-off, and how far their estimates are from it, on the passing side."""
        rows = self._ask(
            "SELECT row_no, abs(estimate - cutoff) AS distance FROM applications"
            " WHERE decision = 'approved' AND stage = 'model' AND cutoff = $cutoff ORDER BY row_no",
            {"cutoff": cutoff},
        )
        return rows["row_no"].to_numpy(np.int64), rows["distance"].to_numpy(np.float64)

    def worst_baseline(self) -> float:
        """Return the largest difference of a stored baseline from the mean raw score of its group; NaN without one."""
        found = self._ask(
            "SELECT max(coalesce(abs(g.baseline - m.mean), 'nan'::DOUBLE)) AS worst FROM comparison_groups g LEFT JOIN"
            " (SELECT b.group_no, avg(a.raw_score) AS mean FROM group_members b JOIN applications a USING (row_no)"
            " GROUP BY b.group_no) m ON m.group_no = g.group_no"
        )["worst"].iloc[0]
        return float("nan") if pd.isna(found) else float(found)

    def worst_residual(self) -> tuple[float, int]:
        """Return the largest part of a raw score that baseline and contributions leave, and how many were summed."""
        columns = self._ask("SELECT col FROM families ORDER BY position")["col"]
        total = " + ".join(f"c.{quote_identifier(str(col))}" for col in columns)
        row = self._ask(
            f"SELECT count(*) AS n, max(coalesce(abs(a.raw_score - g.baseline - ({total})), 'nan'::DOUBLE)) AS worst"
            " FROM applications a LEFT JOIN contributions c USING (row_no)"
            " LEFT JOIN comparison_groups g USING (group_no)"
        ).iloc[0]
        return float(row["worst"]), int(row["n"])

    def medians(self, names: Sequence[str]) -> dict[int, Floats]:
        """Return the typical value of each signal in each comparison group; NaN for categories."""
        found = self._ask("SELECT t.group_no, s.name, t.median FROM typical_values t JOIN signals s USING (position)")
        table = found.pivot_table(index="group_no", columns="name", values="median", dropna=False)
        table = table.reindex(columns=list(names))
        return {int(str(no)): table.loc[no].to_numpy(np.float64) for no in table.index}

    def reported(self, file: Path) -> pd.DataFrame:
        """Return denial reasons on record beside what the model says of the same applications.

        Parameters
        ----------
        file : Path
            A recipe's file: `application_id` and columns with codes of Regulation C as text.

        Returns
        -------
        pandas.DataFrame
            One row per application in the file: `codes` (a set of whole numbers), `declined` (by the model), `r1` to
            `r4` (positions of families).
        """
        given = pd.read_parquet(file)
        listed = given.drop(columns="application_id").to_numpy()
        codes = [{int(code) for code in row if isinstance(code, str) and code.isdecimal()} for row in listed]
        known = self._ask(
            "SELECT a.application_id, a.decision = 'declined' AND a.stage = 'model' AS declined, r1, r2, r3, r4"
            " FROM applications a JOIN reasons USING (row_no)"
        )
        wanted = pd.DataFrame({"application_id": given["application_id"].astype(str), "codes": codes})
        return wanted.merge(known, on="application_id", how="inner")

    def _ask(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        with cursor(self._connection) as own:
            frame: pd.DataFrame = own.execute(sql, parameters or {}).df()
        return frame


@contextmanager
def open_evidence_source(database: Path) -> Iterator[EvidenceSource]:
    """Open a snapshot's database for the tests of its reasons.

    Raises
    ------
    SnapshotError
        It is no database of a snapshot; also from inside.
    """
    with opened(database) as connection:
        yield EvidenceSource(connection)
