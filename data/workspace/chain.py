"""The hashes of the log: what is hashed, in which spelling, and where the chain begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

LAYOUT = "candor shown log 1"
"""Stands in the first hash, so that another spelling of entries can never be taken for this one."""
HASHED = (
    "number",
    "entry_id",
    "shown_at",
    "who",
    "audience",
    "partner",
    "page",
    "inputs",
    "snapshot_id",
    "snapshot_hash",
    "rows_behind",
    "created_at",
    "previous_hash",
)
"""Every column of an entry but its own hash."""


def canonical(value: object) -> str:
    """Return the one JSON spelling of a value: keys sorted, no spaces, ASCII.

    Raises
    ------
    ValueError
        A number is not finite: JSON has no word for it.
    TypeError
        Something is not text, a number, true, false, nothing, a list or a mapping.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def first_hash(workspace_id: str, salt: str) -> str:
    """Return what the first entry names as the hash before it.

    It depends on the workspace and its salt: the log of another workspace does not pass for this one, and
    neither does an exchanged salt, which would make every "was it shown?" answer no.
    """
    return hashlib.sha256(canonical([LAYOUT, workspace_id, salt]).encode()).hexdigest()


def entry_hash(entry: Mapping[Any, Any]) -> str:
    """Return the SHA-256 of an entry: over the canonical JSON of its columns and the hash before it.

    Parameters
    ----------
    entry : mapping
        Column name -> value; holds at least `HASHED`.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256(canonical({name: entry[name] for name in HASHED}).encode()).hexdigest()
