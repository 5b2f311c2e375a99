"""How common reasons are, in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from explainers.markup import render
from explainers.reasons.frequency import FrequencyResult
from explainers.style import of_100, whole


def say_common(result: FrequencyResult, families: Sequence[str]) -> str:
    """Return how common the reasons of one application are, the strongest first.

    Parameters
    ----------
    result : FrequencyResult
        From `compute_frequency`.
    families : sequence of str
        The application's reasons, strongest first.
    """
    if not result.families:
        return f"{whole(result.n)} applications are declined: too few to say how common these reasons are."
    first = result.of(families[0]) if families else None
    if first is None:
        return "Nothing speaks against approval here, so there is no reason to compare."
    return (
        f"“{first.label}” is the strongest reason for {of_100(first.first / result.n)} declined applications,"
        f" and one of up to four reasons for {of_100(first.among / result.n)}."
    )


def table_frequency(result: FrequencyResult, families: Sequence[str]) -> str:
    """Draw the sentence as one more entry of the side column."""
    return render("check.html", title="How common this is", text=say_common(result, families))


def table_common(result: FrequencyResult, families: Sequence[str]) -> pd.DataFrame:
    """Return how often each of some families is a reason, of 100 declined applications."""
    found = [figures for figures in map(result.of, families) if figures is not None]
    return pd.DataFrame(
        [
            {
                "Reason": f.label,
                "Strongest": of_100(f.first / result.n),
                "One of the reasons": of_100(f.among / result.n),
            }
            for f in found
        ]
    )
