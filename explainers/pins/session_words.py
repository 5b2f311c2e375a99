"""Meetings in words: what is running, what was asked, what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.workspace.approvals import Approval
from data.workspace.questions import Question
from data.workspace.sessions import Session
from explainers.markup import render
from explainers.pins.words import say_moment
from explainers.style import day_from_iso, whole

SENSITIVITY = {"everyone": "everyone in this meeting", "internal": "specialists only"}
HOW_TO_READ = (
    "A session is a meeting. While it runs, every page has a box for questions at its end, and every pin made belongs"
    " to it.",
    "A question stays open until it has an answer. Open ones are shown again in the next session with the same people.",
    "An answer can be proposed for reuse. A second person has to approve it; then everyone it is for finds it here.",
)
LIMITS = (
    "Candor keeps what was typed. It cannot say whether an answer given in a meeting was right.",
    "Roles are kept, no names: do not type names of applicants or of those who take part.",
)


HOW_TO_REHEARSE = (
    "You go through the questions of an earlier session, one by one, on the snapshot named in the bar above.",
    "Open the view to see the answer as it is now. Compute a pin again to learn whether its figures still hold; what"
    " came out is kept with the pin.",
)
NOT_CHECKED = "Not computed again on this snapshot yet."


@dataclass(frozen=True)
class QuestionLinks:
    """Where a question leads."""

    view: str
    """Link to the page it was asked at; "" where it was asked outside a page."""
    pins: tuple[tuple[str, str], ...]
    """(title, link) of each pin that belongs to it."""


def say_box(session: Session, pins: int, asked: int, waiting: int) -> str:
    """Return the line of a running meeting."""
    return f"Session “{session.name}” is running: {_count(pins, 'pin')}, {_count(asked, 'question')}, {_open(waiting)}."


def say_written(question: Question) -> str:
    """Return what is said after a question was written down."""
    state = "It is open." if question.is_open else "It is answered."
    return f"Written down. {state}"


def say_choice(question: Question) -> str:
    """Return a question in a list to choose from."""
    return question.question if question.is_open else f"{question.question} (answered)"


def say_sessions(sessions: Sequence[Session]) -> str:
    """Return the headline of the list."""
    if not sessions:
        return "No session was held yet."
    running = sum(session.running for session in sessions)
    held = f"{_count(len(sessions), 'session').capitalize()} so far"
    return f"{held}; {whole(running)} running." if running else f"{held}; none is running."


def say_waiting(waiting: Sequence[Question]) -> str:
    """Return how much is open."""
    return f"{_count(len(waiting), 'question').capitalize()} open." if waiting else "No question is open."


def say_still_open(n: int) -> str:
    """Return the title over the open questions of a meeting."""
    return f"{_count(n, 'question').capitalize()} open" if n else "Nothing is open"


def say_drafts(n: int) -> str:
    """Return the title over the texts that wait for a second person."""
    return f"{_count(n, 'answer').capitalize()} waiting for a second person"


def say_approved(n: int) -> str:
    """Return the title over the texts that were approved."""
    return _count(n, "approved answer").capitalize()


def say_step(place: int, of: int, session: Session) -> str:
    """Return which question of a rehearsal this is."""
    return f"Question {whole(place)} of {whole(of)} from “{session.name}”, {day_from_iso(session.held_on)}."


def say_session(session: Session, asked: Sequence[Question], waiting: Sequence[Question], pins: int) -> str:
    """Return the headline of one meeting."""
    still = [q for q in (*asked, *waiting) if q.is_open]
    return (
        f"{session.name}: {_count(pins, 'answer')} kept, {_count(len(asked), 'question')} asked, {_open(len(still))}."
    )


def say_session_context(session: Session) -> str:
    """Return for whom and by whom a meeting is held."""
    held_for = session.partner or f"the {session.audience} view"
    roles = f" With: {', '.join(session.participants)}." if session.participants else ""
    by = f" Presented by {session.presenter}." if session.presenter else ""
    ended = f"ended {say_moment(session.ended_at)}" if session.ended_at else "running"
    return f"{day_from_iso(session.held_on)}, for {held_for}; {ended}.{by}{roles}"


def table_sessions(sessions: Sequence[Session], links: Mapping[str, str]) -> str:
    """Draw the list of meetings, each with the link of `links` that opens it."""
    rows = [
        {"link": links[s.session_id], "title": s.name, "finding": "", "about": say_session_context(s)} for s in sessions
    ]
    return render("pins.html", pins=rows)


def table_questions(questions: Sequence[Question], links: Mapping[str, QuestionLinks]) -> str:
    """Draw questions with their answers, their state and where they lead."""
    rows = [
        {
            "question": q.question,
            "answer": q.answer,
            "state": _state(q),
            "view": links[q.question_id].view,
            "pins": links[q.question_id].pins,
        }
        for q in questions
    ]
    return render("questions.html", questions=rows)


def table_answers(answers: Sequence[Approval], *, names: bool) -> str:
    """Draw proposed or approved answers; `names` also says who wrote and approved them."""
    rows = [
        {
            "question": one.title,
            "answer": one.body,
            "state": say_approval(one) if names else f"approved {say_moment(one.approved_at or one.drafted_at)}.",
            "view": "",
            "pins": (),
        }
        for one in answers
    ]
    return render("questions.html", questions=rows)


def say_approval(one: Approval) -> str:
    """Return the record of a text: who wrote it, who approved it, when."""
    to = f"for {one.partner}" if one.partner else f"for the {one.audience} view"
    wrote = f"{to}; proposed by {one.drafted_by}, {say_moment(one.drafted_at)}"
    if one.approved_at is not None:
        wrote += f"; approved by {one.approved_by}, {say_moment(one.approved_at)}"
    if one.withdrawn_at is not None:
        wrote += f"; withdrawn by {one.withdrawn_by}, {say_moment(one.withdrawn_at)}"
    return wrote + "."


def say_found(n: int, words: str) -> str:
    """Return the title of a search's results."""
    if not n:
        return f"No answer fits “{words}”."
    return f"{_count(n, 'answer').capitalize()} for “{words}”."


def _state(q: Question) -> str:
    asked = f"asked{f' by {q.asked_by}' if q.asked_by else ''}, {say_moment(q.asked_at)}"
    if q.answered_at is not None:
        asked += f"; answered {say_moment(q.answered_at)}"
    else:
        asked += (
            f"; open{f', {q.owner} sees to it' if q.owner else ''}{f', due {day_from_iso(q.due)}' if q.due else ''}"
        )
    return asked + ("; specialists only." if q.sensitivity == "internal" else ".")


def _count(n: int, noun: str) -> str:
    return f"one {noun}" if n == 1 else f"{whole(n)} {noun}s"


def _open(n: int) -> str:
    return "nothing open" if not n else f"{whole(n)} open"
