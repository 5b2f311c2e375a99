"""Compare a card with its model and its table: what one of them names, the others must know.

Everything here works on names and column profiles; no row is read, so the whole report can be
printed before a build starts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from data.card_schema import Card, FeatureBlock, Unit
from data.cards import LoadedCard
from data.errors import CandorError, Problem
from data.policy_rules import ColumnType, fit_rule, parse_rule
from data.prohibited import find_notes, find_prohibited
from data.stages import stage_problems
from data.suggestions import did_you_mean

MAX_DISTINCT = 200
"""Most distinct values of a text column that a profile lists."""


@dataclass(frozen=True)
class ColumnProfile:
    """What is known of a column of the table without looking at single applications."""

    name: str
    """The column's name as it stands in the table."""
    type: ColumnType
    """"number", "text", "date" or "boolean"."""
    n: int
    """Rows of the table."""
    n_missing: int
    """Rows without a value (NULL or NaN)."""
    n_distinct: int
    """Distinct values, not counting missing; may be capped above `MAX_DISTINCT`."""
    distinct_values: tuple[str, ...] = ()
    """All distinct values of a text column with at most `MAX_DISTINCT` of them; else empty."""

    @property
    def values_known(self) -> bool:
        """Whether `distinct_values` is complete."""
        return 0 < self.n_distinct == len(self.distinct_values)


class ModelInputs(Protocol):
    """What is asked of a model here; `data.models.CreditModel` has it."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the inputs, in the model's order."""

    @property
    def categorical_features(self) -> tuple[str, ...]:
        """Inputs that the model reads as categories."""

    @property
    def categories(self) -> Mapping[str, tuple[Any, ...]]:
        """Level values of each category in code order, where the model's file has them."""

    @property
    def link(self) -> str:
        """How a raw score becomes an estimate: "sigmoid", "identity", "exp", …."""


Columns = Mapping[str, ColumnProfile]


def match_card(loaded: LoadedCard, model: ModelInputs, columns: Columns) -> list[Problem]:
    """Return every problem between a card, its model and its table; an empty list if they fit.

    Parameters
    ----------
    loaded : LoadedCard
        A card that `read_card` accepted.
    model : ModelInputs
        Its model.
    columns : mapping of str to ColumnProfile
        The columns of the table of applications, by name.
    """
    problems = [
        *_names(loaded, model),
        *_prohibited(loaded, model),
        *_roles(loaded, model, columns),
        *_cutoffs(loaded, model, columns),
        *_policy_rules(loaded, columns),
        *stage_problems(loaded, columns),
    ]
    inputs = set(model.feature_names)
    spare = [column for column in columns if column not in loaded.card.features]
    for name, feature in loaded.card.features.items():
        if name in columns:
            problems += _feature(loaded, name, feature, model, columns[name])
        elif name in inputs:
            remedy = f"{did_you_mean(name, spare)}Rename the column, or add it to the table."
            place = loaded.place("features", name)
            problems.append(Problem(place, "no such column in the table", "a column for each signal", remedy))
    return problems


def match_notes(loaded: LoadedCard) -> list[str]:
    """Return sentences about signals that are allowed but need care, such as the applicant's age."""
    care = {
        "age": "Age may be scored only if no applicant aged 62 or older is worse off for it (12 CFR 1002.6(b)(2)).",
        "familial status": "The Fair Housing Act protects familial status in loans for a home.",
        "disability": "The Fair Housing Act protects people with a disability in loans for a home.",
        "disputes": "Disputing a debt in good faith is a consumer's right and must not count against them.",
    }
    found = find_notes(loaded.card.features)
    return [f"The signal {one.name} points to {one.basis}. {care[one.basis]}" for one in found]


def table_roles(card: Card) -> Iterator[tuple[str, str]]:
    """Yield each role of the table with its column: ("id", "application_id"), ("date", "applied_on"), …."""
    for role in ("id", "partner", "date", "outcome", "decision", "score", "held_out"):
        column = getattr(card.applications, role)
        if column is not None:
            yield role, column


