"""What a snapshot is built from: card, model, table, and everything wrong with their match."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from data.card_match import ColumnProfile, match_card, match_notes
from data.card_schema import Card
from data.cards import LoadedCard, look_at_card, title_of
from data.errors import CardError, InputProblems, ModelFileError, Problem, SnapshotError
from data.files import stamp
from data.group_tables import check_groups_source
from data.manifest import SCHEMA, hash_file
from data.models import CreditModel
from data.policy_rules import ParsedRule, fit_rule, parse_rule
from data.reason_catalogue import SHIPPED, Catalogue, check_card_reasons, read_catalogue
from data.snapshots import RESERVED, read_card_model
from data.stages import extra_columns
from data.staging import SourceSpec, StagingRoles, profile_columns, source_at

Found = TypeVar("Found")
NO_ROWS = Problem("the table", "no row", "at least two applications", "Export the table again.")


@dataclass(frozen=True)
class BuildInputs:
    """A card, its model and its table, checked against each other."""

    loaded: LoadedCard
    """The card as read."""
    model: CreditModel
    """The model as read."""
    catalogue: Catalogue
    """What may be told to applicants."""
    source: SourceSpec
    """The table of applications."""
    groups: SourceSpec | None
    """The table of protected attributes, where the card names one."""
    roles: StagingRoles
    """Which column of the table means what."""
    rules: tuple[ParsedRule, ...]
    """The card's policy rules."""
    extras: Mapping[str, Path]
    """Further files of the snapshot, by the names they get."""
    hashes: Mapping[str, str]
    """SHA-256 of card, model, tables and further files as they were read."""
    stamps: Mapping[Path, tuple[int, ...]]
    """Size and time of change of every file, to tell that one was changed meanwhile."""
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

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader should know of the card."""
        return tuple(match_notes(self.loaded))

    def check_unchanged(self) -> None:
        """Check that no file was changed since it was hashed.

        Raises
        ------
        SnapshotError
            Some were: their hashes would speak of other numbers than the snapshot's.
        """
        changed = [path.name for path, before in self.stamps.items() if stamp(path) != before]
        if changed:
            found = f"Changed while the snapshot was being built: {', '.join(changed)}."
            raise SnapshotError("The snapshot was not published", found, "Build it again.")


def read_inputs(card_path: Path, seed: int, extras: Mapping[str, Path] | None = None) -> BuildInputs:
    """Read a card with its model and profile its table; report every problem of all of them at once.

    Parameters
    ----------
    card_path : Path
        The card; model and tables lie where it says.
    seed : int
        Seed of everything drawn at random.
    extras : mapping of str to Path, optional
        Further files to keep with the snapshot, by the names they get.

    Raises
    ------
    InputProblems
        Everything wrong with the card, its model, its tables, and between them.
    """
    loaded, problems = look_at_card(card_path)
    if loaded is None:
        raise CardError(title_of(card_path), problems)
    card = loaded.card
    model = _collect(problems, loaded, lambda: read_card_model(card, loaded.folder / card.model.file))
    table = card.applications
    source = _collect(problems, loaded, lambda: source_at(loaded.folder / table.source, table.table, table.sql))
    columns = None if source is None else _collect(problems, loaded, lambda: profile_columns(source))
    groups = _collect(problems, loaded, lambda: _groups_source(loaded))
    statements = SHIPPED if card.reasons is None else loaded.folder / card.reasons.catalogue
    catalogue = _collect(problems, loaded, lambda: read_catalogue(statements))
    if catalogue is not None:
        problems += check_card_reasons(card, catalogue)
    if columns is not None and not any(column.n for column in columns.values()):
        problems.append(NO_ROWS)
    elif model is not None and columns is not None:
        problems += match_card(loaded, model, columns)
    if problems or model is None or source is None or columns is None or catalogue is None:
        raise InputProblems(f"{card_path.name}, its model and its table cannot be used together", problems)
    rules = tuple(_rule(rule.when, columns) for rule in card.decision.policy_rules)
    files = {"card": loaded.path, "model": model.path, "applications": source.path}
    files |= {"reasons": statements} | ({} if groups is None else {"groups": groups.path})
    files |= {f"extra {name}": path for name, path in _checked(extras or {}).items()}
    stamps = {path: stamp(path) for path in files.values()}
    hashes = {name: hash_file(path) for name, path in files.items()}
    hashes |= {"card": loaded.sha256, "model": model.sha256, "reasons": catalogue.sha256}
    roles = staging_roles(card, model)
    return BuildInputs(loaded, model, catalogue, source, groups, roles, rules, extras or {}, hashes, stamps, seed)


def _collect(problems: list[Problem], loaded: LoadedCard, read: Callable[[], Found]) -> Found | None:
    """Read one input; what is wrong with it goes to the report, so that the others are looked at too."""
    try:
        return read()
    except InputProblems as e:
        problems += e.problems
    except ModelFileError as e:
        found = f"{e.title[:1].lower()}{e.title[1:]}: {e.message.rstrip('.')}"
        problems.append(Problem(loaded.place("model", "file"), found, "a model saved by LightGBM as text", e.remedy))
    return None


def _groups_source(loaded: LoadedCard) -> SourceSpec | None:
    block = loaded.card.groups
    if block is None:
        return None
    source = source_at(loaded.folder / block.source, block.table, None)
    check_groups_source(block, source)
    return source


def _checked(extras: Mapping[str, Path]) -> Mapping[str, Path]:
    """Refuse names that are a path, hidden, or those of the snapshot's own files."""
    for name in extras:
        if name in RESERVED or name.startswith(".") or Path(name).name != name:
            raise ValueError(f"a further file of a snapshot cannot be named {name!r}")
    return extras


def _rule(when: str, columns: Mapping[str, ColumnProfile]) -> ParsedRule:
    rule = parse_rule(when)
    return fit_rule(rule, columns[rule.column].type)


def staging_roles(card: Card, model: CreditModel) -> StagingRoles:
    """Say which column of the table means what."""
    table = card.applications
    categorical = {name: _levels(model, name) for name in (*model.categorical_features, *model.categories)}
    return StagingRoles(
        id=table.id,
        partner=table.partner,
        date=table.date,
        outcome=table.outcome,
        decision=table.decision,
        score=table.score,
        held_out=table.held_out,
        numeric=tuple(name for name in model.feature_names if name not in categorical),
        categorical=categorical,
        approved_values=table.approved_values,
        declined_values=table.declined_values,
        extra=extra_columns(card, set(model.feature_names)),
    )


def _levels(model: CreditModel, name: str) -> tuple[str, ...] | None:
    levels = model.categories.get(name)
    return None if levels is None else tuple(str(level) for level in levels)
