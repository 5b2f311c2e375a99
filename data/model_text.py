"""LightGBM's text format (v2, v3, v4), read without LightGBM.

A damaged file must never reach LightGBM inside the app's process: it trusts its own files and can
end the interpreter. So this reader checks the whole structure (every tree complete, every child in
range, no loops) and says in one sentence what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from data.errors import ModelFileError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

KNOWN_VERSIONS = ("v2", "v3", "v4")
SAVE_AGAIN = "Save the model again with Booster.save_model() and use that file."
PANDAS_KEY = "pandas_categorical:"
CATEGORICAL_BIT = 1
"""Bit of `decision_type` set on a categorical split."""

MOST_TREE_LINES = 22
"""LightGBM reads no more lines of a tree than this."""

_NO_NUMBER = re.compile(r"[^0-9a-zA-Z+\-. ]")
_TREE_LINE = re.compile(r"^Tree=(\d+)[ \t]*$", re.MULTILINE)
_IMPORTANCES = re.compile(r"^feature[ _]importances:", re.MULTILINE)
_PARAMETER = re.compile(r"^\[([^:\]]+): ?(.*)\]$")


@dataclass(frozen=True, eq=False)
class TreeText:
    """One tree as it stands in the file. A child ``c < 0`` is the leaf ``~c``."""

    num_leaves: int
    """Number of leaves, at least 1."""
    split_feature: IntArray
    """Index of the feature of each node, (num_leaves - 1,)."""
    threshold: FloatArray
    """Numeric split: `value <= threshold` goes left. Categorical split: index into `cat_boundaries`."""
    decision_type: IntArray
    """Bit 0 categorical, bit 1 missing goes left, bits 2-3 kind of missing (0 none, 1 zero, 2 NaN)."""
    left_child: IntArray
    """Left child of each node."""
    right_child: IntArray
    """Right child of each node."""
    leaf_value: FloatArray
    """Value of each leaf in raw score, (num_leaves,)."""
    leaf_count: FloatArray
    """Training rows per leaf, NaN where the file does not say, (num_leaves,)."""
    internal_count: FloatArray
    """Training rows per node, NaN where the file does not say, (num_leaves - 1,)."""
    cat_boundaries: IntArray
    """Start of each categorical split's words in `cat_threshold`, (num_cat + 1,); empty without any."""
    cat_threshold: npt.NDArray[np.uint32]
    """Bit sets of the categories that go left, 32 categories a word."""
    is_linear: bool
    """True if leaves hold linear models."""


@dataclass(frozen=True, eq=False)
class ModelText:
    """A whole model file."""

    version: str
    """"v2", "v3" or "v4"."""
    objective: str
    """Name of the objective, "" if the file has none (a custom objective)."""
    objective_parameters: dict[str, str]
    """Its parameters; a bare word such as `sqrt` has the value ""."""
    num_class: int
    """Number of classes; 1 except for multiclass models."""
    num_tree_per_iteration: int
    """Trees per boosting round; 1 except for multiclass models."""
    feature_names: tuple[str, ...]
    """Names in the model's order. LightGBM has replaced spaces by underscores."""
    feature_infos: tuple[str, ...]
    """Per feature "[min:max]", a list of codes "-1:2:0:1" for categories, or "none" if constant."""
    trees: tuple[TreeText, ...]
    """The trees, in order."""
    average_output: bool
    """True for a random forest: the estimate is made from the mean of the trees, not their sum."""
    parameters: dict[str, str] = field(default_factory=dict)
    """The training parameters as written; empty in old files."""
    pandas_categorical: tuple[tuple[Any, ...], ...] | None = None
    """Levels of each pandas category column in the order of the columns; None if the file has no such line."""


def parse_model(text: str) -> ModelText:
    """Read a LightGBM model from the text of its file.

    Parameters
    ----------
    text : str
        The whole file, with line feeds as line ends.

    Returns
    -------
    ModelText
        Header, trees, parameters and pandas levels. Any objective is read; which ones can be
        explained is decided by `data.models`.

    Raises
    ------
    ModelFileError
        The text is no LightGBM model, or it is cut off or damaged.
    """
    first_tree = _TREE_LINE.search(text)
    header = _read_header(text if first_tree is None else text[: first_tree.start()])
    body_start = len(text) if first_tree is None else first_tree.start()
    sizes = _tree_sizes(header)
    body, rest = _split_body(text[body_start:], sizes)
    blocks = _blocks_by_line(body) if sizes is None else _blocks_by_size(body, sizes)
    names = tuple(header["feature_names"].split(" "))
    _check_ending(header["version"], rest)
    trees = tuple(_read_tree(block, i, len(blocks), len(names)) for i, block in enumerate(blocks))
    objective, objective_parameters = _read_objective(header.get("objective", ""))
    num_class = _header_int(header, "num_class", 1)
    return ModelText(
        version=header["version"],
        objective=objective,
        objective_parameters=objective_parameters,
        num_class=num_class,
        num_tree_per_iteration=_header_int(header, "num_tree_per_iteration", num_class),
        feature_names=names,
        feature_infos=tuple(header["feature_infos"].split(" ")),
        trees=trees,
        average_output="average_output" in header,
        parameters=_read_parameters(rest),
        pandas_categorical=_read_pandas(rest),
    )


