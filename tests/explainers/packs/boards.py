"""A pack for tests of its writers: hand-made charts of every kind a page draws, and every kind of block."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from typing import Any

from data.access import Audience
from data.code_version import code_hash
from data.workspace.pin_parts import ChartPart
from explainers.packs.document import (
    Block,
    ChartBlock,
    Document,
    FactsBlock,
    ListBlock,
    Section,
    TableBlock,
    TextBlock,
)
from explainers.packs.evidence import make_evidence
from explainers.packs.render_slides import render_slides
from explainers.packs.render_word import render_word
from tests.data.workspace.meeting import SOURCE

ODD = 0.1 + 0.2
"""A number with seventeen digits: 0.30000000000000004."""


def chart(data: list[dict[str, Any]], says: str = "Income counted most", **layout: Any) -> ChartPart:
    """Return a kept chart."""
    return ChartPart("chart", says, f"{says}, by 0.3.", {"data": data, "layout": {"height": 300, **layout}})


BARS = chart(
    [
        {
            "type": "bar",
            "orientation": "h",
            "x": [ODD, -1.25, None],
            "y": ["Income", "Debt & co", "Home"],
            "text": ["+0.3", "−1.3", ""],
            "textposition": "outside",
            "marker": {"color": ["#B4540A", "#2B6C8F", "#B4540A"]},
        }
    ],
    yaxis={"autorange": "reversed"},
    xaxis={"title": {"text": "points"}, "range": [-2, 1]},
)
LINES = chart(
    [
        {"type": "scatter", "x": ["2026-01-01", "2026-02-01"], "y": [ODD, 0.4], "line": {"color": "#1F5F8B"}},
        {"type": "scatter", "x": ["2026-01-01", "2026-02-01"], "y": [0.5, 0.25], "line": {"color": "#B4540A"}},
    ],
    "Harbor passes most",
    xaxis={"tickformat": "%b %Y"},
    yaxis={"range": [0, 1], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]},
    annotations=[
        {"x": "2026-02-01", "y": 0.4, "text": "Harbor", "showarrow": False, "font": {"color": "#1F5F8B"}},
        {"x": "2026-02-01", "y": 0.25, "text": "Prairie", "showarrow": False, "font": {"color": "#B4540A"}},
    ],
    shapes=[{"type": "line", "x0": "2026-01-01", "x1": "2026-02-01", "y0": 0.18, "y1": 0.18}],
)
DOTS = chart(
    [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [0.25, 0.5],
            "y": [ODD, 0.45],
            "marker": {"size": 8, "color": "#1F5F8B"},
            "error_y": {"type": "data", "array": [0.5, 0.25], "arrayminus": [0.25, 0.125]},
        }
    ],
    "What was estimated happened",
)
MIXED = chart(
    [
        {"type": "bar", "orientation": "h", "x": [5.0625, 4.5], "y": [0.0, -1.0], "width": 0.24},
        {"type": "scatter", "mode": "lines", "x": [-4.0, ODD, None, -3.0, 6.0], "y": [-0.3, -0.3, None, -1.3, -1.3]},
    ],
    "Payments move estimates most",
    yaxis={"visible": False, "range": [-1.5, 0.5]},
    annotations=[
        {"x": 0, "xref": "paper", "xanchor": "left", "y": 0.3, "text": "<b>Payments</b>  5.1", "showarrow": False},
        {"x": 0, "xref": "paper", "xanchor": "left", "y": -0.7, "text": "<b>Debt</b>  4.5", "showarrow": False},
    ],
)
FIELD = chart(
    [
        {
            "type": "heatmap",
            "x": ["low", "high"],
            "y": ["young", "old"],
            "z": [[0.5, ODD], [None, -0.25]],
            "text": [["+0.5", "+0.3"], ["", "−0.3"]],
            "colorscale": [[0, "#2B6C8F"], [1, "#B4540A"]],
        }
    ],
    "Both together move it",
)
NATIVE = {"bars": BARS, "lines": LINES, "dots": DOTS, "mixed": MIXED}
ROWS = tuple((f"Signal {i}", i * 1000, i / 7 if i % 3 else None, f"{i} %") for i in range(40))


def section(*blocks: Block, title: str = "Income counts most.", **more: Any) -> Section:
    """Return a section of a pin that was never kept."""
    given: dict[str, Any] = {"question": "What counts?", "notes": ("Say it slowly.",), "source": SOURCE}
    given |= {"pin_id": "7e1c", "kept": "Kept by rita on 20 Nov 2026."}
    return Section(title=title, blocks=(TextBlock("finding", title), *blocks), **{**given, **more})


def table(rows: tuple[tuple[Any, ...], ...] = ROWS, most: int = 25, **more: Any) -> TableBlock:
    """Return a table of which the first rows are shown."""
    columns = ("Signal", "Applications", "Points", "Share")
    whole = () if len(rows) <= most else rows
    return TableBlock(1, "Every signal", columns, rows[:most], len(rows), "table-01-signals.csv", whole, **more)


def board(*sections: Section, **more: Any) -> Document:
    """Return a pack with every kind of block, or with these sections."""
    given: dict[str, Any] = {
        "pack_id": "ab" * 32,
        "title": "Board pack, October 2026",
        "subtitle": "Board pack",
        "audience": Audience.PARTNER,
        "audience_line": "For First Harbor Bank only.",
        "watermark": "First Harbor Bank · ann · 20 Nov 2026",
        "as_of": ("Loans, version 1 · 3,000 applications as of 31 Oct 2026",),
        "synthetic": True,
        "made_on": "20 Nov 2026",
        "lead": ("Income counts most.", "Both together move it."),
        "sections": sections or every_block(),
        "limits": ("A pack says what Candor showed.",),
    }
    return Document(**{**given, **more})


def every_block() -> tuple[Section, ...]:
    """Return two sections that hold every kind of block."""
    first = (
        TextBlock("context", "Over 3,000 applications."),
        TextBlock("heading", "What counted"),
        ChartBlock(1, BARS, "chart-01-bars.csv"),
        TextBlock("note", "Orange raises the estimate."),
        table(),
        TextBlock("warning", "Two months are missing."),
        ListBlock(("First this.", "Then that."), ordered=True),
        ListBlock(("A dot.", "Another.")),
        FactsBlock((("Cut-off", "18 %"), ("Outcome", "charge-off"))),
        TextBlock("heading", "How to read this"),
        TextBlock("small", "Every application is counted."),
    )
    others = (ChartBlock(i, part, f"chart-{i:02d}.csv") for i, part in enumerate((LINES, DOTS, MIXED, FIELD), start=2))
    return section(*first), section(*others, title="Both together move it.", pin_id="8f2d")


def hashes() -> list[str]:
    """Return the SHA-256 of the pack in each form, for comparison with another process.

    The evidence is looked at file by file, without the hash of the code: that may change between two processes.
    """
    plain = board(*(replace(one, pin_id=None) for one in every_block()))
    word, slides = render_word(plain), render_slides(plain)
    evidence = make_evidence(plain, (), {"pack.docx": word, "pack.pptx": slides})
    with zipfile.ZipFile(io.BytesIO(evidence)) as packed:
        files = [(one.filename, one.date_time, packed.read(one)) for one in packed.infolist()]
    told = {name: content.replace(code_hash().encode(), b"") for name, _, content in files}
    made = (word, slides, repr([told, [day for _, day, _ in files]]).encode())
    return [hashlib.sha256(one).hexdigest() for one in made]
