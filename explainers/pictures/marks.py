"""Traces, shapes and labels of a Plotly figure, drawn on Matplotlib's axes."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from explainers import style

POINT = 0.72
"""Typographic points in a pixel of the layout (100 pixels per inch)."""
DASHES = {"dash": (0, (5, 4)), "dot": (0, (1, 2.5)), "dashdot": (0, (5, 3, 1, 3)), "solid": "solid"}
SYMBOLS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "line-ns": "|",
    "line-ns-open": "|",
    "line-ew": "_",
    "line-ew-open": "_",
    "triangle-up": "^",
    "triangle-down": "v",
    "circle-open": "o",
    "x": "x",
    "cross": "P",
}
ENDS = {"left": "left", "right": "right", "center": "center", "auto": "center", None: "center"}
HEIGHTS = {"top": "top", "bottom": "bottom", "middle": "center", "auto": "center", None: "center"}
TRANSPARENT = re.compile(r"^rgba\((\d+),\s*(\d+),\s*(\d+),\s*([\d.]+)\)$")


def refuse(what: str) -> NotImplementedError:
    """Return the error for what this drawing does not know."""
    return NotImplementedError(f"Charts for documents cannot draw {what} yet; teach explainers.pictures.")


def plain(text: str) -> str:
    """Return a label without Plotly's markup."""
    return re.sub(r"</?[a-z]+[^>]*>", "", text.replace("<br>", "\n")).replace("&amp;", "&").replace("&lt;", "<")


def colour(value: Any) -> Any:
    """Return a colour, or a list of them, as Matplotlib wants it."""
    if isinstance(value, list | tuple | np.ndarray):
        return [colour(v) for v in value]
    found = TRANSPARENT.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    red, green, blue, alpha = found.groups()
    return (int(red) / 255, int(green) / 255, int(blue) / 255, float(alpha))


def decoded(value: Any) -> Any:
    """Return a figure's parts with arrays as arrays: Plotly packs them into base64 for the browser."""
    if isinstance(value, Mapping):
        if "bdata" not in value:
            return {key: decoded(part) for key, part in value.items()}
        flat = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        shape = value.get("shape")
        return flat if shape is None else flat.reshape([int(n) for n in str(shape).split(",")])
    return [decoded(part) for part in value] if isinstance(value, list | tuple) else value


def values_of(trace: Mapping[str, Any], side: str) -> Any:
    """Return a trace's values on a side: names stay names, days stay days."""
    values = trace.get(side)
    if values is None:
        return np.zeros(0)
    return [plain(v) if isinstance(v, str) else v for v in list(values)]


def draw_trace(axes: Any, trace: Mapping[str, Any], layout: Mapping[str, Any], all_traces: Sequence[Any]) -> None:
    """Draw one trace.

    Raises
    ------
    NotImplementedError
        A kind of trace that no chart of the house used so far.
    """
    if trace.get("visible") is False:
        return
    draw = {"scatter": _scatter, "bar": _bar, "heatmap": _heatmap}.get(str(trace["type"]))
    if draw is None:
        raise refuse(f"a trace of type {trace['type']}")
    draw(axes, trace, layout, all_traces)


def _scatter(axes: Any, trace: Mapping[str, Any], _layout: Mapping[str, Any], all_traces: Sequence[Any]) -> None:
    x, y = values_of(trace, "x"), values_of(trace, "y")
    mode = str(trace.get("mode") or "lines").split("+")
    line, marker = trace.get("line") or {}, trace.get("marker") or {}
    if trace.get("fill") not in {None, "none"}:
        _fill(axes, trace, x, y, all_traces)
    if "lines" in mode and float(line.get("width", 2)) > 0:
        steps = {"hv": "steps-post", "vh": "steps-pre", "hvh": "steps-mid"}.get(str(line.get("shape")), "default")
        axes.plot(
            x,
            y,
            color=colour(line.get("color", style.ACCENT)),
            linewidth=float(line.get("width", 2)) * POINT,
            linestyle=DASHES[line.get("dash") or "solid"],
            drawstyle=steps,
            clip_on=False,
        )
    if "markers" in mode:
        _markers(axes, x, y, marker)
    if "text" in mode:
        _texts(axes, trace, x, y)
    for side in ("x", "y"):
        if (trace.get(f"error_{side}") or {}).get("array") is not None:
            _whiskers(axes, trace, x, y, side)


