"""Do the same reasons come out when something changes that should not matter much?

Each test here gives other contributions for the same applications and compares the reasons that follow from them with
the stored ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import Unit
from explainers.attribution import Codes, Comparison, attribute
from explainers.evidence.world import Floats, Ints, World, chosen, fit_rows
from explainers.reasons.ranking import ReasonRule, rank_reasons

NOISE = 0.02
"""Standard deviation of the relative change of a value."""
MOVED = frozenset({Unit.DOLLARS, Unit.THOUSAND_DOLLARS, Unit.NT_DOLLARS, Unit.PERCENT, Unit.SHARE, Unit.RATIO})
"""Amounts of money, shares and ratios are changed; counts, dates and categories stay."""
WIDTHS = {"narrow": 0.5, "wide": 2.0}
"""Other widths of the just-approved band, as multiples of its own."""
LEAST = 50
"""A half or a narrower band with fewer applications is not used."""
Columns = dict[str, npt.NDArray[np.generic]]


def agreement(first: Ints, second: Ints, name: str) -> Columns:
    """Compare two lists of reasons of the same applications.

    Parameters
    ----------
    first, second : ndarray, (n, 4)
        Positions of families; −1 where there is none.
    name : str
        What the columns begin with.

    Returns
    -------
    dict
        `<name>_first`: the strongest reason is the same; `<name>_set`: the same families whatever their order;
        `<name>_overlap`: families in both lists over families in either, 1 where both are empty.
    """
    width = int(max(first.max(initial=-1), second.max(initial=-1))) + 2
    sets = [np.zeros((len(first), width), bool) for _ in range(2)]
    for one, families in zip(sets, (first, second), strict=True):
        np.put_along_axis(one, families, True, axis=1)
        one[:, -1] = False  # −1, no reason
    both, either = (sets[0] & sets[1]).sum(axis=1), (sets[0] | sets[1]).sum(axis=1)
    overlap = np.where(either > 0, both / np.maximum(either, 1), 1.0)
    return {f"{name}_first": first[:, 0] == second[:, 0], f"{name}_set": both == either, f"{name}_overlap": overlap}


def reasons_of(world: World, contributions: Floats) -> Ints:
    """Return the reasons that follow from contributions of families, (n, 4)."""
    return rank_reasons(contributions, world.sign, world.families, ReasonRule()).families


def by_families(world: World, fitted: Comparison, codes: Codes) -> Floats:
    """Explain rows against a group and add up families, (n, families)."""
    values = attribute(fitted, codes).values
    sums = np.zeros((len(world.families), codes.n))
    for column, family in enumerate(world.family_of_column):
        sums[family] += values[:, column]
    return np.ascontiguousarray(sums.T)


def check_noise(world: World) -> Columns:
    """Change every amount, share and ratio a little, by chance, and explain again."""
    return agreement(world.reasons, reasons_of(world, explain_again(world, noisy(world))), "noise")


def noisy(world: World) -> pd.DataFrame:
    """Return the sample's signals with amounts, shares and ratios changed by `NOISE`."""
    random, columns = world.random(2), {}
    for name in world.engine.feature_names:
        column = world.rows.signals[name]
        if world.card.features[name].unit in MOVED and pd.api.types.is_numeric_dtype(column):
            column = column * (1 + NOISE * random.standard_normal(world.n))
        columns[name] = column
    return pd.DataFrame(columns)


def explain_again(world: World, signals: pd.DataFrame) -> Floats:
    """Explain other values of the sample, each row against its own default group."""
    found = np.zeros((world.n, len(world.families)))
    codes = world.engine.encode_rows(signals)
    for group_no in np.unique(world.rows.group_no):
        own = np.flatnonzero(world.rows.group_no == group_no)
        found[own] = by_families(world, world.fit(world.groups[int(group_no)]), chosen(codes, own))
    return found


def check_other_method(world: World) -> Columns:
    """Compare with the other method of the commentary: all applicants, where the default is just approved."""
    other = next((g for g in world.groups.values() if g.name == "all_applicants"), None)
    own = {world.groups[int(no)].name for no in np.unique(world.rows.group_no)}
    if other is None or own == {"all_applicants"}:
        return {}
    contributions = by_families(world, world.fit(other), world.codes)
    ranks = rank_correlation(world.rows.contributions, contributions)
    return agreement(world.reasons, reasons_of(world, contributions), "method") | {"method_rank": ranks}


def rank_correlation(first: Floats, second: Floats) -> Floats:
    """Return Spearman's correlation of two orders of the families of each row, (n,); NaN where one has no order."""
    ranks = [pd.DataFrame(values).rank(axis=1).to_numpy() for values in (first, second)]
    centred = [r - r.mean(axis=1, keepdims=True) for r in ranks]
    spread = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, (centred[0] * centred[1]).sum(axis=1) / spread, np.nan)


def main_group(world: World) -> int | None:
    """Return the just-approved group that most of the sample is compared with; None without one."""
    numbers, counts = np.unique(world.rows.group_no, return_counts=True)
    for number in numbers[np.argsort(-counts, kind="stable")]:
        if world.groups[int(number)].name == "just_approved":
            return int(number)
    return None


def check_group(world: World) -> Columns:
    """Explain again against two random halves of the comparison group, and against a narrower and a wider band."""
    number = main_group(world)
    if number is None:
        return {}
    group, own = world.groups[number], np.flatnonzero(world.rows.group_no == number)
    found = dict(_halves(world, group.rows, own))
    rows, distance = world.source.band(float(world.cutoff[own[0]]))
    inside = np.isin(rows, group.rows)
    edge = float(distance[inside].max(initial=0.0))
    for name, times in WIDTHS.items():
        band = rows[distance <= times * edge]
        if len(band) >= LEAST and len(band) != len(group.rows):
            found |= _against(world, band, own, name)
    return {name: _spread(values, own, world.n) for name, values in found.items()}


def _halves(world: World, members: Ints, own: Ints) -> Columns:
    """Compare the reasons by two halves drawn at random with each other."""
    if len(members) < 2 * LEAST:
        return {}
    drawn = world.random(3).permutation(len(members))[: len(members) // 2]
    half = by_families(world, fit_rows(world.engine, world.everyone, members[np.sort(drawn)], "half"), _own(world, own))
    # contributions against a group are the mean of those against its parts, so the other half follows
    share = len(drawn) / len(members)
    other = (world.rows.contributions[own] - share * half) / (1 - share)
    return agreement(reasons_of(world, half), reasons_of(world, other), "halves")


def _against(world: World, band: Ints, own: Ints, name: str) -> Columns:
    """Compare the stored reasons with those by another band."""
    fitted = fit_rows(world.engine, world.everyone, band, name)
    return agreement(world.reasons[own], reasons_of(world, by_families(world, fitted, _own(world, own))), name)


def _own(world: World, own: Ints) -> Codes:
    return chosen(world.codes, own)


def _spread(values: npt.NDArray[Any], own: Ints, n: int) -> Floats:
    """Put values of some applications into a column for all; NaN for the others."""
    column = np.full(n, np.nan)
    column[own] = values
    return column
