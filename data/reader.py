"""The reader: everything a viewer may ask a snapshot, and nothing else.

Every query runs on its own cursor (a connection shared between threads returns other callers'
rows), takes values as parameters only, and sees `applications` through the viewer's scope. Pages
have no other way to a snapshot's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.errors import NotFoundForViewer
from data.manifest import Manifest
from data.models import CreditModel
from data.sql import quote_identifier


@dataclass(frozen=True)
class ApplicationRecord:
    """One application as it was scored."""

    row_no: int
    """Position in the snapshot; the key of all its tables."""
    application_id: str
    """The lender's own number."""
    partner: str
    """The partner it came through."""
    application_date: date | None
    """Day of the application."""
    outcome: int | None
    """1 the outcome happened, 0 it did not, None not known."""
    recorded_decision: str | None
    """"approved" or "declined" as on record; None when the table does not say."""
    raw_score: float
    """The model's raw score (log-odds for a probability)."""
    estimate: float
    """The raw score on the outcome's scale."""
    cutoff: float
    """The cut-off that applied, on the estimate's scale."""
    decision: str
    """"approved" or "declined" by the policy rules and the cut-off."""
    stage: str
    """"policy rule" or "model": where the decision was made."""
    rule_no: int | None
    """Which policy rule of the card declined it."""
    group_no: int
    """Its default comparison group."""


@dataclass(frozen=True)
class GroupRecord:
    """One comparison group as stored."""

    group_no: int
    """Key in the snapshot."""
    name: str
    """"just_approved" or "all_applicants"."""
    rule: str
    """The rule that defines it, in words."""
    cutoff: float | None
    """The cut-off it lies at; None for all applications."""
    band_low: float | None
    """Lowest estimate in it."""
    band_high: float | None
    """Highest estimate in it."""
    n: int
    """Applications in it."""
    seed: int
    """Seed of the build (groups are whole, never sampled)."""
    as_of: date | None
    """Date of the latest application."""
    content_hash: str
    """SHA-256 over the model and the group's encoded rows."""
    baseline: float
    """Mean raw score of the group."""


