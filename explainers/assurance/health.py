"""Can this snapshot be relied on? Its checks, counted again where that is quick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from data.manifest import Manifest
from data.reader import Reader
from explainers.markup import render
from explainers.style import day, tiny, whole

if TYPE_CHECKING:
    from explainers.assurance.exactness import ExactnessResult

SAMPLE = (0.2, 0.8)
"""Which applications are counted by hand: at these places among those declined."""


@dataclass(frozen=True)
class CheckLine:
    """One check, its finding and how it is made."""

    name: str
    """What must hold."""
    passed: bool
    """Whether it holds."""
    finding: str
    """What was found."""
    how: str
    """How it is computed, in words."""


@dataclass(frozen=True)
class GroupLine:
    """What identifies a comparison group."""

    name: str
    """Its name in words."""
    n: int
    """Applications in it."""
    rule: str
    """The rule that defines it."""
    as_of: date | None
    """Latest application of the snapshot."""
    seed: int
    """Seed of the build."""
    content_hash: str
    """SHA-256 over the model and the group's rows."""


@dataclass(frozen=True)
class HealthResult:
    """The state of a snapshot."""

    snapshot_id: str
    """The snapshot."""
    n: int
    """Applications the viewer may see."""
    n_total: int
    """Applications in the snapshot."""
    checks: tuple[CheckLine, ...]
    """Checks of the build, then the one made now."""
    exactness: ExactnessResult | None
    """Counting by hand on trees of this model; None for a model whose trees are all too small or too large."""
    groups: tuple[GroupLine, ...]
    """Comparison groups: all of them, or those at the viewer's own cut-offs."""
    facts: tuple[tuple[str, str], ...]
    """Hashes and versions: names and values."""


HOW = {
    "Every explanation adds up": "For every application: LightGBM's raw score, less the comparison group's mean, less"
    " the sum of all contributions. It must be below a billionth.",
    "The model gives the same scores again": "LightGBM scores stored applications again with the stored model.",
    "Decisions follow the cut-off": "Every decision is derived again from policy rules, estimate and cut-off.",
    "Comparison groups are whole": "The members of every group are counted.",
    "No prohibited input": "The names of all signals are compared with a list of prohibited characteristics.",
    "Scores match the record": "The score the table came with is compared with the model's own.",
}
COUNTED = "Counting by hand gives the same"


def compute_health(reader: Reader) -> HealthResult:
    """Gather the build's checks and count by hand on trees of the model."""
    rows = reader.checks()
    stored = tuple(
        CheckLine(str(name), bool(passed), str(finding), HOW.get(str(name), ""))
        for name, passed, finding in zip(rows["name"], rows["passed"], rows["finding"], strict=True)
    )
    counted = count(reader)
    manifest = reader.manifest
    return HealthResult(
        snapshot_id=reader.snapshot_id,
        n=int(reader.totals()["n"]),
        n_total=manifest.n,
        checks=stored if counted is None else (*stored, say_counted(counted)),
        exactness=counted,
        groups=group_lines(reader),
        facts=facts(manifest, exact=reader.viewer.policy.exact_scores),
    )


def count(reader: Reader) -> ExactnessResult | None:
    """Count by hand for two of the viewer's applications against rows of a stored comparison group."""
    from explainers.assurance.exactness import GROUP_ROWS, compute_exactness  # loads the engine

    room = reader.room
    numbers = [reader.application(reader.pick("any", place)).row_no for place in SAMPLE]
    rows = room.model.encode(room.signal_values(numbers))
    group = room.model.encode(room.group_rows(reader.groups()[0].group_no, GROUP_ROWS))
    result = compute_exactness(room.model, rows, group)
    return result if result.trees else None


def group_lines(reader: Reader) -> tuple[GroupLine, ...]:
    """Describe the groups; another partner's cut-off is no business of this viewer."""
    own = set(reader.cutoffs()["cutoff"])
    return tuple(
        GroupLine(g.name.replace("_", " "), g.n, g.rule, g.as_of, g.seed, g.content_hash)
        for g in reader.groups()
        if g.cutoff is None or g.cutoff in own
    )


def say_counted(result: ExactnessResult) -> CheckLine:
    """Put the count into words."""
    finding = (
        f"{whole(result.combinations)} mixed rows scored by LightGBM on {len(result.trees)} trees of this model;"
        f" the largest difference is {tiny(result.worst)}."
    )
    how = (
        "For a few trees every combination of signals is formed, scored by LightGBM itself, and added up by the"
        " definition of the Shapley value. Counted now, on this page. The contributions of a model are the sums"
        " over its trees."
    )
    return CheckLine(COUNTED, result.worst < 1e-9, finding, how)


def facts(manifest: Manifest, *, exact: bool) -> tuple[tuple[str, str], ...]:
    """Return what identifies the snapshot; hashes of its inputs only where scores are shown exactly."""
    base = (
        ("Snapshot", manifest.snapshot_id),
        ("Fingerprint of card, model, table and seed", manifest.fingerprint),
        ("Built", f"{manifest.built_at} (UTC)"),
        ("Seed", str(manifest.seed)),
    )
    if not exact:
        return base
    files = tuple((f"SHA-256 of {name}", entry.sha256) for name, entry in manifest.files.items())
    return (*base, *files, ("Versions", ", ".join(f"{k} {v}" for k, v in manifest.versions.items())))


def say_health(result: HealthResult) -> str:
    """Return the headline."""
    failed = sum(not c.passed for c in result.checks)
    if failed:
        return f"{failed} of {len(result.checks)} checks do not hold. Do not rely on this snapshot."
    return f"All {len(result.checks)} checks hold: the explanations are exact, and add up to the model's own score."


def say_context(result: HealthResult) -> str:
    """Return what was checked."""
    return f"Snapshot {result.snapshot_id}, {whole(result.n_total)} applications."


def say_how_to_read(result: HealthResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        "Each line says what must hold, what was found, and how it is computed. A snapshot that fails one of the"
        " first checks is never published.",
        "Anyone with the snapshot's folder can run the same checks: python -m explainers check FOLDER.",
        f"The snapshot holds {len(result.groups)} comparison groups. Each is defined by a rule and used whole; its"
        " hash changes when any of its rows or the model changes.",
    )


LIMITS = (
    "That an explanation is exact means that it says truly what the model did. It does not mean that the model is"
    " right, or that its use is lawful.",
    "Another comparison group gives another, equally exact explanation.",
)


def table_checks(result: HealthResult) -> str:
    """Draw the checks as an HTML fragment, every value escaped."""
    return render("health_checks.html", checks=result.checks)


def table_groups(result: HealthResult) -> str:
    """Draw the comparison groups and what identifies the snapshot."""
    groups = [
        (f"{g.name}, {whole(g.n)} applications", g.rule, day(g.as_of), str(g.seed), g.content_hash)
        for g in result.groups
    ]
    return render("health_groups.html", groups=groups, facts=result.facts)
