"""Builds in progress and builds that were stopped, as far as their hidden folders tell. Imports nothing heavy."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

BUILDING = ".building-"
"""How the name of a folder begins in which a snapshot is being built."""
LOCK = "lock"
"""File in such a folder that its process holds."""


def unfinished_builds(root: Path) -> tuple[str, ...]:
    """Return one sentence for every build that is in progress or was stopped."""
    found = []
    for path in sorted(root.glob(f"*/{BUILDING}*")):
        if _is_held(path):
            found.append(f"A snapshot of {path.parent.name} is being built now.")
        else:
            found.append(
                f"A build of {path.parent.name} stopped before it was done. The same command goes on from there;"
                f" to give it up, remove the folder {path}."
            )
    return tuple(found)


def _is_held(path: Path) -> bool:
    """Return whether a process holds a folder's lock."""
    try:
        handle = os.open(path / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
