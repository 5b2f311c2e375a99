"""The tables of the Overview. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.markup import render
from explainers.overview import words
from explainers.overview.compute import OverviewResult
from explainers.style import month, percent, whole


def table_facts(result: OverviewResult) -> str:
    """Draw the facts and the self-checks as an HTML fragment, every value escaped."""
    return render(
        "overview_facts.html", facts=words.say_facts(result), title=words.say_checks(result), checks=result.checks
    )


def table_volume(result: OverviewResult) -> pd.DataFrame:
    """Return applications and approvals by month and partner, written for people."""
    volume = result.volume
    return pd.DataFrame(
        {
            "Month": [month(m) for m in volume["month"]],
            "Partner": volume["partner"].astype(str),
            "Applications": [whole(n) for n in volume["n"]],
            "Pass": [whole(n) for n in volume["approved"]],
            "Share that pass": [percent(a / n, 1) for a, n in zip(volume["approved"], volume["n"], strict=True)],
        }
    )


def table_scores(result: OverviewResult) -> pd.DataFrame:
    """Return the number of applications in each step of the estimate, written for people."""
    steps = result.scores

    def write(value: float) -> str:
        return percent(value, 1) if result.is_probability else f"{value:,.2f}"

    return pd.DataFrame(
        {
            "Estimate from": [write(v) for v in steps["low"]],
            "to": [write(v) for v in steps["high"]],
            "Applications": [whole(n) for n in steps["n"]],
            "Pass": [whole(n) for n in steps["approved"]],
        }
    )
