"""The model's estimates when some signals take the values of a comparison group: `mix`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explainers.attribution import Codes, Engine
from explainers.attribution.threads import even_runs, run_all
from explainers.evidence.kernel import ROWS, score_mixed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Taken = npt.NDArray[np.uint8]
BLOCK = 512
"""Mixtures scored at a time by a thread."""


def mix(engine: Engine, own: Codes, taken: Taken, row_of: Ints, rows: Codes) -> Floats:
    """Score applications with some of their signals exchanged for those of other rows, all of these one by one.

    Parameters
    ----------
    engine : Engine
        The model.
    own : Codes
        The applications.
    taken : ndarray of uint8, (mixtures, signals)
        1 where the other rows' value is taken; signals in the engine's order.
    row_of : ndarray, (mixtures,)
        Application of each mixture.
    rows : Codes
        The other rows, at most 64.

    Returns
    -------
    ndarray, (mixtures, rows)
        Raw scores, as LightGBM would give them to rounding.
    """
    if rows.n > ROWS:
        raise ValueError(f"at most {ROWS} rows are mixed at once, {rows.n} were given")
    forest, book = engine.forest, engine.book
    out = np.full((len(row_of), rows.n), forest.leaf_value[forest.leaf_parent < 0].sum())
    left = left_rows(engine, rows, np.asarray(taken.any(axis=0)))

    def score(first: int, end: int) -> None:
        score_mixed(forest, book, own.codes, taken, row_of, left, rows.n, first, end, out)

    run_all(score, even_runs(len(row_of), BLOCK, engine.threads), engine.threads)
    return out


def left_rows(engine: Engine, rows: Codes, signals: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return for each node on some signals which rows go left there, as bits; nothing for other nodes."""
    forest, book = engine.forest, engine.book
    found = np.zeros(len(forest.node_signal), np.uint64)
    nodes = np.flatnonzero(signals[forest.node_signal])
    codes = rows.codes[forest.node_signal[nodes]].astype(np.int64)
    goes = book.goes_left[book.left_start[nodes][:, None] + codes].astype(np.uint64)
    found[nodes] = (goes << np.arange(rows.n, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
    return found
