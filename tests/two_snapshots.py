"""Two snapshots of one book, built once a session: another model, other dates, some applications gone, some new."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pandas as pd

from data.access import Viewer
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from tests.snapshots_for_tests import applications, small_snapshot, train

MOVED = "Moving Bank"
"""A partner with 100 applications in each snapshot, none of them in both."""
TINY = "Tiny Bank"
"""A partner with five applications, the same in both."""
N = 1500


@cache
def two_snapshots() -> Path:
    """Build both and return the home; it lies in the system's own folder for temporary files."""
    home = Path(mkdtemp(prefix="candor-two-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    old = small_snapshot(home / "snapshots", home / "old", n=N, change=partners)
    model = train(applications(N, seed=9)).model_to_string()
    new = small_snapshot(home / "snapshots", home / "new", n=N, change=later, model=model, card=second_version)
    _keep(old, "1")
    _keep(new, "2")
    return home


def partners(table: pd.DataFrame) -> pd.DataFrame:
    table = table.astype({"partner": object})
    table.loc[:99, "partner"] = MOVED
    table.loc[100:104, "partner"] = TINY
    return table


def later(table: pd.DataFrame) -> pd.DataFrame:
    """The same applications with the first 100 replaced, and a month later."""
    table = partners(table)
    table.loc[:99, "application_id"] = [f"B-{i:05d}" for i in range(100)]
    table["application_date"] = pd.to_datetime(table["application_date"]).dt.date.map(lambda d: d.replace(year=2027))
    return table


def second_version(content: dict) -> None:
    content["model"]["version"] = "2"


def reader_of(version: str, viewer: Viewer) -> Reader:
    """Open the snapshot of a model version for a viewer."""
    two_snapshots()
    folder = FOLDERS[version]
    return open_reader(open_snapshot(folder.parent.parent, folder.parent.name, folder.name), viewer)


def stored(version: str) -> pd.DataFrame:
    """Return what a snapshot stores of every application: as scored, and each family in estimate units."""
    two_snapshots()
    return STORED[version]


def raw_contributions(version: str) -> pd.DataFrame:
    """Return the stored contributions of families, raw-score units, by `row_no`."""
    two_snapshots()
    return RAW[version]


FOLDERS: dict[str, Path] = {}
STORED: dict[str, pd.DataFrame] = {}
RAW: dict[str, pd.DataFrame] = {}


def _keep(folder: Path, version: str) -> None:
    """Read the tables by DuckDB itself before any reader holds the file."""
    FOLDERS[version] = folder
    with duckdb.connect(folder / "snapshot.duckdb", read_only=True) as connection:
        families = connection.execute("SELECT family, col FROM families ORDER BY position").fetchall()
        parts = ", ".join(f'{col} * slope AS "{family}"' for family, col in families)
        joined = f"SELECT a.*, {parts} FROM applications a JOIN contributions USING (row_no) ORDER BY row_no"
        STORED[version] = connection.execute(joined).df()
        raw = connection.execute("FROM contributions ORDER BY row_no").df()
    RAW[version] = raw.set_index("row_no").drop(columns="slope")
