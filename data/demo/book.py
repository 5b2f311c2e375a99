"""The synthetic lending book: applications, protected attributes apart, and the planted truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.demo import dgp
from data.demo.dgp import Floats
from data.demo.people import CREDIT_GAP, DISADVANTAGED, INCOME_GAP, draw_people, groups_table
from data.demo.signals import draw_signals

FIRST_ID = 10_001
BOOK_START = np.datetime64("2024-11-01", "D")
BOOK_END = np.datetime64("2026-10-31", "D")
DEVELOPMENT_START = np.datetime64("2022-11-01", "D")
"""The models learn from the year before last: its outcomes were known when the book begins."""
DEVELOPMENT_END = np.datetime64("2023-10-31", "D")
GROWTH = 0.5
"""The last day brings this share more applications than the first."""

Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class PlantedTruth:
    """What is true of the book by construction; for tests and demonstrations, never for a snapshot."""

    log_odds: Floats
    """True log-odds of charge-off within twelve months, shape (n,), in the order of the applications."""
    probability: Floats
    """The same as a probability, 0 to 1."""
    outcome: npt.NDArray[np.int8]
    """What happened or will happen, also where the book does not know it yet."""
    terms: tuple[dgp.Term, ...]
    """The addends of `log_odds`."""
    ignored: tuple[str, ...]
    """Signals without any effect and without any correlation."""
    monotone: dict[str, int]
    """True direction of signals that have one (+1 raises the risk)."""
    interaction: tuple[str, str]
    """The pair that matters more together."""
    regime_month: int
    """Month number (1 to 24) in which the economy turns."""
    disparity: tuple[str, str]
    """Attribute and group with planted lower income and credit."""
    no_disparity: str
    """Attribute on which nothing depends."""


@dataclass(frozen=True)
class Book:
    """A synthetic lending book."""

    applications: pd.DataFrame
    """(n, 44): application_id, partner, application_date, the 40 signals, charge_off_12m (1, 0, or
    empty where the year is not over at the end of the book). Sorted by date."""
    groups: pd.DataFrame
    """(n, 9): application_id, sex, race_ethnicity, age_band, p_white … p_other."""
    truth: PlantedTruth
    seed: int


@dataclass(frozen=True)
class Draw:
    """A stretch of applications as drawn, before anything is hidden."""

    applications: pd.DataFrame
    """application_id, partner, application_date and the 40 signals."""
    groups: pd.DataFrame
    log_odds: Floats
    outcome: npt.NDArray[np.int8]


def generate_book(seed: int, n: int = 60_000) -> Book:
    """Generate the demonstration book.

    Parameters
    ----------
    seed : int
        The same seed and `n` give the same book.
    n : int
        Number of applications, spread over 24 months ending 31 October 2026. From 1,000 on, the
        hand-written application 10432 is among them.

    Returns
    -------
    Book
        Applications, groups and truth.
    """
    rng = np.random.default_rng([seed, 1])
    dates = np.sort(draw_dates(rng, n, BOOK_START, BOOK_END))
    draw = draw_applications(rng, dates, rng.permutation(n) + FIRST_ID, story=n >= 1_000)
    applications = draw.applications.assign(charge_off_12m=known_outcome(draw.outcome, dates, BOOK_END))
    return Book(applications, draw.groups, _truth(draw), seed)


def generate_development(seed: int, n: int) -> Draw:
    """Generate the earlier year from which the models learn; none of it is in the book."""
    rng = np.random.default_rng([seed, 2])
    dates = np.sort(draw_dates(rng, n, DEVELOPMENT_START, DEVELOPMENT_END))
    return draw_applications(rng, dates, np.arange(n) + 1)


def draw_dates(rng: np.random.Generator, n: int, start: np.datetime64, end: np.datetime64) -> Dates:
    """Draw `n` days from `start` to `end`, both included, with slowly growing volume."""
    days = np.arange(start, end + np.timedelta64(1, "D"))
    weight = np.linspace(1.0, 1.0 + GROWTH, len(days))
    picked: Dates = rng.choice(days, size=n, p=weight / weight.sum())
    return picked


def draw_applications(
    rng: np.random.Generator, dates: Dates, numbers: npt.NDArray[np.int64], *, story: bool = False
) -> Draw:
    """Draw the applications of the given days.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    dates : ndarray of datetime64[D], shape (n,)
        Day of each application.
    numbers : ndarray of int, shape (n,)
        Application numbers; kept as text.
    story : bool
        Whether application 10432 is replaced by the hand-written one.

    Returns
    -------
    Draw
        Applications, groups, true log-odds and outcomes.
    """
    people = draw_people(rng, len(dates))
    signals = draw_signals(rng, people, dgp.month_of(dates))
    partner = np.array([bank.name for bank in dgp.PARTNERS], dtype=object)[people.partner]
    ids = numbers.astype(str).astype(object)
    if story:
        _write_story(ids, signals, partner, dates)
    groups = groups_table(rng, people, ids)
    log_odds = dgp.true_log_odds(signals, dgp.month_of(dates))
    outcome = (rng.random(len(dates)) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    head = pd.DataFrame({"application_id": ids, "partner": partner, "application_date": dates.astype("datetime64[s]")})
    return Draw(pd.concat([head, signals], axis=1), groups, log_odds, outcome)


def _write_story(
    ids: npt.NDArray[np.object_], signals: pd.DataFrame, partner: npt.NDArray[np.object_], dates: Dates
) -> None:
    """Put the hand-written application on its day, keeping the rows sorted by date."""
    row = int(np.searchsorted(dates, dgp.STORY_DATE))
    now = int(np.flatnonzero(ids == dgp.STORY_ID)[0])
    ids[now], ids[row] = ids[row], dgp.STORY_ID
    partner[row] = dgp.PARTNERS[0].name
    for name, value in dgp.STORY.items():
        signals.loc[row, name] = value


def known_outcome(outcome: npt.NDArray[np.int8], dates: Dates, as_of: np.datetime64) -> pd.Series[int]:
    """Return the outcomes known on `as_of` (Int8): empty where the loan's first year is not over."""
    month = dgp.month_of(dates)
    mature = month <= int(dgp.month_of(np.array([as_of]))[0]) - dgp.MATURITY_MONTHS
    return pd.Series(outcome, dtype="Int8").where(pd.Series(mature))


def _truth(draw: Draw) -> PlantedTruth:
    return PlantedTruth(
        log_odds=draw.log_odds,
        probability=1 / (1 + np.exp(-draw.log_odds)),
        outcome=draw.outcome,
        terms=dgp.TERMS,
        ignored=dgp.IGNORED_SIGNALS,
        monotone=dict(dgp.MONOTONE),
        interaction=dgp.INTERACTION,
        regime_month=dgp.REGIME_MONTH,
        disparity=("race_ethnicity", DISADVANTAGED),
        no_disparity="sex",
    )


PLANTED_GAPS = {"income": INCOME_GAP, "credit": CREDIT_GAP}
"""Shifts in standard deviations behind `PlantedTruth.disparity`."""
