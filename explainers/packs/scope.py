"""What may stand together in a pack: things of one view, seen by who makes it, approved where outsiders read it."""

from __future__ import annotations

from collections.abc import Iterator

from data.access import Audience, Viewer
from data.errors import InputProblems, Problem
from data.policy import POLICY
from data.workspace.sight import may_see
from explainers.packs.contents import Answers, Item, Kept, Pack
from explainers.style import whole

MOST = 100
"""Things in one pack."""
TITLE = "This pack cannot be made"
TAKE_OUT = "Take it out, or pin it in that view."


def check_pack(viewer: Viewer, pack: Pack) -> None:
    """Refuse a pack that mixes views, or shows its readers what is not for them.

    Raises
    ------
    InputProblems
        With every problem.
    """
    if problems := problems_of(viewer, pack):
        raise InputProblems(TITLE, problems)


def problems_of(viewer: Viewer, pack: Pack) -> tuple[Problem, ...]:
    """Return everything that stands against a pack.

    Parameters
    ----------
    viewer : Viewer
        Who makes it.
    pack : Pack
        What is asked for.
    """
    own = (problem for number, item in enumerate(pack.items, 1) for problem in _of(pack, number, item))
    return (*_of_whole(viewer, pack), *own)


def has_evidence(audience: Audience) -> bool:
    """Return whether a pack for an audience has its evidence: not where files carry a mark, which hashes cannot."""
    return POLICY[audience].exports != "own rows, watermarked"


def say_scope(scope: str) -> str:
    """Name a view: "the partner view of First Harbor Bank", "the specialist view"."""
    audience, _, partner = scope.partition("|")
    return f"the {audience} view of {partner}" if Audience(audience) is Audience.PARTNER else f"the {audience} view"


def _of_whole(viewer: Viewer, pack: Pack) -> Iterator[Problem]:
    if not may_see(viewer, pack.scope):
        yield Problem("readers", say_scope(pack.scope), say_scope(viewer.scope), "Make packs of your own view only.")
    if not 1 <= len(pack.items) <= MOST:
        found, allowed = f"{whole(len(pack.items))} things", f"1 to {MOST}"
        yield Problem("contents", found, allowed, "Take some out." if pack.items else "Choose something.")


def _of(pack: Pack, number: int, item: Item) -> Iterator[Problem]:
    """Yield what stands against one thing; it is named by its place: a title may hold an applicant's figures."""
    scopes = [item.pin.scope] if isinstance(item, Kept) else [item.scope]
    if not isinstance(item, Kept | Answers) and item.pin is not None:
        scopes.append(item.pin.scope)
    for scope in dict.fromkeys(scopes):
        if scope != pack.scope:
            yield Problem(f"number {number} of the contents", say_scope(scope), say_scope(pack.scope), TAKE_OUT)
    if isinstance(item, Answers) and pack.audience is not Audience.SPECIALIST:
        yield from _of_answers(number, item)


def _of_answers(number: int, item: Answers) -> Iterator[Problem]:
    for place, answer in enumerate(item.answers, 1):
        where = f"number {number} of the contents, question {place}"
        if answer.internal:
            yield Problem(where, "a question for specialists only", "questions for everyone", "Take it out.")
        elif answer.answer and not answer.released:
            remedy = "Propose it for reuse and have a second person approve it."
            yield Problem(where, "an answer that nobody approved", "approved answers", remedy)
