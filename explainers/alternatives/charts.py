"""The picture of a search. Made from the result alone."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from explainers import style
from explainers.alternatives.result import Candidate, SearchResult
from explainers.alternatives.words import baseline, less_different, say_candidate
from explainers.fairness_drivers.charts import plain

NAMED = {"current": 130, "anew": 95}
"""Models that carry their names, with how far below, in pixels: clear of the others."""
FURTHEST = 0.1
"""Models that lose more AUC than this against the one trained anew stand in the table only."""


def chart_frontier(result: SearchResult, tolerance: float) -> go.Figure:
    """Draw every candidate by AUC and impact ratio on the rows to report on, with intervals and the tolerance."""
    base = baseline(result).reported.auc
    drawn = [one for one in result.candidates if one.reported.auc >= base - FURTHEST]
    figure = go.Figure(layout={"template": style.template(), "height": 440})
    figure.add_vrect(
        x0=base - tolerance, x1=max(one.reported.auc_high for one in drawn) + 0.01, fillcolor=style.DENSITY,
        opacity=0.5, line_width=0, layer="below",
    )  # fmt: skip
    for one in drawn:
        if one.frontier or one.kind in ("current", "anew"):
            _cross(figure, one)
    for frontier in (False, True):
        part = [one for one in drawn if one.frontier == frontier]
        figure.add_scatter(
            x=[one.reported.auc for one in part],
            y=[one.reported.air for one in part],
            mode="markers",
            marker=_marker(frontier),
            hovertext=[plain(say_candidate(one), 200) for one in part],
            hoverinfo="text",
        )
    for one in drawn:
        if one.kind in NAMED:
            figure.add_annotation(
                x=one.reported.auc, y=one.reported.air, text=f"<b>{plain(one.label)}</b>", showarrow=True,
                arrowcolor=style.INK, arrowwidth=1, arrowhead=0, ax=0, ay=NAMED[one.kind], font={"size": 14},
            )  # fmt: skip
        elif less_different(one):
            figure.add_annotation(
                x=one.reported.auc, y=one.reported.air, text=plain(one.label, 26), showarrow=False, yshift=-16,
                font={"size": 12, "color": style.MUTED},
            )  # fmt: skip
    lows = [one.reported.auc_low for one in drawn]
    figure.update_xaxes(
        title="AUC: ranks better to the right", range=[min(lows) - 0.004, None], nticks=6, tickformat=".2f"
    )
    bottoms, tops = ([getattr(one.reported, end) for one in drawn if one.frontier] for end in ("air_low", "air_high"))
    figure.update_yaxes(
        title="impact ratio: 1.00 is alike", nticks=6, tickformat=".2f",
        range=[min(bottoms, default=0.0) - 0.06, max(tops, default=1.0) + 0.01],
    )  # fmt: skip
    return figure


def _marker(frontier: bool) -> dict[str, Any]:
    if frontier:
        return {"size": 12, "color": style.ACCENT}
    return {"size": 10, "color": style.PAPER, "line": {"color": style.ACCENT, "width": 2}}


def _cross(figure: go.Figure, one: Candidate) -> None:
    """Draw both intervals of a candidate as thin lines."""
    line = {"mode": "lines", "line": {"color": style.COMPARISON, "width": 1}, "hoverinfo": "skip"}
    measured = one.reported
    figure.add_scatter(x=[measured.auc_low, measured.auc_high], y=[measured.air] * 2, **line)
    figure.add_scatter(x=[measured.auc] * 2, y=[measured.air_low, measured.air_high], **line)
