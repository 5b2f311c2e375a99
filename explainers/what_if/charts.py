"""The picture of a what-if question: how far each family moves. Made from the result alone."""

from __future__ import annotations

import plotly.graph_objects as go

from explainers import style
from explainers.what_if import words
from explainers.what_if.result import WhatIfResult


def chart_what_if(result: WhatIfResult) -> go.Figure:
    """Draw a bar per family whose part moves, the largest move first, and one for all others.

    Parameters
    ----------
    result : WhatIfResult
        From `compute_what_if`.
    """
    large, rest = words.shown_moves(result)
    rows = [(m.label, m.moved) for m in large] + [("All other signals", rest)]
    factor = 100 if result.original.scale == "probability" else 1
    sizes = [value * factor for _, value in rows]
    figure = go.Figure(layout={"template": style.template(), "height": 56 + 34 * len(rows)})
    figure.add_bar(
        x=sizes,
        y=[label for label, _ in rows],
        orientation="h",
        marker={"color": [style.RAISES if size > 0 else style.LOWERS for size in sizes]},
        text=[words.say_moved(result, value).split(" ")[0] for _, value in rows],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    span = max((abs(size) for size in sizes), default=0.0) or 1.0
    low, high = min(0.0, *sizes), max(0.0, *sizes)
    unit = "percentage points of the estimate" if factor == 100 else "units of the estimate"
    figure.update_xaxes(range=[low - 0.32 * span, high + 0.32 * span], title={"text": unit}, nticks=5)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.add_vline(x=0, line={"color": style.COMPARISON, "width": 1})
    return figure
