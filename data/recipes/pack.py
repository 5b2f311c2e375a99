"""What the recipes share: reading a downloaded file as text, and writing what a snapshot is built from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import CandorError, Problem, TableError
from data.recipes.training import Progress, TrainingPlan, auc, train, write_parquet

HELD_OUT_SHARE = 0.3
"""Share of applications that the model is not trained on."""
FEWEST_ROWS = 200
"""Fewer applications than this are not enough to train and to measure."""
EMPTY = ("", "NA", "Exempt", "1111", "nan", "None", "<NA>")
"""How an empty value is written; 1111 is the code for exempt."""


@dataclass(frozen=True)
class RecipeInput:
    """The folder that a recipe wrote, ready for `python -m explainers build`."""

    folder: Path
    """Holds applications.parquet, groups.parquet, model.txt, card.yaml and what the recipe adds."""
    card: Path
    n: int
    """Applications written."""
    n_read: int
    """Rows of the file that was read."""
    n_held_out: int
    """Applications the model was not trained on."""
    outcome_rate: float
    """Share of applications with the outcome, 0 to 1."""
    auc_held_out: float
    """Chance that of two held-out applications the one with the outcome has the higher estimate."""


@dataclass(frozen=True)
class Cleaned:
    """A downloaded file after cleaning."""

    head: pd.DataFrame
    """Application id, date, outcome and, where known, the decision."""
    signals: pd.DataFrame
    """Model inputs: float64 or pandas categories."""
    outcome: npt.NDArray[np.int8]
    groups: pd.DataFrame
    n_read: int
    extras: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Further tables to write: file name to table."""


