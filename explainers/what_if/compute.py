"""Answering a what-if question: `compute_what_if` → `WhatIfResult`; `compute_editor` says what may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from data.card_schema import Card
from data.policy import Policy
from data.policy_rules import ColumnType, fit_rule, matches, parse_rule
from data.reader import Reader
from data.reason_catalogue import Catalogue
from data.records import ApplicationRecord
from data.stages import review_band
from explainers.decision.compute import ROUNDED_DIGITS, FittedGroup, explain_record, value_words
from explainers.decision.disclosure import disclose
from explainers.decision.result import DecisionResult
from explainers.precision import to_step
from explainers.what_if import changes as c
from explainers.what_if import result as r
from explainers.what_if.address import write_changes

POINT = 0.01
"""A percentage point: what a partner's what-if estimates are rounded to, so that few questions tell little."""


def compute_editor(reader: Reader, application_id: str) -> r.EditorResult:
    """Return what a viewer may change about an application.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    application_id : str
        The number, masked where numbers are.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer.
    """
    room, policy = reader.room, reader.viewer.policy
    record = room.application(application_id)
    row = row_of(reader, record)
    allowed = c.allowed_changes(room.card, room.model.shape, row, policy)
    shown = {n: f for n, f in room.card.features.items() if n in row and _shown(policy, room.card, n)}
    closed = {n: f for n, f in shown.items() if f.actionable is not None and n not in allowed}
    return r.EditorResult(
        snapshot_id=reader.snapshot_id,
        n=1,
        n_total=int(reader.totals()["n"]),
        application_id=record.application_id,
        rows=tuple(_editor_row(one, _digits(policy)) for one in allowed.values()),
        missing=tuple(f.label for n, f in closed.items() if c.is_missing(row[n])),
        ended=tuple(f.label for n, f in closed.items() if not c.is_missing(row[n])),
        fixed=tuple(f.label for f in shown.values() if f.actionable is None),
    )


def _editor_row(one: c.Allowed, digits: int | None) -> r.EditorRow:
    low, high = one.ends
    finite = not one.levels
    return r.EditorRow(
        name=one.name,
        label=one.feature.label,
        definition=one.feature.definition,
        on_file=value_words(one.feature, one.value, digits),
        low=low if finite and np.isfinite(low) else None,
        high=high if finite and np.isfinite(high) else None,
        step=one.step,
        levels={level: one.feature.levels.get(level, level) for level in one.levels},
    )


def compute_what_if(
    reader: Reader, application_id: str, group: FittedGroup, changes: Mapping[str, c.Value | None]
) -> r.WhatIfResult:
    """Score and explain one application with changed values, beside the same application as on file.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    application_id : str
        The number, masked where numbers are.
    group : FittedGroup
        The comparison group, from `explainers.decision.compute.fit_group`.
    changes : mapping of str to number or text
        New values by signal, as typed or from a link. Every one is checked here.

    Returns
    -------
    WhatIfResult
        Cut to the viewer's policy; for an audience that gets rounded values, estimates in whole percentage points.

    Raises
    ------
    ChangeProblems
        The card does not allow these changes; all problems at once.
    NotFoundForViewer
        No such application for this viewer.
    """
    room, policy = reader.room, reader.viewer.policy
    record = room.application(application_id)
    values = room.signal_values([record.row_no])
    row = row_of(reader, record, values)
    allowed = c.allowed_changes(room.card, room.model.shape, row, policy)
    clean = c.check_changes(room.card, allowed, row, changes)
    after = c.changed_row(room.card, row, clean)
    changed_values = values.assign(**{name: [after[name]] for name in after if after[name] is not row[name]})
    decided, unknown = decide(reader, record, row, after, changed_values)
    original = _cut(explain_record(reader, record, values, group), policy, room.card, room.catalogue)
    changed = original  # nothing is changed yet, and the model and the rules say again what is on record
    if clean or decided != record:
        changed = _cut(explain_record(reader, decided, changed_values, group), policy, room.card, room.catalogue)
    written, hidden = _changes(room.card, policy, row, after, clean)
    return r.WhatIfResult(
        snapshot_id=reader.snapshot_id,
        n=1,
        n_total=original.n_total,
        question=write_changes(clean),
        original=original,
        changed=changed,
        changes=written,
        hidden_moves=hidden,
        moves=_moves(original, changed),
        step=None if policy.exact_scores else _step(original),
        rule_unknown=unknown,
    )


