"""Two snapshots side by side: `compute_versions` → `VersionsResult`.

The applications of the cohort here are matched by their number with all applications there, within the viewer's
scope: what a cohort's rule says of decisions and estimates must not decide twice who is compared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.cohort_rows import by_estimate, estimate_ends
from data.cohorts import Cohort
from data.errors import CandorError, NotFoundForViewer
from data.matched import NOTHING, MatchedSide, family_points, match
from data.reader import Reader
from data.summaries import Summaries
from explainers.cohorts.compute import least_for, sums_of
from explainers.cohorts.words import name_cohort
from explainers.compare.versions_disclosure import disclose
from explainers.compare.versions_result import DriverShift, ReasonChange, Shift, SnapshotSide, Swap, VersionsResult
from explainers.style import day_from_iso

BINS = 40
EDGE = 0.002
"""Share of the applications at each end of the estimates that is drawn in the last step."""
STEPS = 21
"""Steps of the picture of differences; the middle one holds the estimates that stay."""
WIDTHS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Widths of a step, probability scale."""
EXAMPLES = 5
MOST_MOVED = 50_000
"""Of more applications that change sides, so many give the mean moves: every k-th in the order of the snapshot."""
Floats = npt.NDArray[np.float64]


def compute_versions(here: Reader, there: Reader, cohort: Cohort) -> VersionsResult:
    """Compare two snapshots.

    Parameters
    ----------
    here : Reader
        The snapshot in force, opened for a viewer.
    there : Reader
        The other one, opened for the same viewer.
    cohort : Cohort
        Which applications.

    Raises
    ------
    CandorError
        The two do not estimate the same thing.
    CohortProblems
        The viewer cannot choose these applications in both.
    NotFoundForViewer
        There are too few of them in one of the two.
    """
    _check_comparable(here, there)
    mine, card, model = sums_of(here, cohort), here.room.card, here.room.model
    theirs = _sums_there(there, cohort)
    riskier_up = card.model.higher_score_is == "riskier"
    labels = {name: f.label for name, f in [*there.room.card.families.items(), *card.families.items()]}
    families, everyone_there = list(labels), there.room.summaries()
    pair = match(mine, everyone_there, families, riskier_up=riskier_up)
    least, is_probability = least_for(here.viewer.policy), model.link == "sigmoid"
    enough = len(pair[0].rows) >= least
    low, high = _ends(mine, theirs, is_probability=is_probability)
    result = VersionsResult(
        snapshot_id=here.snapshot_id,
        n=int(mine.counts["n"]),
        n_total=int(here.totals()["n"]),
        cohort=name_cohort(cohort, card, is_probability=is_probability),
        everyone=not cohort.text,
        outcome=card.model.outcome,
        is_probability=is_probability,
        riskier_up=riskier_up,
        same_model=model.sha256 == there.room.model.sha256,
        here=_side(here, there, mine, low, high),
        there=_side(there, here, theirs, low, high),
        low=low,
        high=high,
        drivers=_drivers(mine, theirs, labels),
        matched=len(pair[0].rows),
        least=least,
        shift=shift_of(pair[0].estimate - pair[1].estimate, is_probability=is_probability) if enough else None,
        now_declined=_swap(here, (mine, everyone_there), pair, labels, declined=True) if enough else None,
        now_approved=_swap(here, (mine, everyone_there), pair, labels, declined=False) if enough else None,
        reasons=_reasons(pair, [labels[f] for f in families], least) if enough else None,
    )
    return disclose(result, here.viewer.policy)


def _check_comparable(here: Reader, there: Reader) -> None:
    if here.viewer != there.viewer:
        raise ValueError("both snapshots must be opened for the same viewer")
    ours, theirs = here.room.card.model, there.room.card.model
    if here.room.model.link != there.room.model.link or ours.higher_score_is != theirs.higher_score_is:
        raise CandorError(
            "These two snapshots cannot be compared",
            "Their models do not estimate on the same scale.",
            "Choose another snapshot to compare with.",
        )


def _sums_there(there: Reader, cohort: Cohort) -> Summaries:
    try:
        return sums_of(there, cohort)
    except NotFoundForViewer as few:
        raise NotFoundForViewer("Too few applications in the other snapshot", few.message, few.remedy) from few


def _ends(mine: Summaries, theirs: Summaries, *, is_probability: bool) -> tuple[float, float]:
    """Return the ends of the drawn estimates, in steps coarse enough to tell of no single application."""
    ends = [estimate_ends(one, EDGE) for one in (mine, theirs)]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if is_probability:
        return 0.0, max(0.05, float(np.ceil(high * 100)) / 100)
    room = max(high - low, 1e-9) * 0.02
    return float(f"{low - room:.3g}"), float(f"{high + room:.3g}")