def _markers(axes: Any, x: Any, y: Any, marker: Mapping[str, Any]) -> None:
    size = np.asarray(marker.get("size", 6), float) * POINT
    symbol = str(marker.get("symbol") or "circle")
    if symbol not in SYMBOLS:
        raise refuse(f"the mark {symbol}")
    edge = marker.get("line") or {}
    shade = colour(marker.get("color", style.ACCENT))
    hollow = symbol.endswith("-open") and symbol.startswith("circle")
    strokes = SYMBOLS[symbol] in {"|", "_", "x"}
    options: dict[str, Any] = {"c": "none" if hollow else shade}
    if not strokes:
        options["edgecolors"] = shade if hollow else colour(edge.get("color")) or "none"
    width = float(edge.get("width") or (1.5 if hollow or strokes else 0)) * POINT
    axes.scatter(x, y, s=size**2, marker=SYMBOLS[symbol], linewidths=width, zorder=3, clip_on=False, **options)


def _texts(axes: Any, trace: Mapping[str, Any], x: Any, y: Any) -> None:
    texts = trace.get("text")
    texts = [texts] * len(x) if isinstance(texts, str) else list(texts if texts is not None else [])
    vertical, _, horizontal = str(trace.get("textposition") or "middle center").partition(" ")
    shift = {"left": -6, "right": 6}.get(horizontal, 0), {"top": 6, "bottom": -6}.get(vertical, 0)
    # Plotly says where the text lies seen from the point; Matplotlib which end of the text is at it
    ends = {"left": "right", "right": "left"}.get(horizontal, "center"), {"top": "bottom", "bottom": "top"}
    font = trace.get("textfont") or {}
    for at, up, text in zip(x, y, texts, strict=True):
        axes.annotate(
            plain(str(text)),
            (at, up),
            xytext=(shift[0] * POINT, shift[1] * POINT),
            textcoords="offset points",
            ha=ends[0],
            va=ends[1].get(vertical, "center"),
            size=float(font.get("size", 13)) * POINT,
            color=font.get("color", style.INK),
        )


def _fill(axes: Any, trace: Mapping[str, Any], x: Any, y: Any, all_traces: Sequence[Any]) -> None:
    shade = colour(trace.get("fillcolor") or style.DENSITY)
    how = trace["fill"]
    if how == "tozeroy":
        axes.fill_between(x, 0, np.asarray(y, float), color=shade, linewidth=0)
    elif how == "tonexty":
        before = [t for t in all_traces[: _position(trace, all_traces)] if t["type"] == "scatter"][-1]
        axes.fill_between(x, np.asarray(values_of(before, "y"), float), np.asarray(y, float), color=shade, linewidth=0)
    elif how == "toself":
        axes.fill(x, y, color=shade, linewidth=0)
    else:
        raise refuse(f"a fill {how}")


def _position(trace: Mapping[str, Any], all_traces: Sequence[Any]) -> int:
    return next(i for i, other in enumerate(all_traces) if other is trace)


def _whiskers(axes: Any, trace: Mapping[str, Any], x: Any, y: Any, side: str) -> None:
    error = trace[f"error_{side}"]
    up = np.asarray(error["array"], float)
    down = np.asarray(error.get("arrayminus") if error.get("arrayminus") is not None else up, float)
    sizes = {f"{side}err": np.vstack([down, up])}
    shade = colour(error.get("color", style.INK))
    width = float(error.get("thickness", 1.5)) * POINT
    axes.errorbar(
        x, y, fmt="none", ecolor=shade, elinewidth=width, capsize=float(error.get("width", 0)) * POINT, **sizes
    )


