"""Signing in with a real provider in a real browser: who sees what, who sees nothing, and how it ends."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch, axe_findings, wait_idle
from tests.browser.oidc import TestProvider, running_provider
from tests.browser.signing_in import (
    ACCOUNTS,
    COOKIE,
    HARBOR,
    PRAIRIE,
    RULES,
    World,
    expect_view,
    expect_wall,
    give_cookie,
    running_world,
    sign_in,
    sign_out,
    start_sign_in,
)
from tests.snapshots_for_tests import applications

BOOK = applications(3000)
MINE = BOOK.loc[BOOK["partner"] == HARBOR, "application_id"].iloc[3]
OTHERS = BOOK.loc[BOOK["partner"] == PRAIRIE, "application_id"].iloc[3]
NOT_FOUND = "No application with this number"


@pytest.fixture(scope="module")
def provider() -> Iterator[TestProvider]:
    with running_provider(ACCOUNTS) as one:
        yield one


@pytest.fixture(scope="module")
def running(small_home: Path, provider: TestProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(small_home, tmp_path_factory.mktemp("signin"), provider) as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """The one app, with its roles as they were."""
    yield running
    running.write_roles()


@pytest.mark.parametrize(
    ("login", "view", "count", "other"),
    [
        ("sofia", "Specialist view", 3000, "the model estimates"),
        ("rita", "Regulator view", 3000, None),
        ("paul", "Partner view", int((BOOK["partner"] == HARBOR).sum()), NOT_FOUND),
    ],
)
def test_each_account_sees_its_view_and_its_rows(
    world: World, page: Page, watch: Watch, login: str, view: str, count: int, other: str | None
) -> None:
    sign_in(page, world.app.url, login)
    bar = expect_view(page, view)
    assert f"{count:,} applications" in bar
    assert ACCOUNTS[login]["name"] in bar
    assert "Local mode" not in bar
    page.get_by_text("Switch model or snapshot").click()
    expect(page.get_by_text("See it as")).to_have_count(0)
    if other is not None:
        page.goto(f"{world.app.url}/decision?app={OTHERS}&as=specialist")
        expect(page.get_by_role("heading", level=1)).to_contain_text(other, timeout=60_000)
        expect_view(page, view)
    assert (watch.outside, watch.console) == ([], [])


def test_a_deep_link_meets_the_wall_and_is_open_after_signing_in(world: World, page: Page, watch: Watch) -> None:
    frames: list[str] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(str(data))))
    link = f"{world.app.url}/decision?app={MINE}"
    page.goto(link)
    expect_wall(page)
    assert axe_findings(page) == []
    assert frames
    assert [f for f in frames if HARBOR in f or MINE in f or "small-loans" in f] == []
    sign_in(page, link, "paul")
    expect_view(page, "Partner view")
    expect(page.get_by_role("heading", level=1)).to_contain_text("the model estimates")
    assert page.url.startswith(link)
    assert watch.outside == []


@pytest.mark.parametrize(
    ("login", "title"),
    [("nora", "Your account has no access to Candor yet"), ("dora", "Your account has more than one role")],
)
def test_an_account_without_one_role_meets_a_polite_wall_with_a_way_out(
    world: World, page: Page, login: str, title: str
) -> None:
    sign_in(page, world.app.url, login)
    expect_wall(page, title)
    expect(page.get_by_text(f"You are signed in as {ACCOUNTS[login]['name']}.")).to_be_visible()
    assert axe_findings(page) == []
    sign_out(page)
    expect_wall(page)


def test_a_cancelled_sign_in_is_said_where_it_began_and_can_be_repeated(world: World, page: Page) -> None:
    link = f"{world.app.url}/decision?app={MINE}"
    page.goto(link)
    expect_wall(page)
    start_sign_in(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You did not finish signing in.")).to_be_visible(timeout=30_000)
    assert page.url == link
    sign_in(page, page.url, "paul")
    expect_view(page, "Partner view")


def test_a_service_that_cannot_be_reached_is_said(world: World, page: Page) -> None:
    page.goto(f"{world.app.url}/decision")
    expect_wall(page)
    world.provider.stop()
    try:
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("The sign-in service cannot be reached.")).to_be_visible(timeout=30_000)
        assert page.url == f"{world.app.url}/decision"
    finally:
        world.provider.start()


def test_a_role_taken_away_during_a_visit_counts_at_the_next_click(world: World, page: Page) -> None:
    sign_in(page, f"{world.app.url}/decision?app={OTHERS}", "dave")
    expect_view(page, "Specialist view")
    expect(page.get_by_role("heading", level=1)).to_contain_text("the model estimates")
    less = [{**RULES[3], "value": "team-dave"}, *(rule for rule in RULES if rule["value"] != "team-dave")]
    world.write_roles(rules=less)
    page.get_by_role("button", name="Pick one declined").click()
    bar = expect_view(page, "Partner view")
    assert f"{(BOOK['partner'] == HARBOR).sum():,} applications" in bar
    number = page.get_by_role("textbox", name="Application number").input_value()
    assert number in {"", OTHERS}, "what the old role picked is forgotten"
    world.write_roles(rules=[rule for rule in RULES if rule["value"] != "team-dave"])
    page.get_by_role("button", name="Pick one approved").click()
    expect_wall(page, "Your account has no access to Candor yet")


def test_a_sign_in_ends_at_the_maximum_age(world: World, page: Page) -> None:
    sign_in(page, f"{world.app.url}/decision", "tess")
    expect_view(page, "Specialist view")
    world.write_roles(maximum_age_hours=0.0003)
    time.sleep(1.2)
    page.get_by_role("button", name="Pick one declined").click()
    expect_wall(page, "Please sign in again")
    world.write_roles()
    page.reload()
    expect_view(page, "Specialist view")


def test_signing_out_ends_other_windows_and_copied_cookies(world: World, page: Page, browser: Browser) -> None:
    sign_in(page, f"{world.app.url}/decision", "otto")
    expect_view(page, "Specialist view")
    copied = page.context.cookies()
    window = page.context.new_page()
    window.goto(f"{world.app.url}/decision")
    expect_view(window, "Specialist view")
    sign_out(page)
    expect_wall(page)
    assert COOKIE not in {cookie["name"] for cookie in page.context.cookies()}
    window.get_by_role("button", name="Pick one declined").click()
    expect_wall(window, "Please sign in again")
    thief = browser.new_context()
    thief.add_cookies(copied)
    stolen = thief.new_page()
    stolen.goto(world.app.url)
    expect_wall(stolen, "Please sign in again")
    thief.close()
    time.sleep(1.1)  # the provider counts in whole seconds
    sign_in(page, f"{world.app.url}/decision", "otto")
    expect_view(page, "Specialist view")


NOW = int(time.time())
ENDED = {"iat": NOW - 7200, "exp": NOW - 3600}


@pytest.mark.parametrize(
    ("title", "changes", "roles", "secret"),
    [
        (None, {}, {}, None),
        ("Sign in to see Candor", {}, {}, "another secret, as after it was rotated"),
        ("Sign in to see Candor", {"origin": "http://127.0.0.1:1"}, {}, None),
        ("Please sign in again", ENDED, {}, None),
        ("Please sign in again", {}, {"not_before": {"accounts": {"minted": "2100-01-01T00:00:00Z"}}}, None),
        ("This sign-in is not for Candor", {"iss": "http://127.0.0.1:1"}, {}, None),
        ("This sign-in is not for Candor", {}, {"issuer": "https://login.example.com"}, None),
        ("This sign-in is not for Candor", {}, {"client": "payroll"}, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_cookie_counts_only_when_everything_about_it_is_right(
    world: World, page: Page, title: str | None, changes: dict, roles: dict, secret: str | None
) -> None:
    give_cookie(page.context, world.app, world.claims(**changes), **({"secret": secret} if secret else {}))
    world.write_roles(**roles)
    page.goto(world.app.url)
    if title is None:
        expect_view(page, "Specialist view")
    else:
        expect_wall(page, title)


def test_a_tampered_cookie_is_no_sign_in(world: World, page: Page) -> None:
    sign_in(page, world.app.url, "paul")
    expect_view(page, "Partner view")
    (cookie,) = [c for c in page.context.cookies() if c["name"] == COOKIE]
    payload, made, signature = cookie["value"].rsplit(".", 2)
    changed = payload[:-5] + ("A" if payload[-5] != "A" else "B") + payload[-4:]
    page.context.add_cookies([{**cookie, "value": f"{changed}.{made}.{signature}"}])
    page.goto(world.app.url)
    expect_wall(page)


def test_a_broken_file_of_roles_closes_candor_and_its_words_stay_in_the_log(world: World, page: Page) -> None:
    give_cookie(page.context, world.app, world.claims())
    world.roles.write_text("rules: [{value: secret-group, audience: queen}]")
    page.goto(world.app.url)
    expect_wall(page, "Candor cannot check who may look")
    assert "secret-group" not in page.content()
    assert "queen" in world.app.log.read_text()


def test_downloads_need_a_sign_in_that_still_holds(world: World, page: Page) -> None:
    give_cookie(page.context, world.app, world.claims())
    page.goto(f"{world.app.url}/decision?app={MINE}")
    expect_view(page, "Specialist view")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download these figures (CSV)").click()
    path = re.sub(r"^https?://[^/]*", "", started.value.url)
    assert path.startswith("/media/")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    assert world.app.ask(path, headers={"Cookie": cookie}).status == 200
    assert world.app.ask(path).status == 403
    world.write_roles(not_before={"accounts": {"minted": "2100-01-01T00:00:00Z"}})
    assert world.app.ask(path, headers={"Cookie": cookie}).status == 403


def test_a_page_that_was_open_before_sign_in_stays_closed_to_a_visitor(world: World, page: Page) -> None:
    for path in ("/overview", f"/decision?app={MINE}&as=specialist", "/_router"):
        page.goto(world.app.url + path)
        expect_wall(page)
    wait_idle(page)
