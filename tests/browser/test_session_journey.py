"""A live meeting: start, a decision, pins, a question, the end; afterwards everything is there and still the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app_process import AppProcess
from tests.browser.conftest import Watch, axe_findings, unfold, wait_idle
from tests.browser.test_frame import WIDTHS

PHONE, DESK = ({"width": WIDTHS[name][0], "height": WIDTHS[name][1]} for name in ("phone", "desktop"))


def headline(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(words))
    wait_idle(page)


def clean_at_both_widths(page: Page) -> None:
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert axe_findings(page) == []


def start_session(page: Page, app: AppProcess) -> None:
    page.goto(f"{app.url}/sessions")
    headline(page, "No session was held yet")
    page.get_by_role("textbox", name="Name").fill("Quarterly meeting")
    page.get_by_role("textbox", name=re.compile("Who takes part")).fill("credit officer, auditor")
    clean_at_both_widths(page)
    page.get_by_role("button", name="Start", exact=True).click()
    headline(page, "Quarterly meeting: 0 answers kept")


def pin(page: Page, title: str = "") -> None:
    wait_idle(page)
    page.get_by_role("textbox", name="Title of the pin").fill(title)
    page.get_by_role("button", name="Pin this answer").click()
    expect(page.get_by_text("Pinned: “")).to_be_visible()
    wait_idle(page)


def ask(page: Page) -> None:
    unfold(page, "Write down a question")
    page.get_by_role("textbox", name="Question").fill("Why is debt compared with income?")
    page.get_by_role("textbox", name="Who sees to it").fill("risk")
    clean_at_both_widths(page)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Written down. It is open.")).to_be_visible()


def end(page: Page) -> None:
    page.get_by_role("link", name="Open the session").click()
    headline(page, "Quarterly meeting: 2 answers kept, one question asked, 1 open")
    expect(page.get_by_text("risk sees to it")).to_be_visible()
    clean_at_both_widths(page)
    page.get_by_role("button", name="End this session").click()
    expect(page.get_by_role("button", name="End this session")).to_have_count(0)
    wait_idle(page)


def the_same(page: Page, title: str, finding: str) -> None:
    """Open a pin from the session, see it as it was, and compute it again."""
    here = page.url
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_text("Kept by local")).to_be_visible()
    headline(page, re.escape(finding))
    clean_at_both_widths(page)
    page.get_by_role("link", name="Re-compute", exact=True).click()
    expect(page.get_by_text("Computed again: the same.")).to_be_visible()
    headline(page, re.escape(finding))
    page.goto(here)
    headline(page, "Quarterly meeting")


@pytest.fixture
def meeting(app_server: Callable[..., AppProcess], tmp_path: Path) -> AppProcess:
    """A fresh process with a workspace of its own: a meeting that runs is seen by every window of the machine."""
    return app_server(env={"CANDOR_WORKSPACE_URL": f"sqlite:///{tmp_path}/workspace.sqlite"})


def test_a_meeting_is_held_kept_and_computed_again_to_the_same(meeting: AppProcess, page: Page, watch: Watch) -> None:
    start_session(page, meeting)
    page.goto(f"{meeting.url}/decision")
    page.get_by_role("button", name="Pick one declined").click()
    headline(page, "Declined")
    declined = page.get_by_role("heading", level=1).inner_text()
    pin(page, "The declined one")
    ask(page)
    page.goto(f"{meeting.url}/drivers")
    headline(page, "move most with")
    drivers = page.get_by_role("heading", level=1).inner_text()
    pin(page)
    end(page)
    the_same(page, "The declined one", declined)
    the_same(page, drivers[:40], drivers)
    page.goto(f"{meeting.url}/pins?pin=nothing")
    headline(page, "You cannot see this pin")
    assert watch.outside == []
    assert watch.console == []