def _bar(axes: Any, trace: Mapping[str, Any], layout: Mapping[str, Any], all_traces: Sequence[Any]) -> None:
    flat = trace.get("orientation") == "h"
    places, sizes = values_of(trace, "y" if flat else "x"), np.asarray(values_of(trace, "x" if flat else "y"), float)
    bars = [t for t in all_traces if t["type"] == "bar"]
    marker = trace.get("marker") or {}
    edge = marker.get("line") or {}
    options = {
        "color": colour(marker.get("color", style.ACCENT)),
        "edgecolor": colour(edge.get("color")) if edge.get("width") else "none",
        "linewidth": float(np.max(edge.get("width") or 0)) * POINT,
    }
    if marker.get("opacity") is not None:
        options["alpha"] = float(marker["opacity"])
    width, shift = _bar_width(trace, layout, bars, places)
    base = np.zeros(len(sizes)) if trace.get("base") is None else np.broadcast_to(trace["base"], len(sizes))
    base = np.asarray(base, float)
    if layout.get("barmode") in {"stack", "relative"}:
        base = base + sum(
            (np.asarray(values_of(b, "x" if flat else "y"), float) for b in bars[: _position(trace, bars)]),
            np.zeros(len(sizes)),
        )
    at = _shifted(axes, places, shift, flat)
    if flat:
        axes.barh(at, sizes, height=width, left=base, **options)
    else:
        axes.bar(at, sizes, width=width, bottom=base, **options)
    _bar_texts(axes, trace, at, sizes, base, flat)
    for side in ("x", "y"):
        if (trace.get(f"error_{side}") or {}).get("array") is not None:
            _whiskers(axes, trace, sizes if flat else at, at if flat else sizes, side)


def _bar_width(
    trace: Mapping[str, Any], layout: Mapping[str, Any], bars: Sequence[Any], places: Any
) -> tuple[Any, float]:
    """Return the width of bars and how far they stand beside their place, both in units of the axis."""
    if trace.get("width") is not None:
        return trace["width"], 0.0
    gap = 1 - float(layout.get("bargap") or 0.2)
    step = _step(places)
    if len(bars) > 1 and layout.get("barmode", "group") == "group":
        each = step * gap / len(bars)
        return each, (_position(trace, bars) - (len(bars) - 1) / 2) * each
    return step * gap, 0.0


def _step(places: Any) -> float:
    values = np.asarray(places)
    if values.dtype.kind == "M" or (len(values) and hasattr(values[0], "year")):
        values = np.asarray(values, dtype="datetime64[D]").astype(float)
    if values.dtype.kind not in "fiu" or len(values) < 2:
        return 1.0
    return float(np.diff(np.unique(values.astype(float))).min(initial=np.inf)) if len(np.unique(values)) > 1 else 1.0


def _shifted(axes: Any, places: Any, shift: float, flat: bool) -> Any:
    """Return the places of bars; names become numbers of the axis when bars stand beside each other."""
    if not shift:
        return places
    own = axes.yaxis if flat else axes.xaxis
    own.update_units(places)
    return np.asarray(own.convert_units(places), float) + shift


def _bar_texts(axes: Any, trace: Mapping[str, Any], places: Any, sizes: Any, base: Any, flat: bool) -> None:
    texts = trace.get("text")
    if texts is None or trace.get("textposition") == "none":
        return
    inside = trace.get("textposition") == "inside"
    font = trace.get("textfont") or {}
    for at, size, start, text in zip(places, sizes, base, texts, strict=True):
        ahead = 1 if size >= 0 else -1
        shift = 0 if inside else 5 * ahead
        end = start + (size / 2 if inside else size)
        side = "center" if inside else {1: "left", -1: "right"}[ahead]
        rise = "center" if inside else {1: "bottom", -1: "top"}[ahead]
        axes.annotate(
            plain(str(text)),
            (end, at) if flat else (at, end),
            xytext=(shift * POINT, 0) if flat else (0, shift * POINT),
            textcoords="offset points",
            ha=side if flat else "center",
            va="center" if flat else rise,
            size=float(np.max(font.get("size", 13))) * POINT,
            color=font.get("color", style.INK) if isinstance(font.get("color", ""), str) else style.INK,
        )


