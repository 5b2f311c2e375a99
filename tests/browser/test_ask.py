"""Asking in a real browser: the key, the address that opens, and that none of it breaks the page's rules."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.app_process import AppProcess
from tests.browser.conftest import Watch, wait_idle


def ask(page: Page, question: str) -> None:
    """Press "/" away from any box, type a question and send it."""
    page.get_by_role("heading", level=1).click()
    box = page.get_by_label("Ask a question")
    for _ in range(40):  # the page listens for the key a moment after it is drawn
        page.keyboard.press("/")
        if box.evaluate("box => box === document.activeElement"):
            break
        page.wait_for_timeout(500)
    expect(box).to_be_focused()
    page.keyboard.type(question)
    page.keyboard.press("Enter")


def test_a_question_opens_its_page_with_its_inputs_from_any_page(
    shared_app: AppProcess, page: Page, watch: Watch
) -> None:
    page.goto(f"{shared_app.url}/decision?app=A-00020")
    expect(page.get_by_label("Application number")).to_have_value("A-00020", timeout=60_000)
    wait_idle(page)
    ask(page, "what would A-00021 have to change")  # another page with a box of the same name
    expect(page).to_have_url(re.compile(r"/what-if\?.*app=A-00021"))
    expect(page.get_by_label("Application number")).to_have_value("A-00021")
    wait_idle(page)
    ask(page, "why was A-00022 declined")
    expect(page).to_have_url(re.compile(r"/decision\?.*app=A-00022"))
    wait_idle(page)
    ask(page, "explain A-00023")  # the same page again
    expect(page.get_by_label("Application number")).to_have_value("A-00023")
    wait_idle(page)
    ask(page, "should we approve this customer")
    expect(page.get_by_test_id("candor-ask")).to_contain_text("I cannot answer that")
    assert watch.outside == []
    assert watch.console == []
