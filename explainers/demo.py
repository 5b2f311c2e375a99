"""Building the demonstration snapshots from the synthetic lending book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.demo.prepare import prepare_demo
from data.demo.wide import generate_wide
from data.work_folder import scratch_folder
from explainers.build import build_snapshot
from explainers.compiling import compiling

Progress = Callable[[str, float], None]
PREPARE = 0.35
"""Share of the time that making the book and training its models takes."""


def build_demo(root: Path, *, seed: int = 7, wide: bool = False, progress: Progress) -> list[Path]:
    """Make the synthetic book, train its models and build their snapshots.

    Parameters
    ----------
    root : Path
        Folder of all snapshots.
    seed : int
        Seed of the book and the builds.
    wide : bool
        Build the book with 1,800 signals instead.
    progress : callable
        Told the share done and what is being done.

    Returns
    -------
    list of Path
        The published snapshots.
    """
    with scratch_folder(root, "demo") as folder, compiling() as compiled:

        def tell(doing: str, done: float) -> None:
            progress(doing, PREPARE * done)

        made = (
            (generate_wide(folder, seed=seed, progress=tell),)
            if wide
            else prepare_demo(folder, seed=seed, progress=tell)
        )
        progress("Compiling the attribution engine", PREPARE)
        compiled()
        built = []
        for place, one in enumerate(made):
            share = (1 - PREPARE) / len(made)
            start = PREPARE + place * share
            label = f"snapshot {place + 1} of {len(made)}"
            built.append(build_snapshot(one.card, root, seed=seed, progress=_within(progress, start, share, label)))
    return built


def _within(progress: Progress, start: float, share: float, label: str) -> Progress:
    return lambda doing, done: progress(f"{doing} ({label})", start + share * done)
