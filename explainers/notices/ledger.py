"""The folder of a batch of letters and its manifest: which letters are made, each exactly once.

A letter is written under another name, then renamed, then noted in the manifest. So a batch that is killed at any
moment has at most one letter for each process that the manifest does not know; it is removed and made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from data.errors import CandorError

MANIFEST, LETTERS = "manifest.jsonl", "letters"
LOCK, WORKING = ".lock", ".working"
TEMPORARY = ".tmp"
LONGEST_STEM = 80
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Entry:
    """What became of one application."""

    application: str
    """The lender's own number."""
    state: str
    """"made", "stopped" or "not due"."""
    file: str | None
    """Name inside the folder; None without a letter."""
    sha256: str | None
    """Hash of the file; None as above."""
    missing: tuple[str, ...]
    """What is missing, or why no letter is due."""


class Ledger:
    """The folder of one batch, held by this process; a context manager.

    Parameters
    ----------
    folder : Path
        Where letters and manifest go: new, empty, or of the same batch.
    header : dict
        What decides the letters: a batch goes on only where all of it is the same.

    Raises
    ------
    CandorError
        From entering: the folder is in use, holds something else, or another batch.
    """

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self.folder = folder
        self.header = header
        self.made: dict[str, Entry] = {}
        self._lock: IO[bytes] | None = None
        self._manifest: IO[str] | None = None

    def __enter__(self) -> Ledger:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._refuse_other_files()
            self._lock = (self.folder / LOCK).open("wb")
            _hold(self._lock, self.folder)
            (self.folder / LETTERS).mkdir(exist_ok=True)
            self._go_on()
            self._manifest = (self.folder / MANIFEST).open("a", encoding="utf-8")
        except OSError as error:
            self._close()
            found = f"The folder cannot be written ({error.strerror})."
            raise CandorError("The letters were not made", found, "Choose another folder with --out.") from error
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def _close(self) -> None:
        for stream in (self._manifest, self._lock):
            if stream is not None:
                stream.close()

    def add(self, entry: Entry) -> None:
        """Note what became of an application; what is noted stays noted when the machine stops."""
        if self._manifest is None:
            raise ValueError("the ledger is not open")
        self._manifest.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        self._manifest.flush()
        os.fsync(self._manifest.fileno())

    def _refuse_other_files(self) -> None:
        others = {path.name for path in self.folder.iterdir()} - {MANIFEST, LETTERS, LOCK, WORKING}
        if others or (not (self.folder / MANIFEST).exists() and any(self.folder.glob(f"{LETTERS}/*"))):
            found = f"{self.folder} holds files of something else."
            raise CandorError("The letters were not made", found, "Choose a new or empty folder with --out.")

    def _go_on(self) -> None:
        """Keep what is proven of an earlier try, and clear the rest away."""
        header, entries = read_manifest(self.folder)
        if header is not None and header != self.header:
            differ = ", ".join(key for key in self.header if header.get(key) != self.header[key])
            found = f"The folder holds another batch: {differ or 'its manifest'} differs."
            raise CandorError("The letters were not made", found, "Choose a new folder with --out.")
        kept = [entry for entry in entries if entry.state == "made" and self._is_whole(entry)]
        self.made = {entry.application: entry for entry in kept}
        known = {Path(entry.file or "").name for entry in self.made.values()}
        for path in (self.folder / LETTERS).iterdir():
            if path.name not in known:
                path.unlink()
        lines = [json.dumps(self.header, ensure_ascii=False)]
        lines += [json.dumps(asdict(entry), ensure_ascii=False) for entry in self.made.values()]
        write_whole(self.folder / MANIFEST, ("\n".join(lines) + "\n").encode())

    def _is_whole(self, entry: Entry) -> bool:
        path = self.folder / (entry.file or "")
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256


def read_manifest(folder: Path) -> tuple[dict[str, Any] | None, list[Entry]]:
    """Return the first line of a manifest and its whole lines; a last line that was cut off is left out.

    Raises
    ------
    CandorError
        It is not a manifest of letters.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None, []
    lines = path.read_text("utf-8", errors="replace").split("\n")[:-1]
    try:
        header, *rest = (json.loads(line) for line in lines)
        return dict(header), [Entry(**{**line, "missing": tuple(line["missing"])}) for line in rest]
    except (ValueError, TypeError, KeyError) as error:
        found = f"{path} is damaged."
        raise CandorError("The letters were not made", found, "Choose a new folder with --out.") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or absent, also when the machine stops."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def letter_name(number: str, suffix: str) -> str:
    """Return the name of an application's file: its number, and a hash where the number cannot be a name."""
    if PLAIN.fullmatch(number) and len(number) <= LONGEST_STEM:
        return f"{LETTERS}/{number}{suffix}"
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", number)[:LONGEST_STEM].strip("_")
    return f"{LETTERS}/{plain}~{hashlib.sha256(number.encode()).hexdigest()[:16]}{suffix}"


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Say that this process writes letters into a folder: a batch that goes on waits for those that outlived theirs."""
    with (folder / WORKING).open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        yield


def _hold(lock: IO[bytes], folder: Path) -> None:
    """Take the folder for this process, and wait until no process of an earlier try writes into it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        found = f"Another process is writing letters to {folder}."
        raise CandorError("The letters were not made", found, "Wait for it, or choose another folder.") from error
    with suppress(FileNotFoundError), (folder / WORKING).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # they end with the letter they are at
