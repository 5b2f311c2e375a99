"""The pictures of pairs. Made from the result alone."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from explainers import style
from explainers.interactions import words
from explainers.interactions.result import PairResult, PairsResult
from explainers.signals.charts import broken
from explainers.signals.words import say_move

LONGEST = 9
"""Letters of a word that fit under a narrow cell; longer ones are turned."""
LINE = 17
"""Height of a line of a pair's name, pixels: a bar is at least as high as its name, or names would overlap."""
STRONGEST_SHADE = 0.55
"""How far the strongest cell goes towards the full colour, so that its figure stays readable."""


def chart_pairs(result: PairsResult) -> go.Figure:
    """Draw the mean size of what each pair does together, the strongest ten.

    Parameters
    ----------
    result : PairsResult
        From `compute_pairs`.
    """
    shown = result.pairs[: words.DRAWN]
    names = [broken(words.say_option(pair), 28) for pair in shown]
    lines = max((name.count("<br>") + 1 for name in names), default=1)
    sizes = [pair.mean_abs for pair in shown]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": sizes,
        "y": names,
        "marker": {"color": style.ACCENT},
        "text": [
            words.say_together(size, families=result.families, is_probability=result.is_probability) for size in sizes
        ],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return go.Figure(
        data=[bars],
        layout={
            "template": style.template(),
            "height": 60 + max(52, LINE * lines) * len(shown),
            "xaxis": {"range": [0, 1.15 * max(sizes, default=0.0) or 1.0], "visible": False},
            "yaxis": {"showgrid": False, "autorange": "reversed"},
        },
    )


def chart_pair(result: PairResult) -> go.Figure:
    """Draw what two do together as a table of coloured cells with figures.

    Parameters
    ----------
    result : PairResult
        From `compute_pair`.
    """
    values = [[math.nan if cell.mean is None else cell.mean for cell in row] for row in result.cells]
    found = [abs(v) for row in values for v in row if not math.isnan(v)]
    largest = max([*found, 2 * result.smallest, 1e-12])  # what is next to nothing stays pale
    texts = [
        ["" if math.isnan(v) else say_move(v, is_probability=result.is_probability) for v in row] for row in values
    ]
    hover = [
        [
            f"{first} / {second}<br>{style.whole(cell.n)} applications"
            for second, cell in zip(result.second_steps, row, strict=True)
        ]
        for first, row in zip(result.first_steps, result.cells, strict=True)
    ]
    heat = {
        "type": "heatmap",
        "z": values,
        "x": [broken(step, 8).replace("–", "–<br>") for step in result.second_short],
        "y": [broken(step, 14) for step in result.first_short],
        "zmin": -largest / STRONGEST_SHADE,
        "zmax": largest / STRONGEST_SHADE,
        "colorscale": [[0.0, style.LOWERS], [0.5, style.PAPER], [1.0, style.RAISES]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": texts,
        "texttemplate": "%{text}",
        "textfont": {"size": 14, "color": style.INK},
        "hovertext": hover,
        "hoverinfo": "text",
    }
    return go.Figure(data=[heat], layout=_layout(result))


def _layout(result: PairResult) -> dict[str, Any]:
    """Return the axes of the table of cells; what stands in rows is named above them."""
    long = any(len(word) > LONGEST for step in result.second_short for word in step.split())
    columns = broken(_titled(result.pair.second_label, result.second_unit), 44)
    name = {"x": 0, "y": 1, "xref": "x domain", "yref": "y domain", "xanchor": "left", "yanchor": "bottom", "yshift": 6}
    rows = broken(f"Rows: {_titled(result.pair.first_label, result.first_unit)}", 44)
    name |= {"text": rows, "align": "left", "showarrow": False}
    top = 16 + LINE * (rows.count("<br>") + 1)
    return {
        "template": style.template(),
        "height": 96 + top + 48 * len(result.first_steps),
        "margin": {"t": top},
        "xaxis": {"title": {"text": columns}, "type": "category", "ticks": "", "tickangle": 270 if long else 0},
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False},
        "annotations": [{**name, "font": {"size": 13, "color": style.MUTED}}],
    }


def _titled(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label
