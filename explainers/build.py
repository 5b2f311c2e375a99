"""Building a snapshot: stage → score → choose comparison groups → explain → write → check → publish."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from data.cards import LoadedCard
from data.errors import SnapshotError
from data.group_tables import write_groups_database
from data.manifest import NAME, SCHEMA, Manifest, entries, read_manifest
from data.prohibited import find_prohibited
from data.snapshot_checks import read_block, read_facts
from data.snapshot_tables import GroupRow, SnapshotWriter
from data.snapshots import CARD, DATABASE, GROUPS, MODEL
from data.sql import open_readonly
from data.staged_rows import StagedRows
from data.staging import source_at, stage
from data.work_folder import WorkFolder, publish, work_folder
from explainers import self_checks
from explainers.attribution import Engine
from explainers.build_batches import decide_all, explain_all, score_all
from explainers.build_inputs import BuildInputs, read_inputs

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the work that is done (0 to 1)."""
SCORED_AGAIN = 2_000
"""Applications scored again by the check at the end of a build; `check` scores all of them."""
LIBRARIES = ("lightgbm", "duckdb", "numpy", "pandas", "numba", "pyarrow")


def build_snapshot(card_path: Path, root: Path, *, seed: int = 7, progress: Progress | None = None) -> Path:
    """Build a snapshot from a card and publish it.

    Parameters
    ----------
    card_path : Path
        The card; model and table lie where it says.
    root : Path
        Folder of all snapshots; the result is ``<root>/<model id>/<snapshot id>``.
    seed : int
        Seed of everything drawn at random.
    progress : callable, optional
        Told how far the build is.

    Returns
    -------
    Path
        The published snapshot; one that was there already when the same inputs were built before.

    Raises
    ------
    CandorError
        With every problem of the inputs. Nothing visible is written.
    """
    tell = progress or (lambda _doing, _done: None)
    tell("Reading the card, the model and the table", 0.0)
    inputs = read_inputs(card_path, seed)
    before = _published(root, inputs)
    if before is not None:
        tell("This snapshot was built before", 1.0)
        return before
    with work_folder(root, inputs.card.model.id, inputs.fingerprint) as work:
        _stage(inputs, work, _within(tell, 0.02, 0.33))
        engine = Engine(inputs.model)
        with StagedRows(work.staging) as rows:
            scored = score_all(inputs, engine, rows, work, _within(tell, 0.35, 0.25))
            decisions, members = decide_all(inputs, scored, rows)
            groups = explain_all(inputs, engine, scored, decisions, members, rows, work, _within(tell, 0.6, 0.2))
            as_of, n = rows.as_of, rows.n
        tell("Writing the snapshot", 0.8)
        checks = write_snapshot(inputs, engine, groups, work)
        tell("Hashing and publishing", 0.95)
        manifest = make_manifest(inputs, work, None if as_of is None else as_of.isoformat(), n, checks)
        target = publish(work, root, manifest)
    tell("Done", 1.0)
    return target


def _within(tell: Progress, start: float, share: float) -> Progress:
    """Fit the progress of one step into the whole."""
    return lambda doing, done: tell(doing, start + share * done)


def _published(root: Path, inputs: BuildInputs) -> Path | None:
    """Return the snapshot of the same inputs, when it is there already."""
    for folder in root.glob(f"{inputs.card.model.id}/*-{inputs.fingerprint[:8]}"):
        if (folder / NAME).is_file() and read_manifest(folder).fingerprint == inputs.fingerprint:
            return folder
    return None


def _stage(inputs: BuildInputs, work: WorkFolder, tell: Progress) -> None:
    """Stage the table unless an earlier try of this build did."""
    if not work.staging.exists():
        stage(inputs.source, inputs.roles, work.staging, progress=tell)


def write_snapshot(
    inputs: BuildInputs, engine: Engine, groups: list[GroupRow], work: WorkFolder
) -> list[self_checks.SelfCheck]:
    """Write every file of the snapshot and run its checks."""
    target = work.result
    families = list(dict.fromkeys(inputs.card.features[name].family for name in engine.feature_names))
    with SnapshotWriter(work, target / DATABASE) as writer:
        writer.write_applications()
        writer.write_contributions(families)
        writer.write_groups(groups)
    shutil.copyfile(inputs.model.path, target / MODEL)
    shutil.copyfile(inputs.loaded.path, target / CARD)
    _write_protected(inputs.loaded, work)
    checks = run_checks(target / DATABASE, inputs, engine)
    frame = pd.DataFrame([{"position": i, **vars(check)} for i, check in enumerate(checks)])
    with SnapshotWriter(work, target / DATABASE, fresh=False) as writer:
        writer.write_frame("checks", frame)
    return checks


def _write_protected(loaded: LoadedCard, work: WorkFolder) -> None:
    """Write the protected attributes into a database of their own."""
    block = loaded.card.groups
    if block is not None:
        source = source_at(loaded.folder / block.source, block.table, None)
        write_groups_database(block, source, work, work.result / GROUPS)


def run_checks(database: Path, inputs: BuildInputs, engine: Engine) -> list[self_checks.SelfCheck]:
    """Run the checks on a database before it is published."""
    card = inputs.card
    with closing(open_readonly(database)) as connection:
        facts = read_facts(
            connection,
            riskier_up=card.model.higher_score_is == "riskier",
            production_column="raw_score" if card.applications.score_scale == "raw" else "estimate",
        )
        frame, stored, _ = read_block(connection, 0, SCORED_AGAIN)
    found = [
        self_checks.check_additivity(facts),
        self_checks.check_scores(stored, inputs.model.predict_raw(frame)),
        self_checks.check_decisions(facts),
        self_checks.check_groups(facts),
        self_checks.check_prohibited([p.name for p in find_prohibited(engine.feature_names, card.prohibited)]),
    ]
    production = self_checks.check_production(facts)
    return found if production is None else [*found, production]


def make_manifest(
    inputs: BuildInputs, work: WorkFolder, as_of: str | None, n: int, checks: list[self_checks.SelfCheck]
) -> Manifest:
    """Describe the finished folder.

    Raises
    ------
    SnapshotError
        A check failed: a snapshot whose explanations do not add up is never published.
    """
    failed = [c for c in checks if not c.passed]
    if failed:
        found = " ".join(f"{c.name}: {c.finding}" for c in failed)
        raise SnapshotError("The snapshot failed its own checks", found, "Nothing was published. Report this.")
    files = entries(work.result)
    if files[MODEL].sha256 != inputs.hashes["model"] or files[CARD].sha256 != inputs.hashes["card"]:
        found = "The card or the model was changed while the snapshot was being built."
        raise SnapshotError("The snapshot was not published", found, "Build it again.")
    card = inputs.card
    libraries = {name: version(name) for name in LIBRARIES}
    return Manifest(
        schema=SCHEMA,
        snapshot_id=f"{as_of or 'undated'}-{inputs.fingerprint[:8]}",
        fingerprint=inputs.fingerprint,
        model_id=card.model.id,
        model_name=card.model.name,
        model_version=card.model.version,
        synthetic=card.model.synthetic,
        as_of=as_of,
        n=n,
        seed=inputs.seed,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        self_checks_passed=True,
        settings={"comparison_group": card.decision.comparison_group},
        inputs=inputs.hashes,
        versions={"python": platform.python_version(), **libraries},
        files=files,
    )
