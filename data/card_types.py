"""The words and blocks that every part of a model card is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""Lower-case letters, digits and hyphens: safe as a folder name and in a link."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Words for people, never empty."""
SqlText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
"""A query; longer than other texts."""
Column = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""The name of a column of the table, exactly as it stands there."""


class Strict(BaseModel):
    """No unknown keys, no silent conversion, immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)
