"""One small snapshot for the tests of evidence, built once a session, and its world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers.evidence.world import World
from tests.explainers.evidence.worlds import first, world_of
from tests.explainers.what_if.worlds import changeable
from tests.snapshots_for_tests import small_snapshot


@pytest.fixture(scope="session")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published snapshot in whose card some signals may change."""
    folder = tmp_path_factory.mktemp("evidence")
    return small_snapshot(folder / "snapshots", folder / "inputs", card=changeable)


@pytest.fixture(scope="session")
def whole_world(evidence_folder: Path) -> Iterator[World]:
    """The world of that snapshot, with all applications that were tested."""
    with world_of(evidence_folder) as world:
        yield world


@pytest.fixture(scope="session")
def world(whole_world: World) -> World:
    """The same with the first 200 applications."""
    return first(whole_world, 200)
