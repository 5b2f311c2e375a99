"""Steps on real snapshots: every number of a claim is the page's own, and what does not hold is not claimed."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import EVERYONE as COHORT
from data.reader import Reader
from data.snapshots import open_reader
from explainers.attribution import Engine
from explainers.decision import words as decision_words
from explainers.decision.compute import compute_decision, fit_group, group_for, read_on_file
from explainers.decision.result import shown_rows
from explainers.drivers import cross_words
from explainers.drivers import words as driver_words
from explainers.drivers.absence import compute_absence
from explainers.drivers.compute import compute_drivers, sum_families
from explainers.evidence import words as evidence_words
from explainers.evidence.compute import compute_evidence
from explainers.fairness import detail_words
from explainers.fairness import words as fairness_words
from explainers.fairness.compute import compute_fairness
from explainers.fairness.detail import compute_detail
from explainers.fairness_drivers import words as gap_words
from explainers.fairness_drivers.compute import compute_gap, compute_proxies
from explainers.notices.compute import compute_notice
from explainers.notices.words import say_context as say_letter_context
from explainers.overview import words as overview_words
from explainers.overview.compute import compute_overview
from explainers.reasons import principal_words
from explainers.reasons.principal import compute_principal
from explainers.style import day_from_iso
from explainers.walkthroughs.compute import compute_inputs, compute_step
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.facts import FACTS, read_fact
from explainers.walkthroughs.result import NOT_SUPPORTED, SUPPORTED, Fact, StepResult
from explainers.walkthroughs.script import Script, places_of, read_script, shipped
from explainers.walkthroughs.words import say_step, say_summary, table_facts
from tests.explainers.walkthroughs import world
from tests.explainers.walkthroughs.world import LACKING, PARTNER, REGULATOR, edited


@cache
def reader_of(path: Path, viewer: Viewer) -> Reader:
    return open_reader(world.opened(path), viewer)


CHOSEN = {"attribute": "Race and ethnicity", "group": "Black"}
"""In a book this small the widest gap is of a group too small for months."""


@cache
def walked(path: Path, viewer: Viewer, script: Script) -> tuple[Desk, tuple[StepResult, ...]]:
    """Return every step of a script as a viewer sees it."""
    reader = reader_of(path, viewer)
    asked = CHOSEN if path == world.planted_folder() else {}
    inputs = compute_inputs(reader, script, asked)
    desk = Desk(reader, inputs)
    steps = range(1, len(script.steps) + 1)
    return desk, tuple(compute_step(reader, script, number, inputs, desk) for number in steps)


def audience_of(script: Script) -> Viewer:
    return PARTNER if script.audiences == (Audience.PARTNER,) else REGULATOR


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,.]*\d|\d", text))


@pytest.mark.parametrize("script", shipped(), ids=lambda s: s.script_id)
def test_every_step_of_a_shipped_script_is_supported_for_its_audience(script: Script) -> None:
    _, results = walked(world.home_of(script), audience_of(script), script)
    assert {r.step_id: r.why_not for r in results if r.state != SUPPORTED} == {}
    assert say_summary(results) == f"All {len(script.steps)} steps are supported by this snapshot"


def test_a_specialist_can_walk_a_script_of_others_too() -> None:
    _, results = walked(world.with_letters(), LOCAL_VIEWER, shipped()[0])
    assert all(r.state == SUPPORTED for r in results)


def page_texts(reader: Reader, script: Script, inputs: dict[str, str]) -> dict[str, str]:
    """Return what the pages of a script say, computed apart from any walkthrough."""
    said = {"overview": overview_text(reader)}
    pages = {step.page for step in script.steps}
    if "drivers" in pages:
        absence = compute_absence(reader)
        said["absence"] = f"{cross_words.say_absence(absence)} {absence.n_found} {absence.n_care}"
    if script.audiences == (Audience.PARTNER,):
        drivers = compute_drivers(reader, COHORT, sum_families(reader, COHORT))
        said["drivers"] = f"{driver_words.say_drivers(drivers)} {driver_words.say_families(drivers)}"
    if "evidence" in pages:
        evidence = compute_evidence(reader)
        context, checks = evidence_words.say_context(evidence), evidence_words.table_checks(evidence)
        said["evidence"] = f"{evidence_words.say_evidence(evidence)} {context} {checks}"
    if "app" in inputs:
        said |= decision_texts(reader, inputs["app"])
    if "attribute" in inputs:
        said |= group_texts(reader, inputs)
    return said


def overview_text(reader: Reader) -> str:
    overview = compute_overview(reader)
    return " ".join(
        (
            overview_words.say_overview(overview),
            overview_words.say_span(overview),
            overview_words.say_ranking(overview.ranking, overview.outcome_past),
            overview_words.say_reliability(overview.reliability, overview.outcome_past),
            overview_words.say_reliability_detail(overview.reliability, overview.outcome_past),
            " ".join(" ".join(pair) for pair in overview_words.say_facts(overview)),
            f"{overview.name} {overview.version} {overview.declined_by_rule} {overview_words.say_checks(overview)} 0",
        )
    )


def decision_texts(reader: Reader, number: str) -> dict[str, str]:
    engine = Engine(reader.room.model)

    def fit(name: str, group_no: int) -> Any:
        return fit_group(reader, engine, name, group_no)

    result = compute_decision(reader, number, fit(*group_for(reader, number, None)))
    asked = read_on_file(reader, engine, number)
    principal, letter = compute_principal(reader, asked, fit), compute_notice(reader, asked, fit)
    shares = [r.share for r in principal.own.reasons if r.share is not None]
    rows = shown_rows(result)
    decision = " ".join(
        (
            decision_words.say_decision(result),
            decision_words.say_context(result),
            decision_words.say_total(result),
            decision_words.say_adds_up(result),
            f"{decision_words.say_points(result, result.total_points)} points",
            " ".join(f"{f.label} {decision_words.say_points(result, f.points)} points" for f in rows.against),
            f"{result.decision} {number} above at or below less than a billionth {result.comparison.rule}",
            "the model’s estimate",
            result.comparison.content_hash,
        )
    )
    reasons = " ".join(
        (
            f"{len(principal.own.reasons)}",
            "; ".join(f"“{r.statement}”" for r in principal.own.reasons),
            str(principal_words.say_explained(principal.own)),
            f"{min(shares, default=0) * 100:.0f}\u202f% {principal.own.material} 0",
        )
    )
    items = [item.text.rstrip(".") for part in letter.parts if part.key == "reasons" for item in part.items]
    said = f"{'; '.join(f'“{i}”' for i in items)} {say_letter_context(letter)} {letter.state}"
    return {"decision": decision, "reasons": reasons, "letter": f"{said} {len(letter.problems)} {len(items)}"}


def group_texts(reader: Reader, inputs: dict[str, str]) -> dict[str, str]:
    fairness = compute_fairness(reader)
    attribute = next(a for a in fairness.attributes if a.label == inputs["attribute"])
    gap = compute_gap(reader, attribute.name, inputs["group"], COHORT)
    proxies = compute_proxies(reader, attribute.name, COHORT, gap)
    detail = compute_detail(reader, attribute.name)
    judged = [p for p in detail.months if p.enough and p.value == inputs["group"]]
    tables = " ".join(
        fairness_words.table_attribute(a).to_string() for a in fairness.attributes if a.kind == "observed"
    )
    few = sum(line.enough is False and not line.is_reference for a in fairness.attributes for line in a.lines)
    with_unit = gap_words.say_gap_alt(gap).replace(" (", " points (")
    return {
        "fairness": " ".join(
            (
                fairness_words.say_fairness(fairness),
                fairness_words.say_context(fairness),
                " ".join(fairness_words.say_how_to_read(fairness)),
                " ".join(fairness_words.say_line(attribute, line) for line in attribute.lines),
                tables,
                f"{len(fairness.attributes)} {attribute.label} {len(fairness.closer)} {few} groups.duckdb",
            )
        ),
        "gap": f"{gap_words.say_gap(gap)} {with_unit} less than a billionth",
        "proxies": " ".join(
            (
                gap_words.say_proxies_alt(proxies),
                gap_words.say_proxies_context(proxies),
                gap_words.say_power(proxies.together),
                str(sum(one.auc >= gap_words.CLOSE for one in proxies.families)),
            )
        ),
        "months": f"{detail_words.say_months(detail)} {sum(p.high < 1 for p in judged)} of {len(judged)} months",
    }


@pytest.mark.parametrize("script", shipped(), ids=lambda s: s.script_id)
def test_every_figure_of_every_claim_stands_on_a_page_that_was_computed_apart(script: Script) -> None:
    viewer = audience_of(script)
    desk, results = walked(world.home_of(script), viewer, script)
    texts = page_texts(reader_of(world.home_of(script), viewer), script, desk.inputs)
    told = " ".join(texts.values()) + f" {desk.reader.snapshot_id} {day_from_iso(str(desk.reader.manifest.as_of))} "
    for result, step in zip(results, script.steps, strict=True):
        for name in places_of(step.claim):
            fact = next(f for f in result.facts if f.name == name)
            assert fact.text in told, (step.step_id, name, fact.text)
        assert result.claim is not None
        assert numbers(result.claim) <= numbers(told), step.step_id
        filled = step.claim
        for fact in result.facts:
            filled = filled.replace(f"{{{fact.name}}}", fact.text)
        assert result.claim == filled


@pytest.mark.parametrize(
    ("name", "viewer"),
    [*((name, REGULATOR) for name in LACKING), *((name, PARTNER) for name in list(LACKING)[:2])],
    ids=str,
)
def test_a_snapshot_that_lacks_something_gives_no_claim_about_it_and_no_wrong_number(name: str, viewer: Viewer) -> None:
    path = world.lacking(name)
    if viewer == PARTNER and "partners" in name:
        viewer = Viewer("officer", Audience.PARTNER, "all")
    for script in shipped():
        desk, results = walked(path, viewer, script)
        again = Desk(reader_of(path, viewer), desk.inputs)
        for result, step in zip(results, script.steps, strict=True):
            if result.claim is None:
                assert result.state == NOT_SUPPORTED
                assert str(result.why_not).endswith(".")
                assert "{" not in str(result.why_not)
                continue
            fresh = {one: read_fact(again, one) for one in step.fact_names}
            assert [f for f in fresh.values() if not isinstance(f, Fact)] == []
            assert [f.text for f in result.facts] == [f.text for f in fresh.values() if isinstance(f, Fact)]
            assert not [f for f in result.facts if f.text in {"nan", "inf", "None", ""}]


def test_what_is_lacking_is_said_by_name() -> None:
    decision, fairness, partner = shipped()

    def why(name: str, script: Script, viewer: Viewer) -> dict[str, str]:
        return {r.step_id: str(r.why_not) for r in walked(world.lacking(name), viewer, script)[1]}

    without = {r.step_id: str(r.why_not) for r in walked(world.with_letters(), REGULATOR, fairness)[1]}
    assert all("no groups" in told.lower() for step, told in without.items() if step != "inputs"), without
    assert without["inputs"] == "None"
    nobody = why("no outcomes, dates and partners", partner, Viewer("officer", Audience.PARTNER, "all"))
    assert "mean estimate: not known" in nobody["right"]
    assert "first application: not known" in nobody["task"]
    assert nobody["counts"] == "None"
    assert (
        "fewer" in why("two rows", partner, PARTNER)["counts"] or "few" in why("two rows", partner, PARTNER)["counts"]
    )
    assert "letter" in {r.step_id: r.why_not for r in walked(world.planted_folder(), REGULATOR, decision)[1]}["notice"]


def test_a_partner_without_applications_and_one_without_groups_get_no_claim() -> None:
    nobody = Viewer("officer", Audience.PARTNER, "Nobody's Bank")
    for script in shipped():
        _, results = walked(world.planted_folder(), nobody, script)
        assert [r.claim for r in results if r.step_id not in {"inputs", "looks-at"} and r.claim] == []
    _, results = walked(world.planted_folder(), PARTNER, shipped()[1])
    assert all("not available in your view" in str(r.why_not).lower() for r in results[2:])


def test_an_application_that_is_not_there_looks_like_one_of_another_partner() -> None:
    reader, script = reader_of(world.planted_folder(), PARTNER), shipped()[2]
    others = reader_of(world.planted_folder(), LOCAL_VIEWER)
    foreign = next(
        number
        for place in range(50)
        if others.application(number := others.pick("declined", place / 50)).partner != PARTNER.partner
    )
    told = {compute_step(reader, script, 5, {"app": number}).why_not for number in (foreign, "no such number")}
    assert len(told) == 1
    assert "no application with this number" in str(told.pop()).lower()


@pytest.mark.parametrize(
    ("statement", "step", "told"),
    [
        ("UPDATE applications SET raw_score = raw_score + 1e-6", "estimate", "difference of the raw score"),
        ("UPDATE applications SET estimate = estimate + 0.004", "estimate", "difference of the estimate"),
        ("UPDATE checks SET passed = false WHERE position = 1", "record", "number of checks that do not hold"),
    ],
)
def test_a_planted_change_of_a_figure_is_not_supported(tmp_path: Path, statement: str, step: str, told: str) -> None:
    script = shipped()[0]
    reader = open_reader(world.tampered(world.with_letters(), tmp_path, statement), REGULATOR)
    place = next(i for i, one in enumerate(script.steps, start=1) if one.step_id == step)
    result = compute_step(reader, script, place, compute_inputs(reader, script, {}))
    assert (result.state, result.claim) == (NOT_SUPPORTED, None)
    assert told in str(result.why_not)
    assert say_step(result).startswith("Not supported here. ")


def test_reasons_that_the_letter_does_not_give_are_not_supported() -> None:
    reader, script = reader_of(world.with_letters(), REGULATOR), shipped()[0]
    inputs = compute_inputs(reader, script, {})
    desk = Desk(reader, inputs)
    parts = tuple(
        dataclasses.replace(p, items=tuple(reversed(p.items))) if p.key.startswith("reasons") else p
        for p in desk.notice.parts
    )
    desk.notice = dataclasses.replace(desk.notice, parts=parts)
    assert len(desk.principal.own.reasons) > 1
    result = compute_step(reader, script, 7, inputs, desk)
    assert result.claim is None
    assert "the list of reasons in the letter" in str(result.why_not)


def test_neither_a_claim_without_support_nor_support_without_a_claim_can_be_made() -> None:
    _, results = walked(world.with_letters(), REGULATOR, shipped()[0])
    for wrong in (
        {"state": NOT_SUPPORTED},
        {"claim": None},
        {"why_not": "So."},
        {"state": NOT_SUPPORTED, "claim": None},
    ):
        with pytest.raises(ValueError, match="a step has a claim where it is supported"):
            dataclasses.replace(results[0], **wrong)


def test_a_partner_gets_no_more_digits_than_the_page_shows() -> None:
    _, results = walked(world.planted_folder(), PARTNER, shipped()[2])
    facts = [fact for result in results for fact in result.facts]
    assert not [fact.name for fact in facts if isinstance(fact.value, float)]
    assert {result.model_hash for result in results} == {""}
    shown = " ".join(table_facts(result).to_string() for result in results)
    assert not re.search(r"0\.\d{4}", shown)
    _, exact = walked(world.with_letters(), REGULATOR, shipped()[0])
    assert any(isinstance(fact.value, float) for result in exact for fact in result.facts)


def test_a_regulator_sees_masked_numbers_only() -> None:
    desk, results = walked(world.with_letters(), REGULATOR, shipped()[0])
    assert desk.inputs["app"].startswith("M-")
    assert dict(results[1].address) == {"app": desk.inputs["app"]}
    assert f"Application {desk.inputs['app']} is one of" in str(results[0].claim)


def test_a_step_names_the_hashes_of_what_is_open() -> None:
    _, results = walked(world.with_letters(), REGULATOR, shipped()[0])
    manifest = reader_of(world.with_letters(), REGULATOR).manifest
    for result in results:
        assert manifest.fingerprint in result.recorded
        assert manifest.files["model.txt"].sha256 in result.recorded
        assert result.model_hash == manifest.files["model.txt"].sha256
        assert {fact.snapshot_hash for fact in result.facts} == {manifest.fingerprint}
        assert result.script_hash == shipped()[0].hash


def test_the_same_inputs_are_chosen_every_time_and_what_was_asked_for_is_kept() -> None:
    reader = reader_of(world.planted_folder(), REGULATOR)
    for script in shipped():
        assert compute_inputs(reader, script, {}) == compute_inputs(reader, script, {})
    asked = {"attribute": "Sex", "group": " x ", "app": "unused"}
    assert compute_inputs(reader, shipped()[1], asked) == {"attribute": "Sex", "group": "x"}
    chosen = compute_inputs(reader, shipped()[1], {})
    assert chosen == {"attribute": "Age", "group": "18-24"}
    record = reader.application(compute_inputs(reader, shipped()[0], {})["app"])
    assert (record.decision, record.stage) == ("declined", "model")
    assert abs(record.estimate - record.cutoff) < 0.05


def test_a_step_outside_the_script_is_the_nearest_one() -> None:
    reader, script = reader_of(world.with_letters(), LOCAL_VIEWER), shipped()[2]
    assert compute_step(reader, script, -3, {}).step_no == 1
    assert compute_step(reader, script, 99, {}).step_no == len(script.steps)


def test_every_fact_can_be_read_or_says_why_not() -> None:
    script = read_script(edited(shipped()[1].text, _with_an_application), "x")
    missing = {}
    for path, asked in ((world.planted_folder(), CHOSEN), (world.lacking("an amount"), {})):
        reader = reader_of(path, LOCAL_VIEWER)
        desk = Desk(reader, compute_inputs(reader, script, asked))
        found = {name: read_fact(desk, name) for name in FACTS}
        for fact in found.values():
            if isinstance(fact, Fact):
                assert fact.text
                assert 0 <= fact.n <= desk.n_total
        missing[path] = {name for name, fact in found.items() if not isinstance(fact, Fact)}
    assert missing[world.planted_folder()] <= {"like_this", "like_this_n", "send_by"}
    amount = missing[world.lacking("an amount")]
    assert "ratio" in amount
    assert not {"estimate", "cutoff", "explained", "reasons"} & amount


def _with_an_application(content: dict[str, Any]) -> None:
    content["inputs"]["app"] = {"label": "The application", "choose": "declined"}
