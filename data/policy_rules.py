"""Policy rules of a card: one column, one comparison, one constant. Parsed, never evaluated as code.

A rule is run in two places, over a table in DuckDB and over rows in memory, and both must agree.
So its meaning is fixed here: a missing value matches nothing but "is missing" (not even "!="), and
NaN counts as missing. `fit_rule` decides once, from the column's type, whether numbers or texts are
compared; `to_sql` and `matches` then only follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.card_schema import RULE
from data.errors import CandorError

Operator = Literal["<", "<=", ">", ">=", "=", "!=", "is missing", "is present"]
ColumnType = Literal["number", "text", "date", "boolean"]

_GRAMMAR = 'a rule like "column < 600", "column = text" or "column is missing"'
_YES_NO = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}


class PolicyRuleError(CandorError):
    """A policy rule cannot be understood, or does not suit its column."""


@dataclass(frozen=True)
class ParsedRule:
    """A policy rule in parts."""

    column: str
    """The column it looks at."""
    op: Operator
    """The comparison."""
    value: float | str | None
    """The constant, in the column's own unit; None for "is missing" and "is present"."""
    as_number: bool
    """Numbers are compared, not texts."""
    written: str = ""
    """The constant as it was written, without quotes."""


def parse_rule(when: str) -> ParsedRule:
    """Take a rule apart.

    Parameters
    ----------
    when : str
        The rule as written in the card.

    Raises
    ------
    PolicyRuleError
        If it is no rule, or compares the size of something that is no number.
    """
    match = RULE.match(when)
    if match is None:
        raise PolicyRuleError("A policy rule cannot be read", _GRAMMAR, "Write one column, one comparison, one value.")
    column, op, text = match["column"], match["op"], match["value"]
    if op in {"is missing", "is present"}:
        if text:
            raise PolicyRuleError("A policy rule cannot be read", _GRAMMAR, f"Remove what follows {op!r}.")
        return ParsedRule(column, cast(Operator, op), None, as_number=False)
    operator = cast(Operator, "=" if op == "==" else op)
    written, quoted = _unquote(text)
    if not written and not quoted:
        raise PolicyRuleError("A policy rule has no value", _GRAMMAR, f"Write a value after {op}.")
    number = None if quoted else _number(written)
    if number is None and operator not in {"=", "!="}:
        raise PolicyRuleError("A policy rule needs a number", f"a number after {op}", "Write a number, or use = or !=.")
    return ParsedRule(column, operator, written if number is None else number, number is not None, written)


def fit_rule(rule: ParsedRule, column_type: ColumnType) -> ParsedRule:
    """Return the rule as it must be run on a column of this type; do this before `to_sql` and `matches`.

    Raises
    ------
    PolicyRuleError
        If the rule makes no sense for the type: a size of texts, a word among numbers, a date compared.
    """
    if rule.value is None:
        return replace(rule, as_number=column_type in {"number", "boolean"})
    title = f"A policy rule does not suit its column {rule.column}"
    if column_type == "number" and not rule.as_number:
        raise PolicyRuleError(title, "a number, since the column holds numbers", "Write a number without quotes.")
    if column_type == "boolean":
        if rule.written.lower() not in _YES_NO or rule.op not in {"=", "!="}:
            raise PolicyRuleError(title, "= or != with yes or no", "Compare the column with yes or no.")
        return replace(rule, value=_YES_NO[rule.written.lower()], as_number=True)
    if column_type == "date":
        raise PolicyRuleError(title, "is missing or is present, for a date", "Use a column with a number of days.")
    if column_type == "text":
        if rule.op not in {"=", "!="}:
            raise PolicyRuleError(title, "= or !=, since the column holds text", "Use a column of numbers.")
        return replace(rule, value=rule.written, as_number=False)
    return rule


def to_sql(rule: ParsedRule, quote: Callable[[str], str]) -> tuple[str, list[float | str]]:
    """Return a DuckDB condition that is TRUE or FALSE (never NULL) for every row, and its parameters.

    Parameters
    ----------
    rule : ParsedRule
        A rule that went through `fit_rule`.
    quote : callable
        Quotes an identifier; the column's name reaches the text only through it.
    """
    column = quote(rule.column)
    value = f"CAST({column} AS DOUBLE)" if rule.as_number else f"CAST({column} AS VARCHAR)"
    # DuckDB sorts NaN above every number and equal to itself; for us it is a missing value
    present = f"({column} IS NOT NULL AND NOT isnan({value}))" if rule.as_number else f"({column} IS NOT NULL)"
    if rule.op == "is present":
        return present, []
    if rule.op == "is missing":
        return f"(NOT {present})", []
    comparison = "<>" if rule.op == "!=" else rule.op
    parameter = "CAST(? AS DOUBLE)" if rule.as_number else "CAST(? AS VARCHAR)"
    return f"(CASE WHEN {present} THEN {value} {comparison} {parameter} ELSE FALSE END)", [_constant(rule)]


def matches(rule: ParsedRule, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows the rule catches.

    Parameters
    ----------
    rule : ParsedRule
        A rule that went through `fit_rule`.
    frame : DataFrame, (n, …)
        Rows with the rule's column.

    Returns
    -------
    ndarray of bool, (n,)
    """
    column = frame[rule.column]
    missing: npt.NDArray[np.bool_]
    if rule.as_number:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        missing = np.isnan(values)
    else:
        values = column.astype(object).to_numpy()
        missing = column.isna().to_numpy(dtype=bool)
    if rule.op == "is missing":
        return missing
    if rule.op == "is present":
        return ~missing
    return _compare(rule, values, ~missing)


def _compare(
    rule: ParsedRule, values: npt.NDArray[np.generic], present: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    compare: dict[str, Callable[..., npt.NDArray[np.bool_]]] = {
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal,
    }  # fmt: skip
    caught = np.zeros(len(values), dtype=bool)
    kept = values[present] if rule.as_number else values[present].astype(str).astype(object)
    caught[present] = compare[rule.op](kept, _constant(rule))
    return caught


def _constant(rule: ParsedRule) -> float | str:
    if rule.value is None:
        raise ValueError(f"{rule.op!r} compares with nothing")
    return rule.value


def _unquote(text: str) -> tuple[str, bool]:
    """Return a value without its quotes, and whether it had them."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1], True
    return text, False


def _number(text: str) -> float | None:
    """Return a finite number, or None; Python's own spellings (1_000, inf, nan) are not numbers here."""
    if "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
