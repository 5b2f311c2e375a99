"""The reader: everything a viewer may ask a snapshot, and nothing else.

Every query runs on its own cursor (a connection shared between threads returns other callers'
rows), takes values as parameters only, and sees applications through the viewer's scope. Pages
have no other way to a snapshot's rows. What the model needs to explain an application, but a
viewer may not see, stands in `Reader.room`; a test over the syntax trees keeps pages away from it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.errors import NotFoundForViewer
from data.manifest import Manifest
from data.model_room import ModelRoom
from data.models import CreditModel
from data.records import ApplicationRecord, GroupRecord
from data.scoped import ScopedDatabase, to_records


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
        self._database = ScopedDatabase(connection, viewer)
        self._card = card
        self._model = model
        self.manifest = manifest
        self.viewer = viewer

    @cached_property
    def room(self) -> ModelRoom:
        """Return what explaining needs. For `explainers` only: its values may go beyond what the viewer may see."""
        return ModelRoom(self._database, self._card, self._model)

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
        found = self._database.frame(
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
        return ApplicationRecord(**to_records(found)[0])

    def pick(self, kind: str, draw: float) -> str:
        """Return the number of one application of a kind, chosen by a number in [0, 1).

        Parameters
        ----------
        kind : {"declined", "approved", "near the cut-off", "any"}
            Which applications to choose from.
        draw : float
            Position among them.
        """
        conditions = {
            "declined": "decision = 'declined'",
            "approved": "decision = 'approved'",
            "any": "true",
            "near the cut-off": "stage = 'model' AND near_cutoff",
        }
        chosen = self._database.frame(
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
        row = self._database.frame(
            "SELECT count(*) AS n, coalesce(sum(outcome), 0) AS k FROM (SELECT outcome FROM seen"
            " WHERE outcome IS NOT NULL AND measured ORDER BY abs(estimate - $estimate) LIMIT $count)",
            {"estimate": estimate, "count": count},
        ).iloc[0]
        return int(row["n"]), int(row["k"])

    # -- comparison groups --------------------------------------------------------------------

    def groups(self) -> tuple[GroupRecord, ...]:
        """Return the comparison groups stored with the snapshot."""
        rows = self._database.frame(
            "SELECT group_no, name, rule, cutoff, band_low, band_high, n, seed, as_of, content_hash, baseline"
            " FROM comparison_groups ORDER BY group_no"
        )
        return tuple(GroupRecord(**record) for record in to_records(rows))

    def group_density(self, group_no: int, low: float, high: float, bins: int) -> np.ndarray[Any, Any]:
        """Return how many of a group's estimates fall into each of `bins` equal steps from `low` to `high`."""
        rows = self._database.frame(
            "SELECT least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)::INTEGER AS bin,"
            " count(*) AS n FROM applications a JOIN group_members m USING (row_no)"
            " WHERE m.group_no = $group GROUP BY bin",
            {"group": group_no, "low": low, "high": high, "bins": bins},
        )
        counts = np.zeros(bins)
        counts[rows["bin"].to_numpy()] = rows["n"].to_numpy()
        return counts

    # -- the whole book -----------------------------------------------------------------------

    def totals(self) -> pd.Series[Any]:
        """Return counts over everything this viewer may see.

        Returns
        -------
        pandas.Series
            `n`, `approved`, `declined_by_rule`, `known_outcomes`, `outcomes`, `partners`,
            `first_day`, `last_day`, `worst_residual` (raw score).
        """
        return self._database.frame(
            "SELECT count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
            " count(*) FILTER (stage = 'policy rule') AS declined_by_rule, count(outcome) AS known_outcomes,"
            " coalesce(sum(outcome), 0) AS outcomes, count(DISTINCT partner) AS partners,"
            " min(application_date) AS first_day, max(application_date) AS last_day,"
            " max(abs(residual)) AS worst_residual FROM seen"
        ).iloc[0]

    def volume(self) -> pd.DataFrame:
        """Return applications and approvals by month and partner: `month`, `partner`, `n`, `approved`."""
        return self._database.frame(
            "SELECT date_trunc('month', application_date)::DATE AS month, partner, count(*) AS n,"
            " count(*) FILTER (decision = 'approved') AS approved FROM seen"
            " WHERE application_date IS NOT NULL GROUP BY ALL ORDER BY month, partner"
        )

    def estimates(self, low: float, high: float, bins: int) -> pd.DataFrame:
        """Return how many estimates fall into each of `bins` equal steps: `bin` (0-based), `n`, `approved`."""
        return self._database.frame(
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
        return self._database.frame(
            "SELECT count(*) AS n, sum(outcome) AS outcomes, avg(estimate) AS estimate FROM (SELECT outcome, estimate,"
            " ntile($bins) OVER (ORDER BY estimate, row_no) AS step FROM seen WHERE outcome IS NOT NULL AND measured)"
            " GROUP BY step ORDER BY step",
            {"bins": bins},
        )

    def estimate_range(self) -> tuple[float, float]:
        """Return the lowest and the highest estimate this viewer may see."""
        row = self._database.frame("SELECT min(estimate) AS low, max(estimate) AS high FROM seen").iloc[0]
        return float(row["low"]), float(row["high"])

    def cutoffs(self) -> pd.DataFrame:
        """Return `partner`, `cutoff` and `n` for every partner this viewer may see."""
        return self._database.frame(
            "SELECT partner, cutoff, count(*) AS n FROM seen GROUP BY ALL ORDER BY partner, cutoff"
        )

    def checks(self) -> pd.DataFrame:
        """Return the self-checks of the build: `name`, `passed`, `finding`."""
        return self._database.frame("SELECT name, passed, finding FROM checks ORDER BY position")
