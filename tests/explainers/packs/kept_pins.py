"""Pins of what the main pages say and draw on a small snapshot, for tests of packs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from data.access import Viewer
from data.snapshots import Snapshot, open_reader, open_snapshot
from data.workspace.pin_parts import ChartPart, Part, Pin, Source, TablePart, WordsPart
from explainers.packs.compose import compose
from explainers.packs.contents import Kept, Pack
from explainers.packs.document import Document
from explainers.packs.recompute import RECIPES
from tests.data.workspace.meeting import RISK, SOURCE, shown
from tests.explainers.packs.boards import ODD
from tests.two_snapshots import FOLDERS, two_snapshots

ROWS_KEPT = (("=SUM(A1)", 3), ("Debt", None), ("Odd", ODD))


@cache
def kept(page: str, version: str = "1", **inputs: str) -> Pin:
    """Return a pin of what a page of a small snapshot says and draws, with a table as pages have them."""
    two_snapshots()
    with_parts = [*parts_of(page, version, inputs), TablePart("figures", f"{page}-figures", ("Name", "n"), ROWS_KEPT)]
    return pin_of(with_parts, page, source_of(version), inputs)


def parts_of(page: str, version: str, inputs: Mapping[str, str]) -> list[Part]:
    """Return the findings and charts of a page, computed on a small snapshot."""
    snapshot = opened(version)
    parts = list(RECIPES[page](open_reader(snapshot, RISK), snapshot, inputs))
    return [replace(p, title="What is drawn") if isinstance(p, ChartPart) else p for p in parts]


def pin_of(parts: list[Part], page: str, source: Source, inputs: Mapping[str, str]) -> Pin:
    """Return a pin with these parts; the same parts have the same id."""
    order = [p for p in parts if not (isinstance(p, WordsPart) and p.kind == "limits")]
    address = tuple(sorted({**inputs, "model": source.model_id, "snapshot": source.snapshot_id}.items()))
    page_shown = replace(
        shown(), page=page, question=f"The page {page}?", address=address, parts=tuple(order), source=source
    )
    name = hashlib.sha256(repr(page_shown).encode()).hexdigest()[:32]
    return Pin(name, f"About {page}", "rita", RISK.audience, None, None, "2026-11-20T16:54:00.000000+00:00", page_shown)


@cache
def opened(version: str) -> Snapshot:
    """Open the small snapshot of a model version, once for all tests."""
    two_snapshots()
    folder = FOLDERS[version]
    return open_snapshot(folder.parent.parent, folder.parent.name, folder.name)


def source_of(version: str) -> Source:
    """Return where pins of a small snapshot come from."""
    manifest = opened(version).manifest
    return replace(
        SOURCE, model_id=manifest.model_id, snapshot_id=manifest.snapshot_id, snapshot_hash=manifest.fingerprint
    )


def small_pack(*pins: Pin, viewer: Viewer = RISK) -> Document:
    """Return a pack of pins."""
    return compose(
        viewer, Pack("Three answers", "Board pack", viewer.audience, viewer.partner, tuple(Kept(p) for p in pins))
    )


def root() -> Path:
    """Return the folder of the small snapshots."""
    return two_snapshots() / "snapshots"
