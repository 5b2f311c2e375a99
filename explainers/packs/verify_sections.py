"""Sections of a pack computed again, from the snapshots that are here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.code_version import code_hash
from data.errors import CandorError
from data.listing import list_snapshots
from data.reason_approvals import ApprovedWords
from data.snapshots import Snapshot, open_snapshot
from data.workspace.pin_parts import Pin
from explainers.packs.evidence_files import SectionEntry
from explainers.packs.recompute import recompute
from explainers.pins.words import say_differences
from explainers.self_checks import SelfCheck
from explainers.style import whole

MOST_SAID = 3
"""Differences that one line names."""


class Shelf:
    """The snapshots of a folder, each opened once and closed together.

    Parameters
    ----------
    root : Path or None
        The folder; None where none was named.
    approvals : sequence of ApprovedWords
        Wording of reasons that was approved in the app.
    """

    def __init__(self, root: Path | None, approvals: Sequence[ApprovedWords] = ()) -> None:
        self._root = root
        self._approvals = approvals
        self._known = {(m.model_id, m.snapshot_id) for m in list_snapshots(root).manifests} if root else set()
        self._opened: dict[tuple[str, str], Snapshot | str] = {}

    def close(self) -> None:
        """Close every snapshot."""
        for one in self._opened.values():
            if isinstance(one, Snapshot):
                one.close()

    def check(self, number: int, section: SectionEntry, pin: Pin | None) -> SelfCheck:
        """Compute the finding and the charts of a section again, where its snapshot is here."""
        title = f"Section {number}, page {section.page}"
        if pin is None:
            return SelfCheck(title, False, "Its pin is missing or damaged, so nothing was computed again.")
        if self._root is None:
            return SelfCheck(title, True, "Only hashes were checked: no folder of snapshots was named.")
        key = (section.model_id, section.snapshot_id)
        if key not in self._known:
            return SelfCheck(title, True, f"Only hashes were checked: snapshot {section.snapshot_id} is not here.")
        snapshot = self._open(self._root, key)
        if isinstance(snapshot, str):
            return SelfCheck(title, False, snapshot)
        if snapshot.manifest.fingerprint != section.snapshot_hash:
            return SelfCheck(title, False, f"Snapshot {section.snapshot_id} here has another hash than the pack names.")
        return _compared(title, pin, snapshot, self._approvals)

    def _open(self, root: Path, key: tuple[str, str]) -> Snapshot | str:
        """Return a snapshot, or why it cannot be opened."""
        if key not in self._opened:
            try:
                self._opened[key] = open_snapshot(root, *key)
            except CandorError as e:
                self._opened[key] = f"Its snapshot cannot be opened: {e.message}"
        return self._opened[key]


def _compared(title: str, pin: Pin, snapshot: Snapshot, approvals: Sequence[ApprovedWords]) -> SelfCheck:
    try:
        found = recompute(pin, snapshot, approvals)
    except CandorError as e:
        return SelfCheck(title, False, f"It could not be computed again: {e.title}.")
    if found is None:
        return SelfCheck(title, True, "The snapshot is the one named. Only hashes were checked for this page.")
    n, parts, rest = whole(found.check.n), whole(found.parts), whole(found.of - found.parts)
    if found.check.verdict == "same":
        said = f"Computed again: the same, {n} words and numbers in {parts} parts. {rest} more parts by hash only."
        return SelfCheck(title, True, said)
    other = "" if pin.shown.source.code_hash == code_hash() else " The code here is not the code that showed it."
    places = " ".join(say_differences(found.check)[:MOST_SAID])
    said = f"Computed again: {whole(found.check.n_differences)} of {n} words and numbers differ.{other} {places}"
    return SelfCheck(title, False, said)
