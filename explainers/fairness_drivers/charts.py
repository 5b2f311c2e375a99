"""The pictures of what a gap goes with. Made from the results alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from explainers import style
from explainers.fairness_drivers import words
from explainers.fairness_drivers.result import GapResult, NeutralResult, ProxyResult

ROW, LINE = 50, 18
"""Pixels of one row, its name over its bar; and of each further line of the name."""
ABOVE = 9
"""Pixels from the middle of a bar to the name over it."""
LEAST = 1.0
"""Percentage points that an axis reaches to both sides at least, so that chance does not fill the picture."""
SPLIT = (0.56, 0.66)
"""Where the left panel of the picture of stand-ins ends and the right one begins."""


def chart_gap(result: GapResult) -> go.Figure:
    """Draw each family's part of the gap as a bar with its interval, the largest first."""
    parts, factor = words.shown_parts(result), _factor(result.pair.is_probability)
    names = [f"<b>{plain(p.label)}</b>  {words.say_signed(result.pair, p.size)}" for p in parts]
    figure = rows_under_names(names, words.say_unit(result.pair))
    _bars(figure, [p.size * factor for p in parts], [(p.low * factor, p.high * factor) for p in parts])
    ends = [v * factor for p in parts for v in (p.size, p.low, p.high) if not math.isnan(v)]
    ends += [-LEAST, LEAST] if result.pair.is_probability else []
    _zero(figure, ends, len(parts))
    return figure


def chart_neutral(result: NeutralResult) -> go.Figure:
    """Draw the change of the share approved with each family drawn from the reference group, with its interval."""
    rows = result.families[: words.SHOWN]
    names = [f"<b>{plain(one.label)}</b>  {style.points(one.change)}" for one in rows]
    figure = rows_under_names(names, f"change of the share of “{plain(result.pair.group)}” approved, percentage points")
    places = [-float(i) for i in range(len(rows))]
    intervals(figure, [(one.low * 100, one.high * 100) for one in rows], places)
    dots = {"mode": "markers", "marker": {"size": 11, "color": style.ACCENT}, "hoverinfo": "skip"}
    figure.add_scatter(x=[one.change * 100 for one in rows], y=places, **dots)
    _zero(figure, [-LEAST, LEAST, *(v * 100 for one in rows for v in (one.low, one.high))], len(rows))
    return figure


def chart_proxies(result: ProxyResult) -> go.Figure:
    """Draw how well each family tells the groups apart (left) beside its part of the gap (right)."""
    rows, factor = result.families[: words.SHOWN], _factor(result.pair.is_probability)
    names = [f"<b>{plain(one.label)}</b>  {words.say_power(one)}" for one in rows]
    figure = rows_under_names(names, "tells apart: 0.5 is chance, 1 always")
    places = [-float(i) for i in range(len(rows))]
    intervals(figure, [(one.low, one.high) for one in rows], places)
    dots = {"mode": "markers", "marker": {"size": 11, "color": style.ACCENT}, "hoverinfo": "skip"}
    figure.add_scatter(x=[one.auc for one in rows], y=places, **dots)
    sizes = [one.size * factor for one in rows]
    colours = [style.RAISES if size > 0 else style.LOWERS for size in sizes]
    figure.add_bar(
        x=sizes, y=places, orientation="h", width=0.3, marker={"color": colours}, xaxis="x2", hoverinfo="skip"
    )
    lows = [one.low for one in rows if not math.isnan(one.low)]
    figure.update_layout(
        xaxis={"domain": [0, SPLIT[0]], "range": [min([0.45, *lows]) - 0.01, 1.0], "nticks": 5},
        xaxis2={
            "domain": [SPLIT[1], 1],
            "title": {"text": f"part of the gap, {'points' if result.pair.is_probability else 'units'}"},
            "nticks": 3,
            "range": span([*sizes, *([-LEAST, LEAST] if result.pair.is_probability else [])]),
            "anchor": "y",
        },
    )
    for axis, at in (("x", 0.5), ("x2", 0.0)):
        line = {"color": style.COMPARISON, "width": 1}
        for place in places:
            figure.add_shape(type="line", xref=axis, x0=at, x1=at, y0=place - 0.3, y1=place + 0.2, line=line)
    return figure


def _factor(is_probability: bool) -> float:
    return 100.0 if is_probability else 1.0


def rows_under_names(names: Sequence[str], title: str, lines: int = 1) -> go.Figure:
    """Return an empty picture in rows, each with its name over it, which fits a phone too.

    Parameters
    ----------
    names : sequence of str
        One a row, from the top; lines of a name are parted by ``<br>``.
    title : str
        Of the axis.
    lines : int
        Lines of the longest name.
    """
    row = ROW + LINE * (lines - 1)
    annotations = [
        {
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": -i,
            "yanchor": "bottom",
            "yshift": ABOVE,
            "align": "left",
            "text": name,
            "showarrow": False,
            "font": {"size": 14},
        }
        for i, name in enumerate(names)
    ]
    return go.Figure(
        layout={
            "template": style.template(),
            "height": 60 + row * max(len(names), 1),
            "margin": {"l": 4, "r": 8, "t": 4, "b": 8},
            "xaxis": {"title": {"text": title}, "nticks": 6},
            "yaxis": {"range": [-len(names) + 0.6, 1 - 14 / row], "visible": False},
            "annotations": annotations,
        }
    )


def _bars(figure: go.Figure, sizes: list[float], ranges: list[tuple[float, float]]) -> None:
    places = [-float(i) for i in range(len(sizes))]
    colours = [style.RAISES if size > 0 else style.LOWERS for size in sizes]
    figure.add_bar(x=sizes, y=places, orientation="h", width=0.3, marker={"color": colours}, hoverinfo="skip")
    intervals(figure, ranges, places)


def intervals(figure: go.Figure, ranges: list[tuple[float, float]], places: list[float]) -> None:
    """Draw intervals as thin lines; one that is not known is left out."""
    lines: dict[str, list[float | None]] = {"x": [], "y": []}
    for (low, high), place in zip(ranges, places, strict=True):
        if not math.isnan(low):
            lines["x"] += [low, high, None]
            lines["y"] += [place, place, None]
    figure.add_scatter(**lines, mode="lines", line={"color": style.INK, "width": 2}, hoverinfo="skip")


def _zero(figure: go.Figure, ends: list[float], rows: int) -> None:
    """Draw zero in pieces, so that it does not cross the names, and leave room at both ends."""
    figure.update_xaxes(range=span(ends))
    line: dict[str, Any] = {"color": style.COMPARISON, "width": 1}
    for row in range(rows):
        figure.add_shape(type="line", x0=0, x1=0, y0=-0.3 - row, y1=0.2 - row, layer="below", line=line)


def span(values: Sequence[float]) -> list[float]:
    """Return the range of an axis that holds zero and all values, with room at both ends."""
    low, high = min([0.0, *values]), max([0.0, *values])
    spare = 0.06 * ((high - low) or 1.0)
    return [low - spare, high + spare]


def plain(text: str, most: int = 40) -> str:
    """Return a label without what Plotly reads as markup, cut where it is long."""
    safe = text.replace("<", "‹").replace(">", "›")
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"
