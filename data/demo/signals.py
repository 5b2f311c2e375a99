"""The 40 signals of the synthetic book, drawn block by block from the people behind them.

Blocks share what no column shows (payment habits, earning power, age), so that signals of a block
move together as they do in a bureau file. Empty values mean something: no card, no credit file,
never late, no bank account linked, not employed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.demo.dgp import CATEGORIES, REGIME_MONTH, REGIME_UNEMPLOYMENT, SIGNALS, Floats
from data.demo.people import People

Columns = dict[str, "Floats | pd.Categorical[Any]"]

REGION_UNEMPLOYMENT = {
    "MIDWEST": 4.2,
    "MOUNTAIN": 3.9,
    "NORTHEAST": 4.4,
    "PACIFIC": 4.9,
    "PLAINS": 3.4,
    "SOUTHEAST": 4.0,
}
"""Percent out of work before the regime changes."""


def draw_signals(rng: np.random.Generator, people: People, month: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Draw the signals of every application.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    people : People
        Who applies, n entries.
    month : ndarray of int, shape (n,)
        Month number of each application; decides the unemployment rate.

    Returns
    -------
    DataFrame, shape (n, 40)
        `SIGNALS` in order: float64, or pandas categories for the five native categories.
    """
    columns: Columns = {}
    _job_and_income(rng, people, columns)
    _history(rng, people, columns)
    _cards(rng, people, columns)
    _payments(rng, people, columns)
    _recent(rng, people, columns)
    _housing(rng, people, columns)
    _loan(rng, people, columns)
    _cash(rng, people, columns)
    _surroundings(rng, people, month, columns)
    return pd.DataFrame({name: columns[name] for name in SIGNALS})


