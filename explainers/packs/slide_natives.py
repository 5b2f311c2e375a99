"""Charts of PowerPoint itself: a reader can change their numbers, and reads each of them to the last digit."""

from __future__ import annotations

from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from explainers import style
from explainers.packs.slide_axes import Axis
from explainers.packs.slide_drawings import Bars, Drawing, Label, Scatter, Series

TEXT = 12
"""Points of every label."""
PIXELS = 900.0
"""Width of a chart as it was drawn."""
POINTS = 72.0
DRESS = "Lines and names of the chart"
"""What series are called that hold no figures."""
THINNEST, THICKEST = 1.0, 60.0
"""Points of a bar that is drawn as a line."""
LABEL_PLACES = {
    "r": XL_LABEL_POSITION.RIGHT,
    "l": XL_LABEL_POSITION.LEFT,
    "t": XL_LABEL_POSITION.ABOVE,
    "b": XL_LABEL_POSITION.BELOW,
    "ctr": XL_LABEL_POSITION.CENTER,
}
BESIDE = {"l": 0.085, "r": 0.03, "t": 0.05, "b": 0.13}
"""Least room around what is drawn, as shares of the chart."""
Box = tuple[float, float, float, float]
"""Left, top, width, height in inches."""


def add_native(slide: Any, drawing: Drawing, box: Box, margins: dict[str, float]) -> Any:
    """Add a chart to a slide and return its frame.

    Parameters
    ----------
    slide : pptx slide
        Where it is added.
    drawing : Drawing
        From `read_drawing`.
    box : tuple
        Where it stands, in inches.
    margins : dict
        Room the chart left around itself for labels, as shares of its sides: l, r, t, b.
    """
    place = [Inches(side) for side in box]
    if isinstance(drawing, Bars):
        frame = slide.shapes.add_chart(_bar_type(drawing), *place, _bar_data(drawing))
        _dress_bars(frame.chart, drawing)
    else:
        frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *place, _scatter_data(drawing))
        _dress_scatter(frame.chart, drawing, box, margins)
    return frame


def _bar_type(drawing: Bars) -> Any:
    if drawing.stacked:
        return XL_CHART_TYPE.BAR_STACKED if drawing.lying else XL_CHART_TYPE.COLUMN_STACKED
    return XL_CHART_TYPE.BAR_CLUSTERED if drawing.lying else XL_CHART_TYPE.COLUMN_CLUSTERED


def _bar_data(drawing: Bars) -> Any:
    data = CategoryChartData()
    data.categories = drawing.names
    for name, values, _, _ in drawing.series:
        data.add_series(name, values)
    return data


def _scatter_data(drawing: Scatter) -> Any:
    """Return the marks of every series; all are as long as the longest, as LibreOffice loses those before a longer."""
    data, most = XyChartData(), max(len(one.x) for one in drawing.series)
    for one in drawing.series:
        series = data.add_series(one.name or DRESS)
        for x, y in zip(one.x, one.y, strict=True):
            series.add_data_point(x, y)
        for _ in range(most - len(one.x)):
            series.add_data_point(None, None)
    return data


def _common(chart: Any) -> None:
    chart.font.size, chart.font.color.rgb = Pt(TEXT), RGBColor.from_string(style.INK[1:])
    chart.has_title, chart.has_legend = False, False


def _dress_bars(chart: Any, drawing: Bars) -> None:
    _common(chart)
    plot = chart.plots[0]
    plot.gap_width = 45
    if drawing.overlaid or drawing.stacked:
        plot.overlap = 100
    names, values = chart.category_axis, chart.value_axis
    _dress_axis(values, drawing.values)
    values.visible = drawing.values.visible
    names.reverse_order = drawing.downwards
    names.tick_labels.font.size = Pt(TEXT)
    names.major_tick_mark, names.format.line.color.rgb = XL_TICK_MARK.NONE, _rgb(style.COMPARISON)
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.has_major_gridlines = False
    if drawing.downwards and drawing.lying:  # the axis of values would stand at the top
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    values.format.line.fill.background()
    if drawing.title:
        _name_axis(names, drawing.title)
    for series, (_, _, colours, labels) in zip(plot.series, drawing.series, strict=True):
        series.invert_if_negative = False
        _fill(series.format, colours[0])
        for number, colour in enumerate(colours if len(colours) > 1 else ()):
            _fill(series.points[number].format, colour)
        for number, text in enumerate(labels):
            if text and not drawing.stacked:
                _label(series.points[number].data_label, Label(text, "", style.INK), XL_LABEL_POSITION.OUTSIDE_END)
    if len({name for name, *_ in drawing.series}) > 1:
        chart.has_legend = True
        chart.legend.include_in_layout = False
        chart.legend.font.size = Pt(TEXT)


