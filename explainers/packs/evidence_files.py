"""An evidence pack read with suspicion: sizes, names and shapes are checked before anything in it is believed."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from data.errors import CandorError
from explainers.packs.document import ChartBlock, Document, FactsBlock, ListBlock, TableBlock, TextBlock
from explainers.packs.evidence import KIND, MANIFEST, SCHEMA, Entry

MOST_FILES = 5_000
LARGEST_FILE, LARGEST = 200_000_000, 600_000_000
"""Bytes of one file and of all, unpacked."""
REMEDY = "Ask for the pack again, as one zip file made by Candor."
BLOCKS = {one.__name__: TypeAdapter(one) for one in (TextBlock, ListBlock, FactsBlock, TableBlock, ChartBlock)}


@dataclass(frozen=True)
class SectionEntry:
    """What the manifest says of a section."""

    title: str
    """As in the table of contents."""
    figures: tuple[str, ...]
    """Its CSV files."""
    pin_id: str | None
    """The pin it was made of; None for words of people."""
    content_hash: str = ""
    """SHA-256 of the pin."""
    page: str = ""
    """Page it was kept from."""
    address: tuple[tuple[str, str], ...] = ()
    """Inputs of the page."""
    model_id: str = ""
    """Slug of the model."""
    snapshot_id: str = ""
    """Snapshot that was shown."""
    snapshot_hash: str = ""
    """Its fingerprint."""
    code_hash: str = ""
    """Of the code that showed it."""
    libraries: Mapping[str, str] | None = None
    """Versions under it."""
    inputs: Mapping[str, str] | None = None
    """SHA-256 of card, model and source."""


@dataclass(frozen=True)
class PackManifest:
    """What a pack says of itself."""

    kind: str
    """`KIND`."""
    schema: int
    """Layout."""
    pack_id: str
    """SHA-256 of what it was made of."""
    title: str
    """Of the whole."""
    audience: str
    """Whose view."""
    made_on: str
    """Day of the latest thing in it."""
    code_hash: str
    """Of the code that wrote it."""
    libraries: Mapping[str, str]
    """Versions that wrote it."""
    files: Mapping[str, Entry]
    """Every file but the manifest."""
    sections: tuple[SectionEntry, ...]
    """In the order of reading."""


@dataclass(frozen=True)
class OpenedPack:
    """A pack, unpacked into memory."""

    manifest: PackManifest
    """What it says of itself."""
    files: Mapping[str, bytes]
    """Name -> content, without the manifest."""


_MANIFEST = TypeAdapter(PackManifest)
_DOCUMENT = TypeAdapter(Document)


def open_pack(path: Path) -> OpenedPack:
    """Read a pack; nothing is written to the disk.

    Raises
    ------
    CandorError
        It is no evidence pack, damaged, too large, or names files outside itself.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            _check_sizes(entries)
            files = {entry.filename: _content(packed, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as e:
        raise _refuse("It is not a zip file, or it is damaged.") from e
    except OSError as e:
        raise _refuse(f"{path} cannot be read ({e.strerror or 'damaged'}).") from e
    if len(files) != len(entries):
        raise _refuse("It holds two files of one name.")
    if MANIFEST not in files:
        raise _refuse(f"It holds no {MANIFEST}.")
    return OpenedPack(_manifest(files.pop(MANIFEST)), files)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise _refuse(f"It holds {len(entries):,} files; allowed are {MOST_FILES:,}.")
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in entry.filename:
            raise _refuse("It names a file outside itself.")
    if any(entry.file_size > LARGEST_FILE for entry in entries) or sum(e.file_size for e in entries) > LARGEST:
        raise _refuse(f"Unpacked it takes more than {LARGEST // 1_000_000:,} MB.")


def _content(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a file's content; one that is larger than it says is refused before it is in memory."""
    with packed.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise _refuse("One of its files has another size than it says.")
    return content


def _manifest(content: bytes) -> PackManifest:
    try:
        raw = json.loads(content)
        kind, schema = raw["kind"], raw["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise _refuse(f"Its {MANIFEST} is damaged, or of something else.") from e
    if kind != KIND:
        raise _refuse("It is not an evidence pack of Candor.")
    if schema != SCHEMA:
        raise _refuse(f"It has layout {str(schema)[:20]}; this Candor reads layout {SCHEMA}.")
    try:
        return _MANIFEST.validate_python(raw)
    except ValidationError as e:
        raise _refuse(f"Its {MANIFEST} is damaged.") from e


def read_document(text: bytes) -> Document:
    """Return the document of a pack.

    Raises
    ------
    ValueError
        It is none.
    """
    try:
        raw = json.loads(text)
        blocks = [[_block(block) for block in section.pop("blocks")] for section in raw["sections"]]
        read = _DOCUMENT.validate_python({**raw, "sections": [{**s, "blocks": ()} for s in raw["sections"]]})
    except (KeyError, TypeError, AttributeError, RecursionError, IndexError) as e:
        raise ValueError("no document") from e
    sections = tuple(replace(s, blocks=tuple(own)) for s, own in zip(read.sections, blocks, strict=True))
    return replace(read, sections=sections)


def _block(raw: dict[str, Any]) -> Any:
    return BLOCKS[raw.pop("block")].validate_python(raw)


def _refuse(found: str) -> CandorError:
    return CandorError("This pack cannot be verified", found, REMEDY)
