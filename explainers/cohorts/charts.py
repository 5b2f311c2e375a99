"""The pictures of a cohort. Made from the result alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from explainers import style
from explainers.cohorts import look_words as words
from explainers.cohorts.look import LookResult


def chart_apart(result: LookResult) -> go.Figure:
    """Draw how far each family's mean move differs from everyone's, the largest first.

    Parameters
    ----------
    result : LookResult
        From `compute_look`.
    """
    shown = words.shown_apart(result)
    factor = 100 if result.counted.is_probability else 1
    sizes = [f.apart * factor for f in shown]
    span = max((abs(size) for size in sizes), default=0.0) or 1.0
    low, high = min([0.0, *sizes]), max([0.0, *sizes])
    figure = go.Figure(layout={"template": style.template(), "height": 56 + 34 * max(len(shown), 1)})
    figure.add_bar(
        x=sizes,
        y=[f.label for f in shown],
        orientation="h",
        marker={"color": [style.RAISES if size > 0 else style.LOWERS for size in sizes]},
        text=[words.say_points(result, f.apart) for f in shown],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    ends = [low - (0.32 * span if low < 0 else 0), high + (0.32 * span if high > 0 else 0)]
    figure.update_xaxes(range=ends, title={"text": words.say_unit(result)}, nticks=5)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.add_vline(x=0, line={"color": style.COMPARISON, "width": 1})
    return figure


def chart_spread(result: LookResult) -> go.Figure:
    """Draw the shares of a cohort by estimate as a line over the shape of all applications."""
    edges = np.linspace(result.low, result.high, len(result.shares) + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure(layout={"template": style.template(), "height": 240})
    everyone = {"mode": "lines", "line": {"width": 0, "shape": "hvh"}, "fill": "tozeroy", "fillcolor": style.DENSITY}
    figure.add_scatter(x=middle, y=result.all_shares, hoverinfo="skip", **everyone)
    labels = [("all applications", result.all_shares, style.MUTED)]
    if not result.is_everyone:
        line = {"color": style.ACCENT, "width": 2, "shape": "hvh"}
        figure.add_scatter(x=middle, y=result.shares, mode="lines", line=line, hoverinfo="skip")
        labels.append(("chosen", result.shares, style.ACCENT))
    for place, (text, _, colour) in enumerate(labels):
        figure.add_annotation(
            x=1, y=1 - 0.12 * place, xref="paper", yref="paper", text=text, showarrow=False, xanchor="right",
            font={"size": 14, "color": colour},
        )  # fmt: skip
    ticks = style.percent_ticks(result.low, result.high) if result.counted.is_probability else {"nticks": 6}
    figure.update_xaxes(title=f"estimate: {result.outcome}", range=[result.low, result.high], **ticks)
    top = max(*result.shares, *result.all_shares, 0.01)
    figure.update_yaxes(title="share", rangemode="tozero", **style.percent_ticks(0, top, 4))
    return figure


def chart_months(result: LookResult) -> go.Figure:
    """Draw the share approved by month; months with too few applications are left out.

    A cohort that was chosen by its decision is drawn as the number of applications by month.
    """
    months = words.by_month(result)
    if words.counts_only(result):
        return _chart_counts(months)
    months = months[months["n"] >= result.counted.least]
    rate = months["approved"] / months["n"]
    hover = [
        f"{style.month(m)}: {style.percent(r)} of {style.whole(n)}"
        for m, r, n in zip(months["month"], rate, months["n"], strict=True)
    ]
    figure = go.Figure(layout={"template": style.template(), "height": 220})
    line, marker = {"color": style.ACCENT, "width": 2}, {"size": 6, "color": style.ACCENT}
    figure.add_scatter(
        x=months["month"], y=rate, mode="lines+markers", line=line, marker=marker, hovertext=hover, hoverinfo="text"
    )
    figure.update_yaxes(range=[0, 1.04], title="approved", **style.percent_ticks(0, 1))
    figure.update_xaxes(tickformat="%b %Y", nticks=6)
    return figure


def _chart_counts(months: pd.DataFrame) -> go.Figure:
    hover = [f"{style.month(m)}: {style.whole(n)}" for m, n in zip(months["month"], months["n"], strict=True)]
    figure = go.Figure(layout={"template": style.template(), "height": 200})
    figure.add_bar(
        x=months["month"], y=months["n"], marker={"color": style.COMPARISON}, hovertext=hover, hoverinfo="text"
    )
    figure.update_yaxes(tickformat=",", title="applications", nticks=4)
    figure.update_xaxes(tickformat="%b %Y", nticks=6)
    return figure
