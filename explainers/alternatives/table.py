"""The figures of a search as tables. Made from the result alone."""

from __future__ import annotations

import math

import pandas as pd

from explainers.alternatives.result import SearchResult
from explainers.alternatives.words import WITHIN, less_different, within
from explainers.markup import render
from explainers.style import of_100

KINDS = {
    "current": "as it is",
    "anew": "all signals",
    "signals": "fewer signals",
    "shape": "another shape",
    "weights": "group used in training",
}


def table_candidates(result: SearchResult, tolerance: float) -> pd.DataFrame:
    """Return every candidate with its figures on the rows to report on."""
    rows = result.candidates
    return pd.DataFrame(
        {
            "Model": [one.label for one in rows],
            "Kind": [KINDS[one.kind] for one in rows],
            "AUC": [_number(one.reported.auc, 3) for one in rows],
            "AUC, 95 %": [_range(one.reported.auc_low, one.reported.auc_high, 3) for one in rows],
            "Change of AUC, 95 %": [_range(one.change.auc_low, one.change.auc_high, 3) for one in rows],
            "Log loss": [_number(one.reported.log_loss, 3) for one in rows],
            "Impact ratio": [_number(one.reported.air, 2) for one in rows],
            "Ratio, 95 %": [_range(one.reported.air_low, one.reported.air_high, 2) for one in rows],
            f"“{result.group}” approved": [of_100(one.reported.approved_group) for one in rows],
            f"“{result.reference}” approved": [of_100(one.reported.approved_reference) for one in rows],
            "Outcome among approved (%)": [_number(one.reported.outcome_approved * 100, 1) for one in rows],
            "Ranks as well": ["" if one.kind == "anew" else WITHIN[within(one, tolerance)] for one in rows],
            "Differs less, beyond chance": ["yes" if less_different(one) else "no" for one in rows],
            "On the frontier": ["yes" if one.frontier else "no" for one in rows],
            "AUC where chosen": [_number(one.chosen.auc, 3) for one in rows],
            "Ratio where chosen": [_number(one.chosen.air, 2) for one in rows],
            "How": [one.how for one in rows],
        }
    )


def table_excluded(result: SearchResult) -> str:
    """Draw what was left out and why, as an HTML fragment, every value escaped."""
    return render("solid.html", title="Left out, and why", checks=[(one.label, one.why) for one in result.excluded])


def table_technical(result: SearchResult) -> str:
    """Draw hashes, seed and sizes, as an HTML fragment, every value escaped."""
    sizes = ", ".join(f"{name} {value:g}" for name, value in sorted(result.settings.items()))
    checks = [
        ("Snapshot", result.snapshot_hash),
        ("Rows learnt from and measured on", result.training_hash),
        ("Code", result.code_hash),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in sorted(result.versions.items()))),
        ("Size of the search", sizes),
        (
            "Intervals",
            "AUC: DeLong. Impact ratio: log ratio (Katz) with one half added. Changes: paired, DeLong and the log"
            " ratio’s own spread by row. “Differs less, beyond chance” is adjusted for the number of alternatives"
            " (Benjamini and Hochberg, 5 %).",
        ),
    ]
    return render("solid.html", title="What makes it repeatable", checks=checks)


def _number(value: float, digits: int) -> float:
    return value if math.isnan(value) else round(value, digits)


def _range(low: float, high: float, digits: int) -> str:
    return "not known" if math.isnan(low) else f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−")
