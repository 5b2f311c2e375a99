"""Where a chart's axes lie on paper and how they are dressed: Plotly's settings for Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from explainers import style
from explainers.pictures.marks import plain, refuse

LETTER = 7.0
"""Pixels a letter of a label takes, on average."""
EPOCH = date(1970, 1, 1)
ROOM = {"l": 14, "r": 16, "t": 6, "b": 8}
"""Least margins, in pixels."""


@dataclass(frozen=True)
class Pair:
    """One pair of axes, by Plotly's names: "x", "y2"."""

    x: str
    y: str

    def key(self, side: str) -> str:
        """Return the layout's name of the axis on a side: "xaxis2"."""
        name = self.x if side == "x" else self.y
        return f"{side}axis{name[1:]}"


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings laid over a template's; numbered axes take those of the first."""
    result = dict(base)
    for key, value in over.items():
        below = base.get(key, base.get(key.rstrip("0123456789")) if key[:5] in {"xaxis", "yaxis"} else None)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below, value) if both else value
    return result


def pairs(data: Sequence[Mapping[str, Any]]) -> list[Pair]:
    """Return every pair of axes that a trace lies on."""
    found = dict.fromkeys(Pair(trace.get("xaxis") or "x", trace.get("yaxis") or "y") for trace in data)
    return list(found) or [Pair("x", "y")]


def is_on(item: Mapping[str, Any], pair: Pair, x: str = "xaxis", y: str = "yaxis") -> bool:
    """Return whether a trace, shape or label lies on a pair; what refers to the paper lies on the first."""
    names = [str(item.get(x) or "x").split(" ")[0], str(item.get(y) or "y").split(" ")[0]]
    return all(name in {own, "paper"} for name, own in zip(names, (pair.x, pair.y), strict=True)) and (
        "paper" not in names or pair in {Pair("x", "y"), Pair(pair.x, "y"), Pair("x", pair.y)}
    )


