"""From a public data file to a snapshot: clean, train, build."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from data.recipes import hmda, taiwan
from explainers.build import build_snapshot

Progress = Callable[[str, float], None]
RECIPES = {"hmda": hmda.prepare, "taiwan": taiwan.prepare}
"""Recipes by name: each cleans a file, trains a model and writes a card."""
PREPARE = 0.5


def build_recipe(name: str, file: Path, root: Path, *, seed: int = 7, progress: Progress) -> Path:
    """Prepare a public data file and build its snapshot.

    Parameters
    ----------
    name : str
        One of `RECIPES`.
    file : Path
        The file as downloaded.
    root : Path
        Folder of all snapshots.
    seed : int
        Seed of split, training and build.
    progress : callable
        Told the share done and what is being done.
    """
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recipe-", dir=root) as folder:
        made = RECIPES[name](file, Path(folder), seed=seed, progress=lambda w, d: progress(w, PREPARE * d))
        return build_snapshot(
            made.card, root, seed=seed, progress=lambda w, d: progress(w, PREPARE + (1 - PREPARE) * d)
        )
