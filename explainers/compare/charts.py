"""The pictures of comparisons. Made from results alone."""

from __future__ import annotations

from html import escape

import numpy as np
import plotly.graph_objects as go

from explainers import style
from explainers.compare import pair_words, versions_words
from explainers.compare.pair import PairResult
from explainers.compare.versions_result import VersionsResult

SIDES = (style.ACCENT, style.COMPARISON)
"""Colours of the first and the second thing compared."""


def chart_pair(result: PairResult) -> go.Figure:
    """Draw what each family moved in both applications, the largest difference first.

    Parameters
    ----------
    result : PairResult
        From `compute_pair`.
    """
    large, rest = pair_words.shown_differences(result)
    rows = [*large, *([rest] if rest is not None else [])]
    factor = 100 if result.first.scale == "probability" else 1
    figure = _bars([row.label for row in rows], [[d.first for d in rows], [d.second for d in rows]], factor)
    for trace, values in zip(figure.data, ([d.first for d in rows], [d.second for d in rows]), strict=True):
        trace.text = [pair_words.say_points(result, value) for value in values]
    _name_sides(figure, (f"first: {result.first.application_id}", f"second: {result.second.application_id}"))
    figure.update_xaxes(title={"text": pair_words.say_unit(result)})
    return figure


def _bars(labels: list[str], sides: list[list[float]], factor: float) -> go.Figure:
    """Draw pairs of bars, the first above the second, with room for their figures."""
    height = 96 + 46 * len(labels)
    figure = go.Figure(layout={"template": style.template(), "height": height, "bargap": 0.3, "bargroupgap": 0.08})
    for values, colour in zip(sides, SIDES, strict=True):
        figure.add_bar(
            x=[value * factor for value in values],
            y=labels,
            orientation="h",
            marker={"color": colour},
            textposition="outside",
            textfont={"size": 13},
            constraintext="none",
            cliponaxis=False,
            hoverinfo="skip",
        )
    ends = [value * factor for values in sides for value in values]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (high - low) or 1.0
    figure.update_xaxes(range=[low - (0.28 * span if low < 0 else 0), high + 0.2 * span], nticks=5)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.add_vline(x=0, line={"color": style.COMPARISON, "width": 1})
    return figure


def _name_sides(figure: go.Figure, names: tuple[str, str]) -> None:
    """Name both colours above the picture, from its very left, one line each: long names must fit a phone."""
    first, second = (f"■ {escape(name)}" for name in names)
    fonts = [{"size": 14, "color": colour} for colour in (SIDES[0], style.MUTED)]
    place = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 6}}
    figure.update_layout(
        title={"text": first, "font": fonts[0], "subtitle": {"text": second, "font": fonts[1]}, **place},
        margin={"t": 66},
    )


def chart_drivers(result: VersionsResult) -> go.Figure:
    """Draw the mean size of each family's move in both snapshots.

    Parameters
    ----------
    result : VersionsResult
        From `compute_versions`.
    """
    rows = versions_words.shown_drivers(result)
    factor = 100 if result.is_probability else 1
    figure = _bars([row.label for row in rows], [[d.here for d in rows], [d.there for d in rows]], factor)
    for trace, values in zip(figure.data, ([d.here for d in rows], [d.there for d in rows]), strict=True):
        trace.text = [versions_words.say_size(result, value) for value in values]
    _name_sides(figure, (f"here: {result.here.label}", f"there: {result.there.label}"))
    figure.update_xaxes(title={"text": f"mean move, {versions_words.say_unit(result)}"}, rangemode="tozero")
    return figure


def chart_shift(result: VersionsResult) -> go.Figure | None:
    """Draw how far the estimates of the same applications differ; None without any in common."""
    shift = result.shift
    if shift is None:
        return None
    factor = 100 if result.is_probability else 1
    edges = np.array(shift.edges) * factor
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    colours = [
        style.RAISES if m > width[0] / 4 else style.LOWERS if m < -width[0] / 4 else style.COMPARISON for m in middle
    ]
    hover = [versions_words.say_step(result, place) for place in range(len(middle))]
    figure = go.Figure(layout={"template": style.template(), "height": 240, "bargap": 0.06})
    figure.add_bar(
        x=middle, y=shift.shares, width=width * 0.94, marker={"color": colours}, hovertext=hover, hoverinfo="text"
    )
    top = max(shift.shares)
    figure.update_xaxes(title={"text": f"difference here less there, {versions_words.say_unit(result)}"}, nticks=9)
    figure.update_yaxes(title="share", rangemode="tozero", **style.percent_ticks(0, max(top, 0.02), 4))
    return figure


def chart_spread(result: VersionsResult) -> go.Figure:
    """Draw the estimates of both snapshots as two lines."""
    edges = np.linspace(result.low, result.high, len(result.here.shares) + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure(layout={"template": style.template(), "height": 260})
    for side, colour, dash in ((result.there, style.COMPARISON, "dot"), (result.here, style.ACCENT, "solid")):
        line = {"color": colour, "width": 2, "dash": dash, "shape": "hvh"}
        figure.add_scatter(x=middle, y=side.shares, mode="lines", line=line, hoverinfo="skip")
    _name_sides(figure, (f"here: {result.here.label}", f"there: {result.there.label}"))
    ticks = style.percent_ticks(result.low, result.high) if result.is_probability else {"nticks": 6}
    figure.update_xaxes(title=f"estimate: {result.outcome}", range=[result.low, result.high], **ticks)
    top = max(*result.here.shares, *result.there.shares, 0.01)
    figure.update_yaxes(title="share", rangemode="tozero", **style.percent_ticks(0, top, 4))
    return figure
