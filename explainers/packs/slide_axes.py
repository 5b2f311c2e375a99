"""Axes of kept charts, as far as PowerPoint can draw them: ends, steps, number formats, names of places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from data.workspace.pin_parts import ChartPart
from explainers.packs.figures import layout, plain

FIRST_DAY = date(1899, 12, 30)
"""Day 0 of Excel."""
FORMATS = {
    "": "General",
    ",": "#,##0",
    ",.4~g": "General",
    ".0%": "0%",
    ",.0%": "0%",
    ".1f": "0.0",
    ".2f": "0.00",
    "%b %Y": "mmm yyyy",
}
"""Plotly's formats of the house -> Excel's."""
TEXT_DIGITS = 9


class CannotDraw(Exception):
    """PowerPoint has no chart of its own for this; a picture takes its place."""


@dataclass(frozen=True)
class Axis:
    """One axis of a chart with numbers on both sides."""

    low: float
    """First value shown."""
    high: float
    """Last value shown."""
    step: float | None
    """Between two labels; None where `labels` name the places."""
    form: str
    """Excel's format of the labels."""
    title: str
    """Stands beside the axis."""
    labels: tuple[tuple[float, str], ...]
    """(place, text) instead of numbers."""
    visible: bool
    """Whether it is drawn."""
    reversed: bool
    """Whether it runs from right to left, or from the top down."""
    grid: bool
    """Whether it has lines across the chart."""

    def at(self, share: float) -> float:
        """Return the place at a share of the axis, counted as on screen."""
        if self.reversed:
            share = 1 - share
        return self.low + share * (self.high - self.low)


class Places:
    """Turns values of one side into numbers: names into their order, days into Excel's."""

    def __init__(self, axis: Mapping[str, Any], values: Sequence[Any]) -> None:
        names = [value for value in values if isinstance(value, str) and day_number(value) is None]
        ordered = [str(name) for name in axis.get("categoryarray") or ()]
        if str(axis.get("categoryorder") or "") == "category ascending":
            names = sorted(names)
        self.names = list(dict.fromkeys([*ordered, *names])) if names or axis.get("type") == "category" else []
        self.days = not self.names and any(isinstance(value, str) for value in values)

    def number(self, value: Any) -> float | None:
        """Return a value as a number, None where there is none."""
        if value is None:
            return None
        if self.names:
            if str(value) in self.names:
                return float(self.names.index(str(value)))
            return float(value) if isinstance(value, int | float) else None
        found = day_number(value) if isinstance(value, str) else value
        if not isinstance(found, int | float):
            raise CannotDraw
        return found


def day_number(text: str) -> float | None:
    """Return a day in Excel's count, None where a text is no day."""
    if len(text) < len("2026-01-01") or text[4] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment.date() - FIRST_DAY).days + (moment.hour * 60 + moment.minute) / 1440


def template_axis(part: ChartPart, side: str) -> Mapping[str, Any]:
    """Return the house's settings of an axis, as the chart was drawn with."""
    template = layout(part).get("template") or {}
    found: Mapping[str, Any] = (template.get("layout") or {}).get(f"{side}axis") or {}
    return found


def read_axis(own: Mapping[str, Any], template: Mapping[str, Any], places: Places, values: Sequence[float]) -> Axis:
    """Return an axis of a kept chart.

    Parameters
    ----------
    own : mapping
        Its settings.
    template : mapping
        The house's settings for that side.
    places : Places
        What its values mean.
    values : sequence of float
        What is drawn along it, as numbers.

    Raises
    ------
    CannotDraw
        A kind of axis that PowerPoint has not.
    """
    both = {**template, **own}
    if both.get("type") in {"log", "multicategory"} or both.get("domain"):
        raise CannotDraw
    backwards = both.get("autorange") == "reversed"
    low, high = _ends(both, places, values)
    title = both.get("title") or {}
    text = title.get("text") if isinstance(title, Mapping) else title
    found = Axis(
        low=min(low, high),
        high=max(low, high),
        step=None,
        form="General",
        title=plain(str(text or "")),
        labels=(),
        visible=both.get("visible") is not False and both.get("showticklabels") is not False,
        reversed=backwards or low > high,
        grid=bool(both.get("showgrid")),
    )
    return _with_ticks(found, both, places)


def _ends(both: Mapping[str, Any], places: Places, values: Sequence[float]) -> tuple[float, float]:
    if both.get("range") is not None:
        ends = [places.number(end) for end in both["range"]]
        if ends[0] is not None and ends[1] is not None:
            return ends[0], ends[1]
    if places.names:
        return -0.5, len(places.names) - 0.5
    low, high = min(values, default=0.0), max(values, default=1.0)
    spare = 0.05 * (high - low) or 0.5
    return (max(0.0, low - spare) if low >= 0 else low - spare), high + spare


def _with_ticks(axis: Axis, both: Mapping[str, Any], places: Places) -> Axis:
    """Return an axis with its labels: numbers at equal steps, or names of places."""
    if not axis.visible:
        return axis
    most = int(both.get("nticks") or 6)
    if places.names:
        every = max(1, math.ceil(len(places.names) / most)) if both.get("nticks") else 1
        named = [(float(i), plain(name)) for i, name in enumerate(places.names) if i % every == 0]
        return replace(axis, labels=tuple(named))
    if both.get("tickvals") is not None:
        return _with_given(axis, list(both["tickvals"]), both.get("ticktext"), places)
    if places.days:
        return replace(axis, labels=tuple(_months(axis, most)))
    form = str(both.get("tickformat") or "")
    if form not in FORMATS:
        raise CannotDraw
    return _to_steps(replace(axis, step=nice_step(axis.high - axis.low, most), form=FORMATS[form]))


def _with_given(axis: Axis, values: list[Any], texts: Any, places: Places) -> Axis:
    """Return an axis with the labels that the chart names; percentages at equal steps are numbers."""
    numbers = [places.number(value) for value in values]
    words = [plain(str(text)) for text in texts] if texts is not None else [str(value) for value in values]
    named = tuple((at, word) for at, word in zip(numbers, words, strict=False) if at is not None)
    if len(named) > 1 and all(word.endswith("%") for _, word in named):
        step = float(f"{named[1][0] - named[0][0]:.{TEXT_DIGITS}g}")
        return _to_steps(replace(axis, step=step, form="0.0%" if any("." in word for _, word in named) else "0%"))
    return replace(axis, labels=named)


def _to_steps(axis: Axis) -> Axis:
    """Return an axis that begins at a multiple of its step, from where its labels are counted."""
    step = axis.step or 1.0
    return replace(axis, low=float(f"{math.floor(axis.low / step + 1e-9) * step:.{TEXT_DIGITS}g}"))


def _months(axis: Axis, most: int) -> list[tuple[float, str]]:
    from explainers import style
    from explainers.pictures.axes import EPOCH, month_ticks

    shift = (EPOCH - FIRST_DAY).days
    days = [at + shift for at in month_ticks(axis.low - shift, axis.high - shift, most)]
    return [(day, style.month(date.fromordinal(FIRST_DAY.toordinal() + int(day)))) for day in days]


def nice_step(span: float, most: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that gives at most so many labels."""
    if not span > 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / most))
    step = next((size * k for k in (1, 2, 5, 10) if span / (size * k) <= most), size * 10)
    return float(f"{step:.{TEXT_DIGITS}g}")
