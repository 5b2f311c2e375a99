"""What a letter needs and does not have: every point at once, so that nobody mends a letter twice."""

from __future__ import annotations

from collections.abc import Iterator

from data.card_schema import Card
from data.errors import Problem
from data.notice_schema import CreditorBlock, Language, NoticesBlock
from data.reason_catalogue import Catalogue
from data.records import NO_PARTNER
from explainers.reasons.result import CreditorReasons, KeyFactors, PrincipalResult

NOTHING = NoticesBlock()
"""What a card without a block says."""


def creditor_of(notices: NoticesBlock, partner: str, *, joint: bool) -> CreditorBlock | None:
    """Return how a creditor is named; in a joint letter each needs words of its own."""
    named = notices.creditors.partners.get(partner)
    return named if joint else named or notices.creditors.default


def say_creditor(partner: str) -> str:
    """Return a creditor that the card does not name: as the partner, or as the lender where there are no partners."""
    return "the lender" if partner == NO_PARTNER else partner


def missing(
    principal: PrincipalResult, card: Card, catalogue: Catalogue, language: Language, recorded: str | None
) -> Iterator[Problem]:
    """Yield everything that stops a letter.

    Parameters
    ----------
    principal : PrincipalResult
        The decision and its reasons.
    card : Card
        What letters say beside the reasons.
    catalogue : Catalogue
        Which words are approved.
    language : Language
        Of the letter.
    recorded : str or None
        "approved" or "declined" as on record; None where the table does not say.

    References
    ----------
    12 CFR 1002.9(a)(2), (b) and (g); 15 USC 1681m(a).
    """
    notices = card.notices or NOTHING
    yield from _decision(principal, recorded)
    yield from _creditors(principal, notices)
    for creditor in principal.declining:
        yield from _reasons(creditor, catalogue, language)
    yield from _report(principal.key_factors, notices)
    if language != "en" and language not in notices.languages:
        yield _problem("notices.languages", "no such language", "a language that is offered", "Add it to the card.")


def _problem(place: str, found: str, allowed: str, remedy: str) -> Problem:
    return Problem(place, found, allowed, remedy)


def _decision(principal: PrincipalResult, recorded: str | None) -> Iterator[Problem]:
    if recorded is not None and recorded != principal.own.decision:
        found = f"{recorded} on record, but {principal.own.decision} by rules, cut-off and review"
        remedy = "Whoever decided must give the reasons: write this letter by hand."
        yield _problem("the decision", found, "one decision", remedy)


def _creditors(principal: PrincipalResult, notices: NoticesBlock) -> Iterator[Problem]:
    joint = len(principal.declining) > 1
    for creditor in principal.declining:
        block = creditor_of(notices, creditor.creditor, joint=joint)
        alone = creditor.creditor == NO_PARTNER
        place = "notices.creditors.default" if alone else f"notices.creditors.partners.{creditor.creditor}"
        if block is None:
            allowed = "name and address of the creditor (12 CFR 1002.9(a)(2))"
            if joint:
                allowed = "name and address of each creditor of a joint letter (12 CFR 1002.9(g))"
            yield _problem(place, "nothing", allowed, "Add it to the card.")
        if notices.agency is None and (block is None or block.agency is None):
            allowed = "name and address of the federal agency (12 CFR 1002.9(a)(2), appendix A)"
            yield _problem(f"{place}.agency", "nothing", allowed, "Add notices.agency to the card, or one here.")


def _reasons(creditor: CreditorReasons, catalogue: Catalogue, language: Language) -> Iterator[Problem]:
    place = f"the reasons of {say_creditor(creditor.creditor)}"
    if not creditor.reasons:
        yield _problem(place, "none", "the principal reasons (12 CFR 1002.9(a)(2)(i))", "Look at the decision.")
    if creditor.stage == "review" and not any(reason.stage == "review" for reason in creditor.reasons):
        allowed = "what the reviewer looked at (12 CFR 1002.9(b)(2), comments 6 and 7)"
        yield _problem(place, "no reason of the person who declined", allowed, "Record the reviewer’s reasons.")
    for reason in creditor.reasons:
        entry = None if reason.code is None else catalogue.entries.get(reason.code)
        if not reason.approved or entry is None:
            found = f"“{reason.statement}”, which is not approved today"
            remedy = "Approve the statement in the catalogue, or choose another one in the card."
            yield _problem(place, found, "approved words", remedy)
        elif language == "es" and (entry.statement_es is None or entry.explanation_es is None):
            remedy = "Add statement_es and explanation_es to the catalogue, or send the letter in English."
            yield _problem(place, f"{reason.code} without Spanish words", "approved words in Spanish", remedy)


def _report(factors: KeyFactors | None, notices: NoticesBlock) -> Iterator[Problem]:
    if factors is None:
        return
    if not notices.reporting_agencies:
        allowed = "name, address and phone of the agency whose report was used (15 USC 1681m(a)(3)(A))"
        yield _problem("notices.reporting_agencies", "nothing, but a credit score was used", allowed, "Add it.")
    if factors.created is None:
        allowed = "the day the score was made (15 USC 1681g(f)(1)(D))"
        yield _problem("consumer_report.created", "no day", allowed, "Add the day to the table of applications.")
    if not factors.factors:
        allowed = "the key factors of the score (15 USC 1681g(f)(1)(C))"
        yield _problem("consumer_report.key_factors", "none", allowed, "Ask the score’s provider; never make them up.")
    if not factors.low <= factors.score <= factors.high:
        allowed = "a score within the provider’s range"
        yield _problem("consumer_report.score", "a score outside its range", allowed, "Mend the score or the range.")
