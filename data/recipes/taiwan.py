"""A default model from "Default of Credit Card Clients" (I-Cheng Yeh, UCI 350, CC BY 4.0).

30,000 holders of a credit card in Taiwan, with six months of statements up to September 2005 and
whether they defaulted in October 2005. They are holders, not applicants: what Candor calls an
application is one card account, and "declined" only means that the estimate is over the cut-off.

Rules, in order:

1. Columns get readable names (`RENAMED`); the months follow the documentation, PAY_0 being September.
2. Sex, marital status and age are no inputs; they go to a table of their own.
3. Codes that the documentation does not explain are kept, each with the words "not documented":
   0, 5 and 6 of education, 0 of marital status, 0 and −2 of the repayment codes.
4. Rows that repeat are kept: two people may well look the same. The ID column is the application id.
5. There are no dates. All rows get 30 September 2005, the month of the last statement.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import Problem
from data.recipes.pack import Cleaned, RecipeInput, check_rows, codes, numbers, read_text, write_inputs
from data.recipes.training import Progress, TrainingPlan

CARD = Path(__file__).with_name("taiwan.yaml")
STATEMENT_DATE = np.datetime64("2005-09-30", "s")
MONTHS = ("september", "august", "july", "june", "may", "april")
RENAMED: dict[str, str] = {
    "limit_bal": "credit_limit",
    "pay_0": "repayment_september",
    **{f"pay_{k}": f"repayment_{month}" for k, month in enumerate(MONTHS[1:], start=2)},
    **{f"bill_amt{k}": f"bill_{month}" for k, month in enumerate(MONTHS, start=1)},
    **{f"pay_amt{k}": f"paid_{month}" for k, month in enumerate(MONTHS, start=1)},
}
"""The file's columns, in lower case, and their names here."""
OTHER_NAMES = {
    "default.payment.next.month": "default",
    "default payment next month": "default",
    "default_payment_next_month": "default",
}
EDUCATION = ("0", "1", "2", "3", "4", "5", "6")
MARRIAGE = {"0": "Not documented", "1": "Married", "2": "Single", "3": "Other"}
SEX = {"1": "Male", "2": "Female"}
AGE_BANDS = (("21-29", 30), ("30-39", 40), ("40-49", 50), ("50-61", 62), ("62 or older", 200))
"""Label of each band and the age at which it ends."""


def prepare(file: Path, out_folder: Path, *, seed: int = 7, progress: Progress | None = None) -> RecipeInput:
    """Clean the downloaded file, train a default model, and write what a snapshot is built from.

    Parameters
    ----------
    file : Path
        CSV, .csv.gz or Parquet with the 25 published columns.
    out_folder : Path
        Gets applications.parquet, groups.parquet, model.txt and card.yaml.
    seed : int
        Decides the held-out rows and the training.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    RecipeInput
        Where everything is, and how the model does on held-out rows.

    Raises
    ------
    CandorError
        If the file cannot be read.
    TableError
        If columns are missing, values are none of the published ones, or too few rows are there.
    """
    if progress is not None:
        progress("Reading and cleaning the file", 0.0)
    plan = TrainingPlan(rounds=150, leaves=15, smallest_leaf=60, seed=seed)
    return write_inputs(Path(out_folder), clean(Path(file)), CARD, plan, progress)


def clean(file: Path) -> Cleaned:
    """Read the file and apply the rules of this module; see `prepare` for the errors."""
    wanted = ("id", *RENAMED, "education", "sex", "marriage", "age", "default")
    raw = read_text(file, wanted, OTHER_NAMES)
    problems: list[Problem] = []
    columns: dict[str, npt.NDArray[np.float64] | pd.Categorical[str]] = {
        ours: numbers(raw[theirs], problems) for theirs, ours in RENAMED.items()
    }
    columns["education"] = codes(raw["education"], EDUCATION, problems)
    default = codes(raw["default"], ("0", "1"), problems)
    groups = _groups(raw, problems)
    _require(raw["default"], default, problems)
    outcome = (default.codes == 1).astype(np.int8)
    check_rows(outcome, problems)
    head = pd.DataFrame({"application_id": raw["id"], "statement_date": STATEMENT_DATE, "defaulted": outcome})
    return Cleaned(head, pd.DataFrame(columns), outcome, groups, len(raw))


def _require(column: pd.Series[str], parsed: pd.Categorical[str], problems: list[Problem]) -> None:
    empty = int((np.asarray(parsed.codes) < 0).sum())
    if empty and not any(problem.place == f"column {column.name}" for problem in problems):
        problems.append(Problem(f"column {column.name}", f"{empty} empty rows", "0 or 1", "Leave these rows out."))


def _groups(raw: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    age = numbers(raw["age"], problems)
    labels = np.array([*(label for label, _ in AGE_BANDS), None], dtype=object)
    band = np.searchsorted([end for _, end in AGE_BANDS], age, side="right")
    return pd.DataFrame(
        {
            "application_id": raw["id"],
            "sex": codes(raw["sex"], tuple(SEX), problems).rename_categories(SEX),
            "marital_status": codes(raw["marriage"], tuple(MARRIAGE), problems).rename_categories(MARRIAGE),
            "age_band": labels[np.minimum(band, len(AGE_BANDS))],
        }
    )
