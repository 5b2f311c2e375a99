"""Explaining one decision: `compute_decision` → `DecisionResult`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from data.card_schema import Card, FeatureBlock, Unit
from data.errors import NotFoundForViewer
from data.reader import Reader
from data.records import ApplicationRecord, GroupRecord
from explainers import attribution
from explainers.assurance.intervals import wilson
from explainers.decision import result as r
from explainers.decision.disclosure import disclose
from explainers.decision.points import chord_slope, to_points
from explainers.decision.shares import family_shares, value_side
from explainers.style import with_unit

NEAREST = 1000
"""Past applications that stand for "like this one"."""
CLOSE = 0.05
"""How far the estimate (a probability) of one of these may lie from this one's."""
ENOUGH = 200
"""Fewer known outcomes than this say too little about a share."""
DENSITY_BINS = 140
GROUP_BLOCK = 50_000
"""Applications of a comparison group that are read at a time."""
ROUNDED_DIGITS = 3
"""Digits of a signal's value for an audience that sees rounded values."""


PICTURES = 64
"""Pictures of a group's estimates that are remembered: one for each range that was drawn."""


@dataclass(frozen=True, eq=False)
class FittedGroup:
    """A comparison group, ready to explain with."""

    record: GroupRecord
    """The group as stored."""
    fitted: attribution.Comparison
    """The engine's tables for it."""
    typical: Mapping[str, Mapping[Any, Any]] = field(repr=False)
    """Typical values by signal: `median`, `mode`, `missing_share`."""
    density: Callable[[float, float], np.ndarray[Any, Any]] = field(repr=False)
    """Counts of its estimates the viewer may see, in `DENSITY_BINS` steps of a range; the last ones are remembered."""


@dataclass(frozen=True, eq=False)
class OnFile:
    """One application as stored, read and encoded once for every group it is compared with; nothing is cut yet."""

    record: ApplicationRecord
    """What was decided, with the exact estimate."""
    values: pd.DataFrame = field(repr=False)
    """One row, one column per signal."""
    codes: attribution.Codes = field(repr=False)
    """The same as the model's trees see it, with the raw score."""


def fit_group(reader: Reader, engine: attribution.Engine, name: str, group_no: int) -> FittedGroup:
    """Fit a stored comparison group.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    engine : Engine
        Made once of the snapshot's model.
    name : str
        Name of the group.
    group_no : int
        Key of the group; groups of one name exist once per cut-off.
    """
    return describe_group(reader, name, group_no, fit_rows(reader, engine, name, group_no))


def fit_rows(reader: Reader, engine: attribution.Engine, name: str, group_no: int) -> attribution.Comparison:
    """Fit the rows of a group: the same for all viewers for whom `Reader.group_scope` is the same.

    A whole group was fitted when the snapshot was built, and is read; one cut to the viewer's own applications is not.
    """
    record = _record_of(reader, name, group_no)
    stored = reader.room.group_fit(record.group_no)
    if stored is not None:
        return attribution.restore_comparison(
            engine,
            stored.parts(),
            name=record.name,
            rule=record.rule,
            seed=record.seed,
            n=stored.n,
            baseline=stored.baseline,
            sha256=stored.content_hash,
            tables=engine.keeps_tables,
        )
    blocks = reader.room.group_blocks(record.group_no, GROUP_BLOCK)
    encoded = [engine.encode_rows(rows, raw_score=scores) for rows, scores in blocks]
    if not encoded:
        raise NotFoundForViewer("There is nothing to compare with", "This group holds no application you can see.", "")
    codes = attribution.Codes(
        np.concatenate([part.codes for part in encoded], axis=1),
        np.concatenate([part.raw_score for part in encoded]),
        engine.model.sha256,
    )
    return attribution.fit_comparison(
        engine, codes, name=record.name, rule=record.rule, seed=record.seed, tables=engine.keeps_tables
    )


def describe_group(reader: Reader, name: str, group_no: int, fitted: attribution.Comparison) -> FittedGroup:
    """Put what a viewer may know of a group beside its fitted rows."""
    typical = {str(name): usual for name, usual in reader.room.typical_values(group_no).to_dict("index").items()}

    @lru_cache(maxsize=PICTURES)
    def density(low: float, high: float) -> np.ndarray[Any, Any]:
        return reader.group_density(group_no, low, high, DENSITY_BINS)

    return FittedGroup(_record_of(reader, name, group_no), fitted, typical, density)


def _record_of(reader: Reader, name: str, group_no: int) -> GroupRecord:
    return next(g for g in reader.groups() if g.name == name and g.group_no == group_no)


GROUP_WORDS = {"just_approved": "applications just approved", "all_applicants": "all applications"}


