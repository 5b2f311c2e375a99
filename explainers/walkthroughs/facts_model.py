"""Facts about a model and its snapshot: from the Overview, Drivers, Evidence, Health and the manifest."""

from __future__ import annotations

from collections.abc import Callable

from explainers.style import day, day_from_iso, of_100, percent, tiny
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.rules import FactRule, Found, counted, said

OVERVIEW = "compute_overview, over every application you may see; snapshot.duckdb: applications"
DRIVERS = "compute_drivers, over every application you may see; snapshot.duckdb: contributions"
ABSENCE = "compute_absence, on the names in model.txt"
EVIDENCE = "compute_evidence; snapshot.duckdb: what the tests of reasons found when the snapshot was built"
CHECKS = "compute_overview; snapshot.duckdb: checks made when it was built"
HEALTH = "compute_health; counted now on trees of model.txt"
MANIFEST = "the snapshot's manifest.json"
GROUPS_FILE = "groups.duckdb"


# -- the snapshot ----------------------------------------------------------------------------------


def _snapshot(desk: Desk) -> Found | None:
    return said(desk.reader.snapshot_id, desk.n_total)


def _snapshot_hash(desk: Desk) -> Found | None:
    return said(desk.reader.manifest.fingerprint, desk.n_total)


def _model_hash(desk: Desk) -> Found | None:
    return said(desk.absence.model_hash, desk.n_total)


def _as_of(desk: Desk) -> Found | None:
    as_of = desk.reader.manifest.as_of
    return None if as_of is None else said(day_from_iso(as_of), desk.n_total)


def _groups_apart(desk: Desk) -> Found | None:
    """Whether protected groups lie in a file of their own; not told where files are not."""
    files = desk.reader.manifest.files
    return Found(GROUPS_FILE in files, GROUPS_FILE, desk.n_total) if files else None


def _checks_made(desk: Desk) -> Found:
    return counted(len(desk.overview.checks), desk.overview.n)


def _checks_failed(desk: Desk) -> Found:
    return counted(sum(not check.passed for check in desk.overview.checks), desk.overview.n)


def _counted_apart(desk: Desk) -> Found | None:
    result = desk.health.exactness
    return None if result is None else Found(result.worst, tiny(result.worst), desk.health.n)


def _mixed_rows(desk: Desk) -> Found | None:
    result = desk.health.exactness
    return None if result is None else counted(result.combinations, desk.health.n)


# -- the Overview ----------------------------------------------------------------------------------


def _applications(desk: Desk) -> Found:
    return counted(desk.overview.n, desk.overview.n)


def _passes(desk: Desk) -> Found | None:
    result = desk.overview
    share = result.approved / result.n if result.n else None
    return None if share is None else Found(share, of_100(share), result.n)


def _cutoffs(desk: Desk) -> Found | None:
    from explainers.overview.words import say_cutoff_facts

    return said(say_cutoff_facts(desk.overview) if desk.overview.cutoffs else "", desk.overview.n)


def _first_day(desk: Desk) -> Found | None:
    found = desk.overview.first_day
    return None if found is None else said(day(found), desk.overview.n)


def _last_day(desk: Desk) -> Found | None:
    found = desk.overview.last_day
    return None if found is None else said(day(found), desk.overview.n)


def _ranking(desk: Desk) -> Found | None:
    found = desk.overview.ranking
    return None if found is None else Found(found.auc, of_100(found.auc), found.n)


def _outcomes_known(desk: Desk) -> Found | None:
    found = desk.overview.reliability
    return None if found is None else counted(found.n, found.n)


def _estimated(desk: Desk) -> Found | None:
    found = desk.overview.reliability
    return None if found is None else Found(found.mean_estimate, percent(found.mean_estimate, 1), found.n)


def _happened(desk: Desk) -> Found | None:
    found = desk.overview.reliability
    share = 0.0 if found is None else found.outcomes / found.n
    return None if found is None else Found(share, percent(share, 1), found.n)


