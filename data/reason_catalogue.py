"""The reason catalogue: every statement that may be made to an applicant, with its code, its forms and its approval.

A card says which statement belongs to which signal and side (`features.<name>.reason`). The catalogue says what may
leave the house: a statement reaches partners, applicants and notices only when an entry with exactly its words is
approved and in effect. Everything else is a draft, and is shown as one to specialists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from data.card_rules import is_vague
from data.card_schema import Card, Text
from data.card_text import parse_card_text
from data.errors import InputProblems, Problem
from data.files import ROOT
from data.prohibited import prohibited_basis

MOST_BYTES = 1_000_000
SHIPPED = ROOT / "assets" / "reasons.yaml"
"""What comes with Candor: statements for unsecured consumer loans, all of them drafts."""
Side = Literal["high", "low", "missing", "value", "rule"]
"""Which side of the comparison a statement is about; "rule": a policy rule's own reason."""
HMDA = {
    1: "Debt-to-income ratio",
    2: "Employment history",
    3: "Credit history",
    4: "Collateral",
    5: "Insufficient cash (down payment, closing costs)",
    6: "Unverifiable information",
    7: "Credit application incomplete",
    8: "Mortgage insurance denied",
    9: "Other",
}
"""Denial reasons of Regulation C (12 CFR 1003.4(a)(16)) and their codes."""


class CatalogueProblems(InputProblems):
    """A catalogue that cannot be used, with every reason."""


class Approval(BaseModel):
    """Who approved a statement, and from when."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    state: Literal["draft", "approved"]
    by: Text | None = None
    effective: date | None = None


class CatalogueEntry(BaseModel):
    """One statement."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    statement: Text
    """What the applicant is told: names a specific factor."""
    sides: tuple[Side, ...] = Field(min_length=1)
    """Where it may be used: a statement about a high value contradicts a low one."""
    explanation: Text
    """The same in a plain sentence or two."""
    statement_es: Text | None = None
    """The statement in Spanish; the approval of an entry is one of all its words."""
    explanation_es: Text | None = None
    """The explanation in Spanish."""
    form_c1: Text
    """The reason of sample form C-1 (appendix C to Regulation B) it corresponds to, or "Other"."""
    hmda: int = Field(ge=1, le=9)
    """The denial reason of Regulation C it corresponds to."""
    approval: Approval


