"""Charts on paper: what Matplotlib draws is what the Plotly figure says."""

from __future__ import annotations

import io
from datetime import date
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from explainers import style
from explainers.pictures import Caption, paint_png, paint_svg
from explainers.pictures.axes import EPOCH, month_ticks, writer
from explainers.pictures.charts import _draw
from explainers.pictures.marks import between, decoded, plain

CAPTION = Caption("Debt moved the estimate most", "Personal loan v3 · 60,000 applications · synthetic data")


def drawn(figure: go.Figure) -> object:
    """Return Matplotlib's axes of a figure."""
    layout = figure.layout.template.layout.to_plotly_json()
    return _draw(decoded(figure.to_plotly_json()), layout, CAPTION).axes[0]


def house(*traces: object, **layout: object) -> go.Figure:
    return go.Figure(data=list(traces), layout={"template": style.template(), "height": 240, **layout})


def test_bars_have_the_lengths_and_places_of_the_figure() -> None:
    figure = house(go.Bar(x=[1.5, -2.0, 0.25], y=["Income", "Debt", "Cards"], orientation="h"))
    figure.update_yaxes(autorange="reversed")
    axes = drawn(figure)
    assert [bar.get_width() for bar in axes.patches] == [1.5, -2.0, 0.25]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Income", "Debt", "Cards"]
    low, high = axes.get_ylim()
    assert low > high, "the first family stands on top"


def test_bars_side_by_side_do_not_cover_each_other() -> None:
    figure = house(go.Bar(x=["a", "b"], y=[1, 2]), go.Bar(x=["a", "b"], y=[3, 4]), barmode="group")
    bars = sorted((bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height()) for bar in drawn(figure).patches)
    assert [height for *_, height in bars] == [1, 3, 2, 4]
    assert all(end <= start + 1e-9 for (_, end, _), (start, _, _) in pairwise(bars))


def test_stacked_bars_stand_on_each_other() -> None:
    figure = house(go.Bar(x=[0, 1], y=[1, 2]), go.Bar(x=[0, 1], y=[3, 4]), barmode="stack")
    assert [(bar.get_y(), bar.get_height()) for bar in drawn(figure).patches] == [(0, 1), (0, 2), (1, 3), (2, 4)]


def test_points_lines_and_ranges_are_the_figures_own() -> None:
    days = np.array([date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)])
    figure = house(go.Scatter(x=days, y=[0.1, 0.3, 0.2], mode="lines", line={"width": 2}))
    figure.update_yaxes(range=[0, 1])
    axes = drawn(figure)
    assert axes.lines[0].get_ydata().tolist() == [0.1, 0.3, 0.2]
    assert axes.get_ylim() == (0, 1)


def test_a_heat_map_has_a_field_for_each_number_and_none_for_a_missing_one() -> None:
    scale = [[0, style.LOWERS], [0.5, style.PAPER], [1, style.RAISES]]
    z = [[-1.0, 0.0], [1.0, float("nan")]]
    figure = house(go.Heatmap(z=z, x=["low", "high"], y=["few", "many"], zmin=-1, zmax=1, colorscale=scale))
    axes = drawn(figure)
    assert len(axes.collections) == 3
    assert [label.get_text() for label in axes.get_xticklabels()] == ["low", "high"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["few", "many"]


def test_a_colour_between_two_stops_is_their_mixture() -> None:
    stops = [(0.0, "#000000"), (0.5, "#808080"), (1.0, "#FFFFFF")]
    assert between(stops, 0.25) == pytest.approx((64 / 255,) * 3)
    assert between(stops, 0.0) == (0.0, 0.0, 0.0)
    assert between(stops, 7.0) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    "figure",
    [
        house(go.Pie(values=[1, 2])),
        house(go.Bar(x=[1], y=[1]), yaxis={"type": "log"}),
        house(go.Scatter(x=[1], y=[1], mode="markers", marker={"symbol": "hash"})),
        house(go.Scatter(x=[1], y=[1]), annotations=[{"x": 1, "y": 1, "text": "here", "showarrow": True}]),
        house(go.Bar(x=[1.0, 2.0], y=[1, 2]), xaxis={"tickformat": ".3e"}),
    ],
    ids=["pie", "log axis", "mark", "arrow", "tick format"],
)
def test_what_is_not_known_is_an_error_and_never_left_out(figure: go.Figure) -> None:
    with pytest.raises(NotImplementedError):
        paint_png(figure, CAPTION)


def test_the_same_figure_gives_the_same_bytes_and_a_watermark_shows() -> None:
    figure = house(go.Bar(x=["a", "b"], y=[1, 2]))
    assert paint_svg(figure, CAPTION) == paint_svg(figure, CAPTION)
    marked = paint_png(figure, Caption(CAPTION.title, CAPTION.source, "Alder · anna · 20 Nov 2026"))
    plain_png = paint_png(figure, CAPTION)
    assert marked != plain_png
    sizes = [Image.open(io.BytesIO(png)).size for png in (marked, plain_png)]
    assert sizes[0] == sizes[1]
    assert sizes[0][0] == 1800


def test_the_words_are_in_the_file_for_those_who_cannot_see_it() -> None:
    assert b"Debt moved the estimate most" in paint_svg(house(go.Bar(x=["a"], y=[1])), CAPTION)


def test_ticks_are_first_days_of_months_and_not_more_than_asked_for() -> None:
    start, end = ((date(*day) - EPOCH).days for day in ((2025, 11, 20), (2026, 4, 3)))
    months = [EPOCH.fromordinal(EPOCH.toordinal() + int(tick)) for tick in month_ticks(start, end, 9)]
    assert months == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
    assert len(month_ticks(start, end, 2)) == 2


def test_ticks_are_written_as_everywhere_else() -> None:
    assert writer(",")(12500.0) == "12,500"
    assert writer("")(-0.25) == f"{style.MINUS}0.25"
    assert writer("%b %Y")(float((date(2026, 3, 1) - EPOCH).days)) == "Mar 2026"
    assert plain("<b>this &amp; that</b><br>next") == "this & that\nnext"
