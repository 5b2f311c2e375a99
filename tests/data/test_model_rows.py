"""From tables to the model's array: category codes, missing values, kinds of columns, order."""

from __future__ import annotations

from decimal import Decimal

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import ModelFileError, TableError
from data.model_rows import RowShape, encode_rows, row_shape
from data.model_text import parse_model

HOMES = ["RENT", "OWN", "MORTGAGE"]
GRADES = [1, 2, 3, 4]


def book(n=400, seed=0):
    """Applications with text, number, ordered and true-or-false categories."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": rng.normal(50, 9, n).astype(np.float32),
            "home": pd.Categorical(rng.choice(HOMES, n)),
            "dti": rng.normal(20, 5, n),
            "grade": pd.Categorical(rng.choice(GRADES, n), categories=GRADES, ordered=True),
            "member": pd.Categorical(rng.random(n) < 0.5),
            "loans": rng.integers(0, 30, n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "home"] = None
    frame.loc[rng.random(n) < 0.1, "dti"] = np.nan
    return frame


def trained(frame, **dataset):
    """Train on a book with LightGBM's own handling of categories."""
    rng = np.random.default_rng(5)
    score = (frame["home"] == "RENT") + frame["grade"].cat.codes / 4 + (frame["dti"] > 20) + rng.normal(size=len(frame))
    params = {"objective": "binary", "num_leaves": 8, "min_data_per_group": 5, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(frame, (score > score.median()).astype(int), params={"verbosity": -1}, **dataset)
    return lightgbm.train(params, data, 10)


def shape(*names, **categories):
    """Build a shape by hand."""
    return RowShape(names, tuple(categories), categories)


@pytest.fixture(scope="module")
def booster():
    """Return a model with three unordered or ordered category columns."""
    return trained(book())


@pytest.fixture(scope="module")
def fitted(booster):
    """Return the shape read from the model's file."""
    return row_shape(parse_model(booster.model_to_string()))


def test_categories_are_matched_to_their_features(fitted):
    assert fitted.categorical_features == ("home", "member")
    assert fitted.categories == {
        "home": ("MORTGAGE", "OWN", "RENT"),
        "grade": (1, 2, 3, 4),
        "member": (False, True),
    }


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_scores_of_a_table_equal_lightgbms_own_even_with_unseen_levels(booster, fitted, seed):
    frame = book(60, seed)
    home = frame["home"].astype(object)
    home.iloc[::5] = "BOAT"
    frame["home"] = pd.Categorical(home, categories=["BOAT", "RENT", "OWN", "MORTGAGE"])
    frame["grade"] = pd.Categorical(frame["grade"].cat.codes.replace(0, 9), categories=[9, 3, 2, 1], ordered=True)
    encoded = encode_rows(fitted, frame)
    np.testing.assert_array_equal(booster.predict(encoded, raw_score=True), booster.predict(frame, raw_score=True))


def test_plain_columns_in_any_order_encode_as_categories_do(fitted):
    frame = book()
    plain = frame.assign(
        home=frame["home"].astype(object), grade=frame["grade"].astype(float), member=frame["member"].astype(bool)
    )
    plain = plain.assign(extra="ignored")[["extra", "loans", "member", "grade", "dti", "home", "income"]]
    encoded = encode_rows(fitted, plain)
    assert encoded.flags.c_contiguous
    assert encoded.dtype == np.float64
    np.testing.assert_array_equal(encoded, encode_rows(fitted, frame))


def test_codes_are_as_counted_by_hand():
    rows = pd.DataFrame({"home": ["RENT", None, "BOAT", "OWN"], "n": [1, 2, 3, 4]})
    encoded = encode_rows(shape("n", "home", home=("OWN", "RENT")), rows)
    np.testing.assert_array_equal(encoded, [[1, 1], [2, np.nan], [3, np.nan], [4, 0]])


def test_every_kind_of_number_is_understood():
    rows = pd.DataFrame(
        {
            "decimal": [Decimal("1.5"), None],
            "nullable": pd.array([3, None], dtype="Int64"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "arrow": pd.array([2.5, None], dtype="double[pyarrow]"),
            "objects": pd.Series([7, None], dtype=object),
            "empty": pd.Series([None, None], dtype=object),
            "bool": [True, False],
            "infinite": [np.inf, 1],
            "small": np.array([1, 2], dtype=np.uint8),
        }
    )
    expected = [[1.5, 3, 1, 2.5, 7, np.nan, 1, np.inf, 1], [np.nan] * 6 + [0, 1, 2]]
    np.testing.assert_array_equal(encode_rows(shape(*rows.columns), rows), expected)


def test_every_bad_column_is_reported_at_once_without_a_value():
    rows = pd.DataFrame(
        {
            "text": ["12", None, "secret"],
            "day": pd.to_datetime(["2026-01-01", None, "2026-01-02"]),
            "home": [1, 2, 3],
            "kind": pd.Categorical(["a", "b", "a"]),
            "nested": pd.Series([[1], [2], None], dtype=object),
        }
    )
    wanted = shape("text", "day", "home", "kind", "nested", "absent", home=("OWN",), nested=("x",))
    with pytest.raises(TableError) as caught:
        encode_rows(wanted, rows)
    found = {p.place: p.found for p in caught.value.problems}
    assert found == {
        "column absent": "no such column",
        "column text": "text or other values that are not numbers in 2 of 3 rows",
        "column day": "dates, durations or complex numbers in 2 of 3 rows",
        "column home": "numbers or true and false in 3 of 3 rows",
        "column kind": "a category in 3 of 3 rows",
        "column nested": "lists or other nested values in 2 of 3 rows",
    }
    assert "secret" not in str(caught.value)


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(TableError, match="2 columns"):
        encode_rows(shape("a"), pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_column_with_spaces_is_found_by_the_name_lightgbm_wrote():
    rows = pd.DataFrame({"debt ratio": [0.5], 0: [2]})
    np.testing.assert_array_equal(encode_rows(shape("debt_ratio", "0"), rows), [[0.5, 2.0]])


def test_an_array_must_have_the_models_width_and_hold_numbers():
    np.testing.assert_array_equal(encode_rows(shape("a", "b"), np.array([[1, 2]], order="F")), [[1.0, 2.0]])
    assert encode_rows(shape("a"), np.zeros((0, 1))).shape == (0, 1)
    for bad in (np.zeros((2, 3)), np.zeros(2), np.array([["1", "2"]])):
        with pytest.raises(TableError, match="array of rows"):
            encode_rows(shape("a", "b"), bad)


def test_more_rows_than_one_block_keep_their_places():
    rows = pd.DataFrame({"a": np.arange(5000.0), "b": np.arange(5000) * 2})
    np.testing.assert_array_equal(encode_rows(shape("b", "a"), rows), rows[["b", "a"]].to_numpy(float))
    assert encode_rows(shape("a", "b"), rows.iloc[:0]).shape == (0, 2)


def test_native_codes_without_levels_are_used_as_they_are():
    frame = pd.DataFrame({"code": np.arange(300) % 7, "x": np.linspace(0, 1, 300)})
    data = lightgbm.Dataset(
        frame, frame["code"] % 2, categorical_feature=["code"], params={"verbosity": -1, "min_data_per_group": 1}
    )
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 3)
    found = row_shape(parse_model(model.model_to_string()))
    assert found.categorical_features == ("code",)
    assert found.categories == {}
    rows = frame.assign(code=pd.Categorical(frame["code"].where(frame["code"] > 0)))
    expected = np.column_stack([frame["code"].where(frame["code"] > 0), frame["x"]])
    np.testing.assert_array_equal(encode_rows(found, rows), expected)


def ambiguous():
    """Build a model whose two-level ordered category could as well be a flag of numbers."""
    frame = book().assign(flag=np.arange(400) % 2)
    frame["sure"] = pd.Categorical(np.arange(400) % 2, ordered=True)
    return frame, parse_model(trained(frame).model_to_string())


def test_levels_that_could_belong_to_two_features_must_be_named():
    frame, parsed = ambiguous()
    with pytest.raises(ModelFileError, match=r"more than one match.*category_columns") as caught:
        row_shape(parsed)
    assert "4 category columns and 2 declared" in str(caught.value)
    named = row_shape(parsed, ["home", "grade", "member", "sure"])
    assert list(named.categories) == ["home", "grade", "member", "sure"]
    encoded = encode_rows(named, frame)
    np.testing.assert_array_equal(encoded[:, -1], frame["sure"].astype(float))


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["home", "grade"], "4 category columns; 2 were named"),
        (["home", "grade", "member", "nobody"], "3 of them features"),
        (["home", "dti", "member", "sure"], "do not fit the codes kept for dti"),
    ],
)
def test_wrongly_named_category_columns_are_refused(named, said):
    with pytest.raises(ModelFileError, match=said):
        row_shape(ambiguous()[1], named)