def _steps_matched(desk: Desk) -> Found | None:
    found = desk.overview.reliability
    return None if found is None else counted(sum(step.matches for step in found.steps), found.n)


def _steps(desk: Desk) -> Found | None:
    found = desk.overview.reliability
    return None if found is None else counted(len(found.steps), found.n)


# -- Drivers ---------------------------------------------------------------------------------------


def _driver(place: int) -> Callable[[Desk], Found | None]:
    """Return what names the family in a place of the ranking."""

    def read(desk: Desk) -> Found | None:
        result = desk.drivers
        moving = result.families if result.half else ()
        return said(moving[place].label, result.n) if len(moving) > place else None

    return read


def _driver_size(desk: Desk) -> Found | None:
    from explainers.drivers.words import write_size

    result = desk.drivers
    if not result.half:
        return None
    size, word = result.families[0].size, "points" if result.is_probability else "units"
    return Found(size, f"{write_size(size, is_probability=result.is_probability)} {word}", result.n)


def _drivers_half(desk: Desk) -> Found | None:
    return counted(desk.drivers.half, desk.drivers.n) if desk.drivers.half else None


def _driver_families(desk: Desk) -> Found:
    return counted(len(desk.drivers.families), desk.drivers.n)


# -- Evidence --------------------------------------------------------------------------------------


def _figure(name: str, write: Callable[[float], str]) -> Callable[[Desk], Found | None]:
    """Return what reads one figure of Evidence."""

    def read(desk: Desk) -> Found | None:
        figure = desk.evidence.figure(name)
        return None if figure is None else Found(figure.value, write(figure.value), figure.n)

    return read


def _tested(desk: Desk) -> Found:
    return counted(desk.evidence.n, desk.evidence.n)


def _tests(state: str) -> Callable[[Desk], Found]:
    """Return what counts the checks of Evidence that ended in a state."""

    def read(desk: Desk) -> Found:
        from explainers.evidence.checks import shown_checks

        states = [check.state(desk.evidence) for check in shown_checks(desk.evidence)]
        return counted(states.count(state), desk.evidence.n)  # type: ignore[arg-type]

    return read


def _more(value: float) -> str:
    return f"{value * 100:.0f}"


