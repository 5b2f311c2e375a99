"""What a chart of PowerPoint is told: bars with names, or marks and lines between numbers."""

from __future__ import annotations

from dataclasses import dataclass

from explainers.packs.slide_axes import Axis


@dataclass(frozen=True)
class Label:
    """Words at a mark."""

    text: str
    """What it says."""
    place: str
    """Where it stands: "r", "l", "t", "b" or "ctr", seen from the mark."""
    colour: str
    """Of its letters."""
    bold: bool = False
    """Whether they are strong."""


@dataclass(frozen=True)
class Series:
    """Marks of one kind; x and y in the units of the axes."""

    name: str
    """What it is called; "" for lines and names that only dress the chart."""
    x: tuple[float | None, ...]
    """Where the marks stand; None interrupts a line."""
    y: tuple[float | None, ...]
    """How high they stand."""
    line: tuple[str, float, str] | None = None
    """Colour, width in pixels and dashes of the line through them; None without one."""
    mark: tuple[str, float, tuple[str, ...]] | None = None
    """Shape, size in pixels and colours, one or one each; None without marks."""
    labels: tuple[Label | None, ...] = ()
    """Words at the marks."""
    thick: tuple[str, float] | None = None
    """Side along which the line reaches, and its width in units of the other side: a line that is a bar."""


@dataclass(frozen=True)
class Scatter:
    """A chart with numbers on both sides."""

    series: tuple[Series, ...]
    """In the order of drawing."""
    x: Axis
    """Below."""
    y: Axis
    """At the left."""
    key: tuple[tuple[str, str], ...]
    """(name, colour) of series that have no label at their end."""


@dataclass(frozen=True)
class Bars:
    """A bar chart with a name for each bar."""

    names: tuple[str, ...]
    """From the first to the last, as listed."""
    series: tuple[tuple[str, tuple[float | None, ...], tuple[str, ...], tuple[str | None, ...]], ...]
    """Name, values, colours (one, or one each) and labels of each set of bars."""
    lying: bool
    """Whether bars lie."""
    downwards: bool
    """Whether the first name stands at the top, or at the right."""
    stacked: bool
    """Whether sets stand on each other."""
    overlaid: bool
    """Whether sets stand before each other."""
    values: Axis
    """Of the values."""
    title: str
    """Of the names."""


Drawing = Bars | Scatter