def group_names(reader: Reader) -> dict[str, str]:
    """Return the comparison groups to choose from, the card's default first: name to words."""
    default = reader.room.card.decision.comparison_group
    names = dict.fromkeys([default, *(g.name for g in reader.groups())])
    present = {g.name for g in reader.groups()}
    return {name: GROUP_WORDS.get(name, name) for name in names if name in present}


def group_for(reader: Reader, application_id: str, name: str | None) -> tuple[str, int]:
    """Return which stored group of a name an application is compared with.

    Groups named `just_approved` exist once per cut-off; an application is compared with the one at
    its own cut-off.
    """
    record = reader.application(application_id)
    groups = {g.group_no: g for g in reader.groups()}
    wanted = name or reader.room.card.decision.comparison_group
    same_name = [g for g in groups.values() if g.name == wanted]
    at_cutoff = [g for g in same_name if g.cutoff == record.cutoff]
    own = groups[record.group_no]
    chosen = own if own.name == wanted else (at_cutoff or same_name or [own])[0]
    return chosen.name, chosen.group_no


def compute_decision(reader: Reader, application_id: str, group: FittedGroup) -> r.DecisionResult:
    """Explain one decision against a comparison group.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    application_id : str
        The lender's own number.
    group : FittedGroup
        From `fit_group`.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer.
    """
    return decide_on_file(reader, read_on_file(reader, group.fitted.engine, application_id), group)


def read_on_file(reader: Reader, engine: attribution.Engine, application_id: str) -> OnFile:
    """Read one application; for `explainers` only.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    engine : Engine
        Made once of the snapshot's model.
    application_id : str
        The number, masked where numbers are.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer.
    """
    record = reader.room.application(application_id)
    values = reader.room.signal_values([record.row_no])
    # held against the score it was decided by, which LightGBM gave when the snapshot was built: starting LightGBM takes
    # most of a second, and a score that does not belong to these values shows as a residual
    score = None if record.raw_score is None else np.array([record.raw_score])
    return OnFile(record, values, engine.encode_rows(values, raw_score=score))


def score_apart(reader: Reader, asked: OnFile) -> float | None:
    """Return LightGBM's raw score now, less the one on file; None for an audience that sees no scores."""
    if not reader.viewer.policy.exact_scores or asked.record.raw_score is None:
        return None
    return float(reader.room.model.predict_raw(asked.values)[0]) - asked.record.raw_score


def decide_on_file(reader: Reader, asked: OnFile, group: FittedGroup) -> r.DecisionResult:
    """Explain an application that was read before; see `compute_decision`."""
    whole = explain_record(reader, asked.record, asked.values, group, asked.codes)
    whole = replace(whole, experience=experience(reader, asked.record.estimate))
    return disclose(whole, reader.viewer.policy, reader.room.card, reader.room.catalogue)


def agree_on_file(reader: Reader, asked: OnFile, result: r.DecisionResult, other: FittedGroup) -> r.Agreement:
    """Compare a decision's reasons with those against another group, both as the viewer may see them."""
    whole = explain_record(reader, asked.record, asked.values, other, asked.codes)
    return compute_agreement(result, disclose(whole, reader.viewer.policy, reader.room.card, reader.room.catalogue))


def explain_record(
    reader: Reader,
    record: ApplicationRecord,
    values: pd.DataFrame,
    group: FittedGroup,
    codes: attribution.Codes | None = None,
) -> r.DecisionResult:
    """Explain one row of values as the application of a record; for `explainers` only, nothing is cut yet.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    record : ApplicationRecord
        What was decided about these values, with the exact estimate.
    values : pandas.DataFrame
        One row, one column per signal: as on file, or changed by a what-if question.
    group : FittedGroup
        From `fit_group`.
    codes : Codes, optional
        The same row, if it is encoded already.
    """
    card = reader.room.card
    parts = attribution.attribute(group.fitted, values if codes is None else codes)
    model = reader.room.model
    raw = float(parts.raw_score[0])
    slope = chord_slope(model.estimate, raw, group.fitted.baseline)
    contributions = dict(zip(parts.feature_names, parts.values[0], strict=True))
    digits = None if reader.viewer.policy.exact_values else ROUNDED_DIGITS
    signals = signal_shares(card, values.iloc[0], group.typical, contributions, slope, digits)
    sign = 1.0 if card.model.higher_score_is == "riskier" else -1.0
    low, high = drawn_scale(reader, record, group.record)
    residual = float(parts.residual[0])
    return r.DecisionResult(
        snapshot_id=reader.snapshot_id,
        n=1,
        n_total=int(reader.totals()["n"]),
        application_id=record.application_id,
        partner=record.partner,
        application_date=record.application_date,
        decision="declined" if record.decision == "declined" else "approved",
        recorded_decision=record.recorded_decision,
        stage=stage_of(record),
        rule_reason=None if record.rule_no is None else card.decision.policy_rules[record.rule_no].reason,
        outcome_words=card.model.outcome,
        outcome_past=card.model.outcome_past,
        scale="probability" if model.link == "sigmoid" else "outcome",
        riskier_up=sign > 0,
        raw_score=raw,
        estimate=float(model.estimate(np.array([raw]))[0]),
        cutoff=record.cutoff,
        explained=1 - abs(residual) / max(abs(raw - group.fitted.baseline), abs(residual), 1e-300),
        residual=residual,
        comparison=compare_with(reader, group, low, high),
        families=family_shares(card, signals, sign),
        experience=None,
    )