def _heatmap(axes: Any, trace: Mapping[str, Any], _layout: Mapping[str, Any], _all: Sequence[Any]) -> None:
    z = np.asarray(trace["z"], float)
    x, y = ([str(v) for v in trace.get(side, range(n))] for side, n in zip("xy", z.shape[::-1], strict=True))
    low, high = float(trace.get("zmin", np.nanmin(z))), float(trace.get("zmax", np.nanmax(z)))
    stops = [(float(at), colour(shade)) for at, shade in trace["colorscale"]]
    for row, up in enumerate(z):
        for column, value in enumerate(up):
            if not np.isnan(value):
                shade = between(stops, (value - low) / ((high - low) or 1.0))
                axes.fill_between([column - 0.49, column + 0.49], row - 0.48, row + 0.48, color=shade, linewidth=0)
    axes.set_xticks(range(len(x)), [plain(t) for t in x])
    axes.set_yticks(range(len(y)), [plain(t) for t in y])
    texts = trace.get("text")
    for row, line in enumerate(texts if texts is not None else []):
        for column, text in enumerate(line):
            axes.text(column, row, plain(str(text)), ha="center", va="center", size=12 * POINT, color=style.INK)


def between(stops: Sequence[tuple[float, Any]], share: float) -> tuple[float, float, float]:
    """Return the colour at a share of a scale of colours, each as "#RRGGBB"."""
    share = min(max(share, 0.0), 1.0)
    for (low, first), (high, second) in pairwise(stops):
        if share <= high:
            part = (share - low) / ((high - low) or 1.0)
            parts = [tuple(int(shade[i : i + 2], 16) / 255 for i in (1, 3, 5)) for shade in (first, second)]
            red, green, blue = (a + (b - a) * part for a, b in zip(*parts, strict=True))
            return red, green, blue
    raise refuse("a scale of colours that does not reach 1")


def draw_shape(axes: Any, shape: Mapping[str, Any]) -> None:
    """Draw a line or a rectangle of the layout."""
    kind = shape.get("type")
    line = shape.get("line") or {}
    ends = {side: (shape[f"{side}0"], shape[f"{side}1"]) for side in ("x", "y")}
    over = {side: _of_area(shape.get(f"{side}ref")) for side in ("x", "y")}
    if over["x"] and over["y"]:
        raise refuse("a shape that stands on no axis")
    paper = axes.get_yaxis_transform() if over["x"] else axes.get_xaxis_transform() if over["y"] else axes.transData
    back = {"zorder": 0.5 if shape.get("layer") == "below" else 2, "transform": paper, "clip_on": False}
    if kind == "line":
        shade, width = colour(line.get("color", style.INK)), float(line.get("width", 2)) * POINT
        axes.plot(
            ends["x"], ends["y"], color=shade, linewidth=width, linestyle=DASHES[line.get("dash") or "solid"], **back
        )
    elif kind == "rect":
        shade = colour(shape.get("fillcolor") or "none")
        (x0, x1), (y0, y1) = ends["x"], ends["y"]
        alpha = float(shape.get("opacity") or 1)
        axes.fill([x0, x1, x1, x0], [y0, y0, y1, y1], facecolor=shade, alpha=alpha, linewidth=0, **back)
    else:
        raise refuse(f"a shape {kind}")


def _of_area(reference: str | None) -> bool:
    """Return whether a place is a share of the drawing's area."""
    return reference == "paper" or str(reference or "").endswith("domain")


def draw_label(axes: Any, label: Mapping[str, Any]) -> None:
    """Write an annotation."""
    if label.get("showarrow") not in {False, None}:
        raise refuse("an arrow")
    text, font = str(label.get("text") or ""), label.get("font") or {}
    shift = float(label.get("xshift") or 0) * POINT, float(label.get("yshift") or 0) * POINT
    where = ["axes fraction" if _of_area(label.get(f"{side}ref")) else "data" for side in ("x", "y")]
    axes.annotate(
        plain(text),
        (label["x"], label["y"]),
        xycoords=tuple(where),
        xytext=shift,
        textcoords="offset points",
        ha=ENDS[label.get("xanchor")],
        va=HEIGHTS[label.get("yanchor")],
        size=float(font.get("size", 14)) * POINT,
        color=font.get("color", style.INK),
        weight="bold" if text.startswith("<b>") else "normal",
        annotation_clip=False,
        linespacing=1.3,
    )