def trees_of(text: str) -> str:
    """Return the part of a model's text that scores depend on: the header and the trees."""
    trees, found, _ = text.partition("\nend of trees\n")
    if found:
        return f"{trees}{found}"
    importances = _IMPORTANCES.search(text)
    return text if importances is None else text[: importances.start()]


def damaged(message: str) -> NoReturn:
    """Raise the one error for a model file that is cut off or damaged."""
    raise ModelFileError("The model file is damaged", message, SAVE_AGAIN)


def _read_header(text: str) -> dict[str, str]:
    """Read the lines above the first tree and check that the needed ones are there and agree."""
    lines = [line for line in text.split("\n") if line]
    if not lines or lines[0].strip() != "tree" or not any(line.startswith("version=") for line in lines):
        raise ModelFileError(
            "The file is no LightGBM model",
            "A model in LightGBM's text format begins with the lines 'tree' and 'version=v4'; this one does not.",
            SAVE_AGAIN,
        )
    header = {key: value.strip(" ") for key, _, value in (line.partition("=") for line in lines[1:])}
    if header["version"] not in KNOWN_VERSIONS:
        raise ModelFileError(
            "The model file's version is not known",
            f"It says version {header['version'][:20]!r}; known are {', '.join(KNOWN_VERSIONS)}.",
            "Save the model with a LightGBM between 2.0 and 4.x.",
        )
    needed = ("num_class", "label_index", "max_feature_idx", "feature_names", "feature_infos")
    missing = [key for key in needed if not header.get(key)]
    if missing:
        damaged(f"Its header ends early or has lost lines: {', '.join(missing)} not found.")
    _check_names(header)
    return header


def _check_names(header: dict[str, str]) -> None:
    """The three places that tell the number of features must agree, and names must be unique."""
    count = _header_int(header, "max_feature_idx", 0) + 1
    names = header["feature_names"].split(" ")
    infos = header["feature_infos"].split(" ")
    if not len(names) == len(infos) == count:
        damaged(f"Its header speaks of {count} features, names {len(names)} and describes {len(infos)}.")
    if len(set(names)) != count or "" in names:
        damaged("Two features have the same name, or one has none.")


def _header_int(header: dict[str, str], key: str, default: int) -> int:
    value = header.get(key, str(default))
    if not re.fullmatch(r"\d{1,9}", value):
        damaged(f"Its line {key} is not a whole number.")
    return int(value)


def _read_objective(value: str) -> tuple[str, dict[str, str]]:
    """Split "binary sigmoid:1" into its name and its parameters."""
    name, *rest = value.split() or [""]
    return name, {key: number for key, _, number in (word.partition(":") for word in rest)}


def _tree_sizes(header: dict[str, str]) -> list[int] | None:
    """Bytes per tree; None in old files, which do not say."""
    if "tree_sizes" not in header:
        return None
    return [int(v) for v in _numbers(header["tree_sizes"], int, "the line tree_sizes").tolist()]


def _split_body(text: str, sizes: list[int] | None) -> tuple[str, str]:
    """Cut the trees from what follows them; a file that stops before that is cut off."""
    end = text.find("\nend of trees\n")
    importances = _IMPORTANCES.search(text)
    if end >= 0 and importances is not None:
        return text[: end + 1], text[end + 1 :]
    if sizes is None and importances is not None:
        return text[: importances.start()], text[importances.start() :]
    return _say_where_it_ends(text, sizes)


def _check_ending(version: str, rest: str) -> None:
    """Since v3 LightGBM writes its parameters after the trees, or Python at least its own last line."""
    if version != "v2" and "\nparameters:\n" not in rest and f"\n{PANDAS_KEY}" not in rest:
        damaged("It is cut off after its trees: the section of parameters is missing.")


