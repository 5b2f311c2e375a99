"""The answers pages show. Asking here spends the viewer's budget and writes the log, whatever the page does.

An answer is not shown when its budget cannot be counted or its showing cannot be logged. It is logged once while it
stays on the screen: a rerun of the same page writes nothing, an answer that went and came back is written again.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from data.access import Audience
from data.cohorts import EVERYONE, Cohort
from data.errors import BudgetSpent
from data.reader import Reader
from data.workspace import (
    LogCheck,
    LogFilter,
    LoggedInputs,
    LogPage,
    QuestionKind,
    export_log,
    list_log,
    open_workspace,
    record,
    say_budget,
    spend,
    verify_log,
)
from explainers.assurance.health import HealthResult
from explainers.decision.result import Agreement, DecisionResult
from explainers.history.compute import HistoryResult
from explainers.overview.compute import OverviewResult
from explainers.reasons.frequency import FrequencyResult
from explainers.recourse.result import RecourseResult
from explainers.what_if.address import write_changes
from explainers.what_if.result import EditorResult, WhatIfResult
from pages.shared import readers
from pages.shared.readers import group_for, group_names

if TYPE_CHECKING:
    from explainers.decision.second import SecondOpinionNote

SHOWN = "candor-shown"
"""Session key of what the log has of the view on the screen."""
LOGGED = {
    "overview": LoggedInputs(),
    "ask": LoggedInputs(plain=frozenset({"intent", "answer"})),
    "health": LoggedInputs(),
    "reasons": LoggedInputs(plain=frozenset({"cohort", "reason"}), hidden=frozenset({"application"})),
    "evidence": LoggedInputs(),
    "reason test": LoggedInputs(plain=frozenset({"group", "family"}), hidden=frozenset({"application"})),
    "notice": LoggedInputs(plain=frozenset({"language", "files"}), hidden=frozenset({"application"})),
    "revealed number": LoggedInputs(plain=frozenset({"reason"}), hidden=frozenset({"application"})),
    "decision": LoggedInputs(plain=frozenset({"group"}), hidden=frozenset({"application"})),
    "drivers": LoggedInputs(plain=frozenset({"cohort", "family", "against"})),
    "signal": LoggedInputs(plain=frozenset({"signal", "cut", "by", "cohort"})),
    "interactions": LoggedInputs(plain=frozenset({"pair", "cohort"})),
    "what-if": LoggedInputs(
        plain=frozenset({"group", "changed", "smallest"}), hidden=frozenset({"application", "question"})
    ),
    "fairness": LoggedInputs(plain=frozenset({"cohort", "values", "pair"})),
    "groups shared": LoggedInputs(plain=frozenset({"partner", "reason"})),
    "groups no longer shared": LoggedInputs(plain=frozenset({"partner"})),
    "cohorts": LoggedInputs(plain=frozenset({"cohort"})),
    "fairness drivers": LoggedInputs(plain=frozenset({"attribute", "group", "part", "cohort"})),
    "fairness slices": LoggedInputs(plain=frozenset({"attribute", "group", "by", "cohort"})),
    "alternatives": LoggedInputs(plain=frozenset({"attribute", "group", "search"})),
    "compare": LoggedInputs(plain=frozenset({"mode", "group", "other", "cohort"}), hidden=frozenset({"application"})),
    "pins": LoggedInputs(plain=frozenset({"pin"})),
    "sessions": LoggedInputs(plain=frozenset({"session"})),
    "packs": LoggedInputs(plain=frozenset({"pack", "form"})),
    "walkthroughs": LoggedInputs(plain=frozenset({"walkthrough", "step", "run"}), hidden=frozenset({"application"})),
}
"""Which inputs of which page may stand in the log, and how."""
LONGEST_INPUT = 200
"""Characters of a plain input that the log keeps."""
_Key = tuple[object, ...]


@dataclass
class _View:
    """What of the view on the screen stands in the log."""

    page: str
    """Last part of the page's address."""
    main: _Key | None = None
    """The answer of the page; None until this run shows it."""
    before: _Key | None = None
    """The answer of the run before, while this run has not shown its own."""
    parts: dict[str, _Key] = field(default_factory=dict)
    """Place on the page -> the answer that stands there beside the page's own."""
    drawn: set[str] = field(default_factory=set)
    """Places drawn since the page began to run: over the page's own answer, or under it."""

    def has(self, part: str, key: _Key) -> bool:
        """Return whether an answer stands in the log since it came to the screen."""
        return key == (self.parts.get(part) if part else self.main or self.before)

    def keep(self, part: str, key: _Key) -> None:
        """Note what stands in the log now; with a new answer of the page, parts of the one before left the screen."""
        if part:
            self.parts[part] = key
            self.drawn.add(part)
            return
        if not self.has(part, key):
            self.parts = {place: self.parts[place] for place in self.drawn}
        self.main = key