def row_of(reader: Reader, record: ApplicationRecord, values: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the values of one application by signal."""
    rows = reader.room.signal_values([record.row_no]) if values is None else values
    return {str(name): value for name, value in rows.iloc[0].items()}


def decide(
    reader: Reader, record: ApplicationRecord, row: Mapping[str, Any], after: Mapping[str, Any], values: pd.DataFrame
) -> tuple[ApplicationRecord, bool]:
    """Return what the rules and the cut-off say of changed values, and whether a rule is left that cannot be checked.

    Rules on columns outside the model keep what they said; the stored decision tells the first rule that matched, so
    of later ones nothing is known.
    """
    card, model = reader.room.card, reader.room.model
    rule_no, unknown = None, False
    for position, rule in enumerate(card.decision.policy_rules):
        parsed = parse_rule(rule.when)
        if parsed.column in after:
            kind: ColumnType = "text" if isinstance(row[parsed.column], str) else "number"
            own = pd.DataFrame({parsed.column: [after[parsed.column]]})
            caught = bool(matches(fit_rule(parsed, kind), own)[0])
        else:
            caught = record.rule_no == position
            unknown |= record.rule_no is not None and position > record.rule_no
        if caught:
            rule_no = position
            break
    raw = float(model.predict_raw(values)[0])
    estimate = float(model.estimate(np.array([raw]))[0])
    passes = estimate <= record.cutoff if card.model.higher_score_is == "riskier" else estimate >= record.cutoff
    band = review_band(card, record.cutoff)
    near = band is not None and band[0] <= estimate <= band[1]
    decided = replace(
        record,
        raw_score=raw,
        estimate=estimate,
        rule_no=rule_no,
        stage="policy rule" if rule_no is not None else "review" if near else "model",
        decision="approved" if passes and rule_no is None else "declined",
    )
    return decided, unknown and rule_no is None


def _cut(whole: DecisionResult, policy: Policy, card: Card, catalogue: Catalogue) -> DecisionResult:
    """Cut a result to the policy; where estimates are not exact, a what-if is rounded further than the decision."""
    result = disclose(whole, policy, card, catalogue)
    if policy.exact_scores:
        return result
    step = _step(result)
    return replace(
        result,
        estimate=to_step(result.estimate, step),
        comparison=replace(
            result.comparison, baseline_estimate=to_step(result.comparison.baseline_estimate, step), density=()
        ),
        families=tuple(replace(f, points=to_step(f.points, step)) for f in result.families),
    )


def _step(result: DecisionResult) -> float:
    """Return what estimates are rounded to: a percentage point, or a hundredth of the drawn scale."""
    if result.scale == "probability":
        return POINT
    return float(f"{max((result.comparison.high - result.comparison.low) / 100, 1e-12):.0e}")


def _shown(policy: Policy, card: Card, name: str) -> bool:
    return policy.signals == "every signal" or card.features[name].audience == "partner"


def _digits(policy: Policy) -> int | None:
    return None if policy.exact_values else ROUNDED_DIGITS


def _changes(
    card: Card, policy: Policy, row: Mapping[str, Any], after: Mapping[str, Any], clean: Mapping[str, c.Value]
) -> tuple[tuple[r.Change, ...], int]:
    """Write every value that is not as on file; count the ones whose labels are not for this audience."""
    moved = [*clean, *(n for n in after if n not in clean and after[n] is not row[n])]
    written = tuple(
        r.Change(
            name=name,
            label=card.features[name].label,
            before=value_words(card.features[name], row[name], _digits(policy)),
            after=value_words(card.features[name], after[name], _digits(policy)),
            linked=name not in clean,
        )
        for name in moved
        if _shown(policy, card, name)
    )
    return written, len(moved) - len(written)


def _moves(original: DecisionResult, changed: DecisionResult) -> tuple[r.FamilyMove, ...]:
    after = {f.family: f.points for f in changed.families}
    moves = [r.FamilyMove(f.family, f.label, f.points, after[f.family]) for f in original.families]
    return tuple(sorted(moves, key=lambda m: (-abs(m.moved), m.family)))