def _say_where_it_ends(text: str, sizes: list[int] | None) -> NoReturn:
    whole = len(text.split("\nend of trees")[0])
    if sizes is None:
        begun = len(_TREE_LINE.findall(text))
        damaged(f"It is cut off: it ends in or after tree {begun}, and the part after the trees is missing.")
    ends = np.cumsum(sizes)
    complete = int(np.searchsorted(ends, whole, side="right"))
    if complete < len(sizes) and whole + 1 < ends[complete]:
        damaged(f"It is cut off: tree {complete + 1} of {len(sizes)} ends early.")
    damaged(f"It is cut off after its {len(sizes)} trees: the part after the trees is missing.")


def _blocks_by_line(body: str) -> list[str]:
    """Trees of an old file without `tree_sizes`: each begins with its own line."""
    starts = [match.start() for match in _TREE_LINE.finditer(body)]
    return [body[a:b] for a, b in zip(starts, [*starts[1:], len(body)], strict=True)]


def _blocks_by_size(body: str, sizes: Sequence[int]) -> list[str]:
    """Cut the trees where `tree_sizes` says, as LightGBM does, and check that each cut falls on a tree."""
    if not body.isascii():
        damaged("Its trees hold characters that are not numbers or keys.")
    blocks, start = [], 0
    for i, size in enumerate(sizes):
        block = body[start : start + size]
        if not block.startswith(f"Tree={i}\n"):
            damaged(f"Tree {i + 1} of {len(sizes)} is not where the line tree_sizes says.")
        blocks.append(block)
        start += size
    if body[start:].strip() or len(_TREE_LINE.findall(body)) != len(sizes):
        damaged(f"The line tree_sizes speaks of {len(sizes)} trees, but the file holds other text among them.")
    return blocks


def _read_tree(block: str, index: int, count: int, num_features: int) -> TreeText:
    place = f"tree {index + 1} of {count}"
    values = _tree_lines(block, place)
    num_leaves = _tree_int(values, "num_leaves", place)
    num_cat = _tree_int(values, "num_cat", place)
    if num_leaves < 1:
        damaged(f"The {place} has no leaves.")

    def column(key: str, size: int, kind: Callable[[str], float], optional: bool = False) -> npt.NDArray[Any]:
        if optional and (key not in values or (num_leaves == 1 and not values[key])):
            return np.full(size, np.nan)
        if key not in values and size > 0:
            damaged(f"The {place} ends early: its line {key} is missing.")
        numbers = _numbers(values.get(key, ""), kind, f"{place}, line {key}")
        if len(numbers) != size:
            damaged(f"The {place} ends early: its line {key} holds {len(numbers)} of {size} numbers.")
        return numbers

    nodes = num_leaves - 1
    tree = TreeText(
        num_leaves=num_leaves,
        split_feature=column("split_feature", nodes, int),
        threshold=column("threshold", nodes, float),
        decision_type=column("decision_type", nodes, int),
        left_child=column("left_child", nodes, int),
        right_child=column("right_child", nodes, int),
        leaf_value=column("leaf_value", num_leaves, float),
        leaf_count=column("leaf_count", num_leaves, float, optional=True),
        internal_count=column("internal_count", nodes, float, optional=True),
        cat_boundaries=column("cat_boundaries", num_cat + 1 if num_cat else 0, int),
        cat_threshold=_words(values, num_cat, place),
        is_linear=values.get("is_linear", "0").strip() not in ("0", ""),
    )
    # not needed here, but LightGBM ends the whole process on a bad number in them
    for key in ("split_gain", "internal_value", "internal_weight"):
        column(key, nodes, float, optional=True)
    column("leaf_weight", num_leaves, float, optional=True)
    column("shrinkage", 1, float, optional=True)
    _check_splits(tree, num_cat, num_features, place)
    _check_shape(tree, place)
    return tree


def _tree_lines(block: str, place: str) -> dict[str, str]:
    """Read a tree's lines "key=value". LightGBM stops at an empty line, so there may be none among them."""
    lines = block.rstrip("\n").split("\n")[1:]
    values = {key: value for key, equals, value in (line.partition("=") for line in lines) if equals}
    if len(values) != len(lines) or len(lines) > MOST_TREE_LINES:
        damaged(f"The {place} has a line that is broken or comes twice.")
    return values


