"""The applications most like a given one: nearest in what the families of signals moved.

Contributions compare only where they were computed against the same comparison group, so only applications with the
same one are looked at; where a viewer may not see that group whole, there is no answer.
"""

# ruff: noqa: S608 - statements hold columns of the snapshot's own list; values are parameters
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from data.summaries import Summaries

Decision = Literal["approved", "declined"]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """An application with the ones closest to it; for `explainers` only."""

    rows: pd.DataFrame = field(repr=False)
    """`row_no`, `estimate`, `decision`, `distance` (raw score), the application itself first, then the closest."""
    points: pd.DataFrame = field(repr=False)
    """What each family moved, estimate units; the same rows, one column per family."""
    compared: int
    """Applications that were compared, without the application itself."""


def nearest(everyone: Summaries, row_no: int, most: int, decision: Decision | None = None) -> Neighbours | None:
    """Return the applications closest to one.

    Parameters
    ----------
    everyone : Summaries
        The applications to choose from, opened for a viewer; it must hold the application.
    row_no : int
        The application.
    most : int
        How many.
    decision : {"approved", "declined"}, optional
        Only applications of this decision are compared; by default, whatever was decided about them.

    Returns
    -------
    Neighbours or None
        None where the viewer may not see contributions of this application's group. The distance is the sum over
        families of absolute differences of stored contributions (raw score); ties go to the lower row.
    """
    listed = everyone.ask("SELECT family, col FROM families ORDER BY position")
    columns = listed["col"].astype(str).tolist()
    distance = " + ".join(f"abs(c.{col} - me.{col})" for col in columns)
    parts = ", ".join(f"c.{col} * c.slope AS {col}" for col in columns)
    rows = everyone.ask(
        f"SELECT c.row_no, a.estimate, a.decision, {distance} AS distance, {parts}, count(*) OVER () AS n"
        " FROM contributions c JOIN chosen a ON a.row_no = c.row_no,"
        " (SELECT c.*, group_no FROM contributions c JOIN chosen USING (row_no) WHERE row_no = $row) me"
        " WHERE a.group_no = me.group_no AND (c.row_no = $row OR a.decision = coalesce($decision, a.decision))"
        " ORDER BY c.row_no <> $row, distance, c.row_no LIMIT $most + 1",
        {"row": row_no, "most": most, "decision": decision},
    )
    if rows.empty:
        return None
    points = rows[columns].set_axis(listed["family"].astype(str).tolist(), axis=1)
    return Neighbours(rows[["row_no", "estimate", "decision", "distance"]], points, int(rows["n"].iloc[0]) - 1)
