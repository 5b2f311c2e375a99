"""Testing the reasons of a snapshot while it is built: `collect_evidence` → two tables and the reported reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.card_schema import Card
from data.evidence_source import EvidenceSource, open_evidence_source
from data.reason_catalogue import Catalogue
from data.snapshot_tables import SnapshotWriter
from data.snapshots import DATABASE
from data.work_folder import WorkFolder
from explainers.attribution import Codes, Engine
from explainers.build_inputs import BuildInputs
from explainers.evidence.lime_check import check_lime
from explainers.evidence.neighbours import POOL, check_neighbours
from explainers.evidence.reported import FILE, ReportedCode, compare_reported
from explainers.evidence.sense import check_changes, check_sense
from explainers.evidence.stability import Columns, check_group, check_noise, check_other_method, main_group
from explainers.evidence.swaps import check_swaps, random_families
from explainers.evidence.world import Fits, World, read_world

REPORTED = tuple(ReportedCode.__dataclass_fields__)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the tests of a snapshot's reasons found, as tables."""

    rows: pd.DataFrame
    """One row per tested application: `row_no` and a column per finding; NaN where a test was not made."""
    facts: pd.DataFrame
    """`name` and `value` of figures over the whole snapshot."""
    reported: pd.DataFrame
    """One row per code of reported reasons, the fields of `ReportedCode`; none where no reasons were reported."""

    @property
    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the tables as they are kept in the snapshot, by name."""
        yield "evidence_rows", self.rows
        yield "evidence_facts", self.facts
        yield "evidence_reported", self.reported


def write_evidence(inputs: BuildInputs, engine: Engine, everyone: Codes, fits: Fits, work: WorkFolder) -> None:
    """Test the reasons of a snapshot that is being built, and keep what was found in its database."""
    with open_evidence_source(work.result / DATABASE) as source:
        found = collect_evidence(
            source,
            inputs.card,
            inputs.catalogue,
            engine,
            everyone,
            inputs.seed,
            fits=fits,
            reported=inputs.extras.get(FILE),
        )
    with SnapshotWriter(work, work.result / DATABASE, len(engine.feature_names)) as writer:
        for name, table in found.tables:
            writer.write_frame(name, table)


def collect_evidence(
    source: EvidenceSource,
    card: Card,
    catalogue: Catalogue,
    engine: Engine,
    everyone: Codes,
    seed: int,
    *,
    fits: Fits | None = None,
    reported: Path | None = None,
    tested: int | None = None,
) -> Evidence:
    """Test the reasons of a seeded sample of the applications that the model declined.

    The same snapshot and seed give the same evidence, whatever the machine.

    Parameters
    ----------
    source : EvidenceSource
        The snapshot's database, all but finished.
    card, catalogue
        The snapshot's.
    engine : Engine
        Its model.
    everyone : Codes
        All applications in row order, as the trees see them.
    seed : int
        Seed of the build.
    fits : Fits, optional
        Comparison groups that are fitted already.
    reported : Path, optional
        Reasons that a lender reported.
    tested : int, optional
        How many applications to test; by default as `world.sample_size` says.
    """
    world = read_world(source, card, engine, everyone, seed, fits, tested)
    rows = pd.DataFrame({"row_no": world.rows.row_no, **run_tests(world)} if world.n else {"row_no": world.rows.row_no})
    codes = () if reported is None else compare_reported(source, card, catalogue, world.families, reported)
    listed = pd.DataFrame([asdict(c) | {"families": ",".join(c.families)} for c in codes], columns=list(REPORTED))
    listed = listed.astype({name: str if name == "families" else np.int64 for name in REPORTED})
    return Evidence(rows, pd.DataFrame(_facts(world), columns=["name", "value"]), listed)


def run_tests(world: World) -> Columns:
    """Run every test on the sample; one column per finding."""
    pool = world.source.pool(POOL)
    drawn = np.where(world.reasons >= 0, random_families(world), -1)
    columns: Columns = {"named": world.named, "explained": explained(world)}
    columns |= check_swaps(world)
    columns |= check_neighbours(world, pool, world.reasons, "near")
    columns |= check_neighbours(world, pool, drawn, "random")
    columns |= check_noise(world) | check_other_method(world) | check_group(world) | check_lime(world)
    held, changes = check_sense(world), check_changes(world)
    for place in range(world.reasons.shape[1]):
        columns |= {f"held{place + 1}": held[:, place], f"changes{place + 1}": changes[:, place]}
    return columns


def explained(world: World) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the share of what speaks against approval that the reasons make up, (n,)."""
    against = np.clip(world.sign * world.rows.contributions, 0.0, None)
    listed = np.hstack([against, np.zeros((world.n, 1))])  # −1, no reason, is the last column
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.take_along_axis(listed, world.reasons, axis=1).sum(axis=1) / against.sum(axis=1))


def _facts(world: World) -> list[tuple[str, float]]:
    """Return figures over the whole snapshot."""
    residual, summed = world.source.worst_residual()
    main = main_group(world)
    return [
        ("declines", float(world.n_declines)),
        ("sampled", float(world.n)),
        ("seed", float(world.seed)),
        ("worst_residual", residual),
        ("summed", float(summed)),
        ("worst_baseline", world.source.worst_baseline()),
        ("groups", float(len(world.groups))),
        ("band_cutoff", np.nan if main is None else float(world.cutoff[world.rows.group_no == main][0])),
        ("band_members", np.nan if main is None else float(len(world.groups[main].rows))),
    ]
