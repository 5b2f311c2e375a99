"""Wording of reasons that a second person approved in the workspace, laid over a snapshot's catalogue.

A snapshot keeps the catalogue it was built with; that file and its hash never change. An entry that is a draft there
counts as approved from the day a second person approved exactly its words, until they are withdrawn. Words are told
apart by their hash: a changed comma is another text and needs another approval. Codes and forms are the catalogue's,
so a statement without an entry cannot be approved here.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, select

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.reason_catalogue import Approval as EntryApproval
from data.reason_catalogue import Catalogue, CatalogueEntry
from data.workspace.approvals import Approval, list_approvals, propose
from data.workspace.chain import canonical
from data.workspace.database import Workspace
from data.workspace.tables import APPROVALS

KIND: Literal["reason"] = "reason"
READERS = Audience.PARTNER
"""Who may be told: people outside. Partners stand for them; what a partner may read, an applicant may be sent."""


@dataclass(frozen=True)
class ApprovedWords:
    """One wording that a second person approved and nobody withdrew."""

    words_hash: str
    """Names the words, see `words_hash`."""
    by: str
    """Account of the second person."""
    since: date
    """The day of the approval, where this process runs: notices are dated by the same days."""


def words_of(entry: CatalogueEntry) -> tuple[str, str]:
    """Return an entry's words as a second person reads them: the statement, and the others line by line."""
    named = (
        ("Explanation", entry.explanation),
        ("Spanish", entry.statement_es),
        ("Explanation in Spanish", entry.explanation_es),
    )
    return _one_line(entry.statement), "\n".join(f"{name}: {_one_line(text)}" for name, text in named if text)


def words_hash(title: str, body: str) -> str:
    """Return what names words: a hash over all of them, in both languages."""
    return hashlib.sha256(canonical([title, body]).encode()).hexdigest()


def entry_hash(entry: CatalogueEntry) -> str:
    """Return what names an entry's words."""
    return words_hash(*words_of(entry))


def with_approvals(catalogue: Catalogue, approvals: Iterable[ApprovedWords]) -> Catalogue:
    """Return a catalogue in which drafts whose exact words were approved count as approved.

    Parameters
    ----------
    catalogue : Catalogue
        As the snapshot keeps it; its name, version and hash stay.
    approvals : iterable of ApprovedWords
        What was approved.
    """
    standing = {one.words_hash: one for one in approvals}
    entries = {code: _approved(entry, standing.get(entry_hash(entry))) for code, entry in catalogue.entries.items()}
    return replace(catalogue, entries=entries)


def approvals_hash(catalogue: Catalogue, approvals: Iterable[ApprovedWords]) -> str:
    """Return a hash over the approvals that a catalogue uses: of its drafts, each with person and day."""
    drafts = {entry_hash(entry) for entry in catalogue.entries.values() if entry.approval.state == "draft"}
    used = sorted([one.words_hash, one.by, one.since.isoformat()] for one in approvals if one.words_hash in drafts)
    return hashlib.sha256(canonical(used).encode()).hexdigest()


def propose_words(workspace: Workspace, viewer: Viewer, entry: CatalogueEntry) -> Approval:
    """Propose an entry's words; a second person has to approve them.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    CandorError
        The words cannot be kept.
    """
    title, body = words_of(entry)
    # each wording is a subject of its own: two catalogues may use one code for different words
    return propose(workspace, viewer, KIND, words_hash(title, body), title=title, body=body, audience=READERS)


def list_words(workspace: Workspace, viewer: Viewer) -> tuple[Approval, ...]:
    """Return every wording with its record, for specialists, the newest first.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    return list_approvals(workspace, viewer, KIND)


def approved_words(workspace: Workspace) -> tuple[ApprovedWords, ...]:
    """Return the wording that stands approved.

    The hash is taken from the words that were kept, so a row whose words were changed approves nothing.
    """
    standing = [one for one in list_words(workspace, LOCAL_VIEWER) if one.state == "approved"]
    return tuple(
        ApprovedWords(words_hash(one.title, one.body), one.approved_by or "", _day(one.approved_at or ""))
        for one in standing
    )


class WordsInForce:
    """What this process knows of the approvals: read again when they changed, followed by every open catalogue."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._stamp: tuple[str, int, int] | None = None
        self._standing: Mapping[str, ApprovedWords] = {}

    def follow(self, catalogue: Catalogue) -> Catalogue:
        """Return a catalogue whose approvals are always the ones in force; see `with_approvals`."""
        return replace(catalogue, entries=_Following(catalogue.entries, self.standing))

    def standing(self, name: str) -> ApprovedWords | None:
        """Return the approval of words, by their hash."""
        return self._standing.get(name)

    def refresh(self, workspace: Workspace, changed: Callable[[], None]) -> None:
        """Read the approvals again if any was given or withdrawn, in this process or another.

        Parameters
        ----------
        workspace : Workspace
            Where they are kept.
        changed : callable
            Forgets what was computed with the old ones. It is called after new ones are in force, and before anybody
            who asks goes on; so nothing old is kept by a computation that was under way.
        """
        if _stamp(workspace) == self._stamp:
            return
        with self._reading:
            now = _stamp(workspace)
            if now == self._stamp:
                return  # another visitor was first
            known, first = self._standing, self._stamp is None
            self._standing = {one.words_hash: one for one in approved_words(workspace)}
            if self._standing != known and not first:
                changed()
            self._stamp = now


class _Following(Mapping[str, CatalogueEntry]):
    """Entries of a catalogue, each as approved at the moment it is read."""

    def __init__(self, entries: Mapping[str, CatalogueEntry], standing: Callable[[str], ApprovedWords | None]) -> None:
        self._entries = entries
        self._hashes = {code: entry_hash(entry) for code, entry in entries.items()}
        self._standing = standing

    def __getitem__(self, code: str) -> CatalogueEntry:
        return _approved(self._entries[code], self._standing(self._hashes[code]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _approved(entry: CatalogueEntry, found: ApprovedWords | None) -> CatalogueEntry:
    """Return an entry with its approval; the catalogue's own stays."""
    if found is None or entry.approval.state == "approved":
        return entry
    approval = EntryApproval(state="approved", by=found.by, effective=found.since)
    return entry.model_copy(update={"approval": approval})


def _stamp(workspace: Workspace) -> tuple[str, int, int]:
    """Return what differs after every approval and withdrawal: both only ever become more."""
    c = APPROVALS.c
    wanted = select(func.count(), func.count(c.withdrawn_at)).where(c.kind == KIND, c.approved_at.is_not(None))
    with workspace.read() as connection:
        approved, withdrawn = connection.execute(wanted).one()
    return workspace.workspace_id, int(approved), int(withdrawn)


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone().date()


def _one_line(text: str) -> str:
    return " ".join(text.split())