def overview(reader: Reader) -> OverviewResult:
    """Return what a model is, over everything the viewer may see."""
    result = readers.overview(reader.snapshot_id, reader.viewer.scope, reader)
    log(reader, "overview", {}, result.n)
    return result


def health(reader: Reader) -> HealthResult:
    """Return the state of the snapshot."""
    result = readers.health(reader.snapshot_id, reader.viewer.scope, reader)
    log(reader, "health", {}, result.n)
    return result


def decision(reader: Reader, number: str, group: str | None) -> DecisionResult:
    """Return one decision explained.

    Parameters
    ----------
    reader : Reader
        The snapshot in force.
    number : str
        The lender's own number, or the masked one.
    group : str or None
        Name of the comparison group; None is the card's default.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        No such application for this viewer. It counts as a question too.
    """
    ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{number}")
    name, group_no = group_for(reader, number, group)
    result = readers.decision(reader.snapshot_id, reader.viewer.scope, number, name, group_no, reader)
    log(reader, "decision", {"application": number, "group": name}, 1)
    return result


def reveal(reader: Reader, number: str, reason: str) -> str:
    """Return the lender's own number behind a masked one; the log keeps who asked and the reason.

    Raises
    ------
    CandorError
        No reason was given.
    """
    shown = reader.reveal(number, reason)
    log_act(reader, "revealed number", {"application": number, "reason": reason.strip()[:LONGEST_INPUT]}, 1)
    return shown


def agreement(reader: Reader, number: str, group: str) -> Agreement | None:
    """Return whether another comparison group gives the reasons that were just shown; None where there is no other."""
    key = group_for(reader, number, group)
    others = (group_for(reader, number, name) for name in group_names(reader) if name != key[0])
    other = next(others, None)
    if other is None:
        return None
    return readers.agreement(reader.snapshot_id, reader.viewer.scope, number, key, other, reader)


def frequency(reader: Reader) -> FrequencyResult:
    """Return how often each family is a reason, over everything the viewer may see."""
    return readers.reasons(reader.snapshot_id, reader.viewer.scope, EVERYONE.text, reader)


def reasons(reader: Reader, cohort: Cohort) -> FrequencyResult:
    """Return how often each family is a reason, over a cohort."""
    result = readers.reasons(reader.snapshot_id, reader.viewer.scope, cohort.text, reader)
    log(reader, "reasons", {"cohort": cohort.text[:LONGEST_INPUT]}, result.n)
    return result


def history(reader: Reader, number: str) -> HistoryResult:
    """Return what other snapshots say of a decision that was just shown."""
    others = tuple(c.snapshot_id for c in readers.choices() if c.snapshot_id != reader.snapshot_id)
    return readers.history(reader.snapshot_id, reader.viewer.scope, number, others, reader)


def second_opinion(reader: Reader, number: str, group: str) -> SecondOpinionNote:
    """Return what another method says of a decision that was just shown."""
    name, group_no = group_for(reader, number, group)
    return readers.second_opinion(reader.snapshot_id, reader.viewer.scope, number, name, group_no, reader)


def editor(reader: Reader, number: str) -> EditorResult:
    """Return what may be changed about one application.

    Raises
    ------
    BudgetSpent
        The viewer asked for as many applications as one may in an hour.
    NotFoundForViewer
        No such application for this viewer. It counts as a question too.
    """
    ask(reader, QuestionKind.LOOK_UP, f"{reader.snapshot_id}|{number}")
    return readers.editor(reader.snapshot_id, reader.viewer.scope, number, reader)


def unlimited(reader: Reader) -> bool:
    """Return whether the viewer's what-if questions are not counted."""
    return reader.viewer.policy.what_ifs_per_hour is None


def what_if(
    reader: Reader, number: str, changes: Mapping[str, float | str], *, find: bool
) -> tuple[WhatIfResult, Callable[[], RecourseResult] | None]:
    """Return one application with changed values, and on request what searches the smallest changes that are enough.

    The page draws its answer first and searches then. Each different set of changes is a question, and so is the
    search for the smallest ones; nothing changed is none.

    Raises
    ------
    BudgetSpent
        The viewer asked as many what-if questions as one may in an hour.
    ChangeProblems
        The card does not allow these changes. It counts as a question too.
    """
    question = write_changes(changes)
    name, group_no = group_for(reader, number, None)
    place = f"{reader.snapshot_id}|{number}"
    if changes:
        ask(reader, QuestionKind.WHAT_IF, f"{place}|{name}|{question}")
    if find:
        ask(reader, QuestionKind.WHAT_IF, f"{place}|smallest")
    keys = reader.snapshot_id, reader.viewer.scope, number
    result = readers.what_if(*keys, name, group_no, question, reader)
    inputs = {"application": number, "group": name, "smallest": "yes" if find else "no"}
    if reader.viewer.policy.log_what_ifs:
        changed = " ".join(c.name for c in result.changes if not c.linked)[:LONGEST_INPUT]
        inputs |= {"question": question or "none", "changed": changed}
    log(reader, "what-if", inputs, 1)
    return result, partial(readers.recourse, *keys, reader) if find else None


