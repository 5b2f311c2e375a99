"""Made-up books for tests of isolation: real DuckDB tables in memory, in the layout of a snapshot.

Own applications come first, so that they keep their places and values whatever the others are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.cards import read_card
from data.manifest import SCHEMA, FileEntry, Manifest
from data.models import CreditModel, read_model
from data.reader import Reader
from data.reason_catalogue import SHIPPED, read_catalogue
from tests.snapshots_for_tests import small_inputs

GROUP_COLUMNS = "group_no, name, rule, cutoff, band_low, band_high, n, seed, as_of, content_hash, baseline"


@dataclass(frozen=True)
class Book:
    """A book, and who of it looks."""

    own: str
    """The partner whose viewer looks."""
    own_n: int
    """Their applications."""
    others: dict[str, int]
    """Applications of each other partner."""
    seed: int
    """Seed of the values of the own applications."""
    others_seed: int
    """Seed of the values of all others."""
    others_cutoff: float = 0.3
    """The cut-off of every second of the other partners; all else are decided by 0.3."""

    @property
    def n_others(self) -> int:
        """Return the applications of others."""
        return sum(self.others.values())


@cache
def card_and_model() -> tuple[Card, CreditModel]:
    """Return the card and the model of the small book."""
    with TemporaryDirectory() as name:
        inputs = small_inputs(Path(name) / "in", n=50)
        return read_card(inputs.card).card, read_model(inputs.folder / "model.txt")


def applications(book: Book) -> pd.DataFrame:
    """Return every application with its two signals, own ones first."""
    parts = [_of_one(book.own, book.own_n, 0.3, np.random.default_rng(book.seed), "own")]
    for place, (name, n) in enumerate(sorted(book.others.items())):
        rng = np.random.default_rng([book.others_seed, place])
        parts.append(_of_one(name, n, book.others_cutoff if place % 2 else 0.3, rng, f"{book.others_seed}-{place}"))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "row_no", np.arange(len(table)))
    return table.assign(group_no=1)


def _of_one(partner: str, n: int, cutoff: float, rng: np.random.Generator, mark: str) -> pd.DataFrame:
    estimate = rng.uniform(0.001, 0.999, n)
    return pd.DataFrame(
        {
            "application_id": [f"id {mark} {i} {rng.integers(1 << 40)}" for i in range(n)],
            "partner": pd.Series([partner] * n, dtype=object),
            "application_date": [date(2026, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 90, n)],
            "outcome": pd.array(np.where(rng.random(n) < 0.2, None, rng.integers(0, 2, n)), dtype="Int32"),
            "measured": rng.random(n) < 0.8,
            "recorded_decision": pd.Series([None] * n, dtype=object),
            "raw_score": np.log(estimate / (1 - estimate)),
            "estimate": estimate,
            "cutoff": cutoff,
            "decision": np.where(estimate <= cutoff, "approved", "declined"),
            "stage": "model",
            "rule_no": pd.array([None] * n, dtype="Int32"),
            "near_cutoff": np.abs(estimate - cutoff) < 0.05,
            "residual": rng.normal(0, 1e-12, n),
            "s0": rng.lognormal(11, 0.5, n),
            "s1": np.array(["RENT", "OWN", f"home of {mark}"])[rng.integers(0, 3, n)],
        }
    )


def memberships(table: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return the members of every group: 0 just approved at 0.3, 1 all, then the other cut-offs."""
    approved = table[table["decision"] == "approved"]
    groups = {0: approved[approved["cutoff"] == 0.3], 1: table}
    for cutoff in sorted(set(table["cutoff"]) - {0.3}):
        groups[len(groups)] = approved[approved["cutoff"] == cutoff]
    return groups


