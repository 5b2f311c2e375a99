"""Write the first version of a model card from what the model and the table show.

What names and types tell is filled in and marked ``# guessed``; what a person must decide stays
``TODO``, which `data.cards.read_card` refuses. A reason is never guessed: it is what an applicant
will be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

from data.card_match import ColumnProfile, ModelInputs
from data.card_rules import source_kind
from data.prohibited import find_notes, find_prohibited
from explainers.draft_names import FAMILIES, family_of, label_of, unit_of, words_of

TODO = "TODO"
Columns = Mapping[str, ColumnProfile]


class DraftedModel(ModelInputs, Protocol):
    """What a draft asks of a model; `data.models.CreditModel` has it."""

    @property
    def parsed(self) -> Any:
        """The model's text, read; its `parameters` may hold monotone constraints."""


@dataclass(frozen=True)
class DraftedFeature:
    """What can be said of one signal before a person has looked at it."""

    name: str
    """The signal's name in the model."""
    label: str
    """Its name in words."""
    unit: str
    """Its unit, guessed from name, type and the model's categories."""
    family: str
    """Slug of its family, guessed from a word of its name."""
    direction: str
    """"raises" or "lowers" from the model's monotone constraints, "either" for categories, else "TODO"."""
    has_missing: bool
    """The table has applications without this value."""


def draft_card(model: DraftedModel, columns: Columns, *, model_file: str, source: str) -> str:
    """Return the text of a first card.

    Parameters
    ----------
    model : DraftedModel
        The model to describe.
    columns : mapping of str to ColumnProfile
        The columns of the table of applications, by name.
    model_file, source : str
        Paths of the model and of the table, relative to the place of the card.
    """
    features = draft_features(model, columns)
    others = {name: profile for name, profile in columns.items() if name not in set(model.feature_names)}
    lines = [
        "# A first model card. Replace every TODO; check every line marked # guessed.",
        "card_version: 1",
        "",
        *_model_lines(model_file),
        "",
        *_application_lines(source, others),
        "",
        *_decision_lines(others),
        "",
        *_family_lines(features),
        "",
        "features:",
        *(line for feature in features for line in _feature_lines(feature)),
        *_group_lines(others),
    ]
    return "\n".join(lines) + "\n"


def draft_features(model: DraftedModel, columns: Columns) -> tuple[DraftedFeature, ...]:
    """Return what can be said of each signal, in the model's order."""
    directions = _model_directions(model)
    drafted = []
    for name in model.feature_names:
        profile = columns.get(name)
        unit = unit_of(name, profile, categorical=name in model.categorical_features)
        direction = "either" if unit == "category" else directions.get(name, TODO)
        has_missing = profile is not None and profile.n_missing > 0
        drafted.append(DraftedFeature(name, label_of(name), unit, family_of(name), direction, has_missing))
    return tuple(drafted)


def _model_directions(model: DraftedModel) -> dict[str, str]:
    """Read the direction that training enforced, where the model's file says it."""
    written = str(getattr(model.parsed, "parameters", {}).get("monotone_constraints", ""))
    values = re.findall(r"-?\d+", written)
    if len(values) != len(model.feature_names):
        return {}
    words = {1: "raises", -1: "lowers"}
    return {name: words[int(v)] for name, v in zip(model.feature_names, values, strict=True) if int(v) in words}


def _model_lines(model_file: str) -> Iterator[str]:
    stem = PurePath(model_file).name.split(".")[0]
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:64] or "model"
    yield "model:"
    yield f"  id: {quoted(slug)}  # guessed: used as a folder name"
    yield f"  name: {quoted(label_of(stem))}  # guessed"
    yield f"  version: {TODO}"
    yield f"  file: {quoted(model_file)}"
    yield f"  purpose: {TODO}  # what the model decides or supports, in one sentence"
    yield f"  product: {TODO}"
    yield f"  owner: {TODO}  # who answers for the model"
    yield f"  decided_by: {TODO}  # who decides with it"
    yield f'  outcome: {TODO}  # completes "a 23 % chance of …"'
    yield f'  outcome_past: {TODO}  # completes "23 of 100 applications like this …"'
    yield f"  higher_score_is: {TODO}  # riskier or safer"


def _application_lines(source: str, others: Columns) -> Iterator[str]:
    yield "applications:"
    yield f"  source: {quoted(source)}"
    if source_kind(source) == "duckdb":
        yield f"  table: {TODO}  # or sql: with one SELECT"
    roles = guess_roles(others)
    yield f"  id: {quoted(roles['id'])}  # guessed" if "id" in roles else f"  id: {TODO}  # one value per application"
    for role in ("partner", "date", "outcome", "decision", "score"):
        if role in roles:
            yield f"  {role}: {quoted(roles[role])}  # guessed"
        else:
            yield f"  # {role}: no column looks like it"
    if "decision" in roles:
        yield f"  approved_values: [{TODO}]{_seen(others[roles['decision']])}"
        yield f"  declined_values: [{TODO}]"


def _seen(profile: ColumnProfile) -> str:
    """Say in a comment which values a column of decisions has, so that they need not be looked up."""
    shown = ", ".join(value for value in profile.distinct_values[:8] if value.isprintable())
    return f"  # the column holds: {shown}" if shown else ""


