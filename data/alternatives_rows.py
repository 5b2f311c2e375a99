"""Reading the training table that a card names for a search for alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from data.alternatives_schema import AlternativesBlock
from data.errors import CandorError, Problem, TableError
from data.files import home
from data.manifest import hash_file

TITLE = "The training table cannot be used"
FOLDER = "training"
"""Folder of Candor's home that relative paths start from."""


def training_file(block: AlternativesBlock) -> Path:
    """Return where a card's training file lies.

    Raises
    ------
    CandorError
        It is not there.
    """
    path = Path(block.training)
    found = path if path.is_absolute() else home() / FOLDER / path
    if not found.is_file():
        raise CandorError(TITLE, f"There is no file {found}.", "Put it there, or correct `alternatives` in the card.")
    return found


def read_training(block: AlternativesBlock, signals: Sequence[str], attribute: str) -> tuple[pd.DataFrame, str]:
    """Read a card's training file.

    Parameters
    ----------
    block : AlternativesBlock
        Names the file and its columns.
    signals : sequence of str
        The model's inputs; all of them must be columns.
    attribute : str
        The protected attribute, by its name in the card.

    Returns
    -------
    tuple
        The signals with two more columns, `outcome` (1 or 0) and `group` (text; "" where it is not known), only rows
        whose outcome is known; and the file's SHA-256.

    Raises
    ------
    TableError
        With every problem.
    """
    path = training_file(block)
    try:
        table = pd.read_csv(path) if path.name.endswith((".csv", ".csv.gz")) else pd.read_parquet(path)
    except (OSError, ValueError) as e:
        remedy = "Use a CSV or Parquet file."
        raise TableError(TITLE, [Problem(path.name, "a file that cannot be read", "CSV or Parquet", remedy)]) from e
    group = block.groups.get(attribute, "")
    problems = _problems(table, block.outcome or "", group, attribute, signals)
    if problems:
        raise TableError(TITLE, problems)
    outcome = pd.to_numeric(table[block.outcome], errors="coerce")
    found = table[list(signals)].assign(outcome=outcome, group=table[group].astype("string").fillna("").astype(object))
    return found[outcome.isin([0, 1])].reset_index(drop=True), hash_file(path)


def _problems(table: pd.DataFrame, outcome: str, group: str, attribute: str, signals: Sequence[str]) -> list[Problem]:
    """Return what is wrong with a training table."""
    found = []
    for what, column in (("the outcome", outcome), (f"the attribute {attribute}", group)):
        if column not in table:
            remedy = "Correct `alternatives` in the card, or add the column."
            found.append(Problem(f"column {column or '(none)'}", "no such column", f"the column of {what}", remedy))
    if group in signals:
        remedy = "A model that reads the attribute is not explained here: take it out of the model."
        found.append(Problem(f"column {group}", "an input of the model", "a column beside the inputs", remedy))
    missing = [name for name in signals if name not in table]
    if missing:
        listed = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        found.append(Problem("columns", f"no column for {listed}", "every input of the model", "Add them."))
    return found
