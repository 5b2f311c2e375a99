"""Reasons: how long a million take beside LightGBM's own predict, how long their tests take, and what lenders said."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.access import LOCAL_VIEWER
from data.demo.scaled import generate_scaled
from data.evidence_source import EvidenceSource, open_evidence_source
from data.reason_catalogue import HMDA
from data.snapshots import DATABASE, Snapshot, open_reader, open_snapshot
from explainers.assurance.intervals import wilson
from explainers.attribution import Codes, Engine, attribute_families, family_tables, fit_comparison
from explainers.build import build_snapshot
from explainers.evidence.compute import compute_evidence
from explainers.evidence.reported import ReportedCode
from explainers.evidence.world import chosen
from explainers.evidence.write import collect_evidence
from explainers.reasons.ranking import ReasonRule, rank_reasons
from explainers.recipe import build_recipe
from tests.shared_data import SHARED

RATIO, SECONDS = 2.0, 60.0
BLOCK = 100_000
REGISTER = SHARED / "hmda_2021" / "lar_2021_one_lender.parquet"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rows: int
    repeats: int


FULL, QUICK = Size(1_000_000, 3), Size(60_000, 3)


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        made = generate_scaled(Path(name) / "inputs", n=size.rows)
        built = build_snapshot(made.card, Path(name) / "snapshots", seed=0)
        snapshot = open_snapshot(Path(name) / "snapshots", built.parent.name, built.name)
        with open_evidence_source(built / DATABASE) as source:
            yield from measure(snapshot, source, size)
        snapshot.close()
    yield from against_reality()


def measure(snapshot: Snapshot, source: EvidenceSource, size: Size) -> Iterator[dict[str, Any]]:
    """Yield the times of one snapshot."""
    engine = Engine(snapshot.model)
    rows = [np.arange(first, min(size.rows, first + BLOCK)) for first in range(0, size.rows, BLOCK)]
    values = [snapshot.model.encode(source.signals(block)) for block in rows]
    scores = [snapshot.model.predict_raw(block) for block in values]
    predict = min(timed(lambda: [snapshot.model.predict_raw(block) for block in values]) for _ in range(size.repeats))
    encoded = [engine.encode_rows(v, raw_score=s) for v, s in zip(values, scores, strict=True)]
    everyone = Codes(np.concatenate([c.codes for c in encoded], axis=1), np.concatenate(scores), snapshot.model.sha256)
    spent = min(
        timed(lambda: rank_all(snapshot, engine, source, everyone, values, scores)) for _ in range(size.repeats)
    )
    n = len(everyone.raw_score)
    note = f"encoding, attribution and ranking {spent:.2f} s; LightGBM's predict {predict:.2f} s on the same threads"
    yield record("reasons, time by predict's", spent / predict, "×", RATIO, n, note)
    yield from evidence_time(snapshot, source, engine, everyone)


def timed(work: Any) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rank_all(
    snapshot: Snapshot, engine: Engine, source: EvidenceSource, everyone: Codes, values: list[Any], scores: list[Any]
) -> None:
    """Find the reasons of every application against one just-approved group, from its encoded values on."""
    families = {name: feature.family for name, feature in snapshot.card.features.items()}
    group = next(g for g in source.groups().values() if g.name == "just_approved")
    fitted = fit_comparison(engine, chosen(everyone, group.rows), name=group.name, rule="bench")
    tables = family_tables(fitted, families)
    for block, score in zip(values, scores, strict=True):
        found = attribute_families(fitted, block, families, raw_score=score, tables=tables)
        rank_reasons(found.values, 1.0, found.families, ReasonRule())


def evidence_time(
    snapshot: Snapshot, source: EvidenceSource, engine: Engine, everyone: Codes
) -> Iterator[dict[str, Any]]:
    """Yield how long the tests of reasons take for 10,000 applications or all there are, groups fitted anew."""
    started = time.perf_counter()
    found = collect_evidence(source, snapshot.card, snapshot.catalogue, engine, everyone, 0, tested=10_000)
    spent = time.perf_counter() - started
    tested = len(found.rows)
    note = f"{spent:.1f} s for {tested:,} declined applications, every test"
    yield record("tests of reasons, up to 10,000 declined", spent, "s", SECONDS, tested, note)


def against_reality() -> Iterator[dict[str, Any]]:
    """Yield precision and recall by reported reason, where the public register lies beside the checkout."""
    if not REGISTER.exists():
        return
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        folder = build_recipe("hmda", REGISTER, Path(name), progress=lambda _doing, _done: None)
        snapshot = open_snapshot(Path(name), folder.parent.name, folder.name)
        codes = compute_evidence(open_reader(snapshot, LOCAL_VIEWER)).reported
        snapshot.close()
    for code in codes:
        yield from rates(code)


def rates(code: ReportedCode) -> Iterator[dict[str, Any]]:
    """Yield recall and precision of one reported reason."""
    name = f"{HMDA[code.code].lower()} (code {code.code})"
    others = code.compared - code.reported
    for what, hits, n in (
        ("recall, first", code.reported_first, code.reported),
        ("recall, first two", code.reported_two, code.reported),
        ("precision, first", code.reported_first, code.found_first),
        ("precision, first two", code.reported_two, code.found_two),
        ("first though not reported", code.found_first - code.reported_first, others),
    ):
        if n:
            low, high = wilson(hits, n)
            yield record(f"{name}: {what}", hits / n, "share", None, n, f"95 % interval {low:.3f} to {high:.3f}")


def record(measure: str, value: float, unit: str, target: float | None, n: int, note: str) -> dict[str, Any]:
    """Return one measure; ok is None without a target."""
    ok = None if target is None else bool(value <= target)
    measured = {"bench": "reasons", "measure": measure, "value": round(value, 4), "unit": unit}
    return {**measured, "target": target, "ok": ok, "n": n, "note": note}
