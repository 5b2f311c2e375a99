"""Tables per family: the columns of inner signals of one family added up, so that explaining costs fewer look-ups."""

from __future__ import annotations

import numpy as np

from explainers.attribution.arrays import Ints, Shorts, starts
from explainers.attribution.groups import Groups
from explainers.attribution.jit import kernel
from explainers.attribution.tables import Tables


def merge_families(groups: Groups, tables: Tables, family_of: Ints) -> Tables:
    """Add up the inner columns of signals of one family in each group.

    Parameters
    ----------
    groups, tables
        Groups and their tables per signal.
    family_of : ndarray of int64, (p,)
        Number of the family of each column of the model.

    Returns
    -------
    Tables
        With one inner column per family; outer signals add to their family's output column.
    """
    column_start, column = distinct_families(tables, family_of)
    value_start = starts(np.diff(column_start) * np.diff(groups.state_start))
    merged = Tables(
        outer_column=family_of[tables.outer_column].astype(np.int32),
        outer_start=tables.outer_start,
        upper=tables.upper,
        lower=tables.lower,
        column_start=column_start,
        column=column,
        value_start=value_start,
        value=np.zeros(int(value_start[-1])),
    )
    add_up(groups, tables, family_of, merged)
    return merged


@kernel
def distinct_families(tables: Tables, family_of: Ints) -> tuple[Ints, Shorts]:
    """List the families of the inner signals of each group: where each group's list begins, and the list."""
    groups = len(tables.column_start) - 1
    first_of = np.zeros(groups + 1, np.int64)
    families = np.empty(len(tables.column), np.int32)
    count = 0
    for group in range(groups):
        for place in range(tables.column_start[group], tables.column_start[group + 1]):
            family = family_of[tables.column[place]]
            known = False
            for earlier in range(first_of[group], count):
                known |= families[earlier] == family
            if not known:
                families[count] = family
                count += 1
        first_of[group + 1] = count
    return first_of, families[:count].copy()


@kernel
def add_up(groups: Groups, tables: Tables, family_of: Ints, merged: Tables) -> None:
    """Add every inner column to that of its family in the same group."""
    for group in range(len(groups.root)):
        states = groups.state_start[group + 1] - groups.state_start[group]
        width = tables.column_start[group + 1] - tables.column_start[group]
        wanted = merged.column_start[group + 1] - merged.column_start[group]
        for place in range(width):
            family = merged.column_start[group]
            while merged.column[family] != family_of[tables.column[tables.column_start[group] + place]]:
                family += 1
            source = tables.value_start[group] + place
            target = merged.value_start[group] + family - merged.column_start[group]
            for state in range(states):
                merged.value[target + state * wanted] += tables.value[source + state * width]
