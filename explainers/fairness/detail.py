"""One attribute closely: by month, against what happened, and at every possible cut-off."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.cohorts import EVERYONE, Cohort
from data.policy import Policy
from data.protected_counts import Counted
from data.protected_values import FOLDED, NOT_KNOWN, REST, Attribute
from data.reader import Reader
from explainers.assurance.intervals import wilson
from explainers.fairness.intervals import LEAST_N, ratio_interval
from explainers.fairness.rates import is_enough
from explainers.fairness.result import CurvePoint, DetailResult, MonthPoint, OutcomeLine, Settings

MOST_MONTHS = 24
STEPS = 200
"""Possible cut-offs that are tried, in equal steps of the estimate."""
NOTHING = (math.nan, math.nan, math.nan)


def compute_detail(
    reader: Reader, name: str, cohort: Cohort = EVERYONE, settings: Settings | None = None
) -> DetailResult:
    """Look at one attribute closely.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    name : str
        An observed attribute.
    cohort : Cohort
        Which applications.
    settings : Settings, optional
        Screening values.

    Raises
    ------
    CohortProblems, NotFoundForViewer
        As `compute_fairness`; or there is no such attribute.
    """
    protected, card = reader.protected_groups(), reader.room.card
    attribute, counted = protected.attribute(name), protected.count(cohort)
    probability = reader.room.model.link == "sigmoid"
    observed = attribute.kind == "observed"
    outcomes = _by_outcome(counted, attribute) if observed else pd.DataFrame()
    known = outcomes[outcomes["by"] != "not known"] if len(outcomes) else outcomes
    result = DetailResult(
        snapshot_id=reader.snapshot_id,
        name=name,
        label=attribute.label,
        reference=attribute.reference,
        n=counted.n,
        n_total=int(reader.totals()["n"]),
        months=_months(counted, attribute) if observed else (),
        outcomes=_outcomes(known, protected.least),
        declined_known=int((known["n"] - known["approved"]).sum()) if len(known) else 0,
        outcome=card.model.outcome,
        outcome_past=card.model.outcome_past,
        is_probability=probability,
        curve=_curve(counted, attribute, riskier=card.model.higher_score_is == "riskier") if observed else (),
        cutoff=card.cutoff_for(reader.viewer.partner),
        settings=settings or Settings(),
    )
    return disclose(result, reader.viewer.policy)


def disclose(result: DetailResult, policy: Policy) -> DetailResult:
    """Return the result as an audience may see it; small cells are out already, fine steps of estimates too."""
    if result.curve and not policy.exact_scores:
        raise AssertionError("fine steps of estimates reached a page that may not show them")
    return result


def _named(found: pd.DataFrame) -> pd.DataFrame:
    return found[~found["hidden"] & ~found["value"].isin([NOT_KNOWN, FOLDED, REST])]


def _months(counted: Counted, attribute: Attribute) -> tuple[MonthPoint, ...]:
    """Compare each group with the reference of the same month."""
    found = _named(counted.by(attribute.name, "month"))
    months = sorted(set(found["by"]) - {""})[-MOST_MONTHS:]
    reference = found[found["value"] == attribute.reference].set_index("by")
    rows = found[found["by"].isin(set(months) & set(reference.index)) & (found["value"] != attribute.reference)]
    k0, n0 = (reference[figure].reindex(rows["by"]).to_numpy(float) for figure in ("approved", "n"))
    k, n = rows["approved"].to_numpy(dtype=np.float64), rows["n"].to_numpy(dtype=np.float64)
    low, high = ratio_interval(k, n, k0, n0)
    points = []
    for i, (value, month) in enumerate(zip(rows["value"], rows["by"], strict=True)):
        ratio = (k[i] / n[i]) / (k0[i] / n0[i]) if n[i] and k0[i] else math.nan
        enough = is_enough(k[i], n[i], k0[i], n0[i])
        points.append(MonthPoint(value, month, int(n[i]), float(ratio), float(low[i]), float(high[i]), enough))
    return tuple(points)


def _by_outcome(counted: Counted, attribute: Attribute) -> pd.DataFrame:
    return _named(counted.by(attribute.name, "outcome"))


def _outcomes(known: pd.DataFrame, least: int) -> tuple[OutcomeLine, ...]:
    """Return what happened to each group, the largest first; groups with a hidden half are left out."""
    lines = []
    for value, rows in known.groupby("value") if len(known) else ():
        parts = {str(by): row for by, row in rows.set_index("by").iterrows()}
        if least > 1 and len(parts) < 2:
            continue
        good, bad = (_counts(parts.get(key)) for key in ("did not", "happened"))
        everybody = good[0] + bad[0]
        estimate = sum(float(row["estimate"]) for row in parts.values())
        lines.append(
            OutcomeLine(
                value=str(value),
                good=good[0],
                good_declined=good[0] - good[1],
                bad=bad[0],
                bad_approved=bad[1],
                approved=good[1] + bad[1],
                missed=_share(good[0] - good[1], good[0]),
                passed=_share(bad[1], bad[0]),
                happened=_share(bad[1], good[1] + bad[1]),
                estimated=estimate / everybody if everybody >= LEAST_N else math.nan,
                found=_share(bad[0], everybody),
            )
        )
    return tuple(sorted(lines, key=lambda line: -(line.good + line.bad)))


def _counts(row: pd.Series[float] | None) -> tuple[int, int]:
    return (0, 0) if row is None else (int(row["n"]), int(row["approved"]))


def _share(k: int, n: int) -> tuple[float, float, float]:
    """Return a share with its interval; nothing over too few."""
    return NOTHING if n < LEAST_N else (k / n, *wilson(k, n))


def _curve(counted: Counted, attribute: Attribute, *, riskier: bool) -> tuple[CurvePoint, ...]:
    """Return the ratio at every possible cut-off: who passes it and no policy rule declines would be approved."""
    found, limits = counted.steps(attribute.name, STEPS)
    if found.empty:
        return ()
    found = found[~found["value"].isin([NOT_KNOWN, FOLDED, REST])]
    values = sorted(set(found["value"].astype(str)))
    if attribute.reference not in values:
        return ()
    sizes, passes = np.zeros(len(values)), np.zeros((len(values), len(limits) - 1))
    rows = np.searchsorted(np.array(values), found["value"].astype(str).to_numpy())
    np.add.at(sizes, rows, found["n"].to_numpy(float))
    np.add.at(passes, (rows, found["bin"].to_numpy(int)), (found["n"] - found["by_rule"]).to_numpy(float))
    edges = np.array(limits)
    approved = (passes if riskier else passes[:, ::-1]).cumsum(axis=1)
    return tuple(_points(values, approved, sizes, edges[1:] if riskier else edges[-2::-1], attribute.reference))


def _points(
    values: list[str],
    approved: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    cutoffs: npt.NDArray[np.float64],
    reference: str,
) -> Iterator[CurvePoint]:
    """Yield every group at every cut-off."""
    place = values.index(reference)
    for i, value in enumerate(values):
        for step, cutoff in enumerate(cutoffs):
            k, n, k0, n0 = (float(x) for x in (approved[i, step], sizes[i], approved[place, step], sizes[place]))
            shown = i != place and k0 > 0 and is_enough(k, n, k0, n0)  # to nobody approved there is no ratio
            ratio = (k / n) / (k0 / n0) if shown else math.nan
            yield CurvePoint(value, float(cutoff), k / n, ratio)
