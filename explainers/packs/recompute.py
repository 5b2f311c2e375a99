"""Pins computed again without a browser: what the main pages say and draw, from the snapshot, by the same functions.

A page arranges; what it says and draws comes from functions of `explainers`. Here the same functions are asked for the
findings and the charts of the main pages, for a viewer of the pin's own scope. Parts of a page that are not listed
here are not computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.access import Viewer
from data.cohorts import Cohort, read_cohort
from data.reader import Reader
from data.reason_approvals import ApprovedWords, with_approvals
from data.snapshots import Snapshot, open_reader
from data.workspace.pin_parts import ChartPart, Part, Pin, WordsPart
from explainers.pins.compare import CheckResult, compute_check
from explainers.pins.figures import plain_figure

WHO = "verify"
"""Name of the viewer who computes again."""


@dataclass(frozen=True)
class Recomputed:
    """What came out."""

    check: CheckResult
    """Words and numbers compared."""
    parts: int
    """How many parts of the pin were computed again."""
    of: int
    """How many it has."""


Inputs = Mapping[str, str]
Recipe = Callable[[Reader, Snapshot, Inputs], Iterator[Part]]


def recompute(pin: Pin, snapshot: Snapshot, approvals: Sequence[ApprovedWords] = ()) -> Recomputed | None:
    """Compute a pin again and compare.

    Parameters
    ----------
    pin : Pin
        An answer as it was kept.
    snapshot : Snapshot
        The one it was kept from.
    approvals : sequence of ApprovedWords
        Wording of reasons that was approved in the app: people outside see it.

    Returns
    -------
    Recomputed or None
        None for a page, or an input, that is not computed again here.

    Raises
    ------
    CandorError
        A viewer of the pin's scope cannot see this now.
    """
    catalogue = with_approvals(snapshot.catalogue, approvals)
    reader = open_reader(snapshot, Viewer(WHO, pin.audience, pin.partner), catalogue)
    recipe = RECIPES.get(pin.shown.page)
    now = list(recipe(reader, snapshot, dict(pin.shown.address))) if recipe is not None else []
    if not now:
        return None
    left, before, after = list(pin.shown.parts), [], []
    for part in now:
        old = _partner(part, left)
        if old is not None:
            left.remove(old)
            before.append(old)
        after.append(
            replace(part, title=old.title) if isinstance(old, ChartPart) and isinstance(part, ChartPart) else part
        )
    check = compute_check(replace(pin.shown, parts=tuple(before)), replace(pin.shown, parts=tuple(after)))
    return Recomputed(check, len(after), len(pin.shown.parts))


def _partner(part: Part, left: list[Part]) -> Part | None:
    """Return the part of a pin that a computed one stands for: of its kind, with its description if there is one."""
    alike = [one for one in left if type(one) is type(part) and one.kind == part.kind]
    if isinstance(part, ChartPart):
        return next((one for one in alike if isinstance(one, ChartPart) and one.alt == part.alt), None) or next(
            iter(alike), None
        )
    return next(iter(alike), None)


def _words(finding: str, context: str) -> Iterator[Part]:
    yield WordsPart("finding", finding)
    yield WordsPart("context", context)


def _chart(figure: Any, alt: str) -> Part:
    return ChartPart("chart", "", alt, plain_figure(str(figure.to_json())))


def _cohort(inputs: Inputs) -> Cohort:
    return read_cohort(inputs.get("cohort", ""))


def _overview(reader: Reader, _snapshot: Snapshot, _inputs: Inputs) -> Iterator[Part]:
    from explainers.overview import charts, words
    from explainers.overview.compute import compute_overview

    result = compute_overview(reader)
    yield from _words(words.say_overview(result), words.say_span(result))
    if result.over_time:
        yield _chart(charts.chart_approval(result), f"{words.say_approval(result)}. {words.say_volume_alt(result)}")
        yield _chart(charts.chart_volume(result), words.say_volume(result))
    yield _chart(charts.chart_scores(result), words.say_scores(result))
    if result.reliability is not None:
        alt = words.say_reliability_detail(result.reliability, result.outcome_past)
        yield _chart(charts.chart_reliability(result.reliability), alt)


def _decision(reader: Reader, snapshot: Snapshot, inputs: Inputs) -> Iterator[Part]:
    from explainers.attribution import Engine
    from explainers.decision import charts, words
    from explainers.decision.compute import compute_decision, fit_group, group_for, group_names

    number, asked = inputs["app"], inputs.get("group")
    names = group_names(reader)
    by_label = {label: name for name, label in names.items()}
    chosen = by_label.get(asked or "", asked)
    if chosen is not None and chosen not in names:
        return  # a group of chosen applications, which belongs to the visit and not to the snapshot
    name, group_no = group_for(reader, number, chosen)
    result = compute_decision(reader, number, fit_group(reader, Engine(snapshot.model), name, group_no))
    yield from _words(words.say_decision(result), words.say_context(result))
    yield _chart(charts.chart_decision(result), words.say_scale(result))
    drawn = _chart(charts.chart_reasons(result), words.say_scale(result))
    if isinstance(drawn, ChartPart):
        yield replace(drawn, kind="picture")


def _drivers(reader: Reader, _snapshot: Snapshot, inputs: Inputs) -> Iterator[Part]:
    from explainers.drivers import charts, words
    from explainers.drivers.compute import compute_drivers, sum_families

    cohort = _cohort(inputs)
    result = compute_drivers(reader, cohort, sum_families(reader, cohort, spread=True))
    yield from _words(words.say_drivers(result), words.say_context(result))
    yield _chart(charts.chart_drivers(result), words.say_alt(result))


def _reasons(reader: Reader, _snapshot: Snapshot, inputs: Inputs) -> Iterator[Part]:
    from explainers.reasons import charts, words
    from explainers.reasons.frequency import compute_frequency

    result = compute_frequency(reader, _cohort(inputs))
    yield from _words(words.say_reasons(result), words.say_reasons_context(result))
    if result.families:
        yield _chart(charts.chart_reasons(result), words.say_alt(result))
        moved = words.say_months(result)
        if moved is not None:
            yield _chart(charts.chart_months(result), moved)


def _fairness(reader: Reader, _snapshot: Snapshot, inputs: Inputs) -> Iterator[Part]:
    from explainers.fairness import charts, words
    from explainers.fairness.compute import compute_fairness, list_attributes
    from explainers.fairness.result import Settings

    plain, names = Settings(), list_attributes(reader)
    given = {key: float(inputs[key]) for key in ("ratio", "points", "chance", "threshold") if key in inputs}
    points = given["points"] / 100 if "points" in given else plain.least_points
    settings = Settings(
        given.get("ratio", plain.ratio_below),
        points,
        given.get("chance", plain.chance),
        given.get("threshold", plain.proxy_threshold),
    )
    by_label = {label: name for name, (label, _) in names.items()}
    asked, second = (by_label.get(inputs.get(key, ""), inputs.get(key)) for key in ("attribute", "with"))
    cohort = _cohort(inputs)
    asked = asked or compute_fairness(reader, cohort).headline
    pair = (asked, second) if second else None
    result = compute_fairness(reader, cohort, settings, pair)
    yield from _words(words.say_fairness(result), words.say_context(result))
    attribute = result.pair if pair and result.pair else result.attribute(asked)
    draw = charts.chart_proxy if attribute.kind == "proxy" else charts.chart_attribute
    yield _chart(draw(attribute, result.settings), words.say_alt(attribute))


def _evidence(reader: Reader, _snapshot: Snapshot, _inputs: Inputs) -> Iterator[Part]:
    from explainers.evidence import words
    from explainers.evidence.charts import chart_swap
    from explainers.evidence.compute import compute_evidence

    result = compute_evidence(reader)
    yield from _words(words.say_evidence(result), words.say_context(result))
    if result.figure("named4"):
        yield _chart(chart_swap(result), words.say_swap_alt(result))


def _health(reader: Reader, _snapshot: Snapshot, _inputs: Inputs) -> Iterator[Part]:
    from explainers.assurance import health as words

    result = words.compute_health(reader)
    yield from _words(words.say_health(result), words.say_context(result))


def _cohorts(reader: Reader, _snapshot: Snapshot, inputs: Inputs) -> Iterator[Part]:
    from explainers.cohorts import charts
    from explainers.cohorts import look_words as words
    from explainers.cohorts.look import compute_look

    result = compute_look(reader, _cohort(inputs))
    yield from _words(words.say_look(result), words.say_look_context(result))
    if not result.is_everyone:
        yield _chart(charts.chart_apart(result), words.say_apart_alt(result))
    yield _chart(charts.chart_spread(result), words.say_spread_alt(result))
    if len(words.by_month(result)):
        yield _chart(charts.chart_months(result), words.say_months_alt(result))


RECIPES: dict[str, Recipe] = {
    "overview": _overview,
    "decision": _decision,
    "drivers": _drivers,
    "reasons": _reasons,
    "fairness": _fairness,
    "evidence": _evidence,
    "health": _health,
    "cohorts": _cohorts,
}
"""Page -> what it says and draws. Tests compare each with the page itself."""
