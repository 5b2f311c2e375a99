"""The tables about one signal. Made from the result alone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from explainers.signals import words
from explainers.signals.result import FamilyResult, ResponseResult, SignalResult, Step
from explainers.style import percent, whole


def table_steps(result: SignalResult | FamilyResult) -> pd.DataFrame:
    """Return what was moved in every step, written for people; the last row is of applications without a value."""
    steps: Sequence[Step] = result.steps
    first = "Value"
    if isinstance(result, FamilyResult):
        first = "Estimate" if result.by == "estimate" else "Month"
    elif result.missing is not None:
        steps = (*steps, result.missing)

    def write(value: float) -> str:
        return words.say_move(value, is_probability=result.is_probability)

    unit = "points" if result.is_probability else "units"
    table = pd.DataFrame(
        {
            first: [step.words for step in steps],
            "Applications": [whole(step.n) for step in steps],
            "Approved": [percent(step.approved / step.n) for step in steps],
            f"Mean move ({unit})": [write(step.mean) for step in steps],
            "10 % lie below": [write(step.p10) for step in steps],
            "10 % lie above": [write(step.p90) for step in steps],
        }
    )
    if isinstance(result, SignalResult):
        table["Mean contribution (raw score)"] = [f"{step.raw or 0.0:.4f}" for step in steps]
    return table


def table_cut(result: SignalResult) -> pd.DataFrame:
    """Return the steps by the second signal; empty cells hold too few applications."""
    lines = result.cut.lines if result.cut is not None else ()
    columns = {"Value": [step.words for step in result.steps]}
    for line in lines:
        columns[f"{line.words} ({whole(line.n)})"] = [
            "" if mean is None else words.say_move(mean, is_probability=result.is_probability) for mean in line.means
        ]
    return pd.DataFrame(columns)


def table_response(result: ResponseResult) -> pd.DataFrame:
    """Return what the model answered at every value."""

    def write(values: Sequence[float]) -> list[str]:
        return [words.say_move(value, is_probability=result.is_probability) for value in values]

    columns = {"Value": list(result.words), "Mean change": write(result.mean)}
    columns |= {"10 % change by less": write(result.p10), "10 % change by more": write(result.p90)}
    if result.ale is not None:
        columns["Local effect (ALE)"] = write(result.ale)
    return pd.DataFrame(columns)
