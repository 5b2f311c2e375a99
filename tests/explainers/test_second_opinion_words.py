"""The words of the second opinion, as they stand on screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from explainers.second_opinion.result import SecondOpinionResult
from explainers.second_opinion.words import WHAT, say_second_opinion, say_second_opinion_detail


def a_result(**changes: Any) -> SecondOpinionResult:
    plain = SecondOpinionResult(
        comparison_sha256="ab",
        n=1000,
        n_total=1000,
        r_squared=0.36,
        n_samples=2000,
        seeds=(1, 2, 3),
        weights={"a": 1.0},
        exact={"a": 1.0},
        top_lime=("a", "b", "c", "d"),
        top_exact=("a", "b", "c", "e"),
        agree=3,
        jaccard=0.6,
        spearman=-0.25,
        repeatability=0.82,
        n_signals=40,
        n_signals_used=40,
        seconds=0.2,
        notes=(),
    )
    return replace(plain, **changes)


def test_the_words_of_a_rough_fit() -> None:
    assert say_second_opinion(a_result()) == (
        "Second opinion agrees on 3 of 4 families",
        f"{WHAT} It fits the model around this application only roughly,"
        " so gaps are normal. We ran it 3 times with new random draws. Two runs shared 82\u202f% of what they named, on"
        " average. The reasons come from the exact method. This is only a check.",
    )


def test_the_words_of_a_close_fit_without_repeats() -> None:
    title, text = say_second_opinion(
        a_result(r_squared=0.91, repeatability=None, seeds=(1,), agree=2, top_exact=("a", "b"))
    )
    assert title == "Second opinion agrees on 2 of 2 families"
    assert text == (
        f"{WHAT} It fits the model closely around this application."
        " The reasons come from the exact method. This is only a check."
    )


@pytest.mark.parametrize(
    ("lime", "title"),
    [
        ((), "Second opinion agrees: nothing counts against approval"),
        (("a",), "Second opinion differs: it finds something that counts against approval"),
    ],
)
def test_the_title_where_nothing_counts_against_approval(lime: tuple[str, ...], title: str) -> None:
    assert say_second_opinion(a_result(top_exact=(), top_lime=lime, agree=0))[0] == title


def test_the_technical_detail_holds_the_numbers_and_what_was_left_out() -> None:
    assert say_second_opinion_detail(a_result(notes=("One thing was left out.",))) == (
        "LIME, 2,000 samples per run, seeds 1, 2, 3; 40 of 40 signals used by the model; values drawn from 1,000 of"
        " 1,000 applications of the comparison group. R² 0.36 (weighted, on its own samples). Against the exact"
        " contributions by family: Jaccard of the top four 0.60, Spearman −0.25. LIME against itself: mean Jaccard"
        " 0.82. One thing was left out."
    )


@pytest.mark.parametrize("fit", [0.2, 0.6, 0.9])
@pytest.mark.parametrize("repeat", [None, 0.5, 1.0])
def test_the_words_for_people_are_plain(fit: float, repeat: float | None) -> None:
    title, text = say_second_opinion(a_result(r_squared=fit, repeatability=repeat))
    assert grade(text) <= 8
    assert not re.search(r"R²|Jaccard|Spearman|SHAP|caused|odds", title + text)


def grade(text: str) -> float:
    """Flesch-Kincaid grade, with syllables counted as groups of vowels."""
    words = re.findall(r"[A-Za-z]+", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    sentences = len(re.findall(r"\.(?:\s|$)", text))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
