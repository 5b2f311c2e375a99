"""What a step of a walkthrough gives: facts, and a claim only where every fact and condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["supported", "not supported here"]
SUPPORTED: State = "supported"
NOT_SUPPORTED: State = "not supported here"
Value = float | int | str | bool
"""A number on its own scale, a text, or whether something is so."""


@dataclass(frozen=True)
class Fact:
    """One live figure: computed now, through the viewer's own reader."""

    name: str
    """Its name in scripts: "estimate"."""
    label: str
    """What it is, in words."""
    value: Value
    """The figure on its own scale, or the text."""
    text: str
    """The same as people read it on the page: "23 %"."""
    n: int
    """Applications it is over."""
    source: str
    """The function that made it, and where its rows are kept."""
    snapshot_hash: str
    """Fingerprint of the snapshot it was read from."""


@dataclass(frozen=True)
class StepResult:
    """One step of a walkthrough, as one viewer sees it on one snapshot.

    Raises
    ------
    ValueError
        A claim without support, or support without a claim: neither can be made.
    """

    snapshot_id: str
    """The snapshot."""
    snapshot_hash: str
    """Its fingerprint: SHA-256 over card, model, table and seed."""
    model_hash: str
    """SHA-256 of the model's file; "" for an audience that is not shown it."""
    script_id: str
    """The script's id."""
    script_hash: str
    """SHA-256 of the script's text."""
    script_title: str
    """The script's title."""
    step_id: str
    """The step's id."""
    step_no: int
    """Its place, from 1."""
    steps: int
    """Steps of the script."""
    title: str
    """The step's title."""
    state: State
    """Whether the claim holds here."""
    claim: str | None
    """The claim with its live figures; None where it is not supported."""
    why_not: str | None
    """Why it is not supported, in a sentence; None where it is."""
    facts: tuple[Fact, ...]
    """Figures of the claim and its conditions that could be computed, in the order they are named."""
    computed: str
    """How it is computed, in words."""
    recorded: str
    """Where it is recorded, with the live hashes."""
    not_shown: str
    """What it does not show."""
    notes: str
    """For the presenter; "" without. Not for a shared screen."""
    page: str
    """The page to look at, by the last part of its address."""
    address: tuple[tuple[str, str], ...]
    """The page's inputs."""
    n: int
    """Most applications that a figure here is over; 0 without a figure."""
    n_total: int
    """Applications the viewer may see."""

    def __post_init__(self) -> None:
        supported = self.state == SUPPORTED
        if supported != (self.claim is not None) or supported != (self.why_not is None):
            raise ValueError("a step has a claim where it is supported, and a reason where it is not")
