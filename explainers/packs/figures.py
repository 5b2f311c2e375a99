"""The figures behind a kept chart: which series it draws, what they are called, and all of them as one table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from data.workspace.pin_parts import Cell, ChartPart

MARKUP = re.compile(r"<[^>]*>")
STRONG = re.compile(r"<b>(.*?)</b>")
COLOURED = re.compile(r'<span style="color:(#\w+)">.</span>\s*(.*?)(?=\s*<span|$)')
NEAR = 0.5
"""Largest distance, in rows, between a mark and the name of its row."""
TITLES = ("Series", "Measure", "x", "y", "Less by", "More by", "Label")
"""Columns of the table; those without a value are left out."""


@dataclass(frozen=True)
class FigureTable:
    """Every number a chart draws, one mark a row."""

    columns: tuple[str, ...]
    """Titles."""
    rows: tuple[tuple[Cell, ...], ...]
    """Marks in the order of drawing; numbers as the chart keeps them, in the units of its axes."""


def figures_of(part: ChartPart) -> FigureTable:
    """Return the figures of a chart as one table.

    Parameters
    ----------
    part : ChartPart
        A kept chart.

    Returns
    -------
    FigureTable
        Without columns that have no value; without rows where a line is interrupted.
    """
    drawn = traces(part)
    rows = [row for trace, name in zip(drawn, series_names(part), strict=True) for row in _marks(part, trace, name)]
    sides = [axis_title(part, drawn[0], side) for side in ("x", "y")] if drawn else ["", ""]
    titles = [*TITLES[:2], sides[0] or "x", _measured(part, drawn, sides[1]), *TITLES[4:]]
    several = len({row[0] for row in rows}) > 1, len({row[1] for row in rows}) > 1
    kept = [i for i in range(len(titles)) if (several[i] if i < 2 else any(row[i] is not None for row in rows))]
    return FigureTable(tuple(titles[i] for i in kept), tuple(tuple(row[i] for i in kept) for row in rows))


def traces(part: ChartPart) -> list[Mapping[str, Any]]:
    """Return what a chart draws, without what is hidden."""
    return [trace for trace in part.figure.get("data") or () if trace.get("visible") is not False]


def layout(part: ChartPart) -> Mapping[str, Any]:
    """Return a chart's layout."""
    return part.figure.get("layout") or {}


def axis(part: ChartPart, trace: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """Return the settings of the axis a trace lies on; `side` is "x" or "y"."""
    name = str(trace.get(f"{side}axis") or side)
    return layout(part).get(f"{side}axis{name[1:]}") or {}


def axis_title(part: ChartPart, trace: Mapping[str, Any], side: str) -> str:
    """Return what an axis is called; "" where it has no name."""
    title = axis(part, trace, side).get("title") or {}
    return plain(str(title.get("text") or "")) if isinstance(title, Mapping) else plain(str(title))


def plain(text: str) -> str:
    """Return a label without Plotly's markup, on one line."""
    return " ".join(unescape(MARKUP.sub("", text.replace("<br>", " "))).split())


def series_names(part: ChartPart) -> list[str]:
    """Return what each trace is called: its own name, else the label or title in its colour, else what it measures."""
    labels = _names_by_colour(part)
    found = []
    for trace in traces(part):
        named = str(trace.get("name") or "") or labels.get(colour_of(trace), "")
        found.append(plain(named) or axis_title(part, trace, value_side(trace)) or "value")
    return found


def value_side(trace: Mapping[str, Any]) -> str:
    """Return the side on which a trace measures: "x" for bars that lie, else "y"."""
    return "x" if trace.get("orientation") == "h" else "y"


def colour_of(trace: Mapping[str, Any]) -> str:
    """Return the one colour of a trace; "" where it has several or none."""
    for place in ("line", "marker"):
        colour = (trace.get(place) or {}).get("color")
        if isinstance(colour, str):
            return colour
    return ""


def row_names(part: ChartPart) -> list[tuple[float, str]]:
    """Return (place, name) of rows that are named by labels at the left edge instead of an axis."""
    found = []
    for label in layout(part).get("annotations") or ():
        if label.get("xref") == "paper" and isinstance(label.get("y"), int | float) and label.get("x") == 0:
            text = str(label.get("text") or "")
            strong = STRONG.match(text)
            found.append((float(label["y"]), plain(strong[1] if strong else text)))
    return found


def name_at(names: Sequence[tuple[float, str]], place: float) -> str | None:
    """Return the name of the row at a place, None where there is none near."""
    best = min(names, key=lambda one: abs(one[0] - place), default=None)
    return best[1] if best is not None and abs(best[0] - place) <= NEAR else None


def _names_by_colour(part: ChartPart) -> dict[str, str]:
    """Return colour -> label, from labels at the ends of lines and from titles with coloured marks."""
    found: dict[str, str] = {}
    for label in layout(part).get("annotations") or ():
        colour = (label.get("font") or {}).get("color")
        if isinstance(colour, str) and label.get("xref") != "paper":
            found.setdefault(colour, str(label.get("text") or ""))
    title = layout(part).get("title") or {}
    text = str(title.get("text") or "") if isinstance(title, Mapping) else ""
    return {**found, **dict(COLOURED.findall(text))}


def _measured(part: ChartPart, drawn: Sequence[Mapping[str, Any]], first: str) -> str:
    """Return the title of the column of values: the axis where there is one only."""
    several = len({axis_title(part, trace, "y") for trace in drawn}) > 1
    return "Value" if several or any(trace.get("type") == "heatmap" for trace in drawn) else first or "y"


def _marks(part: ChartPart, trace: Mapping[str, Any], name: str) -> Iterator[tuple[Cell, ...]]:
    if trace.get("type") == "heatmap":
        yield from _fields(trace)
        return
    measure = axis_title(part, trace, "y")
    names = row_names(part)
    texts = trace.get("text")
    less, more = error_of(trace)
    sides = [list(trace.get(side) or ()) for side in ("x", "y")]
    for i, (x, y) in enumerate(zip(*sides, strict=False)):
        if x is None or y is None:
            continue
        place: Cell = (name_at(names, y) or y) if names and isinstance(y, int | float) else _cell(y)
        label = _cell(texts[i]) if isinstance(texts, list) and i < len(texts) else None
        yield name, measure, _cell(x), place, _at(less, i), _at(more, i), label


def _fields(trace: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    """Yield every field of a heatmap: its column as x, then its value; the row is the series."""
    columns, rows = list(trace.get("x") or ()), list(trace.get("y") or ())
    texts = trace.get("text") or ()
    for i, line in enumerate(trace.get("z") or ()):
        for j, value in enumerate(line):
            label = _cell(texts[i][j]) if i < len(texts) and isinstance(texts[i], list) and j < len(texts[i]) else None
            row = _cell(rows[i]) if i < len(rows) else i + 1
            yield row, None, _cell(columns[j]) if j < len(columns) else j + 1, value, None, None, label


def error_of(trace: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return how far the whiskers of a trace reach below and above each mark; empty lists without whiskers."""
    error = trace.get(f"error_{value_side(trace)}") or trace.get("error_x") or trace.get("error_y") or {}
    more = list(error.get("array") or ())
    return list(error.get("arrayminus") or more), more


def _at(values: Sequence[Any], i: int) -> Cell:
    return _cell(values[i]) if i < len(values) else None


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return plain(value)
    return value if value is None or isinstance(value, bool | int | float) else plain(str(value))
