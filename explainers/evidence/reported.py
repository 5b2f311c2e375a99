"""Against reality: the reasons a lender reported beside the ones found here, for snapshots that hold both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.evidence_source import EvidenceSource
from data.reason_catalogue import Catalogue

CODES = (1, 4)
"""Codes of Regulation C that signals of a public register can speak to: debt-to-income and collateral."""
FILE = "reported_reasons.parquet"
"""The further file of a snapshot that holds reported reasons."""


@dataclass(frozen=True)
class ReportedCode:
    """How one reported reason fits the reasons found; counts of applications."""

    code: int
    """Denial reason of Regulation C."""
    families: tuple[str, ...]
    """Families whose statements correspond to it."""
    denied: int
    """Denials on record with at least one reported reason."""
    compared: int
    """Of these, the ones that the model declines too: only they have reasons here."""
    reported: int
    """Of the compared, with this code among the reported reasons."""
    reported_first: int
    """Of the reported, with one of the families first among the reasons found."""
    reported_two: int
    """Of the reported, with one of them first or second."""
    found_first: int
    """Of the compared, with one of the families first, whatever was reported."""
    found_two: int
    """Of the compared, with one of them first or second."""


def families_of_code(card: Card, catalogue: Catalogue, code: int) -> tuple[str, ...]:
    """Return the families whose signals' statements mostly correspond to a code."""
    counted: dict[str, Counter[int]] = {}
    for feature in card.features.values():
        for statement in (feature.reason.high, feature.reason.low, feature.reason.value, feature.reason.missing):
            found = None if statement is None else catalogue.find(statement)
            if found is not None:
                counted.setdefault(feature.family, Counter())[found[1].hmda] += 1
    return tuple(family for family, codes in counted.items() if codes.most_common(1)[0][0] == code)


def compare_reported(
    source: EvidenceSource, card: Card, catalogue: Catalogue, families: tuple[str, ...], file: Path
) -> tuple[ReportedCode, ...]:
    """Compare reported reasons with those found, code by code.

    Parameters
    ----------
    source : EvidenceSource
        The snapshot's database.
    card, catalogue
        Say which family corresponds to which code.
    families : tuple of str
        Families in the order of their positions.
    file : Path
        Reported reasons by application.
    """
    rows = source.reported(file)
    rows = rows[rows["codes"].map(bool)]
    both = rows[rows["declined"]]
    reasons = both[["r1", "r2"]].to_numpy(np.float64)
    found = list(_codes(card, catalogue, families))
    counts = []
    for code, positions in found:
        said = both["codes"].map(lambda given, code=code: code in given).to_numpy(bool)
        counts.append(_count(code, positions, families, reasons, said, len(rows)))
    return tuple(counts)


def _codes(card: Card, catalogue: Catalogue, families: tuple[str, ...]) -> Iterator[tuple[int, list[int]]]:
    for code in CODES:
        positions = [families.index(f) for f in families_of_code(card, catalogue, code) if f in families]
        if positions:
            yield code, positions


def _count(
    code: int,
    positions: list[int],
    families: tuple[str, ...],
    reasons: npt.NDArray[np.float64],
    said: npt.NDArray[np.bool_],
    denied: int,
) -> ReportedCode:
    inside = np.isin(reasons, positions)
    first, two = inside[:, 0], inside.any(axis=1)
    return ReportedCode(
        code=code,
        families=tuple(families[p] for p in positions),
        denied=denied,
        compared=len(said),
        reported=int(said.sum()),
        reported_first=int((said & first).sum()),
        reported_two=int((said & two).sum()),
        found_first=int(first.sum()),
        found_two=int(two.sum()),
    )
