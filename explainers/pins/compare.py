"""What was shown then beside what is shown now: the same, or where and why not.

Every word and every number is compared: sentences, the visible text of the house's templates, the cells of tables, and
all figures of charts, but for the template that says how charts look. Numbers are equal when they are the same to
`TOLERANCE`: the order in which a computer adds moves the last of 16 digits, which nobody sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from typing import Any

from data.workspace.chain import canonical
from data.workspace.pin_parts import ChartPart, MarkupPart, Part, Shown, Source, TablePart, WordsPart
from data.workspace.pins import Verdict

TOLERANCE = 1e-12
"""Largest relative gap between two numbers that count as the same."""
MOST = 20
"""Differences that are written out; all are counted."""
TAG = re.compile(r"<[^>]*>")
Value = str | float | bool | None
Facts = list[tuple[str, Value]]
"""(place within the part, value)."""


@dataclass(frozen=True)
class Difference:
    """One place where then and now differ."""

    place: str
    """Which part, and where in it."""
    then: str | None
    """What was shown; None where there was nothing."""
    now: str | None
    """What is shown; None where there is nothing."""


@dataclass(frozen=True)
class CheckResult:
    """What came out when a pin was computed again."""

    snapshot_id: str
    """Snapshot it was computed on this time."""
    verdict: Verdict
    """"same", or the first of its causes; "unexpected" without any."""
    n: int
    """How many words and numbers were compared."""
    n_differences: int
    """How many differ."""
    differences: tuple[Difference, ...]
    """The first of them, at most `MOST`."""
    largest_gap: float
    """Largest relative gap between two numbers that count as the same; 0 where every bit is equal."""
    causes: tuple[str, ...]
    """What is not as it was: "snapshot", "model", "code", "libraries", "beside"."""


def compute_check(then: Shown, now: Shown) -> CheckResult:
    """Compare a page as it was shown with the same page as it is shown.

    Parameters
    ----------
    then : Shown
        From a pin.
    now : Shown
        The same page with the same inputs.
    """
    found, compared, gap = _compare(then.parts, now.parts)
    causes = _causes(then.source, now.source)
    return CheckResult(
        snapshot_id=now.source.snapshot_id,
        verdict=_verdict(causes) if found else "same",
        n=compared,
        n_differences=len(found),
        differences=tuple(found[:MOST]),
        largest_gap=gap,
        causes=causes,
    )


def facts(part: Part) -> Facts:
    """Return every word and number of a part, each with its place."""
    if isinstance(part, WordsPart):
        return [("", part.text)]
    if isinstance(part, MarkupPart):
        return [("", unescape(piece).strip()) for piece in TAG.split(part.markup) if piece.strip()]
    if isinstance(part, TablePart):
        cells = [
            (f"row {number}, “{column}”", cell)
            for number, row in enumerate(part.rows, start=1)
            for column, cell in zip(part.columns, row, strict=True)
        ]
        return [*(("title", column) for column in part.columns), *cells]
    layout = {key: value for key, value in part.figure.get("layout", {}).items() if key != "template"}
    drawn = [*_leaves("drawing", part.figure.get("data", [])), *_leaves("frame", layout)]
    return [("title", part.title), ("description", part.alt), *drawn]


def name_part(part: Part) -> str:
    """Return what a part is called on screen."""
    if isinstance(part, ChartPart):
        return f"Chart “{part.title}”"
    if isinstance(part, TablePart):
        return f"Table “{part.name}”" if part.name else "Table"
    if isinstance(part, MarkupPart):
        return "Technical detail" if part.kind == "technical" else "Bars and facts"
    return {"how": "How to read this", "limits": "What this does not tell you"}.get(part.kind, part.kind.capitalize())


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Mapping):
        for key, one in sorted(value.items()):
            yield from _leaves(f"{place} {key}", one)
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value, start=1):
            yield from _leaves(f"{place} {number}", one)
    else:
        yield place, value


def _compare(then: Sequence[Part], now: Sequence[Part]) -> tuple[list[Difference], int, float]:
    """Return the differences, how many facts were compared, and the largest gap between equal numbers."""
    keys = [[f"{type(p).__name__} {canonical(facts(p))}" for p in side] for side in (then, now)]
    found: list[Difference] = []
    compared, gap = 0, 0.0
    for same, a, b, c, d in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes():
        if same == "equal":
            compared += sum(len(facts(part)) for part in then[a:b])
            continue
        for old, new in _pairs(then[a:b], now[c:d]):
            more, count, wide = _compare_part(old, new)
            found += more
            compared, gap = compared + count, max(gap, wide)
    return found, compared, gap


def _pairs(then: Sequence[Part], now: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Yield parts of one kind beside each other, in their order; None where the other side has none left."""
    left = list(now)
    for old in then:
        new = next((part for part in left if type(part) is type(old) and part.kind == old.kind), None)
        if new is not None:
            left.remove(new)
        yield old, new
    yield from ((None, new) for new in left)


def _compare_part(old: Part | None, new: Part | None) -> tuple[list[Difference], int, float]:
    part = old if old is not None else new
    if part is None or old is None or new is None:
        place = name_part(part) if part is not None else ""
        gone = Difference(place, None if old is None else "shown", None if new is None else "shown")
        return [gone], 1, 0.0
    before, after = facts(old), facts(new)
    found: list[Difference] = []
    gap = 0.0
    for number in range(max(len(before), len(after))):
        was = before[number] if number < len(before) else None
        is_now = after[number] if number < len(after) else None
        wide = _gap(was, is_now)
        if wide is None:
            where = (was or is_now or ("", None))[0]
            found.append(Difference(" · ".join(filter(None, (name_part(old), where))), _said(was), _said(is_now)))
        else:
            gap = max(gap, wide)
    return found, max(len(before), len(after)), gap


def _gap(was: tuple[str, Value] | None, now: tuple[str, Value] | None) -> float | None:
    """Return the relative gap between two values that count as the same, None where they do not."""
    if was is None or now is None:
        return None
    a, b = was[1], now[1]
    if isinstance(a, bool | str) or isinstance(b, bool | str) or a is None or b is None:
        return 0.0 if a == b and type(a) is type(b) else None
    if a == b:
        return 0.0
    gap = abs(a - b) / max(abs(a), abs(b))
    return gap if gap <= TOLERANCE else None


def _said(fact: tuple[str, Value] | None) -> str | None:
    if fact is None:
        return None
    return "empty" if fact[1] is None else str(fact[1])


def _causes(then: Source, now: Source) -> tuple[str, ...]:
    """Return what is not as it was when a pin was made."""
    model = then.model_label != now.model_label or then.inputs.get("model") != now.inputs.get("model")
    differs = {
        "snapshot": then.snapshot_hash != now.snapshot_hash,
        "model": model,
        "code": then.code_hash != now.code_hash,
        "libraries": dict(then.libraries) != dict(now.libraries),
        "beside": {*then.beside, then.snapshot_id} != {*now.beside, now.snapshot_id},
    }
    return tuple(cause for cause, differ in differs.items() if differ)


def _verdict(causes: Sequence[str]) -> Verdict:
    if {"snapshot", "model"} & set(causes):
        return "snapshot"
    if {"code", "libraries"} & set(causes):
        return "code"
    return "beside" if "beside" in causes else "unexpected"
