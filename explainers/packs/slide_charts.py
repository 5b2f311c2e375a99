"""Kept charts as PowerPoint's own: which of them it can draw, and what it is told.

Bars with names become a bar chart. Everything else that is made of lines, marks and bars becomes a chart with numbers
on both sides, on which bars are thick lines from zero, names are labels, and lines of the layout are series of two
points: so a mark, its cut-off and its label stay where they were. Filled shapes and fields of colour cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from data.workspace.pin_parts import ChartPart
from explainers import style
from explainers.packs.figures import axis, error_of, layout, plain, series_names, traces, value_side
from explainers.packs.slide_axes import CannotDraw, Places, read_axis, template_axis
from explainers.packs.slide_drawings import Bars, Drawing
from explainers.packs.slide_marks import colours_of, read_scatter, texts_of

MOST_MARKS = 3_000
"""Marks a chart of PowerPoint draws without delay; more are a picture."""


def read_drawing(part: ChartPart, *, low: bool = False) -> Drawing:
    """Return a kept chart as PowerPoint can draw it.

    Parameters
    ----------
    part : ChartPart
        A kept chart.
    low : bool
        Whether there is much less room than on screen: then names of several lines stand on one.

    Raises
    ------
    CannotDraw
        It holds something PowerPoint has no chart for: a field of colours, a filled shape, several panels.
    """
    drawn = traces(part)
    pairs = {(trace.get("xaxis") or "x", trace.get("yaxis") or "y") for trace in drawn}
    marks = sum(len(trace.get("x") or ()) for trace in drawn)
    if len(pairs) != 1 or not 0 < marks <= MOST_MARKS or any(map(_is_foreign, drawn)):
        raise CannotDraw
    return _bars(part, drawn) if _has_names(part, drawn) else read_scatter(part, drawn, low=low)


def _is_foreign(trace: Mapping[str, Any]) -> bool:
    """Return whether a trace cannot be drawn."""
    kind, line = trace.get("type"), trace.get("line") or {}
    filled = trace.get("fill") not in {None, "none"}
    return kind not in {"bar", "scatter"} or filled or line.get("shape") not in {None, "linear"}


def _has_names(part: ChartPart, drawn: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a chart is nothing but bars, each with a name or a day, and a line at zero."""
    if any(trace["type"] != "bar" or trace.get("base") is not None for trace in drawn):
        return False
    sides = {value_side(trace) for trace in drawn}
    if len(sides) != 1 or layout(part).get("annotations"):
        return False
    names = _name_side(drawn[0])
    named = [list(trace.get(names) or ()) for trace in drawn]
    texts = all(isinstance(value, str) for values in named for value in values)
    plain_lines = all(_at_zero(shape, next(iter(sides))) for shape in layout(part).get("shapes") or ())
    whiskers = any(error_of(trace)[1] for trace in drawn)
    return texts and plain_lines and not whiskers and all(values == named[0] for values in named)


def _at_zero(shape: Mapping[str, Any], side: str) -> bool:
    return shape.get("type") == "line" and shape.get(f"{side}0") == shape.get(f"{side}1") == 0


def _name_side(trace: Mapping[str, Any]) -> str:
    return "y" if value_side(trace) == "x" else "x"


def _bars(part: ChartPart, drawn: Sequence[Mapping[str, Any]]) -> Bars:
    first, side = drawn[0], value_side(drawn[0])
    names, mode = _name_side(first), layout(part).get("barmode")
    sizes = [[_number(v) for v in trace.get(side) or ()] for trace in drawn]
    known = [0.0, *(v for values in sizes for v in values if v is not None)]
    own = axis(part, first, names)
    places = Places(own, list(first.get(names) or ()))
    measured = read_axis(axis(part, first, side), template_axis(part, side), Places({}, []), known)
    if measured.labels:
        raise CannotDraw
    names_axis = read_axis(own, template_axis(part, names), places, [])
    labels = [name for _, name in names_axis.labels] if places.names else []
    title = names_axis.title
    shown = labels if len(labels) == len(first[names]) else _day_names(part, first, names)
    kept = [
        (name, tuple(values), colours_of(trace, len(values)), texts_of(trace, len(values)))
        for trace, name, values in zip(drawn, series_names(part), sizes, strict=True)
    ]
    return Bars(
        names=tuple(shown),
        series=tuple(kept),
        lying=side == "x",
        downwards=names_axis.reversed,
        stacked=mode in {"stack", "relative"},
        overlaid=mode == "overlay",
        values=measured,
        title=title,
    )


def _day_names(part: ChartPart, trace: Mapping[str, Any], side: str) -> list[str]:
    """Return names as they are, and days as months where the axis counts months."""
    monthly = axis(part, trace, side).get("tickformat") == "%b %Y"
    values = [str(value) for value in trace.get(side) or ()]
    return [style.month(date.fromisoformat(v[:10])) if monthly else plain(v) for v in values]


def _number(value: Any) -> float | None:
    if value is not None and not isinstance(value, int | float):
        raise CannotDraw
    return value
