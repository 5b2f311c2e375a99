"""Finding earlier answers by words: how many of the words asked stand in a question or its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 10
STEM = 5
"""Letters by which words count as one: "income" and "incomes", "decline" and "declined"."""
WORD = re.compile(r"\w+")
COMMON = frozenset(
    WORD.findall(
        "a an and are as at be by can do does for from has have how i in is it me my of on or our that the there this"
        " to us was we were what when which who why will with you your"
    )
)


def best(asked: str, texts: Sequence[tuple[str, str]]) -> list[int]:
    """Return the places of the texts that fit, the best first; the earlier one where two fit alike.

    Parameters
    ----------
    asked : str
        A question or some words of it.
    texts : sequence of (question, answer)
        What is searched. A word in the question counts twice as much as one in the answer.

    Returns
    -------
    list of int
        At most 10 places; only texts that hold half of the words asked, or more.
    """
    wanted = stems(asked)
    if not wanted:
        return []
    scores = []
    for place, (question, answer) in enumerate(texts):
        title, body = stems(question), stems(answer)
        held = len(wanted & (title | body)) / len(wanted)
        if held >= 0.5:
            scores.append((-(2 * len(wanted & title) + len(wanted & body)), len(title), place))
    return [place for *_, place in sorted(scores)[:MOST]]


def stems(text: str) -> frozenset[str]:
    """Return the beginnings of a text's words, without those that every question has."""
    return frozenset(word[:STEM] for word in WORD.findall(text.casefold()) if word not in COMMON)
