"""How the synthetic lending book works: its data-generating process, written as data.

Every number that decides whether a made-up loan is charged off stands in `TERMS`. The log-odds of
charge-off is `INTERCEPT` plus the sum of all terms; the outcome is drawn from that probability and
from nothing else. `data/demo/README.md` tells the same story in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.floating[Any]]

FIRST_MONTH = np.datetime64("2024-11", "M")
"""Month 1 of the book."""
MONTHS = 24
"""The book ends with October 2026."""
REGIME_MONTH = 18
"""April 2026: the economy turns."""
MATURITY_MONTHS = 12
"""An outcome is known one year after the application, not before."""
INTERCEPT = -3.42


@dataclass(frozen=True)
class Ramp:
    """A signal turned into 0 … 1 along a straight line, flat outside; an empty value counts as 0."""

    signal: str
    start: float
    """Value at and before which the ramp is 0, in the signal's unit."""
    stop: float
    """Value at and beyond which the ramp is 1; below `start` for a falling ramp."""

    def __call__(self, book: pd.DataFrame) -> Floats:
        """Return the ramp of every application, shape (n,), between 0 and 1."""
        values = book[self.signal].to_numpy(dtype=np.float64)
        ramp: Floats = np.nan_to_num(np.clip((values - self.start) / (self.stop - self.start), 0.0, 1.0), nan=0.0)
        return ramp


@dataclass(frozen=True)
class Term:
    """One addend of the true log-odds: weight × product of its ramps, or a level's value, or an empty value."""

    weight: float = 1.0
    """Log-odds at full height."""
    ramps: tuple[Ramp, ...] = ()
    """One ramp is a main effect, two are an interaction, none is a shift of everyone."""
    empty: str | None = None
    """The signal whose empty value switches the term on."""
    category: str | None = None
    levels: dict[str, float] = field(default_factory=dict)
    """Log-odds of each level; levels not named count 0."""
    regime: bool = False
    """Scaled by the share of the loan's first year that falls into the new regime."""

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals the term reads; empty for a shift of everyone."""
        named = [ramp.signal for ramp in self.ramps] + [name for name in (self.empty, self.category) if name]
        return tuple(dict.fromkeys(named))

    def value(self, book: pd.DataFrame, exposure: Floats) -> Floats:
        """Return the term's log-odds of every application, shape (n,)."""
        total: Floats
        if self.category is not None:
            total = book[self.category].astype("object").map(self.levels).fillna(0.0).to_numpy(dtype=np.float64)
        elif self.empty is not None:
            total = np.where(book[self.empty].isna(), 1.0, 0.0)
        else:
            total = np.ones(len(book))
        for ramp in self.ramps:
            total = total * ramp(book)
        return self.weight * total * exposure if self.regime else self.weight * total


def _ramp(signal: str, start: float, stop: float, weight: float, *, regime: bool = False) -> Term:
    return Term(weight=weight, ramps=(Ramp(signal, start, stop),), regime=regime)


TERMS: tuple[Term, ...] = (
    _ramp("debt_to_income", 15, 55, 1.50),
    _ramp("loan_payment_to_income", 4, 18, 0.50),
    _ramp("annual_income", 30_000, 120_000, -0.70),
    _ramp("income_verified", 1, 0, 0.30),
    _ramp("late_30_last_12m", 0, 3, 1.20),
    _ramp("late_60_last_24m", 0, 2, 0.60),
    _ramp("months_since_last_late", 48, 6, 0.40),
    _ramp("accounts_past_due", 0, 2, 0.50),
    _ramp("card_utilisation", 30, 95, 0.90),
    Term(weight=0.25, empty="card_utilisation"),
    # the planted interaction: full cards weigh more when the credit history is short
    Term(weight=0.90, ramps=(Ramp("card_utilisation", 60, 95), Ramp("oldest_account_months", 72, 18))),
    _ramp("oldest_account_months", 12, 180, -0.80),
    Term(weight=0.20, empty="oldest_account_months"),
    # not monotone on purpose: very few and very many accounts both count against
    _ramp("open_accounts", 5, 1, 0.25),
    _ramp("open_accounts", 14, 26, 0.30),
    _ramp("inquiries_6m", 0, 5, 0.80),
    _ramp("new_accounts_12m", 0, 4, 0.30),
    Term(category="employment_type", levels={"SELF_EMPLOYED": 0.25, "HOURLY": 0.10, "NOT_EMPLOYED": 0.60}),
    _ramp("employment_months", 0, 84, -0.40),
    Term(category="home_ownership", levels={"RENT": 0.20, "FAMILY": 0.10, "OWN": -0.10}),
    _ramp("address_months", 0, 60, -0.15),
    _ramp("loan_to_income", 8, 50, 0.50),
    _ramp("loan_term", 24, 60, 0.30),
    Term(
        category="loan_purpose",
        levels={"SMALL_BUSINESS": 0.45, "MEDICAL": 0.20, "MOVING": 0.15, "HOME_IMPROVEMENT": -0.15},
    ),
    _ramp("months_since_bankruptcy", 84, 12, 0.70),
    _ramp("collections_24m", 0, 3, 0.60),
    _ramp("checking_balance", 0, 6_000, -0.30),
    Term(weight=0.10, empty="checking_balance"),
    _ramp("overdrafts_6m", 0, 5, 0.60),
    _ramp("savings_months", 0, 6, -0.50),
    _ramp("prior_loans_repaid", 0, 3, -0.40),
    _ramp("local_unemployment", 3, 9, 0.30),
    Term(category="state_region", levels={"PLAINS": 0.08, "SOUTHEAST": 0.05}),
    # the new regime: everyone's risk rises, and unemployment counts for more
    Term(weight=0.40, regime=True),
    _ramp("local_unemployment", 3, 9, 0.60, regime=True),
)
"""The whole truth. A signal that is in no term has no effect of its own."""

