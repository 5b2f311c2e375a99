"""A letter as a tagged PDF (PDF/UA-1), made by WeasyPrint from the letter's own HTML. Nothing is fetched."""

from __future__ import annotations

import contextlib
import io
import logging
from functools import cache
from typing import Any

from data.errors import CandorError
from explainers.notices.render_html import render_html, style
from explainers.notices.result import NoticeResult, Recipient

DEBIAN = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-liberation")
"""What Debian must have installed for PDF."""
VARIANT = "pdf/ua-1"


class PdfUnavailable(CandorError):
    """Libraries that PDF is made with are missing on this machine; HTML and Word need none of them."""


def render_pdf(result: NoticeResult, recipient: Recipient | None = None, mark: str = "") -> bytes:
    """Return a letter as PDF: the same letter gives the same bytes.

    Parameters
    ----------
    result : NoticeResult
        A letter that is ready.
    recipient : Recipient, optional
        To whom it goes; merged here and kept nowhere.
    mark : str
        For whom the copy was made, where files are marked.

    Raises
    ------
    CandorError
        The letter is not ready.
    PdfUnavailable
        Libraries are missing; names the Debian packages.
    """
    page = render_html(result, recipient, mark, styled=False)
    tools = _tools()
    made: bytes = (
        tools["HTML"](string=page, url_fetcher=tools["fetcher"])
        .render(stylesheets=[tools["css"]], font_config=tools["fonts"], pdf_variant=VARIANT)
        .write_pdf(pdf_variant=VARIANT)
    )
    return made


def check_pdf() -> None:
    """Find out now whether PDF can be made here.

    Raises
    ------
    PdfUnavailable
        Libraries are missing; names the Debian packages.
    """
    _tools()


@cache
def _tools() -> dict[str, Any]:
    """Load WeasyPrint when a first PDF is asked for; fonts and stylesheet are read once."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints advice of its own when a library is missing
            import weasyprint
            from weasyprint.text.fonts import FontConfiguration
            from weasyprint.urls import URLFetcher
    except OSError as error:
        needed = " ".join(DEBIAN)
        raise PdfUnavailable(
            "PDF cannot be made on this machine",
            "Libraries that lay out text are missing. Letters as HTML and Word can be made.",
            f"Install them; on Debian: apt-get install {needed}",
        ) from error
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    nothing, fonts = URLFetcher(allowed_protocols=()), FontConfiguration()
    css = weasyprint.CSS(string=style(), font_config=fonts, url_fetcher=nothing)
    return {"HTML": weasyprint.HTML, "css": css, "fonts": fonts, "fetcher": nothing}
