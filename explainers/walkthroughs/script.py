"""Scripts of walkthroughs: their shape, and reading them from YAML with every problem reported at once.

A script names figures; it holds none. A place in a claim is a name that is looked up in the registry of facts
(`explainers.walkthroughs.facts`), never an expression, and nothing of a script is ever evaluated.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from data.access import Audience
from data.card_text import CardText, Path, parse_card_text
from data.card_types import Slug, Strict, Text
from data.errors import InputProblems, Problem
from data.files import ROOT
from data.suggestions import did_you_mean
from explainers.walkthroughs.script_rules import LONGEST_SCRIPT, complaints_of

FOLDER = ROOT / "assets" / "walkthroughs"
SHIPPED = ("examiner-decision", "examiner-fairness", "partner-model")
"""Scripts that come with Candor, in the order of lists."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A fact or an input."""
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,31}$")]
"""A parameter of an address."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Claim = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=800)]
Rule = Literal["equals", "at_least", "at_most", "above", "below", "is_true", "is_in"]
Choice = Literal["declined near the cut-off", "declined", "approved", "any", "largest difference"]


class ConditionBlock(Strict):
    """A comparison that must hold before a claim is made."""

    fact: Name
    rule: Rule
    value: Text | None = None
    other: Name | None = None
    values: tuple[Text, ...] = Field(default=(), max_length=20)


class InputBlock(Strict):
    """Something a walkthrough is about, chosen by the viewer or by a rule."""

    label: Line
    choose: Choice


class StepBlock(Strict):
    """One step."""

    step_id: Slug
    title: Line
    claim: Claim
    needs: tuple[ConditionBlock, ...] = Field(default=(), max_length=12)
    page: Slug
    query: dict[Key, Text] = Field(default={}, max_length=8)
    computed: Text
    recorded: Text
    not_shown: Text
    notes: Text | None = None


class ScriptBlock(Strict):
    """The whole file."""

    script_id: Slug
    title: Line
    audiences: tuple[Audience, ...] = Field(min_length=1, max_length=3)
    purpose: Text
    minutes: int = Field(ge=1, le=240)
    inputs: dict[Name, InputBlock] = Field(default={}, max_length=3)
    steps: tuple[StepBlock, ...] = Field(min_length=1, max_length=40)


@dataclass(frozen=True)
class Input:
    """Something a walkthrough is about."""

    name: str
    """"app", "attribute" or "group"."""
    label: str
    """For people: "The application"."""
    choose: Choice
    """The rule that chooses one when nobody did; the same one every time on a snapshot."""


@dataclass(frozen=True)
class Condition:
    """A comparison of a fact with a constant or another fact; nothing else can be asked."""

    fact: str
    """Name of the fact."""
    rule: Rule
    """How it is compared."""
    value: str | None
    """The constant as written; None where it is compared with another fact."""
    other: str | None
    """Name of the other fact."""
    values: tuple[str, ...]
    """For "is_in": what it may be."""


@dataclass(frozen=True)
class Step:
    """One step: a claim, the page that shows it, and what to know of it."""

    step_id: str
    """Its id in the script."""
    title: str
    """Its title."""
    claim: str
    """The sentence, with names of facts in braces in the places of figures."""
    needs: tuple[Condition, ...]
    """What must hold; else the claim is not made."""
    page: str
    """The page to look at, by the last part of its address."""
    query: tuple[tuple[str, str], ...]
    """The page's inputs; a value may be an input of the script in braces."""
    computed: str
    """How the figures are computed."""
    recorded: str
    """Where they are recorded."""
    not_shown: str
    """What the step does not show."""
    notes: str
    """For the presenter; "" without."""

    @property
    def fact_names(self) -> tuple[str, ...]:
        """Return the facts of the claim, then those of the conditions, each once."""
        asked = [*places_of(self.claim), *(n for c in self.needs for n in (c.fact, c.other) if n is not None)]
        return tuple(dict.fromkeys(asked))


@dataclass(frozen=True)
class Script:
    """A walkthrough."""

    script_id: str
    """Its id: of those shipped, the name of the file."""
    title: str
    """Its title."""
    audiences: tuple[Audience, ...]
    """Who it is for; specialists may walk through every one."""
    purpose: str
    """What it is for, in words."""
    minutes: int
    """How long it takes."""
    inputs: tuple[Input, ...]
    """What it is about, in the order they are chosen."""
    steps: tuple[Step, ...]
    """In their order."""
    text: str
    """The script as written."""
    hash: str
    """SHA-256 of `text` in UTF-8."""

    def is_for(self, audience: Audience) -> bool:
        """Return whether an audience may be shown it."""
        return audience in self.audiences or audience is Audience.SPECIALIST