def _names(loaded: LoadedCard, model: ModelInputs) -> Iterator[Problem]:
    """The model's inputs and the card's features must be the same names."""
    described, inputs = loaded.card.features, set(model.feature_names)
    unknown = [name for name in described if name not in inputs]
    missing = [name for name in model.feature_names if name not in described]
    for name in missing:
        remedy = f"{did_you_mean(name, unknown)}Add it under features, or rename the entry."
        yield Problem(f"model signal {name}", "no entry in the card", "an entry for each signal of the model", remedy)
    for name in unknown:
        remedy = f"{did_you_mean(name, missing)}Remove the entry, or mend its name."
        allowed = "signals of the model"
        yield Problem(loaded.place("features", name), "a name the model does not have", allowed, remedy)


def _prohibited(loaded: LoadedCard, model: ModelInputs) -> Iterator[Problem]:
    for found in find_prohibited(model.feature_names, loaded.card.prohibited):
        points = found.basis if found.basis.startswith("on ") else f"points to {found.basis}"
        remedy = "Train the model without it. If the name misleads, rename the column."
        place = f"model signal {found.name}"
        yield Problem(place, f"an input that is prohibited ({points})", "no prohibited basis as an input", remedy)
    groups = loaded.card.groups
    for position, attribute in enumerate(groups.attributes if groups else ()):
        if set(attribute.columns) & set(model.feature_names):
            place = loaded.place("groups", "attributes", position, "name")
            remedy = "Train the model without it, or take it out of groups."
            yield Problem(place, "an attribute that is also a model input", "attributes the model never sees", remedy)


def _roles(loaded: LoadedCard, model: ModelInputs, columns: Columns) -> Iterator[Problem]:
    for role, column in table_roles(loaded.card):
        place = loaded.place("applications", role)
        if column not in columns:
            remedy = f"{did_you_mean(column, columns)}Mend the name, or add the column."
            yield Problem(place, f"no column {column[:60]!r} in the table", "a column of the table", remedy)
            continue
        if role in {"id", "outcome", "decision", "score", "held_out"} and column in model.feature_names:
            remedy = "Train the model without it, or name another column."
            yield Problem(place, f"the {role} is also a model input", "a column the model does not read", remedy)
        if role in {"outcome", "score", "held_out"} and columns[column].type not in {"number", "boolean"}:
            remedy = "Write it as numbers: 1 and 0." if role != "score" else "Write it as numbers."
            yield Problem(place, f"a column of {columns[column].type}", "a column of numbers", remedy)
    yield from _decision_values(loaded, columns)


def _decision_values(loaded: LoadedCard, columns: Columns) -> Iterator[Problem]:
    applications = loaded.card.applications
    profile = columns.get(applications.decision or "")
    if profile is None or not profile.values_known:
        return
    for key in ("approved_values", "declined_values"):
        if not set(getattr(applications, key)) & set(profile.distinct_values):
            seen = ", ".join(profile.distinct_values[:8])
            remedy = f"The column holds: {seen}."
            place = loaded.place("applications", key)
            yield Problem(place, f"values that never occur in {profile.name}", "values of the decision column", remedy)


_RANGES = {"sigmoid": (0.0, 1.0), "exp": (0.0, math.inf), "log1p_exp": (0.0, math.inf)}
"""Estimates each link can give; ends are never reached. Links that are not listed give any number."""


def _cutoffs(loaded: LoadedCard, model: ModelInputs, columns: Columns) -> Iterator[Problem]:
    cutoffs = loaded.card.decision.cutoffs
    low, high = _RANGES.get(model.link, (-math.inf, math.inf))
    named: dict[tuple[str, ...], float] = {("default",): cutoffs.default}
    named |= {("partners", name): value for name, value in cutoffs.partners.items()}
    allowed = f"between {low:g} and {high:g}" if math.isfinite(high) else f"above {low:g}"
    for keys, value in named.items():
        if not low < value < high:
            hint = f"Write {value / 100:g} for {value:g} %. " if high == 1 and 1 < value < 100 else ""
            place = loaded.place("decision", "cutoffs", *keys)
            yield Problem(place, f"{value:g}", allowed, f"{hint}A cut-off is on the scale of the estimate.")
    yield from _partners(loaded, columns)


