"""A build that is killed leaves nothing visible, and the same command goes on to the same numbers."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pandas as pd
import pytest

from data import models
from data.listing import list_snapshots
from data.manifest import hash_file
from explainers import build_batches
from explainers.build import build_snapshot
from tests.snapshots_for_tests import numbers_of, small_inputs, tree

Step = tuple[str, float]
BATCH_CELLS = 5 * 1000
"""A thousand applications a batch, so that a table of 6,000 has six."""


def build_step_by_step(card: Path, root: Path, parent: Connection) -> None:
    """Build with small batches, asking the parent after each step, until it says that it asks no more."""
    build_batches.BATCH_CELLS = BATCH_CELLS
    models._verified.add(hash_file(card.with_name("model.txt")))  # the trial load takes longer than all the rest
    held = True

    def ask(doing: str, done: float) -> None:
        nonlocal held
        if held:
            parent.send((doing, done))
            held = parent.recv()

    build_snapshot(card, root, progress=ask)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of this process go on with the parts of those that were killed."""
    monkeypatch.setattr(build_batches, "BATCH_CELLS", BATCH_CELLS)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Real processes that need not import everything anew."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["explainers.build"])
    return context


def kill_at(
    processes: ForkServerContext,
    card: Path,
    root: Path,
    stop: Callable[[list[Step]], bool],
    run_on: float | None = None,
) -> list[Step]:
    """Start a build, kill it at a step (or some seconds after it), and return the steps up to there."""
    here, there = processes.Pipe()
    process = processes.Process(target=build_step_by_step, args=(card, root, there))
    process.start()
    there.close()
    made: list[Step] = []
    try:
        while not stop(made):
            if made:
                here.send(True)
            made.append(here.recv())
        if run_on is not None:
            here.send(False)
            time.sleep(run_on)
    except EOFError:
        pass  # it was done before
    finally:
        process.kill()  # SIGKILL
        process.join(30)
        here.close()
    assert process.exitcode in {-signal.SIGKILL, 0}
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The card, and the snapshot of a build that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole")
    inputs = small_inputs(folder / "in", n=6000)
    return inputs.card, build_snapshot(inputs.card, folder / "root")


def visible(root: Path) -> list[str]:
    """Return everything below the model's folder that has no dot before its name or a folder's."""
    return [name for name in tree(root) if "/" in name and "/." not in name]


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_visible_and_the_next_build_gives_the_same_numbers(
    processes: ForkServerContext, whole: tuple[Path, Path], tmp_path: Path
) -> None:
    card, snapshot = whole
    wanted, rng, killed_at = numbers_of(snapshot), random.Random(11), set()
    for place in range(12):
        root = tmp_path / f"root-{place // 4}"  # each folder is killed in four times, then finished
        steps, run_on = 2 + place, rng.choice([None, rng.uniform(0, 0.05), rng.uniform(0, 0.4)])
        made = kill_at(processes, card, root, lambda made, steps=steps: len(made) == steps, run_on)
        killed_at.add(made[-1][0])
        listing = list_snapshots(root)
        assert listing.broken == ()
        assert [m.snapshot_id for m in listing.manifests] in ([], [snapshot.name])
        assert listing.manifests or visible(root) == []
        if place % 4 == 3:
            folder = build_snapshot(card, root)
            for name, table in numbers_of(folder).items():
                pd.testing.assert_frame_equal(table, wanted[name], check_exact=True)
            assert [name for name in tree(root) if "/." in name] == [], "no hidden folder is left"
    assert len(killed_at) >= 6, f"the kills hit few kinds of steps: {sorted(killed_at)}"


def test_the_next_build_keeps_the_finished_parts_and_makes_the_rest(
    processes: ForkServerContext, whole: tuple[Path, Path], tmp_path: Path
) -> None:
    card, snapshot = whole

    def three_explained(made: list[Step]) -> bool:
        return sum(doing == "Explaining every application" for doing, _ in made) == 3

    kill_at(processes, card, tmp_path, three_explained)
    (parts,) = tmp_path.glob("small-loans/.building-*/parts")
    before = {p.name: p.stat().st_mtime_ns for p in [parts.parent / "staging.duckdb", *parts.iterdir()]}
    kinds = [name.split("-")[0] for name in before]
    assert (kinds.count("scores"), kinds.count("contributions")) == (6, 3)
    (sentence,) = list_snapshots(tmp_path).unfinished
    assert sentence.startswith("A build of small-loans stopped before it was done. The same command goes on")

    after: dict[str, int] = {}

    def look(doing: str, _done: float) -> None:
        if doing == "Writing the snapshot":
            after.update({p.name: p.stat().st_mtime_ns for p in [parts.parent / "staging.duckdb", *parts.iterdir()]})

    folder = build_snapshot(card, tmp_path, progress=look)
    kept = [name for name in before if name.startswith(("staging", "scores", "contributions"))]
    assert len(kept) == 10
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert sum(name.startswith("contributions") for name in after) == 6
    for name, table in numbers_of(folder).items():
        pd.testing.assert_frame_equal(table, numbers_of(snapshot)[name], check_exact=True)


def test_killed_after_publishing_the_next_build_clears_what_is_left(
    processes: ForkServerContext, whole: tuple[Path, Path], tmp_path: Path
) -> None:
    card, snapshot = whole
    # a work folder beside a snapshot that is there: what a kill between the two last steps leaves
    kill_at(processes, card, tmp_path, lambda made: made[-1:] == [("Writing the snapshot", 0.8)])
    (hidden,) = tmp_path.glob("small-loans/.building-*")
    hidden.rename(tmp_path / "aside")
    folder = build_snapshot(card, tmp_path)
    (tmp_path / "aside").rename(hidden)
    assert len(list_snapshots(tmp_path).unfinished) == 1
    assert build_snapshot(card, tmp_path) == folder
    assert folder.name == snapshot.name
    assert not hidden.exists()
