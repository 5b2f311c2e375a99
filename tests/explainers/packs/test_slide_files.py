"""A pack as slides: native charts with every digit, text that fits, notes, descriptions, no tiny letters."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pptx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from data.workspace.pin_parts import ChartPart
from explainers.packs import fit
from explainers.packs.document import ChartBlock, FactsBlock, ListBlock, TextBlock
from explainers.packs.render_slides import render_slides
from explainers.packs.slide_axes import CannotDraw
from explainers.packs.slide_charts import read_drawing
from explainers.packs.slide_frame import BOTTOM, FOOT, HEIGHT, WIDTH, fit_title
from explainers.packs.slide_tables import MOST_ROWS
from tests.explainers.packs.boards import BARS, DOTS, FIELD, LINES, MIXED, NATIVE, ODD, board, chart, section, table

Made = Any


@pytest.fixture(scope="module")
def made() -> Made:
    return deck(board())


def deck(pack: Any) -> Made:
    return pptx.Presentation(io.BytesIO(render_slides(pack)))


def shapes(made: Made) -> Iterator[Any]:
    for slide in made.slides:
        yield from slide.shapes


def charts(made: Made) -> list[Any]:
    return [shape.chart for shape in shapes(made) if shape.has_chart]


def text_of(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def points(series: Any, side: str) -> list[float | None]:
    """Return the values of a series as they stand in the file; None where there is a gap."""
    cache = series._element.find(qn(f"c:{side}Val")).find(f".//{qn('c:numCache')}")
    found: list[float | None] = [None] * int(cache.find(qn("c:ptCount")).get("val"))
    for point in cache.findall(qn("c:pt")):
        found[int(point.get("idx"))] = float(point.find(qn("c:v")).text)
    return found


def one_chart(part: ChartPart) -> Any:
    (found,) = charts(deck(board(section(ChartBlock(1, part, "chart-01.csv")))))
    return found


def known(values: list[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def test_bars_are_a_bar_chart_with_every_digit_names_and_labels() -> None:
    plot = one_chart(BARS).plots[0]
    assert list(plot.categories) == ["Income", "Debt & co", "Home"]
    assert list(plot.series[0].values) == [ODD, -1.25, None]
    labels = [point.data_label.text_frame.text for point in (plot.series[0].points[i] for i in (0, 1))]
    assert labels == ["+0.3", "−1.3"]
    assert plot.series[0].points[1].format.fill.fore_color.rgb.__str__() == "2B6C8F"


def test_lines_are_drawn_with_every_digit_their_names_and_the_line_of_the_cut_off() -> None:
    series = {one.name: one for one in one_chart(LINES).plots[0].series}
    assert known(points(series["Harbor"], "y")) == [ODD, 0.4]
    assert known(points(series["Prairie"], "y")) == [0.5, 0.25]
    assert known(points(series["Harbor"], "x")) == [46023.0, 46054.0], "days as Excel counts them"
    plain = [
        known(points(one, "y")) for one in one_chart(LINES).plots[0].series if one.name not in {"Harbor", "Prairie"}
    ]
    assert [0.18, 0.18] in plain


def test_marks_keep_their_whiskers_from_end_to_end() -> None:
    series = {one.name: one for one in one_chart(DOTS).plots[0].series}
    assert known(points(series["value"], "y")) == [ODD, 0.45]
    assert known(points(series["value: range"], "y")) == [ODD - 0.25, ODD + 0.5, 0.325, 0.7]


def test_bars_under_names_are_lines_from_zero_and_keep_their_size() -> None:
    plots = list(one_chart(MIXED).plots[0].series)
    assert [0.0, 5.0625, None, 0.0, 4.5, None][:5] == points(plots[0], "x")[:5]
    assert points(plots[1], "x")[:5] == [-4.0, ODD, None, -3.0, 6.0]
    labels = [label.text for one in plots for label in one._element.iter(qn("a:t"))]
    assert {"Payments 5.1", "Debt 4.5"} <= set(labels)


@pytest.mark.parametrize("name", NATIVE)
def test_the_workbook_behind_a_chart_holds_its_figures(name: str) -> None:
    workbook = one_chart(NATIVE[name]).part.chart_workbook.xlsx_part.blob
    with zipfile.ZipFile(io.BytesIO(workbook)) as content:
        sheet = content.read("xl/worksheets/sheet1.xml").decode()
        assert "2000-01-01T00:00:00Z" in content.read("docProps/core.xml").decode()
    assert "0.3" in sheet


def test_series_named_in_a_title_are_named_over_the_chart_and_nothing_else_is() -> None:
    lines = [
        {"type": "scatter", "mode": "lines", "x": [1, 2], "y": [0.5, ODD], "line": {"color": colour}}
        for colour in ("#1F5F8B", "#B4540A")
    ]
    spans = " ".join(f'<span style="color:{c}">■</span> {n}' for c, n in (("#1F5F8B", "Women"), ("#B4540A", "Men")))
    across = [{"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": 0.8, "y1": 0.8}]
    made = one_chart(chart(lines, title={"text": spans}, shapes=across))
    names = [one.name for one in made.plots[0].series]
    hidden = {int(one.get("val")) for one in made.legend._element.iter(qn("c:idx"))}
    assert [name for number, name in enumerate(names) if number not in hidden] == ["Women", "Men"]


def test_every_series_is_as_long_as_the_longest() -> None:
    lengths = {len(points(one, "x")) for one in one_chart(LINES).plots[0].series}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    "part",
    [
        FIELD,
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2], "fill": "tozeroy"}]),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2], "line": {"shape": "hv"}}]),
        chart([{"type": "bar", "x": [1], "y": [2]}, {"type": "bar", "x": [1], "y": [2], "yaxis": "y2"}]),
        chart([{"type": "scatter", "x": [1], "y": [1], "marker": {"symbol": "star"}, "mode": "markers"}]),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2], "line": {"color": "rgba(1,2,3,0.5)"}}]),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2]}], xaxis={"type": "log"}),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2]}], shapes=[{"type": "rect", "x0": 1, "x1": 2}]),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2]}], annotations=[{"x": 1, "y": 1, "showarrow": True}]),
        chart([{"type": "scatter", "x": [1, 2], "y": [1, 2]}], xaxis={"tickformat": ".7e"}),
        chart([{"type": "scatter", "x": list(range(3001)), "y": list(range(3001))}]),
        chart([]),
    ],
)
def test_what_powerpoint_has_no_chart_for_is_not_drawn_in_part(part: ChartPart) -> None:
    with pytest.raises(CannotDraw):
        read_drawing(part)


def test_a_field_of_colours_is_a_picture_with_a_native_table() -> None:
    made = deck(board(section(ChartBlock(1, FIELD, "chart-01.csv"))))
    assert charts(made) == []
    (picture,) = [shape for shape in shapes(made) if shape.shape_type == 13]
    assert picture._element.nvPicPr.cNvPr.get("descr") == FIELD.alt
    (native,) = [shape.table for shape in shapes(made) if shape.has_table]
    found = [[cell.text for cell in row.cells] for row in native.rows]
    assert found[0] == ["Series", "x", "Value", "Label"]
    assert found[1:] == [
        ["young", "low", "0.5", "+0.5"],
        ["young", "high", "0.3", "+0.3"],
        ["old", "low", "", ""],
        ["old", "high", "−0.25", "−0.3"],
    ]


def test_the_figures_of_a_native_chart_are_in_it_and_not_repeated_as_a_table() -> None:
    blocks = (ChartBlock(1, BARS, "chart-01.csv"), table(behind=1))
    assert not [shape for shape in shapes(deck(board(section(*blocks)))) if shape.has_table]
    alone = deck(board(section(ChartBlock(1, BARS, "chart-01.csv"), table())))
    assert [shape for shape in shapes(alone) if shape.has_table]


def test_each_finding_is_a_title_and_contents_lead_to_it(made: Made) -> None:
    titles = [slide.shapes.title.text for slide in made.slides]
    assert titles[0] == "Board pack, October 2026"
    assert titles[1:4] == ["In short", "Contents", "Income counts most."]
    assert "Both together move it." in titles
    assert titles[-1] == "What this pack cannot say"
    contents = made.slides[2]
    links = list(contents._element.iter(qn("a:hlinkClick")))
    targets = [contents.part.related_part(link.get(qn("r:id"))).slide.shapes.title.text for link in links]
    assert targets == ["Income counts most.", "Both together move it.", "What this pack cannot say"]
    numbers = [str(titles.index(target) + 1) for target in targets]
    assert [line for line in text_of(contents).splitlines() if line.isdigit()] == numbers


def test_every_slide_says_for_whom_it_is_and_its_number_and_has_the_watermark(made: Made) -> None:
    for slide in made.slides:
        assert "For First Harbor Bank only. Synthetic data" in text_of(slide)
        assert [field.get("type") for field in slide._element.iter(qn("a:fld"))] == ["slidenum"]
        assert "First Harbor Bank · ann · 20 Nov 2026" in text_of(slide)
    assert "ann" not in text_of(deck(board(watermark="")).slides[1])


def test_notes_say_what_to_say_how_it_is_computed_and_where_figures_come_from(made: Made) -> None:
    slide = next(one for one in made.slides if one.shapes.title.text == "Income counts most.")
    notes = slide.notes_slide.notes_text_frame.text
    for words in ("Say it slowly.", "Question: What counts?", "Every application is counted.", "Kept by rita", "7e1c"):
        assert words in notes
    assert "Every application is counted." not in "".join(text_of(one) for one in made.slides)
    with_notes = [one.notes_slide.notes_text_frame.text for one in list(made.slides)[3:-1]]
    assert all(with_notes)


def test_charts_pictures_and_tables_are_described(made: Made) -> None:
    found = [s for s in shapes(made) if s.has_chart or s.has_table or s.shape_type == 13]
    assert len(found) >= 7
    assert all(len(s._element.xpath(".//p:cNvPr")[0].get("descr") or "") > 5 for s in found)


def test_nothing_but_the_foot_is_smaller_than_12_points_and_nothing_leaves_the_slide(made: Made) -> None:
    assert (made.slide_width, made.slide_height) == (Inches(WIDTH), Inches(HEIGHT))
    for shape in shapes(made):
        inside(shape)
        foot = shape.top >= Inches(FOOT)
        sizes = [int(run.get("sz")) for run in shape._element.iter(qn("a:rPr")) if run.get("sz")]
        assert all(size >= (1000 if foot else 1200) for size in sizes)
    in_charts = [int(run.get("sz")) for one in charts(made) for run in one._chartSpace.iter(qn("a:rPr"), qn("a:defRPr"))
                 if run.get("sz")]  # fmt: skip
    assert in_charts
    assert min(in_charts) >= 1200


def inside(shape: Any) -> None:
    """Check that a shape stands on the slide; what is not at the foot stands above it."""
    assert shape.left >= 0
    assert shape.top >= 0
    assert shape.left + shape.width <= Inches(WIDTH) + 2
    limit = HEIGHT if shape.top >= Inches(FOOT) else FOOT
    assert shape.name == "Watermark" or shape.top + shape.height <= Inches(limit) + 2, shape.name


WORDS = st.text(st.sampled_from("abcdefghij  ,.%"), min_size=1, max_size=900).map(str.strip).filter(bool)


@settings(max_examples=12, deadline=None)
@given(WORDS, st.lists(WORDS, max_size=12), st.lists(st.tuples(WORDS, WORDS), max_size=5))
def test_texts_of_any_length_stand_on_slides_and_none_is_lost(
    finding: str, items: list[str], facts: list[tuple[str, str]]
) -> None:
    blocks = (TextBlock("context", finding), ListBlock(tuple(items)), FactsBlock(tuple(facts)))
    made = deck(board(section(*blocks, title=finding[:300])))
    for shape in shapes(made):
        if not shape.has_table:
            inside(shape)
    said = "".join("".join(text_of(slide).split()) for slide in made.slides)
    for item in items:
        assert "".join(item.split()) in said


def test_a_long_table_shows_its_first_rows_and_says_how_many_more_there_are(made: Made) -> None:
    rows = [[cell.text for cell in row.cells] for s in shapes(made) if s.has_table for row in s.table.rows]
    signals = [row for row in rows if row[0].startswith("Signal ")]
    assert [row[0] for row in signals] == [f"Signal {i}" for i in range(MOST_ROWS)]
    assert signals[1] == ["Signal 1", "1000", str(1 / 7), "1 %"]
    assert any(f"And {40 - MOST_ROWS} more rows in the evidence file, table-01-signals.csv." in text_of(s)
               for s in made.slides)  # fmt: skip


def test_a_picture_of_many_figures_has_no_empty_table_under_it() -> None:
    many = chart([{"type": "scatter", "x": list(range(99)), "y": list(range(99)), "fill": "tozeroy"}])
    made = deck(board(section(ChartBlock(1, many, ""), replace(table(), file=""))))
    assert len([shape for shape in shapes(made) if shape.has_table]) == 1
    said = "".join(text_of(slide) for slide in made.slides)
    assert "evidence" not in said
    assert "And 28 more rows." in said


def test_columns_that_do_not_fit_are_named_and_not_squeezed() -> None:
    wide = tuple(f"Unbreakable{'n' * 12}{i}" for i in range(12))
    one = replace(table(), columns=wide, rows=(tuple(range(12)),), n_total=1, every=())
    made = deck(board(section(one)))
    (native,) = [shape.table for shape in shapes(made) if shape.has_table]
    n = len(native.columns)
    assert 1 < n < 12
    assert any(f"The columns {wide[n]}" in text_of(slide) for slide in made.slides)


@given(st.text(max_size=400), st.floats(0.5, 12), st.integers(12, 40))
def test_lines_are_never_longer_than_the_room_and_lose_nothing(text: str, width: float, size: int) -> None:
    broken = fit.lines(text, width, size)
    room = width * fit.POINTS / (size * fit.SANS)
    assert all(len(line) <= 1 or fit.length(line) <= room + 1e-6 for line in broken)
    assert "".join("".join(broken).split()) == "".join(text.split())


def test_a_long_finding_gets_smaller_letters_and_more_lines_but_never_tiny_ones() -> None:
    assert fit_title("Short.")[0] == 26
    size, broken = fit_title("A finding of many words that says a lot about few things. " * 7)
    assert size == 18
    assert 3 < len(broken) <= 6
    assert fit.height(len(broken), size) < BOTTOM / 2


def test_a_heading_never_stands_alone_at_the_end_of_a_slide() -> None:
    texts = [TextBlock("text", "A paragraph of some words. " * 6) for _ in range(9)]
    blocks = [block for text in texts for block in (TextBlock("heading", "What follows"), text)]
    for slide in deck(board(section(*blocks))).slides:
        lines = [line for line in text_of(slide).splitlines() if line]
        assert lines[-1] != "What follows"


def test_letters_have_the_size_they_were_measured_in(made: Made) -> None:
    slide = made.slides[3]
    size, _ = fit_title("Income counts most.")
    assert slide.shapes.title.text_frame.paragraphs[0].runs[0].font.size == Pt(size)
