"""The pictures of the Overview. Made from the result alone."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from explainers import style
from explainers.assurance.reliability import ReliabilityResult
from explainers.overview import words
from explainers.overview.compute import OverviewResult

LINES = (style.ACCENT, style.RAISES, "#4E6B3A", style.COMPARISON, "#6B4E7D", style.MUTED)
MOST_LINES = len(LINES)


def chart_approval(result: OverviewResult) -> go.Figure:
    """Draw the share of applications that pass, by month, one line a partner (the largest six)."""
    figure = go.Figure(layout={"template": style.template(), "height": 260})
    volume = result.volume
    largest = volume.groupby("partner")["n"].sum().nlargest(MOST_LINES).index
    ends: list[tuple[float, str, str, object]] = []
    for colour, partner in zip(LINES, largest, strict=False):
        own = volume[volume["partner"] == partner]
        rate = own["approved"] / own["n"]
        hover = [
            f"{partner}, {style.month(m)}: {style.percent(r)} of {style.whole(n)}"
            for m, r, n in zip(own["month"], rate, own["n"], strict=True)
        ]
        figure.add_scatter(
            x=own["month"], y=rate, mode="lines", line={"color": colour, "width": 2}, hovertext=hover, hoverinfo="text"
        )
        ends.append((float(rate.iloc[-1]), str(partner), colour, own["month"].iloc[-1]))
    _label_ends(figure, ends)
    figure.update_yaxes(range=[0, 1], title="pass the cut-off", **style.percent_ticks(0, 1))
    figure.update_xaxes(tickformat="%b %Y", nticks=6, range=_months(volume))
    figure.update_layout(margin={"r": 150})
    return figure


def _label_ends(figure: go.Figure, ends: list[tuple[float, str, str, object]]) -> None:
    """Name each line at its end; labels that would overlap are moved apart."""
    if not ends:
        return
    ends.sort()
    span = 1.0
    place = -1.0
    for rate, partner, colour, at in ends:
        place = max(rate, place + 0.085 * span)
        figure.add_annotation(
            x=at,
            y=place,
            text=_short(partner),
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"color": colour, "size": 13},
        )


def _months(volume: pd.DataFrame) -> list[pd.Timestamp]:
    """Return the ends of the time axis, with half a month to spare for bars."""
    half = pd.Timedelta(days=16)
    return [pd.Timestamp(volume["month"].min()) - half, pd.Timestamp(volume["month"].max()) + half]


def _short(name: str, most: int = 22) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def chart_volume(result: OverviewResult) -> go.Figure:
    """Draw the number of applications by month."""
    by_month = result.volume.groupby("month")["n"].sum()
    hover = [f"{style.month(m)}: {style.whole(n)} applications" for m, n in zip(by_month.index, by_month, strict=True)]
    figure = go.Figure(layout={"template": style.template(), "height": 160})
    figure.add_bar(x=by_month.index, y=by_month, marker={"color": style.COMPARISON}, hovertext=hover, hoverinfo="text")
    figure.update_yaxes(tickformat=",", title="applications", nticks=4)
    figure.update_xaxes(tickformat="%b %Y", nticks=6, range=_months(result.volume))
    figure.update_layout(margin={"r": 150})
    return figure


def chart_scores(result: OverviewResult) -> go.Figure:
    """Draw how estimates are spread, with every cut-off."""
    steps: pd.DataFrame = result.scores
    middle = (steps["low"] + steps["high"]) / 2
    figure = go.Figure(layout={"template": style.template(), "height": 260, "bargap": 0.04})
    figure.add_bar(
        x=middle,
        y=steps["n"],
        marker={"color": style.DENSITY, "line": {"color": style.COMPARISON, "width": 0.5}},
        hoverinfo="skip",
    )
    top = float(steps["n"].max())
    for i, cutoff in enumerate(result.cutoffs[:MOST_LINES]):
        height = top * (1.28 - 0.1 * i)
        figure.add_shape(
            type="line",
            x0=cutoff.value,
            x1=cutoff.value,
            y0=0,
            y1=height,
            line={"color": style.INK, "width": 1.2, "dash": "dash"},
        )
        figure.add_annotation(
            x=cutoff.value,
            y=height,
            text=words.say_cutoff(result, cutoff),
            showarrow=False,
            xanchor="left",
            xshift=5,
            font={"size": 13},
        )
    low, high = float(steps["low"].iloc[0]), float(steps["high"].iloc[-1])
    ticks = style.percent_ticks(low, high) if result.is_probability else {"tickformat": ","}
    figure.update_xaxes(title=f"estimate: {result.outcome}", **ticks)
    figure.update_yaxes(tickformat=",", title="applications", range=[0, top * 1.35])
    return figure


def chart_reliability(result: ReliabilityResult) -> go.Figure:
    """Draw, for each tenth of the estimates, the mean estimate against the share with the outcome."""
    x = [s.estimate for s in result.steps]
    y = [s.share for s in result.steps]
    high = max(max(s.high for s in result.steps), max(x)) * 1.08
    hover = [
        f"estimated {style.percent(s.estimate, 1)}, happened {style.percent(s.share, 1)}"
        f" ({style.percent(s.low, 1)} to {style.percent(s.high, 1)}), {style.whole(s.n)} applications"
        for s in result.steps
    ]
    figure = go.Figure(layout={"template": style.template(), "height": 320})
    figure.add_shape(
        type="line", x0=0, y0=0, x1=high, y1=high, line={"color": style.COMPARISON, "width": 1, "dash": "dot"}
    )
    figure.add_annotation(
        x=high * 0.97,
        y=high * 0.97,
        text="estimate = what happened",
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
        xshift=-12,
        font={"size": 13, "color": style.MUTED},
    )
    figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": 10, "color": style.ACCENT},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [s.high - s.share for s in result.steps],
            "arrayminus": [s.share - s.low for s in result.steps],
            "color": style.ACCENT,
            "thickness": 1.2,
            "width": 3,
        },
        hovertext=hover,
        hoverinfo="text",
    )
    figure.update_xaxes(range=[0, high], title="mean estimate", **style.percent_ticks(0, high))
    figure.update_yaxes(range=[0, high], title="share that happened", **style.percent_ticks(0, high))
    return figure
