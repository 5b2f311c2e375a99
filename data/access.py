"""Who is looking, and what that person may see. Applied below the pages, in one place.

A `Viewer` is made once by the frame (from sign-in, or the local viewer) and handed to
`data.snapshots.open_reader`. Pages, charts and caches reach a snapshot through that reader only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """The three audiences of Candor: the same facts at different depth."""

    PARTNER = "partner"
    SPECIALIST = "specialist"
    REGULATOR = "regulator"


@dataclass(frozen=True)
class Viewer:
    """One person looking, with the depth at which they may look."""

    who: str
    """Name of the account; "local" without sign-in."""
    audience: Audience
    """How deep they may look."""
    partner: str | None = None
    """The partner whose applications they may see; None means every partner."""

    @property
    def scope(self) -> str:
        """Return the part of a cache key that keeps what one viewer saw from another."""
        return f"{self.audience}|{self.partner if self.partner is not None else '*'}"


LOCAL_VIEWER = Viewer(who="local", audience=Audience.SPECIALIST)
"""The one viewer of a machine without sign-in: full sight, loopback only."""
