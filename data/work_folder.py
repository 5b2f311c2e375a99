"""The hidden folder a snapshot is built in, and its publication by atomic rename.

A build works in ``<root>/<model id>/.building-<fingerprint>``. Folders that begin with a dot are
never listed, so a killed build leaves nothing visible; the next build of the same inputs finds the
parts that were finished and goes on from there. A lock keeps two builds of one snapshot apart.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import SnapshotError
from data.manifest import NAME, Manifest


class WorkFolder:
    """One build in progress.

    Parameters
    ----------
    path : Path
        The hidden folder, which exists and is locked by this process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def staging(self) -> Path:
        """Return where the checked table of applications is kept."""
        return self.path / "staging.duckdb"

    @property
    def result(self) -> Path:
        """Return the folder that becomes the snapshot."""
        return self.path / "snapshot"

    def part(self, kind: str, number: int) -> Path:
        """Return the file of one finished batch."""
        return self.path / "parts" / f"{kind}-{number:06d}.parquet"

    def parts(self, kind: str) -> str:
        """Return the glob that matches all batches of a kind."""
        return str(self.path / "parts" / f"{kind}-*.parquet")

    def write_part(self, kind: str, number: int, columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Write one batch so that it is either whole or absent."""
        target = self.part(kind, number)
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_suffix(".tmp")
        pq.write_table(pa.table(dict(columns)), temporary, compression="zstd")
        temporary.replace(target)

    def map_array(self, name: str, shape: tuple[int, int], kind: np.dtype[Any]) -> np.memmap[Any, Any]:
        """Return an array kept in a file, of an earlier try where it has the same shape."""
        path = self.path / f"{name}.{kind.str[1:]}"
        size = shape[0] * shape[1] * kind.itemsize
        mode: Literal["r+", "w+"] = "r+" if path.exists() and path.stat().st_size == size else "w+"
        return np.memmap(path, dtype=kind, mode=mode, shape=shape)

    def read_part(self, kind: str, number: int) -> dict[str, np.ndarray[Any, Any]] | None:
        """Return a finished batch of an earlier try, or None when it is not there or not whole."""
        try:
            table = pq.read_table(self.part(kind, number))
        except (FileNotFoundError, pa.ArrowInvalid, OSError):
            return None
        return {name: table.column(name).to_numpy() for name in table.column_names}


@contextmanager
def work_folder(root: Path, model_id: str, fingerprint: str) -> Iterator[WorkFolder]:
    """Open (or re-open) the hidden folder of a build and hold its lock.

    Raises
    ------
    SnapshotError
        Another process is building the same snapshot, or the folder cannot be written.
    """
    path = root / model_id / f".building-{fingerprint[:16]}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as e:
        problem = f"{root} cannot be written ({e.strerror})."
        raise SnapshotError("No snapshot can be built here", problem, "Choose another folder with --out.") from e
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            found = "Another process is building it now."
            raise SnapshotError("This snapshot is being built already", found, "Wait until it is done.") from e
        (path / "snapshot").mkdir(exist_ok=True)
        yield WorkFolder(path)
    finally:
        os.close(lock)


def publish(work: WorkFolder, root: Path, manifest: Manifest) -> Path:
    """Make a finished build visible in one step and remove the work folder.

    Parameters
    ----------
    work : WorkFolder
        A finished build; `work.result` holds every file of the snapshot.
    root : Path
        The folder of all snapshots.
    manifest : Manifest
        Written last, so that a folder without it was never finished.

    Returns
    -------
    Path
        The published snapshot.
    """
    target = root / manifest.model_id / manifest.snapshot_id
    text = work.result / NAME
    text.write_text(manifest.to_json(), "utf-8")
    for file in work.result.rglob("*"):
        if file.is_file():
            _sync(file)
            file.chmod(0o440)
    _sync(work.result)
    try:
        work.result.rename(target)
    except OSError as e:
        found = f"A snapshot {manifest.snapshot_id} is already there."
        raise SnapshotError("The snapshot was not published", found, "Use it, or remove it first.") from e
    _sync(target.parent)
    shutil.rmtree(work.path)
    return target


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