class _Shape(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    catalogue: Text
    version: Text
    based_on: Literal["shipped"] | None = None
    """Takes over every shipped entry that is not given again."""
    approved: Approval | None = None
    """Approves the entries that are taken over."""
    reasons: dict[str, CatalogueEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """Every statement there is."""

    name: str
    """Name of the catalogue."""
    version: str
    """Its version, as its owner writes it."""
    sha256: str
    """Hash of the file's bytes."""
    entries: Mapping[str, CatalogueEntry]
    """By code."""

    @cached_property
    def _by_words(self) -> dict[str, str]:
        return {_plain(entry.statement): code for code, entry in self.entries.items()}

    def find(self, statement: str) -> tuple[str, CatalogueEntry] | None:
        """Return code and entry of a statement, by its words; None for one that is not in the catalogue."""
        code = self._by_words.get(_plain(statement))
        return None if code is None else (code, self.entries[code])  # read anew: approvals may be given meanwhile

    def is_approved(self, statement: str, on: date) -> bool:
        """Return whether a statement may be made to people outside on a day."""
        found = self.find(statement)
        if found is None:
            return False
        approval = found[1].approval
        return approval.state == "approved" and approval.effective is not None and approval.effective <= on


def read_catalogue(path: Path) -> Catalogue:
    """Read a catalogue and check it.

    Parameters
    ----------
    path : Path
        A YAML file (YAML 1.2, UTF-8).

    Raises
    ------
    CatalogueProblems
        With every problem: shape, a vague statement, a prohibited basis, two entries with the same words, an approval
        without a name or a day.
    """
    try:
        raw = path.read_bytes()
        text = raw[:MOST_BYTES].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(path.name, "a file that cannot be read", "a YAML file in UTF-8", "Check the path.")
        raise CatalogueProblems("The reason catalogue cannot be read", [problem]) from error
    written = parse_card_text(text, path.name)
    problems = list(written.problems)
    shape = None
    if not problems:
        try:
            shape = _Shape.model_validate(written.values)
        except ValidationError as error:
            problems += [_problem(written.place, dict(found)) for found in error.errors()]
    if shape is not None:
        problems += _wrong_words(shape, written.place)
    if shape is None or problems:
        raise CatalogueProblems("The reason catalogue cannot be used", problems)
    if shape.based_on is None:
        return Catalogue(shape.catalogue, shape.version, hashlib.sha256(raw).hexdigest(), shape.reasons)
    digest = hashlib.sha256(raw + SHIPPED.read_bytes()).hexdigest()
    return Catalogue(shape.catalogue, shape.version, digest, {**_taken_over(shape.approved), **shape.reasons})


def _taken_over(approval: Approval | None) -> dict[str, CatalogueEntry]:
    """Return the shipped entries, approved as a file says."""
    shipped = read_catalogue(SHIPPED).entries
    if approval is None:
        return dict(shipped)
    return {code: entry.model_copy(update={"approval": approval}) for code, entry in shipped.items()}


def _problem(place: Any, found: Mapping[str, Any]) -> Problem:
    where = place(*(part for part in found["loc"] if isinstance(part, str | int)))
    return Problem(where, str(found["msg"]), "an entry as in the shipped catalogue", "Mend the entry.")


def _wrong_words(shape: _Shape, place: Any) -> Iterator[Problem]:
    """Yield what is wrong with statements and approvals."""
    seen: dict[str, str] = {}
    for code, entry in shape.reasons.items():
        where = place("reasons", code, "statement")
        if is_vague(entry.statement):
            allowed = "a statement that names a specific factor (12 CFR 1002.9(b)(2))"
            yield Problem(where, repr(entry.statement[:60]), allowed, "Name the factor itself.")
        basis = prohibited_basis(entry.statement) or prohibited_basis(entry.explanation)
        if basis is not None:
            allowed = "no prohibited basis (12 CFR 1002.2(z))"
            yield Problem(where, f"words that point to {basis}", allowed, "Mend the words.")
        other = seen.setdefault(_plain(entry.statement), code)
        if other != code:
            yield Problem(where, f"the words of {other} again", "one entry for one statement", "Remove one of them.")
    approvals = [(("reasons", code, "approval"), entry.approval) for code, entry in shape.reasons.items()]
    for path, approval in [*approvals, *([(("approved",), shape.approved)] if shape.approved else [])]:
        if approval.state == "approved" and (approval.by is None or approval.effective is None):
            found = "an approval without a name or a day"
            yield Problem(place(*path), found, "by and effective", "Say who, and from when.")
    if not shape.reasons and shape.based_on is None:
        yield Problem(place("catalogue"), "no statement", "reasons, or based_on: shipped", "Add at least one.")


def write_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write a catalogue with all its statements into one file, such as a snapshot keeps."""
    reasons = {code: entry.model_dump(mode="json", exclude_none=True) for code, entry in catalogue.entries.items()}
    content = {"catalogue": catalogue.name, "version": catalogue.version, "reasons": reasons}
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)


def check_card_reasons(card: Card, catalogue: Catalogue) -> list[Problem]:
    """Return every statement of a card that the catalogue keeps for another side.

    Parameters
    ----------
    card : Card
        Whose statements.
    catalogue : Catalogue
        What is known of them; a statement that is not in it is a draft, not a problem.
    """
    return [
        Problem(
            f"features.{name}.reason.{side}",
            f"“{statement}”, which the catalogue keeps for {' or '.join(found[1].sides)} values",
            "a statement for this side",
            "Choose another statement, or widen the entry.",
        )
        for name, side, statement in statements_of(card)
        if (found := catalogue.find(statement)) is not None and side not in found[1].sides
    ]


def statements_of(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield signal, side and statement of every reason of a card; policy rules have the side "rule"."""
    for name, feature in card.features.items():
        for side in ("high", "low", "missing", "value"):
            statement = getattr(feature.reason, side)
            if statement:
                yield name, side, statement
    for rule in card.decision.policy_rules:
        yield rule.when, "rule", rule.reason


def _plain(statement: str) -> str:
    return " ".join(statement.split()).rstrip(".").casefold()
