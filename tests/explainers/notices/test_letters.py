"""What must be in a letter, what stops one, and what the applicant reads."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from data.errors import CandorError
from data.reason_catalogue import SHIPPED, read_catalogue
from data.records import NO_PARTNER
from explainers.notices.compute import write_notice
from explainers.notices.render_html import preview_html, render_html
from explainers.notices.result import NoticeResult, Recipient
from explainers.notices.wording import FOLDER, template_hash, words_of
from explainers.notices.words import say_context
from tests.explainers.notices.letters import (
    DAY,
    HARBOR,
    NOTICES,
    PRAIRIE,
    SCORE,
    approved,
    card_with,
    creditor,
    joint,
    letter,
    principal,
    reason,
    without,
)
from tests.explainers.test_second_opinion_words import grade

GOLDEN = Path(__file__).with_name("golden")
ANA = Recipient("Ana Ruiz", ("1 Elm Street", "Austin, TX 78701"))
CASES: dict[str, tuple[Any, ...]] = {
    "one": (principal(), card_with(without("reporting_agencies")), "en"),
    "joint": (joint(), card_with(), "en"),
    "score": (principal(key_factors=SCORE), card_with(), "en"),
    "spanish": (principal(key_factors=SCORE), card_with(NOTICES | {"age_may_be_considered": True}), "es"),
}


class Reading(HTMLParser):
    """The text of a page, one line for each block."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines = [""]
        self.hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden = self.hidden or tag in {"style", "title"}
        if tag not in {"strong", "span"}:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = self.hidden and tag not in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.lines[-1] += re.sub(r"\s+", " ", data)

    @property
    def text(self) -> str:
        return "\n".join(line.strip() for line in self.lines if line.strip()) + "\n"


def found(result: NoticeResult) -> str:
    return "\n".join(map(str, result.problems))


@pytest.mark.parametrize("name", list(CASES))
def test_a_letter_reads_as_the_golden_one_does(name: str) -> None:
    """To write them anew: delete the file, run the test twice, and read what changed."""
    page = render_html(letter(*CASES[name]), ANA)
    golden = GOLDEN / f"{name}.txt"
    if not golden.exists():
        golden.write_text(Reading(page).text, "utf-8")
        pytest.fail(f"{golden.name} was written; read it")
    assert Reading(page).text == golden.read_text("utf-8")


def test_every_required_element_names_its_rule() -> None:
    sources = letter(principal(key_factors=SCORE)).sources
    assert sources == {
        "creditor": "12 CFR 1002.9(a)(2)",
        "action": "12 CFR 1002.9(a)(2)",
        "reasons": "12 CFR 1002.9(a)(2)(i) and (b)(2)",
        "report": "15 USC 1681m(a)(3) and (4)",
        "score": "15 USC 1681m(a)(2), 1681g(f)(1)(A), (B), (D) and (E)",
        "key factors": "15 USC 1681m(a)(2)(B), 1681g(f)(1)(C)",
        "ecoa": "12 CFR 1002.9(b)(1)",
        "agency": "12 CFR 1002.9(a)(2) and (b)(1), appendix A",
        "questions": "",
        "other language": "12 CFR 1002.4(e)",
    }


def test_the_notice_of_rights_is_the_sample_text_of_the_regulation() -> None:
    page = Reading(render_html(letter())).text
    assert (
        "The Federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on"
        " the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the"
        " capacity to enter into a binding contract); because all or part of the applicant's income derives from any"
        " public assistance program; or because the applicant has in good faith exercised any right under the Consumer"
        " Credit Protection Act." in page
    )
    assert "The Federal agency that administers compliance with this law concerning this creditor is:" in page


def test_a_joint_letter_ties_reasons_to_creditors_and_names_each_with_its_agency() -> None:
    result = letter(joint())
    keys = [part.key for part in result.parts]
    first = keys.index(f"creditor: {HARBOR}")
    assert keys[first : first + 4] == [
        f"creditor: {HARBOR}",
        f"reasons: {HARBOR}",
        f"creditor: {PRAIRIE}",
        f"reasons: {PRAIRIE}",
    ]
    parts = {part.key: part for part in result.parts}
    assert [item.text for item in parts[f"reasons: {PRAIRIE}"].items] == ["Card balances close to limits."]
    assert parts[f"creditor: {PRAIRIE}"].places[0].address == ("900 Grain Avenue", "Springfield, IL 62701")
    agencies = [part.places[0].name for part in result.parts if part.key == "agency"]
    assert len(agencies) == 2
    assert "Federal Trade Commission" in agencies[1]


