"""What only the demonstration can show, because its training data are at hand: other seeds, and a signal of noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from data.demo import dgp
from data.demo.book import generate_book, generate_development
from data.demo.prepare import DEVELOPMENT_SIZE, PLAN, demo_card
from data.models import read_model
from data.recipes.training import TrainingPlan, train
from explainers.assurance.intervals import wilson
from explainers.attribution import Engine, attribute_families, fit_comparison
from explainers.evidence.stability import agreement
from explainers.evidence.world import Floats, Ints
from explainers.reasons.ranking import ReasonRule, rank_reasons
from explainers.style import percent

NOISE = "pure_noise"
SEEDS = (7, 11, 12)
"""The model's own training seed, then others."""
CUTOFF = 0.18
DECLINES = 1_000
GROUP = 1_000


@dataclass(frozen=True)
class Retrained:
    """One model's view of the same applications."""

    estimate: Floats
    """Shape (n,)."""
    reasons: Ints
    """Positions in `families`, (n, 4); −1 where there is none."""
    families: tuple[str, ...]
    """Slugs, in alphabetical order."""


def measure_retraining(folder: Path, *, seed: int = 7, n: int = 20_000, size: int = DEVELOPMENT_SIZE) -> Iterator[str]:
    """Train the demonstration's model again with other seeds, and with a signal of noise; yield what was found.

    Parameters
    ----------
    folder : Path
        Where model files are written.
    seed : int
        Seed of the book.
    n : int
        Applications to decide on.
    size : int
        Applications to learn from.
    """
    learn, book = generate_development(seed, size), generate_book(seed, n)
    names = list(dgp.SIGNALS)
    card = demo_card("3")
    features: Mapping[str, Mapping[str, str]] = card["features"]  # type: ignore[assignment]
    families = {name: features[name]["family"] for name in names}
    rows, applied = learn.applications[names], book.applications[names]
    models = [train(rows, learn.outcome, replace(PLAN, seed=one)) for one in SEEDS]
    first = explain(models[0], applied, families, folder)
    declined = np.flatnonzero(first.estimate > CUTOFF)[:DECLINES]
    for one, model in zip(SEEDS[1:], models[1:], strict=True):
        again = explain(model, applied, families, folder)
        same = agreement(first.reasons[declined], again.reasons[declined], "x")
        kept = float((again.estimate[declined] > CUTOFF).mean())
        yield (
            f"Trained again with seed {one}: the same strongest reason for {percent(same['x_first'].mean())},"
            f" lists overlap by {percent(same['x_overlap'].mean())}, the same decision for {percent(kept)}"
            f" of {len(declined):,} declined applications."
        )
    yield placebo(rows, learn.outcome, applied, families, PLAN, folder)


def placebo(
    rows: pd.DataFrame,
    outcome: np.ndarray[tuple[int], np.dtype[np.int8]],
    applied: pd.DataFrame,
    families: Mapping[str, str],
    plan: TrainingPlan,
    folder: Path,
) -> str:
    """Train with a signal of pure noise in a family of its own, and say how often it becomes a reason."""
    random = np.random.default_rng([plan.seed, 99])
    noisy = [table.assign(**{NOISE: random.standard_normal(len(table))}) for table in (rows, applied)]
    model = train(noisy[0], outcome, plan)
    found = explain(model, noisy[1], {**families, NOISE: NOISE}, folder)
    declined = found.estimate > CUTOFF
    listed = (found.reasons[declined] == found.families.index(NOISE)).any(axis=1)
    hits, total = int(listed.sum()), len(listed)
    low, high = wilson(hits, total)
    return (
        f"A signal of pure noise is a reason for {percent(hits / total, 1)} ({percent(low, 1)} to {percent(high, 1)})"
        f" of {total:,} declined applications; at most 5 % by our own screening value."
    )


def explain(model: lgb.Booster, rows: pd.DataFrame, families: Mapping[str, str], folder: Path) -> Retrained:
    """Score applications and find their reasons against the ones just approved by this model."""
    path = folder / "retrained.txt"
    path.write_text(model.model_to_string(), encoding="utf-8")
    engine = Engine(read_model(path))
    codes = engine.encode_rows(rows)
    estimate = engine.model.estimate(codes.raw_score)
    nearest = np.argsort(np.where(estimate <= CUTOFF, CUTOFF - estimate, np.inf), kind="stable")[:GROUP]
    fitted = fit_comparison(engine, rows.iloc[np.sort(nearest)], name="just_approved", rule="nearest to the cut-off")
    found = attribute_families(fitted, codes, families)
    order = np.argsort(np.array(found.families), kind="stable")
    names = tuple(found.families[i] for i in order)
    return Retrained(estimate, rank_reasons(found.values[:, order], 1.0, names, ReasonRule()).families, names)
