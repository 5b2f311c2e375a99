"""The passes over all applications: score them, choose comparison groups, explain them.

Each pass works in batches of bounded size and leaves one finished file per batch, so that a build
that was stopped goes on where it was. Rows are encoded once, into a file that is mapped, not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.errors import TableError
from data.policy_rules import matches
from data.snapshot_tables import GroupRow, family_column
from data.staged_rows import StagedRows
from data.work_folder import WorkFolder
from explainers.attribution import Codes, Engine, attribute_families, family_tables, fit_comparison
from explainers.build_inputs import BuildInputs
from explainers.scoring import (
    Decisions,
    GroupMembers,
    check_production_score,
    comparison_groups,
    decide,
    default_group,
    estimate_scale,
)

BATCH_CELLS = 4_000_000
"""Numbers in one batch (rows × signals): 32 MB as float64."""
Step = Callable[[str, float], None]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Every application, scored and encoded."""

    raw_score: npt.NDArray[np.float64]
    """Shape (n,), LightGBM's own raw scores."""
    rule_no: Ints
    """Shape (n,), the policy rule that declines, −1 for none."""
    codes: npt.NDArray[np.uint16]
    """Shape (signals in use, n), mapped from a file of the work folder."""


def batches(n: int, signals: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, first row and end row of every batch."""
    size = max(1_000, BATCH_CELLS // max(signals, 1))
    for number, first in enumerate(range(0, n, size)):
        yield number, first, min(n, first + size)


def score_all(inputs: BuildInputs, engine: Engine, rows: StagedRows, work: WorkFolder, step: Step) -> Scored:
    """Score and encode every application; finished batches of an earlier try are kept."""
    n = rows.n
    raw, rule_no = np.empty(n), np.empty(n, np.int64)
    codes: np.memmap[Any, Any] = work.map_array("codes", (len(engine.book.column), n), np.dtype(np.uint16))
    for number, first, end in batches(n, len(engine.feature_names)):
        part = work.read_part("scores", number)
        if part is None:
            part = _score_batch(inputs, engine, rows, first, end, codes)
            codes.flush()  # before the part that vouches for them
            work.write_part("scores", number, part)
        raw[first:end], rule_no[first:end] = part["raw_score"], part["rule_no"]
        step("Scoring every application", end / n)
    return Scored(raw, rule_no, codes)


def _score_batch(
    inputs: BuildInputs, engine: Engine, rows: StagedRows, first: int, end: int, codes: npt.NDArray[np.uint16]
) -> dict[str, npt.NDArray[Any]]:
    frame = rows.signals(first, end)
    encoded = engine.encode_rows(frame)
    codes[:, first:end] = encoded.codes
    rule_no = np.full(end - first, -1, np.int64)
    if inputs.rules:
        known = frame.join(rows.extras(first, end))
        for position, rule in reversed(list(enumerate(inputs.rules))):
            rule_no[matches(rule, known)] = position
    return {"raw_score": encoded.raw_score, "rule_no": rule_no}


def decide_all(inputs: BuildInputs, scored: Scored, rows: StagedRows) -> tuple[Decisions, list[GroupMembers]]:
    """Compare with the production score, decide on every application and choose the comparison groups.

    Raises
    ------
    TableError
        The production score disagrees with the model.
    """
    card, model = inputs.card, inputs.model
    estimate = model.estimate(scored.raw_score)
    if card.applications.score is not None:
        production = rows.column("production_score").astype(np.float64)
        scale = card.applications.score_scale
        problem = check_production_score(production, scored.raw_score, estimate, scale)
        if problem is not None:
            raise TableError("The production score is not this model's", [problem])
    written = estimate_scale(model.link == "sigmoid", estimate)
    decisions = decide(card, estimate, rows.column("partner"), scored.rule_no, written)
    return decisions, comparison_groups(card, decisions, written)


def explain_all(
    inputs: BuildInputs,
    engine: Engine,
    scored: Scored,
    decisions: Decisions,
    groups: list[GroupMembers],
    rows: StagedRows,
    work: WorkFolder,
    step: Step,
) -> list[GroupRow]:
    """Fit every comparison group and explain every application against its default one."""
    families = {name: f.family for name, f in inputs.card.features.items()}
    chosen = default_group(inputs.card, decisions, groups)
    write_decisions(decisions, chosen, scored, work)
    fitted, found = [], []
    for group in groups:
        members = pick(scored, group.rows, engine)
        comparison = fit_comparison(engine, members, name=group.name, rule=group.rule, seed=inputs.seed)
        tables = family_tables(comparison, families)
        fitted.append((comparison, tables))
        work.write_part(
            "members", group.group_no, {"group_no": np.full(len(group.rows), group.group_no), "row_no": group.rows}
        )
        fit = (group.cutoff, group.band_low, group.band_high, comparison.n, inputs.seed, rows.as_of)
        found.append(GroupRow(group.group_no, group.name, group.rule, *fit, comparison.sha256, comparison.baseline))
        step("Reading the comparison groups", 0.1 * len(found) / len(groups))
    n = len(chosen)
    for number, first, end in batches(n, len(engine.feature_names)):
        if work.read_part("contributions", number) is None:
            part = _explain_batch(scored, chosen, fitted, families, engine, first, end)
            work.write_part("contributions", number, part)
        step("Explaining every application", 0.1 + 0.9 * end / n)
    return found


def _explain_batch(
    scored: Scored,
    chosen: Ints,
    fitted: list[tuple[Any, Any]],
    families: dict[str, str],
    engine: Engine,
    first: int,
    end: int,
) -> dict[str, npt.NDArray[Any]]:
    count = len(set(families.values()))
    values, residual = np.zeros((end - first, count)), np.zeros(end - first)
    for group_no in np.unique(chosen[first:end]):
        own = np.flatnonzero(chosen[first:end] == group_no)
        comparison, tables = fitted[group_no]
        parts = attribute_families(comparison, pick(scored, own + first, engine), families, tables=tables)
        values[own], residual[own] = parts.values, parts.residual
    columns = {family_column(i): values[:, i] for i in range(count)}
    return {"row_no": np.arange(first, end), "residual": residual, **columns}


def write_decisions(decisions: Decisions, chosen: Ints, scored: Scored, work: WorkFolder) -> None:
    """Write what was decided on every application."""
    declined = np.where(decisions.approved, "approved", "declined")
    stage = np.where(decisions.rule_no >= 0, "policy rule", "model")
    columns = {
        "row_no": np.arange(len(chosen)),
        "raw_score": scored.raw_score,
        "estimate": decisions.estimate,
        "cutoff": decisions.cutoff,
        "decision": declined,
        "stage": stage,
        "rule_no": decisions.rule_no,
        "group_no": chosen,
        "near_cutoff": decisions.near_cutoff,
    }
    work.write_part("decisions", 0, columns)


def pick(scored: Scored, rows: Ints, engine: Engine) -> Codes:
    """Return some rows as codes."""
    everyone = len(rows) == scored.codes.shape[1]
    codes = np.asarray(scored.codes) if everyone else np.ascontiguousarray(scored.codes[:, rows])
    return Codes(codes, scored.raw_score[rows], engine.model.sha256)
