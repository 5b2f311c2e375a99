"""What explaining needs of a snapshot: the model, the card, and the model's inputs.

Only `explainers` may enter: values here can go beyond what the viewer may see, and every result
that leaves `explainers` is cut to the viewer's policy (`disclosure.py` of its topic). Applications stay
within the viewer's scope even here, and comparison groups are those of `data.group_scope`: explanations
against a group are figures over it, so they are computed from nothing that may not be disclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.cohorts import EVERYONE, Cohort
from data.evidence_rows import StoredEvidence, read_evidence
from data.group_patterns import GroupFit, read_group_fit
from data.lookups import Lookups
from data.models import CreditModel
from data.population import percentile_values
from data.protected import Protected
from data.reason_catalogue import Catalogue
from data.records import ApplicationRecord
from data.scoped import ScopedDatabase
from data.sql import quote_identifier
from data.summaries import Summaries
from data.wide_rows import SignalRows, read_columns, rows_at_once


class ModelRoom:
    """A snapshot's model with its inputs.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot's database in the viewer's scope.
    viewer : Viewer
        Who is looking.
    card : Card
        The whole card.
    catalogue : Catalogue
        What may be told to applicants.
    model : CreditModel
        The model.
    lookups : Lookups
        Finds single applications.
    protected : callable
        Opens the protected groups for the viewer, or says why not.
    """

    def __init__(
        self,
        database: ScopedDatabase,
        viewer: Viewer,
        card: Card,
        catalogue: Catalogue,
        model: CreditModel,
        lookups: Lookups,
        protected: Callable[[], Protected],
    ) -> None:
        self._protected = protected
        self._database = database
        self._viewer = viewer
        self._lookups = lookups
        self.card = card
        self.catalogue = catalogue
        self.model = model
        signals = database.frame("SELECT name, col, kind FROM signals ORDER BY position")
        self._columns = dict(zip(signals["name"].astype(str), signals["col"].astype(str), strict=True))
        extras = database.frame("SELECT name, col, kind FROM extras")
        self._extras = dict(zip(extras["name"].astype(str), extras["col"].astype(str), strict=True))
        self._numbers = set(signals.loc[signals["kind"] == "number", "name"].astype(str))
        self._signal_rows = SignalRows(database, self._columns, self._numbers)

    def application(self, number: str) -> ApplicationRecord:
        """Return one application with its exact scores.

        Raises
        ------
        NotFoundForViewer
            As `Reader.application`.
        """
        return self._lookups.find(number)

    def numbers(self, row_nos: Sequence[int]) -> list[str]:
        """Return the numbers of some applications as this viewer may see them, in the order asked for."""
        return self._lookups.numbers(row_nos)

    def signal_values(self, row_nos: Sequence[int]) -> pd.DataFrame:
        """Return the signals of some applications, in the order asked for.

        Returns
        -------
        pandas.DataFrame
            One row per application this viewer may see, one column per signal of the model.
        """
        return self._signal_rows.read(row_nos)

    def extra_values(self, row_nos: Sequence[int]) -> pd.DataFrame:
        """Return what stages beside the model looked at, for some applications in the order asked for.

        Returns
        -------
        pandas.DataFrame
            One row per application this viewer may see, one column for each that policy rules, a review or a score
            provider needs and the model does not read.
        """
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._extras.items())
        table = " JOIN extra_values v USING (row_no)" if columns else ""
        return self._database.frame(
            f"SELECT {columns or 'row_no'} FROM (SELECT unnest($rows) AS row_no,"  # noqa: S608
            " generate_subscripts($rows, 1) AS asked) a"
            f" JOIN seen USING (row_no){table} ORDER BY asked",
            {"rows": [int(r) for r in row_nos]},
        )[list(self._extras)]

    def group_rows(self, group_no: int, most: int | None = None) -> pd.DataFrame:
        """Return the signals of the applications of a comparison group (the model's inputs, for the engine).

        Of a group that the viewer may not see whole, only the viewer's own applications are in it.

        Parameters
        ----------
        group_no : int
            Key of the group.
        most : int, optional
            Only the first so many; the whole group by default.
        """
        return self._members_between(group_no, self._members(group_no)[:most])

    def group_places(self, group_no: int, places: Sequence[int], names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return some of the rows of `group_rows`, in their order.

        Parameters
        ----------
        group_no : int
            Key of the group.
        places : sequence of int
            Which rows, from 0; those the group does not have are left out.
        names : sequence of str, optional
            Only these signals; every one by default.
        """
        members, wanted = self._members(group_no), np.asarray(places, dtype=np.int64)
        rows = members[wanted[wanted < len(members)]].tolist()
        columns = self._columns if names is None else {name: self._columns[name] for name in names}
        where = "v.row_no IN (SELECT row_no FROM members WHERE group_no = $group AND row_no IN (SELECT unnest($rows)))"
        found = read_columns(self._database.group_frame, columns, where, {"group": group_no, "rows": rows}, len(rows))
        return found.reset_index(drop=True)

    def group_blocks(self, group_no: int, rows: int) -> Iterator[tuple[pd.DataFrame, npt.NDArray[np.float64]]]:
        """Yield a comparison group in blocks: signals as from `group_rows`, and the stored raw scores.

        Parameters
        ----------
        group_no : int
            Key of the group.
        rows : int
            Applications in a block at most; fewer where the model has hundreds of signals.
        """
        members = self._database.group_frame(
            "SELECT m.row_no, a.raw_score FROM members m JOIN applications a USING (row_no)"
            " WHERE m.group_no = $group ORDER BY row_no",
            {"group": group_no},
        )
        step = rows_at_once(len(self._columns), rows)
        for start in range(0, len(members), step):
            block = members.iloc[start : start + step]
            frame = self._members_between(group_no, block["row_no"].to_numpy(dtype=np.int64))
            yield frame, block["raw_score"].to_numpy(dtype=np.float64)

    def group_fit(self, group_no: int) -> GroupFit | None:
        """Return a comparison group as it was fitted when the snapshot was built; see `data.group_patterns`."""
        return read_group_fit(self._database, group_no)

    def _members(self, group_no: int) -> npt.NDArray[np.int64]:
        """Return the row numbers of a comparison group, ascending."""
        found = self._database.group_frame(
            "SELECT row_no FROM members WHERE group_no = $group ORDER BY row_no", {"group": group_no}
        )
        return found["row_no"].to_numpy(dtype=np.int64)

    def _members_between(self, group_no: int, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return the signals of members that follow one another; none of none."""
        first, last = (int(rows[0]), int(rows[-1])) if len(rows) else (0, -1)
        found = read_columns(
            self._database.group_frame,
            self._columns,
            "v.row_no BETWEEN $first AND $last AND v.row_no IN"
            " (SELECT row_no FROM members WHERE group_no = $group AND row_no BETWEEN $first AND $last)",
            {"group": group_no, "first": first, "last": last},
            len(rows),
        )
        return found.reset_index(drop=True)

    def typical_values(self, group_no: int) -> pd.DataFrame:
        """Return the typical value of each signal in a group.

        Returns
        -------
        pandas.DataFrame
            Indexed by signal: `median` (numbers), `mode` (categories), `missing_share` in [0, 1].
        """
        scope = self._database.group_scope
        if scope is not None and group_no in scope.own:
            return self._typical_of(self.group_rows(group_no))
        return self._database.group_frame(
            "SELECT s.name, t.median, t.mode, t.missing_share FROM typical_values t JOIN signals s USING (position)"
            " JOIN visible_groups USING (group_no) WHERE t.group_no = $group ORDER BY position",
            {"group": group_no},
        ).set_index("name")

    def _typical_of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the typical values of a group that is not stored."""
        found = {
            name: {
                "median": rows[name].median() if name in self._numbers else None,
                "mode": None if name in self._numbers else next(iter(rows[name].mode()), None),
                "missing_share": float(rows[name].isna().mean()),
            }
            for name in self._columns
        }
        return pd.DataFrame.from_dict(found, orient="index").rename_axis("name")

    def percentile_values(self, names: Sequence[str], shares: Sequence[float]) -> pd.DataFrame:
        """Return the values below which given shares of the applications lie; see `data.population`."""
        return percentile_values(self._database, {name: self._columns[name] for name in names}, shares)

    def summaries(self, cohort: Cohort = EVERYONE) -> Summaries:
        """Return figures over the applications of a cohort; see `data.summaries`.

        Raises
        ------
        CohortProblems
            The viewer cannot choose these applications.
        """
        if cohort == EVERYONE:
            return self._everyone
        labels = {name: feature.label for name, feature in self.card.features.items()}
        if not cohort.groups or self._viewer.policy.groups != "on" or self.card.groups is None:
            return Summaries(self._database, self._viewer, labels, cohort)
        database, attributes = self._protected().for_cohorts()
        return Summaries(database, self._viewer, labels, cohort, attributes)

    @cached_property
    def _everyone(self) -> Summaries:
        """Figures over all applications, kept with what they counted: every page asks for some of them."""
        return Summaries(self._database, self._viewer, {}, EVERYONE)

    def evidence(self) -> StoredEvidence:
        """Return what the tests of reasons found; see `data.evidence_rows`."""
        return read_evidence(self._database, whole=self._viewer.policy.rows == "all")

    def spread_rows(self, group_no: int, most: int) -> pd.DataFrame:
        """Return the signals of every k-th application of a comparison group, at most so many; see `group_rows`."""
        n = len(self._members(group_no))
        return self.group_places(group_no, range(0, n, max(-(-n // most), 1)))

    def known_outcomes(self) -> pd.DataFrame:
        """Return `raw_score` and `outcome` of applications with a known outcome (not trained on, where told)."""
        return self._database.frame("SELECT raw_score, outcome FROM seen WHERE outcome IS NOT NULL AND measured")
