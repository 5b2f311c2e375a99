"""Slices of two groups: `compute_chosen` cuts by what a person names, `compute_found` looks for them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.cohorts import Cohort
from data.errors import NotFoundForViewer
from data.fairness_rows import count_rows, decided_rows
from data.protected import Protected
from data.protected_values import Attribute
from data.reader import Reader
from explainers.assurance.intervals import Z95
from explainers.fairness_drivers.pair import LEAST, SEED, describe_pair
from explainers.fairness_drivers.proxies import half
from explainers.fairness_drivers.result import Pair
from explainers.slices import search
from explainers.slices.cuts import Cut, cut_levels, cut_number, describe, steps_of
from explainers.slices.disclosure import disclose
from explainers.slices.result import SliceGap, SlicesResult
from explainers.slices.search import Confirmed, Gap, benjamini_hochberg, measure, two_sided

MOST = 200_000
"""Applications that are looked at, at most."""
CELLS = 20_000_000
"""Values (applications times signals) that are looked at, at most."""
SIGNALS = 60
"""Signals that are cut by, at most: those that move estimates most."""
STEPS = 8
"""Steps a number is cut into when slices are looked for."""
CHOSEN_STEPS = 5
Figure = Literal["approval", "error"]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def choices(reader: Reader, attribute: str) -> dict[str, str]:
    """Return what applications can be cut by, key to words: partners, months, other attributes, then signals.

    Empty for viewers who see families only: slices are made of signals.
    """
    if reader.viewer.policy.signals != "every signal":
        return {}
    protected, card = reader.protected_groups(), reader.room.card
    found = {"partner": "Partner", "month": "Month"}
    found |= {f"attribute.{a.name}": a.label for a in _others(protected, attribute)}
    used = {f"signal.{name}": card.features[name].label for name in reader.room.summaries().used}
    result = found | dict(sorted(used.items(), key=lambda item: item[1]))
    return disclose(result, reader.viewer.policy)


def compute_chosen(reader: Reader, attribute: str, group: str, by: str, cohort: Cohort) -> SlicesResult:
    """Compare two groups in each step of something a person names.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    attribute, group : str
        The attribute's name in the card, and the group set against its reference.
    by : str
        A key of `choices`.
    cohort : Cohort
        Which applications.

    Raises
    ------
    CohortProblems, NotFoundForViewer
        The viewer cannot choose these, or there is nothing of that name.
    """
    words = choices(reader, attribute).get(by)
    if words is None:
        raise NotFoundForViewer("There is nothing to cut by", "This view has nothing of that name.", "Choose one.")
    pair = describe_pair(reader, attribute, group, cohort)
    other = [by.removeprefix("attribute.")] if by.startswith("attribute.") else []
    rows, possible = _rows(reader, [attribute, *other], pair, cohort, "approval", 2)
    figure, of_group = rows["approved"].to_numpy(dtype=float), (rows["g0"] == pair.group).to_numpy(dtype=bool)
    cut = _cut_by(reader, by, words, rows)
    card, everyone = reader.room.card, np.ones(len(rows), dtype=bool)
    found, gaps = steps_of(cut, card), []
    for condition, _, _ in found:
        inside = condition.holds(cut.splitter)
        gaps.append((measure(figure, of_group, inside), measure(figure, of_group, ~inside)))
    slices = _judge([(words, text) for _, words, text in found], gaps)
    result = _result(pair, "chosen", "approval", words, slices, rows, possible, measure(figure, of_group, everyone), 1)
    return disclose(result, reader.viewer.policy)


def _judge(told: list[tuple[str, str]], gaps: list[tuple[Gap, Gap]]) -> list[SliceGap]:
    """Test each slice against all other applications, for all slices together."""
    enough = [min(inside.n_group, inside.n_reference) >= LEAST for inside, _ in gaps]
    p_values = [
        two_sided(i.size - o.size, i.variance + o.variance) if ok and min(o.n_group, o.n_reference) else math.nan
        for (i, o), ok in zip(gaps, enough, strict=True)
    ]
    known = [p for p in p_values if not math.isnan(p)]
    adjusted = iter(benjamini_hochberg(known))
    return [
        _slice(words, inside, outside, p, math.nan if math.isnan(p) else next(adjusted), ok)
        for words, (inside, outside), p, ok in zip(told, gaps, p_values, enough, strict=True)
    ]


def _slice(words: tuple[str, str], inside: Gap, outside: Gap, p: float, adjusted: float, enough: bool) -> SliceGap:
    if not enough:
        return SliceGap(*words, inside.n_group, inside.n_reference, *(math.nan,) * 8, enough=False, holds=False)
    spread = Z95 * math.sqrt(inside.variance)
    return SliceGap(
        *words,
        inside.n_group,
        inside.n_reference,
        inside.group,
        inside.reference,
        inside.size,
        inside.size - spread,
        inside.size + spread,
        inside.size - outside.size,
        p,
        adjusted,
        enough=True,
        holds=not math.isnan(adjusted) and adjusted <= search.SURE,
    )


def compute_found(reader: Reader, attribute: str, group: str, figure: Figure, cohort: Cohort) -> SlicesResult:
    """Look for slices in which the gap between two groups is larger or smaller than elsewhere.

    Parameters
    ----------
    reader, attribute, group, cohort
        As for `compute_chosen`.
    figure : {"approval", "error"}
        Shares approved, or errors of estimates (outcome less estimate) where outcomes are known and the model did not
        learn from them.

    Returns
    -------
    SlicesResult
        Found on a random half (seed 7), measured on the other half, the surest first.
    """
    if reader.viewer.policy.signals != "every signal":
        raise NotFoundForViewer("Slices are not part of this view", "They are made of signals.", "")
    pair, protected = describe_pair(reader, attribute, group, cohort), reader.protected_groups()
    others = _others(protected, attribute)
    names = _largest(reader)
    rows, possible = _rows(reader, [attribute, *(a.name for a in others)], pair, cohort, figure, len(names))
    of_group = (rows["g0"] == pair.group).to_numpy(dtype=bool)
    values = _values(rows, figure)
    first = half(len(rows), SEED)
    cuts = [_cut_by(reader, "partner", "Partner", rows), _cut_by(reader, "month", "Month", rows)]
    cuts += [cut_levels(f"attribute.{a.name}", a.label, rows[f"g{i + 1}"], "attribute") for i, a in enumerate(others)]
    cuts += _signal_cuts(reader, names, rows, first, STEPS)
    cuts = [cut for cut in cuts if cut.splitter.count > 1 or (cut.splitter.steps < 0).any()]
    splitters = [cut.splitter for cut in cuts]
    found = search.find_slices(values, of_group, first, splitters)
    confirmed = search.confirm(values, of_group, first, splitters, found)
    card = reader.room.card
    slices = [_found(one, describe(one.conditions, cuts, card)) for one in confirmed]
    overall = measure(values, of_group, ~first)
    words = f"{len(names)} signals, partner, month{', other groups' if others else ''}"
    result = _result(pair, "found", figure, words, slices, rows, possible, overall, len(cuts))
    return disclose(replace(result, least=search.LEAST), reader.viewer.policy)


def _found(one: Confirmed, words: tuple[str, str]) -> SliceGap:
    enough = min(one.inside.n_group, one.inside.n_reference) >= LEAST
    return replace(
        _slice(words, one.inside, one.outside, one.p_value, one.adjusted, enough), holds=one.holds and enough
    )


def _result(
    pair: Pair,
    kind: Literal["chosen", "found"],
    figure: Figure,
    by: str,
    slices: list[SliceGap],
    rows: pd.DataFrame,
    possible: int,
    overall: Gap,
    looked: int,
) -> SlicesResult:
    of_group = int((rows["g0"] == pair.group).sum())
    spread = Z95 * math.sqrt(overall.variance)
    return SlicesResult(
        pair=replace(pair, n_group=of_group, n_reference=len(rows) - of_group),
        kind=kind,
        figure=figure,
        by=by,
        slices=tuple(slices),
        n=len(rows),
        n_possible=possible,
        overall=overall.size,
        overall_low=overall.size - spread,
        overall_high=overall.size + spread,
        n_looked=looked,
        least=LEAST,
    )


def _others(protected: Protected, attribute: str) -> list[Attribute]:
    """Return the other observed attributes: slices of these are intersections."""
    return [a for a in protected.attributes if a.kind == "observed" and a.name != attribute]


def _largest(reader: Reader) -> list[str]:
    """Return the signals to cut by: all that are used, or of many those that move estimates most."""
    sums = reader.room.summaries()
    used = list(sums.used)
    if len(used) <= SIGNALS:
        return used
    sizes = sums.sizes().sort_values(ascending=False, kind="stable")
    return [str(name) for name in sizes.index[:SIGNALS]]


def _rows(
    reader: Reader, names: list[str], pair: Pair, cohort: Cohort, figure: Figure, columns: int
) -> tuple[pd.DataFrame, int]:
    """Return applications of both groups, and how many there are.

    Raises
    ------
    NotFoundForViewer
        The attribute is a proxy: nobody is of a group for sure.
    """
    if pair.kind == "proxy":
        raise NotFoundForViewer("Chances cannot be cut", "Slices need groups that are on file.", "Choose another one.")
    wide = max(columns, len(reader.room.model.feature_names) if columns > 2 else 1)
    most, both = min(MOST, CELLS // wide), (pair.group, pair.reference)
    known = figure == "error"
    rows = decided_rows(reader.protected_groups(), names, cohort, most, known=known, pair=both)
    if len(rows) < most:
        return rows, len(rows)
    return rows, count_rows(reader.protected_groups(), names[0], cohort, both, known=known)


def _values(rows: pd.DataFrame, figure: Figure) -> Floats:
    if figure == "approval":
        return rows["approved"].to_numpy(dtype=np.float64)
    found: Floats = (rows["outcome"] - rows["estimate"]).to_numpy(dtype=np.float64)
    return found


def _cut_by(reader: Reader, by: str, words: str, rows: pd.DataFrame) -> Cut:
    kind, _, name = by.partition(".")
    if kind == "signal":
        return _signal_cuts(reader, [name], rows, np.ones(len(rows), dtype=bool), CHOSEN_STEPS)[0]
    column = {"partner": "partner", "month": "month"}.get(kind, "g1")
    return cut_levels(by, words, rows[column], kind)


def _signal_cuts(reader: Reader, names: list[str], rows: pd.DataFrame, first: Bools, steps: int) -> list[Cut]:
    everyone, card = reader.room.summaries(), reader.room.card
    values, cuts = everyone.values(rows["row_no"].tolist(), names), []
    for name in names:
        label = card.features[name].label
        if everyone.kinds[name] == "number":
            cuts.append(cut_number(name, label, values[name].to_numpy(dtype=np.float64), first, steps))
        else:
            cuts.append(cut_levels(name, label, values[name].astype(object), "category"))
    return cuts
