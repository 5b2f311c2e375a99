"""Pictures of groups: dots with their intervals, calm and in one colour. Made from results alone."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import plotly.graph_objects as go

from explainers import style
from explainers.fairness.detail_words import nearest_points, shown_groups
from explainers.fairness.levels import LevelsResult
from explainers.fairness.result import AttributeResult, DetailResult, Settings

ROW = 38
LOWEST, HIGHEST = 0.25, 2.5
"""Ends of the axis of ratios; intervals beyond are cut there."""
SERIES = (style.ACCENT, style.INK, style.COMPARISON, style.RAISES)
Row = tuple[str, float, float, float, str]
"""Label, ratio, ends of the interval, and what stands beside it."""


def chart_attribute(result: AttributeResult, settings: Settings) -> go.Figure:
    """Draw each group's ratio with its interval; groups too few to judge have a line without a dot.

    Parameters
    ----------
    result : AttributeResult
        Of an observed attribute.
    settings : Settings
        Screening values; the ratio's is a thin line.
    """
    rows: list[Row] = [
        (f"{line.value} ({style.whole(line.n)})", line.ratio, line.ratio_low, line.ratio_high, f"{line.ratio:.2f}")
        if line.known
        else (f"{line.value} ({style.whole(line.n)})", math.nan, math.nan, math.nan, "too few to judge")
        for line in result.lines
        if not line.is_reference
    ]
    return _dots(rows, settings, f"approval rate as a multiple of {result.reference}")


def chart_proxy(result: AttributeResult, settings: Settings) -> go.Figure:
    """Draw both readings of each value of a proxy, one under the other."""
    rows: list[Row] = []
    for line in result.proxy:
        if line.is_reference:
            continue
        for reading, name in ((line.weighted, "weighted"), (line.over, "threshold")):
            label = f"{line.value}, {name}"
            if reading.enough:
                rows.append((label, reading.ratio, reading.ratio_low, reading.ratio_high, f"{reading.ratio:.2f}"))
            else:
                rows.append((label, math.nan, math.nan, math.nan, "too few to judge"))
    return _dots(rows, settings, f"approval rate as a multiple of {result.reference}")


def _dots(rows: list[Row], settings: Settings, title: str) -> go.Figure:
    figure = go.Figure(layout={"template": style.template(), "height": 96 + ROW * max(len(rows), 1)})
    labels = [escape(label) for label, *_ in rows]
    known = [row for row in rows if not math.isnan(row[1])]
    ends = [end for row in known for end in (max(row[2], LOWEST), min(row[3], HIGHEST))]
    low = min([settings.ratio_below - 0.05, *ends]) - 0.03
    high = max([1.05, *ends]) + 0.03
    for label, row in zip(labels, rows, strict=True):
        if math.isnan(row[1]):
            figure.add_annotation(x=1, y=label, text=row[4], showarrow=False, font={"size": 13, "color": style.MUTED})
            continue
        ends_of = [max(row[2], low), min(row[3], high)]
        line = {"color": style.ACCENT, "width": 2}
        figure.add_scatter(x=ends_of, y=[label, label], mode="lines", line=line, hoverinfo="skip")
    figure.add_scatter(
        x=[row[1] for row in known],
        y=[label for label, row in zip(labels, rows, strict=True) if not math.isnan(row[1])],
        mode="markers",
        marker={"color": style.ACCENT, "size": 10},
        hovertext=[f"{row[1]:.2f} ({row[2]:.2f} to {row[3]:.2f})" for row in known],
        hoverinfo="text",
    )
    figure.add_vline(x=1, line={"color": style.INK, "width": 1})
    figure.add_vline(x=settings.ratio_below, line={"color": style.COMPARISON, "width": 1, "dash": "dot"})
    figure.update_xaxes(range=[low, high], title={"text": escape(title)}, nticks=6, tickformat=".2f")
    figure.update_yaxes(
        autorange="reversed", showgrid=False, type="category", categoryorder="array", categoryarray=labels
    )
    return figure


def chart_months(result: DetailResult) -> go.Figure:
    """Draw the ratio by month for up to four groups, each with its interval."""
    figure = go.Figure(layout={"template": style.template(), "height": 300})
    groups = shown_groups(result.months)
    for colour, value in zip(SERIES, groups, strict=False):
        points = [p for p in result.months if p.value == value and p.enough]
        for point in points:
            ends = [max(point.low, 0), min(point.high, HIGHEST)]
            thin = {"color": colour, "width": 1}
            figure.add_scatter(x=[point.month] * 2, y=ends, mode="lines", line=thin, opacity=0.5, hoverinfo="skip")
        figure.add_scatter(
            x=[p.month for p in points],
            y=[p.ratio for p in points],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": 6},
            hovertext=[f"{value}, {p.month}: {p.ratio:.2f} ({p.low:.2f} to {p.high:.2f})" for p in points],
            hoverinfo="text",
        )
    _frame_ratio(figure, result.settings, dict(zip(groups, SERIES, strict=False)))
    figure.update_xaxes(type="category", nticks=8, categoryorder="category ascending")
    return figure


def chart_curve(result: DetailResult) -> go.Figure:
    """Draw the ratio at every possible cut-off, and where the card's cut-off lies."""
    figure = go.Figure(layout={"template": style.template(), "height": 300})
    groups = [p.value for p in nearest_points(result)][: len(SERIES)]
    for colour, value in zip(SERIES, groups, strict=False):
        points = [p for p in result.curve if p.value == value and not math.isnan(p.ratio)]
        figure.add_scatter(
            x=[p.cutoff for p in points],
            y=[p.ratio for p in points],
            mode="lines",
            line={"color": colour, "width": 2},
            hovertext=[f"{value}, cut-off {p.cutoff:.3g}: {p.ratio:.2f}" for p in points],
            hoverinfo="text",
        )
    _frame_ratio(figure, result.settings, dict(zip(groups, SERIES, strict=False)))
    figure.add_vline(x=result.cutoff, line={"color": style.COMPARISON, "width": 1, "dash": "dot"})
    known = [p.cutoff for p in result.curve if not math.isnan(p.ratio)]
    ticks = style.percent_ticks(min(known), max(known)) if result.is_probability and known else {"nticks": 6}
    figure.update_xaxes(title={"text": "possible cut-off; dotted: the card's"}, **ticks)
    return figure


