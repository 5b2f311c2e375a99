"""Charts of a pack as PNG, for writers that cannot draw them, and as SVG: painted once for all forms of one pack."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from data.workspace.chain import canonical
from data.workspace.pin_parts import ChartPart
from explainers.pictures import Caption, paint_png, paint_svg
from explainers.pins.charts import chart_kept

SHARP = 1.5
"""Pixels for each one of the layout: 200 an inch on a printed page."""
MOST = 128
"""Pictures that are remembered: some 60 kB each."""
_PAINTED: OrderedDict[str, bytes] = OrderedDict()
_GUARD = Lock()


def picture_of(part: ChartPart) -> bytes:
    """Return a kept chart as PNG, without words around it: the document has its title and its source.

    Raises
    ------
    NotImplementedError
        The figure holds something that the painter does not know.
    """
    return _painted("png", part, partial(paint_png, scale=SHARP))


def svg_of(part: ChartPart) -> bytes:
    """Return a kept chart as SVG whose letters are text; see `picture_of`."""
    return _painted("svg", part, partial(paint_svg, as_text=True))


def _painted(form: str, part: ChartPart, paint: Callable[[Any, Caption], bytes]) -> bytes:
    key = f"{form} {hashlib.sha256(canonical(part.figure).encode()).hexdigest()}"
    with _GUARD:
        if key in _PAINTED:
            _PAINTED.move_to_end(key)
            return _PAINTED[key]
    painted = paint(chart_kept(part), Caption("", ""))
    with _GUARD:
        _PAINTED[key] = painted
        while len(_PAINTED) > MOST:
            _PAINTED.popitem(last=False)
    return painted
