"""One snapshot whose card lets signals change."""

from __future__ import annotations

import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.snapshots import Snapshot, open_reader
from tests.explainers.conftest import PARTNER
from tests.explainers.what_if.worlds import build


@pytest.fixture(scope="session")
def changeable_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The snapshot, opened as the app opens it."""
    return build(tmp_path_factory.mktemp("changeable"))


@pytest.fixture
def reader(changeable_snapshot: Snapshot):
    """The snapshot for a specialist."""
    return open_reader(changeable_snapshot, LOCAL_VIEWER)


@pytest.fixture
def partner_reader(changeable_snapshot: Snapshot):
    """The snapshot for one partner."""
    return open_reader(changeable_snapshot, Viewer("p", Audience.PARTNER, PARTNER))
