"""The small book with signals that may change, one link and one policy rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.snapshots import Snapshot, open_snapshot
from tests.snapshots_for_tests import small_snapshot

ACTIONABLE: dict[str, dict[str, Any]] = {
    "income": {"direction": "up", "minimum": 0, "maximum": 150_000, "step": 10_000},
    "debt_share": {"direction": "down", "minimum": 0, "maximum": 60, "step": 5},
    "utilisation": {"direction": "down", "minimum": 0, "maximum": 100, "step": 10},
    "home": {"direction": "either"},
}
LINKS = [{"when": "income", "opposite": ["debt_share"]}]


def changeable(card: dict) -> None:
    """Let four of the five signals change; late payments stay fixed."""
    for name, block in ACTIONABLE.items():
        card["features"][name]["actionable"] = dict(block)
    card["features"]["utilisation"]["audience"] = "specialist"
    card["links"] = LINKS
    card["decision"]["policy_rules"] = [
        {"when": "debt_share > 58", "reason": "Debt above 58 percent of income"},
        {"when": "late_payments > 2", "reason": "Three or more late payments in a year"},
    ]


def build(folder: Path) -> Snapshot:
    """Build and open the snapshot."""
    built = small_snapshot(folder / "snapshots", folder / "inputs", card=changeable)
    return open_snapshot(folder / "snapshots", built.parent.name, built.name)
