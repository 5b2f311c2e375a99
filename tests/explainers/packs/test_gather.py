"""Contents are read from the workspace for exactly the viewer who asks: meetings, approved answers, walkthroughs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.access import Audience, Viewer
from data.errors import NotFoundForViewer
from data.workspace import Workspace, open_workspace
from data.workspace.approvals import approve, propose
from data.workspace.pins import list_pins
from data.workspace.questions import Asked, ask_question, list_questions
from data.workspace.walkthroughs import ShownStep, add_note, sign_step, start_run
from explainers.packs import words
from explainers.packs.compose import compose
from explainers.packs.contents import Answers, Kept, Step
from explainers.packs.draft import Draft, draft_pins, draft_run, draft_session, draft_template
from explainers.packs.gather import approved_for, gather
from explainers.packs.scope import problems_of
from explainers.packs.templates import templates
from explainers.walkthroughs.script import shipped
from tests.data.workspace.meeting import ALDER, BIRCH, EXAMINER, RISK, RON, meeting, pinned


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(f"sqlite:///{tmp_path / 'workspace.sqlite'}")
    yield opened
    opened.close()


def gathered(workspace: Workspace, viewer: Viewer, draft: Draft, *order: str, title: str = ""):
    keys = order or tuple(entry.key for entry in draft.entries)
    return gather(workspace, viewer, draft, keys, title=title, technical=False, mark="")


def test_pins_come_in_the_order_chosen_and_those_of_others_are_left_out(workspace: Workspace) -> None:
    ours, second, theirs = (pinned(workspace, who, f"{who.who}.") for who in (ALDER, ALDER, BIRCH))
    draft = draft_pins(list_pins(workspace, RISK), [one.pin_id for one in (second, theirs, ours)], ALDER.scope)
    pack = gathered(workspace, ALDER, draft, title="  My   title ")
    assert [item.pin.pin_id for item in pack.items if isinstance(item, Kept)] == [second.pin_id, ours.pin_id]
    assert pack.title == "My title"
    assert problems_of(ALDER, pack) == ()
    assert len(problems_of(RISK, gathered(workspace, RISK, draft))) == 1


def test_a_meeting_gives_partners_released_words_and_specialists_their_own_meeting_every_question(
    workspace: Workspace,
) -> None:
    session = meeting(workspace, partner="Alder")
    for text, sensitivity in (("Why?", "everyone"), ("Secret?", "internal"), ("When?", "everyone")):
        answer = "" if text == "When?" else "Because of 10432."
        ask_question(workspace, RISK, session.session_id, Asked(text, answer=answer, sensitivity=sensitivity))
    asked = list_questions(workspace, RISK, session.session_id)
    given = {"title": asked[0].question, "body": "Approved words.", "audience": Audience.PARTNER, "partner": "Alder"}
    draft = draft_session(session, list_pins(workspace, RISK, session_id=session.session_id), asked)
    (before,) = gathered(workspace, RISK, draft).items
    assert isinstance(before, Answers)
    assert [(one.question, one.answer) for one in before.answers] == [("Why?", ""), ("When?", "")]
    approve(workspace, RON, propose(workspace, RISK, "answer", asked[0].question_id, **given).approval_id)
    pack = gathered(workspace, RISK, draft)
    (after,) = pack.items
    assert isinstance(after, Answers)
    assert [(one.question, one.answer) for one in after.answers] == [("Why?", "Approved words."), ("When?", "")]
    (section,) = compose(RISK, pack).sections
    said = [block.text for block in section.blocks]
    assert words.NO_ANSWER in said
    assert "10432" not in " ".join(said)
    with pytest.raises(NotFoundForViewer):
        gathered(workspace, BIRCH, draft)


def test_a_specialists_own_meeting_has_every_question_with_its_answer(workspace: Workspace) -> None:
    session = meeting(workspace, partner=None)
    ask_question(workspace, RISK, session.session_id, Asked("Secret?", answer="So.", sensitivity="internal"))
    draft = draft_session(session, (), list_questions(workspace, RISK, session.session_id))
    (item,) = gathered(workspace, RISK, draft).items
    assert isinstance(item, Answers)
    assert [(one.answer, one.internal) for one in item.answers] == [("So.", True)]
    assert problems_of(RISK, gathered(workspace, RISK, draft)) == ()


def test_the_partners_template_takes_answers_for_that_partner_and_says_when_there_are_none(
    workspace: Workspace,
) -> None:
    def drafted() -> Draft:
        approved = len(approved_for(workspace, RISK, ALDER.scope))
        return draft_template(templates()["partner"], (), "s", ALDER.scope, approved)

    assert words.NONE_APPROVED in drafted().missing
    for partner, audience in ((None, Audience.PARTNER), ("Birch", Audience.PARTNER), (None, Audience.REGULATOR)):
        given = {"title": f"Q {partner}", "body": "A", "audience": audience, "partner": partner}
        approve(workspace, RON, propose(workspace, RISK, "answer", f"{partner}{audience}", **given).approval_id)
    assert words.NONE_APPROVED not in drafted().missing
    (item,) = gathered(workspace, RISK, drafted()).items
    assert isinstance(item, Answers)
    assert [one.question for one in item.answers] == ["Q None"]
    assert problems_of(ALDER, gathered(workspace, ALDER, drafted())) == ()


def test_a_walkthrough_gives_every_step_with_its_claim_notes_and_sign_off(workspace: Workspace) -> None:
    script = shipped()[0]
    about = {"model_id": "loans", "snapshot_id": "2026-10-31-aaaaaaaa", "snapshot_hash": "aa" * 32, "inputs": {}}
    told = {"script_key": script.script_id, "script_hash": script.hash, "script_text": script.text}
    run = start_run(workspace, EXAMINER, **told, title=script.title, steps=len(script.steps), **about)
    first = script.steps[0]
    shown = ShownStep(
        step_id=first.step_id,
        step_no=1,
        title=first.title,
        state="supported",
        claim="The estimate is 19 %.",
        why_not=None,
        facts=(),
        snapshot_id="2026-10-31-aaaaaaaa",
        snapshot_hash="aa" * 32,
        model_hash="",
        script_hash=script.hash,
    )
    add_note(workspace, EXAMINER, run.run_id, shown, "Looks right.")
    sign_step(workspace, EXAMINER, run.run_id, shown)
    pack = gathered(workspace, RISK, draft_run(run))
    steps = [item for item in pack.items if isinstance(item, Step)]
    assert [step.title for step in steps] == [step.title for step in script.steps]
    assert (steps[0].claim, steps[0].note) == ("The estimate is 19 %.", "Looks right.")
    assert steps[0].signed.startswith("ed, ")
    assert "aa" * 32 in steps[0].recorded
    assert (steps[1].claim, steps[1].signed) == (words.NOT_GONE, words.NOT_SIGNED)
    assert problems_of(RISK, pack) == problems_of(EXAMINER, pack) == ()
    assert len(compose(EXAMINER, pack).sections) == len(script.steps)
    with pytest.raises(NotFoundForViewer):
        gathered(workspace, ALDER, draft_run(run))
