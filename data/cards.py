"""Read a model card and report all its problems at once, each with its line and the remedy."""

from __future__ import annotations

import hashlib
import types
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from data import card_text
from data.card_rules import Complaint, complaints_of, is_todo
from data.card_schema import Card, Column, Slug, SqlText, Text
from data.card_text import CardText, parse_card_text
from data.errors import CardError, Problem
from data.suggestions import did_you_mean

MAX_BYTES = 5_000_000
"""A card of 1,800 signals with full reasons takes about one."""


@dataclass(frozen=True)
class LoadedCard:
    """A card of the right shape, with the text it came from."""

    card: Card
    """The card's content."""
    path: Path
    """The file."""
    text: str
    """The file's text, without a byte-order mark."""
    sha256: str
    """Hash of the file's bytes, in hex."""
    folder: Path
    """The folder from which the card's own paths start."""
    written: CardText
    """Values and lines as written."""

    def line_of(self, *keys: str | int) -> int | None:
        """Return the line of a key, such as ``line_of("features", "income", "unit")``."""
        return self.written.line_of(*keys)

    def place(self, *keys: str | int) -> str:
        """Return a key's place for a report: "card.yaml line 12, features.income.unit"."""
        return self.written.place(*keys)


def read_card(path: str | Path) -> LoadedCard:
    """Read and check a model card.

    Parameters
    ----------
    path : str or Path
        The YAML file (YAML 1.2, UTF-8, at most 5 MB).

    Raises
    ------
    CardError
        With every problem found, in the order of their lines.
    """
    loaded, problems = look_at_card(path)
    if loaded is None or problems:
        raise CardError(title_of(path), problems)
    return loaded


def look_at_card(path: str | Path) -> tuple[LoadedCard | None, list[Problem]]:
    """Read a card and return its problems, so that they can be reported together with others.

    Returns
    -------
    LoadedCard or None
        The card where its shape is right, even when some of its words or rules are not.
    list of Problem
        In the order of their lines; empty for a card that can be used.

    Raises
    ------
    CardError
        The file cannot be read at all.
    """
    path = Path(path)
    raw = _read_bytes(path)
    text = _decode(path.name, raw)
    written = parse_card_text(text, path.name)
    problems = list(written.problems)
    card = None
    if isinstance(written.values, dict):
        card, complaints = _check(written.values)
        complaints.sort(key=lambda complaint: written.line_of(*complaint.path) or 0)
        problems += [Problem(written.place(*c.path), c.found, c.allowed, c.remedy) for c in complaints]
    elif not problems:
        remedy = "Start from python -m explainers draft-card."
        problems = [Problem(path.name, _found(written.values), "blocks such as model: and features:", remedy)]
    if card is None:
        return None, problems
    return LoadedCard(card, path, text, hashlib.sha256(raw).hexdigest(), path.resolve().parent, written), problems


def title_of(path: str | Path) -> str:
    """Return the title of a report about a card."""
    return f"The model card {Path(path).name} cannot be used"


def _read_bytes(path: Path) -> bytes:
    allowed = f"a YAML file of at most {MAX_BYTES // 1_000_000} MB"
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else "a file that cannot be opened"
        problem = Problem(path.name or str(path), found, allowed, "Check the path and that you may read it.")
        raise CardError("The model card cannot be read", [problem]) from error
    if len(raw) > MAX_BYTES:
        problem = Problem(path.name, "a larger file", allowed, "Check that this file is a model card.")
        raise CardError("The model card cannot be read", [problem])
    return raw


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        remedy = "Save the file as UTF-8 in your editor."
        problem = Problem(f"{name} line {line}", "a byte that is not UTF-8", "text in UTF-8", remedy)
        raise CardError("The model card cannot be read", [problem]) from error


def _check(values: dict[str, Any]) -> tuple[Card | None, list[Complaint]]:
    """Return the card if its shape is right, and every complaint about it."""
    complaints, todo_paths = _todos(values)
    # the only number that is compared exactly; all others are read from text by their type
    typed = {**values, "card_version": 1} if values.get("card_version") == "1" else values
    card = None
    try:
        card = Card.model_validate(typed)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        complaints += [c for c in map(_translate, details) if c.path not in todo_paths]
    complaints += [c for c in complaints_of(values) if c.path not in todo_paths]
    return card, complaints


