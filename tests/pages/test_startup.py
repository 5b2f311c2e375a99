"""The first start: a build that does not end is ended, and the page says so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from data.files import HOME_VARIABLE
from pages.shared import startup


def test_a_build_that_takes_too_long_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(startup, "LONGEST", 0.5)
    monkeypatch.setattr(startup, "_now", startup.StartupState("building", 0.0, "Starting", None))
    began = time.monotonic()
    startup._build()
    assert time.monotonic() - began < 60, "the build itself takes half a minute on quiet machines"
    state = startup.progress()
    assert (state.state, state.error is not None) == ("failed", True)
    assert list(tmp_path.glob("snapshots/*/*")) == []
