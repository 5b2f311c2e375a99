"""An examiner goes through a decision by keyboard, notes, signs every step, and leaves with a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explainers.walkthroughs.script import shipped
from tests.app_process import AppProcess
from tests.browser.conftest import Watch, axe_findings, wait_idle
from tests.browser.test_session_journey import clean_at_both_widths, headline

SCRIPT = shipped()[0]
NOTE = "Seen with the lender."


def at_step(page: Page, number: int) -> None:
    """Wait for a step: its panel over the page, with the claim first."""
    expect(page.locator(".candor-walk-where")).to_contain_text(f"Step {number} of {len(SCRIPT.steps)}")
    expect(page).to_have_url(re.compile(f"/{SCRIPT.steps[number - 1].page}.*step={number}"))
    wait_idle(page)
    expect(page.get_by_test_id("candor-claim")).to_be_visible()
    claim, finding = page.get_by_test_id("candor-claim").bounding_box(), page.locator("h1").first.bounding_box()
    assert claim is not None
    assert finding is not None
    assert claim["y"] < finding["y"]


def sign(page: Page, note: str = "") -> None:
    """Sign the step by keyboard: into the box, a note, on to the button, Enter."""
    box = page.get_by_role("textbox", name="Note on this step")
    box.focus()
    if note:
        page.keyboard.type(note)
        page.keyboard.press("Shift+ArrowRight")  # while somebody types it opens no other step
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign off this step")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".candor-walk-lines")).to_contain_text("Signed off")
    expect(box).to_have_value("")
    wait_idle(page)


@pytest.fixture
def examination(app_server: Callable[..., AppProcess], tmp_path: Path) -> AppProcess:
    """A fresh process with a workspace of its own."""
    return app_server(env={"CANDOR_WORKSPACE_URL": f"sqlite:///{tmp_path}/workspace.sqlite"})


def test_an_examiner_walks_signs_and_leaves_with_a_record(examination: AppProcess, page: Page, watch: Watch) -> None:
    page.goto(f"{examination.url}/walkthroughs?as=regulator")
    headline(page, "2 walkthroughs are ready")
    clean_at_both_widths(page)
    page.get_by_role("button", name="Begin").first.focus()
    page.keyboard.press("Enter")
    for number in range(1, len(SCRIPT.steps) + 1):
        at_step(page, number)
        if number == 2:
            clean_at_both_widths(page)
            page.keyboard.press("Shift+ArrowLeft")
            at_step(page, 1)
            expect(page.locator(".candor-walk-lines")).to_contain_text(NOTE)
            page.keyboard.press("Shift+ArrowRight")
            at_step(page, 2)
        sign(page, NOTE if number == 1 else "")
        page.keyboard.press("Shift+ArrowRight")
    headline(page, "8 of 8 steps signed off")
    page.get_by_role("button", name="Sign off the whole walkthrough").click()
    headline(page, "signed off as a whole")
    expect(page.get_by_text(NOTE)).to_be_visible()
    pack = page.get_by_role("link", name="Make a pack")
    expect(pack).to_have_attribute("href", re.compile("^packs\\?.*run=[0-9a-f-]{36}$"))
    assert axe_findings(page) == []
    page.reload()
    headline(page, "signed off as a whole")
    assert (watch.outside, watch.console) == ([], [])
