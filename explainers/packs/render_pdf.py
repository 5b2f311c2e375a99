"""A pack as a tagged PDF: contents with page numbers, bookmarks, and on every page who may read it."""

from __future__ import annotations

from html import escape

from explainers.packs.document import Document
from explainers.packs.drawings import light_svg
from explainers.packs.render_html import fill, style
from explainers.pdf import PICTURES, make_pdf
from explainers.style import INK

WATERMARK = "watermark"
LARGEST, ACROSS = 60, 1460
"""Points of the letters of a mark at most, and points of a page's diagonal over the width of a letter of one point."""


def render_pdf(pack: Document) -> bytes:
    """Return a pack as PDF: the same pack gives the same bytes.

    Parameters
    ----------
    pack : Document
        From `compose`.

    Raises
    ------
    PdfUnavailable
        Libraries are missing; names the Debian packages.
    """
    pictures = {f"chart-{chart.number}": light_svg(chart.part) for chart in pack.charts()}
    if pack.watermark:
        pictures[WATERMARK] = _watermark(pack.watermark)
    page = fill(
        pack,
        lambda chart: f"{PICTURES}chart-{chart.number}",
        paper=True,
        watermark=f"{PICTURES}{WATERMARK}" if pack.watermark else "",
    )
    return make_pdf(page, style(paper=True), pictures)


def _watermark(text: str) -> bytes:
    """Return the mark across a page, as large as its length allows; it lies behind the words."""
    size = round(min(LARGEST, ACROSS / len(text)), 1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="612" height="792" viewBox="0 0 612 792">'
        f'<text x="306" y="396" text-anchor="middle" transform="rotate(-52 306 396)" fill="{INK}" fill-opacity="0.1"'
        f' font-family="Liberation Sans" font-weight="bold" font-size="{size}">{escape(text)}</text></svg>'
    ).encode()
