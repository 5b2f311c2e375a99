"""One real snapshot for the tests of what is computed from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.snapshots import Snapshot, open_reader, open_snapshot
from tests.snapshots_for_tests import small_snapshot

PARTNER = "First Harbor Bank"


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small snapshot, opened as the app opens it."""
    folder = tmp_path_factory.mktemp("explainers")
    built: Path = small_snapshot(folder / "snapshots", folder / "inputs")
    return open_snapshot(folder / "snapshots", built.parent.name, built.name)


@pytest.fixture
def reader(snapshot: Snapshot):
    """The snapshot for a specialist."""
    return open_reader(snapshot, LOCAL_VIEWER)


@pytest.fixture
def partner_reader(snapshot: Snapshot):
    """The snapshot for one partner."""
    return open_reader(snapshot, Viewer("p", Audience.PARTNER, PARTNER))