def stage_of(record: ApplicationRecord) -> r.Stage:
    """Return where a decision was made."""
    stages: dict[str, r.Stage] = {"policy rule": "policy rule", "review": "review"}
    return stages.get(record.stage, "model")


def compute_agreement(result: r.DecisionResult, other: r.DecisionResult) -> r.Agreement:
    """Compare the reasons of one decision against two comparison groups."""
    first, second = r.shown_rows(result).against, r.shown_rows(other).against
    ids, others = [f.family for f in first], [f.family for f in second]
    gone = tuple(f.label for f in first if f.family not in others)
    come = tuple(f.label for f in second if f.family not in ids)
    return r.Agreement(other.comparison.name, len(ids), len(set(ids) & set(others)), gone, come)


def signal_shares(
    card: Card,
    values: pd.Series,
    typical: Mapping[str, Mapping[Any, Any]],
    contributions: Mapping[str, float],
    slope: float,
    digits: int | None = None,
) -> dict[str, r.SignalShare]:
    """Put every signal's contribution beside its value and the group's typical value, both to `digits` digits."""
    shares = {}
    known, missing = values.to_dict(), values.isna().to_dict()
    for name, contribution in contributions.items():
        feature, value = card.features[name], known[name]
        shares[name] = r.SignalShare(
            name=name,
            label=feature.label,
            contribution=float(contribution),
            points=float(to_points(np.float64(contribution), slope)),  # type: ignore[arg-type]
            value=value_words(feature, None if missing[name] else value, digits),
            typical=typical_words(feature, typical[name], digits),
            exact="" if missing[name] else value if isinstance(value, str) else f"{float(value):.12g}",
            side=value_side(feature, value, typical[name]),
        )
    return shares


def value_words(feature: FeatureBlock, value: float | str | None, digits: int | None = None) -> str:
    """Write a value as the card says, to so many digits; values with words of their own are codes, not rounded."""
    plain = value if value is None or isinstance(value, str) else float(value)
    if digits is not None and isinstance(plain, float) and f"{plain:g}" not in feature.levels:
        plain = float(f"{plain:.{digits}g}")
    return with_unit(plain, feature.unit, levels=feature.levels, missing=feature.missing_means)


def typical_words(feature: FeatureBlock, typical: Mapping[Any, Any], digits: int | None = None) -> str:
    """Write a group's typical value; where most of the group have none, that is what is typical."""
    if typical["missing_share"] > 0.5:
        return feature.missing_means
    if feature.unit is Unit.CATEGORY or pd.isna(typical["median"]):
        return value_words(feature, None if pd.isna(typical["mode"]) else str(typical["mode"]))
    return value_words(feature, float(typical["median"]), digits)


def drawn_scale(reader: Reader, record: ApplicationRecord, group: GroupRecord) -> tuple[float, float]:
    """Return the ends of the drawn scale: the group, the cut-off and the application all fit."""
    marks = [record.estimate, record.cutoff, *(b for b in (group.band_low, group.band_high) if b is not None)]
    if reader.room.model.link == "sigmoid":
        top = max(*marks, 0.0) * 1.6
        return 0.0, min(1.0, max(0.1, math.ceil(top * 20) / 20))
    room = 0.15 * max(max(marks) - min(marks), 1e-9)
    return min(marks) - room, max(marks) + room


def compare_with(reader: Reader, group: FittedGroup, low: float, high: float) -> r.Comparison:
    """Describe the comparison group for one picture."""
    counts = group.density(low, high)
    shares = counts / max(counts.sum(), 1)
    baseline = group.fitted.baseline
    return r.Comparison(
        name=group.record.name,
        n=group.record.n,
        own_only=group.record.own_only,
        rule=group.record.rule,
        content_hash=group.fitted.sha256,
        baseline=baseline,
        baseline_estimate=float(reader.room.model.estimate(np.array([baseline]))[0]),
        density=tuple(float(s) for s in shares),
        drawn=int(counts.sum()),
        low=low,
        high=high,
    )


def experience(reader: Reader, estimate: float) -> r.Experience | None:
    """Count the outcomes of past applications with the closest estimates."""
    within = CLOSE if reader.room.model.link == "sigmoid" else math.inf
    n, k = reader.outcomes_near(estimate, NEAREST, within)
    if n < ENOUGH:
        return None
    low, high = wilson(k, n)
    return r.Experience(n, k, low, high)
