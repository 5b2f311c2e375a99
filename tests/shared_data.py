"""Where the tests find the real data that lies beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


def shared_path(name: str) -> Path:
    """Return a file of the shared data; without it, fail under CI and skip elsewhere, saying so."""
    path = SHARED / name
    if not path.exists():
        reason = f"the shared data file {name} is not beside this checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
