"""How people ask, read from `assets/ask/phrases.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ruamel.yaml import YAML

from data.files import ROOT

FILE = ROOT / "assets" / "ask" / "phrases.yaml"
NONE = "none"
"""The intent of questions that no page answers."""


@dataclass(frozen=True)
class Phrases:
    """What the search box learns from."""

    intents: Mapping[str, tuple[str, ...]]
    """Intent to phrases, with placeholders."""
    same_words: Mapping[str, str]
    """Word to the words that cards use for it."""
    too_common: frozenset[str]
    """Words that alone name no signal."""
    groups: Mapping[str, str]
    """Word to the kind of group of people it names."""


@cache
def read_phrases() -> Phrases:
    """Read the phrases; once for a process."""
    found = YAML(typ="safe").load(FILE.read_text("utf-8"))
    return Phrases(
        intents={name: tuple(lines) for name, lines in found["intents"].items()},
        same_words=found["same_words"],
        too_common=frozenset(map(str, found["too_common"])),
        groups={word: kind for kind, words in found["groups"].items() for word in words},
    )
