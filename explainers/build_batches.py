"""The passes over all applications: score them, choose comparison groups, explain them.

Each pass works in batches of bounded size and leaves one finished file per batch, so that a build
that was stopped goes on where it was. Rows are encoded once, into a file that is mapped, not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.errors import Problem, TableError
from data.policy_rules import matches
from data.snapshot_tables import GroupRow, family_column, used_column
from data.staged_rows import StagedRows
from data.work_folder import WorkFolder
from explainers.attribution import (
    Codes,
    Comparison,
    Engine,
    FamilyAttributions,
    attribute,
    by_family,
    fit_comparison,
    list_comparison,
)
from explainers.build_inputs import BuildInputs
from explainers.decision.points import chord_slopes
from explainers.evidence.world import Fits
from explainers.reasons.ranking import RankedReasons, ReasonRule, rank_reasons
from explainers.reasons.review import check_reviews
from explainers.scoring import (
    Decisions,
    GroupMembers,
    check_production_score,
    comparison_groups,
    decide,
    default_group,
    estimate_scale,
    group_notes,
)

BATCH_CELLS = 4_000_000
"""Numbers in one batch (rows × signals): 32 MB as float64."""
MOST_PATTERNS = 50_000_000
"""Most patterns of a group that are stored. A model of 1,800 signals has some 10 million for 100,000 applications; only
very deep trees have more, and such a group is read and counted again where it is needed."""
Step = Callable[[str, float], None]
NOBODY_DECLINED = Problem(
    "all applications",
    "none that is declined by the policy rules or the cut-off",
    "at least one declined application: Candor explains declines",
    "Check the cut-offs and higher_score_is in the card, or give a table that also holds declined applications.",
)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

ONE_ROW = Problem(
    "all applications", "one row", "at least two applications, to compare one with another", "Give a longer table."
)


@dataclass(frozen=True)
class Scored:
    """Every application, scored and encoded."""

    rule_no: Ints
    """Shape (n,), the policy rule that declines, −1 for none."""
    codes: Codes
    """All applications as the trees see them, mapped from a file of the work folder, and their raw scores."""


@dataclass(frozen=True)
class Decided:
    """Every application decided, and the groups it can be compared with."""

    decisions: Decisions
    """What was decided."""
    groups: list[GroupMembers]
    """Comparison groups; the last one is all applications."""
    notes: tuple[str, ...]
    """What a reader should know."""


@dataclass(frozen=True)
class Explained:
    """A batch of applications, explained against one comparison group."""

    families: FamilyAttributions
    """Contributions of families, (n, families), with residuals."""
    signals: Floats32
    """Contributions of the signals the model uses, (n, used), raw-score units, in the model's order.

    In 32 bits: they feed averages and pictures over many applications. One application is always explained anew."""
    reasons: RankedReasons
    """Principal reasons, as positions of families."""
    slope: Floats
    """Estimate units per unit of raw score for each application, (n,): see `explainers.decision.points`."""


class GroupExplainer:
    """Explains batches of applications against one comparison group.

    Parameters
    ----------
    fitted : Comparison
        The group.
    families : mapping of str to str
        Family of every signal.
    sign : float
        +1 when a higher raw score speaks against approval, else −1.
    """

    def __init__(self, fitted: Comparison, families: Mapping[str, str], sign: float) -> None:
        self._fitted = fitted
        self._sign = sign
        self._families = families
        self._used = np.unique(fitted.engine.trees.used)

    def explain(self, codes: Codes) -> Explained:
        """Explain rows."""
        found = attribute(self._fitted, codes)
        estimate = self._fitted.engine.model.estimate
        slope = chord_slopes(estimate, found.raw_score, found.baseline)
        families = by_family(found, self._families)
        reasons = rank_reasons(families.values, self._sign, families.families, ReasonRule())
        return Explained(families, found.values[:, self._used].astype(np.float32), reasons, slope)


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
        part = work.read_part("scores", number, end - first)
        if part is None:
            part = _score_batch(inputs, engine, rows, first, end, codes)
            codes.flush()  # before the part that vouches for them
            work.write_part("scores", number, part)
        raw[first:end], rule_no[first:end] = part["raw_score"], part["rule_no"]
        step("Scoring every application", end / n)
    return Scored(rule_no, Codes(codes, raw, engine.model.sha256))


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


def decide_all(inputs: BuildInputs, scored: Scored, rows: StagedRows) -> Decided:
    """Compare with the production score, decide on every application and choose the comparison groups.

    Raises
    ------
    TableError
        The production score disagrees with the model, or nobody is declined, or there is one row only.
    """
    card, model, raw_score = inputs.card, inputs.model, scored.codes.raw_score
    estimate = model.estimate(raw_score)
    problems: list[Problem] = []
    if card.applications.score is not None:
        production = rows.column("production_score").astype(np.float64)
        own = raw_score if card.applications.score_scale == "raw" else estimate
        problems += check_production_score(card.applications.score, production, own)
    scale = estimate_scale(model.link == "sigmoid", estimate)
    decisions = decide(card, estimate, rows.column("partner"), scored.rule_no, rows.column("recorded_decision"), scale)
    if rows.n < 2:
        problems.append(ONE_ROW)
    elif decisions.approved.all():
        problems.append(NOBODY_DECLINED)
    wrong, reviews = check_reviews(card, inputs.catalogue, rows, decisions)
    problems += wrong
    if problems:
        raise TableError(f"The table {inputs.source.path.name} does not fit the model and the card", problems)
    groups = comparison_groups(card, decisions, scale)
    return Decided(decisions, groups, (*group_notes(card, decisions, groups, scale), *reviews))


def explain_all(
    inputs: BuildInputs,
    engine: Engine,
    scored: Scored,
    decided: Decided,
    rows: StagedRows,
    work: WorkFolder,
    step: Step,
    fits: Fits,
) -> list[GroupRow]:
    """Fit every comparison group and explain every application against its default one; `fits` keeps the small ones."""
    chosen = default_group(inputs.card, decided.decisions, decided.groups)
    write_decisions(decided.decisions, chosen, scored, work)
    families = {name: f.family for name, f in inputs.card.features.items()}
    sign = against_approval(inputs.card)
    found: list[GroupRow] = []
    done = 0
    for group in decided.groups:
        step("Reading the comparison groups", done / len(chosen))
        own = np.flatnonzero(chosen == group.group_no)

        def tell(end: int, before: int = done) -> None:
            step("Explaining every application", (before + end) / len(chosen))

        fit = fit_and_explain(engine, families, sign, scored.codes, group, own, inputs.seed, work, tell, fits)
        band = (group.cutoff, group.band_low, group.band_high, len(group.rows), inputs.seed, rows.as_of)
        found.append(GroupRow(group.group_no, group.name, group.rule, *band, *fit))
        done += len(own)
    return found


def fit_and_explain(
    engine: Engine,
    families: Mapping[str, str],
    sign: float,
    codes: Codes,
    group: GroupMembers,
    own: Ints,
    seed: int,
    work: WorkFolder,
    tell: Callable[[int], None],
    fits: Fits,
) -> tuple[str, float]:
    """Fit one group and explain the rows it is the default of; return its hash and baseline.

    What was fitted is let go at the end unless it is small: on a wide model one group takes a gigabyte.
    """
    fitted = fit_comparison(engine, pick(codes, group.rows), name=group.name, rule=group.rule, seed=seed)
    fits.keep(fitted)
    numbers = np.full(len(group.rows), group.group_no)
    work.write_part("members", group.group_no, {"group_no": numbers, "row_no": group.rows})
    known = list_comparison(fitted)
    if len(known.leaf) <= MOST_PATTERNS:
        numbers = np.full(len(known.leaf), group.group_no)
        columns = {"group_no": numbers, "leaf": known.leaf, "pattern": known.pattern, "n": known.n}
        work.write_part("patterns", group.group_no, columns)
    explainer: GroupExplainer | None = None
    for number, first, end in batches(len(own), len(codes.codes)):
        kind, rows = f"contributions-{group.group_no:03d}", own[first:end]
        if work.read_part(kind, number, end - first) is None:
            explainer = explainer or GroupExplainer(fitted, families, sign)
            parts = explainer.explain(pick(codes, rows))
            work.write_part(f"signals-{group.group_no:03d}", number, signal_part(rows, parts))
            work.write_part(kind, number, family_part(rows, parts))  # last: it vouches for both
        tell(end)
    return fitted.sha256, fitted.baseline


def family_part(rows: Ints, parts: Explained) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of families of one batch."""
    values = parts.families.values
    columns = {family_column(i): values[:, i] for i in range(values.shape[1])}
    named = parts.reasons.families.astype(np.int16)
    reasons = {f"r{i + 1}": named[:, i] for i in range(named.shape[1])} | {"explained": parts.reasons.explained}
    return {"row_no": rows, "residual": parts.families.residual, "slope": parts.slope, **reasons, **columns}


