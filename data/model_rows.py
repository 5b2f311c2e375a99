"""How a table of applications becomes the array a model reads: columns in order, categories as codes."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import ModelFileError, Problem, TableError
from data.model_text import CATEGORICAL_BIT, ModelText
from data.suggestions import did_you_mean

FloatArray = npt.NDArray[np.float64]
BLOCK_ROWS = 1024
"""Rows written at a time: a block of them stays in the processor's cache while columns are woven into rows."""
MOST_SUGGESTIONS = 20
"""Missing columns for which close names are looked up; each look-up reads every column name."""

_RANGE = re.compile(r"^\[([^:]+):([^:]+)\]$")


@dataclass(frozen=True)
class RowShape:
    """What a model's rows look like."""

    feature_names: tuple[str, ...]
    """Features in the model's order."""
    categorical_features: tuple[str, ...]
    """Features that LightGBM treats as categories."""
    categories: dict[str, tuple[Any, ...]]
    """Levels in code order of each feature that was a pandas category column (ordered ones too)."""


def row_shape(model: ModelText, category_columns: Sequence[str] | None = None) -> RowShape:
    """Find out which features are categories and which levels belong to which.

    The file lists levels in the order of the training table's category columns, without their names.
    As many lists as declared categories: they belong to those, in order. Otherwise the lists are matched to the
    ranges of codes that the file keeps per feature, and only a single possible match is accepted.

    Parameters
    ----------
    model : ModelText
        The model as read from its file.
    category_columns : sequence of str, optional
        Names of all features that were pandas category columns in training, when the file cannot tell.

    Raises
    ------
    ModelFileError
        Levels that cannot be matched to features, or that do not fit their codes.
    """
    declared = _declared(model)
    names = model.feature_names
    chosen = _chosen(model, declared, category_columns)
    return RowShape(
        feature_names=names,
        categorical_features=tuple(names[j] for j in declared),
        categories={names[j]: levels for j, levels in zip(chosen, model.pandas_categorical or (), strict=True)},
    )


def _declared(model: ModelText) -> list[int]:
    """Features with a categorical split, a list of codes, or named by the categorical_feature parameter."""
    found = {j for j, info in enumerate(model.feature_infos) if info != "none" and not info.startswith("[")}
    for tree in model.trees:
        found.update(tree.split_feature[(tree.decision_type & CATEGORICAL_BIT) == 1].tolist())
    index = {name: j for j, name in enumerate(model.feature_names)}
    parameter = model.parameters.get("categorical_feature", "")
    by_name = parameter.startswith("name:")
    for word in parameter.removeprefix("name:").split(","):
        if by_name and word in index:
            found.add(index[word])
        elif not by_name and word.isdecimal() and int(word) < len(index):
            found.add(int(word))
    return sorted(found)


def _chosen(model: ModelText, declared: list[int], category_columns: Sequence[str] | None) -> list[int]:
    """Index of the feature of each list of levels."""
    levels = model.pandas_categorical or ()
    if not levels:
        return []
    fits = [[_fits(info, len(column)) for info in model.feature_infos] for column in levels]
    if category_columns is not None:
        return _chosen_by_caller(model, fits, category_columns)
    if len(declared) == len(levels) and all(row[j] for row, j in zip(fits, declared, strict=True)):
        return declared
    allowed = set(declared) if len(declared) > len(levels) else set(range(len(model.feature_names)))
    needed = set(declared) if len(declared) < len(levels) else set[int]()
    matched = _only_match([[ok and j in allowed for j, ok in enumerate(row)] for row in fits], needed)
    if matched is None:
        raise ModelFileError(
            "The model file does not say which features its levels belong to",
            f"It lists the levels of {len(levels)} category columns and {len(declared)} declared categories; "
            "more than one match, or none, is possible.",
            "Name every feature that was a pandas category column in training: category_columns=[…].",
        )
    return matched


def _chosen_by_caller(model: ModelText, fits: list[list[bool]], category_columns: Sequence[str]) -> list[int]:
    wanted = {name.replace(" ", "_") for name in category_columns} | set(category_columns)
    chosen = [j for j, name in enumerate(model.feature_names) if name in wanted]
    levels = len(fits)
    if len(chosen) != levels or len(set(category_columns)) != levels:
        raise ModelFileError(
            "The named category columns do not match the model file",
            f"The file lists the levels of {levels} category columns; {len(set(category_columns))} were named, "
            f"{len(chosen)} of them features of the model.",
            "Name every feature that was a pandas category column in training, and no other.",
        )
    misfits = [model.feature_names[j] for row, j in zip(fits, chosen, strict=True) if not row[j]]
    if misfits:
        raise ModelFileError(
            "The named category columns do not match the model file",
            f"The levels listed do not fit the codes kept for {', '.join(misfits)}.",
            "Name every feature that was a pandas category column in training, and no other.",
        )
    return chosen


