"""What a model is, in one screen: `compute_overview` → `OverviewResult`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from data.reader import Reader
from explainers.assurance.ranking import RankingResult, compute_ranking
from explainers.assurance.reliability import ReliabilityResult, compute_reliability

SCORE_BINS = 50


@dataclass(frozen=True)
class Check:
    """One self-check of the build."""

    name: str
    """What was checked."""
    passed: bool
    """Whether it held."""
    finding: str
    """What was found, with figures."""


@dataclass(frozen=True)
class Cutoff:
    """A cut-off and whom it is for."""

    value: float
    """Estimate scale; passing includes it."""
    partners: tuple[str, ...]
    """Partners it applies to."""
    n: int
    """Applications it decided."""


@dataclass(frozen=True)
class OverviewResult:
    """What this model is and how it stands."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications counted."""
    n_total: int
    """Applications the viewer may see; the same, nothing is sampled."""
    name: str
    """Model name."""
    version: str
    """Model version."""
    purpose: str
    """What it is for."""
    product: str
    """Credit product."""
    owner: str
    """Who answers for it."""
    decided_by: str
    """Who decides with it."""
    outcome: str
    """What it estimates."""
    outcome_past: str
    """The same of people it happened to."""
    limits: tuple[str, ...]
    """What it does not do."""
    is_probability: bool
    """Whether estimates are shown in percent."""
    riskier_up: bool
    """True when a higher estimate speaks against approval."""
    approved: int
    """Applications that pass the rules and the cut-off."""
    declined_by_rule: int
    """Applications declined by a policy rule."""
    first_day: date | None
    """Earliest application."""
    last_day: date | None
    """Latest application."""
    signals: int
    """Signals the model may use."""
    families: tuple[str, ...]
    """Names of the families of signals."""
    volume: pd.DataFrame
    """`month` (date), `partner`, `n`, `approved`."""
    over_time: bool
    """Whether `volume` covers more than one month."""
    scores: pd.DataFrame
    """`low`, `high` (estimate scale), `n`, `approved` for each step of the estimate."""
    cutoffs: tuple[Cutoff, ...]
    """Every cut-off in use, ascending."""
    ranking: RankingResult | None
    """How well it ranks; None where outcomes are not known."""
    reliability: ReliabilityResult | None
    """How well its estimates match what happened; None where outcomes are not known."""
    checks: tuple[Check, ...]
    """Self-checks of the build."""


def compute_overview(reader: Reader) -> OverviewResult:
    """Gather everything the Overview shows, over every application the viewer may see."""
    card, totals = reader.room.card, reader.totals()
    known, volume = reader.room.known_outcomes(), reader.volume()
    upward = card.model.higher_score_is == "riskier"
    scores = known["raw_score"].to_numpy() * (1.0 if upward else -1.0)
    return OverviewResult(
        snapshot_id=reader.snapshot_id,
        n=int(totals["n"]),
        n_total=int(totals["n"]),
        name=card.model.name,
        version=card.model.version,
        purpose=card.model.purpose,
        product=card.model.product,
        owner=card.model.owner,
        decided_by=card.model.decided_by,
        outcome=card.model.outcome,
        outcome_past=card.model.outcome_past,
        limits=card.model.limits,
        is_probability=reader.room.model.link == "sigmoid",
        riskier_up=upward,
        approved=int(totals["approved"]),
        declined_by_rule=int(totals["declined_by_rule"]),
        first_day=_day(totals["first_day"]),
        last_day=_day(totals["last_day"]),
        signals=len(reader.room.model.feature_names),
        families=tuple(f.label for f in card.families.values()),
        volume=volume,
        over_time=len(volume) > 0 and volume["month"].min() < volume["month"].max(),
        scores=score_steps(reader),
        cutoffs=cutoffs(reader),
        ranking=compute_ranking(scores, known["outcome"].to_numpy()),
        reliability=compute_reliability(reader),
        checks=tuple(Check(str(c.name), bool(c.passed), str(c.finding)) for c in reader.checks().itertuples()),
    )


def score_steps(reader: Reader) -> pd.DataFrame:
    """Count estimates in equal steps from the lowest to the highest (from 0 for a probability)."""
    low, high = reader.estimate_range()
    low = 0.0 if reader.room.model.link == "sigmoid" else low
    high = high if high > low else low + 1.0
    counts = reader.estimates(low, high, SCORE_BINS).set_index("bin")
    steps = pd.DataFrame(index=range(SCORE_BINS))
    width = (high - low) / SCORE_BINS
    steps["low"] = [low + i * width for i in range(SCORE_BINS)]
    steps["high"] = steps["low"] + width
    return steps.join(counts).fillna({"n": 0, "approved": 0})


def cutoffs(reader: Reader) -> tuple[Cutoff, ...]:
    """Return every cut-off with the partners it applies to."""
    grouped = reader.cutoffs().groupby("cutoff", sort=True)
    return tuple(
        Cutoff(float(value), tuple(rows["partner"]), int(rows["n"].sum()))  # type: ignore[arg-type]
        for value, rows in grouped
    )


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, pd.Timestamp) and not pd.isna(value) else None
