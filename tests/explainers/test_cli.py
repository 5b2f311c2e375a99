"""The commands of `python -m explainers`: what they print and the codes they end with."""

from __future__ import annotations

import multiprocessing
import re
import resource
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest

from data.errors import SnapshotError
from data.files import ROOT
from data.listing import list_snapshots
from data.manifest import read_manifest
from explainers.__main__ import main
from explainers.build import build_snapshot
from tests.data.test_recipes import made_up_register
from tests.snapshots_for_tests import small_inputs, small_snapshot, to_csv, tree


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "explainers", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    return small_snapshot(folder / "root", folder / "in")


def test_build_prints_the_folder_few_lines_of_progress_and_the_notes(tmp_path: Path) -> None:
    # a whole process; its standard error is no terminal
    inputs = small_inputs(tmp_path / "in", change=lambda t: t.assign(application_id=" " + t["application_id"]), n=500)
    done = run("build", "--card", inputs.card, "--out", tmp_path / "root")
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path / "root" / "small-loans"
    lines = done.stderr.splitlines()
    assert len(lines) < 20
    assert lines[0] == "  0% Reading the card, the model and the table"
    assert lines[-1] == "note: 500 application ids begin or end with a space; the space is part of the id."
    assert read_manifest(folder).notes == (
        "500 application ids begin or end with a space; the space is part of the id.",
    )
    assert "\r" not in done.stderr


def test_check_prints_one_line_per_check_and_ends_with_0(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(snapshot)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 13
    assert all(re.fullmatch(r"ok    [A-Z][^:]+: .+", line) for line in lines)
    assert "ok    Explanations computed again are the same: 3,000 applications explained again" in "\n".join(lines)


def test_check_of_a_changed_file_says_which_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_snapshot(tmp_path / "root", tmp_path / "in")
    (folder / "card.yaml").chmod(0o640)
    (folder / "card.yaml").write_text("changed")
    assert main(["check", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("FAIL  Every file is the one published: card.yaml is not the file that was published")
    assert len(lines) == 2
    (folder / "manifest.json").unlink()
    assert main(["check", str(folder)]) == 1
    assert capsys.readouterr().out.startswith("FAIL  The manifest can be read: The folder holds no manifest.json")


def test_check_of_a_missing_folder_is_one_sentence_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"There is no folder {tmp_path / 'nowhere'}." in said.err


def test_list_names_snapshots_broken_folders_and_stopped_builds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    assert main(["list", "--out", str(root)]) == 0
    assert capsys.readouterr().out == f"no snapshots in {root}\n"
    folder = small_snapshot(root, tmp_path / "in")
    (root / "small-loans" / "half").mkdir()
    (root / "small-loans" / ".building-0123456789abcdef").mkdir()
    assert main(["list", "--out", str(root)]) == 0
    whole, broken, stopped = capsys.readouterr().out.splitlines()
    assert whole.startswith(f"small-loans/{folder.name}  Small loans 1  3,000 applications  built 20")
    assert broken == (
        "not usable: Snapshot half cannot be opened. The folder holds no manifest.json: it was copied only in part."
    )
    assert stopped.startswith("not finished: A build of small-loans stopped before it was done.")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = small_inputs(tmp_path / "in")
    (tmp_path / "file").write_text("")
    before = tree(tmp_path)
    # under a plain file and in /proc nobody can make a folder, root neither
    for place in (tmp_path / "file" / "snapshots", Path("/proc/candor")):
        assert main(["build", "--card", str(inputs.card), "--out", str(place)]) == 2
        said = capsys.readouterr().err
        assert "No snapshot can be built here." in said
        assert "Choose another folder with --out." in said
        assert "Traceback" not in said
    assert tree(tmp_path) == before


@pytest.mark.parametrize(("sent", "pause"), [(signal.SIGINT, 0.02), (signal.SIGTERM, 0.05), (signal.SIGINT, 0.15)])
def test_ctrl_c_ends_with_130_and_no_traceback(sent: signal.Signals, pause: float, tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in", n=20_000, write=to_csv, applications={"source": "apps.csv"})
    command = [sys.executable, "-m", "explainers", "build", "--card", str(inputs.card), "--out", str(tmp_path / "root")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Checking the table" in line:
                break
        time.sleep(pause)
        process.send_signal(sent)
        said = process.stderr.read()
        assert process.wait(60) == 130
    assert "Stopped. Nothing was published; the same command goes on from here." in said
    assert "Traceback" not in said
    assert [name for name in tree(tmp_path / "root") if "/" in name and "/." not in name] == []


def build_with_little_room(card: Path, root: Path, step: str, answer: Connection) -> None:
    """Build, allowing no more large files from a step on."""

    def tell(doing: str, _done: float) -> None:
        if doing == step:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    try:
        build_snapshot(card, root, progress=tell)
        answer.send("built")
    except SnapshotError as e:
        answer.send(f"{e.title}. {e.message}")


@pytest.mark.parametrize("step", ["Scoring every application", "Writing the snapshot"])
def test_a_full_disk_is_one_sentence_and_the_next_try_goes_on(step: str, tmp_path: Path) -> None:
    inputs = small_inputs(tmp_path / "in", n=20_000)
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe()
    child = context.Process(target=build_with_little_room, args=(inputs.card, tmp_path / "root", step, there))
    child.start()
    child.join(60)
    assert here.recv() == f"The disk is full. There was no room left to write to {tmp_path / 'root'}."
    assert list_snapshots(tmp_path / "root").manifests == ()
    assert main(["build", "--card", str(inputs.card), "--out", str(tmp_path / "root")]) == 0


def test_a_recipe_keeps_the_reasons_a_lender_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "register.csv"
    made_up_register(900).to_csv(file, index=False)
    assert main(["recipe", "hmda", str(file), "--out", str(tmp_path / "root")]) == 0
    folder = Path(capsys.readouterr().out.strip())
    kept = pd.read_parquet(folder / "reported_reasons.parquet")
    assert kept.columns[0] == "application_id"
    assert len(kept) > 0
    assert "reported_reasons.parquet" in read_manifest(folder).files
    assert [name for name in tree(tmp_path / "root") if name.startswith(".") or "/." in name] == []
