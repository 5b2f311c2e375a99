"""How values of a source become numbers, text and dates: the SQL of each conversion.

In a text column these words mean "missing" where a number, a date, an outcome or a decision is
expected, whatever their case: nothing at all, NA, N/A, NaN, null, None (`MISSING_WORDS`). In a category an
empty text is missing; a missing word is missing too when the model's levels are known and it is
not one of them. Every other text in a numeric column is a problem.

A converted number is NULL when missing and NaN when the text was not a number, so that one pass over
the source is enough; a true NaN of the source counts as missing and becomes NULL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MISSING_WORDS = ("", "na", "n/a", "nan", "null", "none")
"""Words for "missing" in text columns, in lower case; surrounding spaces do not count."""
EARLIEST, LATEST = "1900-01-01", "2199-12-31"
"""Dates outside these are taken to be mistakes."""

_WORDS = ", ".join(f"'{word}'" for word in MISSING_WORDS)
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_INTEGERS = frozenset(_WHOLE) | {f"U{name}" for name in _WHOLE}
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_TEXTS = frozenset({"VARCHAR", "UUID"})


@dataclass(frozen=True)
class Expression:
    """A piece of SQL with the values of its parameters."""

    sql: str
    """An expression over columns of the source or of the raw table."""
    parameters: list[object] = field(default_factory=list)
    """Values for its question marks, in order."""


def family_of(type_name: str) -> str | None:
    """Return "integer", "float", "text", "boolean" or "date" for a DuckDB type, None for all others."""
    if type_name in _INTEGERS:
        return "integer"
    if type_name in _FLOATS or type_name.startswith("DECIMAL"):
        return "float"
    if type_name in _TEXTS or type_name.startswith("ENUM"):
        return "text"
    if type_name == "BOOLEAN":
        return "boolean"
    if type_name == "DATE" or type_name.startswith("TIMESTAMP"):
        return "date"
    return None


def is_missing_word(text: str) -> str:
    """Return the condition that a text expression says "missing"."""
    return f"lower(trim({text})) IN ({_WORDS})"


def as_number(column: str, type_name: str) -> str | None:
    """Return the conversion to DOUBLE (NULL missing, NaN not a number), or None where there is none."""
    family = family_of(type_name)
    if family == "integer":
        return f"CAST({column} AS DOUBLE)"
    if family == "float":
        return f"nullif(CAST({column} AS DOUBLE), 'nan'::DOUBLE)"
    if family == "boolean":
        return f"CAST(CAST({column} AS INTEGER) AS DOUBLE)"
    if family == "text":
        text = f"CAST({column} AS VARCHAR)"
        # DuckDB reads 1_000 as a thousand; in a table it is a code or a slip
        number = f"CASE WHEN contains({text}, '_') THEN NULL ELSE TRY_CAST({text} AS DOUBLE) END"
        otherwise = f"CASE WHEN {text} IS NULL OR {is_missing_word(text)} THEN NULL ELSE 'nan'::DOUBLE END"
        return f"coalesce(nullif({number}, 'nan'::DOUBLE), {otherwise})"
    return None


def as_text(column: str, type_name: str) -> str | None:
    """Return the conversion to VARCHAR, or None where there is none.

    Whole numbers of a floating column lose their ".0": tools that know no missing integer store 17 as
    17.0. Truth values are spelled as in Python, since a model's levels come from there.
    """
    family = family_of(type_name)
    if family == "float":
        number = f"nullif(CAST({column} AS DOUBLE), 'nan'::DOUBLE)"
        whole = f"CAST(CAST({number} AS BIGINT) AS VARCHAR)"
        return (
            f"CASE WHEN abs({number}) < 9e15 AND {number} = trunc({number}) THEN {whole} "
            f"ELSE CAST({number} AS VARCHAR) END"
        )
    if family == "boolean":
        return f"CASE WHEN {column} THEN 'True' WHEN NOT {column} THEN 'False' END"
    return None if family is None else f"CAST({column} AS VARCHAR)"


def as_day(column: str, type_name: str) -> str | None:
    """Return the text of a date as the source has it (ISO for true dates), or None where there is none."""
    family = family_of(type_name)
    if family == "date":
        return f"CAST(CAST({column} AS DATE) AS VARCHAR)"
    if family in ("text", "integer"):
        return without_missing_words(f"CAST({column} AS VARCHAR)")
    return None


def without_missing_words(text: str) -> str:
    """Return a text without surrounding spaces, NULL where it says "missing"."""
    return f"CASE WHEN {is_missing_word(text)} THEN NULL ELSE trim({text}) END"


def as_category(text: str, levels: tuple[str, ...] | None) -> Expression:
    """Return a category's value, spelled as the model's level where it is one.

    Levels that are all numbers are also matched by number: 1, 1.0 and "1" are one level.
    """
    if levels is None:
        return Expression(f"nullif({text}, '')")
    known = list(levels)
    missing = f"CASE WHEN {is_missing_word(text)} THEN NULL ELSE {text} END"
    exact = f"CASE WHEN list_contains(?::VARCHAR[], {text}) THEN {text} END"
    numbers = [_number(level) for level in levels]
    if not known or None in numbers:
        return Expression(f"coalesce({exact}, {missing})", [known])
    by_number = f"list_extract(?::VARCHAR[], list_position(?::DOUBLE[], TRY_CAST({text} AS DOUBLE)))"
    return Expression(f"coalesce({exact}, {by_number}, {missing})", [known, known, numbers])


def _number(level: str) -> float | None:
    try:
        number = float(level)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class DayForm:
    """One way to write a date."""

    name: str
    """Words for it."""
    value: str
    """Conversion of a text column ``{0}`` to DATE, NULL where the text is of another form."""


_TIME = r"( \d{1,2}:\d{2}(:\d{2})?)?"
ISO = DayForm(
    "year-month-day",
    r"CASE WHEN regexp_full_match({0}, '\d{{4}}-\d{{2}}-\d{{2}}([T ].*)?') "
    "THEN TRY_CAST(left({0}, 10) AS DATE) END",
)
COMPACT = DayForm(
    "yearmonthday",
    r"CASE WHEN regexp_full_match({0}, '\d{{8}}') THEN TRY_CAST(try_strptime({0}, '%Y%m%d') AS DATE) END",
)


def _slashed(order: str) -> str:
    pattern = r"\d{1,2}/\d{1,2}/\d{4}" + _TIME
    escaped = pattern.replace("{", "{{").replace("}", "}}")
    return (
        f"CASE WHEN regexp_full_match({{0}}, '{escaped}') "
        f"THEN TRY_CAST(try_strptime(split_part({{0}}, ' ', 1), '{order}') AS DATE) END"
    )


MONTH_FIRST = DayForm("month/day/year", _slashed("%m/%d/%Y"))
DAY_FIRST = DayForm("day/month/year", _slashed("%d/%m/%Y"))
