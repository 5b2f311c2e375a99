"""Wording of reasons and its approval: `compute_wording` → `WordingResult`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from data.card_schema import Card
from data.policy import Policy
from data.reader import Reader
from data.reason_approvals import entry_hash, words_hash
from data.reason_catalogue import HMDA, Catalogue, CatalogueEntry, statements_of
from data.workspace.approvals import Approval


@dataclass(frozen=True)
class Wording:
    """All words of one entry of the reason catalogue."""

    code: str
    """Of the entry."""
    entry: CatalogueEntry
    """Statement and explanation, in English and Spanish, with the forms they belong to."""
    denial: str
    """The denial reason of Regulation C it is reported as."""
    approval: Approval | None
    """What became of exactly these words in the workspace; None where nobody proposed them."""


@dataclass(frozen=True)
class WordingResult:
    """Which statements of a card may be made to people outside, and which not yet."""

    snapshot_id: str
    """Id of the snapshot."""
    n: int
    """Statements whose wording is not approved, those without an entry included."""
    n_total: int
    """Statements that the card uses; where a person reviews, also those that a reviewer can give."""
    open: tuple[Wording, ...]
    """Wording that is not approved yet, in the order of the card."""
    approved: tuple[Wording, ...]
    """Wording that was approved in the workspace, in the order of the card."""
    unlisted: tuple[str, ...]
    """Statements without an entry of the catalogue: they cannot be approved."""


def compute_wording(reader: Reader, approvals: Sequence[Approval]) -> WordingResult:
    """List the statements of a card with their approvals.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a specialist.
    approvals : sequence of Approval
        Every wording that was proposed, the newest first.
    """
    card, catalogue = reader.room.card, reader.room.catalogue
    found = _known(approvals)
    used = {statement: catalogue.find(statement) for statement in _statements(card, catalogue)}
    listed = [_wording(*entry, found) for entry in used.values() if entry is not None]
    unlisted = tuple(statement for statement, entry in used.items() if entry is None)
    waiting = tuple(one for one in listed if one.entry.approval.state == "draft")
    result = WordingResult(
        snapshot_id=reader.snapshot_id,
        n=len(waiting) + len(unlisted),
        n_total=len(used),
        open=waiting,
        approved=tuple(one for one in listed if one.approval is not None and one.approval.state == "approved"),
        unlisted=unlisted,
    )
    return disclose(result, reader.viewer.policy)


def _statements(card: Card, catalogue: Catalogue) -> Iterator[str]:
    """Yield the statements that can be made, each as often as the card has it."""
    for *_, statement in statements_of(card):
        found = catalogue.find(statement)
        yield statement if found is None else found[1].statement
    if card.decision.review is not None:  # a reviewer may record the code of any entry
        yield from (entry.statement for entry in catalogue.entries.values())


def _known(approvals: Sequence[Approval]) -> Mapping[str, Approval]:
    """Return what stands of each wording, by its words: the approved one before a later proposal."""
    standing = [one for one in reversed(approvals) if one.state != "withdrawn"]
    standing.sort(key=lambda one: one.state == "approved")
    return {words_hash(one.title, one.body): one for one in standing}


def _wording(code: str, entry: CatalogueEntry, found: Mapping[str, Approval]) -> Wording:
    return Wording(code, entry, HMDA[entry.hmda], found.get(entry_hash(entry)))


def disclose(result: WordingResult, policy: Policy) -> WordingResult:
    """Return nothing of drafts, and of who approves, to people outside: only specialists' numbers are not masked."""
    if policy.rows == "all" and not policy.masked_numbers:
        return result
    return replace(result, n=0, n_total=0, open=(), approved=(), unlisted=())