RULES = (
    FactRule("snapshot", "the snapshot", MANIFEST, _snapshot),
    FactRule("snapshot_hash", "the snapshot's fingerprint", MANIFEST, _snapshot_hash),
    FactRule("model_hash", "the SHA-256 of the model's file", "compute_absence; model.txt", _model_hash),
    FactRule("as_of", "the as-of date", MANIFEST, _as_of),
    FactRule("groups_apart", "a file of their own for protected groups", MANIFEST, _groups_apart),
    FactRule("checks_made", "the number of checks of the build", CHECKS, _checks_made),
    FactRule("checks_failed", "the number of checks that do not hold", CHECKS, _checks_failed),
    FactRule("counted_apart", "the difference from counting by hand", HEALTH, _counted_apart),
    FactRule("mixed_rows", "the number of rows counted by hand", HEALTH, _mixed_rows),
    FactRule("applications", "the number of applications", OVERVIEW, _applications),
    FactRule("model_name", "the model's name", OVERVIEW, lambda d: said(d.overview.name, d.overview.n)),
    FactRule("model_version", "the model's version", OVERVIEW, lambda d: said(d.overview.version, d.overview.n)),
    FactRule("product", "the product", OVERVIEW, lambda d: said(d.overview.product, d.overview.n)),
    FactRule("outcome", "what the model estimates", OVERVIEW, lambda d: said(d.overview.outcome, d.overview.n)),
    FactRule("outcome_past", "what happened", OVERVIEW, lambda d: said(d.overview.outcome_past, d.overview.n)),
    FactRule("decided_by", "who decides with it", OVERVIEW, lambda d: said(d.overview.decided_by, d.overview.n)),
    FactRule("passes", "the share that passes", OVERVIEW, _passes),
    FactRule("cutoffs", "the cut-off", OVERVIEW, _cutoffs),
    FactRule("signals", "the number of signals", OVERVIEW, lambda d: counted(d.overview.signals, d.overview.n)),
    FactRule(
        "families", "the number of families", OVERVIEW, lambda d: counted(len(d.overview.families), d.overview.n)
    ),
    FactRule(
        "declined_by_rule",
        "the number of applications that a policy rule declined",
        OVERVIEW,
        lambda d: counted(d.overview.declined_by_rule, d.overview.n),
    ),
    FactRule("first_day", "the day of the first application", OVERVIEW, _first_day),
    FactRule("last_day", "the day of the last application", OVERVIEW, _last_day),
    FactRule("ranking", "the share of pairs that are ranked rightly", OVERVIEW, _ranking),
    FactRule("outcomes_known", "the number of known outcomes", OVERVIEW, _outcomes_known),
    FactRule("estimated", "the mean estimate", OVERVIEW, _estimated),
    FactRule("happened", "the share with the outcome", OVERVIEW, _happened),
    FactRule("steps_matched", "the number of steps in which estimates match what happened", OVERVIEW, _steps_matched),
    FactRule("steps", "the number of steps", OVERVIEW, _steps),
    FactRule("first_driver", "the family that moves estimates most", DRIVERS, _driver(0)),
    FactRule("second_driver", "the family that comes second", DRIVERS, _driver(1)),
    FactRule("first_driver_size", "how far the first family moves an estimate", DRIVERS, _driver_size),
    FactRule("drivers_half", "the number of families that carry half of all movement", DRIVERS, _drivers_half),
    FactRule("driver_families", "the number of families that are ranked", DRIVERS, _driver_families),
    FactRule(
        "inputs", "the number of the model's inputs", ABSENCE, lambda d: counted(d.absence.n_signals, d.n_total)
    ),
    FactRule(
        "prohibited_inputs",
        "the number of inputs whose names point to a prohibited basis",
        ABSENCE,
        lambda d: counted(d.absence.n_found, d.n_total),
    ),
    FactRule(
        "care_inputs",
        "the number of inputs that need care",
        ABSENCE,
        lambda d: counted(d.absence.n_care, d.n_total),
    ),
    FactRule(
        "unused_inputs",
        "the number of inputs that no tree uses",
        ABSENCE,
        lambda d: counted(d.absence.n_unused, d.n_total),
    ),
    FactRule("tested", "the number of declined applications that were tested", EVIDENCE, _tested),
    FactRule(
        "swap_named", "the share of decisions that the named reasons change", EVIDENCE, _figure("named4", of_100)
    ),
    FactRule("swap_random", "the share that random families change", EVIDENCE, _figure("random4", of_100)),
    FactRule("swap_apart", "the difference of the two shares", EVIDENCE, _figure("apart", _more)),
    FactRule(
        "noise_first",
        "the share that keeps its first reason when values change a little",
        EVIDENCE,
        _figure("noise_first", of_100),
    ),
    FactRule("noise_overlap", "how far the two lists overlap", EVIDENCE, _figure("noise_overlap", percent)),
    FactRule(
        "method_first",
        "the share with the same first reason by the other method",
        EVIDENCE,
        _figure("method_first", of_100),
    ),
    FactRule(
        "method_overlap", "how far the lists of both methods overlap", EVIDENCE, _figure("method_overlap", percent)
    ),
    FactRule("worst_residual", "the largest part of a score left over", EVIDENCE, _figure("residual", tiny)),
    FactRule(
        "summed", "the number of applications that were added up", EVIDENCE,
        lambda d: counted(d.evidence.figures["residual"].n, d.evidence.figures["residual"].n),
    ),
    FactRule("tests_met", "the number of tests that are met", EVIDENCE, _tests("met")),
    FactRule("tests_not_met", "the number of tests that are not met", EVIDENCE, _tests("not met")),
)  # fmt: skip
"""Every fact about a model and its snapshot."""
