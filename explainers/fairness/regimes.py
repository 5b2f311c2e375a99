"""Dated notes on the law that stand beside figures about groups; read from `assets/legal_regimes.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from ruamel.yaml import YAML

from data.files import ROOT
from explainers.style import day


@dataclass(frozen=True)
class Regime:
    """A note on one body of law."""

    key: str
    """In links."""
    name: str
    """For people."""
    since: date | None
    """Since when it is as the note says."""
    note: str
    """What it says, and what is open."""
    source: str
    """Where to read it."""
    checked: date
    """When somebody last looked."""


@cache
def read_regimes() -> dict[str, Regime]:
    """Return every note by its key, in the order of the file."""
    content = YAML(typ="safe").load((ROOT / "assets" / "legal_regimes.yaml").read_text("utf-8"))
    return {
        one["key"]: Regime(
            one["key"], one["name"], one.get("since"), " ".join(one["note"].split()), one["source"], content["checked"]
        )
        for one in content["regimes"]
    }


def say_regime(regime: Regime) -> str:
    """Return a note with its source and its date."""
    return (
        f"{regime.note} Source: {regime.source}. Last checked on {day(regime.checked)}; ask counsel before you "
        f"rely on it."
    )
