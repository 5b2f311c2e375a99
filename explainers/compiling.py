"""Compiling every kernel ahead of the first viewer, in a process of its own: what is compiled is kept on disk.

Run: ``python -m explainers.compiling``. It takes up to a minute on a new machine or after an update, then seconds.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from data.files import ROOT

COMMAND = (sys.executable, "-m", "explainers.compiling")


def compile_all() -> None:
    """Compile what building a snapshot needs, print one line, and go on with everything else."""
    from explainers.attribution import warm_up  # here: who only starts this process needs none of it
    from explainers.attribution.jit import kept_on_disk
    from explainers.evidence.warm import warm_mixtures
    from explainers.recourse.warm import warm_search

    if not kept_on_disk():
        sys.stdout.write("nothing compiled: no folder can be written, see explainers/attribution/jit.py\n")
        return
    warm_up(everything=False)
    sys.stdout.write("compiled\n")
    sys.stdout.flush()
    warm_mixtures()
    warm_up()
    warm_search()


@contextmanager
def compiling() -> Iterator[Callable[[], None]]:
    """Compile in a child process while the block does other things.

    The kernels that building needs come first; the child goes on with the others, so that no viewer's first click
    waits for them.

    Yields
    ------
    callable
        Waits until the kernels that building needs are compiled.
    """
    child = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
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


if __name__ == "__main__":
    compile_all()
