"""Verifying a published snapshot from its files alone: `check_snapshot`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from data.cards import read_card
from data.errors import CandorError
from data.manifest import read_manifest, verify_files
from data.models import read_model
from data.snapshot_checks import read_block, read_facts
from data.snapshots import CARD, DATABASE, MODEL
from data.sql import open_readonly
from explainers.self_checks import (
    SelfCheck,
    check_additivity,
    check_decisions,
    check_groups,
    check_production,
    check_scores,
)

BLOCK = 20_000


def check_snapshot(folder: Path) -> Iterator[SelfCheck]:
    """Verify hashes, layout, scores and additivity of a snapshot; yields one result per check.

    Parameters
    ----------
    folder : Path
        One published snapshot.

    Yields
    ------
    SelfCheck
        Where an early check fails the later ones are not run: they would speak of other files.
    """
    try:
        manifest = read_manifest(folder)
    except CandorError as e:
        yield SelfCheck("The manifest can be read", False, f"{e.message} {e.remedy}")
        return
    yield SelfCheck("The manifest can be read", True, f"layout {manifest.schema}, {manifest.n:,} applications")
    wrong = verify_files(folder, manifest)
    finding = " ".join(wrong) or f"all {len(manifest.files)} files have the SHA-256 of the manifest"
    yield SelfCheck("Every file is the one published", not wrong, finding)
    if wrong:
        return
    card = read_card(folder / CARD).card
    model = read_model(folder / MODEL)
    with closing(open_readonly(folder / DATABASE)) as connection:
        production = "raw_score" if card.applications.score_scale == "raw" else "estimate"
        facts = read_facts(connection, riskier_up=card.model.higher_score_is == "riskier", production_column=production)
        yield SelfCheck("Every application is there", facts.n == manifest.n, f"{facts.n:,} of {manifest.n:,}")
        stored, again = [], []
        for first in range(0, facts.n, BLOCK):
            frame, scores, _ = read_block(connection, first, first + BLOCK)
            stored.append(scores)
            again.append(model.predict_raw(frame))
    yield check_scores(np.concatenate(stored), np.concatenate(again))
    yield check_additivity(facts)
    yield check_decisions(facts)
    yield check_groups(facts)
    known = check_production(facts)
    if known is not None:
        yield known