class Reader:
    """A snapshot, opened for one viewer.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only parent; only cursors of it are used.
    card : Card
        The snapshot's card.
    model : CreditModel
        The snapshot's model.
    manifest : Manifest
        The snapshot's manifest.
    viewer : Viewer
        Who is looking.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        card: Card,
        model: CreditModel,
        manifest: Manifest,
        viewer: Viewer,
    ) -> None:
        self._connection = connection
        self.card = card
        self.model = model
        self.manifest = manifest
        self.viewer = viewer
        signals = self._query("SELECT name, col FROM signals ORDER BY position")
        self._columns = dict(zip(signals["name"].astype(str), signals["col"].astype(str), strict=True))

    @property
    def snapshot_id(self) -> str:
        """Return the snapshot's id."""
        return self.manifest.snapshot_id

    # -- one application ----------------------------------------------------------------------

    def application(self, application_id: str) -> ApplicationRecord:
        """Return one application.

        Raises
        ------
        NotFoundForViewer
            There is none with this number that this viewer may see. The sentence is the same
            whether the number exists elsewhere or not.
        """
        found = self._query(
            "SELECT row_no, application_id, partner, application_date, outcome, recorded_decision, raw_score,"
            " estimate, cutoff, decision, stage, rule_no, group_no FROM seen WHERE application_id = $id",
            {"id": application_id.strip()},
        )
        if found.empty:
            raise NotFoundForViewer(
                "No application with this number",
                "None of the applications you can see has it.",
                "Check the number, or pick one below.",
            )
        return ApplicationRecord(**_records(found)[0])

    def signal_values(self, row_nos: Sequence[int]) -> pd.DataFrame:
        """Return the signals of some applications, in the order asked for.

        Returns
        -------
        pandas.DataFrame
            One row per application this viewer may see, one column per signal of the model.
        """
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        return self._query(
            f"SELECT {columns} FROM (SELECT unnest($rows) AS row_no, generate_subscripts($rows, 1) AS asked) a"  # noqa: S608
            " JOIN seen USING (row_no) JOIN signal_values v USING (row_no) ORDER BY asked",
            {"rows": [int(r) for r in row_nos]},
        )

    def pick(self, kind: str, draw: float) -> str:
        """Return the number of one application of a kind, chosen by a number in [0, 1).

        Parameters
        ----------
        kind : {"declined", "approved", "near the cut-off"}
            Which applications to choose from.
        draw : float
            Position among them.
        """
        conditions = {
            "declined": "decision = 'declined'",
            "approved": "decision = 'approved'",
            "near the cut-off": "stage = 'model' AND near_cutoff",
        }
        chosen = self._query(
            "SELECT application_id FROM (SELECT application_id, row_number() OVER (ORDER BY row_no) - 1 AS place,"  # noqa: S608
            f" count(*) OVER () AS total FROM seen WHERE {conditions[kind]}) WHERE place = floor(total * $draw)",
            {"draw": draw},
        )
        if chosen.empty:
            raise NotFoundForViewer(
                f"There is no application that is {kind}",
                "None of the applications you can see is.",
                "Choose another kind.",
            )
        return str(chosen.iloc[0, 0])

    def outcomes_near(self, estimate: float, count: int) -> tuple[int, int]:
        """Return how many of the applications with the closest estimates are known, and how many had the outcome."""
        row = self._query(
            "SELECT count(*) AS n, coalesce(sum(outcome), 0) AS k FROM (SELECT outcome FROM seen"
            " WHERE outcome IS NOT NULL AND measured ORDER BY abs(estimate - $estimate) LIMIT $count)",
            {"estimate": estimate, "count": count},
        ).iloc[0]
        return int(row["n"]), int(row["k"])

    # -- comparison groups --------------------------------------------------------------------

    def groups(self) -> tuple[GroupRecord, ...]:
        """Return the comparison groups stored with the snapshot."""
        rows = self._query(
            "SELECT group_no, name, rule, cutoff, band_low, band_high, n, seed, as_of, content_hash, baseline"
            " FROM comparison_groups ORDER BY group_no"
        )
        return tuple(GroupRecord(**record) for record in _records(rows))

    def group_rows(self, group_no: int) -> pd.DataFrame:
        """Return the signals of every application of a comparison group (the model's inputs, for the engine)."""
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        return self._query(
            f"SELECT {columns} FROM signal_values v JOIN group_members m USING (row_no)"  # noqa: S608
            " WHERE m.group_no = $group ORDER BY row_no",
            {"group": group_no},
        )

    def group_density(self, group_no: int, low: float, high: float, bins: int) -> np.ndarray[Any, Any]:
        """Return how many of a group's estimates fall into each of `bins` equal steps from `low` to `high`."""
        rows = self._query(
            "SELECT least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)::INTEGER AS bin,"
            " count(*) AS n FROM applications a JOIN group_members m USING (row_no)"
            " WHERE m.group_no = $group GROUP BY bin",
            {"group": group_no, "low": low, "high": high, "bins": bins},
        )
        counts = np.zeros(bins)
        counts[rows["bin"].to_numpy()] = rows["n"].to_numpy()
        return counts

    def typical_values(self, group_no: int) -> pd.DataFrame:
        """Return the typical value of each signal in a group.

        Returns
        -------
        pandas.DataFrame
            Indexed by signal: `median` (numbers), `mode` (categories), `missing_share` in [0, 1].
        """
        return self._query(
            "SELECT s.name, t.median, t.mode, t.missing_share FROM typical_values t JOIN signals s USING (position)"
            " WHERE t.group_no = $group ORDER BY position",
            {"group": group_no},
        ).set_index("name")

    # -- the whole book -----------------------------------------------------------------------

    def totals(self) -> pd.Series[Any]:
        """Return counts over everything this viewer may see.

        Returns
        -------
        pandas.Series
            `n`, `approved`, `declined_by_rule`, `known_outcomes`, `outcomes`, `partners`,
            `first_day`, `last_day`, `worst_residual` (raw score).
        """
        return self._query(
            "SELECT count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
            " count(*) FILTER (stage = 'policy rule') AS declined_by_rule, count(outcome) AS known_outcomes,"
            " coalesce(sum(outcome), 0) AS outcomes, count(DISTINCT partner) AS partners,"
            " min(application_date) AS first_day, max(application_date) AS last_day,"
            " max(abs(residual)) AS worst_residual FROM seen"
        ).iloc[0]

    def volume(self) -> pd.DataFrame:
        """Return applications and approvals by month and partner: `month`, `partner`, `n`, `approved`."""
        return self._query(
            "SELECT date_trunc('month', application_date)::DATE AS month, partner, count(*) AS n,"
            " count(*) FILTER (decision = 'approved') AS approved FROM seen"
            " WHERE application_date IS NOT NULL GROUP BY ALL ORDER BY month, partner"
        )

    def estimates(self, low: float, high: float, bins: int) -> pd.DataFrame:
        """Return how many estimates fall into each of `bins` equal steps: `bin` (0-based), `n`, `approved`."""
        return self._query(
            "SELECT least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)::INTEGER AS bin,"
            " count(*) AS n, count(*) FILTER (decision = 'approved') AS approved FROM seen GROUP BY bin ORDER BY bin",
            {"low": low, "high": high, "bins": bins},
        )

    def outcomes_by_estimate(self, bins: int) -> pd.DataFrame:
        """Return outcomes in `bins` steps of equal size, ordered by estimate.

        Only applications with a known outcome count, and of these only the ones the model was not
        trained on where the table tells.

        Returns
        -------
        pandas.DataFrame
            `n`, `outcomes` and the mean `estimate` of each step, from the lowest to the highest.
        """
        return self._query(
            "SELECT count(*) AS n, sum(outcome) AS outcomes, avg(estimate) AS estimate FROM (SELECT outcome, estimate,"
            " ntile($bins) OVER (ORDER BY estimate, row_no) AS step FROM seen WHERE outcome IS NOT NULL AND measured)"
            " GROUP BY step ORDER BY step",
            {"bins": bins},
        )

    def estimate_range(self) -> tuple[float, float]:
        """Return the lowest and the highest estimate this viewer may see."""
        row = self._query("SELECT min(estimate) AS low, max(estimate) AS high FROM seen").iloc[0]
        return float(row["low"]), float(row["high"])

    def known_outcomes(self) -> pd.DataFrame:
        """Return `raw_score` and `outcome` of applications with a known outcome (not trained on, where told)."""
        return self._query("SELECT raw_score, outcome FROM seen WHERE outcome IS NOT NULL AND measured")

    def cutoffs(self) -> pd.DataFrame:
        """Return `partner`, `cutoff` and `n` for every partner this viewer may see."""
        return self._query("SELECT partner, cutoff, count(*) AS n FROM seen GROUP BY ALL ORDER BY partner, cutoff")

    def checks(self) -> pd.DataFrame:
        """Return the self-checks of the build: `name`, `passed`, `finding`."""
        return self._query("SELECT name, passed, finding FROM checks ORDER BY position")

    # -- below: the only place that talks to the database -------------------------------------

    def _query(self, sql: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
        """Run one query in the viewer's scope on its own cursor."""
        scoped = f"WITH seen AS NOT MATERIALIZED (FROM applications{self._scope()}) {sql}"
        values = {**(parameters or {}), **self._scope_values()}
        with self._connection.cursor() as cursor:
            frame: pd.DataFrame = cursor.execute(scoped, values).df()
        return frame

    def _scope(self) -> str:
        return "" if self.viewer.partner is None else " WHERE partner = $viewer_partner"

    def _scope_values(self) -> dict[str, Any]:
        return {} if self.viewer.partner is None else {"viewer_partner": self.viewer.partner}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries of Python's own values."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """Turn pandas and numpy scalars into Python's, and every kind of missing value into None."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if isinstance(value, np.generic) else value
