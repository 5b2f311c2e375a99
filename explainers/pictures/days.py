"""Days that a kept figure writes as text become days again: Matplotlib would take them for names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

MONTHS = "%b %Y"
"""Format of every axis of days in the house's charts."""


def with_days(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure whose axes of months hold days: in traces, ranges, shapes and labels.

    Parameters
    ----------
    figure : mapping
        Traces under "data" and settings under "layout", arrays unpacked.
    """
    layout = figure["layout"]
    sides = [(side, name) for name in layout for side in ("x", "y") if _has_months(layout, name, side)]
    for side, name in sides:
        layout = {**layout, name: _keys(layout[name], ("range",))}
        own = f"{side}{name.removeprefix(f'{side}axis')}"
        for kind, places in (("shapes", (f"{side}0", f"{side}1")), ("annotations", (side,))):
            if layout.get(kind):
                layout[kind] = [
                    _keys(one, places) if str(one.get(f"{side}ref") or side).split(" ")[0] == own else one
                    for one in layout[kind]
                ]
        figure = {
            **figure,
            "data": [
                _keys(trace, (side,)) if str(trace.get(f"{side}axis") or side) == own else trace
                for trace in figure["data"]
            ],
        }
    return {**figure, "layout": layout}


def _has_months(layout: Mapping[str, Any], name: str, side: str) -> bool:
    return name.startswith(f"{side}axis") and (layout[name] or {}).get("tickformat") == MONTHS


def _keys(settings: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {**settings, **{name: _day(settings[name]) for name in names if settings.get(name) is not None}}


def _day(value: Any) -> Any:
    """Return text as a day, lists member by member; what is no text stays."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return [_day(one) for one in value] if isinstance(value, list | tuple) else value
