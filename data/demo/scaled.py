"""The same book at any size, for benchmarks: drawn, scored and written in chunks with bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.demo import dgp
from data.demo.book import (
    BOOK_END,
    BOOK_START,
    DEVELOPMENT_END,
    DEVELOPMENT_START,
    FIRST_ID,
    Draw,
    draw_applications,
    draw_dates,
    known_outcome,
)
from data.demo.prepare import (
    PLAN,
    DemoInput,
    demo_card,
    recorded_decisions,
    train_version_3,
    write_card,
)
from data.recipes.training import Progress, TrainingPlan, arrow_table

CHUNK = 50_000
"""Applications drawn and written at a time; memory depends on this, not on the size of the book."""


def generate_scaled(
    folder: Path,
    *,
    seed: int = 7,
    n: int = 1_000_000,
    chunk: int = CHUNK,
    plan: TrainingPlan = PLAN,
    progress: Progress | None = None,
) -> DemoInput:
    """Write a book of `n` applications with the 40 signals, scored by version 3.

    Parameters
    ----------
    folder : Path
        Gets applications.parquet, groups.parquet, model.txt and card.yaml.
    seed, n : int
        The same seed, size and chunk give the same book.
    chunk : int
        Applications in memory at a time.
    plan : TrainingPlan
        Size of the model.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    DemoInput
        Where everything is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = train_version_3(seed, plan=plan)
    (folder / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    card = demo_card("3", model_id="personal-loan-scaled", bureau=False)
    write_card(folder / "card.yaml", card)

    def scored() -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        for rng, draw in draw_chunks(seed, n, chunk):
            estimate = np.asarray(model.predict(draw.applications[list(dgp.SIGNALS)]), dtype=np.float64)
            decision = recorded_decisions(draw.applications, estimate, rng)
            yield with_outcome(draw).assign(decision=decision, estimate=estimate, held_out=True), draw.groups

    write_chunks(folder, scored(), n, progress)
    return DemoInput(folder, folder / "card.yaml", "personal-loan-scaled", "3", str(BOOK_END), n)


def draw_chunks(
    seed: int, n: int, chunk: int, *, development: bool = False
) -> Iterator[tuple[np.random.Generator, Draw]]:
    """Yield the book in chunks, each with the generator that goes on with its randomness."""
    start, end = (DEVELOPMENT_START, DEVELOPMENT_END) if development else (BOOK_START, BOOK_END)
    for index, first in enumerate(range(0, n, chunk)):
        size = min(chunk, n - first)
        rng = np.random.default_rng([seed, 7 if development else 6, index])
        dates = np.sort(draw_dates(rng, size, start, end))
        yield rng, draw_applications(rng, dates, np.arange(first, first + size) + FIRST_ID)


def with_outcome(draw: Draw) -> pd.DataFrame:
    """Return the applications with the outcomes known at the end of the book."""
    dates = draw.applications["application_date"].to_numpy().astype("datetime64[D]")
    return draw.applications.assign(charge_off_12m=known_outcome(draw.outcome, dates, BOOK_END))


def write_chunks(
    folder: Path, chunks: Iterable[tuple[pd.DataFrame, pd.DataFrame]], n: int, progress: Progress | None
) -> None:
    """Write pairs of applications and groups as they come, one row group each."""
    writers: list[pq.ParquetWriter] = []
    done = 0
    try:
        for pair in chunks:
            tables = [arrow_table(part) for part in pair]
            if not writers:
                names = ("applications.parquet", "groups.parquet")
                writers = [_writer(folder / name, table) for name, table in zip(names, tables, strict=True)]
            for writer, table in zip(writers, tables, strict=True):
                writer.write_table(table)
            done += len(pair[0])
            if progress is not None:
                progress("Writing applications", done / n)
    finally:
        for writer in writers:
            writer.close()


def _writer(path: Path, table: pa.Table) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, table.schema, compression="zstd")
