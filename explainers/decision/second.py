"""The second opinion on one decision, cut to what the viewer may see."""

from __future__ import annotations

from dataclasses import dataclass

from data.reader import Reader
from explainers.attribution import attribute, by_family
from explainers.decision.compute import FittedGroup, OnFile, read_on_file
from explainers.decision.words import LIMIT
from explainers.markup import render
from explainers.second_opinion.compute import (
    SecondOpinion,
    compute_second_opinion,
    fit_sampled,
    sampled_places,
    signals_given,
)
from explainers.second_opinion.words import say_second_opinion, say_second_opinion_detail

SEEDS = (1, 2)
"""Two runs: the least that shows how far LIME agrees with itself."""
SAMPLES = 1000


@dataclass(frozen=True)
class SecondOpinionNote:
    """What another method says of the same decision, in words."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Samples drawn, over all runs."""
    title: str
    """How far it agrees."""
    text: str
    """What that means."""
    detail: str | None
    """Fit and agreement in figures; None for an audience that sees no scores."""


def fit_second(reader: Reader, group: FittedGroup) -> SecondOpinion:
    """Prepare LIME for a comparison group."""
    record, fitted = group.record, group.fitted
    places = sampled_places(fitted, seed=record.seed).tolist()
    rows = reader.room.group_places(record.group_no, places, signals_given(fitted.engine))
    return fit_sampled(fitted, rows, seed=record.seed)


def compute_second(reader: Reader, application_id: str, group: FittedGroup, second: SecondOpinion) -> SecondOpinionNote:
    """Ask LIME about one decision; see `second_on_file`.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    application_id : str
        The lender's own number.
    group : FittedGroup
        The comparison group of the exact explanation.
    second : SecondOpinion
        From `fit_second` for the same group.
    """
    return second_on_file(reader, read_on_file(reader, group.fitted.engine, application_id), group, second)


def second_on_file(reader: Reader, asked: OnFile, group: FittedGroup, second: SecondOpinion) -> SecondOpinionNote:
    """Ask LIME about one decision and compare with the exact contributions.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : OnFile
        The application, from `read_on_file`.
    group : FittedGroup
        The comparison group of the exact explanation.
    second : SecondOpinion
        From `fit_second` for the same group.
    """
    card = reader.room.card
    families = {name: feature.family for name, feature in card.features.items()}
    exact = by_family(attribute(group.fitted, asked.codes), families)
    sign = 1 if card.model.higher_score_is == "riskier" else -1
    found = compute_second_opinion(
        second, asked.values, families, exact, adverse_sign=sign, n_samples=SAMPLES, seeds=SEEDS
    )
    title, text = say_second_opinion(found)
    detail = say_second_opinion_detail(found) if reader.viewer.policy.exact_scores else None
    return SecondOpinionNote(reader.snapshot_id, SAMPLES * len(SEEDS), title, text, detail)


def table_second(note: SecondOpinionNote) -> str:
    """Draw the second opinion as one more check of the side column."""
    return render("second.html", note=note, closing=LIMIT)
