"""From a public data file to a snapshot: clean, train, build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.recipes import hmda, taiwan
from data.work_folder import scratch_folder
from explainers.build import build_snapshot

Progress = Callable[[str, float], None]
RECIPES = {"hmda": hmda.prepare, "taiwan": taiwan.prepare}
"""Recipes by name: each cleans a file, trains a model and writes a card."""
EXTRAS = ("reported_reasons.parquet",)
"""Files a recipe may write that are kept with the snapshot, rows named by `application_id`."""
PREPARE = 0.5
"""Share of the time that cleaning and training takes."""


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
    with scratch_folder(root, name) as folder:
        made = RECIPES[name](file, folder, seed=seed, progress=lambda w, d: progress(w, PREPARE * d))
        extras = {extra: folder / extra for extra in EXTRAS if (folder / extra).is_file()}
        return build_snapshot(
            made.card, root, seed=seed, extras=extras, progress=lambda w, d: progress(w, PREPARE + (1 - PREPARE) * d)
        )
