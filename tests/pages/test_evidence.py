"""The Evidence page and the parts it lends to the Decision page, for every view."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.workspace import LogFilter, open_workspace
from data.workspace.log_list import list_log
from tests.pages.conftest import VIEWS, text_of

Run = Callable[..., AppTest]
BANK = "First Harbor Bank"


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_always_says_something_true(run: Run, view: str) -> None:
    at = run("evidence.py", VIEWS[view])
    shown = text_of(at)
    assert not at.exception
    assert "This page could not be shown" not in shown
    if view == "empty":
        assert "There is nothing to show" in shown
    elif view == "full":
        assert "changes the decision for" in shown
    else:
        assert "too few to say" in shown
        assert "Every check" in shown


def test_a_specialist_sees_every_check_and_a_partner_three(run: Run) -> None:
    whole, outside = text_of(run("evidence.py")), text_of(run("evidence.py", BANK))
    for name in ("Real neighbours", "Small changes of input", "A signal of pure noise", "Reasons against common sense"):
        assert name in whole
        assert name not in outside
    for name in ("The parts add up", "Swap test", "The other method of the commentary"):
        assert name in whole
        assert name in outside
    assert "substantially similar" in outside


@pytest.mark.parametrize("hidden", ["late_payments", "debt_share", "utilisation"])
def test_a_partner_reads_no_signal_name(run: Run, hidden: str) -> None:
    at = run("evidence.py", BANK)
    assert hidden not in text_of(at)


def test_what_was_shown_is_logged(run: Run) -> None:
    run("evidence.py")
    found = list_log(open_workspace(), Viewer("test", Audience.SPECIALIST, None), LogFilter(page="evidence"), first=0)
    assert found.n >= 1
