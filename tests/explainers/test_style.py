"""Numbers as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from data.card_schema import Unit
from explainers import style

N = style.THIN
M = style.MINUS


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (84000.0, Unit.DOLLARS, "$84,000"),
        (-1200.4, Unit.DOLLARS, f"{M}$1,200"),
        (84.0, Unit.THOUSAND_DOLLARS, "$84,000"),
        (46.04, Unit.PERCENT, f"46{N}%"),
        (46.25, Unit.PERCENT, f"46{N}%"),
        (6.25, Unit.PERCENT, f"6.2{N}%"),
        (0.885, Unit.SHARE, f"88{N}%"),
        (1.0, Unit.YEARS, "1 year"),
        (2.0, Unit.YEARS, "2 years"),
        (0.0, Unit.MONTHS, "0 months"),
        (23.0, Unit.MONTHS, "23 months"),
        (24.0, Unit.MONTHS, "2 years"),
        (116.0, Unit.MONTHS, "9.7 years"),
        (1.0, Unit.YES_NO, "yes"),
        (0.0, Unit.YES_NO, "no"),
        (0.4567, Unit.RATIO, "0.457"),
        (1234.0, Unit.COUNT, "1,234"),
        (None, Unit.DOLLARS, "not on file"),
        (float("nan"), Unit.DOLLARS, "not on file"),
        ("RENT", Unit.CATEGORY, "rents the home"),
        ("OWN", Unit.CATEGORY, "OWN"),
        (3.0, Unit.NONE, "3"),
    ],
)
def test_a_value_with_its_unit(value: float | str | None, unit: Unit, words: str) -> None:
    levels = {"RENT": "rents the home"}
    assert style.with_unit(value, unit, levels=levels, missing="not on file") == words


def test_every_unit_can_be_written() -> None:
    for unit in Unit:
        assert style.with_unit(2.0, unit, missing="none")


def test_shares_points_and_dates() -> None:
    assert style.percent(0.234) == f"23{N}%"
    assert style.points(0.0412) == "+4.1"
    assert style.points(-0.0138) == f"{M}1.4"
    assert style.points(-0.0001) == "0.0"
    assert style.of_100(0.23) == "23 of 100"
    assert style.of_100(0.0031) == "3 of 1,000"
    assert style.day(date(2026, 10, 31)) == "31 Oct 2026"
    assert style.day_from_iso("2026-10-31") == "31 Oct 2026"
