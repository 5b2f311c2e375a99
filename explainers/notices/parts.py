"""The parts of a letter, one by one: each says which rule wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.card_schema import Card
from data.notice_schema import NoticesBlock
from data.reason_catalogue import Catalogue
from explainers.notices.required import NOTHING, creditor_of, say_creditor
from explainers.notices.result import Item, Part, Place
from explainers.notices.wording import Words
from explainers.reasons.result import CreditorReasons, KeyFactors, PrincipalResult, StatedReason

ACTION = "12 CFR 1002.9(a)(2)"
REASONS = "12 CFR 1002.9(a)(2)(i) and (b)(2)"
JOINT = "12 CFR 1002.9(g) and comment 1"
ECOA = "12 CFR 1002.9(b)(1)"
AGENCY = "12 CFR 1002.9(a)(2) and (b)(1), appendix A"
REPORT = "15 USC 1681m(a)(3) and (4)"
SCORE = "15 USC 1681m(a)(2), 1681g(f)(1)(A), (B), (D) and (E)"
FACTORS = "15 USC 1681m(a)(2)(B), 1681g(f)(1)(C)"
LANGUAGE = "12 CFR 1002.4(e)"


def make_parts(principal: PrincipalResult, card: Card, catalogue: Catalogue, words: Words) -> Iterator[Part]:
    """Yield the parts of a letter from top to bottom; what the card does not say is left out.

    Parameters
    ----------
    principal : PrincipalResult
        The decision and its reasons; at least one creditor declined.
    card : Card
        What letters say beside the reasons.
    catalogue : Catalogue
        Statements in other languages.
    words : Words
        Of the letter's language.
    """
    notices = card.notices or NOTHING
    joint = len(principal.declining) > 1
    yield _action(principal, notices, words, joint=joint)
    for creditor in principal.declining:
        if joint:
            yield _creditor(creditor, notices, words)
        yield _reasons(creditor, catalogue, words, joint=joint)
    if notices.reporting_agencies:
        yield _report(notices, words)
    if principal.key_factors is not None:
        yield _score(principal.key_factors, words)
        yield _factors(principal.key_factors, words)
    yield from _rights(principal.declining, notices, words, joint=joint)
    yield _questions(principal.application_id, notices, words)
    if len({"en", *notices.languages}) > 1:
        yield Part(
            "other language", LANGUAGE, "en" if words.language == "es" else "es", after=(words["other_language"],)
        )


def name_of(notices: NoticesBlock, creditor: CreditorReasons, *, joint: bool) -> str:
    """Return a creditor's name as the card writes it, or else the partner's."""
    block = creditor_of(notices, creditor.creditor, joint=joint)
    return say_creditor(creditor.creditor) if block is None else block.name


def place_of(notices: NoticesBlock, creditor: CreditorReasons, *, joint: bool) -> Place | None:
    """Return a creditor with its address; None where the card does not name it."""
    block = creditor_of(notices, creditor.creditor, joint=joint)
    return None if block is None else Place(block.name, block.address, block.phone)


def _action(principal: PrincipalResult, notices: NoticesBlock, words: Words, *, joint: bool) -> Part:
    credit = notices.credit.get(words.language, words["credit"])
    sender = name_of(notices, principal.own, joint=joint)
    said = words.fill("action_joint" if joint else "action", credit=credit, sender=sender)
    return Part("action", JOINT if joint else ACTION, words.language, paragraphs=(said,))


def _creditor(creditor: CreditorReasons, notices: NoticesBlock, words: Words) -> Part:
    """Return whose reasons follow in a joint letter, with its address."""
    place = place_of(notices, creditor, joint=True)
    heading = words.fill("reasons_of", creditor=name_of(notices, creditor, joint=True))
    places = () if place is None else (place,)
    return Part(f"creditor: {creditor.creditor}", JOINT, words.language, heading=heading, places=places)


def _reasons(creditor: CreditorReasons, catalogue: Catalogue, words: Words, *, joint: bool) -> Part:
    """Return one creditor's reasons."""
    several = len(creditor.reasons) > 1
    ranked = several and all(reason.stage == "model" for reason in creditor.reasons)
    intro = words["many_reasons" if several else "one_reason"]
    return Part(
        key=f"reasons: {creditor.creditor}" if joint else "reasons",
        source=f"{REASONS}; {JOINT}" if joint else REASONS,
        language=words.language,
        heading="" if joint else words["reasons"],
        paragraphs=(intro,) if creditor.reasons else (),
        items=tuple(_item(reason, catalogue, words) for reason in creditor.reasons),
        items_language=words.language,
        ranked=ranked,
        after=(words["ranked"],) if ranked and not creditor.reasons[0].near_tie else (),
    )


