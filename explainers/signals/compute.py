"""How one signal moves the estimate: `compute_choices`, and `compute_signal` → `SignalResult`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from data.card_schema import Card
from data.cohorts import EVERYONE, Cohort
from data.reader import Reader
from data.summaries import Summaries
from explainers.cohorts.compute import least_for, sums_of
from explainers.cohorts.words import name_cohort
from explainers.precision import TENTH
from explainers.signals import steps as cutting
from explainers.signals.disclosure import disclose, no_signal
from explainers.signals.result import ChoicesResult, Cut, CutLine, Option, SignalResult, Step
from explainers.signals.trend import measure_trend

THIRDS = (1 / 3, 2 / 3)
LARGE = 5
"""A step of a number holds this many times the applications that an average needs."""
MOST_LINES = 4
"""Lines of a cut at most."""
SMALL_SHARE = 0.02
"""On a scale that is no probability, a move is none below this share of the strongest signal's mean move."""


def compute_choices(reader: Reader) -> ChoicesResult:
    """Rank what a viewer can look at: signals, or families for an audience that sees no signal.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.

    Raises
    ------
    NotFoundForViewer
        There are too few applications to rank by.
    """
    policy, sums = reader.viewer.policy, sums_of(reader, EVERYONE)
    families = policy.signals != "every signal"
    sizes = (sums.families(spread=False)["mean_abs"] if families else sums.sizes()).to_dict()
    found = _options(reader.room.card, sums, sizes, families=families)
    n = int(sums.counts["n"])
    return disclose(ChoicesResult(reader.snapshot_id, n, families, found), policy)


def _options(card: Card, sums: Summaries, sizes: dict[Any, float], *, families: bool) -> tuple[Option, ...]:
    labels = (
        {name: card.families[name].label for name in sizes}
        if families
        else {name: card.features[name].label for name in sums.kinds}
    )
    count = Counter(labels.values())
    found = [
        Option(
            name=name,
            label=label if count[label] == 1 else f"{label} ({name})",
            mean_abs=float(sizes.get(name, 0.0)),
            used=name in sizes,
        )
        for name, label in labels.items()
    ]
    return tuple(sorted(found, key=lambda o: (not o.used, -o.mean_abs, o.label)))


def compute_signal(
    reader: Reader, choices: ChoicesResult, name: str, cohort: Cohort, second: str | None
) -> SignalResult:
    """Sum up what one signal moved, by its value, over every application of a cohort.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer who sees signals.
    choices : ChoicesResult
        From `compute_choices`.
    name : str
        The signal.
    cohort : Cohort
        Which applications.
    second : str, optional
        Another signal to cut by.

    Raises
    ------
    NotFoundForViewer
        There is no such signal for this viewer, or too few applications.
    CohortProblems
        The viewer cannot choose these applications.
    """
    policy, card = reader.viewer.policy, reader.room.card
    if choices.families or not {name, second or name} <= set(card.features):
        raise no_signal()
    sums = sums_of(reader, cohort)
    figures = _summed(sums, name, second, card, least_for(policy)) if name in sums.used else {}
    return disclose(_result(reader, choices, sums, name, cohort, figures), policy)


def _result(
    reader: Reader, choices: ChoicesResult, sums: Summaries, name: str, cohort: Cohort, figures: dict[str, Any]
) -> SignalResult:
    """Put figures beside what the card says; without figures the model does not use the signal."""
    card, is_probability = reader.room.card, reader.room.model.link == "sigmoid"
    feature = card.features[name]
    none: dict[str, Any] = {"mean_abs": 0.0, "up_share": 0.0, "steps": (), "missing": None, "left_out": 0, "bins": ()}
    none |= {"trend": None, "cut": None}
    strongest = max((option.mean_abs for option in choices.options), default=0.0)
    smallest = smallest_move(strongest, is_probability=is_probability)
    if "steps" in figures and len(figures["steps"]) > 1 and _is_ordered(card, sums, name):
        figures["trend"] = measure_trend(figures["steps"], feature.direction, smallest)
    ranked = [option.name for option in choices.options if option.used]
    return SignalResult(
        snapshot_id=reader.snapshot_id,
        n=int(sums.counts["n"]),
        n_total=int(reader.totals()["n"]),
        cohort=name_cohort(cohort, card, is_probability=is_probability),
        name=name,
        label=feature.label,
        definition=feature.definition,
        family=card.families[feature.family].label,
        unit=feature.unit,
        ordered=_is_ordered(card, sums, name),
        declared=feature.direction,
        used=bool(figures),
        rank=ranked.index(name) + 1 if name in ranked else 0,
        n_used=len(ranked),
        smallest=smallest,
        missing_words=feature.missing_means,
        is_probability=is_probability,
        outcome=card.model.outcome,
        **{**none, **figures},
    )


