"""The evidence pack: documents, the figures behind every chart and table, the pins, and what proves them.

Everything in it can be checked without Candor's server: `python -m explainers verify PACK`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.code_version import code_hash, library_versions
from data.spreadsheet import as_text
from data.workspace.chain import canonical
from data.workspace.pin_parts import Cell, Pin
from explainers.packs.document import ChartBlock, Document, Section, TableBlock
from explainers.packs.figures import figures_of

KIND, SCHEMA = "candor evidence pack", 1
MANIFEST, DOCUMENT, README = "manifest.json", "document.json", "README.txt"
DOCUMENTS, FIGURES, PINS = "documents", "figures", "pins"
"""Folders."""
WHAT = {
    DOCUMENT: "every word and figure of the pack, from which its documents are written",
    README: "how to check this pack",
    DOCUMENTS: "the pack to read",
    FIGURES: "every figure behind a chart or a table",
    PINS: "an answer as it was kept",
}
READ_ME = """{title}
{line}
{audience}

Pack {pack_id}

What is in it
  documents/     the pack to read
  figures/       every figure behind a chart or a table, as CSV (UTF-8), all rows and all digits
  pins/          the answers as they were kept, as JSON; the SHA-256 of each file's text is the pin's content hash
  document.json  every word and figure of the pack, from which its documents are written
  manifest.json  SHA-256 of every file; for each section its pin, snapshot, code and libraries

How to check it, in a checkout of Candor
  python -m explainers verify PACK.zip
      checks every hash, compares every CSV with the pins, writes the documents again and compares them
  python -m explainers verify PACK.zip --snapshots FOLDER
      also computes again what stands on the main pages, from the snapshots in that folder
  python -m explainers check FOLDER/MODEL/SNAPSHOT
      checks the snapshot itself: its files, scores and explanations

{sections}
"""


@dataclass(frozen=True)
class Entry:
    """A file of the pack."""

    sha256: str
    """Of its content."""
    size: int
    """Bytes."""
    what: str
    """What it is, in words."""


def make_evidence(pack: Document, pins: Sequence[Pin], documents: Mapping[str, bytes]) -> bytes:
    """Return the evidence pack as a zip: the same contents give the same bytes.

    Parameters
    ----------
    pack : Document
        From `compose`.
    pins : sequence of Pin
        Those it was made of; all of the view it was made in.
    documents : mapping of str to bytes
        Name of a file -> content, such as "pack.pdf".

    Raises
    ------
    ValueError
        A section names a pin that is not among `pins`.
    """
    known = {pin.pin_id: pin for pin in pins}
    missing = [s.pin_id for s in pack.sections if s.pin_id is not None and s.pin_id not in known]
    if missing:
        raise ValueError(f"These pins are in the pack and were not given: {', '.join(missing)}")
    wanted = [known[one] for one in dict.fromkeys(s.pin_id for s in pack.sections) if one is not None]
    files = dict(_files(pack, wanted, documents))
    manifest = json.dumps(_manifest(pack, known, files), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {MANIFEST: manifest.encode(), **files}.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _files(pack: Document, pins: Sequence[Pin], documents: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield README, _read_me(pack).encode()
    for name, content in sorted(documents.items()):
        yield f"{DOCUMENTS}/{name}", content
    yield from figure_files(pack).items()
    yield DOCUMENT, document_text(pack).encode()
    for pin in pins:
        yield f"{PINS}/{pin.pin_id}.json", pin.text.encode()


def figure_files(pack: Document) -> dict[str, bytes]:
    """Return the CSV behind every chart and table: name in the pack -> content."""
    blocks: list[TableBlock | ChartBlock] = [*pack.tables(), *pack.charts()]
    return {f"{FIGURES}/{block.file}": csv_of(block) for block in blocks if block.file}


def csv_of(block: TableBlock | ChartBlock) -> bytes:
    """Return every figure of a chart or a table as CSV: numbers with all their digits, text as text."""
    table = figures_of(block.part) if isinstance(block, ChartBlock) else None
    columns = table.columns if table is not None else block.columns if isinstance(block, TableBlock) else ()
    rows = table.rows if table is not None else block.whole if isinstance(block, TableBlock) else ()
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([as_text(column) for column in columns])
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return target.getvalue().encode()


def _written(cell: Cell) -> str:
    """Write a cell of a CSV."""
    if cell is None:
        return ""
    return as_text(cell) if isinstance(cell, str) else json.dumps(cell)


def document_text(pack: Document) -> str:
    """Return a pack's words and figures as canonical JSON; blocks name their kind."""
    plain = asdict(pack)
    for section, own in zip(plain["sections"], pack.sections, strict=True):
        section["blocks"] = [
            {"block": type(block).__name__, **fields}
            for block, fields in zip(own.blocks, section["blocks"], strict=True)
        ]
    return canonical(plain)


def _manifest(pack: Document, pins: Mapping[str, Pin], files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "pack_id": pack.pack_id,
        "title": pack.title,
        "audience": str(pack.audience),
        "made_on": pack.made_on,
        "code_hash": code_hash(),
        "libraries": dict(library_versions()),
        "files": {name: asdict(_entry(name, content)) for name, content in files.items()},
        "sections": [_section(section, pins) for section in pack.sections],
    }


def _entry(name: str, content: bytes) -> Entry:
    what = WHAT.get(name) or WHAT[name.partition("/")[0]]
    return Entry(hashlib.sha256(content).hexdigest(), len(content), what)


def _section(section: Section, pins: Mapping[str, Pin]) -> dict[str, Any]:
    own = [f"{FIGURES}/{b.file}" for b in section.blocks if isinstance(b, TableBlock | ChartBlock) and b.file]
    told: dict[str, Any] = {"title": section.title, "figures": own, "pin_id": section.pin_id}
    if section.pin_id is None:
        return told
    pin = pins[section.pin_id]
    source = pin.shown.source
    return told | {
        "content_hash": pin.content_hash,
        "page": pin.shown.page,
        "address": [list(pair) for pair in pin.shown.address],
        "model_id": source.model_id,
        "snapshot_id": source.snapshot_id,
        "snapshot_hash": source.snapshot_hash,
        "code_hash": source.code_hash,
        "libraries": dict(source.libraries),
        "inputs": dict(source.inputs),
    }


def _read_me(pack: Document) -> str:
    lines = []
    for number, section in enumerate(pack.sections, start=1):
        lines.append(f"{number}. {section.title}")
        if section.source is not None:
            lines.append(f"   pin {section.pin_id}")
            lines.append(f"   snapshot {section.source.model_id}/{section.source.snapshot_id}")
    told = {"title": pack.title, "line": pack.subtitle, "audience": pack.audience_line, "pack_id": pack.pack_id}
    return READ_ME.format(**told, sections="\n".join(["Sections", *lines]))
