"""Charts as SVG within a page: without a file's head, with names that are theirs alone on the page."""

from __future__ import annotations

import re

from data.workspace.pin_parts import ChartPart
from explainers.packs.pictures import svg_of

NAMES = re.compile(r'(\bid="|href="#|url\(#)')
"""Where an SVG names one of its parts, or points to one."""
NOT_HERE = re.compile(r"<metadata>.*?</metadata>\s*|<style[^>]*>.*?</style>\s*", re.S)
"""What belongs to a file: who made it, and a style that would hold for the whole page."""

FONTS = "'Liberation Sans', Arial, Helvetica, sans-serif"
"""Fonts of one width: a reader has one of them."""

STYLE = re.compile(r' style="([^"]*)"')
"""How the painter says how something looks."""


def light_svg(part: ChartPart) -> bytes:
    """Return a chart as SVG for a writer that reads attributes quickly and styles slowly."""
    text = NOT_HERE.sub("", svg_of(part).decode()).replace("<svg ", '<svg stroke-linejoin="round" ', 1)
    return STYLE.sub(lambda found: "".join(map(_attribute, found[1].split(";"))), text).encode()


def inline_svg(part: ChartPart, prefix: str) -> str:
    """Return a chart as SVG to stand within a page.

    Parameters
    ----------
    part : ChartPart
        A kept chart.
    prefix : str
        Begins every name in it; other than for any other chart of the page.
    """
    text = svg_of(part).decode()
    text = NOT_HERE.sub("", text[text.index("<svg") :])
    text = text.replace("font-family: 'Liberation Sans'", f"font-family: {FONTS}")
    return NAMES.sub(rf"\g<1>{prefix}", text)


def _attribute(declaration: str) -> str:
    name, _, value = declaration.partition(":")
    return f' {name.strip()}="{value.strip()}"' if value else ""
