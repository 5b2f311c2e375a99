"""A small, valid card for tests of anything that needs one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SMALL_CARD: dict[str, Any] = {
    "card_version": "1",
    "model": {
        "id": "small-loans",
        "name": "Small loans",
        "version": "1.10",
        "file": "model.txt",
        "purpose": "Decides on small loans.",
        "product": "Personal loans",
        "owner": "Credit risk",
        "decided_by": "The partner banks' loan officers",
        "outcome": "falling 90 days behind within 12 months",
        "outcome_past": "fell 90 days behind within 12 months",
        "higher_score_is": "riskier",
    },
    "applications": {
        "source": "applications.csv",
        "id": "application_id",
        "partner": "partner",
        "date": "applied_on",
        "outcome": "defaulted",
        "decision": "decision",
    },
    "decision": {"cutoffs": {"default": "0.18", "partners": {"North": "0.2"}}},
    "families": {
        "income": {"label": "Income"},
        "debt": {"label": "Debt compared with income"},
        "home": {"label": "Housing"},
    },
    "features": {
        "income": {
            "label": "Yearly income",
            "definition": "Income before tax, in a year.",
            "unit": "dollars",
            "family": "income",
            "direction": "lowers",
            "reason": {"low": "Income is low for the amount asked", "missing": "Income is not on file"},
            "actionable": {"direction": "up", "minimum": "0", "maximum": "500000", "step": "500"},
            "audience": "partner",
        },
        "dti": {
            "label": "Debt payments compared with income",
            "definition": "Monthly debt payments divided by monthly income.",
            "unit": "percent",
            "family": "debt",
            "direction": "raises",
            "reason": {"high": "Debt payments are high compared with income", "missing": "Debt is not on file"},
        },
        "n_open": {
            "label": "Open accounts",
            "definition": "Accounts open on the day of the application.",
            "unit": "count",
            "family": "debt",
            "direction": "either",
            "reason": {"high": "Many open accounts", "low": "Few open accounts", "missing": "No credit file"},
        },
        "housing": {
            "label": "Housing",
            "definition": "How the applicant lives.",
            "unit": "category",
            "family": "home",
            "direction": "either",
            "reason": {"value": "Type of housing", "missing": "Housing is not on file"},
            "levels": {"RENT": "rents the home", "OWN": "owns the home"},
        },
    },
}
"""The card as written; every scalar is text, as in a card's file."""


def card_yaml(**changes: Any) -> str:
    """Return the small card as YAML text.

    Each change names a place with double underscores and gives its new value, or None to remove it:
    ``card_yaml(features__dti__unit="dollar", model__owner=None)``.
    """
    card = copy.deepcopy(SMALL_CARD)
    for place, value in changes.items():
        *blocks, last = place.split("__")
        block = card
        for key in blocks:
            block = block.setdefault(key, {})
        if value is None:
            block.pop(last, None)
        else:
            block[last] = value
    return to_yaml(card)


def small_card(folder: Path, **changes: Any) -> Path:
    """Write the small card, with changes as for `card_yaml`, into a folder as ``card.yaml``."""
    path = folder / "card.yaml"
    path.write_text(card_yaml(**changes), encoding="utf-8")
    return path


def to_yaml(card: dict[str, Any]) -> str:
    """Write a card's values as YAML."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False
    writer.width = 200
    target = StringIO()
    writer.dump(card, target)
    return target.getvalue()


def wide_features(n: int, families: int = 40) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield n numeric features spread over families named ``family-0``, ``family-1``, …."""
    for i in range(n):
        yield (
            f"signal_{i}",
            {
                "label": f"Signal number {i}",
                "definition": f"What signal {i} measures, in one sentence.",
                "unit": "none",
                "family": f"family-{i % families}",
                "direction": "either",
                "reason": {"high": f"Signal {i} is high", "low": f"Signal {i} is low", "missing": "Not on file"},
            },
        )
