"""Packs that are asked for again and again: which pages they want, in which order, with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from ruamel.yaml import YAML

from data.workspace.pins import PinHeading

FILE = Path(__file__).resolve().parents[2] / "assets" / "packs" / "templates.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wanted(_Strict):
    """A page that a template wants."""

    page: str = Field(min_length=1)
    """Last part of its address."""
    what: str = Field(min_length=1)
    """What it is about, after "nothing on"."""
    note: str
    """What the presenter may say; "" for nothing."""


class Template(_Strict):
    """A kind of pack."""

    title: str = Field(min_length=1, max_length=120)
    """What it is called unless somebody types another title."""
    subtitle: str = Field(min_length=1, max_length=120)
    """What it is."""
    intro: tuple[str, ...] = ()
    """Opening words."""
    pages: tuple[Wanted, ...] = Field(min_length=1)
    """The pages it wants, in the order of reading."""
    questions: bool = False
    """Whether answers approved for its readers go in."""
    technical: bool = False
    """Whether the technical detail goes in."""
    limits: tuple[str, ...] = ()
    """What it cannot say."""


@dataclass(frozen=True)
class Place:
    """A page that a template wants, and the pin that stands for it."""

    wanted: Wanted
    """The page."""
    pin: PinHeading | None
    """The newest pin of that page; None where there is none in this view and snapshot."""


@cache
def templates() -> dict[str, Template]:
    """Return every template by its key.

    Raises
    ------
    ValidationError
        The file is not as this module says.
    """
    content = YAML(typ="safe").load(FILE.read_text("utf-8"))
    return TypeAdapter(dict[str, Template]).validate_python(content)


def fill(template: Template, pins: Sequence[PinHeading], snapshot_id: str, scope: str) -> tuple[Place, ...]:
    """Return the pages of a template with the newest pin of each.

    Parameters
    ----------
    template : Template
        What is wanted.
    pins : sequence of PinHeading
        Those the viewer may see.
    snapshot_id, scope : str
        The snapshot and the view they must be of.
    """
    own = [pin for pin in pins if (pin.snapshot_id, pin.scope) == (snapshot_id, scope)]
    newest = {pin.page: pin for pin in sorted(own, key=lambda pin: pin.pinned_at)}
    return tuple(Place(wanted, newest.get(wanted.page)) for wanted in template.pages)
