"""What a snapshot is built from: card, model, table, and everything wrong with their match."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from data.card_match import match_card
from data.card_schema import Card
from data.cards import LoadedCard, read_card
from data.errors import InputProblems, Problem
from data.manifest import SCHEMA, hash_file
from data.models import CreditModel, read_model
from data.policy_rules import ParsedRule, fit_rule, parse_rule
from data.staging import SourceSpec, StagingRoles, profile_columns, source_at


@dataclass(frozen=True)
class BuildInputs:
    """A card, its model and its table, checked against each other."""

    loaded: LoadedCard
    """The card as read."""
    model: CreditModel
    """The model as read."""
    source: SourceSpec
    """The table of applications."""
    roles: StagingRoles
    """Which column of the table means what."""
    rules: tuple[ParsedRule, ...]
    """The card's policy rules."""
    hashes: dict[str, str]
    """SHA-256 of card, model and table as they were read."""
    seed: int
    """Seed of everything drawn at random."""

    @property
    def card(self) -> Card:
        """Return the card."""
        return self.loaded.card

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 over everything that decides the snapshot's numbers."""
        parts = [f"{name}={digest}" for name, digest in sorted(self.hashes.items())]
        return hashlib.sha256("\n".join([*parts, f"seed={self.seed}", f"schema={SCHEMA}"]).encode()).hexdigest()


def read_inputs(card_path: Path, seed: int) -> BuildInputs:
    """Read a card with its model and profile its table; report every problem of their match at once.

    Raises
    ------
    CardError
        Everything wrong with the card itself.
    ModelFileError
        The model cannot be read or is of a kind that is not explained.
    InputProblems
        Everything wrong between card, model and table.
    """
    loaded = read_card(card_path)
    card = loaded.card
    model = read_model(loaded.folder / card.model.file, category_columns=_declared_categories(card))
    source = source_at(loaded.folder / card.applications.source, card.applications.table, card.applications.sql)
    columns = profile_columns(source)
    problems = match_card(loaded, model, columns)
    if problems:
        raise InputProblems(f"{card_path.name}, its model and its table do not fit together", problems)
    rules = tuple(_rule(r.when, columns) for r in card.decision.policy_rules)
    hashes = {"card": loaded.sha256, "model": model.sha256, "applications": hash_file(source.path)}
    if card.groups is not None:
        hashes["groups"] = hash_file(loaded.folder / card.groups.source)
    return BuildInputs(loaded, model, source, staging_roles(card, model, rules), rules, hashes, seed)


def _rule(when: str, columns: object) -> ParsedRule:
    rule = parse_rule(when)
    profile = columns[rule.column]  # type: ignore[index]
    return fit_rule(rule, profile.type)


def _declared_categories(card: Card) -> list[str] | None:
    names = [name for name, feature in card.features.items() if feature.unit == "category"]
    return names or None


def staging_roles(card: Card, model: CreditModel, rules: tuple[ParsedRule, ...]) -> StagingRoles:
    """Say which column of the table means what."""
    table = card.applications
    categorical = {name: _levels(model, name) for name in model.categorical_features}
    categorical.update({name: _levels(model, name) for name in model.categories})
    numeric = tuple(name for name in model.feature_names if name not in categorical)
    known = set(model.feature_names)
    return StagingRoles(
        id=table.id,
        partner=table.partner,
        date=table.date,
        outcome=table.outcome,
        decision=table.decision,
        score=table.score,
        held_out=table.held_out,
        numeric=numeric,
        categorical=categorical,
        approved_values=table.approved_values,
        declined_values=table.declined_values,
        extra=tuple(dict.fromkeys(r.column for r in rules if r.column not in known)),
    )


def _levels(model: CreditModel, name: str) -> tuple[str, ...] | None:
    levels = model.categories.get(name)
    return None if levels is None else tuple(str(level) for level in levels)


def problems_of(error: InputProblems) -> tuple[Problem, ...]:
    """Return the problems of a report, to put several reports into one."""
    return error.problems
