"""The pictures of reasons: how often each is given, and how that moved. Made from the result alone."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go

from explainers import style
from explainers.reasons.frequency import FrequencyResult

LINES = (style.ACCENT, style.RAISES, "#4E6B3A", style.COMPARISON)
"""One colour for each of the families drawn over time."""


def chart_reasons(result: FrequencyResult) -> go.Figure:
    """Draw a bar per family: the share that has it as one of the reasons, and inside the share that has it first."""
    labels = [f.label for f in result.families]
    among, first = ([getattr(f, what) / result.n for f in result.families] for what in ("among", "first"))
    bar = {"type": "bar", "orientation": "h", "y": labels, "hoverinfo": "skip"}
    text = [style.percent(share, 0 if share >= 0.01 else 1) for share in among]
    outer = {"marker": {"color": style.DENSITY}, "text": text, "textposition": "outside", "cliponaxis": False}
    top = max(among, default=0.0) or 1.0
    return go.Figure(
        data=[{**bar, "x": among, **outer}, {**bar, "x": first, "marker": {"color": style.ACCENT}}],
        layout={
            "template": style.template(),
            "barmode": "overlay",
            "height": 70 + 30 * len(labels),
            "xaxis": {
                "range": [0, min(1.12 * top, 1.1)],
                "title": {"text": "share of those declined"},
                **style.percent_ticks(0, top),
            },
            "yaxis": {"autorange": "reversed", "showgrid": False},
        },
    )


def chart_months(result: FrequencyResult) -> go.Figure:
    """Draw the share by month for the families that are given most often."""
    days = [date.fromisoformat(m.name) for m in result.months]
    data, labels = [], []
    for colour, family in zip(LINES, result.families, strict=False):
        shares = [m.among[family.family] for m in result.months]
        line = {"color": colour, "width": 2}
        data.append({"type": "scatter", "x": days, "y": shares, "mode": "lines", "line": line, "hoverinfo": "skip"})
        labels.append((shares[-1], family.label, colour))
    return go.Figure(
        data=data,
        layout={
            "template": style.template(),
            "height": 280,
            "margin": {"r": 210},
            "yaxis": {"range": [0, 1], **style.percent_ticks(0, 1)},
            "xaxis": {"range": [days[0], days[-1]], "tickformat": "%b %Y", "nticks": 6},
            "annotations": _ends(days[-1], labels),
        },
    )


def _ends(last: date, labels: list[tuple[float, str, str]]) -> list[dict[str, object]]:
    """Name each line at its end; names that would overlap are moved apart."""
    found: list[dict[str, object]] = []
    place = -1.0
    for share, label, colour in sorted(labels):
        place = max(share, place + 0.09)
        font = {"color": colour, "size": 13}
        end = {"x": last, "y": place, "text": label, "showarrow": False, "xanchor": "left", "xshift": 6, "font": font}
        found.append(end)
    return found
