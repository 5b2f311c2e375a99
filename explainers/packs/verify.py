"""A pack checked without the server that made it: hashes, figures, documents, and the figures computed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from data.access import Viewer
from data.code_version import code_hash, library_versions
from data.errors import CandorError
from data.reason_approvals import approved_words
from data.workspace import Workspace
from data.workspace.pin_parts import ChartPart, Pin, TablePart, read_pin_text
from data.workspace.pins import read_pin
from explainers.packs.document import ChartBlock, Document, TableBlock
from explainers.packs.evidence import DOCUMENT, DOCUMENTS, PINS, document_text, figure_files
from explainers.packs.evidence_files import OpenedPack, SectionEntry, open_pack, read_document
from explainers.packs.forms import WRITERS, Writer
from explainers.packs.recompute import WHO
from explainers.packs.verify_sections import Shelf
from explainers.pins.compare import facts
from explainers.self_checks import SelfCheck
from explainers.style import whole

MOST_NAMED = 5
"""Names in one line; more are counted."""


def verify_pack(path: Path, root: Path | None = None, workspace: Workspace | None = None) -> Iterator[SelfCheck]:
    """Verify an evidence pack; yields one result per check.

    Parameters
    ----------
    path : Path
        The zip file.
    root : Path, optional
        Folder of snapshots, for what can be computed again.
    workspace : Workspace, optional
        Where pins are kept: those of the pack that are here too are compared. Without it, wording of reasons that was
        approved in the app is not known.

    Raises
    ------
    CandorError
        It is no evidence pack, or too damaged to be read.
    """
    opened = open_pack(path)
    manifest = opened.manifest
    found = f"layout {manifest.schema}, {len(manifest.files):,} files, pack {manifest.pack_id[:12]}"
    yield SelfCheck("The pack can be read", True, found)
    yield _check_files(opened)
    pins = _pins(opened)
    yield _check_pins(opened, pins)
    document = _document(opened)
    if document is None:
        yield SelfCheck("The document can be read", False, f"{DOCUMENT} is missing or damaged; no figure was compared.")
    else:
        yield _check_document(opened, document, pins)
        yield _check_figures(opened, document)
        yield from _check_documents(opened, document)
    if workspace is not None:
        yield _check_workspace(workspace, pins)
    approvals = () if workspace is None else approved_words(workspace)
    with closing(Shelf(root, approvals)) as shelf:
        for number, section in enumerate(manifest.sections, start=1):
            if section.pin_id is not None:
                yield shelf.check(number, section, pins.get(section.pin_id))


def _check_files(opened: OpenedPack) -> SelfCheck:
    wrong = []
    for name, entry in opened.manifest.files.items():
        content = opened.files.get(name)
        if content is None:
            wrong.append(f"{name} is missing")
        elif hashlib.sha256(content).hexdigest() != entry.sha256 or len(content) != entry.size:
            wrong.append(f"{name} is not the file the manifest names")
    wrong += [f"{name} is not in the manifest" for name in sorted(set(opened.files) - set(opened.manifest.files))]
    said = f"{whole(len(opened.manifest.files))} files have the SHA-256 of the manifest."
    return SelfCheck("Files are those of the manifest", not wrong, _named(wrong) or said)


def _pins(opened: OpenedPack) -> dict[str, Pin]:
    """Return the pins that can be read, by their id."""
    found = {}
    for name, content in opened.files.items():
        if name.startswith(f"{PINS}/"):
            try:
                pin = read_pin_text(content.decode())
            except ValueError:
                continue
            if name == f"{PINS}/{pin.pin_id}.json" and pin.text.encode() == content:
                found[pin.pin_id] = pin
    return found


def _check_pins(opened: OpenedPack, pins: dict[str, Pin]) -> SelfCheck:
    wrong = []
    for section in opened.manifest.sections:
        pin = pins.get(section.pin_id) if section.pin_id is not None else None
        if section.pin_id is None:
            continue
        if pin is None:
            wrong.append(f"pin {section.pin_id} is missing, or is not as it was kept")
        elif pin.content_hash != section.content_hash:
            wrong.append(f"pin {section.pin_id} has another content hash")
        elif str(pin.audience) != opened.manifest.audience or not _same_source(section, pin):
            wrong.append(f"pin {section.pin_id} comes from elsewhere than the manifest says")
    said = f"{whole(len(pins))} pins have their content hash."
    return SelfCheck("Pins are as they were kept", not wrong, _named(wrong) or said)


def _same_source(section: SectionEntry, pin: Pin) -> bool:
    source = pin.shown.source
    own = (source.model_id, source.snapshot_id, source.snapshot_hash, source.code_hash, pin.shown.page)
    told = (section.model_id, section.snapshot_id, section.snapshot_hash, section.code_hash, section.page)
    return own == told and pin.shown.address == section.address


def _document(opened: OpenedPack) -> Document | None:
    content = opened.files.get(DOCUMENT)
    try:
        read = read_document(content) if content is not None else None
    except ValueError:
        return None
    return read if read is not None and document_text(read).encode() == content else None


def _check_document(opened: OpenedPack, document: Document, pins: dict[str, Pin]) -> SelfCheck:
    """Compare what the pack says with what its pins say."""
    told = [(section.title, section.pin_id) for section in opened.manifest.sections]
    if [(section.title, section.pin_id) for section in document.sections] != told:
        found = "Its sections are others than those of the manifest."
        return SelfCheck("Charts and tables are those of the pins", False, found)
    wrong, same, derived = [], 0, 0
    for section in document.sections:
        pin = pins.get(section.pin_id) if section.pin_id is not None else None
        words = frozenset(_words(pin)) if pin is not None else frozenset()
        for block in section.blocks:
            if pin is not None and isinstance(block, ChartBlock | TableBlock):
                stands = _stands_in(block, pin)
                same, derived = same + stands, derived + (not stands)
                if not stands and not _is_said(block, words):
                    wrong.append(f"{block.file} does not stand in its pin")
    said = f"{whole(same)} charts and tables stand in the pins, number for number"
    said += f"; {whole(derived)} more are made of the words of their page." if derived else "."
    return SelfCheck("Charts and tables are those of the pins", not wrong, _named(wrong) or said)


def _stands_in(block: ChartBlock | TableBlock, pin: Pin) -> bool:
    """Return whether a chart or a table is a part of a pin."""
    if isinstance(block, ChartBlock):
        return any(part == block.part for part in pin.shown.parts if isinstance(part, ChartPart))
    tables = [part for part in pin.shown.parts if isinstance(part, TablePart)]
    return any(part.columns == block.columns and part.rows == block.whole for part in tables)


def _is_said(block: ChartBlock | TableBlock, words: frozenset[str]) -> bool:
    """Return whether every word and number of a chart or table that was made of a page's words is among them."""
    if isinstance(block, ChartBlock):
        cells = [cell for trace in block.part.figure.get("data") or () for cell in trace.get("text") or ()]
    else:
        cells = [cell for row in block.whole for cell in row if cell is not None]
    return bool(cells) and all(word in words for cell in cells for word in str(cell).split())