CATEGORIES: dict[str, tuple[str, ...]] = {
    "employment_type": ("HOURLY", "NOT_EMPLOYED", "RETIRED", "SALARIED", "SELF_EMPLOYED"),
    "home_ownership": ("FAMILY", "MORTGAGE", "OWN", "RENT"),
    "loan_purpose": (
        "CAR",
        "DEBT_CONSOLIDATION",
        "HOME_IMPROVEMENT",
        "MAJOR_PURCHASE",
        "MEDICAL",
        "MOVING",
        "SMALL_BUSINESS",
    ),
    "state_region": ("MIDWEST", "MOUNTAIN", "NORTHEAST", "PACIFIC", "PLAINS", "SOUTHEAST"),
    "application_channel": ("APP", "BRANCH", "PHONE", "WEB"),
}
"""Levels of the native categories, in the order of their codes in the models."""

SIGNALS: tuple[str, ...] = (
    "annual_income",
    "income_verified",
    "debt_to_income",
    "monthly_debt_payments",
    "loan_payment_to_income",
    "late_30_last_12m",
    "late_60_last_24m",
    "months_since_last_late",
    "accounts_past_due",
    "card_utilisation",
    "highest_card_utilisation",
    "card_balance",
    "oldest_account_months",
    "average_account_months",
    "newest_account_months",
    "open_accounts",
    "inquiries_6m",
    "inquiries_12m",
    "new_accounts_12m",
    "employment_type",
    "employment_months",
    "employer_verified",
    "home_ownership",
    "address_months",
    "housing_cost_to_income",
    "loan_amount",
    "loan_term",
    "loan_purpose",
    "loan_to_income",
    "months_since_bankruptcy",
    "collections_24m",
    "checking_balance",
    "overdrafts_6m",
    "savings_months",
    "deposit_variation",
    "local_unemployment",
    "state_region",
    "prior_loans_repaid",
    "application_channel",
    "statement_day",
)
"""The 40 inputs of the demonstration models, in the models' own order."""

IGNORED_SIGNALS = ("application_channel", "statement_day")
"""In no term, and drawn apart from everything else: a sound explanation gives them about nothing."""

MONOTONE: dict[str, int] = {
    "annual_income": -1,
    "debt_to_income": 1,
    "loan_payment_to_income": 1,
    "late_30_last_12m": 1,
    "late_60_last_24m": 1,
    "accounts_past_due": 1,
    "card_utilisation": 1,
    "oldest_account_months": -1,
    "inquiries_6m": 1,
    "new_accounts_12m": 1,
    "employment_months": -1,
    "loan_to_income": 1,
    "collections_24m": 1,
    "overdrafts_6m": 1,
    "savings_months": -1,
    "prior_loans_repaid": -1,
}
"""True directions (+1 raises the risk) that version 4 is held to."""

INTERACTION = ("card_utilisation", "oldest_account_months")
"""The planted pair: they matter more together than the sum of both."""

