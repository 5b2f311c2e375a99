"""Questions per hour: counted once, never over-spent, and said in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from data.access import Viewer
from data.errors import WorkspaceError
from data.workspace import BudgetState, QuestionKind, Workspace, clean_budgets, read_budget, say_budget, spend
from data.workspace.tables import BUDGET_SPENDS
from tests.data.workspace.writers import ANNA, BERT, PROCESSES, all_said, spend_some, start

LOOK_UP, WHAT_IF = QuestionKind.LOOK_UP, QuestionKind.WHAT_IF
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ask(workspace: Workspace, minute: float, limit: int = 3, viewer: Viewer = ANNA, **more: object) -> BudgetState:
    kind = more.pop("kind", LOOK_UP)
    return spend(workspace, viewer, kind, limit, now=NOON + minute * MINUTE, **more)  # type: ignore[arg-type]


def rows(workspace: Workspace) -> int:
    with workspace.read() as connection:
        return connection.execute(select(func.count()).select_from(BUDGET_SPENDS)).scalar_one()


def test_three_questions_fit_a_budget_of_three_and_the_fourth_waits_for_the_first(workspace: Workspace) -> None:
    states = [ask(workspace, minute) for minute in (0, 10, 20, 30)]
    assert [state.allowed for state in states] == [True, True, True, False]
    assert [state.left for state in states] == [2, 1, 0, 0]
    assert [state.renews_at for state in states] == [NOON + 60 * MINUTE] * 4
    assert not ask(workspace, 59.999).allowed
    assert ask(workspace, 60).allowed
    assert not ask(workspace, 61).allowed


def test_a_refused_question_is_possible_at_the_moment_that_is_named(workspace: Workspace) -> None:
    for minute in (0, 1.5, 7):
        ask(workspace, minute)
    refused = ask(workspace, 8, cost=2)
    assert refused.renews_at == NOON + 61.5 * MINUTE
    assert not spend(workspace, ANNA, LOOK_UP, 3, cost=2, now=refused.renews_at - timedelta(microseconds=1)).allowed
    assert spend(workspace, ANNA, LOOK_UP, 3, cost=2, now=refused.renews_at).allowed


def test_the_same_question_within_the_hour_is_free_even_when_the_budget_is_used_up(workspace: Workspace) -> None:
    ask(workspace, 0, limit=1, key="10432")
    again = ask(workspace, 30, limit=1, key="10432")
    assert (again.allowed, again.repeated, again.left) == (True, True, 0)
    assert not ask(workspace, 31, limit=1, key="10433").allowed
    assert ask(workspace, 60, limit=1, key="10433").allowed
    assert not ask(workspace, 61, limit=1, key="10432").allowed


def test_viewers_and_kinds_have_budgets_of_their_own(workspace: Workspace) -> None:
    assert ask(workspace, 0, limit=1, key="a").allowed
    assert ask(workspace, 0, limit=1, key="a", viewer=BERT).left == 0
    assert ask(workspace, 0, limit=1, key="a", kind=WHAT_IF).left == 0
    assert not ask(workspace, 0, limit=1).allowed


def test_looking_at_a_budget_costs_nothing(workspace: Workspace) -> None:
    assert read_budget(workspace, ANNA, LOOK_UP, 2, now=NOON) == BudgetState(LOOK_UP, True, 2, 2, 0, False, None)
    ask(workspace, 0, limit=2)
    assert read_budget(workspace, ANNA, LOOK_UP, 2, now=NOON).left == 1
    ask(workspace, 1, limit=2)
    seen = read_budget(workspace, ANNA, LOOK_UP, 2, now=NOON + 2 * MINUTE)
    assert (seen.allowed, seen.left, seen.renews_at) == (False, 0, NOON + 60 * MINUTE)
    assert rows(workspace) == 2


def test_a_question_is_kept_as_a_keyed_hash_only(workspace: Workspace) -> None:
    ask(workspace, 0, key="APP-77419")
    with workspace.read() as connection:
        (row,) = connection.execute(select(BUDGET_SPENDS)).all()
    assert len(row.question) == 64
    assert "77419" not in repr(row)


def test_the_database_clock_is_used_when_no_time_is_given(workspace: Workspace) -> None:
    before = datetime.now(UTC)
    state = spend(workspace, ANNA, LOOK_UP, 3)
    assert state.renews_at is not None
    assert before <= state.renews_at - timedelta(hours=1) <= datetime.now(UTC)


def test_without_a_limit_everything_is_allowed_and_nothing_is_kept(workspace: Workspace) -> None:
    state = spend(workspace, BERT, WHAT_IF, None, key="a")
    assert state == read_budget(workspace, BERT, WHAT_IF, None)
    assert (state.allowed, state.left, say_budget(state)) == (
        True,
        None,
        "There is no limit to your what-if questions.",
    )
    assert rows(workspace) == 0


def test_a_nonsense_budget_is_refused(workspace: Workspace) -> None:
    for limit, cost in ((-1, 1), (3, 0), (3, -5)):
        with pytest.raises(WorkspaceError, match="makes no sense"):
            ask(workspace, 0, limit=limit, cost=cost)


def test_old_rows_are_removed_and_counted_ones_kept(workspace: Workspace) -> None:
    for minute in (0, 30, 90):
        ask(workspace, minute)
    ask(workspace, 0, viewer=BERT)
    assert rows(workspace) == 4
    ask(workspace, 120)
    assert rows(workspace) == 4, "the viewer's own oldest row went, the new one came"
    assert clean_budgets(workspace, now=NOON + 120 * MINUTE) == 1
    assert clean_budgets(workspace, now=NOON + 120 * MINUTE) == 0
    assert read_budget(workspace, ANNA, LOOK_UP, 3, now=NOON + 120 * MINUTE).left == 1


def test_processes_asking_together_never_get_more_than_the_budget(url: str, workspace: Workspace) -> None:
    barrier = PROCESSES.Barrier(4)
    started = [start(spend_some, url, [None] * 12, 20, barrier) for _ in range(4)]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    assert [len(answers) for answers in said] == [12] * 4
    assert sum(map(sum, said)) == 20
    assert sum(0 < sum(answers) < 12 for answers in said) >= 1, "they did ask at the same time"


def test_processes_asking_the_same_questions_together_pay_once(url: str, workspace: Workspace) -> None:
    barrier = PROCESSES.Barrier(4)
    keys: list[str | None] = [f"application {i}" for i in range(5)]
    started = [start(spend_some, url, keys, 20, barrier) for _ in range(4)]
    said = [all_said(pipe) for _, pipe in started]
    for process, _ in started:
        process.join(30)
    assert said == [[True] * 5] * 4
    assert read_budget(workspace, ANNA, LOOK_UP, 20).left == 15


QUESTIONS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 3), st.sampled_from([None, "a", "b", "c"])), min_size=1, max_size=15
)


@given(questions=QUESTIONS, limit=st.integers(0, 6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_hour_ever_holds_more_than_the_limit(
    workspace: Workspace, questions: list[tuple[int, int, str | None]], limit: int
) -> None:
    """Against a plain count over everything that was paid."""
    with workspace.write() as connection:
        connection.execute(delete(BUDGET_SPENDS))
    paid: list[tuple[float, int, str | None]] = []
    minute = 0
    for gap, cost, key in questions:
        minute += gap
        counted = [spent for spent in paid if spent[0] > minute - 60]
        known = key is not None and any(spent[2] == key for spent in counted)
        used = sum(spent[1] for spent in counted)
        state = ask(workspace, minute, limit=limit, cost=cost, key=key)
        assert state.repeated == known
        assert state.allowed == (known or used + cost <= limit)
        if state.allowed and not known:
            paid.append((minute, cost, key))
            used += cost
        assert state.left == limit - used
        assert used <= limit


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            BudgetState(LOOK_UP, False, 60, 0, 1, False, NOON.replace(hour=14, minute=35)),
            "You have asked 60 of 60 questions in this hour. The next one is possible at 14:35 UTC.",
        ),
        (
            BudgetState(LOOK_UP, True, 60, 0, 1, False, NOON.replace(hour=14, minute=34, second=1)),
            "You have asked 60 of 60 questions in this hour. The next one is possible at 14:35 UTC.",
        ),
        (
            BudgetState(WHAT_IF, True, 30, 18, 1, False, NOON),
            "You have asked 12 of 30 what-if questions in this hour.",
        ),
        (
            BudgetState(WHAT_IF, False, 30, 2, 5, False, NOON.replace(hour=23, minute=59, second=30)),
            "You have asked 28 of 30 what-if questions in this hour. This one counts as 5. "
            "It is possible at 00:00 UTC.",
        ),
        (
            BudgetState(LOOK_UP, False, 4, 4, 5, False, None),
            "You have asked 0 of 4 questions in this hour. This one counts as 5, so it is never possible.",
        ),
        (BudgetState(LOOK_UP, False, 0, 0, 1, False, None), "Questions are not open to you here."),
    ],
)
def test_the_budget_is_said_in_short_words(state: BudgetState, said: str) -> None:
    assert say_budget(state) == said


def test_the_time_is_said_in_the_readers_zone() -> None:
    state = BudgetState(LOOK_UP, False, 60, 0, 1, False, NOON)
    assert say_budget(state, ZoneInfo("America/New_York")).endswith("possible at 07:00.")
