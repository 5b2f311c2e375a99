"""Tagged PDF (PDF/UA-1) from HTML, made by WeasyPrint. Nothing is fetched: pictures are handed in."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from data.errors import CandorError

DEBIAN = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-liberation")
"""What Debian must have installed for PDF."""
VARIANT = "pdf/ua-1"
LAYING_OUT = threading.Lock()
SELDOM = (50_000, 20, 50)
"""New objects after which garbage is looked for, and how often the older ones are looked through."""
PICTURES = "picture:"
"""Scheme of the addresses under which pictures that are handed in are found."""


class PdfUnavailable(CandorError):
    """Libraries that PDF is made with are missing on this machine; HTML and Word need none of them."""


def make_pdf(page: str, style: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Return a page of HTML as PDF: the same page gives the same bytes.

    Parameters
    ----------
    page : str
        HTML without a stylesheet of its own.
    style : str
        Stylesheet; read once a process for each text.
    pictures : mapping of str to bytes, optional
        SVG files by name; the page shows one as ``picture:NAME``.

    Raises
    ------
    PdfUnavailable
        Libraries are missing; names the Debian packages.
    """
    tools = _tools()
    with _one_at_a_time():
        made: bytes = (
            tools["HTML"](string=page, url_fetcher=tools["fetcher"](pictures or {}))
            .render(stylesheets=[_stylesheet(style)], font_config=tools["fonts"], pdf_variant=VARIANT)
            .write_pdf(pdf_variant=VARIANT)
        )
    return made


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Lay out one document at a time, and look for garbage more seldom.

    A layout is millions of small objects that all live until it is written: looking through them again and again
    takes a tenth of the time. Two layouts at once would take twice the memory and no less time.
    """
    with LAYING_OUT:
        before = gc.get_threshold()
        gc.set_threshold(*SELDOM)
        try:
            yield
        finally:
            gc.set_threshold(*before)


def check_pdf() -> None:
    """Find out now whether PDF can be made here.

    Raises
    ------
    PdfUnavailable
        Libraries are missing; names the Debian packages.
    """
    _tools()


@cache
def _stylesheet(style: str) -> Any:
    tools = _tools()
    return tools["CSS"](string=style, font_config=tools["fonts"], url_fetcher=tools["fetcher"]({}))


@cache
def _tools() -> dict[str, Any]:
    """Load WeasyPrint when a first PDF is asked for; fonts are looked for once."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints advice of its own when a library is missing
            import weasyprint
            from weasyprint.text.fonts import FontConfiguration
            from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        needed = " ".join(DEBIAN)
        raise PdfUnavailable(
            "PDF cannot be made on this machine",
            "Libraries that lay out text are missing. HTML and Word can be made.",
            f"Install them; on Debian: apt-get install {needed}",
        ) from error
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)

    class Handed(URLFetcher):  # type: ignore[misc]  # the library comes without types
        """Finds the pictures that were handed in, and nothing else."""

        def __init__(self, pictures: Mapping[str, bytes]) -> None:
            super().__init__(allowed_protocols=())
            self._pictures = pictures

        def fetch(self, url: str, headers: Any = None) -> Any:
            found = self._pictures.get(url.removeprefix(PICTURES)) if url.startswith(PICTURES) else None
            if found is None:
                return super().fetch(url, headers)  # refuses
            return URLFetcherResponse(url, found, {"Content-Type": "image/svg+xml"})

    return {"HTML": weasyprint.HTML, "CSS": weasyprint.CSS, "fonts": FontConfiguration(), "fetcher": Handed}
