"""People and pages for tests of pins and sessions."""

from __future__ import annotations

from datetime import date
from typing import Any

from data.access import Audience, Viewer
from data.workspace import Workspace
from data.workspace.pin_parts import ChartPart, MarkupPart, Shown, Source, TablePart, WordsPart
from data.workspace.pins import Pin, save_pin
from data.workspace.sessions import Session, start_session

ALDER = Viewer("ann", Audience.PARTNER, "Alder")
AMY = Viewer("amy", Audience.PARTNER, "Alder")
BIRCH = Viewer("ben", Audience.PARTNER, "Birch")
RISK = Viewer("rita", Audience.SPECIALIST)
RON = Viewer("ron", Audience.SPECIALIST)
EXAMINER = Viewer("ed", Audience.REGULATOR)
EVERYBODY = (ALDER, AMY, BIRCH, RISK, RON, EXAMINER)

SOURCE = Source(
    model_id="loans",
    model_label="Loans, version 1",
    snapshot_id="2026-10-31-aaaaaaaa",
    snapshot_hash="aa" * 32,
    inputs={"card": "01" * 32, "model": "02" * 32},
    beside=("2026-09-30-bbbbbbbb",),
    applications=3000,
    as_of="31 Oct 2026",
    checks="self-checks passed",
    synthetic=True,
    audience_label="Specialist view",
    code_hash="cc" * 32,
    libraries={"python": "3.11.7"},
)
FIGURE = {
    "data": [{"type": "bar", "x": [0.1, 0.30000000000000004, None], "y": ["a", "b", "é"]}],
    "layout": {"height": 9},
}


def shown(finding: str = "Declined at 23.4 %.", **more: Any) -> Shown:
    """Return a page with one part of every kind."""
    parts = (
        WordsPart("finding", finding),
        WordsPart("context", "The cut-off is 18 %."),
        WordsPart("section", "What counted"),
        MarkupPart("html", "<p>Income <b>12,000</b></p>"),
        ChartPart("chart", "What counted", "Income counted most.", FIGURE),
        TablePart("figures", "decision", ("Family", "Points"), (("Income", 4.1), ("Debt", None), ("Odd", True))),
        WordsPart("how", "Read it so."),
    )
    given = {"page": "decision", "question": "Why?", "address": (("app", "10432"),), "parts": parts, "source": SOURCE}
    return Shown(**{**given, **more})


def pinned(workspace: Workspace, viewer: Viewer = RISK, finding: str = "Declined at 23.4 %.", **more: Any) -> Pin:
    """Keep that page."""
    return save_pin(workspace, viewer, shown(finding), **more)


def meeting(
    workspace: Workspace, viewer: Viewer = RISK, name: str = "March", partner: str | None = "Alder", **more: Any
) -> Session:
    """Begin a meeting with a partner."""
    audience = Audience.PARTNER if partner else Audience.SPECIALIST
    given = {"presenter": "head of risk", "participants": ("credit officer",), "held_on": date(2026, 3, 2)}
    return start_session(workspace, viewer, name, audience=audience, partner=partner, **{**given, **more})
