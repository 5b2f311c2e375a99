"""The registry of facts: every figure that a script may name, what it is about, and how it is read.

A fact is read from the result of the function that makes the page's own figure, and written by the same words. So a
claim cannot say another number than the page. What a viewer may not have is not a fact for that viewer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from data.errors import CandorError, NotFoundForViewer
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.facts_decision import RULES as ABOUT_A_DECISION
from explainers.walkthroughs.facts_groups import RULES as ABOUT_GROUPS
from explainers.walkthroughs.facts_model import RULES as ABOUT_A_MODEL
from explainers.walkthroughs.result import Fact
from explainers.walkthroughs.rules import FactRule

INPUTS = ("app", "attribute", "group")
"""What facts can be about, in the order it is chosen: an application, an attribute of people, a group of it."""
FACTS: Mapping[str, FactRule] = MappingProxyType(
    {rule.name: rule for rule in (*ABOUT_A_MODEL, *ABOUT_A_DECISION, *ABOUT_GROUPS)}
)
"""Name of each fact to its rule."""


def read_fact(desk: Desk, name: str) -> Fact | str:
    """Read one fact, or say in a sentence why it is not there.

    Parameters
    ----------
    desk : Desk
        Results for a viewer and the inputs of a walkthrough.
    name : str
        A key of `FACTS`.
    """
    rule = FACTS[name]
    try:
        found = rule.read(desk)
    except NotFoundForViewer as error:
        return f"Not available in your view: {_lower(error.title)}. {error.message}".strip()
    except CandorError as error:
        return f"{_upper(rule.label)} cannot be computed: {error.title}. {error.message}".strip()
    if found is None:
        return f"{_upper(rule.label)}: not known on this snapshot, or not available in your view."
    if isinstance(found.value, float) and not math.isfinite(found.value):
        return f"{_upper(rule.label)}: not known on this snapshot."
    return Fact(name, rule.label, found.value, found.text, found.n, rule.source, desk.reader.manifest.fingerprint)


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
