"""Which walkthroughs a viewer is offered, and how an edited one gets there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.access import LOCAL_VIEWER, Audience
from data.errors import InputProblems, NotFoundForViewer
from data.snapshots import open_reader
from data.workspace import Workspace, open_workspace
from data.workspace.approvals import approve
from data.workspace.walk_copies import ScriptCopy, list_copies, propose_copy, read_copy, save_copy
from data.workspace.walkthroughs import list_lines, sign_step, start_run
from explainers.walkthroughs.compute import compute_inputs, compute_step
from explainers.walkthroughs.copies import as_shown, check_edited, find_script, offered, save_edited
from explainers.walkthroughs.script import Script, read_script, shipped
from tests.data.workspace.meeting import ALDER, BIRCH, EXAMINER, RISK, RON
from tests.explainers.walkthroughs import world
from tests.explainers.walkthroughs.world import edited

PARTNERS = shipped()[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(f"sqlite:///{tmp_path / 'workspace.sqlite'}")
    yield opened
    opened.close()


def titled(title: str, base: Script = PARTNERS) -> str:
    return edited(base.text, lambda content: content.update(title=title))


def saved(workspace: Workspace, title: str = "Ours", copy_id: str | None = None) -> ScriptCopy:
    return save_edited(workspace, RISK, titled(title), base=PARTNERS, base_key=PARTNERS.script_id, copy_id=copy_id)


def kinds(workspace: Workspace, viewer: object) -> dict[str, str]:
    return {one.script.title: one.kind for one in offered(workspace, viewer)}  # type: ignore[arg-type]


def test_each_audience_is_offered_its_own_scripts_and_specialists_all(workspace: Workspace) -> None:
    titles = {script.title: "shipped" for script in shipped()}
    assert kinds(workspace, RISK) == kinds(workspace, LOCAL_VIEWER) == titles
    assert list(kinds(workspace, ALDER)) == [PARTNERS.title]
    assert list(kinds(workspace, EXAMINER)) == [script.title for script in shipped()[:2]]
    assert find_script(workspace, ALDER, "partner-model") == PARTNERS
    for viewer, key in ((ALDER, "examiner-decision"), (EXAMINER, "partner-model"), (RISK, "none such")):
        with pytest.raises(NotFoundForViewer, match="You cannot see this walkthrough"):
            find_script(workspace, viewer, key)


def test_an_edited_script_is_a_draft_until_it_is_approved_and_a_new_version_is_a_draft_again(
    workspace: Workspace,
) -> None:
    copy = saved(workspace)
    assert (copy.title, copy.made_from, copy.from_hash) == ("Ours", "partner-model", PARTNERS.hash)
    assert kinds(workspace, RISK)["Ours"] == "draft"
    assert "Ours" not in kinds(workspace, ALDER)
    draft = propose_copy(workspace, RISK, copy.copy_id, audience=Audience.PARTNER, partner="Alder")
    approve(workspace, RON, draft.approval_id)
    assert kinds(workspace, RISK)["Ours"] == kinds(workspace, ALDER)["Ours"] == "approved"
    assert "Ours" not in kinds(workspace, BIRCH)
    assert find_script(workspace, ALDER, copy.copy_id).hash == copy.script_hash
    saved(workspace, "Ours, better", copy.copy_id)
    assert kinds(workspace, RISK)["Ours, better"] == "draft"
    assert find_script(workspace, ALDER, copy.copy_id).title == "Ours"


def test_a_script_with_problems_is_not_kept(workspace: Workspace) -> None:
    wrong = edited(PARTNERS.text, lambda content: content["steps"][0].update(claim="It is 5 of {nothing}."))
    for trying in (
        lambda: check_edited(wrong),
        lambda: save_edited(workspace, RISK, wrong, base=PARTNERS, base_key=PARTNERS.script_id),
    ):
        with pytest.raises(InputProblems) as caught:
            trying()
        assert len(caught.value.problems) == 2
    assert list_copies(workspace, RISK) == ()
    with pytest.raises(NotFoundForViewer):
        save_edited(workspace, ALDER, PARTNERS.text, base=PARTNERS, base_key=PARTNERS.script_id)


def test_what_is_previewed_is_what_is_kept(workspace: Workspace) -> None:
    text = titled("Ours").replace("\n", "   \n")
    preview = check_edited(text)
    kept = save_edited(workspace, RISK, text, base=PARTNERS, base_key=PARTNERS.script_id)
    assert read_script(read_copy(workspace, RISK, kept.copy_id).script_text, "x") == preview
    assert preview.hash == kept.script_hash


def test_a_copy_that_cannot_be_read_any_more_hides_no_other(workspace: Workspace) -> None:
    save_copy(workspace, RISK, title="Old", text="steps: old", made_from="x", from_hash="0" * 64)
    saved(workspace)
    assert kinds(workspace, RISK)["Ours"] == "draft"
    assert len(offered(workspace, RISK)) == len(shipped()) + 1


def test_a_step_is_signed_as_it_was_shown(workspace: Workspace) -> None:
    script = PARTNERS
    reader = open_reader(world.opened(world.with_letters()), world.PARTNER)
    inputs = compute_inputs(reader, script, {})
    result = compute_step(reader, script, 5, inputs)
    assert result.claim is not None
    run = start_run(
        workspace,
        world.PARTNER,
        script_key=script.script_id,
        script_hash=script.hash,
        script_text=script.text,
        title=script.title,
        steps=len(script.steps),
        model_id=reader.manifest.model_id,
        snapshot_id=reader.snapshot_id,
        snapshot_hash=reader.manifest.fingerprint,
        inputs=inputs,
    )
    sign_step(workspace, world.PARTNER, run.run_id, as_shown(result))
    line = list_lines(workspace, world.PARTNER, run.run_id)[0]
    assert (line.shown.claim, line.shown.state) == (result.claim, "supported")
    assert [(f.name, f.text, f.value) for f in line.shown.facts] == [(f.name, f.text, f.value) for f in result.facts]
    assert read_script(run.script_text, "x") == script
