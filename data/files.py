"""Where Candor keeps its files."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
HOME_VARIABLE = "CANDOR_HOME"


def home() -> Path:
    """Return the folder of everything Candor writes: `CANDOR_HOME`, else `.candor` in the checkout."""
    return Path(os.environ.get(HOME_VARIABLE) or ROOT / ".candor").expanduser().resolve()


def snapshots_root() -> Path:
    """Return the folder that holds all snapshots."""
    return home() / "snapshots"


def stamp(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is written or replaced: its number, size and time of change (ns)."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
