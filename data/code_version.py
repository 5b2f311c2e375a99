"""Which code this is: one hash over the app's own files, and the versions of the libraries under the figures."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from data.files import ROOT

ROOMS = ("data", "explainers", "pages")
LIBRARIES = ("duckdb", "lightgbm", "numba", "numpy", "pandas", "plotly", "scikit-learn", "streamlit")


@cache
def code_hash() -> str:
    """Return the SHA-256 over the names and bytes of `app.py`, the rooms' Python files and all assets.

    Counted once for a process: what runs is what was read at its start.
    """
    return hash_of(ROOT)


def hash_of(root: Path) -> str:
    """Return the hash of a checkout: files in the order of their names, each with its name and its own hash."""
    files = [root / "app.py", *(p for room in ROOMS for p in (root / room).rglob("*.py"))]
    files += [p for p in (root / "assets").rglob("*") if p.is_file() and not p.name.startswith(".")]
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in files):
        digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@cache
def library_versions() -> Mapping[str, str]:
    """Return the version of Python and of each library a shown figure passes through."""
    return MappingProxyType({"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}})
