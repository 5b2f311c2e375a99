"""What a search for alternatives found. Everything here can be written as JSON and read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Measures:
    """One model on one part of the rows, at a cut-off that approves the same share as the current decisions."""

    n: int
    """Rows measured."""
    n_group: int
    """Rows of the group."""
    n_reference: int
    """Rows of the reference group."""
    auc: float
    """Share of pairs (one with the outcome, one without) ranked rightly; 0.5 is chance."""
    auc_low: float
    """Lower end of its 95 % interval (DeLong)."""
    auc_high: float
    """Upper end."""
    log_loss: float
    """Mean negative log-likelihood of the outcomes; lower is better."""
    approved: float
    """Share approved, 0 to 1."""
    approved_group: float
    """Share of the group approved."""
    approved_reference: float
    """Share of the reference group approved."""
    air: float
    """Adverse impact ratio: share of the group approved over share of the reference group approved."""
    air_low: float
    """Lower end of its 95 % interval (log ratio)."""
    air_high: float
    """Upper end."""
    outcome_approved: float
    """Share of the approved with the outcome."""


@dataclass(frozen=True)
class Change:
    """One model against the model trained anew on all signals, on the same rows (paired)."""

    auc: float
    """AUC less that model's."""
    auc_low: float
    """Lower end of the 95 % interval."""
    auc_high: float
    """Upper end."""
    air: float
    """Adverse impact ratio over that model's: above 1 the two groups are approved more alike."""
    air_low: float
    """Lower end of the 95 % interval."""
    air_high: float
    """Upper end."""
    air_p: float
    """Chance of such a ratio of ratios if there were no difference, two-sided; not adjusted."""


@dataclass(frozen=True)
class Candidate:
    """One model that was trained and measured."""

    key: str
    """Short name."""
    label: str
    """Its name for people."""
    how: str
    """What was done, in one sentence."""
    kind: str
    """"current", "anew", "signals", "shape" or "weights"."""
    n_signals: int
    """Signals it may use."""
    chosen: Measures
    """On the rows that the frontier was chosen on."""
    reported: Measures
    """On rows that had no part in training or choosing."""
    change: Change
    """Against the model trained anew, on the reported rows."""
    adjusted: float
    """`change.air_p`, adjusted for the number of alternatives (Benjamini and Hochberg)."""
    frontier: bool
    """On the rows to choose on, no other candidate was both more accurate and less different."""


@dataclass(frozen=True)
class Excluded:
    """Something that was not tried, or not kept."""

    label: str
    """What."""
    why: str
    """Why, in one sentence."""


@dataclass(frozen=True)
class SearchResult:
    """A finished search."""

    snapshot_id: str
    """The snapshot."""
    snapshot_hash: str
    """Its fingerprint."""
    model_id: str
    """The model that alternatives were looked for."""
    attribute: str
    """The attribute's name in the card."""
    attribute_label: str
    """Its name for people."""
    group: str
    """The group."""
    reference: str
    """The group it is compared with."""
    outcome: str
    """What is estimated."""
    source: str
    """Where the rows come from, in words."""
    n_train: int
    """Rows that candidates learnt from."""
    n_choose: int
    """Rows that the frontier was chosen on."""
    n_report: int
    """Rows that figures are reported on."""
    share: float
    """Share approved by each candidate's own cut-off: that of the current decisions."""
    seed: int
    """Seed of the split and of every training."""
    training_hash: str
    """SHA-256 over the rows: inputs, outcomes and groups."""
    code_hash: str
    """SHA-256 over the code."""
    versions: dict[str, str]
    """Versions of the libraries."""
    settings: dict[str, float]
    """Size of the search: candidates and rows at most, trees, leaves, learning rate."""
    candidates: tuple[Candidate, ...]
    """The current model first, then the model trained anew, then the others in the order tried."""
    excluded: tuple[Excluded, ...]
    """What was left out."""

    def to_json(self) -> str:
        """Return the canonical text that is kept and hashed."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=True)


_SHAPE = TypeAdapter(SearchResult)


def read_result(text: str) -> SearchResult:
    """Return the result of a canonical text."""
    return _SHAPE.validate_python(json.loads(text))
