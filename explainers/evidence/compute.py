"""Summing up what the tests of reasons found: `compute_evidence` → `EvidenceResult`. Nothing is tested again here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import Card
from data.evidence_rows import StoredEvidence, evidence_by_group
from data.policy import Policy
from data.reader import Reader
from explainers.assurance.intervals import Z95, wilson
from explainers.cohorts.compute import least_for
from explainers.evidence.neighbours import FEWEST
from explainers.evidence.reported import ReportedCode
from explainers.evidence.result import EvidenceResult, Figure, GroupQuality, HeldFamily
from explainers.evidence.sense import NO, NOT_TRIED, YES

Values = npt.NDArray[np.float64]
SWAPS = tuple(f"{name}{k}" for name in ("named", "random", "global") for k in range(1, 5))
SHARES = ("noise_first", "noise_set", "method_first", "method_set", "halves_first", "halves_set", "narrow_set")
MORE_SHARES = ("wide_set", "narrow_first", "wide_first", "lime_first", "lime_set")
MEANS = ("noise_overlap", "method_overlap", "method_rank", "halves_overlap", "narrow_overlap", "wide_overlap")
MORE_MEANS = ("lime_overlap", "lime_rank", "explained")
LEAST_IN_GROUP = 30
"""Of a group with fewer tested applications nothing is said."""
OUTSIDE = frozenset({*SWAPS, "apart", "method_first", "method_set", "method_overlap", "residual", "baseline"})
"""Figures that an audience without single signals sees."""
DIGITS = 2
"""Digits of a share for an audience without exact scores."""


def compute_evidence(reader: Reader) -> EvidenceResult:
    """Sum up what the tests of reasons found, over the applications the viewer may see.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    """
    room, policy = reader.room, reader.viewer.policy
    stored = room.evidence()
    labels = {slug: block.label for slug, block in room.card.families.items()}
    default = room.card.decision.comparison_group
    result = EvidenceResult(
        snapshot_id=reader.snapshot_id,
        n=len(stored.rows),
        n_total=stored.declined,
        seed=int(stored.facts["seed"]),
        figures=dict(_figures(room.card, stored)),
        held=_held(stored, labels),
        groups=tuple(_groups(reader, room.card)) if "named4" in stored.rows else (),
        reported=tuple(_reported(stored)),
        labels=labels,
        method="all applications" if default == "just_approved" else "applications just approved",
        whole=True,
        least=least_for(policy),
    )
    return disclose(result, policy)


def _figures(card: Card, stored: StoredEvidence) -> Iterator[tuple[str, Figure]]:
    """Yield every figure that the stored rows and facts give."""
    rows, facts = stored.rows, stored.facts
    summed = int(facts["summed"])
    yield "residual", Figure(facts["worst_residual"], None, None, summed)
    yield "baseline", Figure(facts["worst_baseline"], None, None, int(facts["groups"]))
    known = {str(name): rows[name].to_numpy(np.float64, na_value=np.nan) for name in rows.columns}
    for name in (*SWAPS, *SHARES, *MORE_SHARES):
        yield from _one(name, known, share)
    for name in (*MEANS, *MORE_MEANS):
        yield from _one(name, known, mean)
    for name in ("closed", "random_closed"):
        yield from _one(name, known, median)
    if "named4" in known and len(rows):
        yield "apart", mean(known["named4"] - known["random4"])
        yield from _neighbours(card, rows)
        yield from _reasons(rows)


def _one(name: str, known: dict[str, Values], how: object) -> Iterator[tuple[str, Figure]]:
    """Yield a figure over the applications that have one."""
    values = known.get(name)
    if values is not None and callable(how):
        values = values[~np.isnan(values)]
        if len(values):
            yield name, how(values)


def share(values: Values) -> Figure:
    """Return a share with its Wilson interval."""
    return share_of(int(values.sum()), len(values))


def share_of(hits: int, n: int) -> Figure:
    """Return hits of tries as a share with its Wilson interval."""
    return Figure(hits / n, *wilson(hits, n), n)


def mean(values: Values) -> Figure:
    """Return a mean with its interval by the normal approximation; no interval for a single value."""
    n, middle = len(values), float(values.mean())
    if n < 2:
        return Figure(middle, None, None, n)
    half = Z95 * float(values.std(ddof=1)) / math.sqrt(n)
    return Figure(middle, middle - half, middle + half, n)


def median(values: Values) -> Figure:
    """Return a median with its interval by order statistics; no interval for fewer than six values."""
    n, ordered = len(values), np.sort(values)
    middle = float(np.median(ordered))
    if n < 6:
        return Figure(middle, None, None, n)
    half = Z95 * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return Figure(middle, float(ordered[low]), float(ordered[high]), n)


def _neighbours(card: Card, rows: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Yield how many applications have neighbours, and for how many these would be approved."""
    riskier = card.model.higher_score_is == "riskier"
    for name in ("near", "random"):
        covered = (rows[f"{name}_neighbours"] >= FEWEST).to_numpy()
        yield f"{name}_covered", share(covered.astype(np.float64))
        if covered.any():
            means, cutoffs = rows[f"{name}_mean"].to_numpy()[covered], rows["cutoff"].to_numpy()[covered]
            passes = means <= cutoffs if riskier else means >= cutoffs
            yield f"{name}_passes", share_of(int(passes.sum()), len(passes))


