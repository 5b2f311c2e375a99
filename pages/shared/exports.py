"""What leaves the screen as a file: pictures and tables, marked with whom they were made for.

A picture is drawn only when its menu is open. For an audience whose exports are watermarked, a picture carries the
viewer's name across it and a table names the viewer in every line.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from zlib import crc32

import plotly.graph_objects as go
import streamlit as st

from data.access import Viewer
from data.reader import Reader
from data.spreadsheet import as_text
from explainers.style import day, day_from_iso, whole
from pages.shared import captured, readers


def picture(figure: go.Figure, title: str, alt: str) -> None:
    """Offer a chart as PNG and SVG, with its finding, its source and, where exports are marked, for whom it is.

    Parameters
    ----------
    figure : plotly Figure
        As drawn on light paper.
    title : str
        The finding that stands over it.
    alt : str
        Its description on the page; tells charts of one page apart.
    """
    captured.chart("picture", figure, title, alt)
    key = f"picture-{crc32(alt.encode()):08x}"
    with st.container(horizontal=True):
        menu = st.popover("Save picture", type="tertiary", key=key, on_change="rerun")
    if not menu.open:
        return
    # Matplotlib takes half a second to load: only who saves a picture waits for it
    from explainers.pictures import Caption, paint_png, paint_svg

    reader = readers.current()
    caption = Caption(title, source_of(reader), mark_of(reader))
    name = f"candor-{reader.snapshot_id}-{key}"
    with menu:
        png, svg = paint_png(figure, caption), paint_svg(figure, caption)
        st.download_button("PNG", png, f"{name}.png", "image/png", key=f"{key}-png", on_click="ignore")
        st.download_button("SVG", svg, f"{name}.svg", "image/svg+xml", key=f"{key}-svg", on_click="ignore")


def table(label: str, text: str, name: str) -> None:
    """Offer a table as CSV, marked where exports are."""
    captured.csv_table(text, name.removesuffix(".csv"))
    mark = mark_of(readers.current())
    content = marked(text, mark) if mark else text
    st.download_button(label, content, file_name=name, mime="text/csv", on_click="ignore", key=f"download-{name}")


def marked(text: str, mark: str) -> str:
    """Return a CSV with one more column that says for whom it was made."""
    rows = list(csv.reader(io.StringIO(text)))
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerows([*row, as_text(mark) if place else "Made for"] for place, row in enumerate(rows))
    return target.getvalue()


def source_of(reader: Reader) -> str:
    """Return where the figures of a picture come from."""
    manifest = reader.manifest
    parts = [
        f"{manifest.model_name}, version {manifest.model_version}",
        f"snapshot {manifest.snapshot_id}",
        f"{whole(float(reader.totals()['n']))} applications",
        *([f"as of {day_from_iso(manifest.as_of)}"] if manifest.as_of else []),
        *(["synthetic data"] if manifest.synthetic else []),
    ]
    return " · ".join(parts)


def mark_of(reader: Reader) -> str:
    """Return the watermark of a viewer's exports; "" where they are not marked."""
    return mark_for(reader.viewer)


def mark_for(viewer: Viewer) -> str:
    """Return the watermark of what is made for a view by an account; "" where files of that view are not marked."""
    if viewer.policy.exports != "own rows, watermarked":
        return ""
    return f"{viewer.partner} · {viewer.who} · {day(date.today())}"