def test_no_letter_is_due_where_one_of_several_creditors_approves() -> None:
    accepts = creditor(PRAIRIE, decision="approved", reasons=())
    result = letter(principal(creditor(HARBOR, "DE01"), accepts), card_with(None))
    assert (result.state, result.parts) == ("not due", ())
    assert "approved by Prairie State Credit" in found(result)


def test_no_letter_is_due_for_an_approved_application() -> None:
    assert letter(principal(creditor(HARBOR, decision="approved", reasons=()))).state == "not due"


def test_a_card_without_the_block_stops_with_everything_that_is_missing_at_once() -> None:
    result = letter(principal(creditor(HARBOR, "DE01", reasons=()), key_factors=SCORE), card_with(None))
    assert result.state == "stopped"
    said = found(result)
    for words in ("name and address of the creditor", "federal agency", "principal reasons", "reporting_agencies"):
        assert words in said
    assert len(result.problems) == 4
    with pytest.raises(CandorError, match="never made with blanks"):
        render_html(result)


@pytest.mark.parametrize(
    ("asked", "card", "words"),
    [
        (principal(), card_with(without("creditors", "partners", HARBOR)), "name and address of the creditor"),
        (principal(), card_with(without("agency")), r"First Harbor Bank\.agency"),
        (joint(), card_with(without("creditors", "partners", PRAIRIE)), "each creditor of a joint letter"),
        (principal(key_factors=SCORE), card_with(without("reporting_agencies")), "a credit score was used"),
        (principal(key_factors=replace(SCORE, created=None)), card_with(), "the day the score was made"),
        (principal(key_factors=replace(SCORE, factors=())), card_with(), "key factors of the score"),
        (principal(key_factors=replace(SCORE, score=900)), card_with(), "outside its range"),
        (principal(creditor(HARBOR, reasons=(reason("DE01", approved=False),))), card_with(), "not approved today"),
        (principal(creditor(HARBOR, reasons=(replace(reason("DE01"), code=None),))), card_with(), "not approved today"),
        (principal(creditor(HARBOR)), card_with(), "the principal reasons"),
        (principal(creditor(HARBOR, "DE01", stage="review")), card_with(), "no reason of the person who declined"),
    ],
)
def test_what_is_missing_stops_the_letter_and_is_named(asked: Any, card: Any, words: str) -> None:
    result = letter(asked, card)
    assert result.state == "stopped"
    assert re.search(words, found(result))
    assert len(result.problems) == 1


def test_a_default_creditor_serves_partners_without_words_of_their_own_but_no_joint_letter() -> None:
    block = NOTICES["creditors"]["partners"][HARBOR]
    card = card_with(NOTICES | {"creditors": {"default": block}})
    assert letter(card=card).state == "ready"
    assert "each creditor of a joint letter" in found(letter(joint(), card))


@pytest.mark.parametrize(("decided", "recorded"), [("declined", "approved"), ("approved", "declined")])
def test_a_record_that_says_otherwise_stops_the_letter(decided: Any, recorded: str) -> None:
    given = creditor(HARBOR, "DE01") if decided == "declined" else creditor(HARBOR, decision="approved")
    result = letter(principal(given), recorded=recorded)
    assert result.state == "stopped"
    assert f"{recorded} on record, but {decided}" in found(result)


def test_a_spanish_letter_needs_approved_spanish_words_and_a_card_that_offers_them() -> None:
    entry = approved().entries["DE01"].model_copy(update={"statement_es": None})
    catalogue = replace(approved(), entries={**approved().entries, "DE01": entry})
    result = write_notice(principal(), card_with(), catalogue, "es", DAY)
    assert (result.state, len(result.problems)) == ("stopped", 1)
    assert "DE01 without Spanish words" in found(result)
    assert "a language that is offered" in found(letter(card=card_with(NOTICES | {"languages": ["en"]}), language="es"))


def test_every_shipped_statement_can_be_said_in_spanish_and_is_a_draft() -> None:
    entries = read_catalogue(SHIPPED).entries
    assert [code for code, e in entries.items() if not (e.statement_es and e.explanation_es)] == []
    assert {entry.approval.state for entry in entries.values()} == {"draft"}
    assert len({e.statement_es for e in entries.values()}) == len(entries)


def test_a_spanish_letter_says_in_english_that_it_can_be_had_in_english() -> None:
    page = render_html(letter(language="es"))
    assert page.startswith('<!doctype html>\n<html lang="es">')
    assert re.search(r'<section lang="en">\s*<p>You can have this letter in English\. Just ask us for it\.</p>', page)


def test_a_score_providers_words_stay_as_they_are_and_are_a_list_of_their_own() -> None:
    page = render_html(letter(principal(key_factors=SCORE), language="es"))
    assert '<li lang="en"><strong>Too many inquiries</strong>' in page
    parts = {part.key: part for part in letter(principal(key_factors=SCORE)).parts}
    assert [item.text for item in parts["key factors"].items] == list(SCORE.factors)
    assert [item.text for item in parts["reasons"].items] == [
        "Too much debt compared with income.",
        "Late payments on other accounts.",
        "Card balances close to limits.",
    ]


