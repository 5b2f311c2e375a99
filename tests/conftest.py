"""What every test starts with: a home of its own, and Streamlit's deprecation lines as failures."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Threads are few: the tests share two cores with whatever else runs.
os.environ.setdefault("OMP_NUM_THREADS", "2")
DEPRECATED = ("deprecat", "will be removed")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty `CANDOR_HOME`, so that none reads or writes the snapshots of the checkout."""
    home = tmp_path / "candor-home"
    monkeypatch.setenv("CANDOR_HOME", str(home))
    return home


class _Deprecations(logging.Handler):
    """Collects what Streamlit says about calls that will go: it logs them instead of warning.

    Its loggers do not pass records up, so the handler sits on the one that speaks of deprecation.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if any(word in line.lower() for word in DEPRECATED):
            self.lines.append(line)


@pytest.fixture(autouse=True)
def _streamlit_deprecations_fail() -> Iterator[None]:
    handler, logger = _Deprecations(), logging.getLogger("streamlit.deprecation_util")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    assert handler.lines == [], "Streamlit says that calls are deprecated"
