"""Two sides of a book compared: `sides` names what can be compared, `compute_contrast` → `ContrastResult`.

A comparison is a base and one side of it; the other side is the rest of the base. Means over the rest follow from
those of the base and of the side, exactly, so that no third pass over the applications is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from data.reader import Reader
from explainers.cohorts.compute import least_for
from explainers.cohorts.words import name_cohort
from explainers.drivers.compute import Sums
from explainers.drivers.disclosure import disclose
from explainers.drivers.result import ContrastResult, Pair

RECENT_MONTHS = 3


@dataclass(frozen=True)
class Sides:
    """Which applications are compared with which."""

    label: str
    """The comparison in words: "declined against approved"."""
    first: str
    """The first side in words."""
    second: str
    """The second side in words."""
    base: Cohort
    """Both sides together."""
    side: Cohort
    """The first side; the second is the rest of the base."""


def sides(reader: Reader, cohort: Cohort) -> dict[str, Sides]:
    """Return what can be compared, given the applications chosen: a short key for links to the two sides.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        The applications chosen on the page.
    """
    found: dict[str, Sides] = {}
    if cohort.decision is None:
        found["decision"] = _sides("declined", "approved", cohort, replace(cohort, decision="declined"))
    if cohort != EVERYONE:
        found["others"] = _sides("those chosen", "all others", EVERYONE, cohort)
    months = sorted({f"{month:%Y-%m}" for month in reader.volume()["month"]})
    if cohort.first_month is None and cohort.last_month is None and len(months) > RECENT_MONTHS:
        recent = replace(cohort, first_month=months[-RECENT_MONTHS])
        found["recent"] = _sides(f"the last {RECENT_MONTHS} months", "before", cohort, recent)
    partners = cohort.partners or tuple(dict.fromkeys(map(str, reader.cutoffs()["partner"])))
    if len(partners) > 1:
        for name in partners:
            found[f"partner {name}"] = _sides(name, "other partners", cohort, replace(cohort, partners=(name,)))
    return found


def _sides(first: str, second: str, base: Cohort, side: Cohort) -> Sides:
    return Sides(f"{first[0].upper()}{first[1:]} against {second}", first, second, base, side)


def compute_contrast(reader: Reader, asked: Sides, base: Sums, side: Sums) -> ContrastResult:
    """Compare what families moved on two sides.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : Sides
        From `sides`.
    base, side : Sums
        From `sum_families` for the base and for the first side.

    Raises
    ------
    NotFoundForViewer
        The second side holds too few applications.
    """
    least, rest = least_for(reader.viewer.policy), base.n - side.n
    if rest < least:
        raise NotFoundForViewer(
            "Too few applications to compare with",
            f"The other side holds {rest}. An average needs at least {least}.",
            "Choose another comparison.",
        )
    card = reader.room.card
    is_probability = reader.room.model.link == "sigmoid"
    both = side.frame.join(_rest(base, side).add_suffix("_rest"))
    figures = both[["mean", "mean_rest", "mean_abs", "mean_abs_rest"]]
    pairs = [Pair(card.families[str(name)].label, *map(float, row)) for name, row in figures.iterrows()]
    named = asked.first != "those chosen"
    result = ContrastResult(
        snapshot_id=reader.snapshot_id,
        n=base.n,
        n_total=int(reader.totals()["n"]),
        is_probability=is_probability,
        first=asked.first if named else name_cohort(asked.side, card, is_probability=is_probability),
        second=asked.second,
        n_first=side.n,
        n_second=rest,
        pairs=tuple(sorted(pairs, key=lambda p: (-abs(p.gap), p.label))),
    )
    return disclose(result, reader.viewer.policy)


def _rest(base: Sums, side: Sums) -> pd.DataFrame:
    """Return the means over the applications of the base that are not of the side."""
    columns = ["mean_abs", "mean"]
    rest = base.n - side.n
    return (base.frame[columns] * base.n - side.frame.reindex(base.frame.index)[columns] * side.n) / rest
