"""The bars of a decision as a chart and a table: the numbers on the screen, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.workspace.pin_parts import Cell, ChartPart
from explainers.decision.charts import chart_bars
from explainers.packs.document import Block, TextBlock
from explainers.packs.elements import LINE, Element, text_of
from explainers.packs.numbering import Numbering
from explainers.pins.figures import plain_figure
from explainers.style import MINUS

COLUMNS = ("Part", "Value", "Compared with", "Points")
"""Titles of the table; the only words that are not on the screen."""


@dataclass(frozen=True)
class Bar:
    """One bar as it is on the screen."""

    name: str
    """What it stands for."""
    value: str
    """The applicant's value; "" without one."""
    typical: str
    """The comparison group's; "" without one."""
    points: str
    """How far it moves the estimate, as written: with its sign."""
    drawn: bool
    """Whether it is a bar; the total is a figure only."""

    @property
    def size(self) -> float:
        """Return the points as a number, in the unit in which they are written."""
        return float(self.points.replace(MINUS, "-").replace(",", ""))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the row of the table."""
        return self.name, self.value or None, self.typical or None, self.points


def blocks_of_bars(element: Element, numbering: Numbering) -> Iterator[Block]:
    """Yield the bars of a decision: one chart of all, a table for each side, the note under them.

    Parameters
    ----------
    element : Element
        What the template `decision_rows.html` makes.
    numbering : Numbering
        Gives the chart and the tables their numbers.
    """
    titles = [text_of(*one.children) for one in element.all("h2")]
    sides = [_bars(table) for table in element.below() if table.attributes.get("role") == "table"]
    note = " ".join(text_of(*one.children) for one in element.all("p"))
    if drawn := [bar for side in sides for bar in side if bar.drawn]:
        yield numbering.chart(_part(titles[0], drawn, note), titles[0])
    for title, side in zip(titles, sides, strict=True):
        yield from numbering.table(title, COLUMNS, [bar.cells for bar in side])
    if note:
        yield TextBlock("note", note)


def _bars(table: Element) -> list[Bar]:
    found = []
    for row in table.below():
        cells = {name.removeprefix("candor-"): cell for cell in row.below() for name in cell.classes}
        value, _, typical = (
            text_of(*cells["bar-values"].children).partition(LINE) if "bar-values" in cells else [""] * 3
        )
        name, points = (text_of(*cells[key].children) for key in ("bar-name", "bar-points"))
        found.append(Bar(name, value, typical, points, "bar" in cells))
    return found


def _part(title: str, bars: list[Bar], note: str) -> ChartPart:
    """Return the chart: its title is the first side's, its description says every bar."""
    unit = note.split(". ")[0].rstrip(".")
    figure = chart_bars([(bar.name, bar.size, bar.points) for bar in bars], unit)
    said = "; ".join(f"{bar.name}: {bar.points}" for bar in bars)
    return ChartPart("chart", title, f"{title}. {said}. {note}", plain_figure(str(figure.to_json())))
