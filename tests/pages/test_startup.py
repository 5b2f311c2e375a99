"""The first start: a build that does not end is ended, and the page says so."""

from __future__ import annotations

import logging
import sys
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


@pytest.mark.parametrize("ends_with", [0, 3])
def test_after_the_first_pages_everything_is_compiled_that_is_not_yet(
    ends_with: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    monkeypatch.setattr(startup, "_warm", lambda: done.append("warm"))
    monkeypatch.setattr(startup, "_child", None)
    if ends_with:
        monkeypatch.setattr(startup, "COMMAND", (sys.executable, "-c", f"raise SystemExit({ends_with})"))
    with caplog.at_level(logging.WARNING, logger="candor"):
        startup._warm_and_compile()
    assert done == ["warm"]
    assert startup._child is not None
    assert startup._child.returncode == ends_with
    assert ("compiling ahead ended with 3" in caplog.text) == bool(ends_with)
