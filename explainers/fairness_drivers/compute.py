"""What a gap between two groups goes with: `compute_gap`, `compute_neutral`, `compute_proxies`.

The gap is split by the stored contributions. Each of these is against the application's own comparison group, which
lies at its own cut-off; so the gap has one more part than there are families: the difference of what the two groups
are compared with. It is nothing where all applications have one comparison group. With it the parts add up exactly.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.cohorts import Cohort
from data.fairness_rows import decided_rows, score_sums, signal_gaps
from data.protected import Protected
from data.reader import Reader
from explainers.assurance.ranking import RankingResult
from explainers.fairness_drivers.decompose import RESAMPLES, Split, split_sums
from explainers.fairness_drivers.disclosure import disclose
from explainers.fairness_drivers.neutral import neutralise
from explainers.fairness_drivers.pair import describe_pair
from explainers.fairness_drivers.proxies import family_power, half, signal_power
from explainers.fairness_drivers.result import GapPart, GapResult, Neutral, NeutralResult, Pair, Power, ProxyResult

SCORED = 2_500
"""Applications of either group that are scored again, at most."""
MEASURED = 10_000
"""Applications of either group that the check of proxies looks at, at most."""
CELLS = 4_000_000
"""Values (applications times signals) that the check of proxies looks at, at most."""
SIGNALS = 200
"""Signals that are checked one by one, at most: those with the largest part of the gap."""
CUTOFFS = "Different cut-offs to compare with"
Floats = npt.NDArray[np.float64]


def compute_gap(reader: Reader, attribute: str, group: str, cohort: Cohort) -> GapResult:
    """Split the gap between two groups' mean estimates into the parts of families.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    attribute, group : str
        The attribute's name in the card, and the group set against its reference.
    cohort : Cohort
        Which applications; a viewer of aggregates has all only.

    Raises
    ------
    CohortProblems, NotFoundForViewer
        The viewer cannot choose these, or there is no such group.
    """
    pair, protected = describe_pair(reader, attribute, group, cohort), reader.protected_groups()
    compared = None
    if reader.viewer.partner is not None:
        compared = [g.group_no for g in reader.groups() if not g.own_only]
    sums = score_sums(protected, attribute, (pair.group, pair.reference), cohort, compared)
    pair = _counted(pair, *(float(n) for n in sums.weights.sum(axis=1)))
    if not pair.enough:
        return GapResult(pair, math.nan, math.nan, _nothing(), (), RESAMPLES)
    splits = [split_sums(each, sums.weights, pair.seed) for each in (sums.points, sums.raw)]
    labels = [(name, reader.room.card.families[name].label) for name in sums.families]
    group_mean, reference_mean = (float(s.sum() / w.sum()) for s, w in zip(sums.points, sums.weights, strict=True))
    found = _parts([*labels, ("", CUTOFFS)], *splits)
    result = GapResult(pair, group_mean, reference_mean, _whole(*splits), found, RESAMPLES)
    return disclose(result, reader.viewer.policy)


def _counted(pair: Pair, group: float, reference: float) -> Pair:
    return Pair(**{**vars(pair), "n_group": group, "n_reference": reference})


def _nothing() -> GapPart:
    return GapPart("", "", *(math.nan for _ in range(6)))


def _whole(points: Split, raw: Split) -> GapPart:
    figures = (s for split in (points, raw) for s in (split.gap, split.gap_low, split.gap_high))
    return GapPart("", "The whole gap", *figures)


def _parts(labels: list[tuple[str, str]], points: Split, raw: Split) -> tuple[GapPart, ...]:
    columns = (points.parts, points.low, points.high, raw.parts, raw.low, raw.high)
    parts = [GapPart(*label, *(float(c[i]) for c in columns)) for i, label in enumerate(labels)]
    families = sorted(parts[:-1], key=lambda part: (-abs(part.size), part.label))
    return (*families, parts[-1])


def compute_neutral(reader: Reader, attribute: str, group: str, cohort: Cohort) -> NeutralResult | None:
    """Ask the model what it would decide if one family of signals were drawn from the reference group.

    Parameters and errors as for `compute_gap`.

    Returns
    -------
    NeutralResult or None
        None for a proxy (nobody is of a group for sure) and with too few applications.
    """
    pair, protected = describe_pair(reader, attribute, group, cohort), reader.protected_groups()
    found = None if pair.kind == "proxy" else _sides(protected, attribute, pair, cohort, SCORED)
    if found is None:
        return None
    model, card = reader.room.model, reader.room.card
    encoded = [model.encode(reader.room.signal_values(side["row_no"].tolist())) for side in found]
    people = found[0]
    cutoff, fixed = people["cutoff"].to_numpy(dtype=float), people["by_rule"].to_numpy(dtype=bool)
    approved = people["approved"].to_numpy(dtype=bool)

    def decide(raw: Floats) -> npt.NDArray[np.bool_]:
        estimate = model.estimate(raw)
        passes = estimate <= cutoff if pair.riskier_up else estimate >= cutoff
        return np.where(fixed, approved, passes)

    columns = _columns(reader)
    now, changed = neutralise(encoded[0], encoded[1], columns, model.predict_raw, decide, pair.seed)
    families = [
        Neutral(name, card.families[name].label, one.rate, one.change, one.low, one.high)
        for name, one in changed.items()
    ]
    result = NeutralResult(
        pair=pair,
        n_group=len(found[0]),
        n_reference=len(found[1]),
        group_rate=now,
        reference_rate=float(found[1]["approved"].mean()),
        families=tuple(sorted(families, key=lambda one: (-abs(one.change), one.label))),
    )
    return disclose(result, reader.viewer.policy)


def _sides(
    protected: Protected, attribute: str, pair: Pair, cohort: Cohort, most: int
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Return applications of the group and of the reference group; None where there are too few of one."""
    group, reference = (
        decided_rows(protected, [attribute], cohort, most, pair=(value, value))
        for value in (pair.group, pair.reference)
    )
    return None if min(len(group), len(reference)) < pair.least else (group, reference)


