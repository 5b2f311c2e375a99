"""The words of letters, read from `assets/notices`, and dates as each language writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from data.files import ROOT
from data.notice_schema import Language

FOLDER = ROOT / "assets" / "notices"


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: Language
    """Which."""
    texts: Mapping[str, Any]
    """By key; words in braces are filled in."""

    def __getitem__(self, key: str) -> str:
        """Return a text without anything to fill in."""
        return str(self.texts[key])

    def __getattr__(self, key: str) -> str:
        """Return a text, for templates."""
        try:
            return str(self.texts[key])
        except KeyError:
            raise AttributeError(key) from None

    def fill(self, key: str, **values: str) -> str:
        """Return a text with its words in braces filled in; one that is not given is an error."""
        return str(self.texts[key]).format(**values)

    def day(self, value: date) -> str:
        """Return a date as a letter writes it: "September 30, 2026"."""
        month = self.texts["months"][value.month - 1]
        return self.fill("day", day=str(value.day), month=str(month), year=str(value.year))


@cache
def words_of(language: Language) -> Words:
    """Return the words of a language."""
    with (FOLDER / f"{language}.yaml").open(encoding="utf-8") as stream:
        return Words(language, YAML(typ="safe", pure=True).load(stream))


@cache
def template_hash(language: Language, folder: Path = FOLDER) -> str:
    """Return a SHA-256 over everything a letter in a language is made with."""
    digest = hashlib.sha256()
    for name in ("letter.html", "body.html", "letter.css", f"{language}.yaml"):
        digest.update(f"{name}\0".encode() + (folder / name).read_bytes())
    return digest.hexdigest()