def place(
    pair: Pair,
    layout: Mapping[str, Any],
    area: tuple[float, float, float, float],
    figure: Any,
    names: Sequence[str],
) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of a pair of axes, as shares of the figure; `names` stand at its left."""
    left, bottom, width, height = area
    pixels_wide, pixels_high = (float(size) * figure.dpi for size in figure.get_size_inches())
    margin = {side: max(float((layout.get("margin") or {}).get(side, 0)), least) for side, least in ROOM.items()}
    x, y = layout.get(pair.key("x"), {}), layout.get(pair.key("y"), {})
    if x.get("visible") is not False:
        margin["b"] = max(margin["b"], 46.0 if (x.get("title") or {}).get("text") else 28.0)
    if y.get("visible") is not False:
        margin["l"] = max(margin["l"], _label_room(y, names) + (22.0 if (y.get("title") or {}).get("text") else 0.0))
    inner = (
        left + margin["l"] / pixels_wide,
        bottom + margin["b"] / pixels_high,
        width - (margin["l"] + margin["r"]) / pixels_wide,
        height - (margin["t"] + margin["b"]) / pixels_high,
    )
    x0, x1 = x.get("domain") or (0.0, 1.0)
    y0, y1 = y.get("domain") or (0.0, 1.0)
    return inner[0] + x0 * inner[2], inner[1] + y0 * inner[3], (x1 - x0) * inner[2], (y1 - y0) * inner[3]


def _label_room(axis: Mapping[str, Any], names: Sequence[str]) -> float:
    """Return the pixels that the labels of a vertical axis need."""
    texts = [plain(str(t)) for t in axis.get("ticktext") or names or ["0,000"]]
    return min(330.0, 18 + LETTER * max(map(len, texts), default=0))


def dress(axes: Any, pair: Pair, layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> None:
    """Set range, ticks, labels, lines and title of both axes."""
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for side in ("x", "y"):
        _dress_side(axes, side, layout.get(pair.key(side), {}), traces)


def _dress_side(axes: Any, side: str, axis: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> None:
    if axis.get("type") in {"log", "multicategory"}:
        raise refuse(f"an axis of type {axis['type']}")
    own = axes.xaxis if side == "x" else axes.yaxis
    if axis.get("range") is not None:
        (axes.set_xlim if side == "x" else axes.set_ylim)(*axis["range"])
    if axis.get("autorange") == "reversed":
        (axes.invert_xaxis if side == "x" else axes.invert_yaxis)()
    if axis.get("visible") is False:
        own.set_visible(False)
        return
    named = any(trace["type"] == "heatmap" for trace in traces)  # its steps name themselves
    if not named or axis.get("tickvals") is not None:
        _ticks(axes, own, side, axis, _has_days(traces, side))
    if axis.get("showgrid"):
        own.grid(visible=True, color=axis.get("gridcolor", style.RULE), linewidth=0.7)
    if side == "x" and axis.get("showline", True):
        axes.spines["bottom"].set_visible(True)
        axes.spines["bottom"].set_linewidth(0.8)
    shown = axis.get("showticklabels", True)
    font = axis.get("tickfont") or {}
    length = 3 if axis.get("ticks") == "outside" else 0
    own.set_tick_params(labelsize=9.5, labelcolor=font.get("color", style.INK), length=length, labelleft=shown)
    title = (axis.get("title") or {}).get("text")
    if title:
        own.set_label_text(plain(title), size=9.5, color=style.MUTED)


def _has_days(traces: Sequence[Mapping[str, Any]], side: str) -> bool:
    for trace in traces:
        values = trace.get(side)
        if values is not None and len(values):
            first = values[0]
            return isinstance(first, date | datetime) or "datetime64" in str(getattr(values, "dtype", ""))
    return False


def _ticks(axes: Any, own: Any, side: str, axis: Mapping[str, Any], days: bool) -> None:
    if axis.get("tickvals") is not None:
        values = list(axis["tickvals"])
        texts = axis.get("ticktext")
        own.set_ticks(values, [plain(str(t)) for t in texts] if texts is not None else [str(v) for v in values])
        return
    write = writer(str(axis.get("tickformat") or ""))
    if days:
        ends = sorted(axes.get_xlim() if side == "x" else axes.get_ylim())
        own.set_ticks(month_ticks(ends[0], ends[1], int(axis.get("nticks") or 6)))
        own.set_major_formatter(lambda value, _place=None: write(value))
    elif write is not None and not own.have_units():
        if axis.get("nticks"):
            axes.locator_params(axis=side, nbins=int(axis["nticks"]))
        own.set_major_formatter(lambda value, _place=None: write(value))
    elif axis.get("nticks"):  # names: as many of them as were asked for, at even distances
        places = list(own.get_majorticklocs())
        own.set_ticks(places[:: -(-len(places) // int(axis["nticks"])) or 1])


def month_ticks(first: float, last: float, most: int) -> list[float]:
    """Return at most so many first days of months between two days, both as days since 1970."""
    start, end = EPOCH + timedelta(days=math.ceil(first)), EPOCH + timedelta(days=math.floor(last))
    number = start.year * 12 + start.month - 1 + (start.day > 1)
    months = []
    while date(number // 12, number % 12 + 1, 1) <= end:
        months.append(date(number // 12, number % 12 + 1, 1))
        number += 1
    step = max(1, -(-len(months) // max(most, 1)))
    return [float((month - EPOCH).days) for month in months[::step]]


def writer(form: str) -> Callable[[float], str]:
    """Return the function that writes a tick as one of the house's formats says.

    Raises
    ------
    NotImplementedError
        A format that no chart of the house uses.
    """
    known: dict[str, Callable[[float], str]] = {
        "": lambda v: f"{v:,.6g}",
        ",": lambda v: f"{v:,.0f}" if v == round(v) else f"{v:,g}",
        ",.4~g": lambda v: f"{v:,.4g}",
        ".2f": lambda v: f"{v:.2f}",
        ".0%": lambda v: style.percent(v),
        ",.0%": lambda v: style.percent(v),
        "%b %Y": lambda v: style.month(EPOCH + timedelta(days=v)),
    }
    if form not in known:
        raise refuse(f"a tick format {form!r}")
    return lambda value: known[form](value).replace("-", style.MINUS)
