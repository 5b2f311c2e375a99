"""One small snapshot with protected groups for every test of fairness."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.explainers.fairness.worlds import grouped_snapshot


@pytest.fixture(scope="session")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small snapshot with groups of sex, race and age, and a proxy."""
    return grouped_snapshot(tmp_path_factory.mktemp("fairness") / "home")
