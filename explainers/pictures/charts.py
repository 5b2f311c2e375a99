"""Plotly figures as PNG and SVG files, drawn by Matplotlib: no browser, no network, the same bytes every time.

A chart is made once, as a Plotly figure from its result (`chart_x`). Here that figure is drawn again for paper, with
its finding above it and where it comes from below. Only what the house's charts use is known; anything else is an
error, never a picture that leaves something out.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from explainers import style
from explainers.pictures import axes as scales
from explainers.pictures import marks
from explainers.pictures.days import with_days

WIDTH = 900
"""Pixels of the picture; a figure without a width of its own fills a column of this width on screen."""
DOTS = 100
"""Pixels per inch of the layout."""
SCALE = 2
"""Pixels of a PNG for each pixel of the layout: sharp on slides."""
LINE = 24
"""Pixels of a line of the title."""
SMALL = 18
"""Pixels of a line of the source."""
SETTINGS: dict[Any, Any] = {
    "font.size": 10.5,
    "svg.hashsalt": "candor",
    "svg.fonttype": "path",
    "text.color": style.INK,
    "axes.edgecolor": style.COMPARISON,
    "text.parse_math": False,
}


FAMILIES = ("Liberation Sans", "Arial", "DejaVu Sans")
"""The first that this machine has; the last one comes with Matplotlib."""
DRAWING = threading.Lock()
"""Matplotlib's settings belong to the whole process: one picture at a time."""


@dataclass(frozen=True)
class Caption:
    """The words around a picture."""

    title: str
    """Its finding; "" where it stands over the picture already."""
    source: str
    """Where the figures come from: model, snapshot, how many applications; "" where that stands beside it."""
    watermark: str = ""
    """Who may use the picture; drawn across it. Empty for nobody in particular."""


def paint_png(figure: go.Figure, caption: Caption, *, scale: float = SCALE) -> bytes:
    """Draw a figure as PNG.

    Parameters
    ----------
    figure : plotly Figure
        From a `chart_x`.
    caption : Caption
        The words around it.
    scale : float
        Pixels of the picture for each pixel of the layout.

    Raises
    ------
    NotImplementedError
        The figure holds something that is not known here.
    """
    return _paint(figure, caption, "png", {"savefig.dpi": DOTS * scale})


def paint_svg(figure: go.Figure, caption: Caption, *, as_text: bool = False) -> bytes:
    """Draw a figure as SVG; see `paint_png`.

    Parameters
    ----------
    figure, caption : plotly Figure, Caption
        As for `paint_png`.
    as_text : bool
        Whether letters stay text: for documents, where they can be searched and the reader has the fonts. A file of
        its own draws them as shapes, which look the same everywhere.
    """
    return _paint(figure, caption, "svg", {"svg.fonttype": "none"} if as_text else {})


def _paint(figure: go.Figure, caption: Caption, kind: str, more: Mapping[Any, Any] = MappingProxyType({})) -> bytes:
    with DRAWING, rc_context({**SETTINGS, "font.family": _family(), **more}):
        raw = with_days(marks.decoded(figure.to_plotly_json()))
        drawn = _draw(raw, figure.layout.template.layout.to_plotly_json(), caption)
        canvas = FigureCanvasSVG(drawn) if kind == "svg" else FigureCanvasAgg(drawn)
        target = io.BytesIO()
        metadata = {"Date": None, "Title": caption.title} if kind == "svg" else {"Title": caption.title}
        canvas.figure.savefig(target, format=kind, metadata=metadata)
    return target.getvalue()


@cache
def _family() -> str:
    known = {font.name for font in fontManager.ttflist}
    return next(name for name in FAMILIES if name in known or name == FAMILIES[-1])


def _draw(raw: Mapping[str, Any], template: Mapping[str, Any], caption: Caption) -> Figure:
    layout = scales.merged(template, raw["layout"])
    title = wrap(caption.title, 84)
    source = wrap(caption.source, 130)
    height = int(layout.get("height") or 360)
    top, bottom = (16 + LINE * len(title)) * bool(title), 12 * bool(source) + SMALL * len(source)
    whole = top + height + bottom
    figure = Figure(figsize=(WIDTH / DOTS, whole / DOTS), dpi=DOTS, facecolor=style.PAPER)
    figure.text(14 / WIDTH, 1 - 12 / whole, "\n".join(title), va="top", size=13.5, weight="bold", linespacing=1.25)
    figure.text(14 / WIDTH, 8 / whole, "\n".join(source), va="bottom", size=8.5, color=style.MUTED)
    area = (0.0, bottom / whole, 1.0, height / whole)
    for pair in scales.pairs(raw["data"]):
        _draw_axes(figure, area, pair, layout, raw["data"])
    if caption.watermark:
        middle = bottom / whole + height / whole / 2
        words: dict[str, Any] = {"rotation": 18, "alpha": 0.12, "size": 30, "weight": "bold", "zorder": 50}
        figure.text(0.5, middle, caption.watermark, ha="center", va="center", **words)
    return figure


def _draw_axes(
    figure: Figure, area: tuple[float, float, float, float], pair: scales.Pair, layout: Mapping[str, Any], data: Any
) -> None:
    """Draw one pair of axes with its traces, shapes and labels."""
    own = [trace for trace in data if scales.is_on(trace, pair)]
    names = [name for trace in own for name in marks.values_of(trace, "y") if isinstance(name, str)]
    axes: Axes = figure.add_axes(scales.place(pair, layout, area, figure, names))
    for trace in own:
        marks.draw_trace(axes, trace, layout, own)
    scales.dress(axes, pair, layout, own)
    for shape in layout.get("shapes") or ():
        if scales.is_on(shape, pair, "xref", "yref"):
            marks.draw_shape(axes, shape)
    for label in layout.get("annotations") or ():
        if scales.is_on(label, pair, "xref", "yref"):
            marks.draw_label(axes, label)
