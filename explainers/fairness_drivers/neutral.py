"""What if one family of signals looked as it does in the reference group? One family at a time, on a stated sample.

Each application of the group gets the family's signals of an application of the reference group drawn at random, all
of them from the same one; its other signals stay. The model scores it again and its own cut-off decides. Mixing people
changes decisions by itself, whoever they are; so the same is done with applications of the group in place of the
reference group's, and the change is the difference of the two. This is a question put to the model: changes of
different families do not add up, and nothing here says what makes groups differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explainers.assurance.intervals import Z95

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Score = Callable[[Floats], Floats]
"""Raw scores of encoded rows."""
Decide = Callable[[Floats], Bools]
"""Whether each application of the group would be approved with these raw scores; in the order of the group."""


@dataclass(frozen=True)
class Changed:
    """The group's approvals with one family's signals drawn from the reference group."""

    rate: float
    """Share approved as it is, plus the change."""
    change: float
    """Share approved with values of the reference group less share approved with values of the group itself."""
    low: float
    """Lower end of the 95 % interval of the change (paired)."""
    high: float
    """Upper end."""


def neutralise(
    group: Floats,
    reference: Floats,
    columns: Mapping[str, Sequence[int]],
    score: Score,
    decide: Decide,
    seed: int,
) -> tuple[float, dict[str, Changed]]:
    """Put the reference group's values of one family after the other into the group, and decide again.

    Parameters
    ----------
    group, reference : ndarray, shapes (n, p) and (m, p)
        Encoded signals of applications of either group.
    columns : mapping of str to sequence of int
        Columns of each family.
    score, decide : callable
        The model, and the cut-offs and rules of the group's applications.
    seed : int
        Seed of the draw.

    Returns
    -------
    tuple
        Share of the group approved as it is, and what each family changes.
    """
    now = decide(score(group))
    found = {}
    for place, (family, places) in enumerate(columns.items()):
        rng, mixed = np.random.default_rng([seed, place]), []
        for donors in (group, reference):
            table = group.copy()
            table[:, list(places)] = donors[rng.integers(len(donors), size=len(group))][:, list(places)]
            mixed.append(decide(score(table)))
        found[family] = _compare(float(now.mean()), *mixed)
    return float(now.mean()), found


def _compare(now: float, own: Bools, other: Bools) -> Changed:
    """Compare two decisions on the same applications, with the paired interval of the difference."""
    difference = other.astype(np.float64) - own
    change, n = float(difference.mean()), len(difference)
    half = Z95 * math.sqrt(float(difference.var(ddof=1)) / n) if n > 1 else math.nan
    return Changed(now + change, change, change - half, change + half)