def ask(reader: Reader, kind: QuestionKind, question: str) -> None:
    """Count a question against the viewer's budget.

    Raises
    ------
    BudgetSpent
        There is none left in this hour; says when the next one is possible.
    """
    policy = reader.viewer.policy
    limit = policy.lookups_per_hour if kind is QuestionKind.LOOK_UP else policy.what_ifs_per_hour
    if limit is None:
        return
    state = spend(open_workspace(), reader.viewer, kind, limit, key=question)
    if not state.allowed:
        raise BudgetSpent("No more questions in this hour", say_budget(state), "Questions asked before stay free.")


@contextmanager
def one_view(page: str) -> Iterator[None]:
    """Run a page: what it showed the run before and shows again stays on the screen, anything else left it.

    Parameters
    ----------
    page : str
        Last part of the page's address.
    """
    view = st.session_state.get(SHOWN)
    if not isinstance(view, _View) or view.page != page:
        view = st.session_state[SHOWN] = _View(page)
    view.before, view.main = view.main or view.before, None
    view.drawn = set()
    try:
        yield
    except Exception:
        view.before = None  # the page shows why there is no answer; a run that a newer click stopped comes not here
        raise
    view.before = None


def stay() -> object:
    """Return what stands for this stay on a page: the same object until another page was opened."""
    return st.session_state.get(SHOWN)


def log(
    reader: Reader,
    page: str,
    inputs: Mapping[str, str],
    rows_behind: int,
    *,
    part: str = "",
    each: Sequence[str] = (),
    source: tuple[str, str] | None = None,
) -> None:
    """Write to the log that an answer is shown, once while it stays on the screen.

    Parameters
    ----------
    reader : Reader
        The snapshot in force.
    page : str
        What is shown: a key of `LOGGED`.
    inputs : mapping
        Its inputs.
    rows_behind : int
        Applications behind the answer.
    part : str
        Place of an answer that stands on a page beside the page's own; "" for the page's own.
    each : sequence of str
        Applications that one answer names. Each has its entry: "was this application shown?" must find every one.
    source : (str, str), optional
        Snapshot and its hash where the answer is from another one than is in force: a pin's.
    """
    key = (page, tuple(sorted(inputs.items())), *each, source or reader.snapshot_id, reader.viewer)
    view: _View = st.session_state.setdefault(SHOWN, _View(page))
    if not view.has(part, key):
        for one in [{"application": number} for number in each] or [{}]:
            _write(reader, page, {**inputs, **one}, rows_behind, source)
    view.keep(part, key)


def log_act(reader: Reader, page: str, inputs: Mapping[str, str], rows_behind: int) -> None:
    """Write to the log what somebody did, each time it is done: nothing of it stays on the screen."""
    _write(reader, page, inputs, rows_behind, None)


def _write(
    reader: Reader, page: str, inputs: Mapping[str, str], rows_behind: int, source: tuple[str, str] | None
) -> None:
    snapshot_id, snapshot_hash = source or (reader.snapshot_id, reader.manifest.fingerprint)
    record(
        open_workspace(),
        reader.viewer,
        page,
        inputs,
        allowed=LOGGED[page],
        snapshot_id=snapshot_id,
        snapshot_hash=snapshot_hash,
        rows_behind=rows_behind,
        at=datetime.now(UTC),
    )


def log_filter(number: str, page: str, audience: str, who: str) -> LogFilter:
    """Return which entries of the log are asked for; empty words and "all" ask for every entry."""
    return LogFilter(
        who=who or None,
        page=page if page in LOGGED else None,
        audience=Audience(audience) if audience in tuple(Audience) else None,
        hidden=("application", number) if number else None,
    )


def shown_log(reader: Reader, asked: LogFilter, first: int) -> tuple[LogPage, LogCheck]:
    """Return entries of the log of what was shown, and whether it is whole.

    Raises
    ------
    NotFoundForViewer
        The viewer is not a specialist.
    """
    workspace = open_workspace()
    return list_log(workspace, reader.viewer, asked, first=first), verify_log(workspace)


def exported_log(reader: Reader, asked: LogFilter) -> str:
    """Return entries of the log as CSV."""
    text = io.StringIO(newline="")
    export_log(open_workspace(), reader.viewer, text, asked)
    return text.getvalue()
