"""From nothing to the inputs of the demonstration snapshots: book, two models, cards."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from ruamel.yaml import YAML

from data.demo import dgp
from data.demo.book import BOOK_END, Book, Dates, generate_book, generate_development, known_outcome
from data.demo.bureau import score_report
from data.recipes.training import Progress, TrainingPlan, train, write_parquet

CARD_TEMPLATE = Path(__file__).resolve().parents[2] / "assets" / "demo" / "card.yaml"
CATALOGUE = CARD_TEMPLATE.with_name("reasons.yaml")
DEVELOPMENT_SIZE = 60_000
"""Applications of the earlier year from which version 3 learns."""
NEWER_MONTHS = 9
"""Version 4, trained in August 2026, also learns from the book's months that were mature by then."""
NEWER_SHARE = 0.6
"""Share of those applications used for training; the rest stays held out."""
PLAN = TrainingPlan(rounds=300, leaves=31, learning_rate=0.03, smallest_leaf=200)
AS_OF_EARLIER = np.datetime64("2026-09-30", "D")
NOT_IN_USE = (
    "Version 4 is not in use. Decisions shown are what its cut-offs would give; version 3 made the real ones.",
    "Version 4 learned from part of the applications of November 2024 to July 2025 shown here. How well it ranks "
    "and estimates is measured on the others only.",
)


@dataclass(frozen=True)
class DemoInput:
    """One folder from which one demonstration snapshot is built."""

    folder: Path
    """Holds applications.parquet, groups.parquet, model.txt, card.yaml, and truth.json for tests."""
    card: Path
    """The card.yaml in that folder."""
    model_id: str
    """As in the card: personal-loan-v3 or personal-loan-v4."""
    version: str
    as_of: str
    """Last day of the applications, as YYYY-MM-DD."""
    n: int
    """Number of applications."""


def train_version_3(seed: int, size: int = DEVELOPMENT_SIZE, plan: TrainingPlan = PLAN) -> lgb.Booster:
    """Train version 3: no constraints, on the development year alone, so all of the book is held out."""
    development = generate_development(seed, size)
    return train(development.applications[list(dgp.SIGNALS)], development.outcome, plan)


def newer_training_rows(book: Book) -> npt.NDArray[np.bool_]:
    """Return which applications of the book version 4 learns from, shape (n,)."""
    month = dgp.month_of(book.applications["application_date"].to_numpy())
    rng = np.random.default_rng([book.seed, 3])
    return (month <= NEWER_MONTHS) & (rng.random(len(month)) < NEWER_SHARE)


def train_version_4(book: Book, size: int = DEVELOPMENT_SIZE) -> lgb.Booster:
    """Train version 4: monotone constraints, on the development year and `newer_training_rows`."""
    development = generate_development(book.seed, size)
    newer = newer_training_rows(book)
    names = list(dgp.SIGNALS)
    rows = pd.concat([development.applications[names], book.applications.loc[newer, names]], ignore_index=True)
    outcome = np.concatenate([development.outcome, book.truth.outcome[newer]])
    plan = TrainingPlan(
        PLAN.rounds, PLAN.leaves, PLAN.learning_rate, PLAN.smallest_leaf, monotone=dgp.MONOTONE, seed=PLAN.seed
    )
    return train(rows, outcome, plan)


def recorded_decisions(
    applications: pd.DataFrame, estimate: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.object_]:
    """Return the decisions on record, shape (n,): cut-off and rules, about 1 % decided otherwise by hand.

    Officers overrule the model, never a policy rule.
    """
    cutoffs = applications["partner"].map({bank.name: bank.cutoff for bank in dgp.PARTNERS}).to_numpy(dtype=np.float64)
    passes = estimate <= cutoffs
    overruled = rng.random(len(applications)) < dgp.OVERRIDE_SHARE
    overruled &= (applications["application_id"] != dgp.STORY_ID).to_numpy()
    approved = (passes ^ overruled) & ~stopped_by_rule(applications)
    return np.where(approved, "approved", "declined").astype(object)


