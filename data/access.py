"""Who is looking. What that person may see stands in `data.policy` and is applied below the pages.

A `Viewer` is made once by the frame (from sign-in, or the local viewer) and handed to
`data.snapshots.open_reader`. Pages, charts and caches reach a snapshot through that reader only.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import CandorError
from data.policy import POLICY, Audience, Policy

__all__ = ["LOCAL_VIEWER", "Audience", "Viewer"]


@dataclass(frozen=True)
class Viewer:
    """One person looking, with the depth at which they may look.

    Raises
    ------
    CandorError
        An audience that sees one partner's applications only, without a partner, or the other way.
    """

    who: str
    """Name of the account; "local" without sign-in."""
    audience: Audience
    """How deep they may look."""
    partner: str | None = None
    """The partner whose applications they may see; None means every partner."""

    def __post_init__(self) -> None:
        if (self.policy.rows == "own partner") != (self.partner is not None):
            raise CandorError(
                "This account cannot look at anything",
                f"The audience {self.audience} sees {self.policy.rows}; the account's partner does not fit that.",
                "Ask the person who gave you access to correct the account.",
            )

    @property
    def policy(self) -> Policy:
        """Return what this viewer may see and do."""
        return POLICY[self.audience]

    @property
    def scope(self) -> str:
        """Return the part of a cache key that keeps what one viewer saw from another."""
        return f"{self.audience}|{self.partner if self.partner is not None else '*'}"


LOCAL_VIEWER = Viewer(who="local", audience=Audience.SPECIALIST)
"""The one viewer of a machine without sign-in: full sight, loopback only."""
