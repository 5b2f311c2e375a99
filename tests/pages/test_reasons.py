"""The Reasons page: from a reason to applications, and what is logged of it."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER
from data.workspace import LogFilter, list_log, open_workspace
from tests.pages.conftest import text_of

Run = Callable[..., AppTest]


def test_a_reason_leads_to_applications_that_have_it_and_each_is_logged(run: Run) -> None:
    at = run("reasons.py", reason="Debt compared with income")
    shown = text_of(at)
    assert not at.exception
    assert "declined applications have it" in shown
    assert "strongest reason" in shown
    listed = list_log(open_workspace(), LOCAL_VIEWER, LogFilter(page="reasons")).rows
    assert listed["inputs"].str.contains("application").sum() >= 5
