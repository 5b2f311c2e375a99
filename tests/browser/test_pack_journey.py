"""A specialist pins two answers, puts a board pack together, makes it, and reads it without the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect
from pypdf import PdfReader

from tests.app_process import AppProcess
from tests.browser.conftest import Watch, axe_findings, wait_idle
from tests.browser.test_session_journey import clean_at_both_widths, headline, pin


@pytest.fixture
def desk(app_server: Callable[..., AppProcess], tmp_path: Path) -> AppProcess:
    """A fresh process with a workspace of its own."""
    return app_server(env={"CANDOR_WORKSPACE_URL": f"sqlite:///{tmp_path}/workspace.sqlite"})


def keep(page: Page, desk: AppProcess, url: str, words: str) -> str:
    """Pin a page and return its finding."""
    page.goto(f"{desk.url}/{url}")
    headline(page, words)
    finding = page.get_by_role("heading", level=1).inner_text()
    pin(page)
    return finding


def fetch(page: Page, label: str, folder: Path) -> Path:
    """Press a button that offers a file and return it."""
    with page.expect_download() as asked:
        page.get_by_role("button", name=label).click()
    found: Download = asked.value
    target = folder / found.suggested_filename
    found.save_as(target)
    return target


def test_a_board_pack_is_put_together_made_and_read_offline(
    desk: AppProcess, page: Page, watch: Watch, tmp_path: Path
) -> None:
    health = keep(page, desk, "health", "checks hold")
    drivers = keep(page, desk, "drivers", "move most with")
    page.goto(f"{desk.url}/packs?template=board")
    headline(page, "2 things are in this pack")
    expect(page.get_by_role("link", name="how groups are treated")).to_be_visible()
    page.get_by_role("button", name="Move 2 up").click()
    wait_idle(page)
    clean_at_both_widths(page)
    page.get_by_role("textbox", name="Title", exact=True).fill("For the board, November")
    page.get_by_role("textbox", name="Title", exact=True).press("Enter")
    wait_idle(page)
    page.get_by_role("button", name="HTML").click()
    wait_idle(page)
    page.get_by_role("button", name="Make the pack").click()
    expect(page.get_by_role("button", name="Download HTML")).to_be_visible()
    wait_idle(page)
    assert axe_findings(page) == []
    read_pdf(fetch(page, "Download PDF", tmp_path), health, drivers)
    read_html(page, fetch(page, "Download HTML", tmp_path), health, drivers)
    assert watch.outside == []
    assert watch.console == []


def read_pdf(file: Path, *findings: str) -> None:
    """The file says both findings, in the order chosen."""
    text = "".join("".join(one.extract_text() for one in PdfReader(file).pages).split())
    assert file.name.startswith("candor-for-the-board-november-")
    body = text[text.index("Aboutthispack", text.index("Contents") + 200) :]
    places = [body.index("".join(finding.split())) for finding in findings]
    assert places == sorted(places)


def read_html(page: Page, file: Path, *findings: str) -> None:
    """The file opens without the server, on a phone and a desk, by links and without a script."""
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("For the board, November")
    for finding in findings:
        expect(page.get_by_text(finding).first).to_be_visible()
    assert page.get_by_role("img").count() >= 1
    page.get_by_role("link", name=re.compile("What this pack cannot say")).click()
    expect(page.get_by_role("heading", name="What this pack cannot say")).to_be_in_viewport()
    page.locator("summary").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
    clean_at_both_widths(page)
    for locator in ("main", "nav", "header", "footer"):
        assert page.locator(locator).count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
