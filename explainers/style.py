"""How Candor looks and writes numbers: colours, the Plotly template, units for people.

The tokens are the house's only colours. Charts take them from here; screens take the same roles
from CSS variables of the theme.
"""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from data.card_schema import Unit

INK = "#1F2933"
MUTED = "#5B6672"
PAPER = "#FFFFFF"
SAND = "#F6F4EE"
DENSITY = "#E4E0D4"
RULE = "#DCD8CE"
ACCENT = "#1F5F8B"
RAISES = "#B4540A"
LOWERS = "#2B6C8F"
COMPARISON = "#8A8577"
SANS = '"Source Sans", "Source Sans 3", "Source Sans Pro", "Liberation Sans", Arial, sans-serif'

DARK = {
    INK: "#ECE9E2",
    MUTED: "#A9B1B9",
    PAPER: "#171C21",
    SAND: "#20262C",
    DENSITY: "#38404A",
    RULE: "#3B434B",
    ACCENT: "#8CC0E4",
    RAISES: "#F0995A",
    LOWERS: "#7FBBDD",
    COMPARISON: "#A49F90",
    "#ECE8DE": "#2A3138",
    "#9AA3AD": "#7D8790",
    "#4E6B3A": "#A5C48C",
    "#6B4E7D": "#C3A6D4",
}
"""The same roles on dark paper, each with at least 4.5:1; the theme's stylesheet holds the same values."""

MINUS = "\u2212"
"""The minus sign of print; a hyphen is too short beside figures."""
THIN = "\u202f"
"""Narrow no-break space between a figure and its unit."""


@cache
def template() -> go.layout.Template:
    """Return the Plotly template of every chart: ink on paper, thin horizontal rules, no chrome."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "linecolor": COMPARISON,
        "ticks": "outside",
        "tickcolor": RULE,
        "tickfont": {"size": 13, "color": INK},
        "title": {"font": {"size": 13, "color": MUTED}},
        "automargin": True,
        "fixedrange": True,
    }
    rules = {"showgrid": True, "gridcolor": "#ECE8DE", "ticks": "", "showline": False, "ticklabelstandoff": 6}
    layout = go.Layout(
        font={"family": SANS, "size": 14, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=[ACCENT, RAISES, COMPARISON, LOWERS],
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        showlegend=False,
        hovermode="closest",
        hoverlabel={"bgcolor": PAPER, "bordercolor": RULE, "font": {"family": SANS, "size": 13, "color": INK}},
        dragmode=False,
        bargap=0.25,
        xaxis=axis,
        yaxis={**axis, **rules},
    )
    return go.layout.Template(layout=layout)


def in_dark(figure: go.Figure) -> go.Figure:
    """Return a chart with every colour of the house exchanged for the one of its role on dark paper."""
    text = figure.to_json()
    for light, dark in DARK.items():
        text = text.replace(f'"{light}"', f'"{dark}"')
    return pio.from_json(text)


def whole(value: float) -> str:
    """Write a count with thousands separators: 812,345."""
    return f"{value:,.0f}"


def percent(value: float, digits: int = 0) -> str:
    """Write a share between 0 and 1 as a percentage: 0.23 → "23 %"."""
    return f"{_signed(value * 100, digits)}{THIN}%"


def points(value: float, digits: int = 1) -> str:
    """Write percentage points with their sign: 0.041 → "+4.1"."""
    return _plus(value * 100, digits)


def amount(value: float, digits: int = 1) -> str:
    """Write a signed difference on any scale: 0.5 → "+0.5"."""
    return _plus(value, digits)


def percent_ticks(low: float, high: float, most: int = 6) -> dict[str, list[Any]]:
    """Return Plotly tick settings for shares between `low` and `high`, written as everywhere else."""
    steps = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
    step = next((s for s in steps if (high - low) / s <= most), 1.0)
    first = math.ceil(low / step - 1e-9)
    values = [round((first + i) * step, 6) for i in range(math.floor((high - low) / step + 1e-9) + 1)]
    digits = 0 if step >= 0.01 else 1
    shown = [v for v in values if v <= high + 1e-9]
    return {"tickvals": shown, "ticktext": [percent(v, digits) for v in shown]}


def tiny(value: float) -> str:
    """Write a difference that should be rounding only."""
    return "less than a billionth" if abs(value) < 1e-9 else f"{abs(value):.1e}"


def of_100(share: float) -> str:
    """Write a share as a natural frequency: 0.12 → "12 of 100"."""
    if 0 < share < 0.005:
        return f"{max(1, round(share * 1000))} of 1,000"
    return f"{round(share * 100)} of 100"


def day(value: date | None) -> str:
    """Write a date: 31 Oct 2026."""
    return "no date" if value is None else f"{value.day} {value:%b %Y}"


def day_from_iso(text: str) -> str:
    """Write an ISO date for people: "2026-10-31" → "31 Oct 2026"."""
    return day(date.fromisoformat(text))


def month(value: date) -> str:
    """Write a month: Oct 2026."""
    return f"{value:%b %Y}"


def _plus(value: float, digits: int) -> str:
    text = _signed(value, digits)
    return text if text.startswith(MINUS) or float(f"{value:.{digits}f}") == 0 else f"+{text}"


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and float(f"{value:.{digits}f}") != 0
    return f"{MINUS}{text}" if negative else text


def _number(value: float) -> str:
    """Write a plain number with as many digits as a person reads: 3 significant below 100."""
    if value == round(value) and abs(value) < 1e15:
        return _signed(value, 0)
    size = math.floor(math.log10(abs(value)))
    text = _signed(value, max(0, min(4, 2 - size)))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plural(value: float, one: str, many: str) -> str:
    return f"{_number(value)} {one if value == 1 else many}"


def with_unit(value: float | str | None, unit: Unit, *, levels: dict[str, str] | None = None, missing: str) -> str:
    """Write a signal's value with its unit, in words where the card gives words.

    Parameters
    ----------
    value : float, str or None
        None or NaN is a missing value.
    unit : Unit
        The card's unit.
    levels : dict, optional
        Words for values of categories and codes.
    missing : str
        What a missing value means.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return missing
    key = value if isinstance(value, str) else f"{value:g}"
    if levels and key in levels:
        return levels[key]
    if isinstance(value, str):
        return value
    return _FORMATS[unit](value)


_FORMATS = {
    Unit.DOLLARS: lambda v: f"{MINUS if v < 0 else ''}${abs(v):,.0f}",
    Unit.THOUSAND_DOLLARS: lambda v: f"{MINUS if v < 0 else ''}${abs(v) * 1000:,.0f}",
    Unit.NT_DOLLARS: lambda v: f"{MINUS if v < 0 else ''}NT${abs(v):,.0f}",
    Unit.PERCENT: lambda v: f"{_number(round(v, 0 if abs(v) >= 10 else 1))}{THIN}%",
    Unit.SHARE: lambda v: f"{_number(round(v * 100, 0 if abs(v) >= 0.1 else 1))}{THIN}%",
    Unit.RATIO: _number,
    Unit.DAYS: lambda v: _plural(v, "day", "days"),
    Unit.MONTHS: lambda v: _plural(v, "month", "months") if abs(v) < 24 else _plural(round(v / 12, 1), "year", "years"),
    Unit.YEARS: lambda v: _plural(v, "year", "years"),
    Unit.COUNT: _number,
    Unit.POINTS: lambda v: _plural(v, "point", "points"),
    Unit.YES_NO: lambda v: "yes" if v else "no",
    Unit.CATEGORY: _number,
    Unit.NONE: _number,
}
