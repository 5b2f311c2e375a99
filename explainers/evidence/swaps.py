"""The swap test: do the named reasons decide? And how much of the way to approval do they make up?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.errors import CandorError
from explainers.attribution import Codes
from explainers.evidence.mixtures import mix
from explainers.evidence.world import Floats, Ints, World, chosen

REFERENCES = 32
"""Applications of the comparison group whose values are taken, one by one; the mean of their estimates counts."""
MOST = 4
"""Reasons at most."""
CHUNK = 2_000
"""Applications swapped at a time."""
LISTS = ("named", "random", "global")
"""Whose families are swapped: the application's own reasons, as many drawn at random, as many of one list for all."""


def check_swaps(world: World) -> dict[str, npt.NDArray[np.generic]]:
    """Set families to values of the comparison group and see on which side of the cut-off the estimate falls.

    Returns
    -------
    dict
        Columns by name: `named1` to `named4`, `random1` …, `global1` …: whether the mean estimate passes after the
        first k families are swapped (never more than there are reasons); `closed` and `random_closed`: share of the
        way from the raw score to the cut-off that swapping all of them makes up.
    """
    lists = {"named": world.reasons, "random": random_families(world), "global": global_families(world)}
    found: dict[str, npt.NDArray[np.generic]] = {}
    for name, families in lists.items():
        passed, raw = swap(world, np.where(world.reasons >= 0, families, -1))
        found |= {f"{name}{k + 1}": passed[:, k] for k in range(MOST)}
        if name != "global":
            found["closed" if name == "named" else "random_closed"] = closed(world, raw)
    return found


def random_families(world: World) -> Ints:
    """Draw an order of families for each application and return the first four, (n, 4)."""
    return _four(np.argsort(world.random(1).random((world.n, len(world.families))), axis=1))


def global_families(world: World) -> Ints:
    """Return the four families that speak most against approval over the whole sample, for everyone, (n, 4)."""
    push = np.clip(world.sign * world.rows.contributions, 0.0, None).sum(axis=0)
    return _four(np.tile(np.argsort(-push, kind="stable"), (world.n, 1)))


def _four(order: Ints) -> Ints:
    """Return the first four columns; −1 where there are fewer families."""
    short = max(0, MOST - order.shape[1])
    return np.hstack([order, np.full((len(order), short), -1)])[:, :MOST].astype(np.int64)


def swap(world: World, families: Ints) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Swap the first one to four families of each application.

    Parameters
    ----------
    world : World
    families : ndarray, (n, 4)
        Positions of families; −1 ends a list.

    Returns
    -------
    passed : ndarray of bool, (n, 4)
        Whether the mean estimate passes after the first k; where the list is shorter, after all of it.
    raw : ndarray, (n,)
        Mean raw score after all of them.
    """
    passed, raw = np.zeros((world.n, MOST), bool), world.rows.raw_score.copy()
    length = (families >= 0).sum(axis=1)
    for group_no in np.unique(world.rows.group_no):
        references = draw_references(world, int(group_no))
        own = np.flatnonzero(world.rows.group_no == group_no)
        for first in range(0, len(own), CHUNK):
            _swap_block(world, families, length, references, own[first : first + CHUNK], passed, raw)
    last = np.clip(length - 1, 0, None)
    for k in range(1, MOST):
        passed[:, k] = np.where(length > k, passed[:, k], passed[np.arange(world.n), np.minimum(last, k)])
    return passed, raw


def _swap_block(
    world: World,
    families: Ints,
    length: Ints,
    references: Codes,
    own: Ints,
    passed: npt.NDArray[np.bool_],
    raw: Floats,
) -> None:
    """Swap for some applications of one group; fills `passed` where the list is long enough, and `raw`."""
    which = [(k, own[length[own] > k]) for k in range(MOST)]
    rows = np.concatenate([r for _, r in which])
    if not len(rows):
        return
    taken = np.concatenate([_taken(world, families[r, : k + 1]) for k, r in which])
    scores = mix(world.engine, world.codes, taken, rows, references)
    mean = world.engine.model.estimate(scores.ravel()).reshape(scores.shape).mean(axis=1)
    passes = world.passes(mean, world.cutoff[rows])
    start = 0
    for k, r in which:
        passed[r, k] = passes[start : start + len(r)]
        raw[r] = scores[start : start + len(r)].mean(axis=1)
        start += len(r)


def _taken(world: World, families: Ints) -> npt.NDArray[np.uint8]:
    """Return which signals belong to the listed families, (rows, signals)."""
    inside = np.zeros((len(families), len(world.families)), np.uint8)
    np.put_along_axis(inside, families, 1, axis=1)
    return np.ascontiguousarray(inside[:, world.family_of_signal])


def draw_references(world: World, group_no: int) -> Codes:
    """Draw applications of a comparison group, the same for everyone it is the default of."""
    members = world.groups[group_no].rows
    drawn = world.random(100 + group_no).choice(len(members), min(REFERENCES, len(members)), replace=False)
    return chosen(world.everyone, members[np.sort(drawn)])


def closed(world: World, raw: Floats) -> Floats:
    """Return the share of the way from each raw score to its cut-off that a swap made up; NaN where there is none."""
    goal = np.array([raw_cutoff(world, float(c)) for c in np.unique(world.cutoff)])
    goal = goal[np.searchsorted(np.unique(world.cutoff), world.cutoff)]
    way = world.rows.raw_score - goal
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(way) > 1e-9, (world.rows.raw_score - raw) / way, np.nan)


def raw_cutoff(world: World, cutoff: float) -> float:
    """Return a cut-off as raw score; NaN where no score of this model reaches it."""
    try:
        return float(world.engine.model.raw_from_estimate(cutoff))
    except CandorError:
        return float("nan")
