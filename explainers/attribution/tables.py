r"""The tables: contributions of every signal in every state of every group.

For one leaf with value v, let p be the pattern of the row to explain and q that of a row of the
comparison group. In a coalition the signals inside take the row's values, the others the comparison
row's. The leaf is reached if the coalition holds all a = |p \ q| signals that only the row satisfies
and none of the b = |q \ p| that only the comparison row satisfies; if some signal is satisfied by
neither, it is never reached. The Shapley value of that game (Lundberg et al. 2020, Algorithm 3) is

    + v (a − 1)! b! / (a + b)!   for each signal only the row satisfies,
    − v a! (b − 1)! / (a + b)!   for each signal only the comparison row satisfies,       (2)

and the contribution against the whole group is the mean over its rows q. That mean needs only the
share c(q) of each pattern q in the group (Nadel and Wettenstein, WOODELF). With the integral (1)
of `quadrature` it becomes, for each point t with weight w,

    F(p) = Σ { c(q) t^|p \ q| : q satisfies every signal that p does not }
    φ_k  = + v Σ_t w (1 − t)^b      (F(p) − F(p without k)) / t     if p satisfies k
    φ_k  = − v Σ_t w (1 − t)^(b−1)   F(p)                            if not                   (3)

where b is the number of signals p does not satisfy. F is filled for all 2^d patterns at once by d
passes, each over one signal: F(with k) = F(q with k) + t F(q without k), F(without k) = F(q with k).

References
----------
S. M. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
Nature Machine Intelligence 2 (2020): interventional expectation, Algorithm 3.
A. Nadel and R. Wettenstein, "From decision trees to Boolean logic: a fast and unified SHAP algorithm"
(WOODELF): contributions from the counts of patterns.
D. Janzing, L. Minorics and P. Blöbaum, "Feature relevance quantification in explainable AI: a causal
problem", AISTATS 2020: why signals outside the coalition are drawn from the group as they are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explainers.attribution.arrays import Floats, Ints, starts
from explainers.attribution.codes import CodeBook
from explainers.attribution.groups import Groups
from explainers.attribution.jit import kernel
from explainers.attribution.paths import Path, empty_path, position_of, read_path
from explainers.attribution.quadrature import Quadrature
from explainers.attribution.trees import Forest


class Tables(NamedTuple):
    """What to add to which output column in each state of each group."""

    column_start: Ints
    """Where each group's columns begin in `column`, (groups + 1,)."""
    column: Ints
    """Output columns of each group."""
    value_start: Ints
    """Where each group's table begins in `value`; it has one run of states per column, (groups + 1,)."""
    value: Floats
    """Contributions in raw score."""


class LeafWork(NamedTuple):
    """Room for the numbers of one leaf, used again for the next."""

    share: Floats
    """c(q), the share of the comparison group in each pattern, (2^d,)."""
    reach: Floats
    """F(p) at one quadrature point, (2^d,)."""
    factor: Floats
    """v w (1 − t)^b for each pattern at one quadrature point, (2^d,)."""
    phi: Floats
    """Contribution of each signal of the path in each pattern, (d, 2^d)."""
    pattern: Ints
    """Pattern at the leaf of each state of the group."""


def empty_tables(groups: Groups, columns: Ints) -> Tables:
    """Make room for one table per group, with one output column per entry."""
    entries = np.diff(groups.entry_start)
    value_start = starts(entries * np.diff(groups.state_start))
    return Tables(groups.entry_start, columns[groups.signal], value_start, np.empty(int(value_start[-1])))


@kernel
def empty_work(longest: int, most_states: int) -> LeafWork:
    """Make room for leaves with up to `longest` signals whose group has up to `most_states` states."""
    size = 1 << longest
    return LeafWork(
        np.empty(size), np.empty(size), np.empty(size), np.empty((longest, size)), np.empty(most_states, np.int64)
    )


@kernel
def fill_tables(
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    counts: Ints,
    rows: int,
    quadrature: Quadrature,
    longest: int,
    first_group: int,
    end_group: int,
    tables: Tables,
) -> None:
    """Fill the tables of some groups from the number of comparison rows in each of their states."""
    most_states = 1
    for group in range(first_group, end_group):
        most_states = max(most_states, groups.state_start[group + 1] - groups.state_start[group])
    path = empty_path(longest, book)
    work = empty_work(most_signals_in(groups, first_group, end_group), most_states)
    for group in range(first_group, end_group):
        table = tables.value[tables.value_start[group] : tables.value_start[group + 1]]
        table[:] = 0.0
        root = groups.root[group]
        if root < 0:
            add_leaf(group, ~root, groups, forest, book, counts, rows, quadrature, path, work, table)
            continue
        for node in range(root, root + forest.subtree_nodes[root]):
            if forest.node_left[node] < 0:
                leaf = ~forest.node_left[node]
                add_leaf(group, leaf, groups, forest, book, counts, rows, quadrature, path, work, table)
            if forest.node_right[node] < 0:
                leaf = ~forest.node_right[node]
                add_leaf(group, leaf, groups, forest, book, counts, rows, quadrature, path, work, table)


