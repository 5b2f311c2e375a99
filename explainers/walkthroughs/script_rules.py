"""Rules of a script that no single field can check. They look at the script as written, as the rules of a card do.

A figure typed into a claim would not follow the snapshot, so a claim may hold none: digits stand in places only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from data.card_text import Path, walk
from data.suggestions import did_you_mean
from explainers.walkthroughs.facts import FACTS, INPUTS

LONGEST_SCRIPT = 60_000
"""Characters of a script."""
PAGES: dict[str, frozenset[str]] = {
    "overview": frozenset(),
    "decision": frozenset({"app", "group"}),
    "reasons": frozenset({"cohort"}),
    "notice": frozenset({"app", "language"}),
    "evidence": frozenset(),
    "drivers": frozenset({"cohort", "family", "against"}),
    "signal": frozenset({"signal", "signal-family", "cut", "by", "cohort"}),
    "interactions": frozenset({"cohort"}),
    "what-if": frozenset({"app"}),
    "fairness": frozenset({"attribute", "with", "gap-group", "law", "cohort"}),
    "cohorts": frozenset({"cohort"}),
    "compare": frozenset({"mode", "app", "second", "cohort"}),
    "health": frozenset(),
}
"""Pages a step can show, each with the inputs it may be given. None of them writes anything."""
NEVER_SAID = re.compile(r"\b(compliant|unbiased|fair model|caus(?:e|es|ed|ing))\b", re.IGNORECASE)
"""A walkthrough is evidence for a review. It does not give the review's result, and says nothing of causes."""
PLACE = re.compile(r"\{([^{}]*)\}")
NUMBERS = frozenset({"at_least", "at_most", "above", "below"})
CHOICES = {
    "app": ("declined near the cut-off", "declined", "approved", "any"),
    "attribute": ("largest difference",),
    "group": ("largest difference",),
}
"""How each input may be chosen."""
Complaint = tuple[Path, str, str, str]
"""Where, what was found, what is allowed, what to do."""


def complaints_of(script: dict[str, Any]) -> Iterator[Complaint]:
    """Yield every complaint about a script as written; what has the wrong shape is skipped here."""
    inputs = _block(script.get("inputs"))
    yield from _inputs(inputs)
    seen: set[str] = set()
    for place, step in enumerate(_list(script.get("steps"))):
        path: Path = ("steps", place)
        if not isinstance(step, dict):
            continue
        step_id = str(step.get("step_id"))
        if step_id in seen:
            yield (*path, "step_id"), repr(step_id[:60]), "each step_id once", "Give this step another one."
        seen.add(step_id)
        yield from _claim((*path, "claim"), step.get("claim"), inputs)
        yield from _needs((*path, "needs"), _list(step.get("needs")), inputs)
        yield from _page(path, step, inputs)
    yield from _words(script)


def _block(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _inputs(inputs: dict[str, Any]) -> Iterator[Complaint]:
    for name, block in inputs.items():
        if name not in INPUTS:
            remedy = f"{did_you_mean(name, INPUTS)}Name one of these."
            yield ("inputs", name), f"the input {name[:60]!r}", f"one of {', '.join(INPUTS)}", remedy
            continue
        choose = _block(block).get("choose")
        if isinstance(choose, str) and choose not in CHOICES[name]:
            allowed = f"one of: {'; '.join(CHOICES[name])}"
            yield ("inputs", name, "choose"), repr(choose[:60]), allowed, "Write one of these."
    if "group" in inputs and "attribute" not in inputs:
        yield ("inputs", "group"), "a group without an attribute", "both inputs", "Add the input attribute."


def _claim(path: Path, claim: Any, inputs: dict[str, Any]) -> Iterator[Complaint]:
    if not isinstance(claim, str):
        return
    for name in PLACE.findall(claim):
        yield from _fact(path, name, inputs)
    rest = PLACE.sub("", claim)
    if "{" in rest or "}" in rest:
        yield path, "a brace that stands alone", "names of facts in braces", "Close the brace, or take it out."
    if re.search(r"\d", rest):
        remedy = "Name a fact in braces: a typed figure would not follow the snapshot."
        yield path, "a figure typed into the claim", "figures by the names of facts only", remedy


def _fact(path: Path, name: str, inputs: dict[str, Any]) -> Iterator[Complaint]:
    """Complain about a fact that does not exist, or that is about something the script does not choose."""
    if name not in FACTS:
        remedy = f"{did_you_mean(name, FACTS)}Take one of the registry of facts."
        yield path, f"the fact {name[:60]!r}", "a fact that Candor can compute", remedy
        return
    for wanted in FACTS[name].needs:
        if wanted not in inputs:
            told = f"the fact {name!r}, which is about an input {wanted!r}"
            yield path, told, "facts about inputs the script has", f"Add {wanted} under inputs."


def _needs(path: Path, needs: list[Any], inputs: dict[str, Any]) -> Iterator[Complaint]:
    for place, need in enumerate(needs):
        if not isinstance(need, dict):
            continue
        here = (*path, place)
        for key in ("fact", "other"):
            if isinstance(need.get(key), str):
                yield from _fact((*here, key), need[key], inputs)
        yield from _comparison(here, need)


def _comparison(path: Path, need: dict[str, Any]) -> Iterator[Complaint]:
    """Complain about a comparison that has not exactly what its rule compares with."""
    rule = str(need.get("rule"))
    wanted = {"is_true": (), "is_in": ("values",)}.get(rule, ("value", "other"))
    given = [key for key in ("value", "other", "values") if need.get(key) is not None]
    if len(given) != min(len(wanted), 1) or not set(given) <= set(wanted):
        allowed = f"exactly one of {' and '.join(wanted)}" if wanted else "nothing beside the fact"
        yield path, f"{' and '.join(given) or 'nothing'} beside {rule}", allowed, "Compare with one thing."
    if rule in NUMBERS and isinstance(need.get("value"), str) and not _is_number(need["value"]):
        yield (*path, "value"), repr(need["value"][:60]), "a number, such as 0.05", "Write a number."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _page(path: Path, step: dict[str, Any], inputs: dict[str, Any]) -> Iterator[Complaint]:
    page = step.get("page")
    if not isinstance(page, str):
        return
    if page not in PAGES:
        remedy = f"{did_you_mean(page, PAGES)}Name one of these pages."
        yield (*path, "page"), repr(page[:60]), f"one of {', '.join(PAGES)}", remedy
        return
    for key, value in _block(step.get("query")).items():
        here = (*path, "query", key)
        if key not in PAGES[page]:
            allowed = ", ".join(sorted(PAGES[page])) or "no inputs"
            yield here, f"the input {key[:60]!r} of the page {page}", allowed, "Name one of these, or take it out."
        if not isinstance(value, str) or not ({"{", "}"} & set(value)):
            continue
        name = PLACE.fullmatch(value)
        if name is None or name[1] not in inputs:
            yield here, repr(value[:60]), "words, or one input of the script in braces", "Name an input under inputs."


def _words(script: dict[str, Any]) -> Iterator[Complaint]:
    """Complain about words that promise what no walkthrough can show."""
    for path, text in walk(script):
        said = NEVER_SAID.search(text or "")
        if said is not None:
            allowed = "what was found, without a verdict or a cause"
            yield path, f"the word {said[0]!r}", allowed, "Say what was found."
