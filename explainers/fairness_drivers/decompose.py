"""The gap between two groups' mean scores, split into parts that add up exactly, with bootstrap intervals.

An application's score is a sum: its parts (one a family) and the rest (what it is compared with, and rounding). A mean
of sums is the sum of means, so the difference of two groups' means is the sum of the differences of their parts. That
holds for the raw score and for the estimate alike; nothing is modelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 1_000
"""Bootstrap samples behind an interval."""
BLOCKS = 2_000
"""Of more applications, this many random blocks are drawn in place of single ones."""
ENDS = (2.5, 97.5)
"""Percentiles of the bootstrap samples."""


@dataclass(frozen=True)
class Split:
    """The difference of two groups' means and its parts; each array has one entry a part, in the order given."""

    parts: Floats
    """Shape (k,): mean of the group less mean of the reference."""
    low: Floats
    """Shape (k,): lower end of the 95 % interval."""
    high: Floats
    """Shape (k,): upper end."""
    gap: float
    """The sum of the parts: the difference of the two means."""
    gap_low: float
    """Lower end of the gap's 95 % interval."""
    gap_high: float
    """Upper end."""


def split_gap(values: Floats, group: Floats, reference: Floats, seed: int, resamples: int = RESAMPLES) -> Split:
    """Split the difference of two weighted means into the differences of their parts.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        The parts of each application's score; a row sums to the score.
    group, reference : ndarray, shape (n,)
        Weight of each application in either group, 0 to 1: 1 or 0 where groups are observed, chances where they are
        proxies. Each has a sum above 0.
    seed : int
        Seed of the bootstrap.
    resamples : int
        Bootstrap samples.

    Returns
    -------
    Split
        Parts with percentile intervals. Above 2,000 applications, random blocks of them are resampled: blocks drawn at
        random have the same spread as single applications, and cost a thousandth.

    References
    ----------
    Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7, 1–26.
    """
    blocks = min(len(values), BLOCKS)
    block = np.random.default_rng([seed, 1]).permutation(len(values)) % blocks
    found = [_block_sums(values, weight, block, blocks) for weight in (group, reference)]
    return split_sums(
        np.stack([sums for sums, _ in found]), np.stack([weights for _, weights in found]), seed, resamples
    )


def split_sums(sums: Floats, weights: Floats, seed: int, resamples: int = RESAMPLES) -> Split:
    """Split the difference of two weighted means, from sums in random blocks of applications.

    Parameters
    ----------
    sums : ndarray, shape (2, blocks, k)
        Weighted sums of each part in the group and in the reference group.
    weights : ndarray, shape (2, blocks)
        Sums of the weights.
    seed, resamples : int
        As for `split_gap`.
    """
    blocks = sums.shape[1]
    means = sums[0].sum(axis=0) / weights[0].sum() - sums[1].sum(axis=0) / weights[1].sum()
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples).astype(np.float64)
    found = _drawn_means(drawn, sums[0], weights[0]) - _drawn_means(drawn, sums[1], weights[1])
    low, high = np.nanpercentile(found, ENDS, axis=0)
    gap_low, gap_high = np.nanpercentile(found.sum(axis=1), ENDS)
    return Split(means, low, high, float(means.sum()), float(gap_low), float(gap_high))


def _block_sums(values: Floats, weight: Floats, block: npt.NDArray[np.int64], blocks: int) -> tuple[Floats, Floats]:
    """Return the weighted sums of each part in each block, (blocks, k), and the weights, (blocks,)."""
    columns = [np.bincount(block, weight * values[:, i], blocks) for i in range(values.shape[1])]
    return np.column_stack(columns), np.bincount(block, weight, blocks).astype(np.float64)


def _drawn_means(drawn: Floats, sums: Floats, weights: Floats) -> Floats:
    """Return the mean of each part in each bootstrap sample, (resamples, k); NaN where a sample holds nobody."""
    total = drawn @ weights
    return (drawn @ sums) / np.where(total > 0, total, np.nan)[:, None]
