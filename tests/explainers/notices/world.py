"""A small snapshot whose card and catalogue have everything that letters need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.explainers.notices.letters import NOTICES
from tests.snapshots_for_tests import small_snapshot

CATALOGUE = """catalogue: small-loans
version: "1"
based_on: shipped
approved: {state: approved, by: Credit policy (made up), effective: 2025-01-01}
"""
DRAFTS = "\n".join(line for line in CATALOGUE.splitlines() if not line.startswith("approved"))
"""The same, with nothing approved."""
WORDS = {
    "income": {"low": "Income too low for the loan asked for", "high": "Level of income"},
    "debt_share": {"high": "Too much debt compared with income", "low": "Level of debt compared with income"},
    "utilisation": {
        "high": "Card balances close to limits",
        "low": "Little use of credit cards",
        "missing": "No credit card on file",
    },
    "late_payments": {"high": "Late payments on other accounts", "low": "Number of payments on file in the last year"},
    "home": {"value": "Kind of housing"},
}
MONTH = "2026-03"


def odd_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Give every tenth application a number that cannot be the name of a file, and a few a decision on record."""
    odd = [f"../{n}/ü" if i % 10 == 0 else n for i, n in enumerate(table["application_id"])]
    recorded = np.select([table.index % 97 == 0, table.index % 97 == 1], ["declined", "approved"], None)
    return table.assign(application_id=odd, decision=recorded)


def letters_snapshot(
    root: Path,
    folder: Path,
    *,
    n: int = 1500,
    change: Callable[[pd.DataFrame], pd.DataFrame] = odd_numbers,
    catalogue: str = CATALOGUE,
    **changes: Any,
) -> Path:
    """Build a small snapshot; `changes` are keys of the block of notices."""

    def card(content: dict[str, Any]) -> None:
        (folder / "reasons.yaml").write_text(catalogue, "utf-8")
        content["reasons"] = {"catalogue": "reasons.yaml"}
        content["notices"] = NOTICES | changes
        for name, words in WORDS.items():
            content["features"][name]["reason"] = words

    recorded = {"decision": "decision"} if change is odd_numbers else {}
    return small_snapshot(root, folder, n=n, change=change, card=card, applications=recorded)
