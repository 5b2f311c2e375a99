"""Small books with protected groups, for tests of fairness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from data.access import LOCAL_VIEWER, Viewer
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from tests.snapshots_for_tests import small_snapshot

ATTRIBUTES = [
    {"name": "sex", "label": "Sex", "kind": "observed", "reference": "M"},
    {"name": "race", "label": "Race", "kind": "observed", "reference": "A"},
    {"name": "age", "label": "Age", "kind": "observed", "reference": "40 to 61", "older": 62},
    {
        "name": "guess",
        "label": "Race, by proxy",
        "kind": "proxy",
        "reference": "A",
        "probabilities": {"A": "p_a", "B": "p_b"},
    },
]
BLOCK = {"source": "groups.csv", "id": "application_id", "attributes": ATTRIBUTES}


def group_table(table: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """Draw protected groups for a book: two large ones of race, a small one and a tiny one; some unknown."""
    rng, n = np.random.default_rng(seed), len(table)
    race = rng.choice(["A", "B", "C", "D"], n, p=[0.6, 0.35, 0.04, 0.01])
    chance = np.clip(np.where(race == "B", 0.8, 0.2) + rng.uniform(-0.2, 0.2, n), 0, 1)
    return pd.DataFrame(
        {
            "application_id": table["application_id"],
            "sex": np.where(rng.random(n) < 0.5, "M", "F"),
            "race": race,
            "age": np.where(rng.random(n) < 0.05, "", rng.integers(19, 80, n).astype(str)),
            "p_a": (1 - chance).round(4),
            "p_b": chance.round(4),
        }
    )


def grouped_snapshot(
    home: Path, *, make: Callable[[pd.DataFrame], pd.DataFrame] = group_table, n: int = 3000, **edits
) -> Path:
    """Build a small snapshot with protected groups under `home`."""
    inputs = home.parent / f"{home.name}-inputs"
    change = edits.pop("change", lambda table: table)

    def written(table: pd.DataFrame) -> pd.DataFrame:
        changed = change(table)
        make(changed).to_csv(inputs / "groups.csv", index=False)
        return changed

    return small_snapshot(home / "snapshots", inputs, change=written, n=n, groups=BLOCK, **edits)


def reader_of(snapshot: Path, viewer: Viewer = LOCAL_VIEWER) -> Reader:
    """Open a snapshot for a viewer."""
    return open_reader(open_snapshot(snapshot.parents[1], snapshot.parent.name, snapshot.name), viewer)
