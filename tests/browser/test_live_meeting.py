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
AGENTS = {
    "desktop": None,
    "phone": "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
}
"""What the browser calls itself: Streamlit closes its menu after a choice where this names a phone."""


def headline(page: Page, words: str) -> None:
    """Wait until the finding says something."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(words), timeout=PATIENCE)
    wait_idle(page)


def follow(page: Page, word: str) -> None:
    """Follow a word of the navigation, which a phone folds into a menu."""
    menu, only = page.get_by_test_id("stExpandSidebarButton"), re.compile(f"^{word}$")
    on_phone = menu.is_visible()
    if on_phone:
        menu.click()
    page.get_by_test_id("stSidebarNavLink" if on_phone else "stTopNavLink").filter(has_text=only).click()
    wait_idle(page)


def why_declined(page: Page, app: AppProcess) -> str:
    """Ask why one application was declined; return its number."""
    page.goto(f"{app.url}/decision")
    page.get_by_role("button", name="Pick one declined").click(timeout=PATIENCE)
    headline(page, "Declined")
    expect(page.get_by_text("How common this is")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("In other snapshots")).to_be_visible(timeout=PATIENCE)
    assert axe_findings(page) == []
    return state(page)["app"]


def what_matters(page: Page) -> None:
    """Ask what drives the model, take the picture along, and go on to one signal."""
    follow(page, "Drivers")
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


def for_whom(page: Page) -> None:
    """Choose the declined ones, and look at them on other pages."""
    unfold(page, "Choose applications")
    page.get_by_role("combobox", name="Decision").click()
    page.get_by_role("option", name="declined").click()
    expect(page.get_by_test_id("candor-cohort")).to_contain_text("declined", timeout=PATIENCE)
    wait_idle(page)
    assert state(page)["cohort"] == "decision:declined"
    for word in ("Cohorts", "Reasons", "Interactions"):
        follow(page, word)
        expect(page.get_by_test_id("candor-cohort")).to_contain_text("declined", timeout=PATIENCE)
        headline(page, ".")
        assert axe_findings(page) == []


def next_to_whom(page: Page, number: str) -> None:
    """Find the applications most like it, and set one beside it; its number came along."""
    follow(page, "Compare")
    expect(page.get_by_role("textbox", name="Application number")).to_have_value(number, timeout=PATIENCE)
    assert state(page)["app"] == number
    expect(page.get_by_role("button", name="Pick one approved")).to_be_visible()
    expect(page.get_by_role("button", name="Pin this answer")).to_have_count(0)
    page.get_by_text("Similar applications", exact=True).click()
    headline(page, ".")
    page.get_by_role("button", name=re.compile("Side by side")).first.click()
    expect(page).to_have_url(re.compile("second="), timeout=PATIENCE)
    headline(page, ".")
    assert axe_findings(page) == []


def what_would_change_it(page: Page, number: str) -> None:
    """Go from the decision to what would change it, and try the smallest change."""
    follow(page, "Decision")
    headline(page, "Declined")
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
    context = browser.new_context(viewport={"width": columns, "height": rows}, user_agent=AGENTS[width])
    page = context.new_page()
    watch.attach(page)
    number = why_declined(page, shared_app)
    what_matters(page)
    for_whom(page)
    next_to_whom(page, number)
    what_would_change_it(page, number)
    context.close()
    assert watch.outside == []
    assert watch.console == []