def _words(pin: Pin) -> Iterator[str]:
    """Yield every word that a pin's page showed."""
    for part in pin.shown.parts:
        for _, value in facts(part):
            yield from str(value).split()


def _check_figures(opened: OpenedPack, document: Document) -> SelfCheck:
    """Compare every CSV with the figures of its chart or table, to the last digit."""
    wrong = []
    made = figure_files(document)
    for name, content in made.items():
        if opened.files.get(name) != content:
            wrong.append(f"{name} does not hold the figures of its chart or table")
    said = f"{whole(len(made))} CSV files hold the figures of charts and tables to the last digit."
    return SelfCheck("CSV files are the figures", not wrong, _named(wrong) or said)


def _check_documents(opened: OpenedPack, document: Document) -> Iterator[SelfCheck]:
    """Write each document again, where the code and the libraries are those that wrote it, and compare the bytes."""
    same_code = opened.manifest.code_hash == code_hash()
    same_libraries = dict(opened.manifest.libraries) == dict(library_versions())
    for name, content in opened.files.items():
        if not name.startswith(f"{DOCUMENTS}/"):
            continue
        write = WRITERS.get(PurePosixPath(name).suffix)
        title = f"Document {name}"
        if write is None:
            yield SelfCheck(title, False, "No document of a pack ends like this.")
        elif not (same_code and same_libraries):
            yield SelfCheck(title, True, "Only its hash was checked: other code or libraries wrote it.")
        else:
            yield _written_again(title, content, document, write)


def _written_again(title: str, content: bytes, document: Document, write: Writer) -> SelfCheck:
    try:
        again = write(document)
    except CandorError as e:
        return SelfCheck(title, True, f"Only its hash was checked: {e.title.lower()}.")
    if again == content:
        return SelfCheck(title, True, "Written again from the figures: the same bytes.")
    found = "Written again from the figures it has other bytes: it was changed, or this machine has other fonts."
    return SelfCheck(title, False, found)


def _check_workspace(workspace: Workspace, pins: dict[str, Pin]) -> SelfCheck:
    """Compare the pins with those kept in the workspace of this machine."""
    wrong, here = [], 0
    for pin in pins.values():
        try:
            own = read_pin(workspace, Viewer(WHO, pin.audience, pin.partner), pin.pin_id)
        except CandorError:
            continue
        here += 1
        if own.content_hash != pin.content_hash:
            wrong.append(f"pin {pin.pin_id} is kept here with another content")
    said = f"{whole(here)} of {whole(len(pins))} pins are kept in the workspace here, with the same content."
    return SelfCheck("Pins are those of the workspace", not wrong, _named(wrong) or said)


def _named(wrong: list[str]) -> str:
    """Return what is wrong, the first few by name; "" for nothing."""
    more = len(wrong) - MOST_NAMED
    return "; ".join(wrong[:MOST_NAMED]) + (f"; and {whole(more)} more" if more > 0 else "") + ("." if wrong else "")
