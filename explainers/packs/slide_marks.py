"""Kept charts of marks, lines and bars between numbers on both sides, as series of PowerPoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from data.workspace.pin_parts import ChartPart
from explainers import style
from explainers.packs.figures import axis, colour_of, error_of, layout, plain, series_names, value_side
from explainers.packs.slide_axes import Axis, CannotDraw, Places, read_axis, template_axis
from explainers.packs.slide_drawings import Label, Scatter, Series

HEX = 7
"""Letters of a colour: "#1F2933"."""
SYMBOLS = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle-up": "triangle", "x": "x"}
DASHES = {"dash": "dash", "dot": "sysDot", "dashdot": "dashDot", "solid": "solid"}
PAPER_SIDES = {"left": "r", "right": "l", "center": "ctr", None: "ctr", "auto": "ctr"}
"""Which end of a label is at its place -> where PowerPoint puts the label."""
HALF_LINE = 9.0
"""Pixels of half a line of a label."""
TALL, FRAME = 360.0, 56.0
"""Pixels of a chart that names no height, and of those what its axes take."""
Values = list[float | None]


def read_scatter(part: ChartPart, drawn: Sequence[Mapping[str, Any]], *, low: bool) -> Scatter:
    """Return a chart with numbers on both sides; see `read_drawing`."""
    sides = {side: _side(part, drawn, side) for side in ("x", "y")}
    series = [
        one
        for trace, name in zip(drawn, series_names(part), strict=True)
        for one in _series(trace, name, sides["x"][1], sides["y"][1], layout(part))
    ]
    axes = {side: found[0] for side, found in sides.items()}
    places = {side: found[1] for side, found in sides.items()}
    lines = [_line(shape, axes, places) for shape in layout(part).get("shapes") or ()]
    pixel = (axes["y"].high - axes["y"].low) / max(float(layout(part).get("height") or TALL) - FRAME, FRAME)
    words = [_words(label, axes, places, pixel, low=low) for label in layout(part).get("annotations") or ()]
    names = [one for side in ("x", "y") for one in _tick_names(axes, side)]
    every = tuple(one for one in (*lines, *series, *words, *names) if one.x)
    return Scatter(every, axes["x"], axes["y"], _key(part, drawn))


def _side(part: ChartPart, drawn: Sequence[Mapping[str, Any]], side: str) -> tuple[Axis, Places]:
    own = axis(part, drawn[0], side)
    values = [value for trace in drawn for value in trace.get(side) or () if value is not None]
    labels = [note.get(side) for note in layout(part).get("annotations") or () if isinstance(note.get(side), str)]
    places = Places(own, values + [label for label in labels if own.get("type") == "category"])
    numbers = [n for n in (places.number(value) for value in values) if n is not None]
    for trace in drawn:
        if value_side(trace) == side:
            less, more = error_of(trace)
            bases = [places.number(value) or 0.0 for value in trace.get(side) or ()]
            numbers += [b - d for b, d in zip(bases, less, strict=False)] + [
                b + d for b, d in zip(bases, more, strict=False)
            ]
            numbers += [0.0] * (trace["type"] == "bar")
    return read_axis(own, template_axis(part, side), places, numbers), places


def _series(trace: Mapping[str, Any], name: str, x: Places, y: Places, page: Mapping[str, Any]) -> Iterator[Series]:
    """Yield a trace as series: its bars or marks, its labels, its whiskers."""
    xs, ys = ([places.number(v) for v in trace.get(side) or ()] for side, places in (("x", x), ("y", y)))
    gaps = [a is None or b is None for a, b in zip(xs, ys, strict=True)]
    xs, ys = ([None if gap else v for v, gap in zip(values, gaps, strict=True)] for values in (xs, ys))
    labels = _trace_labels(trace, len(xs))
    if trace["type"] == "bar":
        yield from _thick_lines(trace, name, xs, ys, page)
        if any(labels):
            yield Series("", tuple(xs), tuple(ys), labels=labels)
    else:
        yield Series(name, tuple(xs), tuple(ys), _stroke(trace), _mark(trace, len(xs)), labels)
    yield from _whiskers(trace, name, xs, ys)


def _thick_lines(
    trace: Mapping[str, Any], name: str, xs: Values, ys: Values, page: Mapping[str, Any]
) -> Iterator[Series]:
    """Yield bars as thick lines from zero, or from where they begin, one series for each colour."""
    side = value_side(trace)
    sizes, places = (xs, ys) if side == "x" else (ys, xs)
    given = trace.get("base")
    bases = given if isinstance(given, list) else [given or 0.0] * len(sizes)
    colours = colours_of(trace, len(sizes))
    each = colours if len(colours) == len(sizes) else colours[:1] * len(sizes)
    for colour in dict.fromkeys(each):
        along: list[float | None] = []
        across: list[float | None] = []
        for size, place, base, own in zip(sizes, places, bases, each, strict=True):
            if own == colour and size is not None and place is not None:
                along += [base, base + size if base else size, None]
                across += [place, place, None]
        ends = (tuple(along), tuple(across)) if side == "x" else (tuple(across), tuple(along))
        yield Series(name, *ends, line=(colour, 1.0, "solid"), thick=(side, _thickness(trace, page, places)))


def _whiskers(trace: Mapping[str, Any], name: str, xs: Values, ys: Values) -> Iterator[Series]:
    """Yield whiskers as lines from end to end."""
    less, more = error_of(trace)
    if not more:
        return
    side = "x" if (trace.get("error_x") or {}).get("array") else "y"
    sizes, places = (xs, ys) if side == "x" else (ys, xs)
    along: list[float | None] = []
    across: list[float | None] = []
    for size, place, down, up in zip(sizes, places, less, more, strict=False):
        if size is not None and place is not None:
            along += [size - (down or 0.0), size + (up or 0.0), None]
            across += [place, place, None]
    ends = (tuple(along), tuple(across)) if side == "x" else (tuple(across), tuple(along))
    colour = _hex((trace.get(f"error_{side}") or {}).get("color"))
    yield Series(f"{name}: range", *ends, line=(colour, 1.5, "solid"))


def _stroke(trace: Mapping[str, Any]) -> tuple[str, float, str] | None:
    line, mode = trace.get("line") or {}, str(trace.get("mode") or "lines+markers")
    width = float(line.get("width", 2))
    if "lines" not in mode or width <= 0:
        return None
    return _hex(line.get("color")), width, DASHES.get(str(line.get("dash") or "solid"), "solid")


def _mark(trace: Mapping[str, Any], n: int) -> tuple[str, float, tuple[str, ...]] | None:
    if "markers" not in str(trace.get("mode") or "lines+markers"):
        return None
    mark = trace.get("marker") or {}
    size, symbol = mark.get("size", 6), str(mark.get("symbol") or "circle")
    if symbol not in SYMBOLS or isinstance(size, list):
        raise CannotDraw
    return SYMBOLS[symbol], float(size), colours_of(trace, n)


def _thickness(trace: Mapping[str, Any], page: Mapping[str, Any], places: Sequence[float | None]) -> float:
    width = trace.get("width")
    if isinstance(width, list):
        width = min(width, default=1.0)
    if isinstance(width, int | float):
        return float(width)
    known = sorted({place for place in places if place is not None})
    step = min((b - a for a, b in pairwise(known)), default=1.0)
    return step * (1 - float(page.get("bargap") or 0.25))


def _trace_labels(trace: Mapping[str, Any], n: int) -> tuple[Label | None, ...]:
    texts = texts_of(trace, n)
    if trace["type"] == "bar":
        shown = trace.get("textposition") not in {"none", "inside"}
        across = value_side(trace)
        sizes = [v or 0.0 for v in trace.get(across) or ()]
        places = {"x": ("l", "r"), "y": ("b", "t")}[across]
        return tuple(
            Label(text, places[size >= 0], style.INK) if text and shown else None
            for text, size in zip(texts, sizes, strict=False)
        )
    if "text" not in str(trace.get("mode") or ""):
        return ()
    vertical, _, across = str(trace.get("textposition") or "middle center").partition(" ")
    place = {"left": "l", "right": "r"}.get(across) or {"top": "t", "bottom": "b"}.get(vertical, "ctr")
    colour = _hex((trace.get("textfont") or {}).get("color") or style.INK)
    return tuple(Label(text, place, colour) if text else None for text in texts)


def _line(shape: Mapping[str, Any], axes: Mapping[str, Axis], places: Mapping[str, Places]) -> Series:
    """Return a line of the layout as a series of two points."""
    if shape.get("type") != "line":
        raise CannotDraw
    ends = {side: tuple(_placed(shape, side, f"{side}{i}", axes, places) for i in (0, 1)) for side in ("x", "y")}
    line = shape.get("line") or {}
    dash = DASHES.get(str(line.get("dash") or "solid"), "solid")
    return Series("", ends["x"], ends["y"], (_hex(line.get("color") or style.INK), float(line.get("width", 2)), dash))


def _placed(
    item: Mapping[str, Any], side: str, key: str, axes: Mapping[str, Axis], places: Mapping[str, Places]
) -> float:
    """Return where something of the layout stands on a side."""
    reference = str(item.get(f"{side}ref") or "")
    value = item.get(key)
    if reference == "paper" or reference.endswith("domain"):
        return axes[side].at(float(value or 0.0))
    found = places[side].number(value)
    if found is None:
        raise CannotDraw
    return found


def _words(
    label: Mapping[str, Any], axes: Mapping[str, Axis], places: Mapping[str, Places], pixel: float, *, low: bool
) -> Series:
    """Return a label of the layout as a point with words; `pixel` is the height of one, in units of the axis."""
    if label.get("showarrow") not in {False, None}:
        raise CannotDraw
    x, y = (_placed(label, side, side, axes, places) for side in ("x", "y"))
    text = str(label.get("text") or "")
    lines = [plain(text.replace("<br>", ", "))] if low else [plain(line) for line in text.split("<br>")]
    side = PAPER_SIDES.get(label.get("xanchor"), "ctr")
    half = HALF_LINE * len(lines)
    up = float(label.get("yshift") or 0) + {"bottom": half, "top": -half}.get(str(label.get("yanchor")), 0.0)
    colour = _hex((label.get("font") or {}).get("color") or style.INK)
    at = y + up * pixel * (-1 if axes["y"].reversed else 1)
    return Series("", (x,), (at,), labels=(Label("\n".join(lines), side, colour, text.startswith("<b>")),))


def _tick_names(axes: Mapping[str, Axis], side: str) -> Iterator[Series]:
    """Yield the labels of an axis that has names instead of numbers, as points at its edge."""
    own, other = axes[side], axes["y" if side == "x" else "x"]
    if not own.labels:
        return
    edge = other.at(0.0)
    at = tuple(place for place, _ in own.labels)
    words = tuple(Label(text, "b" if side == "x" else "l", style.INK) for _, text in own.labels)
    edges = (edge,) * len(at)
    yield Series("", *((at, edges) if side == "x" else (edges, at)), labels=words)


def _key(part: ChartPart, drawn: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return names and colours of series that are told apart by a title instead of labels at their ends."""
    title = layout(part).get("title") or {}
    text = str(title.get("text") or "") if isinstance(title, Mapping) else ""
    if "<span" not in text:
        return ()
    pairs = zip(series_names(part), drawn, strict=True)
    return tuple(
        dict.fromkeys((name, _hex(colour_of(t))) for name, t in pairs if colour_of(t) and colour_of(t) in text)
    )


def colours_of(trace: Mapping[str, Any], n: int) -> tuple[str, ...]:
    """Return the colours of a trace's marks: one, or one each."""
    colour = (trace.get("marker") or {}).get("color")
    if isinstance(colour, list):
        return tuple(_hex(one) for one in colour)[:n]
    return (_hex(colour or colour_of(trace)),)


def _hex(colour: Any) -> str:
    """Return a colour as six digits.

    Raises
    ------
    CannotDraw
        It is something else: partly transparent, or a number on a scale.
    """
    if not colour:
        return style.ACCENT
    if not isinstance(colour, str) or len(colour) != HEX or not colour.startswith("#"):
        raise CannotDraw
    return colour


def texts_of(trace: Mapping[str, Any], n: int) -> tuple[str | None, ...]:
    """Return the words at a trace's marks."""
    texts = trace.get("text")
    if not isinstance(texts, list):
        return (plain(str(texts)),) * n if texts else (None,) * n
    return tuple(plain(str(text)) if text is not None else None for text in texts)