def chart_levels(result: LevelsResult) -> go.Figure:
    """Draw what was found against what was estimated, for up to four groups, each level with its interval."""
    figure = go.Figure(layout={"template": style.template(), "height": 320})
    first = [] if result.surest is None else [result.surest.value]  # the title speaks of it
    groups = list(dict.fromkeys([*first, *(one.value for one in result.judged)]))[: len(SERIES)]
    colours = dict(zip(groups, SERIES, strict=False))
    end = max([one.high for one in result.judged] + [one.estimate for one in result.judged], default=1.0)
    line = {"color": style.COMPARISON, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[0, end], y=[0, end], mode="lines", line=line, hoverinfo="skip")
    for value, colour in colours.items():
        points = [one for one in result.judged if one.value == value]
        for one in points:
            ends, thin = [one.low, one.high], {"color": colour, "width": 1}
            figure.add_scatter(x=[one.estimate] * 2, y=ends, mode="lines", line=thin, opacity=0.6, hoverinfo="skip")
        figure.add_scatter(
            x=[one.estimate for one in points],
            y=[one.found for one in points],
            mode="markers",
            marker={"color": colour, "size": 8},
            hovertext=[f"{value}: estimated {one.estimate:.1%}, found {one.found:.1%}" for one in points],
            hoverinfo="text",
        )
    figure.update_layout(title=_named(colours), margin={"t": 48})
    figure.update_xaxes(title={"text": "mean estimate"}, **style.percent_ticks(0, end))
    figure.update_yaxes(title={"text": "share found"}, **style.percent_ticks(0, end))
    return figure


def _named(colours: dict[str, str]) -> dict[str, Any]:
    """Name the groups above a picture, each in its colour."""
    named = "   ".join(f'<span style="color:{colour}">■</span> {escape(value)}' for value, colour in colours.items())
    return {"text": named, "font": {"size": 14, "color": style.INK}, "x": 0, "xref": "container"}


def _frame_ratio(figure: go.Figure, settings: Settings, colours: dict[str, str]) -> None:
    """Draw the lines of equal rates and of the screening value, and name the groups above the picture."""
    figure.add_hline(y=1, line={"color": style.INK, "width": 1})
    figure.add_hline(y=settings.ratio_below, line={"color": style.COMPARISON, "width": 1, "dash": "dot"})
    figure.update_layout(title=_named(colours), margin={"t": 48})
    figure.update_yaxes(title={"text": "ratio of approval rates"}, nticks=6, tickformat=".2f")
