"""The pictures of one decision. Made from the result alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explainers import style
from explainers.decision import words
from explainers.decision.result import DecisionResult, shown_rows


def chart_decision(result: DecisionResult) -> go.Figure:
    """Draw the estimate on its scale: the comparison group's shape, the cut-off, this application.

    Parameters
    ----------
    result : DecisionResult
        From `compute_decision`.
    """
    group = result.comparison
    edges = np.linspace(group.low, group.high, len(group.density) + 1)
    colour = style.RAISES if result.against_cutoff else style.LOWERS
    shape = {"mode": "lines", "line": {"width": 0}, "fill": "tozeroy", "fillcolor": style.DENSITY, "hoverinfo": "skip"}
    mark = {"mode": "markers", "marker": {"size": 15, "color": colour}, "hoverinfo": "skip", "cliponaxis": False}
    text = f"<b>this application {words.say_estimate(result, result.estimate)}</b>"
    # one call with everything: Plotly checks what is there again with each addition, which takes five times as long
    return go.Figure(
        data=[
            {"type": "scatter", "x": (edges[:-1] + edges[1:]) / 2, "y": _smooth(np.array(group.density)), **shape},
            {"type": "scatter", "x": [result.estimate], "y": [0], **mark},
        ],
        layout={
            "template": style.template(),
            "height": 118,
            "margin": {"l": 12, "r": 12, "t": 4, "b": 4},
            "xaxis": {"range": [group.low, group.high], "showline": False, **_ticks(result)},
            "yaxis": {"range": [-0.12, 1.25], "visible": False},
            "shapes": [
                _line(group.low, group.high, 0, 0, {"color": "#9AA3AD", "width": 1}),
                _line(result.cutoff, result.cutoff, 0, 1.12, {"color": style.INK, "width": 1.2, "dash": "dash"}),
            ],
            "annotations": [
                _label_cutoff(result),
                _label_group(result),
                _label(result.estimate, 0.36, text, colour, right=_near_right_end(result, result.estimate)),
            ],
        },
    )


def chart_reasons(result: DecisionResult) -> go.Figure:
    """Draw every bar of the page in one picture: what spoke against approval, what helped, all others.

    Parameters
    ----------
    result : DecisionResult
        From `compute_decision`.
    """
    shown = shown_rows(result)
    rows = [(f.statement, f.points) for f in shown.against] + [(f.label, f.points) for f in reversed(shown.helped)]
    rows.append((f"All other signals ({shown.rest_signals})", shown.rest_points))
    factor = 100 if result.scale == "probability" else 1
    return chart_bars(
        [(label, points * factor, words.say_points(result, points)) for label, points in rows], words.say_unit(result)
    )


def chart_bars(rows: Sequence[tuple[str, float, str]], unit: str) -> go.Figure:
    """Draw bars that lie, from the top down in the order given.

    Parameters
    ----------
    rows : sequence of (name, size, text)
        One bar each: its size in `unit`, with its sign, and the text beside it.
    unit : str
        Title of the axis.
    """
    sizes = [size for _, size, _ in rows]
    span = max((abs(size) for size in sizes), default=0.0) or 1.0
    low, high = min(0.0, *sizes), max(0.0, *sizes)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": sizes,
        "y": [name for name, _, _ in rows],
        "marker": {"color": [style.RAISES if size > 0 else style.LOWERS for size in sizes]},
        "text": [text for _, _, text in rows],
        "textposition": "outside",
    }
    return go.Figure(
        data=[bars],
        layout={
            "template": style.template(),
            "height": 70 + 32 * len(rows),
            "xaxis": {"range": [low - 0.2 * span, high + 0.2 * span], "title": {"text": unit}, "nticks": 6},
            "yaxis": {"autorange": "reversed", "showgrid": False},
            "shapes": [_line(0, 0, -0.6, len(rows) - 0.4, {"color": style.COMPARISON, "width": 1})],
        },
    )


def _line(x0: float, x1: float, y0: float, y1: float, line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}


def _smooth(shares: np.ndarray) -> np.ndarray:
    """Smooth the counts a little and scale them to a height of one."""
    weights = np.hanning(11)[1:-1]
    smooth = np.convolve(shares, weights / weights.sum(), mode="same")
    held = np.flatnonzero(shares)
    if len(held):  # nothing of the shape may stand where the group has no estimates, beyond the cut-off least of all
        smooth[: held[0]] = smooth[held[-1] + 1 :] = 0.0
    top = smooth.max()
    return smooth / top if top > 0 else smooth


def _label(x: float, y: float, text: str, colour: str, *, right: bool) -> dict[str, Any]:
    """Write beside a mark; `right` puts the end of the text at the mark."""
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "xanchor": "right" if right else "left",
        "xshift": -10 if right else 10,
        "font": {"size": 14, "color": colour},
    }


def _near_right_end(result: DecisionResult, x: float) -> bool:
    group = result.comparison
    return x > group.low + 0.75 * (group.high - group.low)


def _label_cutoff(result: DecisionResult) -> dict[str, Any]:
    """Name the cut-off on its declining side."""
    text = f"cut-off {words.say_estimate(result, result.cutoff)}"
    return _label(result.cutoff, 1.08, text, style.INK, right=not result.riskier_up)


def _label_group(result: DecisionResult) -> dict[str, Any]:
    """Name the shape at the top, on the passing side of the cut-off: no other label stands there."""
    return _label(result.cutoff, 1.08, words.say_group_short(result), style.MUTED, right=result.riskier_up)


def _ticks(result: DecisionResult) -> dict[str, Any]:
    if result.scale == "probability":
        return style.percent_ticks(result.comparison.low, result.comparison.high)
    return {"tickformat": ",.4~g", "nticks": 6}