def _tree_int(values: dict[str, str], key: str, place: str) -> int:
    if key not in values:
        damaged(f"The {place} ends early: its line {key} is missing.")
    if not re.fullmatch(r"\d{1,7}", values[key]):
        damaged(f"The {place}, line {key}, is not a whole number.")
    return int(values[key])


def _words(values: dict[str, str], num_cat: int, place: str) -> npt.NDArray[np.uint32]:
    words = _numbers(values.get("cat_threshold", ""), int, f"{place}, line cat_threshold") if num_cat else np.zeros(0)
    if words.size and (words.min() < 0 or words.max() > np.iinfo(np.uint32).max):
        damaged(f"The {place}, line cat_threshold, holds a number that is no set of categories.")
    return words.astype(np.uint32)


def _numbers(text: str, kind: Callable[[str], float], place: str) -> npt.NDArray[Any]:
    """Read numbers separated by spaces, refusing what Python reads as a number but LightGBM does not."""
    dtype = np.int64 if kind is int else np.float64
    if _NO_NUMBER.search(text):
        damaged(f"The {place}, holds something that is not a number.")
    try:
        return np.array([kind(word) for word in text.split()], dtype=dtype)
    except (ValueError, OverflowError):
        return damaged(f"The {place}, holds something that is not a number.")


def _check_splits(tree: TreeText, num_cat: int, num_features: int, place: str) -> None:
    if not np.isfinite(tree.leaf_value).all() or np.isnan(tree.threshold).any():
        damaged(f"The {place} has a leaf or a threshold that is not a number.")
    if ((tree.split_feature < 0) | (tree.split_feature >= num_features)).any():
        damaged(f"The {place} splits on a feature that the model does not have.")
    if ((tree.decision_type < 0) | (tree.decision_type > 15)).any() or ((tree.decision_type >> 2) == 3).any():
        damaged(f"The {place} has a split of an unknown kind.")
    index = tree.threshold[(tree.decision_type & CATEGORICAL_BIT) == 1]
    if ((index < 0) | (index >= num_cat) | (index != np.floor(index))).any():
        damaged(f"The {place} has a categorical split without its categories.")
    bounds = tree.cat_boundaries
    if num_cat and (bounds[0] != 0 or (np.diff(bounds) <= 0).any() or bounds[-1] != len(tree.cat_threshold)):
        damaged(f"The {place} has categorical splits whose categories are incomplete.")


def _check_shape(tree: TreeText, place: str) -> None:
    """Every node and every leaf is reached exactly once from the root: no loop, nothing left out."""
    nodes = tree.num_leaves - 1
    children = np.concatenate([tree.left_child, tree.right_child])
    expected = np.concatenate([np.arange(-tree.num_leaves, 0), np.arange(1, nodes)]) if nodes else np.zeros(0)
    if not np.array_equal(np.sort(children), expected):
        damaged(f"The {place} points to nodes or leaves that it does not have.")
    left, right = tree.left_child.tolist(), tree.right_child.tolist()
    stack, reached = ([0] if nodes else []), 0
    while stack:
        node = stack.pop()
        reached += 1
        stack.extend(child for child in (left[node], right[node]) if child >= 0)
    if reached != nodes:
        damaged(f"The {place} has nodes that cannot be reached.")


def _read_parameters(rest: str) -> dict[str, str]:
    """The lines "[name: value]" between "parameters:" and "end of parameters"; none in old files."""
    _, found, after = rest.partition("\nparameters:\n")
    if not found:
        return {}
    section, end, _ = after.partition("end of parameters")
    if not end:
        damaged("It is cut off in its section of parameters: the line 'end of parameters' is missing.")
    matches = (_PARAMETER.match(line) for line in section.split("\n"))
    return {match[1]: match[2] for match in matches if match}


def _read_pandas(rest: str) -> tuple[tuple[Any, ...], ...] | None:
    """The levels of category columns, a JSON list of lists on the last line."""
    lines = [line for line in rest.split("\n") if line.startswith(PANDAS_KEY)]
    if not lines:
        return None
    try:
        levels = json.loads(lines[-1][len(PANDAS_KEY) :])
    except (ValueError, RecursionError):
        damaged("Its last line, pandas_categorical, is cut off or damaged.")
    if levels is None:
        return None
    if not isinstance(levels, list) or not all(isinstance(column, list) for column in levels):
        damaged("Its last line, pandas_categorical, is not a list of lists.")
    if any(isinstance(level, (list, dict)) for column in levels for level in column):
        damaged("Its last line, pandas_categorical, holds levels that are neither text nor numbers.")
    return tuple(tuple(column) for column in levels)
