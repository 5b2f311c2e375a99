"""The people of the synthetic book: where they apply, who they are, and what no column shows.

Protected attributes are drawn here and leave through their own table. One difference is planted
(Black applicants have lower `income` and `credit` on average, as a history of unequal chances
would leave it) and one absence (nothing depends on sex).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.demo.dgp import PARTNERS, Floats

RACES: dict[str, float] = {"White": 0.58, "Black": 0.14, "Hispanic": 0.17, "Asian": 0.07, "Other": 0.04}
"""Share of each observed category among applicants."""
DISADVANTAGED = "Black"
INCOME_GAP = -0.50
"""Planted shift of income for `DISADVANTAGED`, in standard deviations."""
CREDIT_GAP = -0.45
"""Planted shift of payment habits for `DISADVANTAGED`, in standard deviations."""
AGE_BANDS: tuple[tuple[str, float], ...] = (("18-24", 25), ("25-39", 40), ("40-61", 62), ("62 or older", 200))
"""Label of each band and the age at which it ends."""
PROXY_SHARPNESS = 6.0
"""Higher: surnames and places tell more. 6 gives proxies about as sharp as published ones."""


@dataclass(frozen=True)
class People:
    """What stands behind `n` applications; each field has shape (n,)."""

    partner: npt.NDArray[np.int64]
    """Index into `PARTNERS`."""
    region: npt.NDArray[np.object_]
    age: Floats
    """Years."""
    credit: Floats
    """Payment habits in standard deviations; up is better. No column holds it."""
    income: Floats
    """Earning power in standard deviations. No column holds it."""
    race: npt.NDArray[np.int64]
    """Index into `RACES`."""
    male: npt.NDArray[np.bool_]


def draw_people(rng: np.random.Generator, n: int) -> People:
    """Draw `n` applicants.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness; the same state gives the same people.
    n : int
        Number of applicants.

    Returns
    -------
    People
        One entry per applicant in each field.
    """
    partner = rng.choice(len(PARTNERS), size=n, p=[bank.share for bank in PARTNERS])
    race = rng.choice(len(RACES), size=n, p=list(RACES.values()))
    gap = race == list(RACES).index(DISADVANTAGED)
    income = rng.normal(size=n) + np.array([bank.income for bank in PARTNERS])[partner] + INCOME_GAP * gap
    own = rng.normal(size=n) + np.array([bank.credit for bank in PARTNERS])[partner] + CREDIT_GAP * gap
    return People(
        partner=partner,
        region=_regions(rng, partner),
        age=19.0 + 58.0 * rng.beta(1.9, 2.6, size=n),
        credit=0.95 * own + 0.25 * income,
        income=income,
        race=race,
        male=rng.random(n) < 0.52,
    )


def _regions(rng: np.random.Generator, partner: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    region = np.empty(len(partner), dtype=object)
    for index, bank in enumerate(PARTNERS):
        here = partner == index
        region[here] = rng.choice(list(bank.regions), size=int(here.sum()), p=list(bank.regions.values()))
    return region


def groups_table(rng: np.random.Generator, people: People, ids: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return the protected attributes of each application, kept apart from everything the model sees.

    The proxy columns `p_white` … `p_other` are probabilities that sum to 1, drawn around the true
    category the way a surname-and-place proxy would know it: sometimes well, sometimes hardly.
    """
    labels = np.array(list(RACES), dtype=object)
    evidence = rng.gamma(1.0, size=(len(ids), len(RACES))) * np.array(list(RACES.values()))
    evidence[np.arange(len(ids)), people.race] *= 1.0 + PROXY_SHARPNESS * rng.gamma(1.5, size=len(ids))
    proxy = evidence / evidence.sum(axis=1, keepdims=True)
    ends = [end for _, end in AGE_BANDS]
    bands = np.array([label for label, _ in AGE_BANDS], dtype=object)
    table = {
        "application_id": ids,
        "sex": np.where(people.male, "Male", "Female").astype(object),
        "race_ethnicity": labels[people.race],
        "age_band": bands[np.searchsorted(ends, people.age, side="right")],
    }
    return pd.DataFrame(table | {f"p_{name.lower()}": proxy[:, k] for k, name in enumerate(RACES)})