def _dress_scatter(chart: Any, drawing: Scatter, box: Box, margins: dict[str, float]) -> None:
    _common(chart)
    own = chart.plots[0]._element
    for axis, told, across in ((chart.category_axis, drawing.x, drawing.y), (chart.value_axis, drawing.y, drawing.x)):
        _dress_axis(axis, told)
        axis.reverse_order = told.reversed
        crosses = axis._element.getparent().xpath(f'c:valAx[c:axId/@val="{axis._element.crossAx.val}"]')[0]
        _cross(crosses, across, at=told)
    if drawing.y.labels and drawing.y.title:
        _move_title(chart.value_axis, 0.002, 0.3)
    if drawing.x.labels and drawing.x.title:
        _move_title(chart.category_axis, 0.35, 1 - 0.3 / box[3])
    if drawing.key:
        _name_series(chart, drawing)
    inner = _inner(drawing, box, margins)
    _lay_out(chart, inner)
    size = inner[2] * box[2] * POINTS, inner[3] * box[3] * POINTS
    scale = box[2] * POINTS / PIXELS
    for element, one in zip(own.findall(qn("c:ser")), drawing.series, strict=True):
        _dress_series(element, one, drawing, size, scale)
    for series, one in zip(chart.plots[0].series, drawing.series, strict=True):
        for number, label in enumerate(one.labels):
            if label is not None:
                _label(series.points[number].data_label, label, LABEL_PLACES[label.place])


def _name_series(chart: Any, drawing: Scatter) -> None:
    """Name the series that have no label at their end, above the chart; what dresses them is not named."""
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.legend.font.size = Pt(TEXT)
    named = {name for name, _ in drawing.key}
    last = {one.name: number for number, one in enumerate(drawing.series) if one.name in named}
    place = chart.legend._element.find(qn("c:legendPos"))
    for number in reversed(range(len(drawing.series))):
        if number not in last.values():
            hidden = f'<c:legendEntry {nsdecls("c")}><c:idx val="{number}"/><c:delete val="1"/></c:legendEntry>'
            place.addnext(parse_xml(hidden))


def _cross(axis: Any, _across: Axis, *, at: Axis) -> None:
    """Let an axis stand at the first value of the other, not at its zero."""
    for tag in ("c:crosses", "c:crossesAt"):
        for found in axis.findall(qn(tag)):
            axis.remove(found)
    crosses = parse_xml(f'<c:crossesAt {nsdecls("c")} val="{at.high if at.reversed else at.low}"/>')
    axis.find(qn("c:crossAx")).addnext(crosses)


def _dress_axis(axis: Any, told: Axis) -> None:
    axis.minimum_scale, axis.maximum_scale = told.low, told.high
    axis.has_major_gridlines = told.grid and told.visible and not told.labels
    if axis.has_major_gridlines:
        axis.major_gridlines.format.line.color.rgb = _rgb("#ECE8DE")
        axis.major_gridlines.format.line.width = Pt(0.75)
    axis.major_tick_mark = axis.minor_tick_mark = XL_TICK_MARK.NONE
    axis.format.line.color.rgb = _rgb(style.COMPARISON)
    axis.tick_labels.font.size, axis.tick_labels.font.color.rgb = Pt(TEXT), _rgb(style.INK)
    axis.tick_label_position = XL_TICK_LABEL_POSITION.NEXT_TO_AXIS
    if told.step is not None:
        axis.major_unit = told.step
        axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = told.form, False
    if told.labels or not told.visible:
        axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
    if not told.visible:
        axis.format.line.fill.background()
    if told.title and told.visible:
        _name_axis(axis, told.title)


def _name_axis(axis: Any, title: str) -> None:
    axis.has_title = True
    axis.axis_title.text_frame.text = title
    run = axis.axis_title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold, run.font.color.rgb = Pt(TEXT), False, _rgb(style.MUTED)


def _move_title(axis: Any, left: float, top: float) -> None:
    """Put the title of an axis at the edge of the chart: beside the axis stand its names."""
    title = axis._element.find(qn("c:title"))
    for old in title.findall(qn("c:layout")):
        title.remove(old)
    place = f'<c:xMode val="edge"/><c:yMode val="edge"/><c:x val="{left:.4f}"/><c:y val="{top:.4f}"/>'
    made = parse_xml(f"<c:layout {nsdecls('c')}><c:manualLayout>{place}</c:manualLayout></c:layout>")
    title.find(qn("c:tx")).addnext(made)


