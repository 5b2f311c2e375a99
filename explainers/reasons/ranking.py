"""Principal reasons from contributions: which families, in which order, for many applications at once.

The rule, in the order it is applied:

1. Only what speaks against approval can be a reason (12 CFR 1002.9(b)(2), comment 2: reasons must describe factors
   that were scored against the applicant).
2. Contributions are those of whole families, ranked in raw score, against the average of the comparison group
   (comment 5: applicants at or slightly above the minimum passing score, or all applicants).
3. A family that makes up less than `floor` of everything that speaks against approval is not material: padding the
   list to four would name factors that hardly counted. The strongest one is always named.
4. At most `most` are named (comment 1: more than four are not likely to be helpful). None is skipped for a weaker one
   (comment 4: no principal factor may be left out).
5. Equal contributions keep the order of the families' names, so that the order of rows or columns changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NOTHING = -1
"""Stands where an application has fewer reasons."""


@dataclass(frozen=True)
class ReasonRule:
    """How principal reasons are chosen."""

    most: int = 4
    """Named at most."""
    floor: float = 0.05
    """Least share of the adverse push that is material, 0 to 1."""
    near: float = 0.05
    """Two neighbours whose contributions differ by less than this share of the larger are told as a near tie."""


@dataclass(frozen=True, eq=False)
class RankedReasons:
    """The reasons of n applications."""

    families: Ints
    """Column of the family of each reason, the strongest first, (n, most); −1 where there is none."""
    contributions: Floats
    """Against approval, raw score, (n, most); 0 where there is none."""
    push: Floats
    """Everything that speaks against approval, raw score, (n,)."""
    explained: Floats
    """Share of `push` that the reasons make up, 0 to 1, (n,); NaN where nothing speaks against approval."""
    material: Ints
    """Families that reach the floor, (n,): more than the reasons where more than `most` do."""
    near_tie: npt.NDArray[np.bool_]
    """True where a reason and the family after it (named or not) are nearly equal, (n, most)."""


def rank_reasons(contributions: Floats, sign: float, names: tuple[str, ...], rule: ReasonRule) -> RankedReasons:
    """Choose the principal reasons of applications.

    Parameters
    ----------
    contributions : ndarray, (n, families)
        Raw-score units, against the comparison group.
    sign : float
        +1 when a higher raw score speaks against approval, else −1.
    names : tuple of str
        The families, in the order of the columns.
    rule : ReasonRule
        How many, and from which size.

    References
    ----------
    12 CFR 1002.9(b)(2) and its official interpretations 1, 2, 4 and 5.
    """
    by_name = np.argsort(np.array(names), kind="stable")
    fewer = max(0, rule.most - len(names))
    by_name = np.concatenate([by_name, np.full(fewer, NOTHING)])
    against = np.clip(sign * contributions[:, by_name], 0.0, None)
    against[:, len(names) :] = 0.0  # there are fewer families than reasons that could be named
    push = against.sum(axis=1)
    order = np.argsort(-against, axis=1, kind="stable")
    sizes = np.take_along_axis(against, order, axis=1)
    reached = (sizes > 0) & (sizes >= rule.floor * push[:, None])
    reached[:, 0] = sizes[:, 0] > 0
    named = reached[:, : rule.most]
    largest = sizes[:, : rule.most]
    following = np.hstack([sizes[:, 1:], np.zeros((len(sizes), 1))])[:, : rule.most]
    chosen = np.where(named, largest, 0.0)
    with np.errstate(invalid="ignore"):
        explained = chosen.sum(axis=1) / push
    return RankedReasons(
        families=np.where(named, by_name[order[:, : rule.most]], NOTHING),
        contributions=chosen,
        push=push,
        explained=explained,
        material=reached.sum(axis=1),
        near_tie=named & (following > 0) & (largest - following < rule.near * largest),
    )
