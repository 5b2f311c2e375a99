"""Finding, opening and verifying snapshots. A snapshot is one folder, read-only, never changed.

Folders that are broken do not hide the others: `list_snapshots` gives one sentence for each of
them and returns the rest. `open_reader` is the only way from a snapshot to its rows.
"""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path

import duckdb

from data.access import Viewer
from data.card_schema import Card, Unit
from data.cards import read_card
from data.errors import ModelFileError, SnapshotError
from data.listing import MIXED_UP
from data.manifest import NAME, Manifest, read_manifest, verify_files
from data.models import CreditModel, read_model
from data.protected_open import open_joined
from data.reader import Reader
from data.reason_catalogue import Catalogue, read_catalogue
from data.sql import open_readonly

DATABASE = "snapshot.duckdb"
GROUPS = "groups.duckdb"
CARD = "card.yaml"
MODEL = "model.txt"
REASONS = "reasons.yaml"
RESERVED = {DATABASE, GROUPS, CARD, MODEL, REASONS, NAME}
"""Files that every snapshot has, or may have."""
LEAST_MEMORY, MOST_MEMORY = 320_000_000, 1_000_000_000
"""Bytes one snapshot may take inside DuckDB; spilling goes to no other place than the process."""
MEMORY_OF_ONE = 700
"""Bytes more for each application: sorting and medians hold some figures of every one at once. Many signals need no
more, because they are read a part at a time (`data.wide_rows`), but all that was read stays while there is room."""
THREADS = 2


class Snapshot:
    """One published snapshot, opened once per process and shared by all viewers.

    The model, the card and the database connection are read when first needed. Nothing here
    returns rows: rows come from a `Reader`, which is opened for a viewer.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._opening = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._protected: duckdb.DuckDBPyConnection | None = None

    @cached_property
    def card(self) -> Card:
        """Return the card the snapshot was built with."""
        return read_card(self.folder / CARD).card

    @cached_property
    def model(self) -> CreditModel:
        """Return the model; its file was read in a child process when the snapshot was built."""
        entry = self.manifest.files[MODEL]
        return read_card_model(self.card, self.folder / MODEL, verified_sha256=entry.sha256)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the reason catalogue the snapshot was built with."""
        return read_catalogue(self.folder / REASONS)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return the read-only parent connection; callers take a cursor of it per query."""
        with self._opening:
            if self._connection is None:
                self._connection = open_readonly(
                    self.folder / DATABASE, memory_limit=memory_limit(self.manifest.n), threads=THREADS
                )
            return self._connection

    def protected_connection(self) -> duckdb.DuckDBPyConnection | None:
        """Return a connection to the snapshot with its groups, opened when first asked for; None without groups."""
        groups = self.folder / GROUPS
        with self._opening:
            if self._protected is None and groups.is_file():
                self._protected = open_joined(
                    self.folder / DATABASE, groups, memory_limit=memory_limit(self.manifest.n), threads=THREADS
                )
            return self._protected

    def close(self) -> None:
        """Close the databases, so that the folder can be removed."""
        with self._opening:
            for connection in filter(None, (self._connection, self._protected)):
                connection.close()
            self._connection = self._protected = None


def memory_limit(n: int) -> str:
    """Return how much memory a snapshot of `n` applications may take inside DuckDB, as DuckDB reads it."""
    return f"{min(LEAST_MEMORY + MEMORY_OF_ONE * n, MOST_MEMORY)}B"


def read_card_model(card: Card, path: Path, *, verified_sha256: str | None = None) -> CreditModel:
    """Read a card's model; the card says which signals are categories where the model's file cannot.

    Parameters
    ----------
    card : Card
        The model's card.
    path : Path
        The model's file.
    verified_sha256 : str, optional
        Hash of the file when it was published.

    Raises
    ------
    ModelFileError
        The model cannot be read or is of a kind that is not explained.
    """
    named = [name for name, feature in card.features.items() if feature.unit == Unit.CATEGORY]
    if not named:
        return read_model(path, verified_sha256=verified_sha256)
    try:
        return read_model(path, verified_sha256=verified_sha256, category_columns=named)
    except ModelFileError as refused:
        # a model may also have categories that were whole numbers in training; its file then tells which is which
        try:
            return read_model(path, verified_sha256=verified_sha256)
        except ModelFileError:
            raise refused from None


def open_snapshot(root: Path, model_id: str, snapshot_id: str) -> Snapshot:
    """Verify every file of a snapshot against its manifest and open it.

    Raises
    ------
    SnapshotError
        It does not exist, a hash differs, or its layout is of another version.
    """
    folder = snapshot_folder(root, model_id, snapshot_id)
    manifest = read_manifest(folder)
    if manifest.snapshot_id != snapshot_id or manifest.model_id != model_id:
        raise SnapshotError(f"Snapshot {snapshot_id} cannot be opened", MIXED_UP, "Restore the folder's own name.")
    wrong = verify_files(folder, manifest)
    if wrong:
        remedy = "Copy the folder again from where it was built, or build it again."
        raise SnapshotError(f"Snapshot {snapshot_id} cannot be opened", " ".join(wrong), remedy)
    return Snapshot(folder, manifest)


def snapshot_folder(root: Path, model_id: str, snapshot_id: str) -> Path:
    """Return the folder of a snapshot that is listed; names that are not are never used as a path.

    Raises
    ------
    SnapshotError
        No such snapshot.
    """
    for folder in root.glob("*/*"):
        if (folder.parent.name, folder.name) == (model_id, snapshot_id) and (folder / NAME).is_file():
            return folder
    found = "There is no such snapshot here, or it is not whole."
    raise SnapshotError("This snapshot cannot be opened", found, "Choose one from the list of snapshots.")


def open_reader(snapshot: Snapshot, viewer: Viewer, catalogue: Catalogue | None = None) -> Reader:
    """Open a snapshot for one viewer: the only way to its rows.

    Parameters
    ----------
    snapshot : Snapshot
        Which one.
    viewer : Viewer
        Who is looking.
    catalogue : Catalogue, optional
        The snapshot's own with what was approved since (`data.reason_approvals`); by default as it was built.
    """
    words = snapshot.catalogue if catalogue is None else catalogue
    parts = (snapshot.card, snapshot.model, words, snapshot.manifest, viewer)
    return Reader(snapshot.connection(), *parts, snapshot.protected_connection)
