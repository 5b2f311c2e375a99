"""A meeting with a partner: why, what matters, how, for whom, next to whom, and what would change it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app_process import AppProcess
from tests.browser.conftest import Watch, axe_findings, unfold, wait_idle
from tests.browser.test_frame import WIDTHS, state

PATIENCE = 60_000


def headline(page: Page, words: str) -> None:
    """Wait until the finding says something."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(words), timeout=PATIENCE)
    wait_idle(page)


def open_page(page: Page, app: AppProcess, name: str) -> None:
    """Open a page of the same visit as a presenter does who has the addresses at hand."""
    here = state(page)
    kept = "&".join(f"{key}={here[key]}" for key in ("model", "snapshot", "cohort", "app") if key in here)
    page.goto(f"{app.url}/{name}?{kept}")


def why_declined(page: Page, app: AppProcess) -> str:
    """Ask why one application was declined; return its number."""
    page.goto(f"{app.url}/decision")
    page.get_by_role("button", name="Pick one declined").click(timeout=PATIENCE)
    headline(page, "Declined")
    expect(page.get_by_text("How common this is")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("In other snapshots")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
    return state(page)["app"]


def what_matters(page: Page, app: AppProcess) -> None:
    """Ask what drives the model, take the picture along, and go on to one signal."""
    open_page(page, app, "drivers")
    headline(page, "move most with")
    assert axe_findings(page) == []
    page.get_by_role("button", name="Save picture").first.click()
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="PNG").click(timeout=PATIENCE)
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("^More on")).last.click()
    headline(page, "estimate")
    assert "signal" in state(page)
    assert axe_findings(page) == []


def for_whom(page: Page, app: AppProcess) -> None:
    """Choose the declined ones, and look at them on other pages."""
    unfold(page, "Choose applications")
    page.get_by_role("combobox", name="Decision").click()
    page.get_by_role("option", name="declined").click()
    expect(page.get_by_test_id("candor-cohort")).to_contain_text("declined", timeout=PATIENCE)
    wait_idle(page)
    assert state(page)["cohort"] == "decision:declined"
    for name in ("cohorts", "reasons", "interactions"):
        open_page(page, app, name)
        expect(page.get_by_test_id("candor-cohort")).to_contain_text("declined", timeout=PATIENCE)
        headline(page, ".")
        assert axe_findings(page) == []


def next_to_whom(page: Page, app: AppProcess, number: str) -> None:
    """Find the applications most like it, and set one beside it."""
    page.goto(f"{app.url}/compare?mode=Similar applications&app={number}")
    headline(page, ".")
    page.get_by_role("button", name=re.compile("Side by side")).first.click()
    expect(page).to_have_url(re.compile("second="), timeout=PATIENCE)
    headline(page, ".")
    assert axe_findings(page) == []


def what_would_change_it(page: Page, app: AppProcess, number: str) -> None:
    """Go from the decision to what would change it, and try the smallest change."""
    page.goto(f"{app.url}/decision?app={number}")
    page.get_by_role("link", name="What would change it?").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Change a value", exact=True)).to_be_visible(timeout=PATIENCE)
    assert state(page)["app"] == number
    expect(page.get_by_role("button", name="Try it").first).to_be_visible(timeout=PATIENCE)
    wait_idle(page)
    page.get_by_role("button", name="Try it").first.click()
    expect(page).to_have_url(re.compile("set="), timeout=PATIENCE)
    headline(page, ".")
    assert axe_findings(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_questions_of_a_meeting_are_answered_one_after_the_other(
    shared_app: AppProcess, browser: Browser, watch: Watch, width: str
) -> None:
    columns, rows = WIDTHS[width]
    context = browser.new_context(viewport={"width": columns, "height": rows})
    page = context.new_page()
    watch.attach(page)
    number = why_declined(page, shared_app)
    what_matters(page, shared_app)
    for_whom(page, shared_app)
    next_to_whom(page, shared_app, number)
    what_would_change_it(page, shared_app, number)
    context.close()
    assert watch.outside == []
    assert watch.console == []
