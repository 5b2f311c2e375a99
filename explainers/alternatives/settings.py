"""How large a search for alternatives is."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from data.errors import CandorError


@dataclass(frozen=True)
class Settings:
    """Size of a search."""

    candidates: int = 24
    """Models that are trained and measured, at most, the current one included."""
    rows: int = 30_000
    """Rows, at most."""
    trees: int = 100
    """Trees of each model."""
    drops: int = 8
    """Families that are left out, one at a time, at most."""
    grid: int = 5
    """Models of Fairlearn's GridSearch."""
    rounds: int = 6
    """Rounds of Fairlearn's ExponentiatedGradient, at most."""
    seed: int = 7
    """Seed of the split and of every training."""


LEAST = {"candidates": 3, "rows": 100, "trees": 1, "rounds": 1}
MOST = {"candidates": 60, "rows": 200_000, "trees": 500, "drops": 40, "grid": 15, "rounds": 30}
"""What a search may ask for."""


def check_settings(settings: Settings) -> None:
    """Check that a search stays bounded.

    Raises
    ------
    CandorError
        Names what is too small or too large.
    """
    for name, value in asdict(settings).items():
        if name in MOST and not LEAST.get(name, 0) <= value <= MOST[name]:
            told = f"Choose {LEAST.get(name, 0)} to {MOST[name]:,}."
            raise CandorError("The search is out of bounds", f"{name} is {value:,}.", told)
