"""Choosing applications by protected groups, for viewers who may see every group."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from data.cohorts import GroupCondition
from data.reader import Reader
from explainers.cohorts.groups import GroupChoice, group_choices

CHOSEN = "cohort-groups"
"""Session key of the chosen values: pairs of attribute and value."""
Pair = tuple[str, str]


def choose(reader: Reader) -> tuple[GroupCondition, ...]:
    """Draw the choice of groups and return it; nothing for who may not choose by groups."""
    if reader.viewer.policy.groups != "on":
        return ()
    choices = {(c.name, c.value): c.words for c in _choices(reader.snapshot_id, reader.viewer.scope, reader)}
    if not choices:
        return ()
    st.session_state[CHOSEN] = [pair for pair in st.session_state.get(CHOSEN, []) if pair in choices]
    chosen: list[Pair] = st.multiselect(
        "Group", list(choices), format_func=lambda pair: choices[pair], key=CHOSEN, placeholder="everybody"
    )
    return conditions(chosen)


@st.cache_data(max_entries=32, show_spinner=False)
def _choices(snapshot_id: str, scope: str, _reader: Reader) -> tuple[GroupChoice, ...]:
    return group_choices(_reader)


def pairs(groups: Sequence[GroupCondition]) -> list[Pair]:
    """Return conditions as pairs of attribute and value."""
    return [(group.name, value) for group in groups for value in group.values]


def conditions(chosen: Sequence[Pair]) -> tuple[GroupCondition, ...]:
    """Return pairs as one condition for each attribute."""
    names = sorted({name for name, _ in chosen})
    return tuple(GroupCondition(name, tuple(sorted(v for n, v in chosen if n == name))) for name in names)
