"""How likely each intent is: TF-IDF of words and letters, and one logistic regression an intent over the phrases.

Scikit-learn is imported when the first question is asked, or ahead of it in the background: no page waits for it.
One regression against the rest, and not one over all: a question that is like none of the phrases is then unlikely
for each of them, and this solver uses one thread, so that it takes a third of a second on a busy machine too.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from explainers.ask.phrases import read_phrases
from explainers.ask.slots import mask_phrase

STRENGTH = 10.0
"""Inverse of the regularisation, chosen on the tuning questions."""
LETTERS = 0.7
"""Weight of letters beside words."""
_lock = threading.Lock()


class Matcher:
    """Fitted on the phrases; holds nothing of any snapshot."""

    def __init__(self, phrases: Mapping[str, tuple[str, ...]]) -> None:
        # here, not above: it takes a second, and the first page must not wait for it
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier
        from sklearn.pipeline import FeatureUnion, Pipeline

        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")  # noqa: S106 - a pattern of words
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, min_df=2)
        union = FeatureUnion([("words", words), ("letters", letters)], transformer_weights={"letters": LETTERS})
        found = {(mask_phrase(line), name): None for name, lines in phrases.items() for line in lines}
        texts, names = [text for text, _ in found], [name for _, name in found]
        one = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced")
        fit: Any = OneVsRestClassifier(one)
        self._pipeline = Pipeline([("text", union), ("fit", fit)]).fit(texts, names)

    def likeliness(self, masked: str) -> dict[str, float]:
        """Return how likely each intent is for a masked question, 0 to 1 and together at most one."""
        chances = 1 / (1 + np.exp(-self._pipeline.decision_function([masked])[0]))
        chances = chances / max(chances.sum(), 1.0)
        return {str(name): float(chance) for name, chance in zip(self._pipeline.classes_, chances, strict=True)}


def matcher() -> Matcher:
    """Return the fitted matcher; the first call fits it, in less than a second or two."""
    with _lock:
        return _fitted()


@cache
def _fitted() -> Matcher:
    return Matcher(read_phrases().intents)
