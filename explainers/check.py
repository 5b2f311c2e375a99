"""Verifying a published snapshot from its files alone: `check_snapshot`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.cards import read_card
from data.errors import CandorError, SnapshotError
from data.group_tables import count_groups
from data.manifest import Manifest, read_manifest, verify_files
from data.prohibited import find_prohibited
from data.records import PatternList
from data.snapshot_checks import (
    StoredGroup,
    StoredRows,
    opened,
    read_facts,
    read_fitted_patterns,
    read_groups,
    read_rows,
)
from data.snapshots import CARD, DATABASE, GROUPS, MODEL, read_card_model
from explainers import self_checks
from explainers.attribution import Codes, Comparison, Engine, fit_comparison, list_comparison
from explainers.build_batches import Explained, GroupExplainer, against_approval, batches, pick
from explainers.self_checks import SelfCheck

SPREAD = 2_000
"""Applications, evenly spread, that are explained again besides the first block."""
FIRST = 20_000
"""Applications in the first block, all of which are explained again."""


def check_snapshot(folder: Path) -> Iterator[SelfCheck]:
    """Verify hashes, layout, scores and explanations of a snapshot; yields one result per check.

    Every application is scored again by LightGBM. Every comparison group is fitted again, and the first
    block and a spread of applications are explained again.

    Parameters
    ----------
    folder : Path
        One published snapshot.

    Yields
    ------
    SelfCheck
        Where an early check fails the later ones are not run: they would speak of other files.

    Raises
    ------
    SnapshotError
        There is no such folder.
    """
    if not folder.is_dir():
        found = f"There is no folder {folder}."
        raise SnapshotError("The snapshot cannot be checked", found, "`python -m explainers list` names them all.")
    try:
        manifest = read_manifest(folder)
    except CandorError as e:
        yield SelfCheck("The manifest can be read", False, f"{e.message} {e.remedy}")
        return
    yield SelfCheck("The manifest can be read", True, f"layout {manifest.schema}, {manifest.n:,} applications")
    wrong = verify_files(folder, manifest)
    finding = " ".join(wrong) or f"all {len(manifest.files)} files have the SHA-256 of the manifest"
    yield SelfCheck("Every file is the one published", not wrong, finding)
    if not wrong:
        try:
            yield from _check_contents(folder, manifest)
        except CandorError as e:
            yield SelfCheck("Card, model and database can be read", False, f"{e.title}. {e.message}")


def _check_contents(folder: Path, manifest: Manifest) -> Iterator[SelfCheck]:
    """Check what the files hold against each other."""
    card = read_card(folder / CARD).card
    engine = Engine(read_card_model(card, folder / MODEL))
    with opened(folder / DATABASE) as connection:
        facts = read_facts(connection, card)
        yield SelfCheck("Every application is there", facts.n == manifest.n, f"{facts.n:,} of {manifest.n:,}")
        codes = np.empty((len(engine.book.column), facts.n), np.uint16)
        blocks = (read_rows(connection, range(first, end)) for _, first, end in batches(facts.n, codes.shape[0]))
        stored = _score_again(engine, blocks, codes)
        yield self_checks.check_scores(stored.raw_score, stored.raw_again)
        yield self_checks.check_estimates(stored.estimate, engine.model.estimate(stored.raw_score))
        everyone = Codes(codes, stored.raw_again, engine.model.sha256)
        families = {name: f.family for name, f in card.features.items()}
        sample = read_rows(connection, _sample(facts.n))
        values = np.full(sample.contributions.shape, np.nan)
        signals = np.full(sample.signal_contributions.shape, np.nan, np.float32)
        reasons = np.full(sample.reasons.shape, -2, np.int16)
        names, wrong = [], []
        for group in read_groups(connection):
            names.append(group.name)
            own = np.flatnonzero(sample.group_no == group.group_no)
            fitted = fit_comparison(
                engine, pick(everyone, group.rows), name=group.name, rule=group.rule, seed=group.seed
            )
            same = _is_stored(fitted, group) and _has_patterns(fitted, read_fitted_patterns(connection, group.group_no))
            again = _explain_again(fitted, families, against_approval(card), pick(everyone, sample.row_no[own]))
            if again is not None:
                values[own], signals[own] = again.families.values, again.signals
                reasons[own] = again.reasons.families
            if not same:
                wrong.append(f"{group.name} ({group.group_no})")
        yield self_checks.check_group_contents(names, wrong)
    yield self_checks.check_explanations(sample.contributions, values)
    yield self_checks.check_reasons(sample.reasons, reasons)
    yield self_checks.check_signal_explanations(sample.signal_contributions, signals)
    yield self_checks.check_additivity(facts)
    yield self_checks.check_decisions(facts, card)
    yield self_checks.check_groups(facts)
    yield self_checks.check_prohibited([p.name for p in find_prohibited(engine.feature_names, card.prohibited)])
    yield from self_checks.check_production(facts)
    yield from _check_protected(folder, card, facts.n)


def _is_stored(fitted: Comparison, group: StoredGroup) -> bool:
    """Return whether a group that was fitted again is the one stored."""
    return fitted.sha256 == group.content_hash and abs(fitted.baseline - group.baseline) <= 1e-9


def _has_patterns(fitted: Comparison, stored: Iterable[PatternList]) -> bool:
    """Return whether the patterns stored of a group, if any, are those of the group fitted again."""
    known = list_comparison(fitted)
    told = 0
    for part in stored:
        if not len(part.leaf):
            continue
        first, end = np.searchsorted(known.leaf, (part.leaf[0], part.leaf[-1] + 1))
        told += end - first
        if not (
            np.array_equal(known.leaf[first:end], part.leaf)
            and np.array_equal(known.pattern[first:end], part.pattern)
            and np.array_equal(known.n[first:end], part.n)
        ):
            return False
    return told in (0, len(known.leaf))


def _explain_again(fitted: Comparison, families: Mapping[str, str], sign: float, rows: Codes) -> Explained | None:
    """Explain some rows against a group, if there are any."""
    return GroupExplainer(fitted, families, sign).explain(rows) if rows.n else None


@dataclass(frozen=True)
class _Scores:
    """Scores as stored and as made again, (n,) each."""

    raw_score: npt.NDArray[np.float64]
    raw_again: npt.NDArray[np.float64]
    estimate: npt.NDArray[np.float64]


def _score_again(engine: Engine, blocks: Iterator[StoredRows], codes: npt.NDArray[np.uint16]) -> _Scores:
    """Score every application again; fills `codes` with what the trees see of it."""
    stored, again, estimates = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
    first = 0
    for block in blocks:
        encoded = engine.encode_rows(block.signals)
        codes[:, first : first + encoded.n] = encoded.codes
        first += encoded.n
        stored.append(block.raw_score)
        again.append(encoded.raw_score)
        estimates.append(block.estimate)
    return _Scores(np.concatenate(stored), np.concatenate(again), np.concatenate(estimates))


def _sample(n: int) -> npt.NDArray[np.int64]:
    """Return the rows that are explained again: the first block, and some evenly spread over all."""
    spread = np.linspace(0, n - 1, min(n, SPREAD)).round().astype(np.int64)
    return np.union1d(np.arange(min(n, FIRST), dtype=np.int64), spread)


def _check_protected(folder: Path, card: Card, n: int) -> Iterator[SelfCheck]:
    if card.groups is not None:
        yield self_checks.check_protected(*count_groups(folder / GROUPS), n)