def test_both_languages_have_the_same_words_with_the_same_things_to_fill_in() -> None:
    def holes(language: Any) -> dict[str, set[str | None]]:
        texts = words_of(language).texts
        return {key: {hole for _, hole, _, _ in Formatter().parse(str(text))} - {None} for key, text in texts.items()}

    assert holes("en") == holes("es")
    used = "".join(path.read_text("utf-8") for path in [*FOLDER.glob("*.html"), *CODE])
    stems = {re.sub("^report_(?=role|copy|dispute)|_(one|many)$", "", key) for key in holes("en")}
    assert [stem for stem in stems if not re.search(rf"\b{stem}", used)] == []


CODE = list((Path(__file__).parents[3] / "explainers" / "notices").glob("*.py"))


def test_the_letters_own_sentences_are_plain() -> None:
    quoted = {"ecoa", "agency", "agency_of", "months", "other_language"}
    filling = {"credit": "a loan", "creditor": "the bank", "sender": "the bank", "number": "7", "phone": "800"}
    filling |= {"email": "us", "low": "300", "high": "850", "provider": "It", "mark": "me", "day": "1", "month": "May"}
    filling |= {"year": "2026", "creditors": "the bank"}
    own = {k: str(t).format(**filling) for k, t in words_of("en").texts.items() if k not in quoted}
    sentences = {key: text for key, text in own.items() if text.endswith((".", ":")) and len(text.split()) > 3}
    assert len(sentences) > 15
    hard = {key: round(grade(text.replace(":", "."))) for key, text in sentences.items()}
    assert {key: value for key, value in hard.items() if value > 8} == {}
    together = " ".join(text.replace(":", ".") for text in sentences.values())
    assert grade(together) <= 6


def test_markup_in_a_card_or_a_number_stays_text() -> None:
    evil = '<script>alert("x")</script>'
    block = NOTICES | {"credit": {"en": evil}}
    page = render_html(letter(principal(number=evil), card_with(block)), Recipient(evil, (evil,)))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5


def test_a_letter_as_html_needs_no_other_file_and_no_address() -> None:
    page = render_html(letter())
    assert "<style>" in page
    assert re.findall(r"(?:src|href)=|url\(|@import|https?:", page) == []


def test_a_preview_has_no_name_and_says_that_it_is_a_draft_where_it_is_one() -> None:
    assert "must not be sent" not in preview_html(letter())
    stopped = letter(card=card_with(without("agency")))
    assert "This is a draft. It must not be sent." in preview_html(stopped)
    assert "letter-to" not in preview_html(letter())


def test_a_copy_says_for_whom_it_was_made() -> None:
    assert "Copy for First Harbor Bank · pat" in render_html(letter(), mark="First Harbor Bank · pat")
    assert "Copy for" not in render_html(letter())


def test_the_specialist_is_told_when_30_days_are_over() -> None:
    assert letter().send_by == date(2026, 10, 30)
    assert "October 30" not in render_html(letter())


def test_another_template_gives_another_hash(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert template_hash("en", tmp_path) == template_hash("en") != template_hash("es")
    (tmp_path / "letter.css").write_text("")
    template_hash.cache_clear()
    assert template_hash("en", tmp_path) != template_hash("en")


@pytest.mark.parametrize("near_tie", [False, True])
def test_the_first_reason_is_only_called_the_strongest_where_it_is(near_tie: bool) -> None:
    several = creditor(HARBOR, reasons=(reason("DE01", near_tie=near_tie), reason("PA01")))
    assert ("The first one counted most." in render_html(letter(principal(several)))) is not near_tie
    reviewed = creditor(HARBOR, reasons=(reason("DE01", stage="review"), reason("PA01")), stage="review")
    assert "The first one counted most." not in render_html(letter(principal(reviewed)))
    assert "<ol>" not in render_html(letter(principal(reviewed)))


def test_a_table_without_partners_names_the_lender_and_where_its_name_belongs() -> None:
    alone = principal(creditor(NO_PARTNER, "DE01", own=True))
    notices = without("creditors", "default")
    result = letter(alone, card_with(notices))
    assert result.creditors == ("the lender",)
    assert say_context(result).startswith("The lender must send it")
    assert "notices.creditors.default" in found(result)
    assert f"partners.{NO_PARTNER}" not in found(result)
    assert "the reasons of the lender" in found(letter(replace(alone, creditors=(creditor(NO_PARTNER, own=True),))))
