"""The frame in a real browser: navigation, the switch and the address, both widths, both themes."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from pages._router import PAGES
from tests.app_process import AppProcess
from tests.browser.conftest import Watch, axe_findings, unfold, wait_idle

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}


def choose(page: Page, model: str) -> str:
    """Choose a model in the unfolded switch; return what the strip under the navigation says of it.

    The address changes at once, the strip when the server has answered.
    """
    strip = page.get_by_test_id("candor-asof")
    before = strip.inner_text()
    page.get_by_role("radiogroup", name="Model").get_by_text(model, exact=True).click()
    expect(page).to_have_url(re.compile(rf"model={model}&snapshot="))
    expect(strip).not_to_have_text(before, timeout=30_000)
    wait_idle(page)
    return strip.inner_text()


def state(page: Page) -> dict[str, str]:
    """Return the address's parameters."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def go(page: Page, word: str) -> None:
    """Follow a word of the navigation and wait for its page."""
    page.get_by_test_id("stTopNav").get_by_role("link", name=word).click()
    spec = next(spec for spec in PAGES if spec.nav == word)
    expect(page).to_have_title(f"{spec.title} · Candor", timeout=30_000)
    wait_idle(page)


def open_switch(page: Page) -> list[str]:
    """Unfold the switch and return the models it offers."""
    unfold(page, "Switch model or snapshot")
    models = page.get_by_role("radiogroup", name="Model").locator("label")
    expect(models).to_have_count(2)  # both models of the small home; the labels may come one by one
    expect(models.last).to_be_visible()
    return [text.splitlines()[0] for text in models.all_inner_texts()]


@pytest.fixture
def started(shared_app: AppProcess, page: Page) -> Page:
    """The app opened at its bare address."""
    page.goto(shared_app.url)
    expect(page.get_by_test_id("candor-asof")).to_be_visible(timeout=60_000)
    wait_idle(page)
    return page


def test_from_the_first_click_on_the_address_names_model_and_snapshot(started: Page) -> None:
    assert state(started) == {}
    go(started, "Decision")
    expect(started).to_have_url(re.compile(r"/decision\?.*model=.*&snapshot="))


def test_a_chosen_model_stays_from_page_to_page_and_over_a_reload(started: Page, watch: Watch) -> None:
    models = open_switch(started)
    words = choose(started, models[1])
    chosen = state(started)
    go(started, "Decision")
    assert state(started) == chosen
    assert started.get_by_test_id("candor-asof").inner_text() == words
    started.reload()
    expect(started.get_by_test_id("candor-asof")).to_have_text(words, timeout=30_000)
    assert state(started) == chosen
    go(started, "Overview")
    assert state(started) == chosen
    assert watch.console == []


def test_a_link_opens_the_snapshot_it_names_in_another_session(started: Page, browser: Browser) -> None:
    models = open_switch(started)
    words = choose(started, models[-1])
    context = browser.new_context()
    other = context.new_page()
    other.goto(started.url.replace("/?", "/decision?"))
    expect(other.get_by_test_id("candor-asof")).to_have_text(words, timeout=30_000)
    context.close()


def test_a_link_to_a_snapshot_that_is_gone_says_so_and_shows_another(shared_app: AppProcess, page: Page) -> None:
    page.goto(f"{shared_app.url}/?snapshot=1999-01-01-00000000")
    expect(page.get_by_text("The snapshot this link names is not here.")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("candor-asof")).to_be_visible()


def test_what_a_page_keeps_in_the_address_survives_a_switch_of_the_model(shared_app: AppProcess, page: Page) -> None:
    page.goto(f"{shared_app.url}/decision")
    box = page.get_by_role("textbox", name="Application number")
    expect(box).to_be_visible(timeout=60_000)
    wait_idle(page)
    box.fill("no-such-number")
    box.press("Enter")
    expect(page).to_have_url(re.compile("app=no-such-number"))
    wait_idle(page)
    models = open_switch(page)
    choose(page, models[1])
    assert state(page)["app"] == "no-such-number"
    expect(box).to_have_value("no-such-number")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
def test_the_frame_has_no_accessibility_finding_and_does_not_scroll_sideways(
    shared_app: AppProcess, browser: Browser, watch: Watch, width: str, theme: str
) -> None:
    w, h = WIDTHS[width]
    context = browser.new_context(viewport={"width": w, "height": h}, color_scheme=theme)
    page = context.new_page()
    watch.attach(page)
    page.goto(shared_app.url)
    expect(page.get_by_test_id("candor-asof")).to_be_visible(timeout=60_000)
    wait_idle(page)
    open_switch(page)
    findings = axe_findings(page)
    sideways = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    inside = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    context.close()
    assert findings == []
    assert (sideways, inside) == (0, 0)
    assert (watch.outside, watch.console) == ([], [])


def test_the_navigation_has_room_for_every_question_on_a_small_desk(started: Page) -> None:
    words = started.get_by_test_id("stTopNavLink").all_inner_texts()
    assert words == [spec.nav for spec in PAGES if spec.audiences and not spec.beside]
    expect(started.get_by_test_id("stTopNavSection")).to_have_count(0)  # "2 more": a menu that hides questions
    started.locator(".st-key-candor-kept").get_by_role("link", name="Sessions").click()
    expect(started).to_have_title("What was asked, and what was answered? · Candor", timeout=30_000)


def test_on_a_phone_the_menu_leads_to_every_page(shared_app: AppProcess, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(shared_app.url)
    expect(page.get_by_test_id("candor-asof")).to_be_visible(timeout=60_000)
    kept = page.locator(".st-key-candor-kept")
    for spec in (spec for spec in PAGES if spec.beside):
        expect(kept.get_by_role("link", name=spec.nav, exact=True)).to_be_visible()
    page.get_by_test_id("stExpandSidebarButton").click()
    for spec in (spec for spec in PAGES if spec.audiences and not spec.beside):
        expect(page.get_by_test_id("stSidebarNavLink").filter(has_text=spec.nav)).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Decision").click()
    expect(page).to_have_title(f"{PAGES[1].title} · Candor", timeout=30_000)
    context.close()


def test_the_log_of_the_server_holds_no_warning(shared_app: AppProcess, started: Page) -> None:
    assert "Local" in started.get_by_test_id("candor-asof").inner_text()
    said = shared_app.log.read_text()
    assert "URL" in said
    assert [line for line in said.splitlines() if "arning" in line or "missing" in line] == []


def test_the_brand_and_the_current_page_stand_in_the_navigation(started: Page) -> None:
    go(started, "Decision")
    expect(started.get_by_test_id("stHeaderLogo")).to_be_visible()
    expect(started.get_by_test_id("stTopNav").locator("[aria-current=page]")).to_have_text("Decision")