_ROLES: dict[str, tuple[str, ...]] = {
    "id": ("application id", "loan id", "id", "application number", "reference", "record id", "key", "number"),
    "partner": ("partner", "partner id", "bank", "lender", "lei", "originator", "channel", "institution"),
    "date": ("application date", "applied on", "applied at", "date", "activity year", "as of", "month", "timestamp"),
    "outcome": ("default", "outcome", "charge off", "charged off", "bad", "target", "label", "y", "denied"),
    "decision": ("decision", "action taken", "approved", "action", "status", "final decision"),
    "score": ("score", "prediction", "pd", "probability", "estimate"),
}
_ROLE_TYPES = {
    "id": {"number", "text"},
    "partner": {"number", "text"},
    "date": {"date", "text", "number"},
    "outcome": {"number", "boolean"},
    "decision": {"text", "number", "boolean"},
    "score": {"number"},
}


def guess_roles(columns: Columns) -> dict[str, str]:
    """Return the column that most looks like each role of the table, by its name, type and distinct values."""
    roles: dict[str, str] = {}
    for role, phrases in _ROLES.items():
        fitting = [p for p in columns.values() if p.name not in roles.values() and _may_be(role, p)]
        ranked = [(rank, p.name) for p in fitting if (rank := _rank(p.name, phrases)) is not None]
        if ranked:
            roles[role] = min(ranked, key=lambda item: item[0])[1]
    return roles


def _may_be(role: str, profile: ColumnProfile) -> bool:
    if profile.type not in _ROLE_TYPES[role]:
        return False
    if role == "id":
        # profiles may cap their count, so "as many values as rows" cannot be asked of a large table
        return profile.n_missing == 0 and profile.n_distinct >= min(profile.n, 200)
    if role == "score" and {"type", "code", "band", "model"} & set(words_of(profile.name)):
        return False
    return profile.n_distinct <= 2 if role == "outcome" else True


def _rank(name: str, phrases: tuple[str, ...]) -> tuple[int, int, int] | None:
    """Order candidates: the whole name before a part of it, then earlier phrases, then shorter names."""
    words = f" {' '.join(words_of(name))} "
    for position, phrase in enumerate(phrases):
        if words == f" {phrase} ":
            return 0, position, len(name)
    for position, phrase in enumerate(phrases):
        if len(phrase) > 1 and any(f" {phrase}{ending} " in words for ending in ("", "s", "ed")):
            return 1, position, len(name)
    return None


def _decision_lines(others: Columns) -> Iterator[str]:
    yield "decision:"
    yield "  cutoffs:"
    yield f"    default: {TODO}  # on the scale of the estimate; passing includes it"
    partner = guess_roles(others).get("partner")
    if partner is not None and others[partner].values_known and len(others[partner].distinct_values) <= 20:
        yield "    # partners: {NAME: 0.2} if some partners have their own"
    yield '  # policy_rules: [{when: "column < number", reason: what the applicant is told}]'
    yield "  comparison_group: just_approved"


def _family_lines(features: tuple[DraftedFeature, ...]) -> Iterator[str]:
    yield "families:  # guessed from words in the names; a family means one thing to a person"
    for family in dict.fromkeys(feature.family for feature in features):
        label = FAMILIES.get(family) or family.replace("-", " ").capitalize()
        yield f"  {quoted(family)}: {{label: {quoted(label)}}}"


def _feature_lines(feature: DraftedFeature) -> Iterator[str]:
    yield f"  {quoted(feature.name)}:{_warning(feature.name)}"
    yield f"    label: {quoted(feature.label)}  # guessed"
    yield f"    definition: {TODO}"
    yield f"    unit: {feature.unit}  # guessed"
    yield f"    family: {quoted(feature.family)}  # guessed"
    yield f"    direction: {feature.direction}{_direction_note(feature)}"
    kinds = ["value"] if feature.unit == "category" else ["high", "low"]
    reasons = [f"{kind}: {TODO}" for kind in [*kinds, *(["missing"] if feature.has_missing else [])]]
    yield f"    reason: {{{', '.join(reasons)}}}"


def _direction_note(feature: DraftedFeature) -> str:
    if feature.direction == TODO:
        return "  # raises, lowers or either: the expected effect of a higher value"
    return "" if feature.unit == "category" else "  # enforced when the model was trained"


def _warning(name: str) -> str:
    if found := find_prohibited([name]):
        return f"  # prohibited: points to {found[0].basis}; train the model without it"
    return "".join(f"  # needs care: points to {note.basis}" for note in find_notes([name]))


def _group_lines(others: Columns) -> Iterator[str]:
    """Show how to declare columns that look like protected attributes; whether to use them is for a person."""
    sensitive = [found.name for found in [*find_prohibited(others), *find_notes(others)]]
    if sensitive:
        yield ""
        yield "# These columns look like protected attributes. To measure fairness, keep them in a file of their own:"
        yield f"#   {', '.join(quoted(name) for name in sensitive[:40])}"
        yield "# groups: {source: groups.parquet, id: …, attributes: [{name, label, kind: observed, reference}]}"


_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_. /()+-]*[A-Za-z0-9_)])?")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "todo"})


def quoted(text: str) -> str:
    """Write a text as a YAML scalar that every YAML version reads as this text."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in plain)
