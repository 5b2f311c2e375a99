"""Which pairs work together: `compute_pairs` → `PairsResult`, and `compute_pair` → `PairResult` for one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import Card
from data.cohorts import Cohort
from data.errors import NotFoundForViewer
from data.model_rows import encode_rows
from data.reader import Reader
from data.summaries import Summaries
from explainers.attribution import Codes, Sides, Ways, leaves_of_sets, moved_by, pair_values
from explainers.cohorts.compute import least_for, sums_of
from explainers.cohorts.words import name_cohort
from explainers.decision.compute import FittedGroup
from explainers.decision.points import chord_slopes
from explainers.interactions.axes import UNITS, Axis, axis_of_moves, axis_of_values
from explainers.interactions.disclosure import disclose, no_pair
from explainers.interactions.result import Cell, Pair, PairResult, PairsResult, Sample
from explainers.signals.compute import smallest_move
from explainers.signals.result import ChoicesResult

SEARCH = 300
"""Applications asked in the search for strong pairs."""
SHOWN = 2_000
"""Applications asked for one pair."""
CELLS = 3_000_000
"""Values of a sample at most: a wide model gets fewer applications."""
STRONGEST_SIGNALS = 12
STRONGEST_FAMILIES = 7
MEMBERS = 5
"""Signals that stand for a family in the search: in a wide model a whole family is in nearly every leaf."""
RULE = "applications whose numbers have the smallest hashes"
Floats = npt.NDArray[np.float64]


def compute_group(reader: Reader, cohort: Cohort) -> tuple[str, int]:
    """Return the comparison group that most of a cohort is compared with: its name and key.

    Raises
    ------
    NotFoundForViewer
        There are too few applications.
    CohortProblems
        The viewer cannot choose these applications.
    """
    found = sums_of(reader, cohort).ask("SELECT group_no FROM chosen GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    number = int(found["group_no"].iloc[0])
    name = next((group.name for group in reader.groups() if group.group_no == number), None)
    if name is None:
        raise NotFoundForViewer(
            "There is nothing to compare with", "You cannot see their comparison group.", "Choose other applications."
        )
    return name, number


def compute_pairs(reader: Reader, choices: ChoicesResult, group: FittedGroup, cohort: Cohort) -> PairsResult:
    """Find the pairs that do most together, among those that move most, on a sample.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    choices : ChoicesResult
        Signals or families, the strongest first.
    group : FittedGroup
        The comparison group of `compute_group`.
    cohort : Cohort
        Which applications.

    Raises
    ------
    NotFoundForViewer
        There are too few applications.
    """
    sums, policy = sums_of(reader, cohort), reader.viewer.policy
    used = [option for option in choices.options if option.used]
    strongest = used[: STRONGEST_FAMILIES if choices.families else STRONGEST_SIGNALS]
    members = _members(reader, sums, choices, ranked=True)
    both = list(combinations(strongest, 2))
    sides: list[Sides] = [(members[a.name][:MEMBERS], members[b.name][:MEMBERS]) for a, b in both]
    ways = Ways(group.fitted.engine)
    rows, names = _sampled(reader, sums, SEARCH), ways.asked_at(ways.meeting(sides))
    codes, _, sample = _ask(reader, sums, group, cohort, rows, names)
    values = pair_values(group.fitted, codes, sides) * _slopes(reader, codes, group)
    pairs = [
        Pair(a.name, b.name, a.label, b.label, float(np.abs(own).mean()), float(own.mean()))
        for (a, b), own in zip(both, values, strict=True)
    ]
    is_probability = reader.room.model.link == "sigmoid"
    result = PairsResult(
        snapshot_id=reader.snapshot_id,
        sample=sample,
        families=choices.families,
        strongest=len(strongest),
        of=len(used),
        most_signals=max((len(m) for m in members.values()), default=0) if choices.families else 0,
        pairs=tuple(sorted(pairs, key=lambda p: (-p.mean_abs, p.key))),
        is_probability=is_probability,
        smallest=smallest_move(choices.options[0].mean_abs if used else 0.0, is_probability=is_probability),
    )
    return disclose(result, policy)


def compute_pair(
    reader: Reader, choices: ChoicesResult, group: FittedGroup, cohort: Cohort, first: str, second: str
) -> PairResult:
    """Count what two signals, or two families, do together, by their values, on a sample.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    choices : ChoicesResult
        Signals or families.
    group : FittedGroup
        The comparison group of `compute_group`.
    cohort : Cohort
        Which applications.
    first, second : str
        Names in the model, or keys of families.

    Raises
    ------
    NotFoundForViewer
        There is no such pair for this viewer, or too few applications.
    """
    sums, policy = sums_of(reader, cohort), reader.viewer.policy
    labels = {option.name: option.label for option in choices.options if option.used}
    if not {first, second} <= set(labels) or first == second:
        raise no_pair()
    if not choices.families and sums.kinds[first] == "number" != sums.kinds[second]:
        first, second = second, first  # names of categories are long: they stand in rows
    index, alone, values, sample = _measured(reader, sums, choices, group, cohort, (first, second))
    card, least = reader.room.card, least_for(policy)
    if choices.families:
        down, across = axis_of_moves(alone[0]), axis_of_moves(alone[1])
    else:
        down, across = (_axis(card, sums, values, name, least) for name in (first, second))
    is_probability = reader.room.model.link == "sigmoid"
    result = PairResult(
        snapshot_id=reader.snapshot_id,
        sample=sample,
        families=choices.families,
        pair=Pair(first, second, labels[first], labels[second], float(np.abs(index).mean()), float(index.mean())),
        first_alone=float(np.abs(alone[0]).mean()),
        second_alone=float(np.abs(alone[1]).mean()),
        first_steps=down.words,
        second_steps=across.words,
        first_short=down.short,
        second_short=across.short,
        first_unit="" if choices.families else UNITS.get(card.features[first].unit, ""),
        second_unit="" if choices.families else UNITS.get(card.features[second].unit, ""),
        cells=_cells(index, down, across, least),
        least=least,
        is_probability=is_probability,
        smallest=smallest_move(choices.options[0].mean_abs, is_probability=is_probability),
        comparison_sha256=group.fitted.sha256,
    )
    return disclose(result, policy)


def _measured(
    reader: Reader, sums: Summaries, choices: ChoicesResult, group: FittedGroup, cohort: Cohort, pair: tuple[str, str]
) -> tuple[Floats, Floats, pd.DataFrame, Sample]:
    """Return what two do together, (n,), and each alone, (2, n), in estimate units; their values; and the sample."""
    members, rows = _members(reader, sums, choices, ranked=False), _sampled(reader, sums, SHOWN)
    both, ways = (members[pair[0]], members[pair[1]]), Ways(group.fitted.engine)
    stored = _stored(sums, group, rows, pair) if choices.families else None
    leaves = ways.meeting([both]) if stored is not None else leaves_of_sets(group.fitted, ways, both)
    names = [*ways.asked_at(leaves), *(() if choices.families else pair)]
    codes, values, sample = _ask(reader, sums, group, cohort, rows, list(dict.fromkeys(names)))
    alone = moved_by(group.fitted, codes, both, leaves) if stored is None else stored
    slopes = _slopes(reader, codes, group)
    return pair_values(group.fitted, codes, [both])[0] * slopes, alone * slopes, values, sample


def _sampled(reader: Reader, sums: Summaries, most: int) -> list[int]:
    return sums.sample(min(most, CELLS // len(reader.room.model.feature_names)))


def _stored(sums: Summaries, group: FittedGroup, rows: Sequence[int], families: Sequence[str]) -> Floats | None:
    """Return what families moved as stored, (families, n); None where some were compared with another group."""
    found = sums.family_moves(rows, families)
    if (found["group_no"] != group.record.group_no).any():
        return None
    return found[list(families)].to_numpy(dtype=np.float64).T


def _ask(
    reader: Reader, sums: Summaries, group: FittedGroup, cohort: Cohort, rows: Sequence[int], names: Sequence[str]
) -> tuple[Codes, pd.DataFrame, Sample]:
    """Return a sample of the cohort as the trees see it, as values, and in words; some signals of it."""
    model = reader.room.model
    values = sums.values(rows, names)
    is_probability = model.link == "sigmoid"
    sample = Sample(
        n=len(values),
        n_total=int(sums.counts["n"]),
        rule=RULE,
        cohort=name_cohort(cohort, reader.room.card, is_probability=is_probability),
        group=group.record.rule,
    )
    table = np.full((len(values), len(model.feature_names)), np.nan)
    places = [model.feature_names.index(name) for name in names]
    table[:, places] = encode_rows(replace(model.shape, feature_names=tuple(names)), values)
    return group.fitted.engine.encode_rows(table, raw_score=sums.scores(rows)), values, sample


def _members(reader: Reader, sums: Summaries, choices: ChoicesResult, *, ranked: bool) -> dict[str, list[str]]:
    """Return the signals of each signal (itself) or family; `ranked` puts the strongest first."""
    if not choices.families:
        return {option.name: [option.name] for option in choices.options}
    names = sums.sizes().sort_values(ascending=False).index if ranked else sums.used
    members: dict[str, list[str]] = {option.name: [] for option in choices.options}
    for name in names:
        members[reader.room.card.features[str(name)].family].append(str(name))
    return members


def _slopes(reader: Reader, codes: Codes, group: FittedGroup) -> Floats:
    """Return estimate units per unit of raw score, for each application against the group, (n,)."""
    return chord_slopes(reader.room.model.estimate, codes.raw_score, group.fitted.baseline)


def _axis(card: Card, sums: Summaries, rows: pd.DataFrame, name: str, least: int) -> Axis:
    return axis_of_values(rows[name], card.features[name], number=sums.kinds[name] == "number", least=least)


def _cells(index: Floats, down: Axis, across: Axis, least: int) -> tuple[tuple[Cell, ...], ...]:
    """Average the index over applications with similar values of both."""

    def cell(i: int, j: int) -> Cell:
        own: Any = index[(down.place == i) & (across.place == j)]
        return Cell(len(own), float(own.mean()) if len(own) >= least else None)

    return tuple(tuple(cell(i, j) for j in range(len(across.words))) for i in range(len(down.words)))
