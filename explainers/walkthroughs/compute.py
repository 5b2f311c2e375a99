"""Walking through a script: `compute_inputs` → inputs, `compute_step` → `StepResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from data.errors import NotFoundForViewer
from data.policy import Policy
from data.reader import Reader
from explainers.walkthroughs.conditions import holds, say_failed
from explainers.walkthroughs.desk import Desk, Fit, Read
from explainers.walkthroughs.facts import read_fact
from explainers.walkthroughs.result import NOT_SUPPORTED, SUPPORTED, Fact, StepResult
from explainers.walkthroughs.script import Choice, Script, Step, places_of

LONGEST_INPUT = 200
"""Characters of an input that is kept."""
PLACES = tuple(place / 16 for place in range(16))
"""Where applications are looked for, in order: the same ones every time on a snapshot."""
MOST_TRIED = 6
"""Declined applications of which at most a letter is tried, so that a book without letters takes no longer."""
KINDS: Mapping[Choice, tuple[str, ...]] = {
    "declined near the cut-off": ("near the cut-off", "declined"),
    "declined": ("declined",),
    "approved": ("approved",),
    "any": ("any",),
}


def compute_inputs(
    reader: Reader, script: Script, asked: Mapping[str, str], read: Read | None = None, fit: Fit | None = None
) -> dict[str, str]:
    """Return what a walkthrough is about: what was asked for, and what the script's rules choose beside it.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    script : Script
        The walkthrough.
    asked : mapping
        Inputs that the viewer chose, as they stand in an address; others are chosen by rule.
    read, fit : callable, optional
        As for `Desk`.

    Returns
    -------
    dict
        Name to value, in the order they are chosen; an input that nothing fits is not there.
    """
    desk = Desk(reader, {}, read, fit)
    for one in script.inputs:
        given = asked.get(one.name, "").strip()[:LONGEST_INPUT]
        value = given or _chosen(desk, one.name, one.choose)
        if value:
            desk.inputs[one.name] = value
    return dict(desk.inputs)


def _chosen(desk: Desk, name: str, choose: Choice) -> str | None:
    """Choose an input by its rule; None where nothing fits or the viewer may not see any."""
    try:
        if name == "app":
            return _application(desk, choose)
        return _attribute(desk) if name == "attribute" else _group(desk)
    except NotFoundForViewer:
        return None


def _application(desk: Desk, choose: Choice) -> str:
    """Choose an application: of the first declined ones one whose letter can be sent, or else the first at all.

    Raises
    ------
    NotFoundForViewer
        The viewer sees none of the kind.
    """
    if choose in ("approved", "any"):
        return desk.reader.pick(choose, 0.0)
    found: list[str] = []
    for kind in KINDS[choose]:
        for place in PLACES:
            number = _picked(desk, kind, place)
            if number is None or number in found:
                continue
            record = desk.reader.application(number)
            if record.decision == "declined" and record.stage == "model":
                found.append(number)
                if _letter_can_be_sent(desk, number):
                    return number
            if len(found) == MOST_TRIED:
                return found[0]
    return found[0] if found else desk.reader.pick("declined", 0.0)


def _picked(desk: Desk, kind: str, place: float) -> str | None:
    try:
        return desk.reader.pick(kind, place)
    except NotFoundForViewer:
        return None


def _letter_can_be_sent(desk: Desk, number: str) -> bool:
    return desk.for_inputs({"app": number}).notice.state == "ready"


def _attribute(desk: Desk) -> str | None:
    """Choose the attribute with the strongest difference, or else the first in which something is judged."""
    result = desk.fairness
    named = [attribute.label for attribute, _ in result.closer if attribute in result.attributes]
    judged = [attribute.label for attribute in result.attributes if attribute.compared]
    return next(iter([*named, *judged]), None)


def _group(desk: Desk) -> str | None:
    """Choose the group of the attribute with the strongest difference, or else the first that is judged."""
    attribute = desk.attribute
    closer = sorted(attribute.closer, key=lambda line: (line.adjusted, -abs(line.gap)))
    return next((line.value for line in (*closer, *attribute.compared)), None)


def compute_step(
    reader: Reader, script: Script, step_no: int, inputs: Mapping[str, str], desk: Desk | None = None
) -> StepResult:
    """Walk one step: compute its facts, check its conditions, and only then make its claim.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    script : Script
        The walkthrough.
    step_no : int
        From 1; one outside the script is taken as the nearest.
    inputs : mapping
        From `compute_inputs`.
    desk : Desk, optional
        Results kept from step to step, for the same reader and inputs.
    """
    desk = desk or Desk(reader, inputs)
    number = min(max(step_no, 1), len(script.steps))
    step = script.steps[number - 1]
    facts, why_not = _facts(desk, step)
    model_hash = desk.absence.model_hash
    return StepResult(
        snapshot_id=reader.snapshot_id,
        snapshot_hash=reader.manifest.fingerprint,
        model_hash=model_hash,
        script_id=script.script_id,
        script_hash=script.hash,
        script_title=script.title,
        step_id=step.step_id,
        step_no=number,
        steps=len(script.steps),
        title=step.title,
        state=SUPPORTED if why_not is None else NOT_SUPPORTED,
        claim=_claim(step, facts) if why_not is None else None,
        why_not=why_not,
        facts=tuple(disclose(fact, reader.viewer.policy) for fact in facts.values()),
        computed=step.computed,
        recorded=_recorded(step, reader, model_hash),
        not_shown=step.not_shown,
        notes=step.notes,
        page=step.page,
        address=_address(step, inputs),
        n=max((fact.n for fact in facts.values()), default=0),
        n_total=desk.n_total,
    )


def disclose(fact: Fact, policy: Policy) -> Fact:
    """Return a fact as an audience may have it: without exact scores, a figure is what can be read of it."""
    return fact if policy.exact_scores or not isinstance(fact.value, float) else replace(fact, value=fact.text)


def _facts(desk: Desk, step: Step) -> tuple[dict[str, Fact], str | None]:
    """Return the facts of a step, and why its claim cannot be made: None where it can."""
    facts: dict[str, Fact] = {}
    missing: list[str] = []
    for name in step.fact_names:
        found = read_fact(desk, name)
        if isinstance(found, Fact):
            facts[name] = found
        elif found not in missing:
            missing.append(found)
    if missing:
        return facts, missing[0]
    failed = next((condition for condition in step.needs if not holds(condition, facts)), None)
    return facts, None if failed is None else say_failed(failed, facts)


def _claim(step: Step, facts: Mapping[str, Fact]) -> str:
    """Put figures into the places of a claim, in one pass: what a figure's text holds is never taken for a place."""
    claim, rest = "", step.claim
    for name in places_of(step.claim):
        before, _, rest = rest.partition(f"{{{name}}}")
        claim += before + facts[name].text
    return claim + rest


def _recorded(step: Step, reader: Reader, model_hash: str) -> str:
    """Say where a step is recorded, with the hashes of what is open now."""
    model = f" Model file: SHA-256 {model_hash}." if model_hash else ""
    return f"{step.recorded} Snapshot {reader.snapshot_id}, fingerprint {reader.manifest.fingerprint}.{model}"


def _address(step: Step, inputs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the page's inputs; one that was not chosen is left out."""
    found = []
    for key, value in step.query:
        name = value[1:-1] if value.startswith("{") else None
        given = value if name is None else inputs.get(name)
        if given:
            found.append((key, given))
    return tuple(found)