def places_of(claim: str) -> tuple[str, ...]:
    """Return the names in braces, in order; the check of a script refuses every other brace."""
    return tuple(re.findall(r"\{([a-z0-9_]+)\}", claim))


def read_script(text: str, name: str) -> Script:
    """Read a script and check it.

    Parameters
    ----------
    text : str
        YAML 1.2, at most 60,000 characters.
    name : str
        What the reports call it: "examiner-decision.yaml".

    Raises
    ------
    InputProblems
        With every problem found, each with its line.
    """
    title = f"The walkthrough {name} cannot be used"
    if len(text) > LONGEST_SCRIPT:
        found, allowed = f"{len(text):,} characters", f"at most {LONGEST_SCRIPT:,} characters"
        raise InputProblems(title, [Problem(name, found, allowed, "Shorten it, or make two of it.")])
    written = parse_card_text(text, name)
    problems = list(written.problems)
    if not isinstance(written.values, dict):
        problems = problems or [Problem(name, "no blocks", "a script such as those shipped", "Copy one and edit it.")]
        raise InputProblems(title, problems)
    block, wrong = _shape(written)
    problems += [*wrong, *(Problem(written.place(*path), *told) for path, *told in complaints_of(written.values))]
    if block is None or problems:
        raise InputProblems(title, problems)
    return _script(block, text)


@cache
def shipped() -> tuple[Script, ...]:
    """Return the scripts that come with Candor; read once for a process."""
    files = (FOLDER / f"{name}.yaml" for name in SHIPPED)
    return tuple(read_script(file.read_text("utf-8"), file.name) for file in files)


def _shape(written: CardText) -> tuple[ScriptBlock | None, list[Problem]]:
    """Return the script if its shape is right, and every problem of its shape."""
    try:
        return ScriptBlock.model_validate(written.values), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        deeper = {tuple(d["loc"])[:length] for d in details for length in range(len(d["loc"]))}
        own = (d for d in details if d["type"] != "too_short" or tuple(d["loc"]) not in deeper)
        return None, [_translate(written, detail) for detail in own]


def _translate(written: CardText, detail: ErrorDetails) -> Problem:
    """Turn one error of the schema into a plain sentence."""
    kind, loc, context = detail["type"], tuple(detail["loc"]), detail.get("ctx", {})
    path: Path = tuple(key for key in loc if key != "[key]")
    place, key = written.place(*path), str(path[-1]) if path else "the script"
    if kind == "missing":
        return Problem(place, f"no {key}", f"the key {key}", f"Add {key}.")
    if kind == "extra_forbidden":
        known = sorted({name for model in _BLOCKS for name in model.model_fields})
        remedy = f"{did_you_mean(key, known)}Rename it, or remove it."
        return Problem(place, f"the unknown key {key[:60]!r}", "keys of the scripts shipped", remedy)
    allowed = ALLOWED.get(kind, "what the scripts shipped have there").format(**context)
    return Problem(place, _found(detail["input"]), allowed, "Mend the value.")


_BLOCKS = (ScriptBlock, StepBlock, InputBlock, ConditionBlock)
ALLOWED = {
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "small letters, digits, hyphens, and in names of facts underscores",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "tuple_type": "a list",
    "dict_type": "a block of keys",
    "model_type": "a block of keys",
}
"""Kinds of errors of the schema, and what is allowed, in words."""


def _found(value: Any) -> str:
    """Say what stands in a script, in few words."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list | tuple):
        return f"{len(value):,} entries"
    return repr(value) if len(str(value)) <= 60 else f"a text of {len(str(value)):,} characters"


def _script(block: ScriptBlock, text: str) -> Script:
    return Script(
        script_id=block.script_id,
        title=block.title,
        audiences=tuple(dict.fromkeys(block.audiences)),
        purpose=block.purpose,
        minutes=block.minutes,
        inputs=tuple(Input(name, one.label, one.choose) for name, one in block.inputs.items()),
        steps=tuple(_step(step) for step in block.steps),
        text=text,
        hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def _step(block: StepBlock) -> Step:
    return Step(
        step_id=block.step_id,
        title=block.title,
        claim=" ".join(block.claim.split()),
        needs=tuple(Condition(**one.model_dump()) for one in block.needs),
        page=block.page,
        query=tuple(block.query.items()),
        computed=" ".join(block.computed.split()),
        recorded=" ".join(block.recorded.split()),
        not_shown=" ".join(block.not_shown.split()),
        notes=" ".join((block.notes or "").split()),
    )
