"""What a list of contents names, read from the workspace for exactly the viewer who asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.access import Audience, Viewer
from data.workspace.approvals import Approval, approved_texts
from data.workspace.database import Workspace
from data.workspace.pins import read_pins
from data.workspace.questions import Question, carried_into, list_questions
from data.workspace.sessions import read_session
from data.workspace.walkthroughs import list_lines, read_run, signed_steps
from explainers.packs import draft as kinds
from explainers.packs import words
from explainers.packs.contents import Answer, Answers, Item, Kept, Pack, answers_for
from explainers.packs.contents import Step as PackStep
from explainers.packs.draft import Draft
from explainers.pins.words import say_moment
from explainers.walkthroughs.result import SUPPORTED
from explainers.walkthroughs.script import read_script


def gather(
    workspace: Workspace, viewer: Viewer, draft: Draft, order: Sequence[str], *, title: str, technical: bool, mark: str
) -> Pack:
    """Return a pack with everything in it.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    viewer : Viewer
        Who makes it; what the viewer may not see is left out.
    draft : Draft
        What the pack is.
    order : sequence of str
        Keys of its entries, in the order chosen.
    title : str
        What somebody typed; the draft's where it is empty.
    technical : bool
        Whether the technical detail goes in.
    mark : str
        For whom the copy is made, where copies are marked.

    Raises
    ------
    NotFoundForViewer
        There is no such session or run for this viewer.
    """
    audience, _, partner = draft.scope.partition("|")
    notes = {entry.key: entry.note for entry in draft.entries}
    reads = _Reads(workspace, viewer, draft.scope)
    pins = {pin.pin_id: pin for pin in read_pins(workspace, viewer, [_id(key) for key in order if _is(key, kinds.PIN)])}
    items: list[Item] = []
    for key in order:
        if _is(key, kinds.PIN):
            found = pins.get(_id(key))
            items += [Kept(found, (notes[key],) if notes.get(key) else ())] if found else []
        else:
            items += reads.items(key)
    return Pack(
        title=" ".join(title.split()) or draft.title,
        subtitle=draft.subtitle,
        audience=Audience(audience),
        partner=partner if Audience(audience) is Audience.PARTNER else None,
        items=tuple(items),
        intro=draft.intro,
        missing=draft.missing,
        limits=draft.limits,
        technical=technical,
        mark=mark,
    )


def approved_for(workspace: Workspace, viewer: Viewer, scope: str) -> list[Approval]:
    """Return the answers approved for the readers of a view; a partner's own wording comes last."""
    audience, _, partner = scope.partition("|")
    found = approved_texts(workspace, viewer, "answer")
    own = [text for text in found if text.audience == audience and text.partner in (None, partner)]
    return sorted(own, key=lambda text: text.partner is not None)


class _Reads:
    """Reads what is no pin."""

    def __init__(self, workspace: Workspace, viewer: Viewer, scope: str) -> None:
        self._workspace = workspace
        self._viewer = viewer
        self._scope = scope

    def items(self, key: str) -> list[Item]:
        """Return what an entry stands for; nothing where it holds nothing."""
        if _is(key, kinds.RUN):
            return list(self._steps(_id(key)))
        answers = self._approved() if _is(key, kinds.APPROVED_ONES) else self._asked(_id(key))
        return [answers] if answers.answers else []

    def _asked(self, session_id: str) -> Answers:
        """Return the questions of a meeting with the answers that the readers of the pack may have."""
        session = read_session(self._workspace, self._viewer, session_id)
        asked = [
            *carried_into(self._workspace, self._viewer, session),
            *list_questions(self._workspace, self._viewer, session_id),
        ]
        audience = Audience(self._scope.partition("|")[0])
        released = {text.subject: text for text in self._texts()} if audience is not Audience.SPECIALIST else {}
        return Answers(words.ASKED, session.scope, answers_for(audience, asked, released, _about(asked)))

    def _approved(self) -> Answers:
        """Return every answer that was approved for the readers of the pack."""
        found = tuple(
            Answer(
                question=text.title,
                answer=text.body,
                about=words.say_approved(text.approved_at or text.drafted_at),
                at=text.approved_at or text.drafted_at,
                released=True,
            )
            for text in self._texts()
        )
        return Answers(words.APPROVED, self._scope, found)

    def _texts(self) -> list[Approval]:
        return approved_for(self._workspace, self._viewer, self._scope)

    def _steps(self, run_id: str) -> Iterator[PackStep]:
        """Yield the steps of a run as they were signed or noted last; one that nobody touched says so."""
        run = read_run(self._workspace, self._viewer, run_id)
        lines = list_lines(self._workspace, self._viewer, run_id)
        signed = signed_steps(lines)
        for step in read_script(run.script_text, run.title).steps:
            own = [line for line in lines if line.step_id == step.step_id]
            last = own[-1] if own else None
            shown = last.shown if last else None
            by = signed.get(step.step_id)
            yield PackStep(
                title=step.title,
                scope=run.scope,
                claim=(shown.claim or shown.why_not or "") if shown else words.NOT_GONE,
                state=words.say_state(supported=shown.state == SUPPORTED) if shown else "",
                how=step.computed,
                recorded=words.say_recorded(step.recorded, run.snapshot_id, run.snapshot_hash),
                limits=step.not_shown,
                note="\n".join(line.words for line in own if line.words),
                signed=f"{by.who}, {say_moment(by.written_at)}" if by else words.NOT_SIGNED,
                at=last.written_at if last else run.started_at,
            )


def _about(asked: Sequence[Question]) -> dict[str, str]:
    return {one.question_id: words.say_asked(one) for one in asked}


def _is(key: str, kind: str) -> bool:
    return key.startswith(f"{kind}:")


def _id(key: str) -> str:
    return key.partition(":")[2]
