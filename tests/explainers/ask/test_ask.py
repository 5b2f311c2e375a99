"""Questions in plain words lead to the right page; what no page answers is said to be so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from data.access import Audience
from data.card_schema import Card
from data.cards import look_at_card
from data.files import ROOT
from data.policy import POLICY
from explainers.ask.compute import compute_ask
from explainers.ask.disclosure import disclose
from explainers.ask.links import PAGE
from explainers.ask.matcher import matcher
from explainers.ask.phrases import NONE, read_phrases
from explainers.ask.result import AskLink, AskResult, Vocabulary
from explainers.ask.slots import find_slots, mask_phrase
from explainers.ask.vocabulary import topics_of
from explainers.ask.words import say_ask

HERE = Path(__file__).parent
MONTHS = tuple(f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13))[:22]
QUICK = 0.05
"""Seconds in which a question is answered."""


@pytest.fixture(scope="module")
def card() -> Card:
    loaded, _ = look_at_card(ROOT / "assets" / "demo" / "card.yaml")
    assert loaded is not None
    return loaded.card


@pytest.fixture(scope="module")
def words(card: Card) -> Vocabulary:
    attributes = tuple((one.name, one.label) for one in card.groups.attributes) if card.groups else ()
    partners = tuple(card.decision.cutoffs.partners)
    return Vocabulary("s", tuple(dict.fromkeys(PAGE.values())), topics_of(card), partners, MONTHS, attributes)


def address(link: AskLink) -> str:
    return " ".join(filter(None, [link.page, "&".join(f"{key}={value}" for key, value in link.query)]))


def questions(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each question with the addresses that answer it; none for what cannot be answered."""
    found = YAML(typ="safe").load((HERE / name).read_text("utf-8"))
    for part in ("answers", "more"):
        for right, asked in found.get(part, {}).items():
            yield from ((one, tuple(right.split(" | "))) for one in asked)
    yield from ((one, ()) for one in found["cannot"])


def right_first(result: AskResult, right: tuple[str, ...]) -> bool:
    return result.state == "cannot" if not right else result.state != "cannot" and address(result.links[0]) in right


def test_held_out_questions_reach_the_targets(words: Vocabulary) -> None:
    asked = list(questions("questions.yaml"))
    found = [(compute_ask(one, words), right) for one, right in asked]
    unanswerable = sum(not right for _, right in asked)
    assert len(asked) >= 170
    assert unanswerable >= 25
    first = sum(right_first(result, right) for result, right in found) / len(found)
    answerable = [(result, right) for result, right in found if right]
    top = sum(right_first(result, right) for result, right in answerable) / len(answerable)
    three = sum(any(address(link) in right for link in result.links) for result, right in answerable) / len(answerable)
    wrong = sum(result.state == "sure" and not right_first(result, right) for result, right in found) / len(found)
    assert first >= 0.85
    assert top >= 0.85
    assert three >= 0.95
    assert wrong <= 0.03


def test_no_held_out_question_is_a_training_phrase_or_a_tuning_question(words: Vocabulary) -> None:
    trained = {mask_phrase(line) for lines in read_phrases().intents.values() for line in lines}
    tuned = {one.lower() for one, _ in questions("tuning.yaml")}
    held = [one for one, _ in questions("questions.yaml")]
    assert not tuned & {one.lower() for one in held}
    same = [one for one in held if find_slots(one, words).masked in trained]
    assert len(same) / len(held) <= 0.25, "too many held-out questions are phrases with another number in them"


def test_a_question_is_answered_at_once(words: Vocabulary) -> None:
    matcher()
    asked = [one for one, _ in questions("questions.yaml")][:60]
    took = []
    for one in asked:
        start = time.thread_time()
        compute_ask(one, words)
        took.append(time.thread_time() - start)
    assert sorted(took)[len(took) * 95 // 100] <= QUICK


def test_every_intent_has_phrases_and_a_page() -> None:
    intents = read_phrases().intents
    assert set(intents) == {*PAGE, NONE}
    assert all(len(lines) >= 15 for lines in intents.values())


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("why was 10432 declined", ("10432",)),
        ("compare applications 12 and 15", ("12", "15")),
        ("explain M-00ff00ff00ff00ff", ("M-00ff00ff00ff00ff",)),
        ("applications in 2025", ()),
        ("what if income were $40,000 or 12% more", ()),
        ("would 5000 dollars help", ()),
        ("is Q3 2026 worse than v4", ()),
    ],
)
def test_only_application_numbers_are_taken_for_them(
    words: Vocabulary, question: str, numbers: tuple[str, ...]
) -> None:
    assert find_slots(question, words).numbers == numbers


@pytest.mark.parametrize(
    ("question", "months"),
    [
        ("declined in March", ("2026-03", "2026-03")),
        ("declined in March 2025", ("2025-03", "2025-03")),
        ("since 2026-07", ("2026-07", "2026-10")),
        ("between January and Febuary 2026", ("2026-01", "2026-02")),
        ("last month", ("2026-10", "2026-10")),
        ("may I see it", (None, None)),
    ],
)
def test_months_are_those_there_are(words: Vocabulary, question: str, months: tuple[str | None, str | None]) -> None:
    slots = find_slots(question, words)
    assert (slots.first_month, slots.last_month) == months


def test_a_partner_is_offered_no_hidden_signal_no_attribute_and_no_other_partner(card: Card, words: Vocabulary) -> None:
    own = disclose(replace(words, partners=("Northline Federal",)), POLICY[Audience.PARTNER], card)
    families = {one.label for one in card.families.values()}
    hidden = [one for one in card.features.values() if one.audience != "partner" and one.label not in families]
    assert {topic.value for topic in own.topics} <= families
    assert own.attributes == ()
    for feature in hidden:
        for link in compute_ask(f"how important is {feature.label}?", own).links:
            assert f"“{feature.label}”" not in link.words
            assert dict(link.query).get("signal") is None
    said = " ".join(link.words + str(link.query) for link in compute_ask("compare Northline with Prairie", own).links)
    assert "Prairie" not in said


def test_a_page_the_viewer_cannot_open_is_not_offered_and_nothing_else_is_sure(words: Vocabulary) -> None:
    without = replace(words, pages=tuple(page for page in words.pages if page != "log"))
    result = compute_ask("show the audit log", without)
    assert result.state != "sure"
    assert all(link.page != "log" for link in result.links)


def test_this_application_is_the_one_on_the_screen(words: Vocabulary) -> None:
    result = compute_ask("what would have to change?", words, "10432")
    assert address(result.links[0]) == "what-if app=10432"


@pytest.mark.parametrize("question", ["", "?", "x" * 5000, "\u0000", "<script>alert(1)</script>", "😀", "{app}"])
def test_strange_questions_are_answered_too(words: Vocabulary, question: str) -> None:
    result = compute_ask(question, words)
    assert result.state != "sure"
    assert say_ask(result)


def test_the_same_question_gives_the_same_answer(words: Vocabulary) -> None:
    assert compute_ask("how important is debt", words) == compute_ask("how important is debt", words)