def _todos(values: dict[str, Any]) -> tuple[list[Complaint], set[card_text.Path]]:
    complaints: list[Complaint] = []
    paths: set[card_text.Path] = set()
    for path, value in card_text.walk(values):
        if is_todo(value or "") or any(is_todo(str(key)) for key in path):
            allowed = describe(_hint_at(path)) or "a decision by a person"
            complaints.append(Complaint(path, "TODO", allowed, "Decide this and write it in."))
            paths.update(path[:length] for length in range(len(path), 0, -1) if is_todo(str(path[length - 1])))
            paths.add(path)
    return complaints, paths


def _translate(detail: ErrorDetails) -> Complaint:
    """Turn one error of the schema into a plain sentence."""
    kind, loc, value = detail["type"], tuple(detail["loc"]), detail["input"]
    if loc and loc[-1] == "[key]":
        remedy = "Rename the key, here and wherever it is used."
        allowed = describe(get_args(_bare(_hint_at(loc[:-2])))[0])
        return Complaint(loc[:-1], f"the name {str(loc[-2])[:60]!r}", allowed, remedy)
    allowed = describe(_hint_at(loc))
    if kind == "missing":
        where = card_text.dotted(loc[:-1]) or "the card"
        return Complaint(loc, "nothing", allowed, f"Add {loc[-1]} to {where}.")
    if kind == "extra_forbidden":
        keys = list(_fields(_hint_at(loc[:-1])))
        remedy = f"{did_you_mean(str(loc[-1]), keys)}Rename it, or remove it."
        return Complaint(loc, f"the unknown key {str(loc[-1])[:60]!r}", f"the keys {', '.join(keys)}", remedy)
    if kind == "greater_than":
        allowed = f"a number above {detail['ctx']['gt']:g}"
    return Complaint(loc, _found(value), allowed, _remedy(value, _hint_at(loc)))


def _remedy(value: Any, hint: Any) -> str:
    choices = _choices(_bare(hint))
    if isinstance(value, str) and choices:
        return f"{did_you_mean(value, choices)}Write one of these words."
    if _bare(hint) is float and isinstance(value, str) and value.endswith("%"):
        return "Write the number without a percent sign, such as 0.18 for 18 %."
    return "Mend the value." if value is not None else "Write the value, or remove the key if it may be left out."


def _found(value: Any) -> str:
    """Say what stands in the card, in few words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a block of {len(value):,} {'key' if len(value) == 1 else 'keys'}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value):,}"
    return repr(value) if len(str(value)) <= 60 else f"a text of {len(str(value)):,} characters"


_WORDS: dict[Any, str] = {
    Slug: "lower-case letters, digits and hyphens, at most 64",
    Text: "text of 1 to 2,000 characters",
    Column: "the name of a column",
    SqlText: "one SELECT statement of at most 20,000 characters",
    float: "a number, such as 0.18",
    bool: "true or false",
    str: "text",
    dict: "a block of one or more names",
    tuple: "a list",
}


def describe(hint: Any) -> str:
    """Say in words what a field of the card may hold; nothing for a field the schema does not know."""
    bare = _bare(hint)
    if choices := _choices(bare):
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    if keys := list(_fields(bare)):
        return f"a block with the keys {', '.join(keys)}"
    kind = get_origin(bare)
    return _WORDS.get(kind if kind in {dict, tuple} else bare, "")


def _bare(hint: Any) -> Any:
    """Return a type without "or None" and without annotations that are not named in the schema."""
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    if get_origin(hint) is Annotated and hint not in (Slug, Text, Column, SqlText):
        return _bare(get_args(hint)[0])
    return hint


def _choices(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return [str(choice) for choice in get_args(hint)]
    return [unit.value for unit in hint] if isinstance(hint, type) and issubclass(hint, StrEnum) else []


def _fields(hint: Any) -> dict[str, Any]:
    bare = _bare(hint)
    return _block_fields(bare) if isinstance(bare, type) and issubclass(bare, BaseModel) else {}


@lru_cache
def _block_fields(block: type[BaseModel]) -> dict[str, Any]:
    """Return the fields of a block with their types; cached, since a wide card asks thousands of times."""
    hints = get_type_hints(block, include_extras=True)
    return {name: hints[name] for name in block.model_fields}


def _hint_at(path: card_text.Path) -> Any:
    """Return the type the schema wants at a path, or None where it knows no such field."""
    hint: Any = Card
    for key in path:
        hint = _step(_bare(hint), key)
    return hint


def _step(hint: Any, key: str | int) -> Any:
    if get_origin(hint) is dict:
        return get_args(hint)[1]
    if get_origin(hint) is tuple:
        return get_args(hint)[0]
    return _fields(hint).get(str(key))
