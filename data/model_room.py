"""What explaining needs of a snapshot: the model, the card, and the model's inputs.

Only `explainers` may enter: values here can go beyond what the viewer may see, and every result
that leaves `explainers` is cut to the viewer's policy (`disclosure.py` of its topic). Applications stay
within the viewer's scope even here, and comparison groups are those of `data.group_scope`: explanations
against a group are figures over it, so they are computed from nothing that may not be disclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.access import Viewer
from data.card_schema import Card
from data.cohorts import EVERYONE, Cohort
from data.evidence_rows import StoredEvidence, read_evidence
from data.lookups import Lookups
from data.models import CreditModel
from data.population import percentile_values
from data.protected import Protected
from data.reason_catalogue import Catalogue
from data.records import ApplicationRecord
from data.scoped import ScopedDatabase
from data.sql import quote_identifier
from data.summaries import Summaries


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
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        return self._database.frame(
            f"SELECT {columns} FROM (SELECT unnest($rows) AS row_no, generate_subscripts($rows, 1) AS asked) a"  # noqa: S608
            " JOIN seen USING (row_no) JOIN signal_values v USING (row_no) ORDER BY asked",
            {"rows": [int(r) for r in row_nos]},
        )

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
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        return self._database.group_frame(
            f"SELECT {columns} FROM signal_values v JOIN members m USING (row_no)"  # noqa: S608
            " WHERE m.group_no = $group ORDER BY row_no LIMIT $most",
            {"group": group_no, "most": most},
        )

    def group_blocks(self, group_no: int, rows: int) -> Iterator[tuple[pd.DataFrame, npt.NDArray[np.float64]]]:
        """Yield a comparison group in blocks: signals as from `group_rows`, and the stored raw scores.

        Parameters
        ----------
        group_no : int
            Key of the group.
        rows : int
            Applications in a block at most.
        """
        members = self._database.group_frame(
            "SELECT m.row_no, a.raw_score FROM members m JOIN applications a USING (row_no)"
            " WHERE m.group_no = $group ORDER BY row_no",
            {"group": group_no},
        )
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        for start in range(0, len(members), rows):
            block = members.iloc[start : start + rows]
            first, last = int(block["row_no"].iloc[0]), int(block["row_no"].iloc[-1])
            frame = self._database.group_frame(
                f"SELECT {columns} FROM signal_values v JOIN members m USING (row_no)"  # noqa: S608
                " WHERE m.group_no = $group AND v.row_no BETWEEN $first AND $last ORDER BY row_no",
                {"group": group_no, "first": first, "last": last},
            )
            yield frame, block["raw_score"].to_numpy(dtype=np.float64)

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
        labels = {name: feature.label for name, feature in self.card.features.items()}
        if not cohort.groups or self._viewer.policy.groups != "on" or self.card.groups is None:
            return Summaries(self._database, self._viewer, labels, cohort)
        database, attributes = self._protected().for_cohorts()
        return Summaries(database, self._viewer, labels, cohort, attributes)

    def evidence(self) -> StoredEvidence:
        """Return what the tests of reasons found; see `data.evidence_rows`."""
        return read_evidence(self._database, whole=self._viewer.policy.rows == "all")

    def spread_rows(self, group_no: int, most: int) -> pd.DataFrame:
        """Return the signals of every k-th application of a comparison group, at most so many; see `group_rows`."""
        columns = ", ".join(f"v.{col} AS {quote_identifier(name)}" for name, col in self._columns.items())
        return self._database.group_frame(
            f"SELECT {columns} FROM (SELECT row_no, row_number() OVER (ORDER BY row_no) - 1 AS place,"  # noqa: S608
            " count(*) OVER () AS n FROM members WHERE group_no = $group) m JOIN signal_values v USING (row_no)"
            " WHERE place % greatest(ceil(n / $most)::BIGINT, 1) = 0 ORDER BY row_no",
            {"group": group_no, "most": most},
        )

    def known_outcomes(self) -> pd.DataFrame:
        """Return `raw_score` and `outcome` of applications with a known outcome (not trained on, where told)."""
        return self._database.frame("SELECT raw_score, outcome FROM seen WHERE outcome IS NOT NULL AND measured")
