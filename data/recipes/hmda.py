"""A denial model from a public HMDA loan/application register (2018 layout, 99 columns).

What the file is and is not: it holds what lenders must publish about home loan applications. It has no
credit score and no default. The model therefore estimates the lender's *decision*, for teaching; it
cannot rebuild how anybody underwrites.

Rules, in order:

1. Rows with action taken 1 (originated), 2 (approved, not accepted) and 3 (denied) are kept. Withdrawn,
   incomplete, purchased and pre-approval rows (4 to 8) are left out. The outcome is denied or not.
2. "NA", "Exempt", the code 1111 and empty text are empty values.
3. Debt-to-income comes partly in bins. A bin becomes the number in `DEBT_BINS`, its middle; the open
   bins become 15 and 65.
4. Inputs are what was known when the decision was made. Everything priced or set afterwards is left out
   (`LEFT_OUT_AFTER`), and so are credit score types and underwriting systems, which are filled in
   differently for denials.
5. Protected attributes are no inputs, nor is anything about the neighbourhood, its share of minorities
   included. Race, ethnicity, sex and age over 62 go to a table of their own. Where the register says that
   one of them is not available, it is empty there.
6. The lender's denial reasons go to `reported_reasons.parquet`, to be compared with ours later.
7. The register has no application number and no date. Numbers count from 100001 in the order of the
   file, and the date is the last day of the activity year. The lender's identifier is not read.

References
----------
CFPB, Public LAR schema and data fields, 2018 and later.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import Problem
from data.recipes.pack import EMPTY, Cleaned, RecipeInput, check_rows, codes, numbers, read_text, write_inputs
from data.recipes.training import Progress, TrainingPlan

CARD = Path(__file__).with_name("hmda.yaml")
CATALOGUE = CARD.with_name("hmda_reasons.yaml")
OTHER_NAMES = {"combined_loan_to_value_ratio": "loan_to_value_ratio"}
DEBT_BINS = {"<20%": 15.0, "20%-<30%": 25.0, "30%-<36%": 33.0, "50%-60%": 55.0, ">60%": 65.0}
"""Percent of income that stands for each published bin; 36 to 49 are published one by one."""

NUMBERS = ("loan_amount", "loan_to_value_ratio", "loan_term", "intro_rate_period", "property_value", "income")
"""Inputs read as numbers: dollars, percent, months, months, dollars, thousand dollars a year."""
CODES: dict[str, tuple[str, ...]] = {
    "loan_type": ("1", "2", "3", "4"),
    "loan_purpose": ("1", "2", "31", "32", "4", "5"),
    "lien_status": ("1", "2"),
    "open_end_line_of_credit": ("1", "2"),
    "business_or_commercial_purpose": ("1", "2"),
    "conforming_loan_limit": ("C", "NC", "U"),
    "interest_only_payment": ("1", "2"),
    "balloon_payment": ("1", "2"),
    "other_nonamortizing_features": ("1", "2"),
    "construction_method": ("1", "2"),
    "occupancy_type": ("1", "2", "3"),
    "total_units": ("1", "2", "3", "4", "5-24", "25-49", "50-99", "100-149", ">149"),
}
"""Inputs read as published codes, each with all codes there are."""
LEFT_OUT_AFTER = (
    "purchaser_type",
    "interest_rate",
    "rate_spread",
    "hoepa_status",
    "total_loan_costs",
    "total_points_and_fees",
    "origination_charges",
    "discount_points",
    "lender_credits",
    "prepayment_penalty_term",
    "initially_payable_to_institution",
)
"""Known only after the decision, or only for loans that were made."""
GROUPS = ("derived_race", "derived_ethnicity", "derived_sex", "applicant_age_above_62")
UNKNOWN = (*EMPTY, "Race Not Available", "Ethnicity Not Available", "Sex Not Available")
"""Nobody told, or nobody could: many of these borrowers are businesses. It says nothing of a person."""
NAMED = {"applicant_age_above_62": {"Yes": "62 or older", "No": "under 62"}}
"""Protected values whose published text says nothing by itself."""
REASONS = ("denial_reason_1", "denial_reason_2", "denial_reason_3", "denial_reason_4")
APPROVED, DENIED = ("1", "2"), "3"
FIRST_ID = 100_001


def prepare(file: Path, out_folder: Path, *, seed: int = 7, progress: Progress | None = None) -> RecipeInput:
    """Clean a downloaded HMDA register, train a denial model, and write what a snapshot is built from.

    Parameters
    ----------
    file : Path
        CSV, .csv.gz or Parquet with the 99 public columns, written with dashes or underscores.
    out_folder : Path
        Gets applications.parquet, groups.parquet, reported_reasons.parquet, model.txt, card.yaml and its catalogue.
    seed : int
        Decides the held-out applications and the training.
    progress : callable, optional
        Called with what is being done and how much is done (0 to 1).

    Returns
    -------
    RecipeInput
        Where everything is, and how the model does on held-out applications.

    Raises
    ------
    CandorError
        If the file cannot be read.
    TableError
        If columns are missing, values are none of the published ones, or too few rows are left.
    """
    if progress is not None:
        progress("Reading and cleaning the register", 0.0)
    cleaned = clean(Path(file))
    trained = int(0.7 * len(cleaned.outcome))
    plan = TrainingPlan(rounds=200, leaves=15, smallest_leaf=max(20, min(100, trained // 60)), seed=seed)
    made = write_inputs(Path(out_folder), cleaned, CARD, plan, progress)
    shutil.copyfile(CATALOGUE, made.folder / CATALOGUE.name)
    return made


def clean(file: Path) -> Cleaned:
    """Read a register and apply the rules of this module; see `prepare` for the errors."""
    wanted = ("activity_year", "action_taken", "debt_to_income_ratio", *NUMBERS, *CODES, *GROUPS, *REASONS)
    register = read_text(file, wanted, OTHER_NAMES)
    kept = register[register["action_taken"].isin([*APPROVED, DENIED])].reset_index(drop=True)
    problems: list[Problem] = []
    signals = _signals(kept, problems)
    year = numbers(kept["activity_year"], problems)
    outcome = (kept["action_taken"] == DENIED).to_numpy().astype(np.int8)
    check_rows(outcome, problems)
    ids = (np.arange(len(kept)) + FIRST_ID).astype(str).astype(object)
    last_day = (year - 1970 + 1).astype(int).astype("datetime64[Y]").astype("datetime64[D]") - np.timedelta64(1, "D")
    head = pd.DataFrame(
        {
            "application_id": ids,
            "activity_date": last_day.astype("datetime64[s]"),
            "decision": np.where(outcome == 1, "declined", "approved").astype(object),
            "denied": outcome,
        }
    )
    groups = kept[list(GROUPS)].replace(NAMED).where(lambda table: ~table.isin(UNKNOWN), None)
    groups = groups.assign(application_id=ids)[["application_id", *GROUPS]]
    reasons = _reported_reasons(kept, ids)
    return Cleaned(head, signals, outcome, groups, len(register), {"reported_reasons.parquet": reasons})


def _signals(kept: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    columns: dict[str, npt.NDArray[np.float64] | pd.Categorical[str]] = {
        name: numbers(kept[name], problems) for name in NUMBERS
    }
    columns["debt_to_income_ratio"] = debt_to_income(kept["debt_to_income_ratio"], problems)
    income = 1_000 * np.asarray(columns["income"], dtype=np.float64)
    # negative and zero incomes are reported; a ratio to them means nothing
    positive = np.where(income > 0, income, np.nan)
    columns["loan_to_income"] = np.round(np.asarray(columns["loan_amount"], dtype=np.float64) / positive, 2)
    return pd.DataFrame(columns | {name: codes(kept[name], allowed, problems) for name, allowed in CODES.items()})


def debt_to_income(column: pd.Series[str], problems: list[Problem]) -> npt.NDArray[np.float64]:
    """Return debt-to-income in percent, shape (n,): bins by `DEBT_BINS`, "36" and "36%" alike."""
    binned = column.map(DEBT_BINS)
    rest = column.where(binned.isna(), "").str.removesuffix("%")
    return np.where(binned.notna(), binned.to_numpy(dtype=np.float64), numbers(rest, problems))


def _reported_reasons(kept: pd.DataFrame, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return the lender's own reasons (codes 1 to 9) of denied applications; empty where fewer were given."""
    denied = (kept["action_taken"] == DENIED).to_numpy()
    table: pd.DataFrame = kept.loc[denied, list(REASONS)].apply(
        lambda column: column.str.replace(r"\.0$", "", regex=True)
    )
    table = table.where(~table.isin([*EMPTY, "10"]), None)
    return table.assign(application_id=ids[denied])[["application_id", *REASONS]].reset_index(drop=True)
