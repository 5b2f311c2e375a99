"""From the text of a card to plain values with their lines, before anything is checked for meaning.

Why not an ordinary YAML loader: a card is read from a stranger's file, so depth, size and aliases
must be bounded *while* reading; every value needs its line; and every scalar stays the text that
was written (``version: 1.10`` must not become 1.1, nor ``no`` become false). The shape of the card
(`data.card_schema`) says which of them are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from data.errors import Problem

Path = tuple[str | int, ...]
"""Keys from the top of the card down; items of a list by their position, from 0."""

MAX_DEPTH = 20
"""Blocks inside blocks; a card needs seven."""
MAX_VALUES = 500_000
"""Values and keys after aliases are written out; 1,800 signals need about 50,000."""
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True)
class CardText:
    """The values of a card and where each of them stands."""

    name: str
    """The file's name, as shown in reports."""
    values: Any = None
    """Nested dicts and lists; scalars are text, or None where nothing is written."""
    lines: dict[Path, int] = field(default_factory=dict)
    """Line (from 1) of each key and list item."""
    problems: tuple[Problem, ...] = ()
    """What cannot be read at all."""

    def line_of(self, *keys: str | int) -> int | None:
        """Return the line of a key, or of the nearest block above it that is in the card."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                return self.lines[keys[:length]]
        return None

    def place(self, *keys: str | int) -> str:
        """Return where a key stands, in words: "card.yaml line 12, features.income.unit"."""
        line = self.line_of(*keys)
        where = self.name if line is None else f"{self.name} line {line}"
        return f"{where}, {dotted(keys)}" if keys else where


def dotted(path: Path) -> str:
    """Return a path in words, with items of lists counted from 1: "decision.policy_rules[2].when"."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"{parts.pop() if parts else 'item'}[{key + 1}]")
        else:
            parts.append(key if len(key) <= 80 else key[:79] + "…")
    return ".".join(parts)


def parse_card_text(text: str, name: str) -> CardText:
    """Read YAML 1.2 text into values and lines; never raises for anything that is in the text.

    Parameters
    ----------
    text : str
        The whole card.
    name : str
        The file's name for reports.
    """
    builder = _Builder(name)
    try:
        for event in YAML(typ="safe").parse(text):
            builder.take(event)
    except _StopError as stop:
        builder.problems.append(stop.problem)
        return CardText(name, None, builder.lines, tuple(builder.problems))
    except (YAMLError, UnicodeError, ValueError) as error:
        builder.problems.append(_syntax_problem(name, text, error))
        return CardText(name, None, builder.lines, tuple(builder.problems))
    return CardText(name, builder.root, builder.lines, tuple(builder.problems))


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, str | None]]:
    """Yield the path and text of every scalar of a card; empty keys' values are None."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from walk(child, (*path, key))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from walk(child, (*path, position))
    else:
        yield path, value


class _StopError(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class _Open:
    """A block that is being read."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    key: str | None = None
    skip: bool = False
    size: int = 1
    height: int = 1


class _Builder:
    """Turns parser events into values; keeps no Python recursion, so depth cannot break it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = None
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take one event of the parser."""
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            self._say(line, "a tag (a word that starts with !)", "plain values without tags", "Remove the tag.")
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                self._stop(line, "a second document", "one card in a file", "Remove the line --- and what follows it.")
        elif kind == "ScalarEvent":
            plain = event.implicit[0]
            value = None if plain and event.value in _NOTHING else event.value
            self._put(value, event.value, line, 1, 1, event.anchor)
        elif kind == "AliasEvent":
            self._put_alias(event.anchor, line)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._open({} if kind == "MappingStartEvent" else [], event.anchor, line)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._close(line)

    def _open(self, value: dict[str, Any] | list[Any], anchor: str | None, line: int) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._too_deep(line)
        top = self._stack[-1] if self._stack else None
        path: Path = ()
        if top is not None:
            path = (*top.path, "?" if isinstance(top.value, dict) and top.key is None else self._here(top))
            if isinstance(top.value, list):
                self.lines.setdefault(path, line)
        self._stack.append(_Open(value, path, anchor))

    def _close(self, line: int) -> None:
        done = self._stack.pop()
        self._put(done.value, None, line, done.size, done.height, done.anchor)

    def _put_alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchors:
            self._say(line, f"the alias *{anchor[:40]}", "an alias of a finished block above it", "Write it out.")
            self._put(None, "", line, 1, 1, None)
            return
        value, size, height = self._anchors[anchor]
        if len(self._stack) + height > MAX_DEPTH:
            self._too_deep(line)
        self._put(value, value if isinstance(value, str) else None, line, size, height, None)

    def _put(self, value: Any, text: str | None, line: int, size: int, height: int, anchor: str | None) -> None:
        """Add a finished value to the block around it; `text` is what a scalar says as a key."""
        if anchor is not None:
            self._anchors[anchor] = (value, size, height)
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if top.size > MAX_VALUES:
            allowed = f"at most {MAX_VALUES:,} values, with aliases written out"
            self._stop(line, "too many values", allowed, "Shorten the card.")
        if isinstance(top.value, list):
            self.lines.setdefault((*top.path, len(top.value)), line)
            top.value.append(value)
        elif top.key is None:
            self._put_key(top, text, line)
        else:
            if not top.skip:
                top.value[top.key] = value
            top.key, top.skip = None, False

    def _put_key(self, top: _Open, text: str | None, line: int) -> None:
        top.key = text or "?"
        if not text:
            top.skip = True
            self._say(line, "a key that is no text", "a word as a key", "Write the key as plain text, or quote it.")
            return
        path = (*top.path, text)
        if text in top.value:
            top.skip = True
            first = self.lines.get(path, line)
            self._say(line, f"{dotted(path)} a second time (first on line {first})", "each key once", "Keep one.")
            return
        self.lines.setdefault(path, line)

    @staticmethod
    def _here(top: _Open) -> str | int:
        return len(top.value) if isinstance(top.value, list) else str(top.key)

    def _say(self, line: int, found: str, allowed: str, remedy: str) -> None:
        self.problems.append(Problem(f"{self.name} line {line}", found, allowed, remedy))

    def _stop(self, line: int, found: str, allowed: str, remedy: str) -> None:
        raise _StopError(Problem(f"{self.name} line {line}", found, allowed, remedy))

    def _too_deep(self, line: int) -> None:
        self._stop(line, "blocks nested too deep", f"at most {MAX_DEPTH} levels", "Remove the extra levels.")


def _syntax_problem(name: str, text: str, error: Exception) -> Problem:
    """Say a parser's complaint with its line and column."""
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    place = name
    if mark is not None:
        place = f"{name} line {mark.line + 1}, column {mark.column + 1}"
    elif isinstance(position, int):
        place = f"{name} line {text[:position].count(chr(10)) + 1}"
    found = getattr(error, "problem", None) or "a character that text files do not hold"
    remedy = "Look at this line and the one above: a missing quote, colon, dash or an indent with tabs."
    return Problem(place, f"YAML that cannot be read ({found})", "valid YAML 1.2", remedy)