def _inner(drawing: Scatter, box: Box, margins: dict[str, float]) -> Box:
    """Return the room of what is drawn, as shares of the chart: its labels need the rest."""
    room = {side: max(least, margins.get(side, 0.0)) for side, least in BESIDE.items()}
    if drawing.y.labels:
        longest = max(len(text) for _, text in drawing.y.labels)
        room["l"] = min(0.4, (longest * 0.085 + 0.3 + 0.3 * bool(drawing.y.title)) / box[2])
    elif not drawing.y.visible:
        room["l"] = 0.02
    inches = 0.3 + 0.3 * bool(drawing.x.title)
    room["b"] = min(0.4, max(0.04, inches / box[3])) if drawing.x.visible else 0.04
    return room["l"], room["t"], 1 - room["l"] - room["r"], 1 - room["t"] - room["b"]


def _lay_out(chart: Any, inner: Box) -> None:
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    parts = "".join(f'<c:{key} val="{value:.4f}"/>' for key, value in zip(("x", "y", "w", "h"), inner, strict=True))
    modes = '<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
    area.insert(0, parse_xml(f"<c:layout {nsdecls('c')}><c:manualLayout>{modes}{parts}</c:manualLayout></c:layout>"))


def _dress_series(element: Any, one: Series, drawing: Scatter, size: tuple[float, float], scale: float) -> None:
    """Write line and marks of a series, in the order that the format wants."""
    line = _NO_LINE
    if one.line is not None:
        colour, width, dash = one.line
        width = width * scale if one.thick is None else _thickness(one.thick, drawing, size)
        line = _line_xml(colour, width, dash, flat=one.thick is not None)
    parts = [f"<c:spPr {_BOTH}>{line}</c:spPr>", _mark_xml(one, scale)]
    if one.mark is not None and len(one.mark[2]) > 1:
        shape, pixels, colours = one.mark
        parts += [_point_xml(i, shape, pixels * scale, colour, line) for i, colour in enumerate(colours)]
    for tag in ("c:spPr", "c:marker", "c:dPt"):
        for old in element.findall(qn(tag)):
            element.remove(old)
    after = element.find(qn("c:tx"))
    for xml in parts:
        made = parse_xml(xml)
        after.addnext(made)
        after = made


def _thickness(thick: tuple[str, float], drawing: Scatter, size: tuple[float, float]) -> float:
    """Return the points of a line that is a bar."""
    side, units = thick
    other, room = (drawing.y, size[1]) if side == "x" else (drawing.x, size[0])
    return min(THICKEST, max(THINNEST, units / ((other.high - other.low) or 1.0) * room))


_BOTH = nsdecls("c", "a")
_NO_LINE = "<a:ln><a:noFill/></a:ln>"


def _line_xml(colour: str, width: float, dash: str, *, flat: bool = False) -> str:
    cap = ' cap="flat"' if flat else ""
    return (
        f'<a:ln w="{int(max(width, 0.5) * 12700)}"{cap}><a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'
        f'<a:prstDash val="{dash}"/><a:round/></a:ln>'
    )


def _mark_xml(one: Series, scale: float) -> str:
    if one.mark is None:
        return f'<c:marker {_BOTH}><c:symbol val="none"/></c:marker>'
    shape, size, colours = one.mark
    return f"<c:marker {_BOTH}>{_shape_xml(shape, size * scale, colours[0])}</c:marker>"


def _shape_xml(shape: str, size: float, colour: str) -> str:
    """Return a mark; a hollow one is light inside, as some programs draw no edges and white would not be seen."""
    inside, edge = (style.DENSITY, style.ACCENT) if colour == style.PAPER else (colour, colour)
    fill = f'<a:solidFill><a:srgbClr val="{inside[1:]}"/></a:solidFill>'
    line = f'<a:ln w="12700"><a:solidFill><a:srgbClr val="{edge[1:]}"/></a:solidFill></a:ln>'
    return f'<c:symbol val="{shape}"/><c:size val="{min(72, max(2, round(size)))}"/><c:spPr>{fill}{line}</c:spPr>'


def _point_xml(number: int, shape: str, size: float, colour: str, line: str) -> str:
    return (
        f'<c:dPt {_BOTH}><c:idx val="{number}"/><c:marker>{_shape_xml(shape, size, colour)}</c:marker>'
        f'<c:bubble3D val="0"/><c:spPr>{line}</c:spPr></c:dPt>'
    )


def _label(data_label: Any, label: Label, place: Any) -> None:
    frame = data_label.text_frame
    frame.text = label.text
    frame.word_wrap = False
    data_label.position = place
    for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
        run.font.size, run.font.bold = Pt(TEXT), label.bold
        run.font.color.rgb = _rgb(label.colour)


def _fill(form: Any, colour: str) -> None:
    form.fill.solid()
    form.fill.fore_color.rgb = _rgb(colour)


def _rgb(colour: str) -> Any:
    return RGBColor.from_string(colour[1:])
