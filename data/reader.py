"""The reader: everything a viewer may ask a snapshot, and nothing else.

Every query runs on its own cursor (a connection shared between threads returns other callers'
rows), takes values as parameters only, and sees applications and comparison groups through the
viewer's scope (`data.scoped`). What comes back is cut to the viewer's policy. Pages have no other way to
a snapshot's rows. What the model needs to explain an application, but a viewer may not see, stands in
`Reader.room`; a test over the syntax trees keeps pages away from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.errors import CandorError, NotFoundForViewer
from data.lookups import Lookups
from data.manifest import Manifest
from data.model_room import ModelRoom
from data.models import CreditModel
from data.protected import Protected, check_right, open_protected
from data.reason_catalogue import Catalogue
from data.records import ApplicationRecord, GroupRecord
from data.scoped import ScopedDatabase, to_records

TENTH = 0.001
"""A tenth of a percentage point on the scale of a probability."""
DIGITS = 4
"""Digits of an estimate on any other scale."""


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
    catalogue : Catalogue
        What may be told to applicants.
    manifest : Manifest
        The snapshot's manifest.
    viewer : Viewer
        Who is looking.
    open_groups : callable, optional
        Returns the connection that knows of groups; called only for viewers who may see them.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        card: Card,
        model: CreditModel,
        catalogue: Catalogue,
        manifest: Manifest,
        viewer: Viewer,
        open_groups: Callable[[], duckdb.DuckDBPyConnection | None] | None = None,
    ) -> None:
        self._open_groups = open_groups
        self._database = ScopedDatabase(connection, viewer, card.decision.comparison_group)
        self._lookups = Lookups(self._database, viewer)
        self._card = card
        self._model = model
        self._catalogue = catalogue
        self._manifest = manifest
        self.viewer = viewer

    @cached_property
    def room(self) -> ModelRoom:
        """Return what explaining needs. For `explainers` only: its values may go beyond what the viewer may see."""
        parts = (self._card, self._catalogue, self._model, self._lookups, self.protected_groups)
        return ModelRoom(self._database, self.viewer, *parts)

    @property
    def snapshot_id(self) -> str:
        """Return the snapshot's id."""
        return self._manifest.snapshot_id

    @cached_property
    def manifest(self) -> Manifest:
        """Return the manifest; for one partner without what it tells of other partners and of the lender's files."""
        if self.viewer.partner is None:
            return self._manifest
        n = int(self.totals()["n"])
        return replace(self._manifest, n=n, settings={}, inputs={}, versions={}, notes=(), files={})

    # -- one application ----------------------------------------------------------------------

    def application(self, application_id: str) -> ApplicationRecord:
        """Return one application.

        Parameters
        ----------
        application_id : str
            The lender's own number; the masked one for an audience whose numbers are masked.

        Raises
        ------
        NotFoundForViewer
            There is none with this number that this viewer may see. The sentence is the same
            whether the number exists elsewhere or not.
        """
        record = self._lookups.find(application_id)
        if self.viewer.partner is not None:
            record = replace(record, group_no=self._stands_in(record.group_no))
        if self.viewer.policy.exact_scores:
            return record
        return replace(record, raw_score=None, estimate=self._rounded(record.estimate))

    def pick(self, kind: str, draw: float) -> str:
        """Return the number of one application of a kind, chosen by a number in [0, 1).

        Parameters
        ----------
        kind : {"declined", "approved", "near the cut-off", "any"}
            Which applications to choose from.
        draw : float
            Position among them.

        Raises
        ------
        NotFoundForViewer
            The viewer can see none of this kind.
        """
        return self._lookups.pick(kind, draw)

    def reveal(self, number: str, reason: str) -> str:
        """Return the lender's own number behind a masked one. The caller logs who asked, and the reason.

        Parameters
        ----------
        number : str
            A number as this viewer sees it.
        reason : str
            Why it is needed.

        Raises
        ------
        CandorError
            No reason was given.
        NotFoundForViewer
            There is no such application for this viewer.
        """
        return self._lookups.reveal(number, reason)

    def number_in(self, number: str, other: Reader) -> str | None:
        """Return the number under which another snapshot shows the same application to the same viewer.

        Parameters
        ----------
        number : str
            A number as this viewer sees it here.
        other : Reader
            Another snapshot, opened for the same viewer.

        Returns
        -------
        str or None
            None where it is not among what the viewer may see there.

        Raises
        ------
        NotFoundForViewer
            There is no such application here for this viewer.
        CandorError
            The other snapshot was opened for somebody else.
        """
        if other.viewer != self.viewer:
            raise CandorError("These snapshots were opened for different viewers", "Numbers are not passed on.", "")
        return self._lookups.number_in(number, other._lookups)

    def outcomes_near(self, estimate: float, count: int, within: float = math.inf) -> tuple[int, int]:
        """Return how many of the applications with the closest estimates are known, and how many had the outcome.

        Parameters
        ----------
        estimate : float
            The estimate.
        count : int
            Applications at most.
        within : float
            How far from it another estimate may lie.
        """
        row = self._database.frame(
            "SELECT count(*) AS n, coalesce(sum(outcome), 0) AS k FROM (SELECT outcome FROM seen"
            " WHERE outcome IS NOT NULL AND measured AND abs(estimate - $estimate) <= $within"
            " ORDER BY abs(estimate - $estimate) LIMIT $count)",
            {"estimate": estimate, "count": count, "within": float(within)},
        ).iloc[0]
        return int(row["n"]), int(row["k"])

    # -- comparison groups --------------------------------------------------------------------

    def groups(self) -> tuple[GroupRecord, ...]:
        """Return the comparison groups that this viewer may be compared with (see `data.group_scope`).

        Raises
        ------
        NotFoundForViewer
            There is none: too few applications.
        """
        if not self._groups:
            least = self.viewer.policy.smallest_count
            raise NotFoundForViewer(
                "There are too few applications to compare with",
                f"A comparison needs two of your own applications, or {least} of others.",
                "Choose a snapshot with more applications.",
            )
        return self._groups

    @cached_property
    def _groups(self) -> tuple[GroupRecord, ...]:
        rows = self._database.group_frame(
            "SELECT group_no, name, rule, cutoff, band_low, band_high, n, seed, as_of, content_hash, baseline,"
            " false AS own_only FROM visible_groups ORDER BY group_no"
        )
        stored = tuple(GroupRecord(**record) for record in to_records(rows))
        return stored if self.viewer.partner is None else self._for_partner(stored)

    def _for_partner(self, stored: tuple[GroupRecord, ...]) -> tuple[GroupRecord, ...]:
        """Take out of groups what describes single applications of others, and exact scores.

        The ends of a band are the estimates of two applications, so they are those of the viewer's own.
        """
        rows = self._database.group_frame(
            "SELECT m.group_no, count(*) AS n, min(estimate) AS low, max(estimate) AS high"
            " FROM members m JOIN seen USING (row_no) GROUP BY m.group_no"
        )
        own = {row["group_no"]: row for row in to_records(rows)}
        scope = self._database.group_scope
        found = []
        for group in stored:
            mine = own.get(group.group_no)
            low, high = (None, None) if mine is None else self._rounded_range(mine["low"], mine["high"])
            cut = replace(group, band_low=low, band_high=high, baseline=None)
            if scope is not None and group.group_no in scope.own and mine is not None:
                rule = f"{group.rule}; only your own, as there are too few others"
                cut = replace(cut, n=mine["n"], rule=rule, content_hash="", own_only=True)
            found.append(cut)
        return tuple(found)

    def _stands_in(self, group_no: int) -> int:
        """Return a group that may be seen in place of one that may not: all applications, if these may."""
        visible = {g.group_no: g for g in self._groups}
        everyone = [g.group_no for g in self._groups if g.cutoff is None]
        return group_no if group_no in visible or not visible else (everyone or list(visible))[0]

    def group_scope(self, group_no: int) -> str:
        """Return whose applications a group holds for this viewer: part of the key of what is fitted to them."""
        return self.viewer.scope if any(g.group_no == group_no and g.own_only for g in self._groups) else "whole"

    def group_density(self, group_no: int, low: float, high: float, bins: int) -> np.ndarray[Any, Any]:
        """Return how many of a group's estimates fall into each of `bins` equal steps from `low` to `high`.

        Only applications the viewer may see are counted: a step holds few, and pictures of different ranges
        could be subtracted from each other down to single ones.
        """
        rows = self._database.group_frame(
            "SELECT least(greatest(floor((estimate - $low) / ($high - $low) * $bins), 0), $bins - 1)::INTEGER AS bin,"
            " count(*) AS n FROM seen JOIN members m USING (row_no)"
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
            `first_day`, `last_day`, `worst_residual` (raw score; NaN for an audience without raw scores).
        """
        return self._totals.copy()

    @cached_property
    def _totals(self) -> pd.Series[Any]:
        found = self._database.frame(
            "SELECT count(*) AS n, count(*) FILTER (decision = 'approved') AS approved,"
            " count(*) FILTER (stage = 'policy rule') AS declined_by_rule, count(outcome) AS known_outcomes,"
            " coalesce(sum(outcome), 0) AS outcomes, count(DISTINCT partner) AS partners,"
            " min(application_date) AS first_day, max(application_date) AS last_day,"
            " max(abs(residual)) AS worst_residual FROM seen"
        ).iloc[0]
        return found if self.viewer.policy.exact_scores else pd.Series({**found, "worst_residual": math.nan})

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
        found = self._database.frame(
            "SELECT count(*) AS n, sum(outcome) AS outcomes, avg(estimate) AS estimate FROM (SELECT outcome, estimate,"
            " ntile($bins) OVER (ORDER BY estimate, row_no) AS step FROM seen WHERE outcome IS NOT NULL AND measured)"
            " GROUP BY step ORDER BY step",
            {"bins": bins},
        )
        return found.assign(estimate=[self._rounded(float(e)) for e in found["estimate"]])

    def estimate_range(self) -> tuple[float, float]:
        """Return the lowest and the highest estimate this viewer may see; rounded outward where estimates are rounded.

        Without an application both are NaN.
        """
        row = self._database.frame("SELECT min(estimate) AS low, max(estimate) AS high FROM seen").iloc[0]
        return self._rounded_range(float(row["low"]), float(row["high"]))

    def cutoffs(self) -> pd.DataFrame:
        """Return `partner`, `cutoff` and `n` for every partner this viewer may see."""
        return self._database.frame(
            "SELECT partner, cutoff, count(*) AS n FROM seen GROUP BY ALL ORDER BY partner, cutoff"
        )

    def checks(self) -> pd.DataFrame:
        """Return the self-checks of the build: `name`, `passed`, `finding`.

        Findings count over every partner and may name signals, so for one partner they only say how it ended.
        """
        found = self._database.frame("SELECT name, passed, finding FROM checks ORDER BY position")
        if self.viewer.partner is None:
            return found
        words = {True: "It held when the snapshot was built.", False: "It did not hold. Ask the lender."}
        return found.assign(finding=[words[bool(passed)] for passed in found["passed"]])

    def protected_groups(self) -> Protected:
        """Return the protected groups. For `explainers` only; whether a partner may see them is asked at every call.

        Raises
        ------
        NotFoundForViewer
            The viewer may not see groups, or the snapshot has none.
        """
        check_right(self._card, self.viewer)
        return self._protected

    @cached_property
    def _protected(self) -> Protected:
        connection = None if self._open_groups is None else self._open_groups()
        return open_protected(connection, self._card, self.viewer)

    # -- precision ----------------------------------------------------------------------------

    def _rounded(self, estimate: float) -> float:
        """Round an estimate as the viewer's policy says."""
        if self.viewer.policy.exact_scores or not math.isfinite(estimate):
            return estimate
        return round(estimate, 3) if self.is_probability else float(f"{estimate:.{DIGITS}g}")

    def _rounded_range(self, low: float, high: float) -> tuple[float, float]:
        """Round the ends of a range outward, so that everything in it stays in it."""
        if self.viewer.policy.exact_scores or math.isnan(low):
            return low, high
        step = TENTH if self.is_probability else 10.0 ** (math.floor(math.log10(max(abs(low), abs(high), 1e-300))) - 2)
        return round(math.floor(low / step) * step, 12), round(math.ceil(high / step) * step, 12)

    @property
    def is_probability(self) -> bool:
        """Return whether estimates are probabilities."""
        return self._model.link == "sigmoid"