def _reasons(rows: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Yield figures of the single reasons: held for review, and whether a change of them alters the decision."""
    held = rows[[f"held{k}" for k in range(1, 5)]].to_numpy(bool)
    yield "held", share_of(int(held.any(axis=1).sum()), len(held))
    changes = rows[[f"changes{k}" for k in range(1, 5)]].to_numpy(np.int64)
    tried = (changes != NOT_TRIED).any(axis=1)
    if tried.any():
        responds = np.asarray((changes[tried] == YES).any(axis=1))
        yield "none_changes", share_of(int((~responds).sum()), len(responds))
        answers = changes[changes != NOT_TRIED]
        yield "unresponsive", Figure(float((answers == NO).mean()), None, None, int(tried.sum()))
        yield "reasons_tried", Figure(float(len(answers)), None, None, int(tried.sum()))


def _held(stored: StoredEvidence, labels: dict[str, str]) -> tuple[HeldFamily, ...]:
    """Count, family by family, the reasons held for review."""
    rows = stored.rows
    if "held1" not in rows or not len(rows):
        return ()
    places = rows[["r1", "r2", "r3", "r4"]].to_numpy(np.int64)
    held = rows[[f"held{k}" for k in range(1, 5)]].to_numpy(bool)
    found = [
        HeldFamily(labels[family], int((held & (places == i)).sum()), int((places == i).sum()))
        for i, family in enumerate(stored.families)
    ]
    return tuple(sorted((f for f in found if f.held), key=lambda f: (-f.held, f.label)))


def _groups(reader: Reader, card: Card) -> Iterator[GroupQuality]:
    """Yield the quality of reasons for each group that is large enough; nothing for viewers who may not see groups."""
    if card.groups is None or reader.viewer.policy.groups == "if shared":
        return
    protected = reader.protected_groups()
    for attribute in protected.attributes:
        if attribute.kind != "observed":
            continue
        for row in evidence_by_group(protected, attribute.name).to_dict("records"):
            n = int(row["n"])
            if n >= LEAST_IN_GROUP:
                yield GroupQuality(
                    attribute=attribute.label,
                    value=str(row["value"]),
                    reference=str(row["value"]) == attribute.reference,
                    swapped=share_of(int(row["swapped"]), n),
                    same_first=share_of(int(row["same_first"]), n),
                    explained=float(row["explained"]),
                )


def _reported(stored: StoredEvidence) -> Iterator[ReportedCode]:
    """Yield what is kept of reported reasons."""
    for row in stored.reported.to_dict("records"):
        counts = {str(k): int(v) for k, v in row.items() if k != "families"}
        yield ReportedCode(families=tuple(str(row["families"]).split(",")), **counts)


def disclose(result: EvidenceResult, policy: Policy) -> EvidenceResult:
    """Return what an audience may see: outsiders the swap test, the other method and additivity, rounded."""
    enough = {name: f for name, f in result.figures.items() if f.n >= result.least or name in {"residual", "baseline"}}
    if policy.signals == "every signal" and policy.rows == "all":
        return replace(result, figures=enough)
    figures = {name: _rounded(f, name) for name, f in enough.items() if name in OUTSIDE}
    return replace(result, figures=figures, held=(), groups=(), reported=(), whole=False)


def _rounded(figure: Figure, name: str) -> Figure:
    """Round a share; of what should be rounding only, tell no more than that it is, and nothing of how many."""
    if name in {"residual", "baseline"}:
        return Figure(0.0 if figure.value <= 1e-9 else 1.0, None, None, 0)
    low, high = (None if end is None else round(end, DIGITS) for end in (figure.low, figure.high))
    return Figure(round(figure.value, DIGITS), low, high, figure.n)
