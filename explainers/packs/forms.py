"""The forms in which a pack can be read: the end of a file's name and what writes it."""

from __future__ import annotations

from collections.abc import Callable

from explainers.packs.document import Document

Writer = Callable[[Document], bytes]


def write_word(pack: Document) -> bytes:
    """Return a pack as a Word file."""
    from explainers.packs.render_word import render_word

    return render_word(pack)


def write_slides(pack: Document) -> bytes:
    """Return a pack as a PowerPoint file."""
    from explainers.packs.render_slides import render_slides  # its library takes a third of a second to load

    return render_slides(pack)


def write_html(pack: Document) -> bytes:
    """Return a pack as one HTML page."""
    from explainers.packs.render_html import render_html

    return render_html(pack).encode()


def write_pdf(pack: Document) -> bytes:
    """Return a pack as PDF."""
    from explainers.packs.render_pdf import render_pdf

    return render_pdf(pack)


WRITERS: dict[str, Writer] = {".pdf": write_pdf, ".docx": write_word, ".pptx": write_slides, ".html": write_html}
"""End of a file's name -> its writer."""
