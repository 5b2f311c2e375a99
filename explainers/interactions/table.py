"""The tables about pairs. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.interactions import words
from explainers.interactions.result import PairResult, PairsResult
from explainers.markup import render
from explainers.signals.words import say_move
from explainers.style import whole


def table_pairs(result: PairsResult) -> pd.DataFrame:
    """Return every pair looked at, written for people."""
    unit = "points" if result.is_probability else "units"

    def write(value: float) -> str:
        return say_move(value, is_probability=result.is_probability)

    return pd.DataFrame(
        {
            "First": [pair.first_label for pair in result.pairs],
            "Second": [pair.second_label for pair in result.pairs],
            f"Mean size together ({unit})": [
                words.say_together(pair.mean_abs, families=result.families, is_probability=result.is_probability)
                for pair in result.pairs
            ],
            f"Mean ({unit})": [write(pair.mean) for pair in result.pairs],
        }
    )


def table_pair(result: PairResult) -> pd.DataFrame:
    """Return the cells, one a row: the two steps, the applications, the mean."""
    rows = [
        {
            result.pair.first_label: first,
            result.pair.second_label: second,
            "Applications": whole(cell.n),
            "Mean together": "" if cell.mean is None else say_move(cell.mean, is_probability=result.is_probability),
        }
        for first, row in zip(result.first_steps, result.cells, strict=True)
        for second, cell in zip(result.second_steps, row, strict=True)
    ]
    return pd.DataFrame(rows)


def table_technical(result: PairResult) -> str:
    """Draw what a reader needs to compute the pair again, as an HTML fragment, every value escaped."""
    return render("technical_facts.html", facts=words.say_technical(result))
