"""What could go into a pack before anything of it is read: titles, order, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.workspace.pins import PinHeading
from data.workspace.questions import Question
from data.workspace.sessions import Session
from data.workspace.walkthroughs import WalkRun
from explainers.packs.templates import Place, Template, fill
from explainers.packs.words import APPROVED, ASKED, NONE_APPROVED, say_missing
from explainers.pins.words import say_moment
from explainers.style import day_from_iso

PIN, ANSWERS, APPROVED_ONES, RUN = "pin", "answers", "approved", "run"
"""Kinds of entries: the first part of their keys."""


@dataclass(frozen=True)
class Entry:
    """One thing in the list of contents."""

    key: str
    """Kind and id: "pin:…", "answers:…", "run:…"."""
    title: str
    """What it is called."""
    about: str
    """From where and when."""
    note: str = ""
    """What the presenter may say."""


@dataclass(frozen=True)
class Draft:
    """A pack that is being put together."""

    scope: str
    """The view that everything in it must be of."""
    title: str
    """What it is called unless somebody types another title."""
    subtitle: str
    """What it is."""
    entries: tuple[Entry, ...]
    """What is chosen at first, in order."""
    intro: tuple[str, ...] = ()
    """Opening words."""
    limits: tuple[str, ...] = ()
    """What it cannot say."""
    technical: bool = False
    """Whether the technical detail goes in."""
    wanting: tuple[Place, ...] = ()
    """Pages of the template that nobody pinned."""

    unanswered: bool = False
    """Whether it should hold approved answers, and there are none."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what it should hold and does not, one sentence each."""
        pages = tuple(say_missing(place.wanted.what) for place in self.wanting)
        return (*pages, NONE_APPROVED) if self.unanswered else pages


def draft_template(
    template: Template, pins: Sequence[PinHeading], snapshot_id: str, scope: str, approved: int
) -> Draft:
    """Return a template filled with the newest pins of a snapshot and a view.

    Parameters
    ----------
    template : Template
        What is wanted.
    pins : sequence of PinHeading
        Those the viewer may see.
    snapshot_id, scope : str
        The snapshot and the view they must be of.
    approved : int
        How many answers are approved for the readers.
    """
    places = fill(template, pins, snapshot_id, scope)
    kept = [_pin(place.pin, place.wanted.note) for place in places if place.pin is not None]
    asked = [Entry(f"{APPROVED_ONES}:", APPROVED, f"{approved} of them")] if template.questions and approved else []
    return Draft(
        scope=scope,
        title=template.title,
        subtitle=template.subtitle,
        entries=(*kept, *asked),
        intro=template.intro,
        limits=template.limits,
        technical=template.technical,
        wanting=tuple(place for place in places if place.pin is None),
        unanswered=template.questions and not approved,
    )


def draft_pins(pins: Sequence[PinHeading], chosen: Sequence[str], scope: str) -> Draft:
    """Return the pins chosen, in the order in which they were chosen."""
    known = {pin.pin_id: pin for pin in pins}
    kept = tuple(_pin(known[pin_id]) for pin_id in chosen if pin_id in known)
    return Draft(scope, "Answers we kept", "Pins of Candor", kept)


def draft_session(session: Session, pins: Sequence[PinHeading], questions: Sequence[Question]) -> Draft:
    """Return a meeting: its pins in the order made, then what was asked."""
    asked = [Entry(f"{ANSWERS}:{session.session_id}", ASKED, f"{len(questions)} asked")] if questions else []
    entries = (*map(_pin, pins), *asked)
    return Draft(session.scope, session.name, f"Session on {day_from_iso(session.held_on)}", entries)


def draft_run(run: WalkRun) -> Draft:
    """Return a walkthrough that somebody went through, with its notes and sign-offs."""
    entry = Entry(f"{RUN}:{run.run_id}", run.title, f"begun {say_moment(run.started_at)} by {run.who}")
    return Draft(run.scope, run.title, "Walkthrough with its record", (entry,), technical=True)


def _pin(pin: PinHeading, note: str = "") -> Entry:
    return Entry(
        f"{PIN}:{pin.pin_id}", pin.title, f"{pin.page} · {say_moment(pin.pinned_at)} · {pin.snapshot_id}", note
    )
