"""Who sees what: the one table that decides it. Everything else asks this table.

======================  ===========================  ==================  ===============================
what                    partner                      specialist          regulator
======================  ===========================  ==================  ===============================
applications            own partner's only           all                 all
application numbers     shown                        shown               masked, shown for a reason given
signals                 families and approved        every signal        every signal
                        labels
values                  rounded                      exact               exact
scores                  estimates and points, to a   exact               exact
                        tenth
smallest count          30                           1                   1
groups                  off, unless shared: then     on                  on, aggregates
                        aggregates
look-ups an hour        120                          no limit            no limit
what-ifs an hour        60                           no limit            no limit, logged
exports                 own rows, watermarked        yes                 evidence pack
======================  ===========================  ==================  ===============================

"Smallest count": a figure over fewer applications is not shown to this audience. The table is
tested row by row against `POLICY` (`tests/data/test_policy.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class Audience(StrEnum):
    """The three audiences of Candor: the same facts at different depth."""

    PARTNER = "partner"
    SPECIALIST = "specialist"
    REGULATOR = "regulator"


@dataclass(frozen=True)
class Policy:
    """What one audience may see and do."""

    rows: Literal["own partner", "all"]
    """Which applications."""
    masked_numbers: bool
    """Whether application numbers stay masked until asked for with a reason."""
    signals: Literal["families", "every signal"]
    """How deep explanations go."""
    exact_values: bool
    """Whether values are shown as they are; otherwise rounded."""
    exact_scores: bool
    """Whether raw scores and contributions leave the server; otherwise only points and estimates, to a tenth."""
    smallest_count: int
    """A figure over fewer applications is not shown."""
    groups: Literal["if shared", "aggregates", "on"]
    """Protected attributes."""
    lookups_per_hour: int | None
    """Single applications that may be asked for in an hour; None without a limit."""
    what_ifs_per_hour: int | None
    """What-if questions in an hour; None without a limit."""
    log_what_ifs: bool
    """Whether every what-if is logged one by one."""
    exports: Literal["own rows, watermarked", "all", "evidence pack"]
    """What may leave the screen as a file."""


POLICY: Mapping[Audience, Policy] = MappingProxyType(
    {
        Audience.PARTNER: Policy(
            rows="own partner",
            masked_numbers=False,
            signals="families",
            exact_values=False,
            exact_scores=False,
            smallest_count=30,
            groups="if shared",
            lookups_per_hour=120,
            what_ifs_per_hour=60,
            log_what_ifs=True,
            exports="own rows, watermarked",
        ),
        Audience.SPECIALIST: Policy(
            rows="all",
            masked_numbers=False,
            signals="every signal",
            exact_values=True,
            exact_scores=True,
            smallest_count=1,
            groups="on",
            lookups_per_hour=None,
            what_ifs_per_hour=None,
            log_what_ifs=False,
            exports="all",
        ),
        Audience.REGULATOR: Policy(
            rows="all",
            masked_numbers=True,
            signals="every signal",
            exact_values=True,
            exact_scores=True,
            smallest_count=1,
            groups="aggregates",
            lookups_per_hour=None,
            what_ifs_per_hour=None,
            log_what_ifs=True,
            exports="evidence pack",
        ),
    }
)
"""The table above, as the code reads it."""
