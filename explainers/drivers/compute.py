"""What drives a model: `compute_drivers` → `DriversResult`, `compute_signals` → `SignalsResult`.

Figures are those of `data.summaries`: stored contributions of every application of a cohort, in estimate units.
Inside a family contributions are added up first, with their signs; the size of the sum is taken after that. A
family whose signals pull against each other is therefore smaller than its signals taken one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.card_schema import Card, FeatureBlock
from data.cohorts import Cohort
from data.reader import Reader
from explainers.cohorts.compute import sums_of
from explainers.cohorts.words import name_cohort
from explainers.decision.compute import GROUP_WORDS
from explainers.drivers.disclosure import disclose
from explainers.drivers.result import Driver, DriversResult, SignalsResult

AT_FIRST = 10
"""Signals shown when nobody asked for a family or a word."""
MOST = 25
"""Signals in one picture at most."""
MOST_UNUSED = 5
"""Unused signals named in one line at most."""


@dataclass(frozen=True)
class Sums:
    """A cohort summed up, before it is cut to the viewer: for explainers only."""

    n: int
    """Applications of the cohort."""
    frame: pd.DataFrame
    """Indexed by family or signal: `mean_abs`, `mean`, `up`, and `low`, `high` where they were asked for."""


def sum_families(reader: Reader, cohort: Cohort, *, spread: bool = True) -> Sums:
    """Sum up every family over a cohort.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    found = sums_of(reader, cohort)
    return Sums(int(found.counts["n"]), found.families(spread=spread))


def sum_signals(reader: Reader, cohort: Cohort) -> Sums:
    """Rank every signal the model uses by its mean size over a cohort: `mean_abs` alone.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        There are too few of them.
    """
    found = sums_of(reader, cohort)
    return Sums(int(found.counts["n"]), found.sizes().to_frame("mean_abs"))


def compute_drivers(reader: Reader, cohort: Cohort, sums: Sums) -> DriversResult:
    """Rank the families of a model by how far they move estimates.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.
    sums : Sums
        From `sum_families` for the same reader and cohort.
    """
    card = reader.room.card
    is_probability = reader.room.model.link == "sigmoid"
    labels = {name: family.label for name, family in card.families.items()}
    rows = _ranked(_driver(str(name), labels[str(name)], labels[str(name)], row) for name, row in sums.frame.iterrows())
    group = card.decision.comparison_group
    result = DriversResult(
        snapshot_id=reader.snapshot_id,
        n=sums.n,
        n_total=int(reader.totals()["n"]),
        cohort=name_cohort(cohort, card, is_probability=is_probability),
        group=GROUP_WORDS.get(group, group),
        is_probability=is_probability,
        families=rows,
        half=carry_half([row.size for row in rows]),
    )
    return disclose(result, reader.viewer.policy)


def compute_signals(
    reader: Reader, cohort: Cohort, sums: Sums | None, family: str | None = None, find: str = ""
) -> SignalsResult:
    """Rank signals: those of a family, those that fit the words, or the largest of all.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.
    sums : Sums or None
        From `sum_signals` for the same reader and cohort; None for a viewer who sees families only.
    family : str, optional
        Key of a family of the card.
    find : str
        Words that must all stand in a signal's name, its label, its meaning or its family's label.
    """
    card = reader.room.card
    is_probability = reader.room.model.link == "sigmoid"
    inputs = reader.room.model.feature_names
    find = "" if sums is None else find.strip()
    fitting = matching(card, inputs, family, find)
    rows: tuple[Driver, ...] = ()
    if sums is not None:
        most = MOST if family or find else AT_FIRST
        rows = _with_spread(reader, cohort, sums.frame, fitting, most)
    used = set() if sums is None else set(map(str, sums.frame.index))
    block = None if family is None else card.families[family]
    result = SignalsResult(
        snapshot_id=reader.snapshot_id,
        n=int(sums_of(reader, cohort).counts["n"]) if sums is None else sums.n,
        n_total=int(reader.totals()["n"]),
        cohort=name_cohort(cohort, card, is_probability=is_probability),
        is_probability=is_probability,
        family=None if block is None else block.label,
        definition=None if block is None else block.definition,
        find=find,
        rows=rows,
        matched=len(fitting),
        matched_used=len(used & set(fitting)),
        unused=tuple(card.features[name].label for name in fitting if name not in used)[:MOST_UNUSED],
        half=0 if sums is None else carry_half(sorted(sums.frame["mean_abs"], reverse=True)),
        n_signals=len(reader.room.model.feature_names),
        approved=tuple(card.features[n].label for n in fitting if card.features[n].audience == "partner"),
        names_hidden=sums is None,
    )
    return disclose(result, reader.viewer.policy)


def _with_spread(
    reader: Reader, cohort: Cohort, frame: pd.DataFrame, fitting: Sequence[str], most: int
) -> tuple[Driver, ...]:
    """Return the largest of the fitting signals; their spread is counted for them alone."""
    card = reader.room.card
    chosen = frame[frame.index.isin(fitting)].nlargest(most, "mean_abs")
    if chosen.empty:
        return ()
    spread = sums_of(reader, cohort).signals([str(name) for name in chosen.index], spread=True)
    blocks = {str(name): card.features[str(name)] for name in chosen.index}
    return _ranked(
        _driver(str(name), blocks[str(name)].label, card.families[blocks[str(name)].family].label, row)
        for name, row in spread.iterrows()
    )


def matching(card: Card, inputs: Iterable[str], family: str | None, find: str) -> list[str]:
    """Return the inputs of a family whose words hold every word asked for, in the model's order.

    Parameters
    ----------
    card : Card
        Labels, meanings and families.
    inputs : iterable of str
        Signals.
    family : str or None
        Key of a family; None for every one.
    find : str
        Words in any order; part of a word is enough, capital letters do not count.
    """
    words = find.casefold().split()

    def fits(name: str, block: FeatureBlock) -> bool:
        text = f"{name} {block.label} {block.definition} {card.families[block.family].label}".casefold()
        return (family is None or block.family == family) and all(word in text for word in words)

    return [name for name in inputs if fits(name, card.features[name])]


def carry_half(sizes: Sequence[float]) -> int:
    """Return the fewest that carry half of the sum; `sizes` is sorted, largest first. 0 when all are 0."""
    total, so_far = sum(sizes), 0.0
    if total <= 0:
        return 0
    for place, size in enumerate(sizes, start=1):
        so_far += size
        if 2 * so_far >= total:
            return place
    return len(sizes)


def _ranked(rows: Iterable[Driver]) -> tuple[Driver, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.size, row.name)))


def _driver(name: str, label: str, family: str, row: pd.Series[Any]) -> Driver:
    figures = {key: float(row[key]) for key in ("mean", "low", "high", "up")}
    return Driver(name=name, label=label, family=family, size=float(row["mean_abs"]), **figures)
