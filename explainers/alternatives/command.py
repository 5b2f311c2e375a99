"""``python -m explainers alternatives``: one search, bounded, written to the workspace when it has ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.alternatives_process import bound_this_process, only_one
from data.errors import CandorError
from data.snapshots import open_reader, open_snapshot
from data.workspace import open_workspace
from data.workspace.alternatives import StoredSearch, hash_content, save_search
from data.workspace.tables import time_text
from explainers.alternatives.compute import compute_search
from explainers.alternatives.result import SearchResult
from explainers.alternatives.settings import Settings
from explainers.fairness_drivers.pair import groups_to_choose

Tell = Callable[[str, float], None]


def run_search(
    folder: Path, attribute: str, group: str | None, settings: Settings, who: str | None, tell: Tell
) -> tuple[str, SearchResult]:
    """Run one search with lowered priority and keep what it found.

    Parameters
    ----------
    folder : Path
        A published snapshot.
    attribute : str
        An observed attribute, by its name in the card.
    group : str or None
        The group set against the reference; by default the one approved least often.
    settings : Settings
        Size of the search.
    who : str or None
        Account that asked for it; the person at the machine by default.
    tell : callable
        Told what is being done and the share done; may raise to stop.

    Returns
    -------
    tuple
        Key of the search in the workspace, and what it found.

    Raises
    ------
    CandorError
        Another search is running, or this one cannot be done; nothing was kept.
    """
    viewer = LOCAL_VIEWER if who is None else Viewer(who, Audience.SPECIALIST)
    place = folder.resolve()
    with only_one():
        bound_this_process()
        started = time_text(datetime.now(UTC))
        reader = open_reader(open_snapshot(place.parents[1], place.parent.name, place.name), viewer)
        known = groups_to_choose(reader.protected_groups(), attribute)
        if not known:
            raise CandorError("There is nothing to compare", "This attribute has one group only.", "Choose another.")
        result = compute_search(reader, attribute, group or known[0], settings, tell)
        content = result.to_json()
        search = StoredSearch(
            search_id=str(uuid.uuid4()),
            model_id=result.model_id,
            snapshot_id=result.snapshot_id,
            snapshot_hash=result.snapshot_hash,
            training_hash=result.training_hash,
            code_hash=result.code_hash,
            attribute=attribute,
            seed=settings.seed,
            who=viewer.who,
            started_at=started,
            finished_at=time_text(datetime.now(UTC)),
            content=content,
            content_hash=hash_content(content),
        )
        save_search(open_workspace(), viewer, search)
    return search.search_id, result
