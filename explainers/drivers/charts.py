"""The pictures of Drivers. Made from the results alone."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from explainers import style
from explainers.drivers import words
from explainers.drivers.result import ContrastResult, Driver, DriversResult, Pair, SignalsResult

ROW = 56
"""Pixels of one row: its name, its bar, its thin line."""
NAME, LINE = 0.32, -0.22
"""Where a row's name and its thin line stand, in rows above the middle of its bar."""
SMALL = 0.01
"""Where the largest is below one percentage point, bars are named with one digit more."""
MOST_PAIRS = 10
"""Families in the picture of two sides; the table holds all."""
LONGEST_NAME = 44
KEPT_END = 12
"""Last characters of a long name: what tells it from its neighbours often stands there."""


def chart_drivers(result: DriversResult) -> go.Figure:
    """Draw a bar for each family, with its spread and its average, the longest first."""
    return _bars(result.families, is_probability=result.is_probability)


def chart_signals(result: SignalsResult) -> go.Figure:
    """Draw a bar for each signal shown, with its spread and its average, the longest first."""
    largest = max((row.size for row in result.rows), default=0.0)
    return _bars(result.rows, is_probability=result.is_probability, digits=2 if largest < SMALL else 1)


def _bars(rows: tuple[Driver, ...], *, is_probability: bool, digits: int = 1) -> go.Figure:
    """Draw rows: a name, under it a bar of the mean size, under it a line from 10 % to 90 % with a dot at the mean."""
    factor = 100.0 if is_probability else 1.0
    places = [-float(i) for i in range(len(rows))]
    sizes = [row.size * factor for row in rows]
    hover = [f"{row.label}: {words.say_direction(row, is_probability=is_probability)}" for row in rows]
    lines: dict[str, list[float | None]] = {"x": [], "y": []}
    for row, place in zip(rows, places, strict=True):
        lines["x"] += [row.low * factor, row.high * factor, None]
        lines["y"] += [place + LINE, place + LINE, None]
    thin = {"mode": "lines", "line": {"color": style.COMPARISON, "width": 2}, "hoverinfo": "skip"}
    dots = {"mode": "markers", "marker": {"size": 8, "color": style.INK}, "hoverinfo": "skip"}
    sizes_in_words = [words.write_size(row.size, is_probability=is_probability, digits=digits) for row in rows]
    names = [
        _name(f"<b>{_short(row.label)}</b>  {size}", place)
        for row, size, place in zip(rows, sizes_in_words, places, strict=True)
    ]
    ends = [value * factor for row in rows for value in (row.low, row.high, row.size)]
    bar = {"orientation": "h", "width": 0.24, "marker": {"color": style.ACCENT}, "hovertext": hover}
    return go.Figure(
        data=[
            {"type": "bar", "x": sizes, "y": places, "hoverinfo": "text", **bar},
            {"type": "scatter", **lines, **thin},
            {"type": "scatter", "x": [r.mean * factor for r in rows], "y": [p + LINE for p in places], **dots},
        ],
        layout=_layout(names, LINE - 0.14, ends, is_probability=is_probability),
    )


def chart_contrast(result: ContrastResult) -> go.Figure:
    """Draw two dots for each family, one a side, joined by a line; the largest difference first."""
    pairs = result.pairs[:MOST_PAIRS]
    factor = 100.0 if result.is_probability else 1.0
    places = [-float(i) for i in range(len(pairs))]
    joins: dict[str, list[float | None]] = {"x": [], "y": []}
    for pair, place in zip(pairs, places, strict=True):
        joins["x"] += [pair.first * factor, pair.second * factor, None]
        joins["y"] += [place, place, None]
    line = {"mode": "lines", "line": {"color": style.COMPARISON, "width": 3}, "hoverinfo": "skip"}
    names = [_name(_pair_name(pair, result), place) for pair, place in zip(pairs, places, strict=True)]
    full = {"size": 13, "color": style.ACCENT}
    hollow = {"size": 13, "color": style.PAPER, "line": {"color": style.ACCENT, "width": 2}}
    ends = [v * factor for p in pairs for v in (p.first, p.second)]
    return go.Figure(
        data=[
            {"type": "scatter", **joins, **line},
            _dots([p.second * factor for p in pairs], places, hollow, result.second),
            _dots([p.first * factor for p in pairs], places, full, result.first),
        ],
        layout=_layout(names, -0.2, ends, is_probability=result.is_probability),
    )


def _dots(x: list[float], y: list[float], marker: dict[str, Any], name: str) -> dict[str, Any]:
    hover = [f"{name}: {value:+.1f}".replace("-", style.MINUS) for value in x]
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker} | {
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _pair_name(pair: Pair, result: ContrastResult) -> str:
    """Write a family with both its averages, each behind the mark of its side."""
    first, second = (words.write_moved(v, is_probability=result.is_probability) for v in (pair.first, pair.second))
    return f"<b>{_short(pair.label, 30)}</b>  ● {first}  ○ {second}"


def _name(text: str, place: float) -> dict[str, Any]:
    """Write a row's name above it, from the left edge, where it fits on a phone too."""
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": place + NAME,
        "text": text,
        "showarrow": False,
        "font": {"size": 14},
    }


def _layout(names: list[dict[str, Any]], low_end: float, ends: list[float], *, is_probability: bool) -> dict[str, Any]:
    """Return the layout of a picture in rows, one a name; zero is drawn at each, from `low_end` up."""
    rows = len(names)
    low, high = min([0.0, *ends]), max([0.0, *ends])
    spare = 0.04 * ((high - low) or 1.0)
    zero = {"type": "line", "x0": 0, "x1": 0, "layer": "below", "line": {"color": style.COMPARISON, "width": 1}}
    return {
        "template": style.template(),
        "height": 56 + ROW * max(rows, 1),
        "margin": {"l": 4, "r": 8, "t": 4, "b": 8},
        "xaxis": {
            "range": [low - spare, high + spare],
            "title": {"text": words.unit(is_probability=is_probability)},
            "nticks": 6,
        },
        "yaxis": {"range": [-rows + 0.55, 0.55], "visible": False},
        # in pieces, so that it does not cross the names
        "shapes": [{**zero, "y0": low_end - row, "y1": 0.2 - row} for row in range(rows)],
        "annotations": names,
    }


def _short(name: str, most: int = LONGEST_NAME) -> str:
    """Shorten a name in its middle."""
    return name if len(name) <= most else f"{name[: most - KEPT_END - 1]}…{name[-KEPT_END:]}"
