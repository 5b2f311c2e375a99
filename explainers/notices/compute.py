"""The letter for one application: `compute_notice` → `NoticeResult`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from data.card_schema import Card
from data.cohorts import read_cohort
from data.errors import Problem
from data.notice_schema import Language
from data.policy import Policy
from data.reader import Reader
from data.reason_catalogue import Catalogue
from explainers.attribution import Engine
from explainers.decision.compute import FittedGroup, OnFile, fit_group, read_on_file
from explainers.notices.parts import make_parts, name_of, place_of
from explainers.notices.required import NOTHING, missing, say_creditor
from explainers.notices.result import NoticeResult, State
from explainers.notices.wording import template_hash, words_of
from explainers.reasons.principal import Fit, compute_principal
from explainers.reasons.result import PrincipalResult

DAYS = 30
"""A creditor has so many days from a complete application (12 CFR 1002.9(a)(1)(i))."""


def compute_notice(
    reader: Reader, asked: OnFile, fit: Fit, language: Language = "en", on: date | None = None
) -> NoticeResult:
    """Write the letter for one application, as far as it can be written.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    asked : OnFile
        The application, from `explainers.decision.compute.read_on_file`.
    fit : callable
        Gives a comparison group by name and key, ready to explain with.
    language : {"en", "es"}
        Of the letter.
    on : date, optional
        Day of the letter; today by default.
    """
    room = reader.room
    principal = compute_principal(reader, asked, fit)
    recorded = asked.record.recorded_decision
    whole = write_notice(principal, room.card, room.catalogue, language, on or date.today(), recorded)
    return disclose(whole, reader.viewer.policy, room.card)


class Desk:
    """Writes one letter after the other for a viewer: the model and its comparison groups are made ready once.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._engine = Engine(reader.room.model)
        self._fitted: dict[tuple[str, int], FittedGroup] = {}

    def write(self, number: str, language: Language = "en", on: date | None = None) -> NoticeResult:
        """Write the letter for an application; see `compute_notice`."""
        asked = read_on_file(self._reader, self._engine, number)
        return compute_notice(self._reader, asked, self._fit, language, on)

    def _fit(self, name: str, group_no: int) -> FittedGroup:
        key = name, group_no
        if key not in self._fitted:
            self._fitted[key] = fit_group(self._reader, self._engine, name, group_no)
        return self._fitted[key]


def declined_of_month(reader: Reader, month: str, rows: int) -> Iterator[list[str]]:
    """Yield the numbers of a month's declined applications, so many at a time, in the order of the table.

    Declined is what the rules, the cut-off or a person declined, and what is declined on record.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    month : str
        Of the application, "2026-09".
    rows : int
        Numbers at a time at most.

    Raises
    ------
    CohortProblems
        That is no month.
    """
    chosen, after = reader.room.summaries(read_cohort(f"month:{month}..{month}")), -1
    while True:
        found = chosen.ask(
            "SELECT row_no, application_id FROM chosen WHERE row_no > $after AND"
            " (decision = 'declined' OR recorded_decision = 'declined') ORDER BY row_no LIMIT $rows",
            {"after": after, "rows": rows},
        )
        if found.empty:
            return
        after = int(found["row_no"].iloc[-1])
        yield reader.room.numbers(found["row_no"].tolist())


def write_notice(
    principal: PrincipalResult,
    card: Card,
    catalogue: Catalogue,
    language: Language,
    on: date,
    recorded: str | None = None,
) -> NoticeResult:
    """Write a letter from its reasons, the card and the catalogue.

    Parameters
    ----------
    principal : PrincipalResult
        The decision and its reasons.
    card : Card
        What letters say beside the reasons.
    catalogue : Catalogue
        Which words are approved.
    language : {"en", "es"}
        Of the letter.
    on : date
        Day of the letter.
    recorded : str, optional
        "approved" or "declined" as on record.

    References
    ----------
    12 CFR 1002.9 and its official interpretations; 15 USC 1681m(a), 1681g(f).
    """
    words, notices = words_of(language), card.notices or NOTHING
    due = bool(principal.declining)
    problems: tuple[Problem, ...] = (_not_due(principal),)
    state: State = "not due"
    if due or (recorded == "declined" and principal.own.decision == "approved"):
        problems = tuple(missing(principal, card, catalogue, language, recorded))
        state = "stopped" if problems else "ready"
    joint = len(principal.declining) > 1
    applied = principal.application_date
    return NoticeResult(
        snapshot_id=principal.snapshot_id,
        n=principal.n,
        n_total=principal.n_total,
        application_id=principal.application_id,
        state=state,
        problems=problems,
        language=language,
        day=words.day(on),
        applied="" if applied is None else words.day(applied),
        sender=place_of(notices, principal.own, joint=joint) if due else None,
        creditors=tuple(name_of(notices, creditor, joint=joint) for creditor in principal.declining),
        parts=tuple(make_parts(principal, card, catalogue, words)) if due else (),
        send_by=None if applied is None or not due else applied + timedelta(days=DAYS),
        template_hash=template_hash(language),
        catalogue_hash=catalogue.sha256,
    )


def _not_due(principal: PrincipalResult) -> Problem:
    """Say why no letter is due."""
    approving = ", ".join(say_creditor(c.creditor) for c in principal.creditors if c.decision == "approved")
    allowed = "a letter where nobody approves (12 CFR 1002.9(g))" if len(principal.creditors) > 1 else "a decline"
    return Problem("the decision", f"approved by {approving}", allowed, "No letter is needed.")


def disclose(result: NoticeResult, policy: Policy, card: Card) -> NoticeResult:
    """Stop letters of which a viewer sees a part only: the whole one is made by who sees everything.

    Reasons are cut to the policy already (`explainers.reasons.principal.disclose`).
    """
    if policy.rows == "all" or result.state == "not due":
        return result
    report = card.consumer_report
    feature = None if report is None else card.features.get(report.score)
    partial = []
    if card.decision.considered_by == "every partner":
        found = "your own decision only; other lenders decide on this application too"
        partial.append(Problem("the letter", found, "every decision", "Ask the lender’s specialist for the letter."))
    if feature is not None and feature.audience != "partner":
        found = "a credit score that is not shown to you"
        partial.append(Problem("the letter", found, "the score", "Ask the lender’s specialist for the letter."))
    if not partial:
        return result
    return replace(result, state="stopped", problems=(*result.problems, *partial))
