"""Charts of pins: drawn again from the figures that were kept, never from the snapshot."""

from __future__ import annotations

import plotly.graph_objects as go

from data.workspace.pin_parts import ChartPart


def chart_kept(part: ChartPart) -> go.Figure:
    """Return a kept chart as a figure; what `go.Figure` does not know is refused by it."""
    return go.Figure(data=part.figure.get("data"), layout=part.figure.get("layout"))
