"""Protected attributes, read: counts over groups of people, in a viewer's scope and for those who may see them.

`groups.duckdb` is opened by a connection of its own, together with the snapshot, when somebody first asks who may
(`data.snapshots.Snapshot.protected_connection`). In it `applications` is a view with the attributes beside each
application, so the definitions of `data.scoped` and `data.chosen` hold here as everywhere: `seen` is the viewer's scope
and `chosen` a cohort of it. No other connection knows of groups, so no other statement can name them.

Who sees counts only ("aggregates", "if shared") sees no group below `Protected.least` applications: small values are
put together, and cells of two-way tables are hidden so that they cannot be worked out (`data.suppression`). These
viewers choose no cohorts here: figures over two choices that overlap could be subtracted from each other, down to one
person.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd

from data.access import Viewer
from data.card_schema import Card, GroupAttribute
from data.chosen import check_cohort, define_chosen
from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from data.protected_counts import LEAST_AGGREGATE, Counted
from data.protected_values import (
    Attribute,
    GroupValue,
    choose_reference,
    group_expression,
    list_values,
)
from data.scoped import ScopedDatabase
from data.suppression import fold_small
from data.workspace.database import open_workspace
from data.workspace.shared_groups import is_shared


class Protected:
    """The protected groups of a snapshot, for one viewer.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        From `open_joined`.
    card : Card
        The snapshot's card; it has a block of groups.
    viewer : Viewer
        Who is looking.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, card: Card, viewer: Viewer) -> None:
        self._database = ScopedDatabase(connection, viewer, card.decision.comparison_group)
        self._card = card
        self._viewer = viewer

    @property
    def least(self) -> int:
        """Return the fewest applications of a group in a figure for this viewer."""
        return 1 if self.whole else max(LEAST_AGGREGATE, self._viewer.policy.smallest_count)

    @property
    def whole(self) -> bool:
        """Return whether the viewer may see every group and any cohort, however small."""
        return self._viewer.policy.groups == "on"

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """Return every attribute with its values, as the viewer may see them, in the card's order."""
        return tuple(self._attribute(block) for block in self._usable)

    @property
    def unusable(self) -> tuple[str, ...]:
        """Return labels of proxies whose card does not say which column belongs to which value."""
        block = self._card.groups
        return tuple(a.label for a in (block.attributes if block else ()) if a not in self._usable)

    def attribute(self, name: str) -> Attribute:
        """Return one attribute.

        Raises
        ------
        NotFoundForViewer
            There is none of this name.
        """
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise NotFoundForViewer("There is no such attribute", "The card names no attribute like this.", "Choose one.")

    def for_cohorts(self) -> tuple[ScopedDatabase, Mapping[str, str]]:
        """Return the database and the attributes that cohorts may be chosen by, for who may see every group.

        Raises
        ------
        NotFoundForViewer
            The viewer sees counts only.
        """
        if not self.whole:
            told = "You see figures about groups of people over all applications only."
            raise NotFoundForViewer("Groups cannot be chosen by", told, "")
        return self._database, self._plain

    def count(self, cohort: Cohort = EVERYONE) -> Counted:
        """Return counts over the groups of a cohort.

        Raises
        ------
        CohortProblems
            The viewer cannot choose these applications.
        NotFoundForViewer
            The viewer sees groups over all applications only.
        """
        return Counted(self, cohort)

    def ask(self, names: Sequence[str], sql: str, parameters: Mapping[str, Any], cohort: Cohort) -> pd.DataFrame:
        """Run one query over `labelled`: the cohort's applications with `g0`, `g1`, … of observed attributes.

        Values that are too small for the viewer are put together already (`FOLDED`). A figure by one attribute is then
        over enough applications; by two or by anything else it is not, and the caller must hide what is small.

        Parameters
        ----------
        names : sequence of str
            Observed attributes.
        sql : str
            A SELECT over `labelled`; the snapshot's other tables join by `row_no`.
        parameters : mapping of str to object
            Its values.
        cohort : Cohort
            Which applications.

        Raises
        ------
        CohortProblems, NotFoundForViewer
            As `count`.
        """
        chosen, own = self.define(cohort)
        columns, together = self._labels(names)
        text = f"{chosen}, labelled AS NOT MATERIALIZED (SELECT chosen.*{columns} FROM chosen) {sql}"
        return self._database.frame(text, {**own, **together, **parameters})

    def ask_sums(self, names: Sequence[str], sql: str, sums: str, cohort: Cohort) -> pd.DataFrame:
        """Run one query over `labelled` as `ask` does, where it holds sums over applications of the same values.

        Sums are taken by the values as stored, a handful, before anything is put together: far quicker than by what is
        put together for each application.

        Parameters
        ----------
        names : sequence of str
            Observed attributes.
        sql : str
            A SELECT over `labelled`, whose columns are `g0`, `g1`, … and the sums.
        sums : str
            Expressions with names, over `chosen`.
        cohort : Cohort
            Which applications.

        Raises
        ------
        CohortProblems, NotFoundForViewer
            As `count`.
        """
        chosen, own = self.define(cohort)
        stored = dict(zip(self._stored["name"].astype(str), self._stored["col"].astype(str), strict=True))
        keys = ", ".join(dict.fromkeys(stored[name] for name in names))
        columns, together = self._labels(names)
        alike = f"alike AS (SELECT {keys}, {sums} FROM chosen GROUP BY {keys})"
        text = f"{chosen}, {alike}, labelled AS (SELECT *{columns} FROM alike) {sql}"
        return self._database.frame(text, {**own, **together})

    def _labels(self, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """Return the columns `g0`, `g1`, … of observed attributes as the viewer may see them, and their parameters."""
        groups = [self._expression(self.attribute(name), f"g{i}") for i, name in enumerate(names)]
        columns = "".join(f", {text} AS g{i}" for i, (text, _) in enumerate(groups))
        return columns, {key: value for _, values in groups for key, value in values.items()}

    def ask_chosen(self, sql: str, parameters: Mapping[str, Any], cohort: Cohort) -> pd.DataFrame:
        """Run one query over `chosen`, whose columns hold the attributes as stored; for this package's own modules."""
        chosen, own = self.define(cohort)
        return self._database.frame(f"{chosen} {sql}", {**own, **parameters})

    def define(self, cohort: Cohort) -> tuple[str, dict[str, Any]]:
        """Return the definition of `chosen` and its parameters; see `data.chosen`."""
        if cohort.text and not self.whole:
            raise NotFoundForViewer(
                "Groups are shown over all applications only",
                "Figures over choices that overlap could be subtracted from each other, down to one person.",
                "Choose every application.",
            )
        kinds, columns = self._signals
        labels = {name: feature.label for name, feature in self._card.features.items()}
        attributes = self._plain if cohort.groups and self.whole else {}
        check_cohort(cohort, self._viewer, kinds, labels, attributes)
        return define_chosen(cohort, self._viewer, columns, None, attributes)

    def probability_columns(self, name: str) -> dict[str, str]:
        """Return the stored column of each value's probability, of a proxy."""
        found = self._stored[self._stored["name"] == name]
        return {str(v): str(c) for v, c in zip(found["value"], found["col"], strict=True)}

    @cached_property
    def _signals(self) -> tuple[dict[str, str], dict[str, str]]:
        found = self._database.frame("SELECT name, col, kind FROM signals ORDER BY position").astype(str)
        return dict(zip(found["name"], found["kind"], strict=True)), dict(zip(found["name"], found["col"], strict=True))

    @cached_property
    def _stored(self) -> pd.DataFrame:
        found = self._database.frame("SELECT * FROM group_attributes ORDER BY position")
        return found if "value" in found else found.assign(value=None)

    @cached_property
    def _usable(self) -> tuple[GroupAttribute, ...]:
        block = self._card.groups
        return tuple(a for a in (block.attributes if block else ()) if a.kind == "observed" or a.probabilities)

    @cached_property
    def _plain(self) -> dict[str, str]:
        """Return the expression of each observed attribute's value before anything is put together."""
        observed = {a.name: a for a in self._usable if not a.probabilities}
        stored = {str(n): str(c) for n, c in zip(self._stored["name"], self._stored["col"], strict=True)}
        return {
            name: group_expression(self._database, stored[name], attribute.older)
            for name, attribute in observed.items()
        }

    def _attribute(self, block: GroupAttribute) -> Attribute:
        if block.probabilities:
            return self._proxy(block)
        listed = self._database.frame(
            f"SELECT {self._plain[block.name]} AS value, count(*) AS n,"
            " count(*) FILTER (decision = 'approved') AS approved FROM seen GROUP BY 1"
        )
        values, extra = list_values(listed)
        folded = () if self.whole else tuple(values[i].name for i in fold_small([v.n for v in values], self.least))
        return choose_reference(block, values, extra, folded)

    def _proxy(self, block: GroupAttribute) -> Attribute:
        columns = self.probability_columns(block.name)
        sums = ", ".join(f"coalesce(sum({column}), 0) AS v{i}" for i, column in enumerate(columns.values()))
        row = self._database.frame(f"SELECT {sums} FROM seen").iloc[0]
        weights = {name: round(float(row[f"v{i}"])) for i, name in enumerate(columns)}
        values = tuple(GroupValue(name, n if n >= self.least else 0) for name, n in weights.items())
        return choose_reference(block, values, (), ())

    def _expression(self, attribute: Attribute, key: str) -> tuple[str, dict[str, Any]]:
        """Return the expression of an attribute's value as the viewer may see it, and its parameters."""
        plain, together = self._plain[attribute.name], {}
        for place, (shown, values) in enumerate(attribute.together.items()):
            together[f"{key}_{place}"] = values
            plain = f"CASE WHEN list_contains(${key}_{place}, {plain}) THEN '{shown}' ELSE {plain} END"
        return plain, together


def open_protected(connection: duckdb.DuckDBPyConnection | None, card: Card, viewer: Viewer) -> Protected:
    """Open the groups of a snapshot for one viewer, or say why not.

    A partner is looked up in the workspace at every call: what is no longer shared is not shown.

    Raises
    ------
    NotFoundForViewer
        The groups are not shared with this viewer, or there are none.
    """
    check_right(card, viewer)
    if connection is None or card.groups is None:
        raise NotFoundForViewer("There are no groups", "This snapshot was built without protected attributes.", "")
    return Protected(connection, card, viewer)


def check_right(card: Card, viewer: Viewer) -> None:
    """Check that a viewer may see groups now, before anything is opened.

    Raises
    ------
    NotFoundForViewer
        Not shared with this viewer. The sentence is the same whether there are groups or not.
    """
    if viewer.policy.groups != "if shared" or is_shared(open_workspace(), viewer, card.model.id):
        return
    raise NotFoundForViewer(
        "This view is not shared with you",
        "Figures about groups of people are shown when the lender shares them.",
        "Ask the lender's risk team to share them with you.",
    )
