"""The main job as a newcomer meets it: nothing there, the demonstration builds, a decision is explained."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.app_process import AppProcess, running_app
from tests.browser.conftest import Watch, axe_findings, unfold, wait_idle
from tests.browser.test_frame import go, open_switch, state

BUILD = 240_000
"""Milliseconds the demonstration may take on two slow, shared cores; the target is 30 s on quiet ones."""
HEADLINE = "Declined: the model estimates a 23\u202f% chance of charge-off within a year. The cut-off is 18\u202f%."


def ask_for(page: Page, number: str) -> None:
    """Type an application's number."""
    box = page.get_by_role("textbox", name="Application number")
    box.fill(number)
    box.press("Enter")


def reasons_and_letter(page: Page) -> None:
    """Test one reason, look at the letter, and take it along as PDF."""
    page.get_by_role("combobox", name=re.compile("Test this reason")).click()
    page.get_by_role("option", name="Card balances").click()
    expect(page.get_by_text(re.compile("With “Card balances” as among"))).not_to_have_count(0)
    page.get_by_text("The letter this applicant would get").click()
    expect(page.get_by_text("We could not approve your application")).to_be_visible()
    wait_idle(page)
    assert axe_findings(page) == []
    page.get_by_role("link", name="What would the applicant be told?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is what the applicant would be told.")
    wait_idle(page)
    assert axe_findings(page) == []
    unfold(page, "Download the letter")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    letter = PdfReader(download.value.path())
    text = " ".join(sheet.extract_text() for sheet in letter.pages)
    for words in ("Card balances close to limits", "First Harbor Bank, N.A.", "Equal Credit Opportunity Act", "485"):
        assert words in re.sub(r"\s+", " ", text)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    wait_idle(page)


def wait_for_snapshots(app: AppProcess, count: int) -> None:
    """Wait until the other demonstration snapshots are built: the app opens on the first one."""
    end = time.monotonic() + BUILD / 1000
    while app.health()["snapshots"] != count:
        assert time.monotonic() < end, app.health()
        time.sleep(0.5)


def test_from_nothing_to_one_decision_explained(tmp_path: Path, browser: Browser, page: Page, watch: Watch) -> None:
    with running_app(tmp_path / "home") as app:
        page.goto(app.url)
        expect(page.get_by_role("heading", name="Candor is building its demonstration")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_role("heading", name=re.compile("This model estimates"))).to_be_visible(timeout=BUILD)
        expect(page.get_by_test_id("candor-asof")).to_contain_text("synthetic data")
        wait_idle(page)
        assert axe_findings(page) == []

        go(page, "Decision")
        ask_for(page, "10432")
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE, timeout=60_000)
        expect(page.get_by_role("row", name=re.compile("Late payments on other accounts"))).to_be_visible()
        expect(page.get_by_text("The parts explain 100.00")).to_be_visible()
        wait_idle(page)
        assert state(page)["app"] == "10432"
        assert axe_findings(page) == []
        with page.expect_download() as download:
            page.get_by_role("button", name="Download these figures").click()
        assert "contribution" in Path(download.value.path()).read_text("utf-8").splitlines()[0]

        reasons_and_letter(page)
        wait_for_snapshots(app, 3)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE, timeout=60_000)
        wait_idle(page)
        models = open_switch(page)
        page.get_by_role("radiogroup", name="Model").get_by_text(models[1], exact=True).click()
        expect(page.get_by_test_id("candor-asof")).to_contain_text("version", timeout=60_000)
        expect(page).to_have_url(re.compile(f"model={models[1]}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("24\u202f%", timeout=60_000)
        wait_idle(page)

        other = browser.new_context().new_page()
        watch.attach(other)
        other.goto(page.url)
        expect(other.get_by_role("heading", level=1)).to_contain_text("24\u202f%", timeout=60_000)
        expect(other.get_by_test_id("candor-asof")).to_have_text(page.get_by_test_id("candor-asof").inner_text())
        other.context.close()
    assert watch.outside == []
    assert watch.console == []