def read_text(file: Path, wanted: Sequence[str], other_names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read columns of a CSV (also .csv.gz) or Parquet file as text.

    Parameters
    ----------
    file : Path
        The downloaded file.
    wanted : sequence of str
        Columns to read, in lower case with underscores; the file may write them with capitals and dashes.
    other_names : mapping, optional
        Other names a file may use: that name to ours.

    Returns
    -------
    DataFrame of str
        The wanted columns; empty text where the file has nothing.

    Raises
    ------
    CandorError
        If the file does not exist or cannot be read.
    TableError
        If wanted columns are missing; all of them are named.
    """
    file = Path(file)
    try:
        found = {_our_name(name, other_names or {}): name for name in _header(file)}
        missing = [name for name in wanted if name not in found]
        if missing:
            raise TableError("The file does not have the expected columns", [_missing(name) for name in missing])
        picked = [found[name] for name in wanted]
        return _columns(file, picked).set_axis(list(wanted), axis=1)
    except FileNotFoundError as error:
        raise CandorError(
            "The file was not found", f"There is no file at {file}.", "Check the path and run it again."
        ) from error
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException) as error:
        raise CandorError(
            "The file could not be read",
            f"{file.name} is neither a CSV nor a Parquet file that can be read to its end.",
            "Download it again, or save it as UTF-8 CSV or Parquet.",
        ) from error


def _our_name(name: str, other_names: Mapping[str, str]) -> str:
    plain = name.strip().lower().replace("-", "_")
    return other_names.get(plain, plain)


def _missing(name: str) -> Problem:
    return Problem(f"column {name}", "no such column", "the published layout", "Use the file as it was published.")


def _header(file: Path) -> list[str]:
    if file.suffix == ".parquet":
        return list(pq.read_schema(file).names)
    return list(pd.read_csv(file, nrows=0).columns)


def _columns(file: Path, names: list[str]) -> pd.DataFrame:
    if file.suffix != ".parquet":
        return pd.read_csv(file, usecols=names, dtype=str, keep_default_na=False)[names].astype(object)
    table = pd.read_parquet(file, columns=names)
    return pd.DataFrame({name: table[name].astype(str).astype(object).where(table[name].notna(), "") for name in names})


def numbers(column: pd.Series[str], problems: list[Problem]) -> npt.NDArray[np.float64]:
    """Return text as numbers, shape (n,); empty ways of writing become NaN, other text becomes a problem."""
    parsed = pd.to_numeric(column.where(~column.isin(EMPTY)), errors="coerce")
    wrong = int((parsed.isna() & ~column.isin(EMPTY)).sum()) + int(np.isinf(parsed.to_numpy(dtype=np.float64)).sum())
    if wrong:
        remedy = "Correct these rows or leave them out."
        problems.append(Problem(f"column {column.name}", f"{wrong} rows that are no number", "numbers", remedy))
    return np.asarray(parsed, dtype=np.float64)


def codes(column: pd.Series[str], allowed: Sequence[str], problems: list[Problem]) -> pd.Categorical[str]:
    """Return published codes as a category; "1.0" counts as "1"; unknown codes become a problem."""
    plain = column.str.replace(r"\.0$", "", regex=True)
    plain = plain.where(~plain.isin(EMPTY))
    known = plain.isin(list(allowed))
    unknown = int((plain.notna() & ~known).sum())
    if unknown:
        listed = ", ".join(allowed)
        remedy = "Check that the file is of the published layout."
        problems.append(Problem(f"column {column.name}", f"{unknown} rows with an unknown code", listed, remedy))
    return pd.Categorical(plain.where(known), categories=list(allowed))


def check_rows(outcome: npt.NDArray[np.int8], problems: list[Problem]) -> None:
    """Raise all problems found, and too few rows or one outcome only as further ones."""
    if len(outcome) < FEWEST_ROWS:
        remedy = "Use a file with more applications."
        problems.append(Problem("all rows", f"{len(outcome)} usable rows", f"at least {FEWEST_ROWS}", remedy))
    elif min(int(outcome.sum()), int((1 - outcome).sum())) < FEWEST_ROWS // 10:
        remedy = "Use a file in which both outcomes occur."
        found = f"{int(outcome.sum())} of {len(outcome)} with the outcome"
        problems.append(Problem("the outcome", found, f"at least {FEWEST_ROWS // 10} of each", remedy))
    if problems:
        raise TableError("The file cannot be used", problems)


def write_inputs(
    folder: Path, cleaned: Cleaned, card: Path, plan: TrainingPlan, progress: Progress | None
) -> RecipeInput:
    """Split, train, and write applications, groups, model and card into `folder`.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    cleaned : Cleaned
        The cleaned file.
    card : Path
        The recipe's card, copied as it is.
    plan : TrainingPlan
        Its seed also decides the split.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    RecipeInput
        Where everything is, and how the model does on held-out applications.
    """
    say = progress or (lambda _message, _share: None)
    folder.mkdir(parents=True, exist_ok=True)
    held_out = np.random.default_rng([plan.seed, 5]).random(len(cleaned.outcome)) < HELD_OUT_SHARE
    learn = cleaned.signals[~held_out], cleaned.outcome[~held_out]
    model = train(*learn, plan, lambda done: say("Training the model", 0.3 + 0.5 * done))
    estimate = np.asarray(model.predict(cleaned.signals), dtype=np.float64)
    say("Writing the inputs", 0.9)
    table = pd.concat([cleaned.head, cleaned.signals], axis=1).assign(estimate=estimate, held_out=held_out)
    write_parquet(table, folder / "applications.parquet")
    write_parquet(cleaned.groups, folder / "groups.parquet")
    for name, extra in cleaned.extras.items():
        write_parquet(extra, folder / name)
    (folder / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    shutil.copyfile(card, folder / "card.yaml")
    say("The inputs are ready", 1.0)
    return RecipeInput(
        folder=folder,
        card=folder / "card.yaml",
        n=len(table),
        n_read=cleaned.n_read,
        n_held_out=int(held_out.sum()),
        outcome_rate=float(cleaned.outcome.mean()),
        auc_held_out=auc(cleaned.outcome[held_out], estimate[held_out]),
    )
