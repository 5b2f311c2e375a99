"""Loads a model text into LightGBM: first in a child process, which a damaged file may end.

The child gets the text on standard input and answers with one line of JSON. It gets the text that was checked, not
the path, so that nobody can change the file in between.
"""

from __future__ import annotations

import contextlib
import json
import logging
import resource
import subprocess
import sys
from typing import Any

import lightgbm
import numpy as np

from data.errors import ModelFileError
from data.files import ROOT
from data.model_text import trees_of

GIB = 2**30
MEGABYTE = 10**6
CHILD = "import sys; sys.modules['sklearn'] = None; from data import model_process; model_process.answer()"
"""The child. LightGBM works without scikit-learn, whose import takes most of the child's time."""
REFUSALS = (lightgbm.basic.LightGBMError, ValueError, TypeError, KeyError, MemoryError)
"""What LightGBM raises on a text that it cannot use."""


class _QuietLog:
    """Takes LightGBM's log lines, which would otherwise be printed."""

    log = logging.getLogger("candor.lightgbm")

    def info(self, message: str) -> None:
        self.log.debug(message)

    def warning(self, message: str) -> None:
        self.log.debug(message)


# Once, at import: the registration is one for the whole process, and threads must not race for it.
lightgbm.register_logger(_QuietLog())


def load_booster(text: str) -> lightgbm.Booster:
    """Load a text that `data.model_text` has checked; raises one of `REFUSALS`.

    LightGBM gets the text up to its last tree. Scores need no more, and a single broken letter in the
    parameters further down ends the interpreter.
    """
    return lightgbm.Booster(model_str=trees_of(text))


def try_in_child(text: str, timeout: float | None = None) -> dict[str, Any]:
    """Load a model in a child process and return what it found.

    Parameters
    ----------
    text : str
        The model file's text.
    timeout : float, optional
        Seconds until the child is ended; by default 60 and 1 more per megabyte.

    Returns
    -------
    dict
        ``trees``, ``features``, and of one all-missing and one all-zero row ``raw`` and ``estimate``.

    Raises
    ------
    ModelFileError
        The child crashed, took too long, or LightGBM refused the file.
    """
    seconds = 60 + len(text) / MEGABYTE if timeout is None else timeout
    command = [sys.executable, "-c", CHILD]
    try:
        child = subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as err:
        raise _failed(f"LightGBM did not finish loading it within {seconds:.0f} seconds.") from err
    if child.returncode != 0:
        raise _failed(f"A trial load of it in a process of its own failed (exit code {child.returncode}).")
    try:
        found = json.loads(child.stdout)
    except ValueError as err:
        raise _failed("A trial load of it gave no readable answer.") from err
    if not isinstance(found, dict):
        raise _failed("A trial load of it gave no readable answer.")
    if "refused" in found:
        raise _failed("LightGBM refused it in a trial load.")
    return found


def probe(booster: lightgbm.Booster) -> dict[str, Any]:
    """Return tree and feature counts, and the scores of one all-missing and one all-zero row."""
    rows = np.zeros((2, booster.num_feature()))
    rows[0] = np.nan
    return {
        "trees": booster.num_trees(),
        "features": booster.num_feature(),
        "raw": np.asarray(booster.predict(rows, raw_score=True, num_threads=1)).tolist(),
        "estimate": np.asarray(booster.predict(rows, num_threads=1)).tolist(),
    }


def _failed(message: str) -> ModelFileError:
    return ModelFileError(
        "The model file cannot be loaded", message, "Save the model again with Booster.save_model() and use that file."
    )


def _limit(text: str) -> None:
    """Bound memory and leave no core dump, so that a damaged file cannot take the machine along."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = 4 * GIB + 60 * len(text)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def answer() -> None:
    """Load the text on standard input within limits and write what was found; the child's whole work."""
    text = sys.stdin.buffer.read().decode("utf-8")
    _limit(text)
    try:
        found = probe(load_booster(text))
    except REFUSALS:
        found = {"refused": True}
    sys.stdout.write(json.dumps(found) + "\n")