def open_book(book: Book, viewer: Viewer, table: pd.DataFrame | None = None) -> Reader:
    """Write a book (or a table in its place) into DuckDB and open it for a viewer, as `open_reader` does."""
    card, model = card_and_model()
    table = applications(book) if table is None else table
    connection = duckdb.connect(":memory:", config={"threads": 2})
    tables: dict[str, pd.DataFrame] = {
        "applications": table.drop(columns=["s0", "s1"]),
        "signal_values": table[["row_no", "s0", "s1"]],
        "signals": pd.DataFrame(
            {"position": [0, 1], "name": ["income", "home"], "col": ["s0", "s1"], "kind": ["number", "text"]}
        ),
        "extras": pd.DataFrame({"name": ["bureau score"], "col": ["e0000"], "kind": ["number"]}),
        "extra_values": table[["row_no"]].assign(e0000=table["s0"] / 100),
        "evidence_rows": table[["row_no"]].assign(named4=(table["s0"] > 60000).astype(float)),
        "evidence_facts": pd.DataFrame(
            {
                "name": ["seed", "worst_residual", "worst_baseline", "summed", "groups", "auc"],
                "value": [7, 1e-15 * (1 + book.others_seed), 1e-15, len(table), 2, float(table["estimate"].mean())],
            }
        ),
        "evidence_reported": pd.DataFrame({"code": [1], "families": ["all"], "n": [len(table)]}),
        "checks": pd.DataFrame(
            {"position": [0], "name": ["All add up"], "passed": [True], "finding": [f"{len(table)} of {book.others}"]}
        ),
        "families": pd.DataFrame({"position": [0], "family": ["all"], "col": ["f000"]}),
        "contributions": table[["row_no"]].assign(slope=0.2, f000=table["raw_score"]),
        "reasons": table[["row_no"]].assign(
            r1=np.where(table["raw_score"] > 0, 0, -1), r2=-1, r3=-1, r4=-1, explained=1.0
        ),
        "used_signals": pd.DataFrame({"name": ["income", "home"], "contribution": ["c0000", "c0001"]}),
        "signal_contributions": table[["row_no"]].assign(c0000=table["raw_score"] * 0.75, c0001=table["raw_score"] / 4),
        **_groups(memberships(table), book.others_seed),
    }
    for name, frame in tables.items():
        connection.register("incoming", frame)
        columns = [f"{c}::{TYPES[c]} AS {c}" if c in TYPES else c for c in frame]
        connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(columns)} FROM incoming")
        connection.unregister("incoming")
    return Reader(connection, card, model, read_catalogue(SHIPPED), manifest_of(book, len(table)), viewer)


def _groups(groups: dict[int, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    rows: list[dict[str, Any]] = []
    typical: list[dict[str, Any]] = []
    for number, members in groups.items():
        cutoff = (
            None if number == 1 else 0.3 if number == 0 else float(members["cutoff"].iloc[0]) if len(members) else 9
        )
        name = "all_applicants" if number == 1 else "just_approved"
        low, high, base = (members[c].agg(how) for c, how in _ENDS)
        rows.append(
            dict(zip(GROUP_COLUMNS.split(", "), (number, name, f"rule at {cutoff}", cutoff, low, high), strict=False))
            | {"n": len(members), "seed": 0, "as_of": date(2026, 3, 31), "content_hash": f"{number}", "baseline": base}
        )
        mode = next(iter(members["s1"].mode()), None)
        typical.append({"group_no": number, "position": 0, "median": members["s0"].median(), "mode": None})
        typical.append({"group_no": number, "position": 1, "median": None, "mode": mode})
    members = pd.concat([frame[["row_no"]].assign(group_no=number) for number, frame in groups.items()])
    rows_at = [
        {"group_no": number, "leaf": leaf, "pattern": bit, "n": int(((frame["s0"] > leaf) == bool(bit)).sum())}
        for (number, frame), leaf, bit in product(groups.items(), (40_000, 60_000), (0, 1))
    ]
    return {
        "comparison_groups": pd.DataFrame(rows).astype({"cutoff": float}),
        "group_members": members,
        "group_patterns": pd.DataFrame(rows_at),
        "typical_values": pd.DataFrame(typical).astype({"median": float}).assign(missing_share=0.0),
    }


TYPES = {
    "application_date": "DATE",
    "outcome": "INTEGER",
    "rule_no": "INTEGER",
    "recorded_decision": "VARCHAR",
    "estimate": "DOUBLE",
    "raw_score": "DOUBLE",
    "residual": "DOUBLE",
    "measured": "BOOLEAN",
    "near_cutoff": "BOOLEAN",
    "partner": "VARCHAR",
    "s0": "DOUBLE",
    "s1": "VARCHAR",
    "median": "DOUBLE",
    "mode": "VARCHAR",
    "cutoff": "DOUBLE",
    "baseline": "DOUBLE",
}
"""Types of columns that may be without any value."""
_ENDS = (("estimate", "min"), ("estimate", "max"), ("raw_score", "mean"))


def manifest_of(book: Book, n: int) -> Manifest:
    return Manifest(
        schema=SCHEMA,
        snapshot_id="2026-03-31-0123abcd",
        fingerprint="0" * 64,
        model_id="small-loans",
        model_name="Small loans",
        model_version="1",
        synthetic=True,
        as_of="2026-03-31",
        n=n,
        seed=0,
        built_at="2026-04-01T00:00:00Z",
        self_checks_passed=True,
        settings={"others": str(book.others)},
        inputs={"table": f"{book.others_seed}"},
        versions={"python": "3"},
        notes=(f"Fewer than 2 applications were approved by the cut-off of {book.others_cutoff}.",),
        files={f"file {book.others_seed}": FileEntry("0", n)},
    )


def with_other_others(book: Book, seed: int, others: dict[str, int]) -> Book:
    """Return the book with the same own applications among quite different others."""
    return replace(book, others_seed=seed, others=others, others_cutoff=0.2 + 0.0001 * (seed % 999))
