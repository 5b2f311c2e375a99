"""`python -m explainers check --workspace`: what it prints and the codes it ends with, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from data.files import ROOT
from data.workspace import open_workspace, read_anchor
from explainers.__main__ import main
from tests.data.workspace.writers import log_one


@pytest.fixture
def log_of_three(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a workspace whose log has three entries, set as the one in use."""
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", url)
    workspace = open_workspace(url)
    for _ in range(3):
        log_one(workspace)
    workspace.close()
    return url


def change(address: str, *statements: str) -> None:
    """Change the database as its owner can, past the triggers."""
    workspace = open_workspace(address)
    off = ["ALTER TABLE shown_entries DISABLE TRIGGER ALL"]
    if workspace.database == "sqlite":
        off = ["DROP TRIGGER shown_entries_no_update", "DROP TRIGGER shown_entries_no_delete"]
    with workspace.write() as connection:
        for statement in (*off, *statements):
            connection.execute(text(statement))
    workspace.close()


def test_a_sound_log_ends_with_0_and_prints_what_to_keep_elsewhere(
    log_of_three: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--workspace"]) == 0
    finding, line = capsys.readouterr().out.splitlines()
    assert finding == "ok    Log of what was shown: All 3 entries are as written; none is missing."
    assert read_anchor(line).entries == 3
    kept = tmp_path / "anchor.json"
    kept.write_text(line)
    log_one(open_workspace(log_of_three))
    assert main(["check", "--workspace", "--anchor", str(kept)]) == 0
    assert "All 4 entries" in capsys.readouterr().out
    open_workspace(log_of_three).close()


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE shown_entries SET page = 'overview' WHERE number = 2", "Entry 2 was changed after it was written"),
        ("DELETE FROM shown_entries WHERE number = 3", "Entries are missing at the end"),
    ],
)
def test_a_changed_log_ends_with_1_and_names_the_place(
    log_of_three: str, capsys: pytest.CaptureFixture[str], statement: str, finding: str
) -> None:
    change(log_of_three, statement)
    assert main(["check", "--workspace"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"FAIL  Log of what was shown: {finding}")
    assert len(said.splitlines()) == 1, "a damaged log is not confirmed by an anchor"
    open_workspace(log_of_three).close()


def test_a_log_cut_short_with_its_head_mended_is_found_by_the_line_kept_elsewhere(
    log_of_three: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--workspace"]) == 0
    kept = tmp_path / "anchor.json"
    kept.write_text(capsys.readouterr().out.splitlines()[1])
    mended = "(SELECT entry_hash FROM shown_entries WHERE number = 2)"
    open_workspace(log_of_three).close()
    change(
        log_of_three,
        "DELETE FROM shown_entries WHERE number = 3",
        f"UPDATE shown_heads SET entries = 2, head_hash = {mended}",
    )
    assert main(["check", "--workspace"]) == 0, "the chain alone cannot show it"
    assert main(["check", "--workspace", "--anchor", str(kept)]) == 1
    assert "FAIL  Log of what was shown: Entries are missing: the anchor knew 3" in capsys.readouterr().out
    open_workspace(log_of_three).close()


def test_a_missing_workspace_or_anchor_ends_with_2_and_makes_nothing(
    own_home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--workspace"]) == 2
    assert "There is no workspace" in capsys.readouterr().err
    assert not own_home.exists()
    assert main(["check", "--workspace", "--anchor", str(tmp_path / "none")]) == 2
    (tmp_path / "odd").write_text("[1]")
    assert main(["check", "--workspace", "--anchor", str(tmp_path / "odd")]) == 2
    assert "The anchor cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["folder", "--workspace"]])
def test_a_check_is_of_one_thing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *words])
    assert ended.value.code == 2
    assert "--workspace" in capsys.readouterr().err


def test_the_command_itself_checks_the_workspace_of_the_home_without_a_setting(own_home: Path) -> None:
    workspace = open_workspace()
    log_one(workspace)
    workspace.close()
    command = [sys.executable, "-m", "explainers", "check", "--workspace"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok    Log of what was shown: All 1 entries")
