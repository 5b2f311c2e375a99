"""How one family of signals moves the estimate, for an audience that sees no single signal: `compute_family`."""

from __future__ import annotations

import math
from typing import Any, Literal

import pandas as pd

from data.cohorts import Cohort
from data.reader import Reader
from data.summaries import Summaries
from explainers.cohorts.compute import least_for, sums_of
from explainers.cohorts.words import name_cohort
from explainers.signals.compute import smallest_move
from explainers.signals.disclosure import disclose, no_signal
from explainers.signals.result import ChoicesResult, FamilyResult, Step
from explainers.signals.steps import band_words
from explainers.style import month

BANDS = 12
"""Bands of the estimate at most."""
FIGURES = (
    "count(*) AS n, count(*) FILTER (decision = 'approved') AS approved, avg(round(estimate, 3)) AS value,"
    " avg({part}) AS mean, quantile_cont({part}, 0.1) AS low, quantile_cont({part}, 0.9) AS high"
)


def compute_family(
    reader: Reader, choices: ChoicesResult, family: str, cohort: Cohort, by: Literal["estimate", "month"]
) -> FamilyResult:
    """Sum up what one family moved, by bands of the estimate or by month, over every application of a cohort.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    choices : ChoicesResult
        From `compute_choices`: families.
    family : str
        Key of the family in the card.
    cohort : Cohort
        Which applications.
    by : {"estimate", "month"}
        What the steps are.

    Raises
    ------
    NotFoundForViewer
        There is no such family, or too few applications.
    CohortProblems
        The viewer cannot choose these applications.
    """
    card, policy = reader.room.card, reader.viewer.policy
    sums = sums_of(reader, cohort)
    moved = sums.families()
    if family not in moved.index:
        raise no_signal()
    is_probability = reader.room.model.link == "sigmoid"
    steps, left_out = _steps(sums, family, by, least_for(policy), is_probability=is_probability)
    members = [f for f in card.features.values() if f.family == family]
    own: dict[Any, Any] = moved.loc[family].to_dict()
    n = int(sums.counts["n"])
    result = FamilyResult(
        snapshot_id=reader.snapshot_id,
        n=n,
        n_total=int(reader.totals()["n"]),
        cohort=name_cohort(cohort, card, is_probability=is_probability),
        label=card.families[family].label,
        definition=card.families[family].definition,
        parts=tuple(f.label for f in members if f.audience == "partner"),
        n_parts=len(members),
        by=by,
        steps=steps,
        left_out=left_out,
        rank=[option.name for option in choices.options].index(family) + 1,
        n_families=len(choices.options),
        mean_abs=float(own["mean_abs"]),
        up_share=float(own["up"]),
        p10=float(own["low"]),
        p90=float(own["high"]),
        smallest=smallest_move(float(moved["mean_abs"].max()), is_probability=is_probability),
        is_probability=is_probability,
        outcome=card.model.outcome,
    )
    return disclose(result, policy)


def _steps(sums: Summaries, family: str, by: str, least: int, *, is_probability: bool) -> tuple[tuple[Step, ...], int]:
    """Return the steps that are large enough, and how many applications lie in others or in none."""
    named: list[tuple[dict[Any, Any], str, float | None, float | None]]
    columns = sums.ask("SELECT family, col FROM families").set_index("family")["col"]
    figures = FIGURES.format(part=f"c.{columns[family]} * c.slope")
    source = "FROM chosen JOIN contributions c USING (row_no)"
    if by == "month":
        frame = sums.ask(f"SELECT date_trunc('month', application_date)::DATE AS step, {figures} {source} GROUP BY 1")
        named = [(row, month(row["step"]), None, None) for row in _rows(frame)]
    else:
        edges = _bands(sums, is_probability=is_probability)
        reached = " + ".join(f"(round(estimate, 3) >= $edge{i})::INTEGER" for i in range(len(edges))) or "0"
        parameters = {f"edge{i}": edge for i, edge in enumerate(edges)}
        frame = sums.ask(f"SELECT {reached} AS step, {figures} {source} GROUP BY 1", parameters)
        named = [(row, *_band(int(row["step"]), edges, is_probability=is_probability)) for row in _rows(frame)]
    steps = [_step(row, words, low, high, with_value=by != "month") for row, words, low, high in named]
    shown = tuple(step for step in steps if step.n >= least)
    return shown, int(sums.counts["n"]) - sum(step.n for step in shown)


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a summary in the order of their steps; applications without one have none."""
    return frame.dropna(subset=["step"]).sort_values("step").to_dict("records")


def _bands(sums: Summaries, *, is_probability: bool) -> list[float]:
    """Return limits of bands of the estimate: whole percents, or two digits on any other scale."""
    shares = [i / BANDS for i in range(1, BANDS)]
    found = sums.ask("SELECT quantile_disc(round(estimate, 3), $shares) AS q FROM chosen", {"shares": shares})
    return sorted({round(float(q), 2) if is_probability else _two_digits(float(q)) for q in found["q"].iloc[0]})


def _two_digits(value: float) -> float:
    return 0.0 if value == 0 or not math.isfinite(value) else float(f"{value:.2g}")


def _band(place: int, edges: list[float], *, is_probability: bool) -> tuple[str, float | None, float | None]:
    low = edges[place - 1] if place > 0 else None
    high = edges[place] if place < len(edges) else None
    return band_words(low, high, is_probability=is_probability), low, high


def _step(row: dict[Any, Any], words: str, low: float | None, high: float | None, *, with_value: bool) -> Step:
    return Step(
        words=words,
        low=low,
        high=high,
        value=float(row["value"]) if with_value else None,
        n=int(row["n"]),
        approved=int(row["approved"]),
        mean=float(row["mean"]),
        p10=float(row["low"]),
        p90=float(row["high"]),
    )
