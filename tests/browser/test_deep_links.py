"""The first request of a fresh process to each page lands inside the frame, whatever the page is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages._router import PAGES
from tests.app_process import AppProcess
from tests.browser.conftest import Watch, wait_idle
from tests.stream_client import Answer, open_client, run_apart

DEEP_LINKS = [f"/{spec.url}" for spec in PAGES[1:]]
QUESTIONS = {"/": PAGES[0].title} | {f"/{spec.url}": spec.title for spec in PAGES[1:]}


IN_A_BROWSER = ("/", "/decision", "/sessions")
"""Seen in a browser too; of the others the stream tells, which takes a fifth of the time."""


async def first_answer(url: str, page: str) -> Answer:
    """Ask a process for a page, as a browser does that was given its address."""
    client = await open_client(url)
    try:
        return await client.open(page)
    finally:
        await client.socket.close()


@pytest.mark.parametrize("path", [path for path in QUESTIONS if path not in IN_A_BROWSER])
def test_the_first_request_of_a_fresh_process_runs_the_page_inside_the_frame(
    app_server: Callable[..., AppProcess], path: str
) -> None:
    answer = run_apart(first_answer(app_server().url, path.lstrip("/")))
    drawn = "\n".join(answer.html)
    assert "synthetic data" in drawn
    assert 'data-testid="candor-asof"' in drawn
    assert "<h1" in drawn
    assert QUESTIONS[path] in answer.text


@pytest.mark.parametrize("path", IN_A_BROWSER)
def test_the_first_request_of_a_fresh_process_lands_inside_the_frame(
    app_server: Callable[..., AppProcess], page: Page, watch: Watch, path: str
) -> None:
    app = app_server()
    page.goto(app.url + path)
    expect(page.get_by_test_id("candor-asof")).to_contain_text("synthetic data", timeout=60_000)
    wait_idle(page)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_count(1)
    expect(page).to_have_title(f"{QUESTIONS[path]} · Candor")
    expect(page.locator("[data-testid=stTopNav] [aria-current], .st-key-candor-kept [aria-current]")).to_have_count(1)
    assert watch.outside == []
    assert watch.console == []


def test_a_fresh_process_without_snapshots_shows_in_the_frame_what_it_builds(
    app_server: Callable[..., AppProcess], page: Page, watch: Watch, tmp_path: Path
) -> None:
    app = app_server(home=tmp_path / "empty")
    page.goto(app.url + DEEP_LINKS[0])
    expect(page.get_by_role("heading", level=1)).to_contain_text("is building its demonstration", timeout=60_000)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert app.health()["building"] is True
    assert watch.outside == []
    assert watch.console == []


def test_an_unknown_address_leads_home_inside_the_frame(shared_app: AppProcess, page: Page) -> None:
    page.goto(shared_app.url + "/no-such-page")
    expect(page.get_by_test_id("candor-asof")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("dialog")).to_contain_text("Page not found")


def test_a_page_file_is_never_run_by_its_file_name(shared_app: AppProcess, page: Page) -> None:
    page.goto(shared_app.url + "/_router")
    expect(page.get_by_test_id("candor-asof")).to_be_visible(timeout=60_000)
