"""A month's letters: all of them, each once, whatever happens on the way."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cohorts import CohortProblems
from data.errors import CandorError
from data.files import ROOT
from data.reason_approvals import propose_words
from data.reason_catalogue import Approval, CatalogueEntry, read_catalogue
from data.sql import cursor, open_readonly
from data.workspace import open_workspace
from data.workspace.approvals import approve, withdraw
from explainers.__main__ import main
from explainers.notices import batch as module
from explainers.notices.batch import BatchResult, Order, make_batch
from explainers.notices.ledger import Entry, Ledger, letter_name, read_manifest, write_whole
from explainers.notices.names import NamesProblems, read_names
from explainers.notices.result import Recipient
from explainers.notices.worker import Maker, Task
from tests.data.workspace.meeting import RISK, RON
from tests.explainers.notices.letters import DAY
from tests.explainers.notices.world import DRAFTS, MONTH, letters_snapshot
from tests.snapshots_for_tests import tree

NAME = "Zacharias Quillfeather"
HEADER = {"notices": 1, "month": MONTH}
ELSEWHERE = CatalogueEntry(
    statement="Words of another lender",
    sides=("high",),
    explanation="No entry here has them.",
    form_c1="Other",
    hmda=9,
    approval=Approval(state="draft"),
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    return letters_snapshot(folder / "root", folder / "in", n=1000)


@pytest.fixture(scope="module")
def declined(snapshot: Path) -> list[str]:
    """Everything that was declined in the month, counted in the database itself."""
    with closing(open_readonly(snapshot / "snapshot.duckdb")) as connection, cursor(connection) as own:
        rows = own.execute(
            "SELECT application_id FROM applications WHERE application_date BETWEEN '2026-03-01' AND '2026-03-31'"
            " AND (decision = 'declined' OR recorded_decision = 'declined') ORDER BY row_no"
        ).fetchall()
    return [str(row[0]) for row in rows]


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write letters in this process: what is tested needs no other."""

    class Pipe:
        def __init__(self, task: Task) -> None:
            self.maker, self.told = Maker(task), []

        def send(self, chunk: list | None) -> None:
            self.told = [self.maker.make(*asked) for asked in chunk or []]

        def recv(self) -> Entry:
            return self.told.pop(0)

    @contextmanager
    def workers(task: Task, _count: int) -> Iterator[list[Pipe]]:
        pipe = Pipe(task)
        yield [pipe]
        pipe.maker.close()

    monkeypatch.setattr(module, "_workers", workers)
    monkeypatch.setattr(module, "wait", list)


def quiet(_doing: str, _done: float) -> None:
    return None


def html(snapshot: Path, out: Path, **more: object) -> BatchResult:
    return make_batch(snapshot, Order(**{"month": MONTH, "kind": "html", "day": DAY, **more}), out, quiet)


def check(out: Path, declined: list[str]) -> list[Entry]:
    """Hold a folder against what must be in it: no application twice, none left out, every file as noted."""
    header, entries = read_manifest(out)
    assert header is not None
    assert sorted(entry.application for entry in entries) == sorted(declined)
    files = {entry.file for entry in entries if entry.state == "made"}
    assert files == {f"letters/{path.name}" for path in (out / "letters").iterdir()}
    assert len(files) == sum(entry.state == "made" for entry in entries)
    for entry in entries:
        if entry.file is not None:
            assert hashlib.sha256((out / entry.file).read_bytes()).hexdigest() == entry.sha256
    return entries


@pytest.mark.usefixtures("_here")
def test_every_declined_application_of_the_month_is_in_the_manifest_once(
    snapshot: Path, declined: list[str], tmp_path: Path
) -> None:
    told: list[float] = []
    order = Order(MONTH, "html", day=DAY)
    done = make_batch(snapshot, order, tmp_path / "out", lambda _, share: told.append(share))
    entries = check(tmp_path / "out", declined)
    assert done.n == len(declined) > 20
    assert done.made + done.stopped + done.not_due == done.n
    assert done.stopped == sum(entry.state == "stopped" for entry in entries) > 0
    assert done.made > done.stopped
    assert told == sorted(told)
    assert told[-1] == 1
    stopped = next(entry for entry in entries if entry.state == "stopped")
    assert stopped.file is None
    assert stopped.missing
    page = (tmp_path / "out" / next(e.file for e in entries if e.file)).read_text("utf-8")
    assert "October 15, 2026" in page


