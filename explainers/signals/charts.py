"""The pictures of one signal. Made from the result alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from data.card_schema import Unit
from explainers import style
from explainers.signals import words
from explainers.signals.result import FamilyResult, ResponseResult, SignalResult, Step

GAP = 0.04
MISSING_WIDTH = 0.14
LINES = (style.ACCENT, style.RAISES, "#4E6B3A", "#6B4E7D")
WRAP = 26
"""Letters of a label before it is broken."""
CALM: dict[str, Any] = {"hoverinfo": "text"}


def chart_signal(result: SignalResult) -> go.Figure:
    """Draw the mean move against the value with its band, where the applications are, and the missing ones beside.

    Parameters
    ----------
    result : SignalResult
        From `compute_signal`.
    """
    return _along(result) if result.ordered else _levels(result)


def _along(result: SignalResult) -> go.Figure:
    """Draw values on a line."""
    low, high = _ends(result)
    x = [min(max(step.value or 0.0, low), high) for step in result.steps]
    hover = [_hover(result, step) for step in result.steps]
    wide = 1.0 if result.missing is None else 1 - MISSING_WIDTH - GAP
    moves = [-result.smallest, result.smallest, *(v for step in _all(result) for v in (step.p10, step.p90))]
    data = [*_band(x, result.steps), _line(x, result.steps, hover), *_where(result, x)]
    layout: dict[str, Any] = {
        "template": style.template(),
        "height": 400,
        "bargap": 0.0,
        "xaxis": {
            "domain": [0, wide],
            "range": [low, high],
            "anchor": "y2",
            "title": {"text": result.label},
            **_value_ticks(low, high, result.unit),
        },
        "yaxis": {"domain": [0.3, 1], "title": {"text": words.say_unit(result)}, **move_ticks(moves, result)},
        "yaxis2": {"domain": [0, 0.2], "nticks": 3, "tickformat": ",", "title": {"text": "applications"}},
        "shapes": [_zero("x domain", "y")],
    }
    if result.missing is not None:
        data += _missing(result, result.missing)
        layout["xaxis2"] = {"domain": [1 - MISSING_WIDTH, 1], "anchor": "y2", "range": [-0.5, 0.5], **_none_tick()}
        layout["shapes"].append(_zero("x2 domain", "y"))
    return go.Figure(data=data, layout=layout)


def _ends(result: SignalResult) -> tuple[float, float]:
    values = [step.value for step in result.steps if step.value is not None]
    if result.bins:
        return result.bins[0].low, result.bins[-1].high
    pad = 0.5 * (min((b - a for a, b in pairwise(values)), default=1.0) or 1.0)
    return min(values, default=0.0) - pad, max(values, default=1.0) + pad


def _all(result: SignalResult) -> tuple[Step, ...]:
    return result.steps if result.missing is None else (*result.steps, result.missing)


def _band(x: Sequence[Any], steps: Sequence[Step]) -> list[dict[str, Any]]:
    base = {"type": "scatter", "x": list(x), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**base, "y": [step.p10 for step in steps]},
        {**base, "y": [step.p90 for step in steps], "fill": "tonexty", "fillcolor": style.DENSITY},
    ]


def _line(x: Sequence[Any], steps: Sequence[Step], hover: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(x),
        "y": [step.mean for step in steps],
        "mode": "lines+markers",
        "line": {"color": style.INK, "width": 2},
        "marker": {"size": 8, "color": [_colour(step.mean) for step in steps]},
        "hovertext": list(hover),
        "cliponaxis": False,
        **CALM,
    }


def _where(result: SignalResult, x: Sequence[float]) -> list[dict[str, Any]]:
    """Draw where the applications are: equal stretches, or a bar for each of few values."""
    if result.bins:
        middle = [(b.low + b.high) / 2 for b in result.bins]
        counts, widths = [b.n for b in result.bins], [b.high - b.low for b in result.bins]
    else:
        middle, counts = list(x), [step.n for step in result.steps]
        near = min((b - a for a, b in pairwise(middle)), default=1.0)
        widths = [0.6 * near] * len(middle)
    bars = {"type": "bar", "x": middle, "y": counts, "width": widths, "yaxis": "y2", "hoverinfo": "skip"}
    return [{**bars, "marker": {"color": style.DENSITY, "line": {"color": style.COMPARISON, "width": 0.5}}}]


def _missing(result: SignalResult, step: Step) -> list[dict[str, Any]]:
    """Draw the applications without a value as bars of their own."""
    base = {"type": "bar", "x": [0], "xaxis": "x2", "width": [0.5]}
    spread = {"type": "data", "symmetric": False, "array": [step.p90 - step.mean], "arrayminus": [step.mean - step.p10]}
    return [
        {
            **base,
            "y": [step.mean],
            "yaxis": "y",
            "marker": {"color": [_colour(step.mean)]},
            "error_y": {**spread, "color": style.COMPARISON, "thickness": 1.2, "width": 3},
            "hovertext": [_hover(result, step)],
            **CALM,
        },
        {**base, "y": [step.n], "yaxis": "y2", "marker": {"color": [style.COMPARISON]}, "hoverinfo": "skip"},
    ]


def _levels(result: SignalResult) -> go.Figure:
    """Draw a bar for every category, and one for applications without a value."""
    steps = _all(result)
    names = [broken(f"{step.words} ({style.percent(step.n / result.n)})") for step in steps]
    spread = {
        "array": [step.p90 - step.mean for step in steps],
        "arrayminus": [step.mean - step.p10 for step in steps],
    }
    moves = [-result.smallest, result.smallest, *(v for step in steps for v in (step.p10, step.p90))]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [step.mean for step in steps],
        "y": names,
        "marker": {"color": [_colour(step.mean) for step in steps]},
        "error_x": {"type": "data", "symmetric": False, **spread, "color": style.COMPARISON, "thickness": 1.2},
        "hovertext": [_hover(result, step) for step in steps],
        **CALM,
    }
    return go.Figure(
        data=[bars],
        layout={
            "template": style.template(),
            "height": 90 + 40 * len(steps),
            "xaxis": {"title": {"text": words.say_unit(result)}, **move_ticks(moves, result)},
            "yaxis": {"showgrid": False, "autorange": "reversed"},
            "shapes": [_upright()],
        },
    )


def chart_family(result: FamilyResult) -> go.Figure:
    """Draw the mean move of a family by band of the estimate or by month, with its band and where applications are.

    Parameters
    ----------
    result : FamilyResult
        From `compute_family`.
    """
    x = list(range(len(result.steps)))
    hover = [_hover(result, step) for step in result.steps]
    moves = [v for step in result.steps for v in (step.p10, step.p90)]
    look = {"color": style.DENSITY, "line": {"color": style.COMPARISON, "width": 0.5}}
    bars = {"type": "bar", "x": x, "y": [s.n for s in result.steps], "yaxis": "y2", "marker": look, "hoverinfo": "skip"}
    return go.Figure(
        data=[*_band(x, result.steps), _line(x, result.steps, hover), bars],
        layout={
            "template": style.template(),
            "height": 400,
            "xaxis": {
                "anchor": "y2",
                "range": [-0.5, len(x) - 0.5],
                "title": {"text": "estimate" if result.by == "estimate" else ""},
                **_band_ticks(result),
            },
            "yaxis": {"domain": [0.3, 1], "title": {"text": words.say_unit(result)}, **move_ticks(moves, result)},
            "yaxis2": {"domain": [0, 0.2], "nticks": 3, "tickformat": ",", "title": {"text": "applications"}},
            "shapes": [_zero("x domain", "y")],
        },
    )


def _band_ticks(result: FamilyResult) -> dict[str, Any]:
    """Return ticks where bands of the estimate meet, or at every few months."""
    if result.by == "month":
        every = max(1, math.ceil(len(result.steps) / 5))
        places = range(0, len(result.steps), every)
        return {"tickvals": list(places), "ticktext": [broken(result.steps[i].words, 4) for i in places]}
    meet = [(i - 0.5, step.low) for i, step in enumerate(result.steps) if step.low is not None][::2]
    write = style.percent if result.is_probability else "{:g}".format
    return {"tickvals": [at for at, _ in meet], "ticktext": [write(low) for _, low in meet], "tickangle": 0}


def chart_cut(result: SignalResult) -> go.Figure:
    """Draw the mean move against the value, a line for each range of the second signal.

    Parameters
    ----------
    result : SignalResult
        With a cut.
    """
    lines = result.cut.lines if result.cut is not None else ()
    low, high = _ends(result) if result.ordered else (-0.5, len(result.steps) - 0.5)
    x = [min(max(s.value or 0.0, low), high) if result.ordered else i for i, s in enumerate(result.steps)]
    moves = [mean for line in lines for mean in line.means if mean is not None]
    data = [
        {
            "type": "scatter",
            "x": x,
            "y": list(line.means),
            "mode": "lines+markers" if result.ordered else "markers",
            "line": {"color": colour, "width": 2},
            "marker": {"size": 6 if result.ordered else 11, "color": colour},
            "hovertext": [f"{line.words}<br>{s.words}" for s in result.steps],
            **CALM,
        }
        for line, colour in zip(lines, LINES, strict=False)
    ]
    xaxis = _value_ticks(low, high, result.unit) if result.ordered else _step_ticks(result.steps)
    return go.Figure(
        data=data,
        layout={
            "template": style.template(),
            "height": 300 + 20 * len(lines),
            "margin": {"t": 18 + 20 * len(lines)},
            "xaxis": {"range": [low, high], "title": {"text": result.label}, **xaxis},
            "yaxis": {"title": {"text": words.say_unit(result)}, **move_ticks(moves, result)},
            "shapes": [_zero("x domain", "y")],
            "annotations": _names(result),
        },
    )


def _names(result: SignalResult) -> list[dict[str, Any]]:
    """Name the lines above the picture, each in its own colour: at their ends they would overlap."""
    lines = result.cut.lines if result.cut is not None else ()
    label = result.cut.label if result.cut is not None else ""
    return [
        {
            "x": 0,
            "y": 1,
            "xref": "x domain",
            "yref": "y domain",
            "yanchor": "bottom",
            "yshift": 10 + 20 * (len(lines) - 1 - place),
            "xanchor": "left",
            "text": f"<b>{label}: {line.words}</b>" if place == 0 else f"<b>{line.words}</b>",
            "showarrow": False,
            "font": {"size": 13, "color": colour},
        }
        for place, (line, colour) in enumerate(zip(lines, LINES, strict=False))
    ]


def chart_response(result: ResponseResult) -> go.Figure:
    """Draw what the model answers when only this signal changes: mean, band of single applications, local effects.

    Parameters
    ----------
    result : ResponseResult
        From `compute_response`.
    """
    steps = [
        Step(words=w, low=None, high=None, value=x, n=result.n, approved=0, mean=m, p10=a, p90=b)
        for w, x, m, a, b in zip(result.words, result.grid, result.mean, result.p10, result.p90, strict=True)
    ]
    hover = [f"{s.words}: {words.say_move(s.mean, is_probability=result.is_probability)}" for s in steps]
    moves = [v for s in steps for v in (s.p10, s.p90)]
    line = _line(result.grid, steps, hover)
    data = [*_band(result.grid, steps), line] if result.ordered else [{**line, "mode": "markers", **_spread(steps)}]
    if result.ale is not None:
        dashed = {"color": style.ACCENT, "width": 2, "dash": "dash"}
        data.append({"type": "scatter", "x": list(result.grid), "y": list(result.ale), "mode": "lines", "line": dashed})
        moves += result.ale
    low, high = (min(result.grid, default=0.0), max(result.grid, default=1.0))
    xaxis = _value_ticks(low, high, result.unit) if result.ordered else _step_ticks(steps)
    return go.Figure(
        data=data,
        layout={
            "template": style.template(),
            "height": 300,
            "xaxis": {"title": {"text": result.label}, **xaxis},
            "yaxis": {"title": {"text": f"change, {words.say_unit(result)}"}, **move_ticks(moves, result)},
            "shapes": [_zero("x domain", "y")],
        },
    )


def _spread(steps: Sequence[Step]) -> dict[str, Any]:
    """Return lines through marks, from the 10 % to the 90 % point."""
    ends = {"array": [s.p90 - s.mean for s in steps], "arrayminus": [s.mean - s.p10 for s in steps]}
    return {"error_y": {"type": "data", "symmetric": False, **ends, "color": style.COMPARISON, "thickness": 1.2}}


def _step_ticks(steps: Sequence[Step]) -> dict[str, Any]:
    return {"tickvals": list(range(len(steps))), "ticktext": [broken(step.words, 12) for step in steps]}


def _hover(result: SignalResult | FamilyResult, step: Step) -> str:
    move, low, high = (words.say_move(v, is_probability=result.is_probability) for v in (step.mean, step.p10, step.p90))
    return f"{step.words}: {move} on average<br>8 of 10 from {low} to {high}<br>{style.whole(step.n)} applications"


def _colour(move: float) -> str:
    return style.RAISES if move > 0 else style.LOWERS


def broken(text: str, most: int = WRAP) -> str:
    """Break a label into lines at its spaces."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + len(word) < most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines)


