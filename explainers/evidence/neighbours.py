"""The neighbour test: real applications that are alike in everything but the named reasons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.evidence_source import Pool
from explainers.evidence.world import Floats, Ints, World

POOL = 10_000
"""Applications to look among at most."""
CALIPER = 0.2
"""Neighbours are at most so many standard deviations of the raw score away (Austin 2011 uses this width for
matching on propensity scores; here it is our own choice)."""
FEWEST = 5
"""With fewer neighbours an application is not counted."""
BLOCK = 500
"""Applications matched at a time."""


def check_neighbours(world: World, pool: Pool, families: Ints, name: str) -> dict[str, npt.NDArray[np.generic]]:
    """Find applications that match each declined one in all families but the listed ones.

    Matched is what each family contributes, against the same comparison group. A neighbour lies within the caliper in
    all other families together (Euclidean distance), and in the listed ones together it is no worse than the
    comparison group on average: they do not speak against its approval.

    Parameters
    ----------
    world : World
    pool : Pool
        Applications to look among.
    families : ndarray, (n, 4)
        Positions of families; −1 ends a list.
    name : str
        What the columns of the result begin with.

    Returns
    -------
    dict
        `<name>_neighbours`: how many were found; `<name>_mean`: their mean estimate, NaN with fewer than `FEWEST`.

    References
    ----------
    Austin, P. C. (2011). Optimal caliper widths for propensity-score matching. Pharmaceutical Statistics 10, 150–161.
    """
    count, mean = np.zeros(world.n, np.int64), np.full(world.n, np.nan)
    listed = np.zeros((world.n, len(world.families) + 1))
    np.put_along_axis(listed, families, 1.0, axis=1)  # −1 falls into the column that is cut off
    listed = listed[:, :-1]
    width = CALIPER * float(np.std(pool.raw_score))
    for group_no in np.unique(world.rows.group_no):
        own = np.flatnonzero(world.rows.group_no == group_no)
        others = pool.group_no == group_no
        for first in range(0, len(own), BLOCK):
            block = own[first : first + BLOCK]
            near = _near(world.rows.contributions[block], listed[block], pool.contributions[others], world.sign, width)
            count[block] = near.sum(axis=1)
            mean[block] = near @ pool.estimate[others]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count >= FEWEST, mean / count, np.nan)
    return {f"{name}_neighbours": count, f"{name}_mean": mean}


def _near(own: Floats, listed: Floats, others: Floats, sign: float, width: float) -> npt.NDArray[np.bool_]:
    """Return which of the others are neighbours, (own, others)."""
    rest = 1.0 - listed
    square = (rest * own**2).sum(axis=1)[:, None] - 2 * (rest * own) @ others.T + rest @ (others**2).T
    near: npt.NDArray[np.bool_] = (square <= width**2) & (sign * (listed @ others.T) <= 0)
    return near
