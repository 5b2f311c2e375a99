"""The log of what was shown, in words and as a table for specialists."""

from __future__ import annotations

import pandas as pd

from data.workspace import LogCheck, LogPage
from explainers.style import whole


def say_log(check: LogCheck) -> str:
    """Return the headline: how many answers, and whether the log is whole."""
    if not check.ok:
        return f"The log is damaged at entry {whole(check.first_bad or 0)}."
    noun = "answer was" if check.entries == 1 else "answers were"
    return f"{whole(check.entries)} {noun} shown. The log is whole."


def say_log_context(page: LogPage) -> str:
    """Return what the table holds."""
    return f"{whole(page.n)} of {whole(page.n_total)} entries that fit, the newest first."


def table_log(page: LogPage) -> pd.DataFrame:
    """Return the entries written for people."""
    rows = page.rows
    return pd.DataFrame(
        {
            "No.": rows["number"].map(whole),
            "Shown (UTC)": rows["shown_at"].dt.strftime("%-d %b %Y %H:%M:%S"),
            "Account": rows["who"],
            "Audience": rows["audience"],
            "Partner": rows["partner"].fillna("all"),
            "Page": rows["page"],
            "Snapshot": rows["snapshot_id"],
            "Applications behind it": rows["rows_behind"].map(whole),
        }
    )


HOW_TO_READ = (
    "Each line is one answer that was shown to one person. It is written before the answer appears; an answer that"
    " cannot be logged is not shown.",
    "Application numbers stand in the log as keyed hashes. Type a number above to see whether it was shown.",
    "Every entry carries a hash over itself and the entry before. A changed, removed or moved entry breaks the chain."
    " To find a log that was written anew as a whole, keep its last hash somewhere else.",
)
LIMITS = (
    "The log says what Candor showed. It cannot say who looked over a shoulder, or what was copied from the screen.",
)
