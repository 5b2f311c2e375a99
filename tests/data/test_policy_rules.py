"""Policy rules: their grammar, and the same answer from DuckDB and from pandas."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import CandorError
from data.policy_rules import ParsedRule, PolicyRuleError, fit_rule, matches, parse_rule, to_sql
from data.sql import quote_identifier


@pytest.mark.parametrize(
    ("when", "column", "op", "value"),
    [
        ("income < 600", "income", "<", 600.0), ("income<=6e2", "income", "<=", 600.0),
        ("debt to income >= -1.5", "debt to income", ">=", -1.5), ("dti > 60", "dti", ">", 60.0),
        ("state = NY", "state", "=", "NY"), ("state == NY", "state", "=", "NY"),
        ("state != New York", "state", "!=", "New York"),
        ("state = '07'", "state", "=", "07"), ('state = ""', "state", "=", ""), ("code = 7", "code", "=", 7.0),
        ("income is missing", "income", "is missing", None), ("income is present", "income", "is present", None),
        ("note = a < b; DROP TABLE x", "note", "=", "a < b; DROP TABLE x"), ("x = inf", "x", "=", "inf"),
        ("x = 1_000", "x", "=", "1_000"),
    ],
)  # fmt: skip
def test_a_rule_is_taken_apart(when: str, column: str, op: str, value: Any) -> None:
    rule = parse_rule(when)
    assert (rule.column, rule.op, rule.value) == (column, op, value)
    assert rule.as_number == isinstance(value, float)


@pytest.mark.parametrize(
    "when",
    ["", "income", "< 3", "income <", "income < high", "income << 3", "income < nan", "income =", "x is missing now",
     "income > '5'", "income is absent", "a < 1 or b < 2"],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_a_remedy(when: str) -> None:
    with pytest.raises(PolicyRuleError) as caught:
        parse_rule(when)
    assert caught.value.message
    assert caught.value.remedy


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_rule(text), ParsedRule)
    except CandorError as error:
        assert error.remedy  # noqa: PT017 (both outcomes are right)


@pytest.mark.parametrize(
    ("when", "column_type"),
    [("x = a", "number"), ("x > 3", "text"), ("x > 0", "boolean"), ("x = maybe", "boolean"),
     ("x > 3", "date"), ("x = 3", "date")],
)  # fmt: skip
def test_a_rule_that_does_not_suit_its_column_is_refused(when: str, column_type: Any) -> None:
    with pytest.raises(PolicyRuleError):
        fit_rule(parse_rule(when), column_type)


def both(when: str, column_type: Any, sql_type: str, values: list[Any], series: pd.Series | None = None) -> list[bool]:
    """Run a rule in DuckDB and in pandas and return the answer they agree on."""
    rule = fit_rule(parse_rule(when), column_type)
    condition, parameters = to_sql(rule, quote_identifier)
    frame = pd.DataFrame({rule.column: pd.Series(values, dtype=object) if series is None else series})
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        name = quote_identifier(rule.column)
        connection.execute(f"CREATE TABLE t (no INTEGER, {name} {sql_type})")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [[i, v] for i, v in enumerate(values)] or [[-1, None]])
        rows = connection.execute(f"SELECT {condition} FROM t WHERE no >= 0 ORDER BY no", parameters).fetchall()
        from_table = connection.execute(f"SELECT {name} FROM t WHERE no >= 0 ORDER BY no").df()
    in_sql = [row[0] for row in rows]
    assert matches(rule, frame).tolist() == in_sql
    assert matches(rule, from_table).tolist() == in_sql
    return in_sql


NUMBERS = [1.0, 2.0, 3.0, None, math.nan, -0.0, math.inf]


@pytest.mark.parametrize(
    ("when", "caught"),
    [
        ("x < 2", [1, 0, 0, 0, 0, 1, 0]), ("x <= 2", [1, 1, 0, 0, 0, 1, 0]), ("x > 2", [0, 0, 1, 0, 0, 0, 1]),
        ("x >= 2", [0, 1, 1, 0, 0, 0, 1]), ("x = 0", [0, 0, 0, 0, 0, 1, 0]), ("x != 2", [1, 0, 1, 0, 0, 1, 1]),
        ("x is missing", [0, 0, 0, 1, 1, 0, 0]), ("x is present", [1, 1, 1, 0, 0, 1, 1]),
    ],
)  # fmt: skip
def test_numbers_are_caught_alike_in_duckdb_and_pandas(when: str, caught: list[int]) -> None:
    assert both(when, "number", "DOUBLE", NUMBERS) == [bool(c) for c in caught]


@pytest.mark.parametrize(
    ("when", "caught"),
    [
        ("x = NY", [1, 0, 0, 0, 0]), ("x != NY", [0, 1, 1, 1, 0]),
        ("x = 07", [0, 1, 0, 0, 0]), ("x = ''", [0, 0, 1, 0, 0]),
        ("x is missing", [0, 0, 0, 0, 1]), ("x is present", [1, 1, 1, 1, 0]), ("x = ' y; --'", [0, 0, 0, 1, 0]),
    ],
)  # fmt: skip
def test_texts_are_caught_alike_in_duckdb_and_pandas(when: str, caught: list[int]) -> None:
    assert both(when, "text", "VARCHAR", ["NY", "07", "", " y; --", None]) == [bool(c) for c in caught]


@pytest.mark.parametrize(
    ("when", "caught"),
    [("x = yes", [1, 0, 0]), ("x = false", [0, 1, 0]), ("x != 1", [0, 1, 0]), ("x is missing", [0, 0, 1])],
)
def test_yes_and_no_are_caught_alike_in_duckdb_and_pandas(when: str, caught: list[int]) -> None:
    assert both(when, "boolean", "BOOLEAN", [True, False, None]) == [bool(c) for c in caught]


def test_other_column_types_are_caught_alike() -> None:
    whole = pd.Series([1, None, 3], dtype="Int64")
    assert both("x >= 3", "number", "BIGINT", [1, None, 3], whole) == [False, False, True]
    assert both("x > 0.1", "number", "FLOAT", [0.1, None], pd.Series([0.1, None], dtype="float32")) == [True, False]
    assert both("x = 1.5", "number", "DECIMAL(6, 2)", [1.5, None]) == [True, False]
    category = pd.Series(["a", "b", None], dtype="category")
    assert both("x != a", "text", "ENUM('a', 'b')", ["a", "b", None], category) == [False, True, False]
    days = pd.Series(pd.to_datetime(["2026-01-01", None]))
    assert both("x is missing", "date", "DATE", ["2026-01-01", None], days) == [False, True]


def test_a_column_name_reaches_sql_only_quoted_and_a_value_only_as_parameter() -> None:
    rule = fit_rule(parse_rule("a\"; DROP TABLE t; -- = b'c"), "text")
    condition, parameters = to_sql(rule, lambda name: "<quoted>")
    assert "DROP" not in condition
    assert parameters == ["b'c"]
    assert both("a\"; DROP TABLE t; -- = b'c", "text", "VARCHAR", ["b'c", "b"]) == [True, False]


def test_an_empty_frame_gives_an_empty_answer() -> None:
    frame = pd.DataFrame({"x": pd.Series([], dtype="float64")})
    assert matches(fit_rule(parse_rule("x < 1"), "number"), frame).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.none() | st.floats(width=64) | st.integers(-3, 3).map(float), max_size=8),
    op=st.sampled_from(["<", "<=", ">", ">=", "=", "!=", "is missing", "is present"]),
    constant=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3),
)
def test_any_numbers_are_caught_alike(values: list[float | None], op: str, constant: float) -> None:
    caught = both(f"x {op}" if op.startswith("is") else f"x {op} {constant!r}", "number", "DOUBLE", values)
    assert len(caught) == len(values)
    missing = [v is None or bool(np.isnan(v)) for v in values]
    if op != "is missing":
        assert not any(c and m for c, m in zip(caught, missing, strict=True))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.none() | st.text("aAé'\"% 1", max_size=3), max_size=6), text=st.text("aAé% 1", max_size=3))
def test_any_texts_are_caught_alike(values: list[str | None], text: str) -> None:
    assert both(f"x = '{text}'", "text", "VARCHAR", values) == [v == text for v in values]
