"""The manifest of a snapshot: what is in the folder, from which inputs, with which hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from data.errors import SnapshotError

SCHEMA = 3
"""Version of the snapshot's layout. A folder of another version is refused with a sentence."""
NAME = "manifest.json"
BLOCK = 1 << 20


@dataclass(frozen=True)
class FileEntry:
    """One file of a snapshot."""

    sha256: str
    """Hash of its bytes."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Manifest:
    """Everything a validator needs to know which snapshot this is and that it is whole."""

    schema: int
    """Layout version."""
    snapshot_id: str
    """As-of date and the first eight digits of `fingerprint`."""
    fingerprint: str
    """SHA-256 over the card, the model, the source table, the seed and the layout version."""
    model_id: str
    """From the card."""
    model_name: str
    """From the card."""
    model_version: str
    """From the card."""
    synthetic: bool
    """True when the card says that the applications are made up."""
    as_of: str | None
    """Date of the latest application, ISO; None without dates."""
    n: int
    """Number of applications."""
    seed: int
    """Seed of everything drawn at random during the build."""
    built_at: str
    """UTC time of the build, ISO."""
    self_checks_passed: bool
    """Whether every check run at the end of the build held."""
    settings: dict[str, Any]
    """Batch size, comparison group and the like."""
    inputs: dict[str, str]
    """SHA-256 of card, model and source as they were read."""
    versions: dict[str, str]
    """Python and the libraries that took part."""
    notes: tuple[str, ...]
    """What a reader should know though nothing is wrong, one sentence each."""
    files: dict[str, FileEntry]
    """Every file of the folder except this one."""

    def to_json(self) -> str:
        """Return the text written to `manifest.json`."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


_SHAPE = TypeAdapter(Manifest)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def entries(folder: Path) -> dict[str, FileEntry]:
    """Hash every file of a folder but the manifest itself."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != NAME)
    return {p.relative_to(folder).as_posix(): FileEntry(hash_file(p), p.stat().st_size) for p in paths}


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest and refuse what this version cannot open.

    Raises
    ------
    SnapshotError
        No manifest, a damaged one, or one of another layout version.
    """
    title = f"Snapshot {folder.name} cannot be opened"
    rebuild = "Build it again with `python -m explainers build --card CARD.yaml`."
    try:
        raw = json.loads((folder / NAME).read_text("utf-8"))
        if raw["schema"] != SCHEMA:
            found = f"It has layout version {int(raw['schema'])}; this Candor reads version {SCHEMA}."
            raise SnapshotError(title, found, rebuild)
        return _SHAPE.validate_json(json.dumps(raw), strict=True)
    except FileNotFoundError as e:
        raise SnapshotError(title, "The folder holds no manifest.json: it was copied only in part.", rebuild) from e
    except OSError as e:
        raise SnapshotError(title, f"Its manifest.json cannot be read ({e.strerror}).", "Allow reading it.") from e
    except (KeyError, TypeError, ValueError, RecursionError) as e:
        raise SnapshotError(title, "Its manifest.json is damaged.", rebuild) from e


def verify_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return one sentence for every file that is missing, changed or not in the manifest."""
    wrong = []
    for name, entry in manifest.files.items():
        path = folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts or not path.is_file():
            wrong.append(f"{name} is missing.")
        elif path.stat().st_size != entry.size or hash_file(path) != entry.sha256:
            wrong.append(f"{name} is not the file that was published (its SHA-256 differs).")
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    wrong.extend(f"{name} does not belong to this snapshot." for name in sorted(present - set(manifest.files) - {NAME}))
    return wrong
