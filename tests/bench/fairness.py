"""The Fairness page on a million applications with six attributes: what one run of it must count, with nothing kept.

A small demonstration snapshot is built, and its applications and groups are written many times over under new row
numbers, with three attributes more. Counting does not care that rows are alike; building a million would take minutes.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import EVERYONE, Cohort
from data.demo.scaled import generate_scaled
from data.manifest import read_manifest
from data.snapshots import CARD, DATABASE, GROUPS, Snapshot, open_reader
from explainers.build import build_snapshot
from explainers.fairness.compute import compute_fairness
from explainers.fairness.detail import compute_detail

FULL, QUICK = 1_000_000, 200_000
BASE = 10_000
RERUNS = 20
TARGET_MS, FIRST_MS = 300.0, 2_000.0
ADDED = {"a100": (3, "channel"), "a101": (2, "language"), "a102": (2, "veteran")}
"""Attributes that are added: column, number of values, name."""


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    n = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        snapshot = enlarged(Path(name), n)
        note = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        for viewer in (LOCAL_VIEWER, Viewer("examiner", Audience.REGULATOR)):
            yield from measure(snapshot, viewer, n, note)
        snapshot.close()


def enlarged(folder: Path, n: int) -> Snapshot:
    """Build a small snapshot and write its applications and groups over and over, up to `n`."""
    card = generate_scaled(folder / "in", n=BASE).card
    content = YAML(typ="safe").load(card.read_text())
    built = build_snapshot(card, folder / "snapshots")
    for column, (values, title) in ADDED.items():
        one = {"name": title, "label": title.title(), "kind": "observed", "reference": "0"}
        content["groups"]["attributes"].append(one)
        with duckdb.connect(built / GROUPS) as groups:
            groups.execute(f"ALTER TABLE groups ADD COLUMN {column} VARCHAR")
            groups.execute(f"UPDATE groups SET {column} = (hash(row_no, '{title}') % {values})::VARCHAR")
            groups.execute(f"INSERT INTO attributes VALUES (100, '{title}', NULL, '{column}')")
    write(built / CARD, content)
    for file, table in ((DATABASE, "applications"), (GROUPS, "groups")):
        with duckdb.connect(built / file) as whole:
            whole.execute(
                f"CREATE TABLE large AS SELECT * REPLACE (row_no + {BASE} * k AS row_no)"
                f" FROM {table}, range({n // BASE}) r(k) ORDER BY k, row_no"
            )
            whole.execute(f"DROP TABLE {table}")
            whole.execute(f"ALTER TABLE large RENAME TO {table}")
    return Snapshot(built, read_manifest(built))


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a card."""
    with path.open("w") as stream:
        YAML(typ="safe").dump(content, stream)


def measure(snapshot: Snapshot, viewer: Viewer, n: int, note: str) -> Iterator[dict[str, Any]]:
    """Yield the times of whole runs for one viewer."""
    reader = open_reader(snapshot, viewer)
    names = [a.name for a in reader.protected_groups().attributes if a.kind == "observed"]
    pairs = list(combinations(names, 2))
    first = timed(lambda: compute_fairness(reader))
    yield line(f"first run, {viewer.audience}", first, "ms", FIRST_MS, n, note)
    cohorts = [EVERYONE] if viewer is not LOCAL_VIEWER else [EVERYONE, Cohort(first_month="2025-03")]
    whole, close = [], []
    for i in range(RERUNS):
        pair, name, cohort = pairs[i % len(pairs)], names[i % len(names)], cohorts[i % len(cohorts)]
        whole.append(timed(lambda p=pair, c=cohort: compute_fairness(reader, c, None, p)))
        close.append(timed(lambda a=name, c=cohort: compute_detail(reader, a, c)))
    what = "every attribute and an intersection"
    yield line(f"{what}, median, {viewer.audience}", statistics.median(whole), "ms", None, n, note)
    yield line(f"{what}, p95, {viewer.audience}", sorted(whole)[-2], "ms", TARGET_MS, n, note)
    yield line(f"one attribute closely, p95, {viewer.audience}", sorted(close)[-2], "ms", TARGET_MS, n, note)


def timed(ask: Callable[[], object]) -> float:
    """Return how long a question takes, in milliseconds."""
    start = time.perf_counter()
    ask()
    return (time.perf_counter() - start) * 1000


def line(measure: str, value: float, unit: str, target: float | None, n: int, note: str) -> dict[str, Any]:
    """Return one line; smaller is better."""
    ok = None if target is None else value <= target
    shown = {"measure": measure, "value": round(value, 1), "unit": unit, "target": target, "ok": ok}
    return {"bench": "fairness", **shown, "n": n, "note": note}