def _columns(reader: Reader) -> dict[str, list[int]]:
    """Return the places of each family's signals among the model's inputs; signals no tree asks for are left out."""
    model, card, used = reader.room.model, reader.room.card, set(reader.room.summaries().used)
    columns: dict[str, list[int]] = {}
    for place, name in enumerate(model.feature_names):
        if name in used:
            columns.setdefault(card.features[name].family, []).append(place)
    return columns


def compute_proxies(reader: Reader, attribute: str, cohort: Cohort, gap: GapResult) -> ProxyResult | None:
    """Measure how well families and signals tell two groups apart, and put that beside their parts of the gap.

    Parameters
    ----------
    reader, attribute, cohort
        As for `compute_gap`.
    gap : GapResult
        From `compute_gap` for the same.

    Returns
    -------
    ProxyResult or None
        None for a proxy attribute and with too few applications.
    """
    if gap.pair.kind == "proxy" or not gap.pair.enough:
        return None
    model, card = reader.room.model, reader.room.card
    most = max(gap.pair.least, min(MEASURED, CELLS // (2 * len(model.feature_names))))
    found = _sides(reader.protected_groups(), attribute, gap.pair, cohort, most)
    if found is None:
        return None
    everyone = pd.concat(found, ignore_index=True)
    values = model.encode(reader.room.signal_values(everyone["row_no"].tolist()))
    of_group = np.arange(len(everyone)) < len(found[0])
    learns = half(len(everyone), gap.pair.seed)
    categories = {i for i, name in enumerate(model.feature_names) if name in model.categorical_features}

    def together(places: list[int]) -> RankingResult | None:
        own = [i for i, place in enumerate(places) if place in categories]
        return family_power(values[:, places], of_group, learns, own, gap.pair.seed)

    columns = _columns(reader)
    sizes = {part.name: part for part in gap.parts}
    families = [
        _power((name, card.families[name].label, ""), together(places), sizes[name]) for name, places in columns.items()
    ]
    signals = _signals(reader, attribute, cohort, gap.pair, (values, of_group, learns), categories)
    every = together([place for places in columns.values() for place in places])
    result = ProxyResult(
        pair=gap.pair,
        n_learnt=int(learns.sum()),
        n_measured=int((~learns).sum()),
        together=_power(("", "All signals together", ""), every, gap.gap),
        families=_ordered(families),
        signals=_ordered(signals),
        n_signals=len(signals),
    )
    return disclose(result, reader.viewer.policy)


def _signals(
    reader: Reader,
    attribute: str,
    cohort: Cohort,
    pair: Pair,
    rows: tuple[Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    categories: set[int],
) -> list[Power]:
    """Measure signals one by one, those with the largest part of the gap."""
    if reader.viewer.policy.signals != "every signal":
        return []
    card, names = reader.room.card, list(reader.room.model.feature_names)
    gaps = signal_gaps(reader.protected_groups(), attribute, (pair.group, pair.reference), cohort)
    largest = gaps.reindex(gaps.abs().sort_values(ascending=False, kind="stable").index)[:SIGNALS]
    values, of_group, learns = rows
    found = []
    for name, size in largest.items():
        place, feature = names.index(str(name)), card.features[str(name)]
        power = signal_power(values[:, place], of_group, learns, category=place in categories)
        part = GapPart(str(name), "", float(size), *(math.nan for _ in range(5)))
        found.append(_power((str(name), feature.label, card.families[feature.family].label), power, part))
    return found


def _power(names: tuple[str, str, str], found: RankingResult | None, part: GapPart) -> Power:
    figures = (math.nan,) * 3 if found is None else (found.auc, found.low, found.high)
    return Power(*names, *figures, part.size, part.low, part.high)


def _ordered(rows: list[Power]) -> tuple[Power, ...]:
    return tuple(sorted(rows, key=lambda row: (-(row.auc if not math.isnan(row.auc) else 0.0), row.label)))
