"""A small book whose truth is known: reasons, groups and contributions as a snapshot stores them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from data.cards import read_card
from data.evidence_source import open_evidence_source
from data.snapshots import CARD, DATABASE, MODEL, read_card_model
from explainers.attribution import Engine
from explainers.evidence.world import World, read_world


@contextmanager
def world_of(folder: Path, seed: int = 7) -> Iterator[World]:
    """Read the world of a published snapshot."""
    card = read_card(folder / CARD).card
    engine = Engine(read_card_model(card, folder / MODEL))
    with open_evidence_source(folder / DATABASE) as source:
        n = source.worst_residual()[1]
        everyone = engine.encode_rows(source.signals(np.arange(n)))
        yield read_world(source, card, engine, everyone, seed)


def first(world: World, n: int) -> World:
    """Return a world with the first `n` applications of the sample only."""
    rows = world.rows
    fields = ("row_no", "raw_score", "estimate", "group_no", "contributions", "reasons", "signal_contributions")
    cut = replace(rows, signals=rows.signals.iloc[:n], **{name: getattr(rows, name)[:n] for name in fields})
    codes = replace(world.codes, codes=np.ascontiguousarray(world.codes.codes[:, :n]), raw_score=rows.raw_score[:n])
    return replace(world, rows=cut, cutoff=world.cutoff[:n], codes=codes)


def with_reasons(world: World, reasons: np.ndarray) -> World:
    """Return a world with other reasons."""
    return replace(world, rows=replace(world.rows, reasons=reasons.astype(np.int16)))


def with_contributions(world: World, change: Callable[[np.ndarray], np.ndarray]) -> World:
    """Return a world with other contributions."""
    return replace(world, rows=replace(world.rows, contributions=change(world.rows.contributions)))
