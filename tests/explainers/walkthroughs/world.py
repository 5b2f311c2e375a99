"""Worlds that walkthroughs are taken in: whole ones, and snapshots that lack one thing or another."""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import lightgbm as lgb
import pandas as pd
from ruamel.yaml import YAML

from data.access import Audience, Viewer
from data.manifest import entries, read_manifest
from data.snapshots import Snapshot, open_snapshot
from explainers.walkthroughs.script import Script
from tests.explainers.notices.world import letters_snapshot
from tests.grouped_snapshot import planted_folder
from tests.snapshots_for_tests import SIGNALS, applications, small_snapshot

PARTNER = Viewer("officer", Audience.PARTNER, "First Harbor Bank")
REGULATOR = Viewer("examiner", Audience.REGULATOR)


@cache
def folder() -> Path:
    """Return a folder that is removed when the process ends."""
    kept = TemporaryDirectory(prefix="candor-walks-")
    atexit.register(kept.cleanup)
    return Path(kept.name)


def opened(path: Path) -> Snapshot:
    """Open a snapshot as the app does."""
    return open_snapshot(path.parents[1], path.parent.name, path.name)


@cache
def with_letters() -> Path:
    """Build a small snapshot whose declined applications get letters; it holds no groups."""
    return letters_snapshot(folder() / "letters", folder() / "letters-in")


def home_of(script: Script) -> Path:
    """Return the snapshot on which every step of a shipped script can be supported."""
    return with_letters() if script.script_id == "examiner-decision" else planted_folder()


def _outcome_scale() -> str:
    """Return the text of a model that estimates an amount."""
    table = applications(600)
    told = lgb.Dataset(table[list(SIGNALS)], table["debt_share"] * 10)
    return lgb.train(
        {"objective": "regression", "verbose": -1, "num_threads": 2, "seed": 1}, told, 10
    ).model_to_string()


def _two_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Keep one application of a partner that is surely declined, and one of another that is surely not."""
    risky, safe = (table.sort_values("debt_share").iloc[[place]] for place in (-1, 0))
    risky = risky.assign(late_payments=9, income=10_000.0, utilisation=99.0, partner="First Harbor Bank")
    return pd.concat([risky, safe.assign(late_payments=0, partner="Prairie State Credit")], ignore_index=True)


LACKING: dict[str, Callable[[], dict[str, Any]]] = {
    "no outcomes, dates and partners": lambda: {
        "n": 600,
        "applications": dict.fromkeys(("outcome", "date", "partner")),
    },
    "two rows": lambda: {"n": 300, "change": _two_rows},
    "an amount": lambda: {"n": 600, "model": _outcome_scale(), "decision": {"cutoffs": {"default": 350.0}}},
}
"""Snapshots that lack something walkthroughs speak of."""


@cache
def lacking(name: str) -> Path:
    """Build a snapshot that lacks something."""
    place = name.replace(" ", "-")
    return small_snapshot(folder() / f"{place}", folder() / f"{place}-in", **LACKING[name]())


def tampered(source: Path, target: Path, statement: str) -> Snapshot:
    """Copy a snapshot, change its database, and make its manifest agree: only the figures can tell."""
    place = target / source.parent.name / source.name
    place.mkdir(parents=True)
    for file in source.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    (place / "snapshot.duckdb").chmod(0o600)
    with duckdb.connect(place / "snapshot.duckdb") as connection:
        connection.execute(statement)
    manifest = asdict(read_manifest(place)) | {"files": {k: asdict(v) for k, v in entries(place).items()}}
    (place / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return opened(place)


def edited(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """Return a script with a change."""
    content, told = YAML(typ="safe").load(text), StringIO()
    change(content)
    YAML().dump(content, told)
    return told.getvalue()
