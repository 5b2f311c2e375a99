"""Finding recourse: `compute_recourse` → `RecourseResult`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data.card_schema import Card, Unit
from data.errors import CandorError
from data.neighbours import nearest
from data.policy import Policy
from data.policy_rules import parse_rule
from data.reader import Reader
from data.records import ApplicationRecord
from explainers.attribution.engine import Engine
from explainers.decision.compute import ROUNDED_DIGITS, value_words
from explainers.recourse import result as r
from explainers.recourse.candidates import ENOUGH, Population, make_variables
from explainers.recourse.search import BUDGET, Found, SearchResult, search_changes
from explainers.what_if import changes as c
from explainers.what_if.address import write_changes
from explainers.what_if.compute import row_of
from explainers.what_if.result import Change

SHARES = np.linspace(0.0, 1.0, 1001)
"""Steps in which a population is kept: tenths of a percent."""
SHOWN = 4
"""Differences listed of an application like this one."""


def fit_population(reader: Reader) -> Population:
    """Count how common the values of actionable signals are, among the applications this viewer may see.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    """
    card, room = reader.room.card, reader.room
    names = [
        name
        for name, feature in card.features.items()
        if feature.actionable is not None
        and feature.unit is not Unit.CATEGORY
        and name in room.model.feature_names
        and name not in room.model.categories
    ]
    values = room.percentile_values(names, SHARES.tolist())
    total = int(values.attrs["n_total"])
    return Population(int(values.attrs["n"]), total, {name: values[name].to_numpy() for name in names})


def compute_recourse(
    reader: Reader, engine: Engine, application_id: str, population: Population, budget: int = BUDGET
) -> r.RecourseResult:
    """Find the smallest allowed changes that bring an estimate to the passing side of its cut-off.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    engine : Engine
        Made once of the snapshot's model.
    application_id : str
        The number, masked where numbers are.
    population : Population
        From `fit_population` for the same viewer.
    budget : int
        Most nodes of trees to visit.

    Returns
    -------
    RecourseResult
        Cut to the viewer's policy. Every option was scored again by the model and passes.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer.
    """
    room, policy = reader.room, reader.viewer.policy
    record = room.application(application_id)
    row = row_of(reader, record)
    allowed = c.allowed_changes(room.card, room.model.shape, row, policy)
    passes = _passes(room.card, record.cutoff, record.estimate)
    found = SearchResult((), 0, 0, 3, full=True)
    if not passes and allowed:
        found = _search(reader, engine, record, row, allowed, population, budget)
    options = _options(reader, record, row, found.options)
    rule = _rule(room.card, policy, record)
    return r.RecourseResult(
        snapshot_id=reader.snapshot_id,
        n=1,
        n_total=population.n_total,
        application_id=record.application_id,
        state="rule decides" if rule else "passes" if passes else "found" if options else "none",
        options=options,
        scale="probability" if room.model.link == "sigmoid" else "outcome",
        riskier_up=room.card.model.higher_score_is == "riskier",
        cutoff=record.cutoff,
        searched=found.combinations,
        full=found.full,
        full_size=found.full_size,
        open_signals=len(allowed),
        population=population.n if population.n >= ENOUGH else 0,
        rule=rule,
        neighbour=None if record.decision == "approved" else _neighbour(reader, record, row, population),
    )


def _search(
    reader: Reader,
    engine: Engine,
    record: ApplicationRecord,
    row: Mapping[str, Any],
    allowed: Mapping[str, c.Allowed],
    population: Population,
    budget: int,
) -> SearchResult:
    card, model = reader.room.card, reader.room.model
    variables = make_variables(card, engine, row, allowed, population)
    try:
        goal = float(model.raw_from_estimate(record.cutoff))
    except CandorError:  # a cut-off outside what the model can estimate: no score passes it
        return SearchResult((), 0, 0, 3, full=True)
    if not variables:
        return SearchResult((), 0, 0, 3, full=True)
    sign = 1.0 if card.model.higher_score_is == "riskier" else -1.0
    return search_changes(engine, row, variables, goal, sign, budget)


def _passes(card: Card, cutoff: float, estimate: float | None) -> bool:
    if estimate is None:
        return False
    return estimate <= cutoff if card.model.higher_score_is == "riskier" else estimate >= cutoff


def _options(
    reader: Reader, record: ApplicationRecord, row: Mapping[str, Any], found: Sequence[Found]
) -> tuple[r.Option, ...]:
    """Score every option with the model itself and write it in words."""
    if not found:
        return ()
    card, model = reader.room.card, reader.room.model
    after = [c.changed_row(card, row, one.changes) for one in found]
    estimates = model.estimate(model.predict_raw(pd.DataFrame(after), num_threads=1))
    if not all(_passes(card, record.cutoff, float(estimate)) for estimate in estimates):
        raise CandorError(
            "An option does not hold",
            "The model's own score of a change that was found does not pass the cut-off.",
            "Report this: the search and the model disagree.",
        )
    parts = zip(found, after, estimates, strict=True)
    return tuple(_option(card, reader.viewer.policy, row, *part) for part in parts)


def _option(
    card: Card, policy: Policy, row: Mapping[str, Any], found: Found, after: Mapping[str, Any], estimate: float
) -> r.Option:
    moved = [*found.changes, *(n for n in after if n not in found.changes and after[n] is not row[n])]
    shown = [n for n in moved if _shown(policy, card, n)]
    changes = tuple(_change(card, policy, n, row[n], after[n], n not in found.changes) for n in shown)
    exact = float(estimate) if policy.exact_scores else None
    return r.Option(changes, write_changes(found.changes), len(moved) - len(shown), found.effort, exact)


def _change(card: Card, policy: Policy, name: str, before: Any, after: Any, linked: bool) -> Change:
    feature, digits = card.features[name], None if policy.exact_values else ROUNDED_DIGITS
    words = [value_words(feature, None if c.is_missing(v) else v, digits) for v in (before, after)]
    return Change(name, feature.label, words[0], words[1], linked)


def _shown(policy: Policy, card: Card, name: str) -> bool:
    return policy.signals == "every signal" or card.features[name].audience == "partner"


def _rule(card: Card, policy: Policy, record: ApplicationRecord) -> r.RuleNote | None:
    """Return the policy rule that declined an application, and whether what it looks at may change."""
    if record.rule_no is None:
        return None
    rule = card.decision.policy_rules[record.rule_no]
    name = parse_rule(rule.when).column
    feature = card.features.get(name)
    if feature is None or not _shown(policy, card, name):
        return r.RuleNote(rule.reason, None, changeable=False)
    return r.RuleNote(rule.reason, feature.label, changeable=feature.actionable is not None)


def _neighbour(
    reader: Reader, record: ApplicationRecord, row: Mapping[str, Any], population: Population
) -> r.Neighbour | None:
    """Describe the nearest approved application by its differences; its number stays on the server."""
    room, policy = reader.room, reader.viewer.policy
    found = nearest(room.summaries(), record.row_no, 1, "approved")
    if found is None or not found.compared:
        return None
    row_no = int(found.rows["row_no"].iloc[1])
    other = {str(name): value for name, value in room.signal_values([row_no]).iloc[0].items()}
    shown = [name for name in row if _shown(policy, room.card, name)]
    written = [(n, _change(room.card, policy, n, row[n], other[n], linked=False)) for n in shown]
    unlike = [
        (_distance(population, n, row[n], other[n]), change) for n, change in written if change.before != change.after
    ]
    unlike.sort(key=lambda pair: -pair[0])
    return r.Neighbour(found.compared, tuple(change for _, change in unlike[:SHOWN]), len(written) - len(unlike))


def _distance(population: Population, name: str, one: Any, other: Any) -> float:
    """Return how far apart two values are, in shares of the population; a category or a missing value counts a half."""
    if name not in population.values or population.n < ENOUGH or c.is_missing(one) or c.is_missing(other):
        return 0.5 if name in population.values or isinstance(one, str) else 0.25
    below = population.below(name, np.array([float(one), float(other)]))
    return float(abs(below[0] - below[1]))
