"""Which walkthroughs a viewer is offered, and edited copies: checked before they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.access import Audience, Viewer
from data.errors import InputProblems
from data.workspace.database import Workspace
from data.workspace.sight import not_found
from data.workspace.walk_copies import ScriptCopy, approved_copies, list_copies, save_copy, tidy
from data.workspace.walkthroughs import ShownFact, ShownStep
from explainers.walkthroughs.result import StepResult
from explainers.walkthroughs.script import Script, read_script, shipped

Kind = Literal["shipped", "approved", "draft"]


@dataclass(frozen=True)
class Offered:
    """A walkthrough that a viewer may take."""

    key: str
    """Id of a shipped script, or UUID of an edited copy: `walk` in an address."""
    script: Script
    """The script."""
    kind: Kind
    """Whether it came with Candor, was approved by a second person, or is a draft that only specialists see."""


def offered(workspace: Workspace, viewer: Viewer) -> tuple[Offered, ...]:
    """Return the walkthroughs a viewer may take: those shipped for the audience, then edited copies.

    Specialists see every one, and of edited copies the newest version; others only what was approved for them. A copy
    that this version of Candor cannot read any more is left out.
    """
    found = [Offered(script.script_id, script, "shipped") for script in shipped() if script.is_for(viewer.audience)]
    approved = approved_copies(workspace, viewer)
    texts = dict(approved)
    if viewer.audience is Audience.SPECIALIST:
        texts |= {copy.copy_id: copy.script_text for copy in list_copies(workspace, viewer)}
    for key, text in texts.items():
        script = _readable(text, key)
        if script is not None:
            found.append(Offered(key, script, "approved" if approved.get(key) == text else "draft"))
    return tuple(found)


def find_script(workspace: Workspace, viewer: Viewer, key: str) -> Script:
    """Return the walkthrough of an address.

    Raises
    ------
    NotFoundForViewer
        There is none, or it is not for this viewer: the two look alike.
    """
    for one in offered(workspace, viewer):
        if one.key == key:
            return one.script
    raise not_found("walkthrough")


def check_edited(text: str) -> Script:
    """Return an edited script as it would be kept, for a preview.

    Raises
    ------
    InputProblems
        With every problem, each with its line.
    CandorError
        It is empty or too long, or has hidden characters.
    """
    return read_script(tidy(text), "your walkthrough")


def save_edited(
    workspace: Workspace,
    viewer: Viewer,
    text: str,
    *,
    base: Script,
    base_key: str,
    copy_id: str | None = None,
    after: int | None = None,
) -> ScriptCopy:
    """Check an edited script and keep it as a new copy, or as a new version of one.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        A specialist.
    text : str
        The script.
    base, base_key : Script, str
        What it was made from, and its key.
    copy_id, after : str, int, optional
        The copy and the version that were edited; a new copy without.

    Raises
    ------
    InputProblems
        With every problem, each with its line; nothing is kept then.
    NotFoundForViewer
        The viewer is not a specialist, or there is no such copy.
    """
    script = check_edited(text)
    kept = {"title": script.title, "text": script.text, "made_from": base_key, "from_hash": base.hash}
    return save_copy(workspace, viewer, **kept, copy_id=copy_id, after=after)


def as_shown(result: StepResult) -> ShownStep:
    """Return a step as it is kept beside a note or a sign-off."""
    facts = tuple(ShownFact(f.name, f.label, f.value, f.text, f.n, f.source) for f in result.facts)
    return ShownStep(
        step_id=result.step_id,
        step_no=result.step_no,
        title=result.title,
        state=result.state,
        claim=result.claim,
        why_not=result.why_not,
        facts=facts,
        snapshot_id=result.snapshot_id,
        snapshot_hash=result.snapshot_hash,
        model_hash=result.model_hash,
        script_hash=result.script_hash,
    )


def _readable(text: str, key: str) -> Script | None:
    try:
        return read_script(text, key)
    except InputProblems:
        return None