REGIME_UNEMPLOYMENT = 1.3
"""Percentage points by which local unemployment rises from `REGIME_MONTH` on."""


@dataclass(frozen=True)
class Partner:
    """A partner bank: how much it sends and who its applicants are."""

    name: str
    share: float
    """Share of all applications, 0 to 1."""
    credit: float
    """Shift of its applicants' payment habits, in standard deviations (up is better)."""
    income: float
    """Shift of its applicants' income, in standard deviations."""
    regions: dict[str, float]
    """Where its applicants live; sums to 1."""
    cutoff: float
    """Estimates up to and including this one pass."""


PARTNERS: tuple[Partner, ...] = (
    Partner("First Harbor Bank", 0.48, 0.00, 0.10, {"NORTHEAST": 0.60, "SOUTHEAST": 0.30, "MIDWEST": 0.10}, 0.18),
    Partner("Prairie State Credit", 0.31, -0.15, -0.20, {"PLAINS": 0.50, "MIDWEST": 0.40, "MOUNTAIN": 0.10}, 0.20),
    Partner("Northline Federal", 0.21, 0.30, 0.15, {"PACIFIC": 0.55, "MOUNTAIN": 0.30, "MIDWEST": 0.15}, 0.16),
)

POLICY_RULES: tuple[tuple[str, str, float], ...] = (
    ("months_since_bankruptcy", "<", 24.0),
    ("annual_income", "<", 12_000.0),
)
"""Knock-out rules of all partners, as they stand in the card."""

OVERRIDE_SHARE = 0.01
"""Share of applications that a loan officer decided against the model."""

STORY_ID = "10432"
STORY_DATE = np.datetime64("2026-09-17", "D")
STORY: dict[str, float | str] = {
    "annual_income": 84_000.0,
    "income_verified": 1.0,
    "debt_to_income": 46.0,
    "monthly_debt_payments": 3_220.0,
    "loan_payment_to_income": 5.1,
    "late_30_last_12m": 2.0,
    "late_60_last_24m": 0.0,
    "months_since_last_late": 5.0,
    "accounts_past_due": 0.0,
    "card_utilisation": 88.0,
    "highest_card_utilisation": 93.0,
    "card_balance": 9_700.0,
    "oldest_account_months": 24.0,
    "average_account_months": 15.0,
    "newest_account_months": 7.0,
    "open_accounts": 6.0,
    "inquiries_6m": 1.0,
    "inquiries_12m": 2.0,
    "new_accounts_12m": 1.0,
    "employment_type": "SALARIED",
    "employment_months": 110.0,
    "employer_verified": 1.0,
    "home_ownership": "MORTGAGE",
    "address_months": 62.0,
    "housing_cost_to_income": 24.0,
    "loan_amount": 10_500.0,
    "loan_term": 36.0,
    "loan_purpose": "HOME_IMPROVEMENT",
    "loan_to_income": 12.5,
    "months_since_bankruptcy": np.nan,
    "collections_24m": 0.0,
    "checking_balance": 5_200.0,
    "overdrafts_6m": 0.0,
    "savings_months": 3.5,
    "deposit_variation": 18.0,
    "local_unemployment": 4.1,
    "state_region": "NORTHEAST",
    "prior_loans_repaid": 1.0,
    "application_channel": "WEB",
    "statement_day": 12.0,
}
"""Application 10432, the one of the guided tour: written by hand, scored and decided like any other."""


def month_of(dates: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Return the month number of each date; November 2024 is 1, October 2026 is 24."""
    return (dates.astype("datetime64[M]") - FIRST_MONTH).astype(np.int64) + 1


def regime_exposure(month: npt.NDArray[np.int64]) -> Floats:
    """Return the share (0 to 1) of each loan's first twelve months that falls into the new regime."""
    return np.clip((month - (REGIME_MONTH - MATURITY_MONTHS)) / MATURITY_MONTHS, 0.0, 1.0).astype(np.float64)


def true_log_odds(book: pd.DataFrame, month: npt.NDArray[np.int64]) -> Floats:
    """Return the true log-odds of charge-off within twelve months, shape (n,)."""
    exposure = regime_exposure(month)
    total = np.full(len(book), INTERCEPT)
    for term in TERMS:
        total = total + term.value(book, exposure)
    return total


def signals_with_effect() -> tuple[str, ...]:
    """Return the signals that some term reads, in the models' order."""
    read = {name for term in TERMS for name in term.signals}
    return tuple(name for name in SIGNALS if name in read)