def test_a_declared_number_beside_category_columns_is_told_apart():
    frame = book().drop(columns=["member"])
    model = trained(frame, categorical_feature=["loans", "home"])
    found = row_shape(parse_model(model.model_to_string()))
    assert found.categorical_features == ("home", "loans")
    expected = {"home": ("MORTGAGE", "OWN", "RENT"), "grade": (1, 2, 3, 4)}
    assert found.categories == expected


def test_plain_numbers_of_every_kind_are_the_same_together_as_one_by_one():
    rng = np.random.default_rng(4)
    n = 2_100  # more than two blocks of rows
    frame = pd.DataFrame(
        {
            "whole": rng.integers(-(2**53), 2**53, n),
            "short": rng.integers(0, 200, n).astype(np.uint8),
            "half": rng.normal(size=n).astype(np.float32),
            "home": rng.choice([*HOMES, None], n),
            "flag": rng.random(n) < 0.5,
            "gaps": pd.array(np.where(rng.random(n) < 0.3, None, rng.integers(0, 9, n)), dtype="Int64"),
            "exact": [Decimal(int(v)) / 4 for v in rng.integers(0, 99, n)],
            "other": rng.normal(size=n),
        }
    )
    names = ["other", "exact", "home", "half", "gaps", "flag", "short", "whole"]
    found = encode_rows(shape(*names, home=tuple(HOMES)), frame)
    assert found.flags["C_CONTIGUOUS"]
    for at, name in enumerate(names):
        categories = {"home": tuple(HOMES)} if name == "home" else {}
        np.testing.assert_array_equal(found[:, [at]], encode_rows(shape(name, **categories), frame[[name]]))
        if name not in {"home", "gaps"}:
            np.testing.assert_array_equal(found[:, at], frame[name].to_numpy().astype(np.float64))