def against_approval(card: Card) -> float:
    """Return the sign of contributions that speak against approval."""
    return 1.0 if card.model.higher_score_is == "riskier" else -1.0


def signal_part(rows: Ints, parts: Explained) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of signals of one batch."""
    columns = {used_column(i): parts.signals[:, i] for i in range(parts.signals.shape[1])}
    return {"row_no": rows, **columns}


def write_decisions(decisions: Decisions, chosen: Ints, scored: Scored, work: WorkFolder) -> None:
    """Write what was decided on every application."""
    columns = {
        "row_no": np.arange(len(chosen)),
        "raw_score": scored.codes.raw_score,
        "estimate": decisions.estimate,
        "cutoff": decisions.cutoff,
        "decision": np.where(decisions.approved, "approved", "declined"),
        "stage": np.select([decisions.rule_no >= 0, decisions.reviewed], ["policy rule", "review"], "model"),
        "rule_no": decisions.rule_no,
        "group_no": chosen,
        "near_cutoff": decisions.near_cutoff,
    }
    work.write_part("decisions", 0, columns)


def pick(codes: Codes, rows: Ints) -> Codes:
    """Return some rows, in ascending order, of encoded ones."""
    if len(rows) == codes.n:
        return Codes(np.asarray(codes.codes), codes.raw_score, codes.model_sha256)
    return Codes(np.ascontiguousarray(codes.codes[:, rows]), codes.raw_score[rows], codes.model_sha256)
