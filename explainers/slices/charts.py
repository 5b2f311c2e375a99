"""The picture of slices. Made from the result alone."""

from __future__ import annotations

import plotly.graph_objects as go

from explainers import style
from explainers.fairness_drivers.charts import intervals, plain, rows_under_names, span
from explainers.slices import words
from explainers.slices.result import SliceGap, SlicesResult

LONGEST = 46
"""Characters of a condition in the picture, each on a line of its own; the table holds all of it."""
LINES = 3


def chart_slices(result: SlicesResult) -> go.Figure:
    """Draw the gap in each slice with its interval, under its name."""
    rows = words.shown(result)
    names = [_name(one) for one in rows]
    unit = "gap in approvals" if result.figure == "approval" else "gap in errors"
    figure = rows_under_names(names, f"{unit}, percentage points", max((n.count("<br>") + 1 for n in names), default=1))
    places = [-float(i) for i in range(len(rows))]
    intervals(figure, [(one.low * 100, one.high * 100) for one in rows], places)
    full = {"size": 12, "color": style.ACCENT}
    hollow = {"size": 11, "color": style.PAPER, "line": {"color": style.ACCENT, "width": 2}}
    for holds, marker in ((True, full), (False, hollow)):
        part = [(one, place) for one, place in zip(rows, places, strict=True) if one.holds == holds]
        figure.add_scatter(
            x=[one.size * 100 for one, _ in part],
            y=[place for _, place in part],
            mode="markers",
            marker=marker,
            hovertext=[plain(f"{one.words}: {words.say_sides(result, one)}", 160) for one, _ in part],
            hoverinfo="text",
        )
    overall = result.overall * 100
    figure.update_xaxes(range=span([overall, *(v * 100 for one in rows for v in (one.low, one.high))]))
    for at, colour in ((0.0, style.RULE), (overall, style.COMPARISON)):
        for place in places:
            line = {"color": colour, "width": 1}
            figure.add_shape(type="line", x0=at, x1=at, y0=place - 0.3, y1=place + 0.2, layer="below", line=line)
    return figure


def _name(one: SliceGap) -> str:
    """Write a slice with a line for each condition, and its gap."""
    parts = one.words.split(", ", LINES - 1)
    return "<br>".join(plain(part, LONGEST) for part in parts) + f"  <b>{style.points(one.size)}</b>"
