"""Building a snapshot: stage → score → choose comparison groups → explain → write → check → publish."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from data.errors import SnapshotError
from data.group_tables import write_groups_database
from data.manifest import SCHEMA, Manifest, entries, read_manifest
from data.prohibited import find_prohibited
from data.reason_catalogue import write_catalogue
from data.snapshot_checks import opened, read_facts, read_rows
from data.snapshot_tables import GroupRow, SnapshotWriter
from data.snapshots import CARD, DATABASE, GROUPS, MODEL, REASONS
from data.staged_rows import StagedRows
from data.staging import stage
from data.work_folder import NOTES, WorkFolder, clear_leftovers, publish, work_folder
from explainers import build_batches, self_checks
from explainers.attribution import Engine
from explainers.build_batches import decide_all, explain_all, score_all
from explainers.build_inputs import BuildInputs, read_inputs
from explainers.evidence.world import Fits
from explainers.evidence.write import write_evidence

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of the work that is done (0 to 1)."""
SCORED_AGAIN = 2_000
"""Applications scored again by the check at the end of a build; `check` scores all of them."""
LIBRARIES = ("lightgbm", "duckdb", "numpy", "pandas", "numba", "pyarrow")


def build_snapshot(
    card_path: Path,
    root: Path,
    *,
    seed: int = 7,
    extras: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Build a snapshot from a card and publish it.

    Parameters
    ----------
    card_path : Path
        The card; model and tables lie where it says.
    root : Path
        Folder of all snapshots; the result is ``<root>/<model id>/<snapshot id>``.
    seed : int
        Seed of everything drawn at random.
    extras : mapping of str to Path, optional
        Further files to keep with the snapshot, by the names they get there. The card knows nothing of them.
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
    inputs = read_inputs(card_path, seed, extras)
    model_id, key = inputs.card.model.id, _key(inputs)
    before = _published(root, inputs)
    if before is not None:
        clear_leftovers(root, model_id, key)
        return before
    with work_folder(root, model_id, key) as work:
        # another process may have finished it since we looked
        target = _published(root, inputs) or _build(inputs, work, root, tell)
    tell("Done", 1.0)
    return target


def _build(inputs: BuildInputs, work: WorkFolder, root: Path, tell: Progress) -> Path:
    """Build in the work folder and publish."""
    work.empty_result()
    notes = [*inputs.notes, *_stage(inputs, work, _within(tell, 0.02, 0.32))]
    tell("Setting protected attributes apart", 0.34)
    notes += _write_protected(inputs, work)
    tell("Reading the model's trees", 0.35)
    engine = Engine(inputs.model)
    with StagedRows(work.staging) as rows:
        scored = score_all(inputs, engine, rows, work, _within(tell, 0.35, 0.25))
        fits = Fits(engine, scored.codes)
        decided = decide_all(inputs, scored, rows)
        groups = explain_all(inputs, engine, scored, decided, rows, work, _within(tell, 0.6, 0.2), fits)
        as_of, n = rows.as_of, rows.n
    tell("Writing the snapshot", 0.8)
    checks = write_snapshot(inputs, engine, groups, work)
    tell("Testing the reasons", 0.9)
    write_evidence(inputs, engine, scored.codes, fits, work)
    tell("Hashing and publishing", 0.95)
    day = None if as_of is None else as_of.isoformat()
    return publish(work, root, make_manifest(inputs, work, day, n, checks, (*notes, *decided.notes)))


def _key(inputs: BuildInputs) -> str:
    """Return what decides whether the parts of a stopped build may be used: inputs, libraries, size of batches."""
    return hashlib.sha256(f"{inputs.fingerprint} {_versions()} {build_batches.BATCH_CELLS}".encode()).hexdigest()


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _within(tell: Progress, start: float, share: float) -> Progress:
    """Fit the progress of one step into the whole."""
    return lambda doing, done: tell(doing, start + share * done)


def _published(root: Path, inputs: BuildInputs) -> Path | None:
    """Return the snapshot of the same inputs, when it is there already.

    Raises
    ------
    SnapshotError
        It is there, but damaged.
    """
    for folder in root.glob(f"{inputs.card.model.id}/*-{inputs.fingerprint[:8]}"):
        try:
            manifest = read_manifest(folder)
        except SnapshotError as e:
            found = f"{folder} is there already and cannot be opened. {e.message}"
            raise SnapshotError("The snapshot was not built", found, "Remove that folder and run it again.") from e
        if manifest.fingerprint == inputs.fingerprint:
            return folder
    return None


def _stage(inputs: BuildInputs, work: WorkFolder, tell: Progress) -> tuple[str, ...]:
    """Stage the table unless an earlier try of this build did; return the notes on it."""
    notes = work.read_lines(NOTES)
    if notes is None or not work.staging.exists():
        notes = stage(inputs.source, inputs.roles, work.staging, progress=tell).notes
        inputs.check_unchanged()  # before the notes, which vouch for the staged table
        work.write_lines(NOTES, notes)
    return notes


def _write_protected(inputs: BuildInputs, work: WorkFolder) -> tuple[str, ...]:
    """Write the protected attributes into a database of their own; return the notes on them."""
    block, source = inputs.card.groups, inputs.groups
    if block is None or source is None:
        return ()
    return write_groups_database(block, source, work, work.result / GROUPS)


def write_snapshot(
    inputs: BuildInputs, engine: Engine, groups: list[GroupRow], work: WorkFolder
) -> list[self_checks.SelfCheck]:
    """Write every file of the snapshot and run its checks."""
    target, width = work.result, len(engine.feature_names)
    families = list(dict.fromkeys(inputs.card.features[name].family for name in engine.feature_names))
    with SnapshotWriter(work, target / DATABASE, width) as writer:
        writer.write_applications()
        writer.write_contributions(families, [engine.feature_names[i] for i in sorted(set(engine.trees.used.tolist()))])
        writer.write_groups(groups)
    shutil.copyfile(inputs.model.path, target / MODEL)
    shutil.copyfile(inputs.loaded.path, target / CARD)
    write_catalogue(inputs.catalogue, target / REASONS)
    for name, path in inputs.extras.items():
        shutil.copyfile(path, target / name)
    checks = run_checks(target / DATABASE, inputs, engine)
    frame = pd.DataFrame([{"position": i, **vars(check)} for i, check in enumerate(checks)])
    with SnapshotWriter(work, target / DATABASE, width) as writer:
        writer.write_frame("checks", frame)
    return checks


def run_checks(database: Path, inputs: BuildInputs, engine: Engine) -> list[self_checks.SelfCheck]:
    """Run the checks on a database before it is published."""
    card = inputs.card
    with opened(database) as connection:
        facts = read_facts(connection, card)
        block = read_rows(connection, range(min(SCORED_AGAIN, facts.n)))
    return [
        self_checks.check_additivity(facts),
        self_checks.check_scores(block.raw_score, inputs.model.predict_raw(block.signals)),
        self_checks.check_decisions(facts, card),
        self_checks.check_groups(facts),
        self_checks.check_prohibited([p.name for p in find_prohibited(engine.feature_names, card.prohibited)]),
        *self_checks.check_production(facts),
    ]


def make_manifest(
    inputs: BuildInputs,
    work: WorkFolder,
    as_of: str | None,
    n: int,
    checks: Sequence[self_checks.SelfCheck],
    notes: tuple[str, ...],
) -> Manifest:
    """Describe the finished folder.

    Raises
    ------
    SnapshotError
        A check failed: a snapshot whose explanations do not add up is never published. Or an input was
        changed during the build.
    """
    failed = [c for c in checks if not c.passed]
    if failed:
        work.forget()
        found = " ".join(f"{c.name}: {c.finding}" for c in failed)
        raise SnapshotError("The snapshot failed its own checks", found, "Nothing was published. Report this.")
    inputs.check_unchanged()
    card = inputs.card
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
        inputs=dict(inputs.hashes),
        versions=_versions(),
        notes=notes,
        files=entries(work.result),
    )