def smallest_move(strongest: float, *, is_probability: bool) -> float:
    """Return the size below which a move is called none, estimate units; `strongest` is the largest mean size."""
    return TENTH if is_probability else SMALL_SHARE * strongest


def _is_ordered(card: Card, sums: Summaries, name: str) -> bool:
    return cutting.is_ordered(card.features[name], number=sums.kinds[name] == "number")


def _summed(sums: Summaries, name: str, second: str | None, card: Card, least: int) -> dict[str, Any]:
    """Return the figures of a signal that the model uses, under the names of the result's fields."""
    feature, number = card.features[name], sums.kinds[name] == "number"
    fine = cutting.fine_values(sums, name) if number else ()
    edges = edges_for(sums, fine, least)
    frame = sums.by_value(name, edges)
    steps, missing, left_out = cutting.read_steps(frame, edges, feature, number=number, least=least)
    ordered = cutting.is_ordered(feature, number=number)
    cut = None
    if second is not None and second != name and steps:
        cut = _cut(sums, card, (name, edges, steps), second, least)
    return {
        "mean_abs": float((frame["n"] * frame["size"]).sum() / frame["n"].sum()),
        "up_share": float(frame["up"].sum() / frame["n"].sum()),
        "steps": steps,
        "missing": missing,
        "left_out": left_out,
        "bins": cutting.read_bins(sums, name, fine) if ordered and steps else (),
        "cut": cut,
    }


def edges_for(sums: Summaries, fine: tuple[float, ...], least: int) -> tuple[float, ...]:
    """Return limits of steps that are large enough for an average; no limit without any value."""
    n = int(sums.counts["n"])
    most = max(1, min(cutting.STEPS, n // (LARGE * least)))
    return cutting.step_edges(fine, most, ends=n / 100 >= LARGE * least) if fine and most > 1 else ()


def _cut(
    sums: Summaries, card: Card, first: tuple[str, tuple[float, ...], tuple[Step, ...]], second: str, least: int
) -> Cut | None:
    """Return the steps of a signal for low, middle and high values of another one, or for its categories."""
    name, edges, steps = first
    number = sums.kinds[second] == "number"
    others = tuple(sorted(set(sums.quantiles(second, THIRDS)))) if number else ()
    frame = sums.by_two_values(name, second, edges, others).dropna(subset=["other"])
    sizes = frame.groupby("other")["n"].sum().nlargest(MOST_LINES)
    levels = sorted(sizes.index) if number else list(sizes.index)
    feature = card.features[second]
    lines = []
    for level in levels:
        own = frame[frame["other"] == level].set_index("step")
        if number:
            place = int(level)
            low, high = (others[place - 1] if place else None), (others[place] if place < len(others) else None)
            words = cutting.range_words(low, high, feature)
        else:
            words = feature.levels.get(str(level), str(level))
        means = tuple(_mean_of(own, _key(step, edges, card, name), least) for step in steps)
        lines.append(CutLine(words, int(sizes[level]), means))
    return Cut(second, feature.label, tuple(lines)) if len(lines) > 1 else None


def _key(step: Step, edges: tuple[float, ...], card: Card, name: str) -> float | str:
    """Return what a summary calls a step: its number, or the category."""
    if step.value is not None:
        return edges.index(step.low) + 1 if step.low is not None else 0
    words = {said: level for level, said in card.features[name].levels.items()}
    return words.get(step.words, step.words)


def _mean_of(own: pd.DataFrame, key: float | str, least: int) -> float | None:
    if key not in own.index:
        return None
    row: dict[Any, Any] = own.loc[key].to_dict()
    return float(row["mean"]) if row["n"] >= least else None
