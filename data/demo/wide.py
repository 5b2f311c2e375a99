"""A wide book: the 40 signals and hundreds of variants of them, as a credit bureau would deliver.

A variant is its signal with noise, as if counted over another window; one in twenty columns is noise
alone. Nothing but the 40 signals has an effect of its own, so the truth is that of the ordinary book.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from data.demo import dgp
from data.demo.book import BOOK_END
from data.demo.prepare import DemoInput, demo_card, recorded_decisions, write_card
from data.demo.scaled import draw_chunks, with_outcome, write_chunks
from data.recipes.training import Progress, TrainingPlan, train

NOISE_EVERY = 20
"""Every twentieth added column is noise alone."""
SPREAD = 0.5
"""Standard deviation of the noise of a variant, as a share of the value."""
ROWS_AT_A_TIME = 5_000
TRAINING_ROWS = 20_000
WIDE_PLAN = TrainingPlan(rounds=500, leaves=63, learning_rate=0.03, smallest_leaf=50, feature_fraction=0.05)
MODEL_ID = "personal-loan-wide"


def variant_names(signals: int) -> tuple[tuple[str, str | None], ...]:
    """Return the added columns, each with the signal it varies, or None for noise alone."""
    numeric = [name for name in dgp.SIGNALS if name not in dgp.CATEGORIES and name not in dgp.IGNORED_SIGNALS]
    named: list[tuple[str, str | None]] = []
    for index in range(signals - len(dgp.SIGNALS)):
        if index % NOISE_EVERY == NOISE_EVERY - 1:
            named.append((f"unrelated_{index // NOISE_EVERY + 1:04d}", None))
            continue
        turn, which = divmod(index - index // NOISE_EVERY, len(numeric))
        named.append((f"{numeric[which]}_v{turn + 2:02d}", numeric[which]))
    return tuple(named)


def widen(rng: np.random.Generator, signals: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the signals with variants added, shape (n, count); added columns are float32."""
    added = variant_names(count)
    values: npt.NDArray[np.float32] = rng.standard_normal((len(signals), len(added)), dtype=np.float32)
    base = {name: signals[name].to_numpy(dtype=np.float32) for _, name in added if name is not None}
    for column, (_, name) in enumerate(added):
        if name is not None:
            values[:, column] = base[name] * (1 + np.float32(SPREAD) * values[:, column])
    names = [name for name, _ in added]
    return pd.concat([signals, pd.DataFrame(values, columns=names, index=signals.index)], axis=1)


def generate_wide(
    folder: Path,
    *,
    seed: int = 7,
    n: int = 100_000,
    signals: int = 1_800,
    plan: TrainingPlan = WIDE_PLAN,
    progress: Progress | None = None,
) -> DemoInput:
    """Write a book with many signals, and a model trained on them.

    Parameters
    ----------
    folder : Path
        Gets applications.parquet, groups.parquet, model.txt and card.yaml.
    seed, n : int
        The same seed and size give the same book.
    signals : int
        Number of model inputs; at least 40.
    plan : TrainingPlan
        Size of the model.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    DemoInput
        Where everything is.

    Raises
    ------
    ValueError
        If fewer than 40 signals are asked for.
    """
    if signals < len(dgp.SIGNALS):
        raise ValueError(f"signals is {signals}; it must be at least {len(dgp.SIGNALS)}")
    folder.mkdir(parents=True, exist_ok=True)
    if progress is not None:
        progress("Training the wide model", 0.0)
    model = _train_wide(seed, signals, plan)
    (folder / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    write_card(folder / "card.yaml", wide_card(signals))

    def scored() -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        for rng, draw in draw_chunks(seed, n, ROWS_AT_A_TIME):
            inputs = widen(rng, draw.applications[list(dgp.SIGNALS)], signals)
            estimate = np.asarray(model.predict(inputs), dtype=np.float64)
            decision = recorded_decisions(draw.applications, estimate, rng)
            added = inputs.drop(columns=list(dgp.SIGNALS))
            table = pd.concat([with_outcome(draw), added], axis=1)
            extra = pd.DataFrame({"decision": decision, "estimate": estimate, "held_out": True}, index=table.index)
            yield pd.concat([table, extra], axis=1), draw.groups

    write_chunks(folder, scored(), n, progress)
    return DemoInput(folder, folder / "card.yaml", MODEL_ID, "3", str(BOOK_END), n)


def _train_wide(seed: int, signals: int, plan: TrainingPlan) -> lgb.Booster:
    parts, outcomes = [], []
    for rng, draw in draw_chunks(seed, TRAINING_ROWS, ROWS_AT_A_TIME, development=True):
        parts.append(widen(rng, draw.applications[list(dgp.SIGNALS)], signals))
        outcomes.append(draw.outcome)
    return train(pd.concat(parts, ignore_index=True), np.concatenate(outcomes), replace(plan, seed=seed))


def wide_card(signals: int) -> dict[str, object]:
    """Return the demonstration card with every added column described."""
    card = demo_card("3", model_id=MODEL_ID, bureau=False)
    features, families = card["features"], card["families"]
    assert isinstance(features, dict)  # noqa: S101  narrows the types; the template is ours
    assert isinstance(families, dict)  # noqa: S101
    families["unrelated"] = {"label": "Unrelated columns", "definition": "Made-up noise that means nothing."}
    for number, (name, base) in enumerate(variant_names(signals), start=1):
        features[name] = _unrelated(number) if base is None else _variant(features[base], name)
    return card


def _variant(base: dict[str, object], name: str) -> dict[str, object]:
    turn = int(name.rsplit("_v", 1)[1])
    kept = {key: copy.deepcopy(base[key]) for key in base if key not in ("actionable", "levels", "audience")}
    # noise takes away the meaning of 0 and 1, so a yes-or-no signal becomes a plain number
    unit = "none" if base["unit"] == "yes or no" else base["unit"]
    words = {"label": f"{base['label']}, variant {turn}", "definition": f"{base['definition']} With noise added."}
    return kept | words | {"unit": unit}


def _unrelated(number: int) -> dict[str, object]:
    words = {"high": "Value of an unrelated column", "low": "Value of an unrelated column"}
    return {
        "label": f"Unrelated column {number}",
        "definition": "Noise that nothing depends on.",
        "unit": "none",
        "family": "unrelated",
        "direction": "either",
        "reason": words,
    }
