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
    me = everyone.ask(
        f"SELECT group_no, {', '.join(f'c.{col}' for col in columns)} FROM contributions c JOIN chosen USING (row_no)"
        " WHERE row_no = $row",
        {"row": row_no},
    )
    if me.empty or pd.isna(me["group_no"].iloc[0]):
        return None
    others = "chosen WHERE group_no = $group AND row_no <> $row AND decision = coalesce($decision, decision)"
    asked = {"row": row_no, "group": int(me["group_no"].iloc[0]), "decision": decision}
    distance = " + ".join(f"abs(c.{col} - ${col})" for col in columns)
    # its own figures as parameters, and nothing but the distance of all others: half the time of joining all to one
    found = everyone.ask(
        f"SELECT row_no, {distance} AS distance FROM contributions c SEMI JOIN (SELECT row_no FROM {others})"
        " USING (row_no) ORDER BY distance, row_no LIMIT $most",
        {**asked, "most": most, **{col: float(me[col].iloc[0]) for col in columns}},
    )
    rows = pd.concat([pd.DataFrame({"row_no": [row_no], "distance": [0.0]}), found], ignore_index=True)
    parts = ", ".join(f"c.{col} * c.slope AS {col}" for col in columns)
    told = everyone.ask(
        f"SELECT row_no, estimate, decision, {parts} FROM contributions c JOIN chosen USING (row_no)"
        " WHERE list_contains($rows, row_no)",
        {"rows": rows["row_no"].tolist()},
    )
    rows = rows.merge(told, on="row_no")
    points = rows[columns].set_axis(listed["family"].astype(str).tolist(), axis=1)
    compared = int(everyone.ask(f"SELECT count(*) AS n FROM {others}", asked)["n"].iloc[0])
    return Neighbours(rows[["row_no", "estimate", "decision", "distance"]], points, compared)
