"""Walkthroughs in words and tables. Made from scripts and results alone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from explainers.style import whole
from explainers.walkthroughs.result import SUPPORTED, StepResult
from explainers.walkthroughs.script import Script

NOT_HERE = "Not supported here"
LIMITS = (
    "A walkthrough shows evidence for a review. It does not give the review’s result.",
    "A claim is made only where its figures could be computed and its conditions hold on this snapshot.",
    "Other snapshots, other applications and other versions of the model can give other figures.",
)


def say_step(result: StepResult) -> str:
    """Return what a step says: its claim with live figures, or why it cannot be made here."""
    if result.claim is not None:
        return result.claim
    return f"{NOT_HERE}. {result.why_not}"


def say_progress(result: StepResult) -> str:
    """Return where in the walkthrough a step stands."""
    return f"Step {result.step_no} of {result.steps}"


def say_state(result: StepResult) -> str:
    """Return the state of a step in a few words."""
    return "Supported by this snapshot" if result.state == SUPPORTED else NOT_HERE


def say_walkthroughs(scripts: Sequence[Script]) -> str:
    """Return the finding of a list of walkthroughs."""
    if not scripts:
        return "No walkthrough is ready for this view."
    count = f"{len(scripts)} walkthroughs are" if len(scripts) > 1 else "One walkthrough is"
    return f"{count} ready: each step is a claim with live figures."


def say_script(script: Script) -> str:
    """Return what a walkthrough takes."""
    steps = f"{whole(len(script.steps))} step{'s' if len(script.steps) > 1 else ''}"
    return f"{steps}, about {whole(script.minutes)} minutes. {script.purpose}"


def say_summary(results: Sequence[StepResult]) -> str:
    """Return how many steps of a walkthrough are supported."""
    supported = sum(result.state == SUPPORTED for result in results)
    if supported == len(results):
        return f"All {whole(len(results))} steps are supported by this snapshot"
    return f"{whole(supported)} of {whole(len(results))} steps are supported by this snapshot"


def table_facts(result: StepResult) -> pd.DataFrame:
    """Return every figure of a step with its source, for technical detail."""
    return pd.DataFrame(
        [
            {
                "Figure": fact.label,
                "As read": fact.text,
                "Value": _exact(fact.value),
                "Applications": whole(fact.n),
                "Made by": fact.source,
            }
            for fact in result.facts
        ],
        columns=["Figure", "As read", "Value", "Applications", "Made by"],
    )


def say_technical(result: StepResult) -> tuple[tuple[str, str], ...]:
    """Return what identifies a step, for readers who compute it again."""
    found = (
        ("Walkthrough", f"{result.script_id}, step {result.step_id}"),
        ("SHA-256 of the script", result.script_hash),
        ("Snapshot", result.snapshot_id),
        ("Fingerprint of card, model, table and seed", result.snapshot_hash),
        ("SHA-256 of the model’s file", result.model_hash),
    )
    return tuple((name, value) for name, value in found if value)


def _exact(value: float | int | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
