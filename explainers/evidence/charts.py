"""The pictures of the swap test, over many applications and for one. Made from the result alone."""

from __future__ import annotations

import plotly.graph_objects as go

from explainers import style
from explainers.evidence.result import EvidenceResult
from explainers.evidence.single import ReasonTestResult

LINES = (
    ("named", "Named reasons", style.ACCENT),
    ("global", "One list for everyone", style.COMPARISON),
    ("random", "Random families", style.RAISES),
)


def chart_swap(result: EvidenceResult) -> go.Figure:
    """Draw the share of decisions that change when one to four families are swapped, three ways."""
    data, ends = [], []
    for key, name, colour in LINES:
        shares = [f.value for f in (result.figure(f"{key}{k}") for k in range(1, 5)) if f is not None]
        if len(shares) < 4:
            continue
        line = {"color": colour, "width": 3 if key == "named" else 2}
        marks = {"size": 8, "color": colour}
        data.append(
            {"type": "scatter", "x": [1, 2, 3, 4], "y": shares, "line": line, "marker": marks, "hoverinfo": "skip"}
        )
        ends.append((shares[-1], f"{name} {style.percent(shares[-1])}", colour))
    return go.Figure(
        data=data,
        layout={
            "template": style.template(),
            "height": 300,
            "margin": {"r": 12, "t": 24},
            "yaxis": {"range": [0, 1.08], **style.percent_ticks(0, 1)},
            "xaxis": {
                "range": [0.8, 4.2],
                "tickvals": [1, 2, 3, 4],
                "ticktext": ["first", "two", "three", "four"],
                "title": {"text": "families set to values of the comparison group, at most"},
            },
            "annotations": _ends(ends),
        },
    )


def _ends(labels: list[tuple[float, str, str]]) -> list[dict[str, object]]:
    """Name each line above its end; names that would overlap are moved apart."""
    found: list[dict[str, object]] = []
    place = -1.0
    for share, label, colour in sorted(labels):
        place = max(share, place + 0.13)
        font = {"color": colour, "size": 13}
        found.append(
            {
                "x": 4.15,
                "y": place,
                "text": label,
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "yshift": 5,
                "font": font,
            }
        )
    return found


def chart_reason_test(result: ReasonTestResult) -> go.Figure:
    """Draw the estimate on file, the one with the reason set aside, and the cut-off, on one line."""
    marks = ((result.before, "now", style.RAISES), (result.after, "with the reason set aside", style.ACCENT))
    low, high = min(result.before, result.after, result.cutoff), max(result.before, result.after, result.cutoff)
    room = 0.15 * (high - low) or 0.1
    ticks = style.percent_ticks(max(low - room, 0), high + room) if result.scale == "probability" else {}
    base = {"type": "scatter", "mode": "markers", "y": [0], "hoverinfo": "skip"}
    points = [{**base, "x": [x], "marker": {"size": 14, "color": colour}} for x, _, colour in marks]
    notes = [
        {"x": x, "y": 0, "text": text, "showarrow": False, "yshift": 22 if i else -22, "font": {"color": c}}
        for i, (x, text, c) in enumerate(marks)
    ]
    line = {"type": "line", "y0": -1, "y1": 1, "line": {"color": style.INK}}
    cut = {"x": result.cutoff, "y": 1, "yref": "paper", "text": "cut-off", "showarrow": False, "yshift": 10}
    return go.Figure(
        data=points,
        layout={
            "template": style.template(),
            "height": 150,
            "margin": {"t": 26},
            "yaxis": {"visible": False, "range": [-1, 1]},
            "xaxis": {"range": [low - room, high + room], **ticks},
            "shapes": [{**line, "x0": result.cutoff, "x1": result.cutoff}],
            "annotations": [*notes, cut],
        },
    )
