"""HTML fragments made from results by templates that escape every value.

Labels come from a user's card and values from a user's table: both may hold markup. The templates
under `assets/templates` are rendered with autoescaping always on; nothing is ever marked safe.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().parents[1] / "assets" / "templates"


@cache
def environment(folder: Path) -> Environment:
    """Return how the templates of a folder are filled: every value is escaped, a missing one is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **context: Any) -> str:
    """Fill a template of `assets/templates`."""
    return environment(TEMPLATES).get_template(template).render(**context)