def _fits(info: str, size: int) -> bool:
    """Tell whether a feature with this range or list of codes can be a category column with so many levels."""
    if info == "none":
        return True
    match = _RANGE.match(info)
    try:
        codes = [float(word) for word in (match.groups() if match else info.split(":"))]
    except ValueError:
        return False
    lowest = 0 if match else -1
    return all(code % 1 == 0 and lowest <= code < size for code in codes)


def _only_match(fits: list[list[bool]], needed: set[int]) -> list[int] | None:
    """Match lists to features, both in order and no needed feature left out; None unless exactly one way."""
    lists, features = len(fits), len(fits[0])
    ways = [[0] * (features + 1) for _ in range(lists + 1)]
    ways[lists][features] = 1
    for j in range(features - 1, -1, -1):
        for i in range(lists, -1, -1):
            taken = ways[i + 1][j + 1] if i < lists and fits[i][j] else 0
            left_out = 0 if j in needed else ways[i][j + 1]
            ways[i][j] = min(2, taken + left_out)
    if ways[0][0] != 1:
        return None
    match: list[int] = []
    for j in range(features):
        i = len(match)
        if i < lists and fits[i][j] and ways[i + 1][j + 1]:
            match.append(j)
    return match


def find_columns(feature_names: Sequence[str], columns: Sequence[Hashable]) -> tuple[list[int], list[Problem]]:
    """Find each feature's column, by its exact name or by its name with spaces as LightGBM wrote it.

    Returns
    -------
    positions : list of int
        Position of each feature's column; -1 where there is none or more than one.
    problems : list of Problem
        One per feature without exactly one column, with close names as suggestions.
    """
    exact: dict[str, list[int]] = {}
    spaced: dict[str, list[int]] = {}
    for i, column in enumerate(columns):
        exact.setdefault(str(column), []).append(i)
        spaced.setdefault(str(column).replace(" ", "_"), []).append(i)
    found = [exact.get(name) or spaced.get(name) or [] for name in feature_names]
    problems = []
    for name, places in zip(feature_names, found, strict=True):
        if len(places) > 1:
            problems.append(
                Problem(f"column {name}", f"{len(places)} columns", "one column", "Rename or remove the others.")
            )
        elif not places:
            hint = did_you_mean(name, exact) if len(problems) < MOST_SUGGESTIONS else ""
            problems.append(
                Problem(
                    f"column {name}",
                    "no such column",
                    "every feature of the model",
                    f"{hint}Add the column, or rename the one that holds it.",
                )
            )
    return [places[0] if len(places) == 1 else -1 for places in found], problems


def encode_rows(shape: RowShape, rows: pd.DataFrame | npt.NDArray[Any]) -> FloatArray:
    """Turn rows into the array that LightGBM reads.

    Parameters
    ----------
    shape : RowShape
        The model's features and levels.
    rows : DataFrame or ndarray, (n, p)
        A table with at least the model's columns, in any order; or numbers in the model's own order.

    Returns
    -------
    ndarray, (n, p)
        float64 in C order; categories as codes, missing values and unseen levels as NaN.

    Raises
    ------
    TableError
        Columns missing or of the wrong kind, all of them at once.
    """
    if isinstance(rows, np.ndarray):
        return _checked_array(shape, rows)
    positions, problems = find_columns(shape.feature_names, list(rows.columns))
    plain = _plain_numbers(shape, rows, positions)
    columns: dict[int, npt.NDArray[Any]] = {}
    for place, (name, position) in enumerate(zip(shape.feature_names, positions, strict=True)):
        if position >= 0 and not plain[place]:
            values = _encode_column(shape, name, rows.iloc[:, position])
            if isinstance(values, Problem):
                problems.append(values)
            else:
                columns[place] = values
    if problems:
        raise TableError("The rows do not fit the model", problems)
    return _weave(rows, np.array(positions, dtype=np.int64), plain, columns)


