"""A letter as a tagged PDF, made from the letter's own HTML."""

from __future__ import annotations

from explainers.notices.render_html import render_html, style
from explainers.notices.result import NoticeResult, Recipient
from explainers.pdf import make_pdf


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
    return make_pdf(render_html(result, recipient, mark, styled=False), style())