@kernel
def most_signals_in(groups: Groups, first_group: int, end_group: int) -> int:
    """Largest number of signals of a group; no leaf of it can have more on its path."""
    most = 1
    for group in range(first_group, end_group):
        most = max(most, groups.entry_start[group + 1] - groups.entry_start[group])
    return most


@kernel
def add_leaf(
    group: int,
    leaf: int,
    groups: Groups,
    forest: Forest,
    book: CodeBook,
    counts: Ints,
    rows: int,
    quadrature: Quadrature,
    path: Path,
    work: LeafWork,
    table: Floats,
) -> None:
    """Add the contributions of one leaf to the table of its group."""
    signals = read_path(leaf, forest, book, path)
    states = groups.state_start[group + 1] - groups.state_start[group]
    find_patterns(group, groups, path, signals, work.pattern)
    share = work.share[: 1 << signals]
    share[:] = 0.0
    first = groups.state_start[group]
    for state in range(states):
        share[work.pattern[state]] += counts[first + state] / rows
    leaf_contributions(signals, forest.leaf_value[leaf], quadrature, work)
    for place in range(signals):
        entry = entry_of(group, path.signal[place], groups)
        column = table[entry * states : (entry + 1) * states]
        phi = work.phi[place]
        for state in range(states):
            column[state] += phi[work.pattern[state]]


@kernel
def entry_of(group: int, signal: int, groups: Groups) -> int:
    """Place of a signal among the entries of its group."""
    first, end = groups.entry_start[group], groups.entry_start[group + 1]
    return position_of(signal, groups.signal[first:end], end - first)


@kernel
def find_patterns(group: int, groups: Groups, path: Path, signals: int, pattern: Ints) -> None:
    """Write the pattern at a leaf of every state of its group.

    States count like the digits of a number: entry by entry, the patterns of the states so far are
    repeated for each further cell, with the bit of the entry's signal set where the cell satisfies it.
    """
    first, end = groups.entry_start[group], groups.entry_start[group + 1]
    pattern[0] = 0
    done = 1
    for entry in range(first, end):
        place = position_of(groups.signal[entry], path.signal, signals)
        cells = groups.cell_code[groups.cell_start[entry] : groups.cell_start[entry + 1]]
        for cell in range(len(cells) - 1, -1, -1):  # the first cell last: it holds the patterns so far
            bit = np.int64(0)
            if place < signals:
                bit = np.int64(path.satisfied[place, cells[cell]]) << place
            for state in range(done):
                pattern[cell * done + state] = pattern[state] | bit
        done *= len(cells)


@kernel
def leaf_contributions(signals: int, value: float, quadrature: Quadrature, work: LeafWork) -> None:
    """Fill `work.phi` by formula (3) for all patterns of a leaf; `work.share` holds the shares c(q)."""
    patterns = 1 << signals
    points = (signals + 1) // 2
    phi = work.phi
    phi[:signals, :patterns] = 0.0
    for index in range(points):
        t, weight = quadrature.point[points, index], quadrature.weight[points, index]
        work.reach[:patterns] = work.share[:patterns]
        reach_all_patterns(signals, t, work.reach)
        set_factors(signals, value * weight, 1.0 - t, work.factor)
        for place in range(signals):
            bit = 1 << place
            for block in range(0, patterns, 2 * bit):
                for without in range(block, block + bit):
                    present = without | bit
                    difference = (work.reach[present] - work.reach[without]) / t
                    phi[place, present] += work.factor[present] * difference
                    phi[place, without] -= work.factor[without] / (1.0 - t) * work.reach[without]


@kernel
def reach_all_patterns(signals: int, t: float, reach: Floats) -> None:
    """Turn the shares c(q) into F(p), in place, one signal at a time."""
    patterns = 1 << signals
    for place in range(signals):
        bit = 1 << place
        for block in range(0, patterns, 2 * bit):
            for without in range(block, block + bit):
                satisfied, unsatisfied = reach[without | bit], reach[without]
                reach[without | bit] = satisfied + t * unsatisfied
                reach[without] = satisfied


@kernel
def set_factors(signals: int, scale: float, remaining: float, factor: Floats) -> None:
    """Write scale × remaining^b for each pattern, b being the number of signals it does not satisfy."""
    factor[(1 << signals) - 1] = scale
    for place in range(signals):
        bit = 1 << place
        for block in range((1 << signals) - bit, 1 << signals):
            factor[block - bit] = factor[block] * remaining