def _side(reader: Reader, other: Reader, sums: Summaries, low: float, high: float) -> SnapshotSide:
    manifest, counts = reader.manifest, sums.counts
    name = "" if manifest.model_name == other.manifest.model_name else f"{manifest.model_name}, "
    when = f", as of {day_from_iso(manifest.as_of)}" if manifest.as_of else ""
    steps = by_estimate(sums, low, high, BINS)
    return SnapshotSide(
        snapshot_id=reader.snapshot_id,
        label=f"{name}version {manifest.model_version}{when}",
        n=int(counts["n"]),
        approved=int(counts["approved"]),
        mean_estimate=float(counts["estimate"]),
        shares=tuple((steps / max(int(steps.sum()), 1)).tolist()),
    )


def _drivers(mine: Summaries, theirs: Summaries, labels: dict[str, str]) -> tuple[DriverShift, ...]:
    here, there = (s.families(spread=False)["mean_abs"] for s in (mine, theirs))
    found = [DriverShift(label, float(here.get(f, 0.0)), float(there.get(f, 0.0))) for f, label in labels.items()]
    return tuple(sorted(found, key=lambda d: (-d.here, -d.there, d.label)))


def shift_of(differences: Floats, *, is_probability: bool) -> Shift:
    """Return how differences of estimates are spread.

    Parameters
    ----------
    differences : ndarray, (n,)
        Estimates here less there; at least one.
    is_probability : bool
        Whether steps are whole tenths of a percentage point or follow the data.
    """
    sizes = np.abs(differences)
    reach = float(np.quantile(sizes, 0.995)) / (STEPS / 2)
    width = next((w for w in WIDTHS if w >= reach), WIDTHS[-1]) if is_probability else float(f"{max(reach, 1e-9):.1g}")
    edges = (np.arange(STEPS + 1) - STEPS / 2) * width
    places = np.clip(np.floor((differences - edges[0]) / width), 0, STEPS - 1).astype(np.int64)
    counts = np.bincount(places, minlength=STEPS)
    return Shift(
        mean=float(differences.mean()),
        mean_size=float(sizes.mean()),
        up=float((differences > width / 2).mean()),
        down=float((differences < -width / 2).mean()),
        edges=tuple(edges.tolist()),
        shares=tuple((counts / len(differences)).tolist()),
    )


def _swap(
    here: Reader,
    sums: tuple[Summaries, Summaries],
    pair: tuple[MatchedSide, MatchedSide],
    labels: dict[str, str],
    *,
    declined: bool,
) -> Swap:
    """Count the applications that change sides in one direction, and say which families moved most for them."""
    mine, theirs = pair
    places = np.flatnonzero((mine.approved != theirs.approved) & (mine.approved != declined))
    if not len(places):
        return Swap(0, (), ())
    largest = places[np.argsort(-np.abs(mine.estimate[places] - theirs.estimate[places]), kind="stable")[:EXAMPLES]]
    examples = tuple(here.room.numbers(mine.rows[largest].tolist()))
    if len(places) < least_for(here.viewer.policy):
        return Swap(len(places), (), examples)
    counted = places[:: -(-len(places) // MOST_MOVED)]
    means = [family_points(one, side.rows[counted]).mean() for one, side in zip(sums, (mine, theirs), strict=True)]
    moved = [(label, float(means[0].get(f, 0.0) - means[1].get(f, 0.0))) for f, label in labels.items()]
    direction = float(np.sign((mine.estimate - theirs.estimate)[places].mean()) or 1.0)
    return Swap(len(places), tuple(sorted(moved, key=lambda m: (-direction * m[1], m[0]))), examples)


def _reasons(pair: tuple[MatchedSide, MatchedSide], labels: list[str], least: int) -> ReasonChange | None:
    """Compare the first reasons of applications declined in both."""
    both = ~pair[0].approved & ~pair[1].approved
    n = int(both.sum())
    if n < least:
        return None
    here, there = (side.first_reason[both].astype(np.int64) for side in pair)
    changed = here != there
    if not changed.any():
        return ReasonChange(n, 0, "", "", 0)
    words = ["no family", *labels]  # a place less NOTHING is a place in this list
    codes, counts = np.unique((there[changed] - NOTHING) * len(words) + here[changed] - NOTHING, return_counts=True)
    before, after = divmod(int(codes[counts.argmax()]), len(words))
    return ReasonChange(n, int(changed.sum()), words[before], words[after], int(counts.max()))