def _item(reason: StatedReason, catalogue: Catalogue, words: Words) -> Item:
    entry = None if reason.code is None else catalogue.entries.get(reason.code)
    if words.language == "es" and entry is not None and entry.statement_es is not None:
        return Item(_sentence(entry.statement_es), entry.explanation_es or "")
    return Item(_sentence(reason.statement), reason.explanation or "")


def _sentence(statement: str) -> str:
    return statement if statement.endswith((".", "!", "?")) else f"{statement}."


def _report(notices: NoticesBlock, words: Words) -> Part:
    many = "many" if len(notices.reporting_agencies) > 1 else "one"
    said = tuple(words[f"report_{what}_{many}"] for what in ("role", "copy", "dispute"))
    return Part(
        "report",
        REPORT,
        words.language,
        heading=words["report"],
        paragraphs=(words[f"report_{many}"],),
        places=tuple(Place(a.name, a.address, a.phone) for a in notices.reporting_agencies),
        after=said,
    )


def _score(factors: KeyFactors, words: Words) -> Part:
    facts = [(words["score_value"], f"{factors.score:g}")]
    if factors.created is not None:
        facts.append((words["score_date"], words.day(factors.created)))
    ends = words.fill("score_ends", low=f"{factors.low:g}", high=f"{factors.high:g}")
    facts += [(words["score_range"], ends), (words["score_provider"], factors.provider)]
    said = (words["score_used"],)
    return Part("score", SCORE, words.language, heading=words["score"], paragraphs=said, facts=tuple(facts))


def _factors(factors: KeyFactors, words: Words) -> Part:
    """Return the provider's list: a list of its own, in its own words and order (12 CFR 1002.9(b)(2), comment 9)."""
    many = "many" if len(factors.factors) > 1 else "one"
    return Part(
        "key factors",
        FACTORS,
        words.language,
        heading=words["factors"],
        paragraphs=(words.fill(f"factors_{many}", provider=factors.provider),),
        items=tuple(Item(factor) for factor in factors.factors),
        items_language="en",
        after=(words["factors_note"],),
    )


def _rights(
    creditors: Sequence[CreditorReasons], notices: NoticesBlock, words: Words, *, joint: bool
) -> Iterator[Part]:
    """Yield the notice of rights, and the agency of each creditor, those with the same one together."""
    age = (words["age"],) if notices.age_may_be_considered else ()
    yield Part("ecoa", ECOA, words.language, heading=words["rights"], paragraphs=(words["ecoa"], *age))
    named: dict[Place, list[str]] = {}
    for creditor in creditors:
        block = creditor_of(notices, creditor.creditor, joint=joint)
        agency = notices.agency if block is None or block.agency is None else block.agency
        if agency is not None:
            own = named.setdefault(Place(agency.name, agency.address), [])
            own.append(name_of(notices, creditor, joint=joint))
    for place, names in named.items():
        said = words.fill("agency_of", creditors=", ".join(names)) if joint else words["agency"]
        yield Part("agency", AGENCY, words.language, paragraphs=(said,), places=(place,))


def _questions(number: str, notices: NoticesBlock, words: Words) -> Part:
    said = []
    if notices.questions.phone:
        said.append(words.fill("questions_phone", phone=notices.questions.phone))
    if notices.questions.email:
        said.append(words.fill("questions_email", email=notices.questions.email))
    said = [*(said or [words["questions_write"]]), words.fill("questions_number", number=number)]
    return Part("questions", "", words.language, heading=words["questions"], paragraphs=(" ".join(said),))
