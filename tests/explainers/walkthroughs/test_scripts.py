"""A script is read whole, or every problem of it is reported with its line; the shipped ones can be read."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import Audience
from data.errors import InputProblems
from explainers.walkthroughs.facts import FACTS, INPUTS
from explainers.walkthroughs.script import FOLDER, SHIPPED, Script, places_of, read_script, shipped
from explainers.walkthroughs.script_rules import LONGEST_SCRIPT, NEVER_SAID, PAGES
from explainers.walkthroughs.words import say_script, say_walkthroughs
from pages._router import PAGES as IN_THE_APP
from tests.explainers.test_second_opinion_words import grade
from tests.explainers.walkthroughs.world import edited

DECISION = (FOLDER / "examiner-decision.yaml").read_text("utf-8")


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(InputProblems) as caught:
        read_script(text, "mine.yaml")
    return tuple(map(str, caught.value.problems))


def changed(**more: Any) -> str:
    """Return the shipped script with its first step changed."""
    return edited(DECISION, lambda content: content["steps"][0].update(more))


def test_the_three_scripts_are_shipped_for_their_audiences() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(SHIPPED)
    assert [(s.script_id, [str(a) for a in s.audiences]) for s in shipped()] == [
        ("examiner-decision", ["regulator"]),
        ("examiner-fairness", ["regulator"]),
        ("partner-model", ["partner"]),
    ]
    assert [s.title for s in shipped()] == [
        "An adverse-action decision, from application to notice",
        "Fair-lending monitoring",
        "How the model works, in 20 minutes",
    ]
    assert "3 walkthroughs are ready" in say_walkthroughs(shipped())


@pytest.mark.parametrize("script", shipped(), ids=lambda s: s.script_id)
def test_a_shipped_script_says_of_each_step_how_it_is_computed_recorded_and_what_it_does_not_show(
    script: Script,
) -> None:
    assert 7 <= len(script.steps) <= 10
    for step in script.steps:
        assert places_of(step.claim), "a claim without a live figure is not shipped"
        assert all((step.computed, step.recorded, step.not_shown))
        assert step.page in {spec.url for spec in IN_THE_APP if script.audiences[0] in spec.audiences}
    assert script.is_for(Audience.SPECIALIST)
    assert str(len(script.steps)) in say_script(script)


def test_the_pages_a_step_can_show_are_pages_of_the_app_for_every_audience_that_only_show() -> None:
    known = {spec.url: spec for spec in IN_THE_APP}
    assert set(PAGES) <= set(known)
    assert all(known[page].audiences == frozenset(Audience) for page in PAGES)
    assert not {"log", "pins", "presenter", "sessions", "alternatives"} & set(PAGES)


def test_every_fact_has_words_a_source_and_known_needs() -> None:
    for name, rule in FACTS.items():
        assert re.fullmatch(r"[a-z][a-z_]*", name)
        assert rule.label
        assert rule.source
        assert set(rule.needs) <= set(INPUTS)


def test_the_partner_script_reads_at_grade_eight_or_lower() -> None:
    script = shipped()[2]
    for step in script.steps:
        plain = re.sub(r"[“”]?\{[a-z_]+\}[“”]?", "ten", step.claim)
        for text in (plain, step.computed, step.recorded, step.not_shown):
            ended = text if text.endswith(".") else f"{text}."
            assert grade(ended.replace(":", ".")) <= 8, text
    assert grade(script.purpose) <= 8


def test_no_shipped_script_gives_a_verdict_and_old_guidance_is_named_as_such() -> None:
    for script in shipped():
        assert not NEVER_SAID.search(script.text)
    examiner = shipped()[0].text
    for gone in ("SR 11-7", "CFPB circulars"):
        sentence = next(s for s in re.split(r"(?<=\.)\s+(?=[A-Z])", " ".join(examiner.split())) if gone in s)
        assert "no longer current" in sentence


def test_the_hash_is_the_sha_256_of_the_text_and_changes_with_it() -> None:
    script = read_script(DECISION, "x")
    assert script.hash == sha256(DECISION.encode()).hexdigest()
    assert read_script(DECISION + "# more\n", "x").hash != script.hash


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"claim": "{aplications} of them"}, "Did you mean applications?"),
        ({"claim": "The rate is 23 % of {applications}"}, "a figure typed into the claim"),
        ({"claim": "{applications} and {"}, "a brace that stands alone"),
        ({"claim": "{applications.__class__}"}, "the fact 'applications.__class__'"),
        ({"claim": "{group_rate} are approved"}, "Add attribute under inputs"),
        ({"claim": "x" * 801}, "a text of 801 characters"),
        ({"page": "decisions"}, "Did you mean decision?"),
        ({"page": "log"}, "found 'log'"),
        ({"query": {"app": "{app}"}}, "the input 'app' of the page health"),
        ({"page": "decision", "query": {"app": "{apl}"}}, "one input of the script in braces"),
        ({"needs": [{"fact": "applications", "rule": "more", "value": "1"}]}, "needs[1].rule"),
        ({"needs": [{"fact": "applications", "rule": "above", "value": "many"}]}, "a number, such as 0.05"),
        ({"needs": [{"fact": "applications", "rule": "above", "value": "nan"}]}, "a number, such as 0.05"),
        ({"needs": [{"fact": "applications", "rule": "above"}]}, "exactly one of value and other"),
        ({"needs": [{"fact": "groups_apart", "rule": "is_true", "value": "1"}]}, "nothing beside the fact"),
        ({"needs": [{"fact": "decision", "rule": "is_in"}]}, "exactly one of values"),
        ({"needs": [{"fact": "applications", "rule": "equals", "value": "1", "other": "signals"}]}, "value and other"),
        ({"needs": [{"fact": "nothing", "rule": "is_true"}]}, "the fact 'nothing'"),
        ({"computed": "This is compliant."}, "the word 'compliant'"),
        ({"not_shown": "What caused it."}, "the word 'caused'"),
        ({"colour": "red"}, "the unknown key 'colour'"),
        ({"step_id": "decision"}, "each step_id once"),
    ],
)
def test_a_bad_step_is_reported_with_its_line(change: dict[str, Any], told: str) -> None:
    found = problems_of(changed(**change))
    assert any(told in one for one in found), found
    assert all(re.match(r"mine\.yaml line \d+, steps\[[12]\]", one) for one in found), found


def test_all_problems_come_together() -> None:
    def spoil(content: dict[str, Any]) -> None:
        del content["title"]
        content["minutes"] = "soon"
        content["audiences"] = ["everyone"]
        content["inputs"]["loan"] = {"label": "A loan", "choose": "any"}
        content["inputs"]["app"]["choose"] = "largest difference"
        content["steps"][1]["claim"] = "{nothing} at 5"
        content["steps"][2]["page"] = "nowhere"

    found = problems_of(edited(DECISION, spoil))
    for part in ("no title", "minutes", "audiences", "'loan'", "inputs.app.choose", "'nothing'", "typed", "'nowhere'"):
        assert any(part in one for one in found), part
    assert len(found) == 8
    assert not any("nput should" in one or "tuple" in one for one in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no blocks"),
        ("- a\n- b\n", "no blocks"),
        ("steps: [", "YAML that cannot be read"),
        ("a: &x [*x]", "alias"),
        ("script_id: !!python/object:os.system x", "a tag"),
        ("x" * (LONGEST_SCRIPT + 1), f"at most {LONGEST_SCRIPT:,}"),
    ],
)
def test_a_text_that_is_no_script_is_refused_in_words(text: str, told: str) -> None:
    assert any(told in one for one in problems_of(text))


@given(st.text(max_size=200) | st.text(alphabet="{}abc: \n-", max_size=200))
def test_no_text_does_anything_but_be_refused(text: str) -> None:
    with pytest.raises(InputProblems):
        read_script(text, "x")


@settings(max_examples=25)
@given(st.text(alphabet="{}a_0 .", max_size=30))
def test_a_claim_with_loose_braces_or_figures_is_never_read(claim: str) -> None:
    loose = re.sub(rf"\{{(?:{'|'.join(sorted(FACTS))})\}}", "", claim)
    if claim.strip() and not re.search(r"[{}0-9]", loose):
        return
    with pytest.raises(InputProblems):
        read_script(changed(claim=claim), "x")
