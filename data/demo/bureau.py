"""A made-up credit score with the key factors its made-up provider would list.

It is a scorecard of its own, apart from the models: points off 850 for each factor, the largest first. The lender's
models never read it; it is there so that a notice can show a provider's list beside the creditor's own reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from data.demo.dgp import Floats

HIGHEST, LOWEST = 850, 300
LISTED = 4
"""Key factors a provider lists, but for inquiries, which may be a fifth (15 USC 1681g(f)(9))."""
INQUIRIES = "Number of recent inquiries"
COLUMNS = ("credit_score", "score_date", *(f"score_factor_{i + 1}" for i in range(LISTED + 1)))

_OFF: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "Balances on revolving accounts are high beside their limits": ("card_utilisation", lambda v: 1.7 * v),
    "Late payments": ("late_30_last_12m", lambda v: np.minimum(55 * v, 165)),
    "Length of time accounts have been open": (
        "oldest_account_months",
        lambda v: np.clip(200 - v, 0, 200) * 0.55,
    ),
    INQUIRIES: ("inquiries_6m", lambda v: np.minimum(9 * v, 63)),
    "Public record or collection on file": ("collections_24m", lambda v: np.minimum(70 * v, 140)),
    "Accounts that are past due now": ("accounts_past_due", lambda v: np.minimum(60 * v, 120)),
    "Few accounts with balances paid as agreed": ("open_accounts", lambda v: np.clip(6 - v, 0, 6) * 8),
}
"""Factor in the provider's words -> the signal behind it, and the points it takes off."""


def score_report(signals: pd.DataFrame, dates: pd.Series[Any]) -> pd.DataFrame:
    """Return score, day and key factors for applications with a credit file.

    Parameters
    ----------
    signals : pandas.DataFrame
        Signals of the book, one row per application.
    dates : pandas.Series
        Day of each application; the score is made on it.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; empty where there is no credit file.
    """
    names = np.array(list(_OFF), dtype=object)
    off = np.column_stack(
        [np.nan_to_num(take(signals[name].to_numpy(dtype=np.float64))) for name, take in _OFF.values()]
    )
    known = signals["oldest_account_months"].notna().to_numpy()
    order = np.argsort(-off, axis=1, kind="stable")
    ranked = names[order]
    ranked[np.take_along_axis(off, order, axis=1) <= 0] = None
    found = pd.DataFrame(index=signals.index)
    score = np.clip(np.round(HIGHEST - off.sum(axis=1)), LOWEST, HIGHEST)
    found["credit_score"] = np.where(known, score, np.nan)
    found["score_date"] = dates.dt.strftime("%Y-%m-%d").where(known)
    for i in range(LISTED):
        found[f"score_factor_{i + 1}"] = pd.Series(ranked[:, i], index=signals.index, dtype=object).where(known)
    later = (ranked[:, LISTED:] == INQUIRIES).any(axis=1) & known
    found[f"score_factor_{LISTED + 1}"] = pd.Series(INQUIRIES, index=signals.index, dtype=object).where(later)
    return found[list(COLUMNS)]