def _plain_numbers(shape: RowShape, rows: pd.DataFrame, positions: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Tell which features are columns of numbers that can be taken as they are, hundreds at a time."""
    numbers = np.array([isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in rows.dtypes], dtype=np.bool_)
    found = zip(shape.feature_names, positions, strict=True)
    return np.array([at >= 0 and numbers[at] and name not in shape.categories for name, at in found], dtype=np.bool_)


def _checked_array(shape: RowShape, rows: npt.NDArray[Any]) -> FloatArray:
    width = len(shape.feature_names)
    if rows.ndim != 2 or rows.shape[1] != width or rows.dtype.kind not in "fiub":
        problem = Problem(
            "array of rows",
            f"shape {rows.shape} of {rows.dtype}",
            f"numbers of shape (n, {width})",
            "Give a table with named columns, or numbers in the model's own order.",
        )
        raise TableError("The rows do not fit the model", [problem])
    return np.ascontiguousarray(rows, dtype=np.float64)


def _weave(
    rows: pd.DataFrame,
    positions: npt.NDArray[np.int64],
    plain: npt.NDArray[np.bool_],
    columns: Mapping[int, npt.NDArray[Any]],
) -> FloatArray:
    """Write plain numbers and encoded columns into one array."""
    out = np.empty((len(rows), len(positions)), dtype=np.float64)
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        if plain.any():
            out[block, plain] = rows.iloc[block, positions[plain]].to_numpy(dtype=np.float64)
        for j, column in columns.items():
            out[block, j] = column[block]
    return out


def _encode_column(shape: RowShape, name: str, column: pd.Series[Any]) -> npt.NDArray[Any] | Problem:
    dtype = column.dtype
    if name in shape.categories:
        return _codes(name, column, shape.categories[name])
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain_category(shape, name, column)
    if dtype.kind in "fiub":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if dtype.kind in "mMc":
        return _not_numbers(name, int(column.notna().sum()), len(column), "dates, durations or complex numbers")
    return _from_objects(name, column)


def _from_objects(name: str, column: pd.Series[Any]) -> npt.NDArray[Any] | Problem:
    """Numbers kept as Python objects (Decimal, int beside None); text is refused, even "12"."""
    present = column.notna().to_numpy()
    values = column.to_numpy(dtype=object)[present]
    wrong = sum(not isinstance(v, (int, float, Decimal, np.number, np.bool_)) for v in values)
    if wrong:
        return _not_numbers(name, wrong, len(column), "text or other values that are not numbers")
    out = np.full(len(column), np.nan)
    out[present] = values.astype(np.float64)
    return out


def _plain_category(shape: RowShape, name: str, column: pd.Series[Any]) -> npt.NDArray[Any] | Problem:
    """A pandas category where the model knows no levels: usable only if its levels are the numbers themselves."""
    levels = column.cat.categories
    if shape.categories or not pd.api.types.is_numeric_dtype(levels.dtype):
        return _not_numbers(name, int(column.notna().sum()), len(column), "a category")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _not_numbers(name: str, wrong: int, n: int, found: str) -> Problem:
    return Problem(
        f"column {name}",
        f"{found} in {wrong} of {n} rows",
        "numbers or empty",
        "Give numbers, as in training. If it was a category in training, the model file holds no levels for it.",
    )


def _codes(name: str, column: pd.Series[Any], levels: tuple[Any, ...]) -> FloatArray | Problem:
    """Code of each value; missing and unseen values as NaN, as LightGBM's own predict does."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        places, uniques = column.cat.codes.to_numpy(), column.cat.categories
    else:
        try:
            places, uniques = pd.factorize(column)
        except TypeError:
            return _not_numbers(name, int(column.notna().sum()), len(column), "lists or other nested values")
    values = uniques.tolist()
    if values and not _same_kind(values, levels):
        return Problem(
            f"column {name}",
            f"{_kind(values[0])} in {int((places >= 0).sum())} of {len(column)} rows",
            f"{_kind(levels[0])}, as the levels of this category in the model file",
            "Give the values in the same form as in training.",
        )
    code_of: Mapping[Any, int] = {level: code for code, level in enumerate(levels)}
    lookup = np.array([*(code_of.get(value, np.nan) for value in values), np.nan], dtype=np.float64)
    return lookup[places]


def _same_kind(values: Sequence[Any], levels: tuple[Any, ...]) -> bool:
    """Text never equals a number: a column wholly of the other kind is a mistake, not an unseen level."""
    return not levels or bool({isinstance(v, str) for v in values} & {isinstance(v, str) for v in levels})


def _kind(value: Any) -> str:
    return "text" if isinstance(value, str) else "numbers or true and false"
