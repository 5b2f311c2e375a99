"""The file of roles as it is written: its shape, and all its problems with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from data.access import Audience
from data.card_text import CardText, Path, parse_card_text
from data.errors import Problem
from data.policy import POLICY
from data.suggestions import did_you_mean

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
"""A name of the provider or of a partner, exactly as it stands there."""
Hours = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False)]
"""How long a sign-in lasts: a working day at most."""

ALLOWED = {
    "audience": " or ".join(Audience),
    "maximum_age_hours": "a number of hours above 0, at most 24",
    "all": "a moment with its time zone, like 2026-11-20T10:00:00Z",
    "accounts": "account: moment with its time zone, like 2026-11-20T10:00:00Z",
    "rules": "a list of rules: value, audience, and partner where it is needed",
    "not_before": "a block with all, accounts, or both",
}
"""Key -> what may stand there; any other key takes a text."""


class _Strict(BaseModel):
    """No unknown keys; nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleFields(_Strict):
    """One rule as written."""

    value: Word
    audience: Audience
    partner: Word | None = None


class NotBeforeFields(_Strict):
    """Moments before which sign-ins are over."""

    all: AwareDatetime | None = None
    accounts: dict[Word, AwareDatetime] = Field(default_factory=dict)


class RolesFields(_Strict):
    """The whole file as written."""

    issuer: Word
    client: Word
    claim: Word
    maximum_age_hours: Hours = 8.0
    rules: Annotated[list[RuleFields], Field(min_length=1)]
    not_before: NotBeforeFields = Field(default_factory=NotBeforeFields)


def read_fields(text: str, name: str) -> tuple[RolesFields | None, list[Problem]]:
    """Return the fields of a file of roles, and every problem found in it.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        The file's name for the problems' places.
    """
    written = parse_card_text(text, name)
    problems = list(written.problems)
    fields = None
    if not problems:
        try:
            fields = RolesFields.model_validate(written.values)
        except ValidationError as error:
            problems += [_problem(written, e["loc"], e["type"]) for e in error.errors()]
        problems += _rule_problems(written)
    return fields, problems


def _problem(written: CardText, loc: Path, kind: str) -> Problem:
    """Say one complaint of the shape in words."""
    place = written.place(*(key for key in loc if key != "[key]"))
    key = next((str(key) for key in reversed(loc) if isinstance(key, str) and key != "[key]"), "")
    if kind == "missing":
        return Problem(place, "nothing", f"the key {key}", "Add it.")
    if kind == "extra_forbidden":
        near = did_you_mean(key, [*RolesFields.model_fields, *RuleFields.model_fields])
        return Problem(place, f"the unknown key {key}", "the keys of the example in data/roles.py", f"{near}Remove it.")
    block = "accounts" if "accounts" in loc else key
    if not loc:
        return Problem(place, "no keys", "issuer, client, claim, rules", "Start from the example in data/roles.py.")
    return Problem(place, _found(written.values, loc), ALLOWED.get(block, "a text"), "Write it in this form.")


def _found(values: Any, loc: Path) -> str:
    for key in loc:
        if isinstance(values, list) and isinstance(key, int):
            values = values[key]
        else:
            values = values.get(key) if isinstance(values, dict) else None
    if isinstance(values, dict | list):
        return "a block" if values else "an empty block"
    return "nothing" if values is None else f'"{str(values)[:60]}"'


def _rule_problems(written: CardText) -> Iterator[Problem]:
    """Yield what no single key can say: a partner where one is needed, and no group twice."""
    rules = written.values.get("rules") if isinstance(written.values, dict) else None
    seen: dict[str, int] = {}
    for position, rule in enumerate(rules if isinstance(rules, list) else []):
        if not isinstance(rule, dict):
            continue
        yield from _partner_problems(written, position, rule)
        value = rule.get("value")
        if isinstance(value, str) and seen.setdefault(value.strip(), position) != position:
            first = written.place("rules", seen[value.strip()], "value")
            place = written.place("rules", position, "value")
            yield Problem(place, f'"{value[:60]}" a second time (first: {first})', "each group once", "Keep one.")


def _partner_problems(written: CardText, position: int, rule: dict[str, Any]) -> Iterator[Problem]:
    audience = rule.get("audience")
    if not isinstance(audience, str) or audience.strip() not in set(Audience):
        return
    needed = POLICY[Audience(audience.strip())].rows == "own partner"
    given = bool(str(rule.get("partner") or "").strip())
    if needed and not given:
        allowed = "the partner's name, exactly as in the applications"
        yield Problem(written.place("rules", position), "a partner's view without partner", allowed, "Add partner.")
    if given and not needed:
        place = written.place("rules", position, "partner")
        yield Problem(place, f"a partner for {audience.strip()}", "no partner: this view has all", "Remove partner.")