def _sigmoid(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def _choose(rng: np.random.Generator, name: str, scores: dict[str, Floats | float], n: int) -> pd.Categorical[Any]:
    """Draw one level per row with probability proportional to exp(score)."""
    levels = CATEGORIES[name]
    table = np.column_stack([np.broadcast_to(scores[level], (n,)) for level in levels])
    drawn: npt.NDArray[np.int64] = np.argmax(table + rng.gumbel(size=table.shape), axis=1)
    return pd.Categorical.from_codes(drawn, categories=pd.Index(list(levels)))


def _is(column: Floats | pd.Categorical[Any], level: str) -> npt.NDArray[np.bool_]:
    assert isinstance(column, pd.Categorical)  # noqa: S101  narrows the type; blocks are drawn in order
    return np.asarray(column == level)


def _numbers(columns: Columns, name: str) -> Floats:
    return np.asarray(columns[name], dtype=np.float64)


def _job_and_income(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n, age = len(people.age), people.age
    job = _choose(
        rng,
        "employment_type",
        {
            "HOURLY": 0.0 - 0.5 * people.income,
            "NOT_EMPLOYED": -2.1 - 0.4 * people.income,
            "RETIRED": -7.0 + 8.0 * (age > 61),
            "SALARIED": 0.8 + 0.3 * people.income,
            "SELF_EMPLOYED": -0.9,
        },
        n,
    )
    idle = _is(job, "RETIRED") | _is(job, "NOT_EMPLOYED")
    stay = np.minimum(rng.gamma(1.2, 45.0, size=n) * np.exp((age - 44) / 60), (age - 17) * 12)
    pay = np.exp(10.97 + 0.42 * people.income - 0.35 * idle - 0.00045 * (age - 48) ** 2)
    columns["employment_type"] = job
    columns["employment_months"] = np.where(idle, np.nan, np.floor(stay))
    columns["annual_income"] = np.clip(np.round(pay, -2), 6_000, 600_000)
    columns["income_verified"] = (rng.random(n) < np.where(_is(job, "SELF_EMPLOYED"), 0.72, 0.93)).astype(np.float64)
    columns["employer_verified"] = np.where(idle, np.nan, (rng.random(n) < 0.9).astype(np.float64))
    ratio = np.clip(np.exp(3.22 - 0.20 * people.credit - 0.10 * people.income + 0.36 * rng.normal(size=n)), 0, 95)
    columns["debt_to_income"] = np.round(ratio, 1)
    columns["monthly_debt_payments"] = np.round(ratio / 100 * columns["annual_income"] / 12)


def _history(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n, age = len(people.age), people.age
    no_file = rng.random(n) < _sigmoid(-3.1 - 0.06 * (age - 44) - 0.25 * people.credit)
    oldest = np.clip((age - 18) * 12 * rng.beta(2.6, 2.4, size=n), 4, 600)
    average = oldest * rng.beta(4.0, 5.0, size=n)
    newest = np.minimum(average, rng.exponential(16 * np.exp(0.2 * people.credit)))
    for name, value in (("oldest", oldest), ("average", average), ("newest", newest)):
        columns[f"{name}_account_months"] = np.where(no_file, np.nan, np.floor(value))
    accounts = 1.0 + rng.poisson(np.exp(1.75 + 0.018 * np.clip(age - 44, -20, 25) + 0.15 * people.income))
    columns["open_accounts"] = np.where(no_file, 0.0, accounts)


def _cards(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n = len(people.age)
    none = np.isnan(_numbers(columns, "oldest_account_months")) | (rng.random(n) < 0.09)
    used = 100 * _sigmoid(-0.45 - 0.85 * people.credit + 0.95 * rng.normal(size=n))
    highest = used + (100 - used) * rng.beta(1.2, 2.2, size=n)
    limits = np.exp(8.9 + 0.45 * people.income + 0.2 * people.credit + 0.4 * rng.normal(size=n))
    columns["card_utilisation"] = np.where(none, np.nan, np.round(used, 1))
    columns["highest_card_utilisation"] = np.where(none, np.nan, np.round(highest, 1))
    columns["card_balance"] = np.where(none, np.nan, np.round(limits * used / 100))


def _payments(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n, credit = len(people.age), people.credit
    no_file = np.isnan(_numbers(columns, "oldest_account_months"))
    burst = rng.gamma(1.4, 1 / 1.4, size=n)
    late_30 = np.minimum(rng.poisson(np.exp(-1.45 - 0.85 * credit) * burst), 12).astype(np.float64)
    late_60 = np.minimum(rng.poisson(np.exp(-2.3 - 0.85 * credit) * burst), 9).astype(np.float64)
    lately = late_30 > 0
    earlier = ~lately & ((late_60 > 0) | (rng.random(n) < _sigmoid(-0.6 - 0.55 * credit)))
    ends = np.where(late_60 > 0, 25, 84)
    since = np.where(lately, rng.integers(1, 13, size=n), rng.integers(13, ends, size=n))
    columns["late_30_last_12m"] = np.where(no_file, np.nan, late_30)
    columns["late_60_last_24m"] = np.where(no_file, np.nan, late_60)
    columns["months_since_last_late"] = np.where(no_file | ~(lately | earlier), np.nan, since)
    behind = (rng.random(n) < 0.25) * np.minimum(late_30, 3)
    columns["accounts_past_due"] = np.where(no_file, np.nan, behind)
    broke = rng.random(n) < _sigmoid(-3.3 - 0.7 * credit)
    columns["months_since_bankruptcy"] = np.where(broke, rng.integers(2, 85, size=n), np.nan)
    columns["collections_24m"] = np.minimum(rng.poisson(np.exp(-2.0 - 0.85 * credit)), 8).astype(np.float64)


def _recent(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n = len(people.age)
    rate = np.exp(0.05 - 0.4 * people.credit)
    half_year = rng.poisson(rate)
    columns["inquiries_6m"] = np.minimum(half_year, 15).astype(np.float64)
    columns["inquiries_12m"] = np.minimum(half_year + rng.poisson(0.8 * rate), 25).astype(np.float64)
    opened = np.minimum(rng.poisson(np.exp(-0.3 - 0.25 * people.credit), size=n), 9).astype(np.float64)
    columns["new_accounts_12m"] = np.minimum(opened, _numbers(columns, "open_accounts"))
    columns["prior_loans_repaid"] = np.minimum(rng.poisson(0.4 * np.exp(0.2 * people.credit)), 6).astype(np.float64)


def _housing(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n, age = len(people.age), people.age
    home = _choose(
        rng,
        "home_ownership",
        {
            "FAMILY": -1.0 - 0.06 * (age - 44),
            "MORTGAGE": 0.2 + 0.5 * people.income + 0.02 * (age - 44),
            "OWN": -1.3 + 0.05 * (age - 44),
            "RENT": 0.2 - 0.3 * people.income,
        },
        n,
    )
    share = np.select([_is(home, "FAMILY"), _is(home, "OWN")], [5.0, 9.0], 26.0 - 2.5 * people.income)
    stay = rng.gamma(1.1, 40.0, size=n) * np.where(_is(home, "RENT"), 0.7, 1.5)
    columns["home_ownership"] = home
    columns["housing_cost_to_income"] = np.round(np.clip(share + 5 * rng.normal(size=n), 0, 70), 1)
    columns["address_months"] = np.floor(np.minimum(stay, age * 12))


def _loan(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n, income = len(people.age), _numbers(columns, "annual_income")
    asked = np.exp(9.15 + 0.30 * people.income - 0.05 * people.credit + 0.45 * rng.normal(size=n))
    amount = np.clip(np.round(asked, -2), 1_000, 50_000)
    longer = (np.log(amount) - 9.15 + 0.6 * rng.normal(size=n))[:, None] > np.array([-0.6, 0.1, 0.7])
    term = 24.0 + 12.0 * longer.sum(axis=1)
    monthly_rate = 0.14 / 12
    payment = amount * monthly_rate / (1 - (1 + monthly_rate) ** -term)
    purposes: dict[str, Floats | float] = {
        "CAR": -1.2,
        "DEBT_CONSOLIDATION": 0.6 - 0.15 * people.credit,
        "HOME_IMPROVEMENT": -0.6 + 0.8 * _is(columns["home_ownership"], "MORTGAGE"),
        "MAJOR_PURCHASE": -0.8,
        "MEDICAL": -1.5,
        "MOVING": -2.0,
        "SMALL_BUSINESS": -2.2 + 1.2 * _is(columns["employment_type"], "SELF_EMPLOYED"),
    }
    columns["loan_amount"], columns["loan_term"] = amount, term
    columns["loan_purpose"] = _choose(rng, "loan_purpose", purposes, n)
    columns["loan_to_income"] = np.round(100 * amount / income, 1)
    columns["loan_payment_to_income"] = np.round(100 * payment / (income / 12), 1)


def _cash(rng: np.random.Generator, people: People, columns: Columns) -> None:
    n = len(people.age)
    unlinked = rng.random(n) < 0.22
    balance = np.exp(7.4 + 0.5 * people.income + 0.45 * people.credit + 0.7 * rng.normal(size=n))
    saved = np.minimum(np.exp(0.3 + 0.4 * people.income + 0.4 * people.credit + 0.8 * rng.normal(size=n)), 36)
    swing = 100 * _sigmoid(-1.4 + 0.9 * _is(columns["employment_type"], "SELF_EMPLOYED") + 0.4 * rng.normal(size=n))
    overdrawn = np.minimum(rng.poisson(np.exp(-0.9 - 0.65 * people.credit)), 15)
    columns["checking_balance"] = np.where(unlinked, np.nan, np.round(balance))
    columns["savings_months"] = np.where(unlinked, np.nan, np.round(saved, 1))
    columns["deposit_variation"] = np.where(unlinked, np.nan, np.round(swing, 1))
    columns["overdrafts_6m"] = np.where(unlinked, np.nan, overdrawn)


def _surroundings(rng: np.random.Generator, people: People, month: npt.NDArray[np.int64], columns: Columns) -> None:
    n = len(people.age)
    columns["state_region"] = pd.Categorical(people.region, categories=list(CATEGORIES["state_region"]))
    usual = np.array([REGION_UNEMPLOYMENT[name] for name in people.region])
    rate = usual + 0.7 * rng.normal(size=n) + REGIME_UNEMPLOYMENT * (month >= REGIME_MONTH)
    columns["local_unemployment"] = np.round(np.clip(rate, 1.0, 15.0), 1)
    # the two signals that nothing depends on
    channels: dict[str, Floats | float] = {"APP": 0.3, "BRANCH": -0.5, "PHONE": -1.2, "WEB": 0.8}
    columns["application_channel"] = _choose(rng, "application_channel", channels, n)
    columns["statement_day"] = rng.integers(1, 29, size=n).astype(np.float64)