def stopped_by_rule(applications: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which applications a policy rule declines; an empty value never meets a rule."""
    stopped = np.zeros(len(applications), dtype=bool)
    for column, _, limit in dgp.POLICY_RULES:
        stopped |= applications[column].to_numpy(dtype=np.float64) < limit
    return stopped


def prepare_demo(
    folder: Path, *, seed: int = 7, n: int = 60_000, progress: Progress | None = None
) -> tuple[DemoInput, ...]:
    """Write the inputs of the three demonstration snapshots.

    Parameters
    ----------
    folder : Path
        Gets one folder per snapshot; made if it does not exist.
    seed : int
        The same seed gives the same files.
    n : int
        Number of applications in the book.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    tuple of DemoInput
        Version 3 as of 31 October 2026 (the one to open first), version 3 as of 30 September 2026,
        version 4 as of 31 October 2026.
    """
    say = progress or _silent
    say("Making up the lending book", 0.0)
    book = generate_book(seed, n)
    say("Training versions 3 and 4", 0.1)
    with ThreadPoolExecutor(2) as pool:  # LightGBM lets go of the interpreter while it works
        jobs = (pool.submit(train_version_3, seed), pool.submit(train_version_4, book))
        third, fourth = (job.result() for job in jobs)
    say("Deciding on the applications", 0.7)
    signals = book.applications[list(dgp.SIGNALS)]
    estimate = np.asarray(third.predict(signals), dtype=np.float64)
    decision = recorded_decisions(book.applications, estimate, np.random.default_rng([seed, 4]))
    scored = book.applications.assign(decision=decision, estimate=estimate, held_out=np.ones(len(signals), dtype=bool))
    challenger = book.applications.assign(
        estimate=np.asarray(fourth.predict(signals), dtype=np.float64), held_out=~newer_training_rows(book)
    )
    say("Writing the inputs", 0.85)
    written = (
        _write_input(folder, book, scored, third, "3", BOOK_END),
        _write_input(folder, book, scored, third, "3", AS_OF_EARLIER),
        _write_input(folder, book, challenger, fourth, "4", BOOK_END),
    )
    say("The inputs are ready", 1.0)
    return written


def _silent(_message: str, _share: float) -> None:
    """Report nothing."""


def _write_input(
    folder: Path, book: Book, table: pd.DataFrame, model: lgb.Booster, version: str, as_of: np.datetime64
) -> DemoInput:
    place = folder / f"v{version}-{as_of}"
    place.mkdir(parents=True, exist_ok=True)
    dates: Dates = table["application_date"].to_numpy().astype("datetime64[D]")
    keep = dates <= as_of
    known = known_outcome(book.truth.outcome, dates, as_of)
    report = score_report(table[list(dgp.SIGNALS)], table["application_date"])
    write_parquet(table.assign(charge_off_12m=known).join(report)[keep], place / "applications.parquet")
    write_parquet(book.groups[keep], place / "groups.parquet")
    (place / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    write_card(place / "card.yaml", demo_card(version))
    write_truth(place / "truth.json", book, keep)
    return DemoInput(place, place / "card.yaml", f"personal-loan-v{version}", version, str(as_of), int(keep.sum()))


def demo_card(version: str, *, model_id: str | None = None, bureau: bool = True) -> dict[str, object]:
    """Return the card of a version as plain values, from the template in assets/demo.

    Without `bureau` it speaks of no credit score: tables of other sizes hold none.
    """
    card: dict[str, dict[str, object]] = YAML(typ="safe").load(CARD_TEMPLATE.read_text(encoding="utf-8"))
    model = card["model"]
    model["id"], model["version"] = model_id or f"personal-loan-v{version}", version
    if version == "4":
        limits = model["limits"]
        assert isinstance(limits, list)  # noqa: S101  narrows the type; the template is ours
        model["limits"] = [*limits, *NOT_IN_USE]
        del card["applications"]["decision"]
    if not bureau:
        del card["consumer_report"]
    return dict(card)


def write_card(path: Path, card: dict[str, object]) -> None:
    """Write a card as YAML, and beside it the catalogue it names."""
    shutil.copyfile(CATALOGUE, path.with_name(CATALOGUE.name))
    yaml = YAML()  # keeps the order of the keys
    yaml.width = 120
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(card, file)


def write_truth(path: Path, book: Book, keep: npt.NDArray[np.bool_]) -> None:
    """Write what is true by construction, for tests; snapshots never hold it."""
    truth = book.truth
    summary = {
        "seed": book.seed,
        "n": int(keep.sum()),
        "mean_true_probability": float(truth.probability[keep].mean()),
        "ignored_signals": list(truth.ignored),
        "signals_with_effect": list(dgp.signals_with_effect()),
        "monotone": truth.monotone,
        "interaction": list(truth.interaction),
        "regime_month": truth.regime_month,
        "disparity": list(truth.disparity),
        "no_disparity": truth.no_disparity,
    }
    path.write_text(json.dumps(summary, indent=2), encoding="utf-8")
