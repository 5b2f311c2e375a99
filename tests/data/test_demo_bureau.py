"""The made-up credit score of the demonstration book."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo import bureau, dgp
from data.demo.book import generate_book


def test_every_credit_file_has_a_score_in_range_and_factors_in_the_order_of_what_they_took_off() -> None:
    book = generate_book(7, 3_000).applications
    found = bureau.score_report(book[list(dgp.SIGNALS)], book["application_date"])
    known = book["oldest_account_months"].notna()
    assert found["credit_score"].notna().equals(known)
    assert found["credit_score"].dropna().between(bureau.LOWEST, bureau.HIGHEST).all()
    assert not set(bureau.COLUMNS) & set(dgp.SIGNALS)
    first, second = found["score_factor_1"], found["score_factor_2"]
    assert (first[second.notna()].notna()).all()
    assert found[~known].isna().all().all()


def test_inquiries_are_a_fifth_factor_only_where_four_others_took_off_more() -> None:
    base = dict.fromkeys(dgp.SIGNALS, 0.0) | {"oldest_account_months": 300.0, "open_accounts": 9.0}
    rows = pd.DataFrame(
        [
            # 170 for balances, 110 late, 120 past due, 70 collections, 9 for one inquiry
            base
            | {"card_utilisation": 100.0, "late_30_last_12m": 2.0, "accounts_past_due": 2.0}
            | {"collections_24m": 1.0, "inquiries_6m": 1.0},
            base | {"inquiries_6m": 2.0},
            base | {"oldest_account_months": np.nan},
        ]
    )
    found = bureau.score_report(rows, pd.Series(pd.to_datetime(["2026-01-05"] * 3)))
    assert found["credit_score"].tolist()[:2] == [850 - 170 - 110 - 120 - 70 - 9, 850 - 18]
    assert found["score_factor_5"].tolist()[0] == bureau.INQUIRIES
    assert found.loc[1, "score_factor_1"] == bureau.INQUIRIES
    assert found.loc[1, ["score_factor_2", "score_factor_5"]].isna().all()
    assert found.loc[0, "score_date"] == "2026-01-05"
    assert found.loc[2].isna().all()
