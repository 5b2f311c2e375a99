"""The block `alternatives:` of a model card: the table that a search for less different models learns from."""

from __future__ import annotations

from pydantic import Field, model_validator

from data.card_types import Column, Strict, Text

APPLICATIONS = "applications"
"""In place of a file: the snapshot's own applications with a known outcome that the model did not learn from."""


class AlternativesBlock(Strict):
    """Where a search for alternatives finds rows with signals, outcomes and groups.

    Without this block the snapshot's own applications are used. A file is never read when a snapshot is built, and
    never copied into one: it holds outcomes and groups of people who may not be in the snapshot.
    """

    training: Text = APPLICATIONS
    """"applications", or a CSV or Parquet file: an absolute path, or one in the folder `training` of Candor's home."""
    outcome: Column | None = None
    """Of a file: the column with 1 where the outcome happened, 0 where it did not."""
    groups: dict[Column, Column] = Field(default_factory=dict)
    """Of a file: the column that holds each attribute of the card's block `groups`, by the attribute's name."""

    @model_validator(mode="after")
    def _says_where(self) -> AlternativesBlock:
        if self.training != APPLICATIONS and (self.outcome is None or not self.groups):
            raise ValueError("a training file needs `outcome` and `groups`: the names of its columns")
        return self