def _zero(xref: str, yref: str) -> dict[str, Any]:
    line = {"color": style.COMPARISON, "width": 1}
    return {"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "xref": xref, "yref": yref, "line": line}


def _upright() -> dict[str, Any]:
    line = {"color": style.COMPARISON, "width": 1}
    return {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "xref": "x", "yref": "y domain", "line": line}


def _none_tick() -> dict[str, Any]:
    return {"tickvals": [0], "ticktext": ["no<br>value"]}


def _round_step(span: float, most: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten with at most so many steps in a span."""
    raw = span / most if span > 0 else 1.0
    unit = 10.0 ** math.floor(math.log10(raw))
    return next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw * (1 - 1e-9))


def move_ticks(
    moves: Sequence[float], result: SignalResult | FamilyResult | ResponseResult, most: int = 6
) -> dict[str, Any]:
    """Return range and ticks of an axis of moves, with signs; zero is always on it."""
    low, high = min([*moves, 0.0]), max([*moves, 0.0])
    if high - low <= 0:
        low, high = -0.01, 0.01
    step = _round_step(high - low, most)
    values = [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
    pad = 0.03 * (high - low)
    digits = max(0, -math.floor(math.log10(step * (100 if result.is_probability else 1)) + 1e-9))
    write = style.points if result.is_probability else style.amount
    return {
        "range": [low - pad, high + pad],
        "tickvals": values,
        "ticktext": [write(v, digits) for v in values],
    }


def _value_ticks(low: float, high: float, unit: Unit) -> dict[str, Any]:
    """Return ticks of the signal's own values with their unit; months in whole years where they are many."""
    step = _round_step(high - low, 5)
    if unit is Unit.MONTHS and high - low > 48:
        step = 12 * max(1, round(_round_step((high - low) / 12, 5)))
    values = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"tickvals": values, "ticktext": [style.with_unit(float(v), unit, missing="") for v in values]}
