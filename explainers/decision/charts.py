"""The pictures of one decision. Made from the result alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from explainers import style
from explainers.decision import words
from explainers.decision.result import DecisionResult


def chart_decision(result: DecisionResult) -> go.Figure:
    """Draw the estimate on its scale: the comparison group's shape, the cut-off, this application.

    Parameters
    ----------
    result : DecisionResult
        From `compute_decision`.
    """
    group = result.comparison
    edges = np.linspace(group.low, group.high, len(group.density) + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    heights = _smooth(np.array(group.density))
    figure = go.Figure(layout={"template": style.template(), "height": 118})
    figure.add_scatter(
        x=middles, y=heights, mode="lines", line={"width": 0}, fill="tozeroy", fillcolor=style.DENSITY, hoverinfo="skip"
    )
    figure.add_shape(type="line", x0=group.low, x1=group.high, y0=0, y1=0, line={"color": "#9AA3AD", "width": 1})
    figure.add_shape(
        type="line",
        x0=result.cutoff,
        x1=result.cutoff,
        y0=0,
        y1=1.12,
        line={"color": style.INK, "width": 1.2, "dash": "dash"},
    )
    _label_cutoff(figure, result)
    _label_group(figure, result)
    colour = style.RAISES if result.against_cutoff else style.LOWERS
    figure.add_scatter(
        x=[result.estimate],
        y=[0],
        mode="markers",
        marker={"size": 15, "color": colour},
        hoverinfo="skip",
        cliponaxis=False,
    )
    text = f"<b>this application {words.say_estimate(result, result.estimate)}</b>"
    _label(figure, result.estimate, 0.36, text, colour, result)
    figure.update_xaxes(range=[group.low, group.high], showline=False, **_ticks(result))
    figure.update_yaxes(range=[-0.12, 1.25], visible=False)
    figure.update_layout(margin={"l": 12, "r": 12, "t": 4, "b": 4})
    return figure


def _smooth(shares: np.ndarray) -> np.ndarray:
    """Smooth the counts a little and scale them to a height of one."""
    weights = np.hanning(11)[1:-1]
    smooth = np.convolve(shares, weights / weights.sum(), mode="same")
    held = np.flatnonzero(shares)
    if len(held):  # nothing of the shape may stand where the group has no estimates, beyond the cut-off least of all
        smooth[: held[0]] = smooth[held[-1] + 1 :] = 0.0
    top = smooth.max()
    return smooth / top if top > 0 else smooth


def _label(figure: go.Figure, x: float, y: float, text: str, colour: str, result: DecisionResult) -> None:
    """Write beside a mark, on the side where there is room."""
    group = result.comparison
    near_right_end = x > group.low + 0.75 * (group.high - group.low)
    figure.add_annotation(
        x=x,
        y=y,
        text=text,
        showarrow=False,
        xanchor="right" if near_right_end else "left",
        xshift=-10 if near_right_end else 10,
        font={"size": 14, "color": colour},
    )


def _label_cutoff(figure: go.Figure, result: DecisionResult) -> None:
    """Name the cut-off on its declining side."""
    figure.add_annotation(
        x=result.cutoff,
        y=1.08,
        text=f"cut-off {words.say_estimate(result, result.cutoff)}",
        showarrow=False,
        xanchor="left" if result.riskier_up else "right",
        xshift=10 if result.riskier_up else -10,
        font={"size": 14, "color": style.INK},
    )


def _label_group(figure: go.Figure, result: DecisionResult) -> None:
    """Name the shape at the top, on the passing side of the cut-off: no other label stands there."""
    figure.add_annotation(
        x=result.cutoff,
        y=1.08,
        text=words.say_group_short(result),
        showarrow=False,
        xanchor="right" if result.riskier_up else "left",
        xshift=-10 if result.riskier_up else 10,
        font={"size": 14, "color": style.MUTED},
    )


def _ticks(result: DecisionResult) -> dict[str, Any]:
    if result.scale == "probability":
        return style.percent_ticks(result.comparison.low, result.comparison.high)
    return {"tickformat": ",.4~g", "nticks": 6}
