"""Building the demonstration snapshots from the synthetic lending book."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from data.demo.prepare import prepare_demo
from data.demo.wide import generate_wide
from data.files import ROOT
from data.work_folder import scratch_folder
from explainers.build import build_snapshot

Progress = Callable[[str, float], None]
COMPILE = (
    "from explainers.attribution import warm_up\nwarm_up(everything=False)\nprint('compiled', flush=True)\n"
    "from explainers.evidence.warm import warm_mixtures\nwarm_mixtures()\nwarm_up()\n"
    "from explainers.recourse.warm import warm_search\nwarm_search()\n"
)
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


@contextmanager
def compiling() -> Iterator[Callable[[], None]]:
    """Compile the attribution engine in a child process while the models are trained.

    What is compiled is kept on disk. The kernels that building needs come first; the child goes on
    with the others while the snapshots are built, so that no viewer's first click waits for them.

    Yields
    ------
    callable
        Waits until the kernels that building needs are compiled.
    """
    child = subprocess.Popen([sys.executable, "-c", COMPILE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield partial(_wait_for_line, child)
        child.wait()
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _wait_for_line(child: subprocess.Popen[str]) -> None:
    if child.stdout is not None:
        child.stdout.readline()


def _within(progress: Progress, start: float, share: float, label: str) -> Progress:
    return lambda doing, done: progress(f"{doing} ({label})", start + share * done)
