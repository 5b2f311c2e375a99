"""Budgets: how many questions of a kind a viewer may ask in any one hour, the same on all replicas.

The hour slides: a question counts for exactly sixty minutes. The same question asked again while it counts is free,
so that going back to a page costs nothing. Spending takes a lock per viewer and kind (on SQLite the one lock of
writers), so two replicas can never both give away the last question. Questions are kept as keyed hashes only.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, insert, select

from data.access import Viewer
from data.errors import WorkspaceError
from data.workspace.database import Workspace
from data.workspace.tables import BUDGET_SPENDS, time_read, time_text

HOUR = timedelta(hours=1)
KEPT = 2 * HOUR
"""Rows are removed after this: twice the hour, so that a replica whose clock runs ahead gives nothing back early."""


class QuestionKind(StrEnum):
    """Kinds of questions with a budget of their own."""

    LOOK_UP = "look-up"
    WHAT_IF = "what-if"


NOUNS = {QuestionKind.LOOK_UP: "questions", QuestionKind.WHAT_IF: "what-if questions"}


@dataclass(frozen=True)
class BudgetState:
    """What a viewer may still ask."""

    kind: QuestionKind
    """Kind of question."""
    allowed: bool
    """Whether the question asked now may be answered; for a look at the budget, whether one would be."""
    limit: int | None
    """Questions allowed in any one hour; None without a limit."""
    left: int | None
    """Questions left now, after this one; 0 or more; None without a limit."""
    cost: int
    """What this question counts for; 0 for a look at the budget."""
    repeated: bool
    """The same question is counted already, so it was free."""
    renews_at: datetime | None
    """UTC. Refused: when this question is possible. Else: when the next counted question falls out of the hour.
    None when nothing is counted, or when the question is larger than the whole budget."""


def spend(
    workspace: Workspace,
    viewer: Viewer,
    kind: QuestionKind,
    limit: int | None,
    *,
    cost: int = 1,
    key: str | None = None,
    now: datetime | None = None,
) -> BudgetState:
    """Ask whether a question fits the budget, and count it if it does. On the disk when this returns.

    Parameters
    ----------
    workspace : Workspace
        Where spent questions are kept.
    viewer : Viewer
        Whose budget: the account `viewer.who`, whatever the audience.
    kind : QuestionKind
        Which budget.
    limit : int
        Questions in any one hour, from the viewer's policy; 0 closes this kind of question. None: no limit, and
        nothing is counted.
    cost : int
        How many questions this one counts for, 1 or more.
    key : str, optional
        What makes two questions the same (snapshot, page and inputs). Kept as a keyed hash. A repeat within the
        hour is free and allowed, even when the budget is used up.
    now : datetime, optional
        For tests. Without it: the clock of the PostgreSQL server, which all replicas share, or of this machine.

    Returns
    -------
    BudgetState
        `allowed` says whether to answer.

    Raises
    ------
    WorkspaceError
        `limit` or `cost` makes no sense, or the database did not confirm. Do not answer then.
    """
    if limit is None:
        return _limitless(kind)
    if limit < 0 or cost < 1:
        raise WorkspaceError("The budget makes no sense", "A limit is 0 or more, a cost 1 or more.", "Mend the call.")
    question = None if key is None else workspace.token(f"question of {viewer.who} for {kind}", key)
    with workspace.write() as connection:
        _take_turn(connection, viewer.who, kind)
        moment = now or workspace.now(connection)
        counted = _counted(connection, viewer.who, kind, moment)
        state = _decide(kind, limit, cost, counted, question, moment)
        if state.allowed and not state.repeated:
            _count(connection, viewer.who, kind, cost, question, moment)
    return state


def read_budget(
    workspace: Workspace, viewer: Viewer, kind: QuestionKind, limit: int | None, *, now: datetime | None = None
) -> BudgetState:
    """Return the budget of a viewer without counting anything; parameters as in `spend`."""
    if limit is None:
        return _limitless(kind)
    with workspace.read() as connection:
        moment = now or workspace.now(connection)
        return _decide(kind, limit, 0, _counted(connection, viewer.who, kind, moment), None, moment)


def clean_budgets(workspace: Workspace, *, now: datetime | None = None) -> int:
    """Remove what no longer counts for anyone; return how many rows. Each `spend` cleans up after its own viewer."""
    with workspace.write() as connection:
        old = time_text((now or workspace.now(connection)) - KEPT)
        return connection.execute(delete(BUDGET_SPENDS).where(BUDGET_SPENDS.c.spent_at <= old)).rowcount


def say_budget(state: BudgetState, zone: tzinfo = UTC) -> str:
    """Return the budget in words.

    Parameters
    ----------
    state : BudgetState
        What `spend` or `read_budget` returned.
    zone : tzinfo
        Time zone of the reader; times of UTC are marked so.

    Returns
    -------
    str
        One to three short sentences.
    """
    noun = NOUNS[state.kind]
    if state.limit is None or state.left is None:
        return f"There is no limit to your {noun}."
    if state.limit == 0:
        return f"{noun.capitalize()} are not open to you here."
    said = f"You have asked {state.limit - state.left} of {state.limit} {noun} in this hour."
    if state.cost > state.limit:
        return f"{said} This one counts as {state.cost}, so it is never possible."
    if state.renews_at is None or (state.allowed and state.left > 0):
        return said
    if state.cost > 1 and not state.allowed:
        return f"{said} This one counts as {state.cost}. It is possible at {_clock(state.renews_at, zone)}."
    return f"{said} The next one is possible at {_clock(state.renews_at, zone)}."


def _limitless(kind: QuestionKind) -> BudgetState:
    return BudgetState(kind, allowed=True, limit=None, left=None, cost=0, repeated=False, renews_at=None)


def _clock(moment: datetime, zone: tzinfo) -> str:
    """Return hours and minutes, rounded up: who comes at that minute must not be turned away again."""
    whole = moment.replace(second=0, microsecond=0)
    if whole < moment:
        whole += timedelta(minutes=1)
    return f"{whole.astimezone(zone):%H:%M}{' UTC' if zone is UTC else ''}"


def _take_turn(connection: Connection, who: str, kind: QuestionKind) -> None:
    """Let nobody else spend from this budget until the transaction ends; SQLite has one writer as it is."""
    if connection.dialect.name == "postgresql":
        digest = hashlib.sha256(f"candor budget {kind} {who}".encode()).digest()
        connection.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))


def _counted(connection: Connection, who: str, kind: QuestionKind, now: datetime) -> Sequence[Row[str, int, str]]:
    """Return what counts now, oldest first. A question counts until exactly one hour has passed."""
    c = BUDGET_SPENDS.c
    mine = (c.who == who, c.kind == str(kind), c.spent_at > time_text(now - HOUR))
    return connection.execute(select(c.spent_at, c.cost, c.question).where(*mine).order_by(c.spent_at)).all()


def _decide(
    kind: QuestionKind,
    limit: int,
    cost: int,
    counted: Sequence[Row[str, int, str]],
    question: str | None,
    now: datetime,
) -> BudgetState:
    used = sum(row.cost for row in counted)
    repeated = question is not None and any(row.question == question for row in counted)
    needed = max(cost, 1)  # a look at the budget says whether one question would fit
    allowed = repeated or used + needed <= limit
    after = used + (cost if allowed and not repeated else 0)
    if allowed:
        renews = time_read(counted[0].spent_at) + HOUR if counted else (now + HOUR if cost else None)
    else:
        renews = _room_at(limit, needed, used, counted)
    return BudgetState(kind, allowed, limit, max(0, limit - after), cost, repeated, renews)


def _room_at(limit: int, cost: int, used: int, counted: Sequence[Row[str, int, str]]) -> datetime | None:
    """Return when enough questions have fallen out of the hour; None when the question is too large for any hour."""
    for row in counted:
        used -= row.cost
        if used + cost <= limit:
            return time_read(row.spent_at) + HOUR
    return None


def _count(
    connection: Connection, who: str, kind: QuestionKind, cost: int, question: str | None, now: datetime
) -> None:
    """Keep a spent question and drop this viewer's that are long past."""
    c, moment = BUDGET_SPENDS.c, time_text(now)
    mine = (c.who == who, c.kind == str(kind), c.spent_at <= time_text(now - KEPT))
    connection.execute(delete(BUDGET_SPENDS).where(*mine))
    row = {"spend_id": str(uuid.uuid4()), "who": who, "kind": str(kind), "cost": cost, "question": question}
    connection.execute(insert(BUDGET_SPENDS), {**row, "spent_at": moment, "created_at": time_text(datetime.now(UTC))})
