"""A real snapshot with protected groups: a small book of the demonstration's generator, with its planted truth."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ruamel.yaml import YAML

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.demo import dgp
from data.demo.book import Book, generate_book, generate_development
from data.demo.prepare import CATALOGUE, demo_card
from data.reader import Reader
from data.recipes.training import TrainingPlan, train, write_parquet
from data.snapshots import Snapshot, open_reader, open_snapshot
from explainers.build import build_snapshot

SEED = 7
N = 6_000
"""Applications; the planted differences are far beyond chance with so many."""
PLAN = TrainingPlan(rounds=60, leaves=15, learning_rate=0.1, smallest_leaf=60)
LEFT_OUT = ("consumer_report", "notices")
"""Blocks of the demonstration's card that need columns of their own."""


@cache
def book() -> Book:
    """Return the small book."""
    return generate_book(SEED, N)


def planted_snapshot(root: Path, folder: Path) -> Path:
    """Build the snapshot of the small book under `root`, with its inputs in `folder`."""
    folder.mkdir(parents=True)
    made = book()
    lessons = generate_development(SEED, 8_000)
    names = list(dgp.SIGNALS)
    model = train(lessons.applications[names], lessons.outcome, PLAN)
    estimate = np.asarray(model.predict(made.applications[names]), dtype=np.float64)
    write_parquet(made.applications.assign(estimate=estimate), folder / "applications.parquet")
    write_parquet(made.groups, folder / "groups.parquet")
    (folder / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    shutil.copyfile(CATALOGUE, folder / CATALOGUE.name)
    card = {key: value for key, value in demo_card("3").items() if key not in LEFT_OUT}
    own = ("decision", "approved_values", "declined_values", "held_out")
    card["applications"] = {key: value for key, value in dict(card["applications"]).items() if key not in own}
    with (folder / "card.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(card, file)
    return build_snapshot(folder / "card.yaml", root)


@cache
def planted_home() -> Path:
    """Return a home of Candor with the small book's snapshot, built once for all tests of a process."""
    kept = TemporaryDirectory(prefix="candor-planted-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name)
    planted_snapshot(folder / "home" / "snapshots", folder / "in")
    return folder / "home"


def planted_folder() -> Path:
    """Return the folder of the small book's snapshot."""
    return next((planted_home() / "snapshots").glob("*/*/manifest.json")).parent


@cache
def planted() -> Snapshot:
    """Return the small book's snapshot, opened as the app opens it."""
    folder = planted_folder()
    return open_snapshot(folder.parents[1], folder.parent.name, folder.name)


def planted_reader(viewer: Viewer = LOCAL_VIEWER) -> Reader:
    """Return a reader of the small book's snapshot."""
    return open_reader(planted(), viewer)


REGULATOR = Viewer("examiner", Audience.REGULATOR)
PARTNER = Viewer("officer", Audience.PARTNER, "First Harbor Bank")