@pytest.mark.usefixtures("_here")
def test_the_manifest_says_what_decided_the_letters(snapshot: Path, tmp_path: Path) -> None:
    html(snapshot, tmp_path / "out", limit=1)
    header, _ = read_manifest(tmp_path / "out")
    manifest = json.loads((snapshot / "manifest.json").read_text())
    assert header is not None
    assert header["snapshot_hash"] == manifest["fingerprint"]
    hashes = {"template_hash", "catalogue_hash", "approvals_hash"}
    assert {*hashes, "language", "format", "month", "date"} <= set(header)
    assert {len(header[name]) for name in hashes} == {64}


@pytest.mark.usefixtures("_here")
def test_a_second_run_makes_only_what_is_not_there(snapshot: Path, declined: list[str], tmp_path: Path) -> None:
    first = html(snapshot, tmp_path / "out", limit=10)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "letters").iterdir()}
    second = html(snapshot, tmp_path / "out", day=None)
    assert second.before == first.made == len(before) > 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    check(tmp_path / "out", declined)


@pytest.mark.usefixtures("_here")
def test_what_a_kill_leaves_behind_is_cleared_and_made_again(
    snapshot: Path, declined: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    html(snapshot, out)
    lines = (out / "manifest.jsonl").read_text("utf-8").splitlines()
    made = [Entry(**json.loads(line)) for line in lines[1:] if '"made"' in line]
    (out / str(made[0].file)).unlink()  # noted, but gone
    (out / str(made[1].file)).write_text("another letter")  # noted, but changed
    kept = [line for line in lines if json.loads(line).get("application") != made[2].application]  # renamed, not noted
    (out / "letters" / ".x.html.7.tmp").write_text("half a le")
    (out / "manifest.jsonl").write_text("\n".join(kept)[:-20], "utf-8")  # the last line is cut off
    done = html(snapshot, out)
    check(out, declined)
    assert done.before < done.made


@pytest.mark.parametrize("change", [{"language": "es"}, {"kind": "docx"}, {"day": DAY.replace(day=1)}, {"limit": None}])
@pytest.mark.usefixtures("_here")
def test_a_folder_holds_one_batch(snapshot: Path, tmp_path: Path, change: dict) -> None:
    html(snapshot, tmp_path / "out", limit=1)
    if "limit" in change:
        (tmp_path / "out" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(CandorError, match=r"(differs|files of something else)\."):
        html(snapshot, tmp_path / "out", limit=1, **{k: v for k, v in change.items() if k != "limit"})


@pytest.mark.usefixtures("_here")
def test_a_batch_uses_the_wording_that_was_approved_when_it_began_and_refuses_to_go_on_after_a_change(
    tmp_path: Path,
) -> None:
    drafts = letters_snapshot(tmp_path / "root", tmp_path / "in", n=1000, catalogue=DRAFTS)
    before = html(drafts, tmp_path / "before", limit=5)
    assert (before.made, before.stopped) == (0, 5), "every statement is a draft"
    workspace = open_workspace()
    given = [
        approve(workspace, RON, propose_words(workspace, RISK, entry).approval_id)
        for entry in read_catalogue(drafts / "reasons.yaml").entries.values()
    ]
    with pytest.raises(CandorError, match="The folder holds another batch: approvals_hash differs"):
        html(drafts, tmp_path / "before", limit=5)
    after = html(drafts, tmp_path / "after", limit=5)
    assert after.made > 0
    other = propose_words(workspace, RISK, ELSEWHERE)
    approve(workspace, RON, other.approval_id)  # words of no entry here
    assert html(drafts, tmp_path / "after", limit=5).before == after.made
    withdraw(workspace, RISK, given[0].approval_id)
    with pytest.raises(CandorError, match="approvals_hash differs"):
        html(drafts, tmp_path / "after", limit=5)
    assert len(list((tmp_path / "after" / "letters").iterdir())) == after.made, "a refusal removes nothing"


@pytest.mark.usefixtures("_here")
def test_a_name_is_on_its_letter_and_nowhere_else(snapshot: Path, declined: list[str], tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    lines = ["application,name,address1,address2", *(f'{n},{NAME},"1 Elm Street",' for n in declined[1:6])]
    names.write_text("\n".join([*lines, f"someone else,{NAME},,"]), "utf-8")
    out = tmp_path / "out"
    done = html(snapshot, out, names=names, limit=6)
    _, entries = read_manifest(out)
    without = next(entry for entry in entries if entry.application == declined[0])
    assert without.state == "stopped"
    assert any(missing.startswith("name: found nothing") for missing in without.missing)
    made = [out / entry.file for entry in entries if entry.file]
    assert len(made) == done.made > 0
    assert all(f"{NAME}<br>1 Elm Street</p>" in path.read_text("utf-8") for path in made)
    written = [p for place in (out, snapshot, Path(os.environ["CANDOR_HOME"])) for p in place.rglob("*") if p.is_file()]
    assert len(written) > len(made)
    holding = [path for path in written if b"Quillfeather" in path.read_bytes()]
    assert sorted(holding) == sorted(made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"number,person\n1,Ana", "no column application and no column name"),
        (b"application,name\n1,Ana\n1,Bo\n", "lines 3: found an application that was named before"),
        (b"application,name\n1,\xff\xfe", "cannot be read"),
        (b'application,name\n1,"Ana', "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_names_that_cannot_be_used_are_refused_without_telling_one(
    tmp_path: Path, text: bytes | None, words: str
) -> None:
    path = tmp_path / "names.csv"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(NamesProblems, match=words) as caught:
        read_names(path, {"1"})
    assert "Ana" not in str(caught.value)


def test_only_names_that_are_wanted_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("application,name,address1,address2,phone\n1, Ana ,1 Elm Street,,5\n2,Bo,,,\n3,,,,\n", "utf-8-sig")
    assert read_names(path, {"1", "3"}) == {"1": Recipient("Ana", ("1 Elm Street",))}


@given(st.lists(st.text(max_size=120), unique=True, max_size=6))
def test_any_number_gives_a_name_of_its_own_inside_the_folder(numbers: list[str]) -> None:
    names = [letter_name(number, ".pdf") for number in numbers]
    assert len(set(names)) == len(names)
    for name in names:
        folder, _, file = name.partition("/")
        assert folder == "letters"
        assert file.isascii()
        assert not file.startswith(".")
        assert "/" not in file
        assert len(file) < 120


def test_two_processes_cannot_write_to_one_folder(tmp_path: Path) -> None:
    with Ledger(tmp_path / "out", HEADER), pytest.raises(CandorError, match="Another process is writing"):
        Ledger(tmp_path / "out", HEADER).__enter__()


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"first")
    with pytest.raises(TypeError):
        write_whole(tmp_path / "a", "no bytes")  # type: ignore[arg-type]
    assert (tmp_path / "a").read_bytes() == b"first"


def test_a_month_that_is_none_and_a_month_without_declines_are_refused(snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(CohortProblems):
        html(snapshot, tmp_path / "out", month="March")
    with pytest.raises(CandorError, match="No application of 2031-01 was declined"):
        html(snapshot, tmp_path / "out", month="2031-01")
    assert not (tmp_path / "out").exists()


def words_for(snapshot: Path, out: Path) -> list[str]:
    words = ["notices", snapshot, "--month", MONTH, "--format", "html", "--out", out, "--date", DAY.isoformat()]
    return [str(word) for word in words]


def start(snapshot: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "explainers", *words_for(snapshot, out)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines_of(out: Path) -> int:
    path = out / "manifest.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_batch_killed_at_any_moment_goes_on_without_a_duplicate_or_a_gap(
    snapshot: Path,
    declined: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capfd: pytest.CaptureFixture[str],
) -> None:
    out, draw = tmp_path / "out", random.Random()
    running, until = start(snapshot, out), draw.randint(2, len(declined) // 2)
    while running.poll() is None and lines_of(out) < until:
        time.sleep(draw.random() / 100)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()
    with (out / ".working").open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # the other processes end by themselves
    assert until <= lines_of(out) <= len(declined) + 1
    request.getfixturevalue("_here")
    code = main(words_for(snapshot, out))
    said = capfd.readouterr().out.splitlines()
    entries = check(out, declined)
    assert code == any(entry.state == "stopped" for entry in entries)
    assert said[0] == str(out)
    assert " of them from before" in said[1]
    assert tree(out)[:3] == [".lock", ".working", "letters"]


def test_the_command_refuses_in_words_and_ends_with_2(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["notices", str(snapshot), "--month", "2031-01", "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "No letters were made" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