def _partners(loaded: LoadedCard, columns: Columns) -> Iterator[Problem]:
    partners, column = loaded.card.decision.cutoffs.partners, loaded.card.applications.partner
    if not partners:
        return
    place = loaded.place("decision", "cutoffs", "partners")
    if column is None:
        remedy = "Name the column under applications.partner, or remove these cut-offs."
        yield Problem(place, "cut-offs by partner, but no partner column", "a partner column", remedy)
        return
    profile = columns.get(column)
    for name in partners if profile is not None and profile.values_known else ():
        if profile is not None and name not in profile.distinct_values:
            remedy = f"{did_you_mean(name, profile.distinct_values)}Mend the name, or remove the cut-off."
            place = loaded.place("decision", "cutoffs", "partners", name)
            yield Problem(place, f"no partner {name[:60]!r} in the table", "partners of the table", remedy)


def _policy_rules(loaded: LoadedCard, columns: Columns) -> Iterator[Problem]:
    for position, rule in enumerate(loaded.card.decision.policy_rules):
        place = loaded.place("decision", "policy_rules", position, "when")
        try:
            parsed = parse_rule(rule.when)
        except CandorError:
            continue  # the report on the card itself says what is wrong with it
        if parsed.column not in columns:
            remedy = f"{did_you_mean(parsed.column, columns)}Mend the rule, or add the column."
            yield Problem(place, f"no column {parsed.column[:60]!r} in the table", "a column of the table", remedy)
            continue
        try:
            fit_rule(parsed, columns[parsed.column].type)
        except CandorError as error:
            yield Problem(place, repr(rule.when[:60]), error.message, error.remedy)


def _feature(
    loaded: LoadedCard, name: str, feature: FeatureBlock, model: ModelInputs, profile: ColumnProfile
) -> Iterator[Problem]:
    def problem(keys: tuple[str, ...], found: str, allowed: str, remedy: str) -> Problem:
        return Problem(loaded.place("features", name, *keys), found, allowed, remedy)

    categorical = name in model.categorical_features
    if categorical and feature.unit not in {Unit.CATEGORY, Unit.YES_NO}:
        allowed = "category, since the model reads it as categories"
        yield problem(("unit",), feature.unit.value, allowed, "Write unit: category, or yes or no.")
    if not categorical and name in model.feature_names and profile.type in {"text", "date"}:
        remedy = "Give the column the numbers that the model was trained on."
        yield problem((), f"a column of {profile.type}", "numbers, since the model reads it as a number", remedy)
    if profile.n_missing and feature.reason.missing is None:
        share = f"{profile.n_missing:,} of {profile.n:,} values missing and no reason for it"
        remedy = "Add reason.missing: what an applicant is told when the empty value counts against them."
        yield problem(("reason",), share, "a reason for missing", remedy)
    known = _known_values(name, model, profile)
    for level in feature.levels if known else ():
        if _plain(level) not in known:
            remedy = f"{did_you_mean(level, known)}Mend or remove it."
            yield problem(
                ("levels", level), f"a value that never occurs: {level[:60]!r}", "values of the column", remedy
            )


def _known_values(name: str, model: ModelInputs, profile: ColumnProfile) -> set[str]:
    """Return every value a level may name, or nothing when not all are known."""
    trained = {_plain(level) for level in model.categories.get(name, ())}
    if profile.values_known:
        return trained | {_plain(value) for value in profile.distinct_values}
    # a column of numbers lists no values, so that the model's own levels are the whole list
    return trained


def _plain(value: Any) -> str:
    """Write a level as people would: 1.0 as 1, True as true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
