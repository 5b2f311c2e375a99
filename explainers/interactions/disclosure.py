"""Cutting what is known of pairs to what the viewer's policy allows, before it leaves `explainers`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from data.errors import NotFoundForViewer
from data.policy import Policy
from explainers.interactions.result import Cell, Pair, PairResult, PairsResult
from explainers.signals.disclosure import rounded

Shown = TypeVar("Shown", PairsResult, PairResult)


def disclose(result: Shown, policy: Policy) -> Shown:
    """Return the part of a result that an audience may see: families only, and rounded, where signals are hidden.

    Raises
    ------
    NotFoundForViewer
        Pairs of signals, for an audience that sees families only.
    """
    if policy.signals == "every signal" and policy.exact_scores:
        return result
    if not result.families:
        raise no_pair()
    whole: object = result
    cut: Any = _pairs(whole) if isinstance(whole, PairsResult) else _pair(whole) if isinstance(whole, PairResult) else 0
    shown: Shown = cut
    return shown


def no_pair() -> NotFoundForViewer:
    """Return the refusal of a pair that a viewer cannot see or that does not exist."""
    return NotFoundForViewer("There is no such pair", "You cannot look at these two.", "Choose a pair of the list.")


def _pairs(result: PairsResult) -> PairsResult:
    found = tuple(_rounded(pair, is_probability=result.is_probability) for pair in result.pairs)
    return replace(result, pairs=found)


def _pair(result: PairResult) -> PairResult:
    def cut(cell: Cell) -> Cell:
        known = cell.mean is not None
        return replace(cell, mean=rounded(cell.mean or 0.0, is_probability=result.is_probability) if known else None)

    return replace(
        result,
        pair=_rounded(result.pair, is_probability=result.is_probability),
        first_alone=rounded(result.first_alone, is_probability=result.is_probability),
        second_alone=rounded(result.second_alone, is_probability=result.is_probability),
        cells=tuple(tuple(cut(cell) for cell in row) for row in result.cells),
        comparison_sha256=None,
    )


def _rounded(pair: Pair, *, is_probability: bool) -> Pair:
    return replace(
        pair,
        mean_abs=rounded(pair.mean_abs, is_probability=is_probability),
        mean=rounded(pair.mean, is_probability=is_probability),
    )
