"""The reasons that reviewers recorded, checked before a build goes on."""

from __future__ import annotations

from collections import Counter

import numpy as np

from data.card_schema import Card
from data.errors import Problem
from data.reason_catalogue import Catalogue
from data.staged_rows import StagedRows
from data.suggestions import did_you_mean
from explainers.scoring import Decisions

BLOCK = 100_000


def check_reviews(
    card: Card, catalogue: Catalogue, rows: StagedRows, decisions: Decisions
) -> tuple[list[Problem], tuple[str, ...]]:
    """Return what is wrong with reviewers' reasons, and what a reader should know of them.

    Parameters
    ----------
    card : Card
        Names the columns.
    catalogue : Catalogue
        Holds every code there is.
    rows : StagedRows
        The applications.
    decisions : Decisions
        Says which ones a person decided.
    """
    review = card.decision.review
    if review is None:
        return [], ()
    unknown: dict[str, Counter[str]] = {column: Counter() for column in review.reasons}
    without = 0
    for first in range(0, rows.n, BLOCK):
        end = min(rows.n, first + BLOCK)
        declined = decisions.reviewed[first:end] & ~decisions.approved[first:end]
        given = rows.extras(first, end)[list(review.reasons)][declined]
        without += int(given.isna().all(axis=1).sum())
        for column in review.reasons:
            codes = given[column].dropna().astype(str).str.strip()
            unknown[column].update(codes[~codes.isin(list(catalogue.entries))])
    problems = [_unknown(column, codes, catalogue) for column, codes in unknown.items() if codes]
    return problems, _notes(decisions, without)


def _unknown(column: str, codes: Counter[str], catalogue: Catalogue) -> Problem:
    code, n = codes.most_common(1)[0]
    remedy = f"{did_you_mean(code, catalogue.entries)}Add the code to the catalogue with its statement, or mend it."
    found = f"{codes.total():,} reasons of reviewers that are not in the catalogue, {n:,} times {code[:40]!r}"
    return Problem(f"column {column}", found, "codes of the reason catalogue", remedy)


def _notes(decisions: Decisions, without: int) -> tuple[str, ...]:
    """Say how many applications a person decided, and how many of them lack a recorded reason."""
    n = int(np.sum(decisions.reviewed))
    other = int(np.sum(decisions.reviewed & (decisions.approved != decisions.passes)))
    said = [f"A person decided {n:,} applications near the cut-off, {other:,} of them other than the cut-off would."]
    if without:
        said.append(f"{without:,} applications were declined by a person without a recorded reason.")
    return tuple(said)
