"""The hidden folder a snapshot is built in, and its publication by atomic rename.

A build works in ``<root>/<model id>/.building-<key>``. Folders that begin with a dot are never
listed, so a killed build leaves nothing visible; the next build of the same inputs finds the parts
that were finished and goes on from there. A lock keeps two builds of one snapshot apart. A build
whose inputs turn out to be wrong leaves nothing at all.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import CandorError, SnapshotError
from data.manifest import NAME, Manifest
from data.unfinished import BUILDING, LOCK

PARTS = "parts"
NOTES = "notes.txt"
"""Notes on the staged table; written when staging is done, so that they vouch for it."""
TRIES = 4
"""Another process may look at a lock, or remove a finished folder, at the very moment we ask for it."""
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
    def spill(self) -> Path:
        """Return the folder for what does not fit in memory."""
        return self.path / "spill"

    @property
    def result(self) -> Path:
        """Return the folder that becomes the snapshot."""
        return self.path / "snapshot"

    def empty_result(self) -> None:
        """Begin the snapshot's folder anew: what an earlier try wrote may be half a file."""
        shutil.rmtree(self.result, ignore_errors=True)
        self.result.mkdir()

    def forget(self) -> None:
        """Make the next try of this build begin anew."""
        (self.path / NOTES).unlink(missing_ok=True)
        shutil.rmtree(self.path / PARTS, ignore_errors=True)

    def part(self, kind: str, number: int) -> Path:
        """Return the file of one finished batch."""
        return self.path / PARTS / f"{kind}-{number:06d}.parquet"

    def parts(self, kind: str) -> list[Path]:
        """Return the files of all finished batches of a kind, in order."""
        return sorted((self.path / PARTS).glob(f"{kind}-*.parquet"))

    def write_part(self, kind: str, number: int, columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Write one batch so that it is either whole or absent."""
        target = self.part(kind, number)
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_suffix(".tmp")
        pq.write_table(pa.table(dict(columns)), temporary, compression="zstd")
        temporary.replace(target)

    def read_part(self, kind: str, number: int, rows: int) -> dict[str, np.ndarray[Any, Any]] | None:
        """Return a finished batch of an earlier try, or None when it is not there or not of so many rows."""
        try:
            table = pq.read_table(self.part(kind, number))
        except (pa.ArrowInvalid, OSError):
            return None
        if table.num_rows != rows:
            return None
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def write_lines(self, name: str, lines: Sequence[str]) -> None:
        """Write a list of sentences so that it is either whole or absent."""
        temporary = self.path / f"{name}.tmp"
        temporary.write_text("\n".join(lines), "utf-8")
        temporary.replace(self.path / name)

    def read_lines(self, name: str) -> tuple[str, ...] | None:
        """Return what `write_lines` wrote, or None when it is not there."""
        try:
            return tuple((self.path / name).read_text("utf-8").splitlines())
        except FileNotFoundError:
            return None

    def map_array(self, name: str, shape: tuple[int, int], kind: np.dtype[Any]) -> np.memmap[Any, Any]:
        """Return an array kept in a file, of an earlier try where that one has the same shape.

        Space for a new one is taken at once: writing into a mapped file on a full disk ends the process.
        """
        path = self.path / name
        size = shape[0] * shape[1] * kind.itemsize
        if not path.exists() or path.stat().st_size != size:
            shutil.rmtree(self.path / PARTS, ignore_errors=True)  # they vouch for what is not there
            with path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        return np.memmap(path, dtype=kind, mode="r+", shape=shape)


@contextmanager
def work_folder(root: Path, model_id: str, key: str) -> Iterator[WorkFolder]:
    """Open (or re-open) the hidden folder of a build and hold its lock.

    Parameters
    ----------
    root : Path
        The folder of all snapshots; made when needed.
    model_id : str
        The model's id.
    key : str
        Hash of everything that decides the numbers; builds with the same key share a folder.

    Raises
    ------
    SnapshotError
        Another process is building the same snapshot, the folder cannot be written, or the disk is full.
    CandorError
        From inside, when the inputs cannot be used; the folder and everything made for it are removed.
    """
    path = root / model_id / f"{BUILDING}{key[:16]}"
    made = [p for p in (path, *path.parents) if not p.exists()]
    with _locked(path, "This snapshot is being built already"), _disk_errors_in_words(root):
        try:
            yield WorkFolder(path)
        except SnapshotError:
            raise
        except CandorError:  # the inputs cannot be used: nothing here is worth keeping
            _remove(path, made)
            raise


@contextmanager
def scratch_folder(root: Path, name: str) -> Iterator[Path]:
    """Open an empty hidden folder under `root` for one process at a time; it is removed at the end.

    Its name is always the same, so that what a killed process left is cleared by the next one.

    Raises
    ------
    SnapshotError
        Another process is using it, the folder cannot be written, or the disk is full.
    """
    path = root / f".{name}"
    made = [p for p in (path, *path.parents) if not p.exists()]
    with _locked(path, f"The {name} snapshots are being built already"), _disk_errors_in_words(root):
        inner = path / "inputs"
        shutil.rmtree(inner, ignore_errors=True)
        inner.mkdir()
        try:
            yield inner
        finally:
            _remove(path, made)


def clear_leftovers(root: Path, model_id: str, key: str) -> None:
    """Remove the work folder of a snapshot that is published, unless a process holds it."""
    path = root / model_id / f"{BUILDING}{key[:16]}"
    if path.exists():
        with suppress(SnapshotError), _locked(path, ""):
            shutil.rmtree(path, ignore_errors=True)


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
    (work.result / NAME).write_text(manifest.to_json(), "utf-8")
    for file in work.result.rglob("*"):
        if file.is_file():
            _sync(file)
            file.chmod(0o440)
    work.result.chmod(0o750)
    _sync(work.result)
    try:
        work.result.rename(target)
    except OSError as e:
        found = f"{target} is already there."
        raise SnapshotError("The snapshot was not published", found, "Use it, or remove it first.") from e
    _sync(target.parent)
    shutil.rmtree(work.path, ignore_errors=True)
    return target


@contextmanager
def _locked(path: Path, busy: str) -> Iterator[None]:
    """Make a folder and hold the lock in it."""
    try:
        handle = _take_lock(path)
    except BlockingIOError as e:
        raise SnapshotError(busy, "Another process is building it now.", "Wait until it is done.") from e
    except OSError as e:
        problem = f"{path.parent} cannot be written ({e.strerror})."
        raise SnapshotError("No snapshot can be built here", problem, "Choose another folder with --out.") from e
    try:
        yield
    finally:
        os.close(handle)


def _take_lock(path: Path) -> int:
    """Lock a folder that may be removed by its last owner while we wait; return the open lock file."""
    for again in range(TRIES, -1, -1):
        handle = -1
        try:
            path.mkdir(parents=True, exist_ok=True)
            handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), (path / LOCK).stat()):
                return handle
            os.close(handle)
        except (BlockingIOError, FileNotFoundError):
            if handle >= 0:
                os.close(handle)
            if not again:
                raise
        time.sleep(0.05)
    raise BlockingIOError(errno.EAGAIN, "the folder is removed each time it is made")


def _remove(path: Path, made: Sequence[Path]) -> None:
    """Remove a folder, and of the folders above it those that were made for it and are empty."""
    shutil.rmtree(path, ignore_errors=True)
    for parent in made:
        with suppress(OSError):
            parent.rmdir()


@contextmanager
def _disk_errors_in_words(root: Path) -> Iterator[None]:
    """Say in a sentence that there is no room; what was finished is kept for the next try."""
    try:
        yield
    except (OSError, duckdb.Error) as e:
        full = getattr(e, "errno", None) in NO_ROOM or "No space left" in str(e) or "File too large" in str(e)
        if full:
            found = f"There was no room left to write to {root}."
            remedy = "Make room and run the same command again: it goes on where it stopped."
            raise SnapshotError("The disk is full", found, remedy) from e
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
