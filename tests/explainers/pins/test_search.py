"""Earlier answers are found by the words of a question."""

from __future__ import annotations

import pytest

from explainers.pins.search import MOST, best

ANSWERS = [
    ("Does the model use age?", "No. Age is not among the signals."),
    ("How important is income?", "It is the third family of ten."),
    ("Why are incomes compared?", "Because the group says what is usual."),
    ("What does a decline mean?", "The estimate is at or above the cut-off for income and debt."),
]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ("is age used", [0]),
        ("INCOME important?", [1, 2, 3]),
        ("why was it declined", [3]),
        ("income", [1, 2, 3]),
        ("where is the moon", []),
        ("is it the of", []),
        ("", []),
    ],
)
def test_the_words_asked_find_the_answers_that_hold_them(asked: str, places: list[int]) -> None:
    assert best(asked, ANSWERS) == places


def test_a_word_of_the_question_counts_more_than_one_of_the_answer() -> None:
    assert best("debt", [("a", "debt"), ("debt", "a")]) == [1, 0]


def test_there_is_an_end_to_the_list() -> None:
    assert len(best("debt", [("debt", "")] * 50)) == MOST
