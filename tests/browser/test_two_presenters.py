"""Two presenters meet the same partner at once, and the server is killed in the middle: nothing mixes, nothing is lost.

Then a colleague approves an answer, the partner finds it, and a link that was shared opens for those it is for only.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch, unfold, wait_idle
from tests.browser.leaks import Secrets, Visit, choose_last, found_in
from tests.browser.oidc import TestProvider
from tests.browser.signing_in import HARBOR, World, give_cookie, running_world
from tests.browser.test_session_journey import headline, pin

SPECIALISTS, PARTNERS = "risk-specialist", "partner-first-harbor"
ANSWER = "The quixotry clause of March: no age is used."
INTERNAL = "What does vexillology cost us?"
HERS, HIS = "Her zephyrine finding", "His marmoreal finding"
WALL = "You cannot see this pin"


@dataclass
class Window:
    """One account in a browser of its own."""

    page: Page
    """What it looks at."""
    received: Visit
    """Everything that came from the server."""
    world: World
    """The app it looks at; another process after a restart."""

    def go(self, place: str, words: str) -> None:
        """Open a page and wait until it says something."""
        self.page.goto(place if place.startswith("http") else f"{self.world.app.url}/{place}")
        headline(self.page, words)


@pytest.fixture
def worlds(small_home: Path, tmp_path: Path) -> Iterator[ExitStack]:
    """A home with a workspace of its own."""
    kept = shutil.ignore_patterns("workspace*")
    shutil.copytree(small_home, tmp_path / "home", ignore=kept)
    with ExitStack() as stack:
        yield stack


def start(worlds: ExitStack, tmp_path: Path, port: int | None = None) -> World:
    """Start the app; nobody signs in by hand here, so its provider is never asked."""
    provider = cast(TestProvider, SimpleNamespace(issuer="https://login.example.com"))
    return worlds.enter_context(running_world(tmp_path / "home", tmp_path, provider, port))


def sign_in(browser: Browser, world: World, who: str, group: str, worlds: ExitStack, watch: Watch) -> Window:
    """Open a browser for an account, and record all that it is sent."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    worlds.callback(context.close)
    give_cookie(context, world.app, world.claims(sub=who, name=who, groups=[group]))
    page, received = context.new_page(), Visit()
    watch.attach(page)
    page.on("websocket", lambda ws: ws.on("framereceived", received.on_frame))
    page.on("request", received.on_request)
    return Window(page, received, world)


def begin(window: Window, name: str) -> str:
    """Begin a meeting with the partner; return its address."""
    window.go("sessions", "session")
    if not window.page.locator("details[open]", has_text="Start a session").count():
        unfold(window.page, "Start a session")
    window.page.get_by_role("textbox", name="Name", exact=True).fill(name)
    window.page.get_by_role("button", name="Start", exact=True).click()
    headline(window.page, f"{name}: 0 answers kept")
    expect(window.page.get_by_text(f"for {HARBOR}; running")).to_be_visible()
    return window.page.url


def ask(window: Window, question: str, answer: str = "", *, internal: bool = False) -> None:
    """Write a question down; do not wait until it is confirmed."""
    page = window.page
    unfold(page, "Write down a question")
    page.get_by_role("textbox", name="Question").fill(question)
    page.get_by_role("textbox", name="Answer, if given now").fill(answer)
    if internal:
        choose_last(page, page.get_by_role("combobox", name="Who may read it"))
    page.get_by_role("button", name="Write it down").click()


def meet_at_once(sofia: Window, otto: Window) -> tuple[str, str]:
    """Hold two meetings beside each other: each step of the one before the next of the other."""
    places = begin(sofia, "Spring"), begin(otto, "Summer")
    sofia.go("", "applications")
    otto.go("health", "check")
    for window, title, name in ((sofia, HERS, "Spring"), (otto, HIS, "Summer")):
        pin(window.page, title)
        expect(window.page.get_by_text(f"Session “{name}” is running: one pin, 0 questions")).to_be_visible()
    ask(sofia, "Is age used?", ANSWER)
    ask(otto, INTERNAL, internal=True)
    expect(sofia.page.get_by_text("Written down. It is answered.")).to_be_visible()
    expect(otto.page.get_by_text("Written down. It is open.")).to_be_visible()
    return places


def kill(world: World) -> None:
    """End the server as a power cut would."""
    os.kill(world.app.process.pid, signal.SIGKILL)
    world.app.process.wait(30)


def go_on(sofia: Window, otto: Window, places: tuple[str, str]) -> str:
    """See that each has what he or she wrote and nothing of the other, and keep another answer; return her pin."""
    sofia.go(places[0], "Spring: one answer kept, one question asked, nothing open")
    otto.go(places[1], "Summer: one answer kept, one question asked, 1 open")
    for window, own, other in ((sofia, HERS, HIS), (otto, HIS, HERS)):
        expect(window.page.get_by_role("link", name=own, exact=True)).to_be_visible()
        expect(window.page.get_by_text(other)).to_have_count(0)
    shared = sofia.page.get_by_role("link", name=HERS, exact=True).get_attribute("href") or ""
    sofia.go("health", "check")
    pin(sofia.page, "After the restart")
    expect(sofia.page.get_by_text("Session “Spring” is running: 2 pins, one question, nothing open")).to_be_visible()
    return f"{sofia.world.app.url}/{shared}"


def approve(sofia: Window, otto: Window, place: str) -> None:
    """Let one propose an answer for partners, and the other approve it."""
    sofia.go(place, "Spring: 2 answers kept")
    unfold(sofia.page, "Propose an answer for reuse")
    sofia.page.get_by_role("button", name="Propose it").click()
    expect(sofia.page.get_by_text("A second person has to approve it.")).to_be_visible()
    otto.go("sessions", "2 sessions so far; 2 running")
    unfold(otto.page, "One answer waiting for a second person")
    otto.page.get_by_role("button", name="Approve").click()
    expect(otto.page.get_by_text("It is approved now.")).to_be_visible()


def outside(paul: Window, pam: Window, places: tuple[str, str], shared: str) -> None:
    """See as the partner what is for the partner, and nothing else."""
    paul.go("sessions", "2 sessions so far")
    paul.page.get_by_role("textbox", name="Find an answer").fill("do you use age")
    paul.page.get_by_role("textbox", name="Find an answer").press("Enter")
    expect(paul.page.get_by_text(ANSWER)).to_be_visible()
    paul.go(places[1], "Summer: 0 answers kept, 0 questions asked, nothing open")
    expect(paul.page.get_by_role("link", name="All sessions")).to_be_visible()
    for words in ("Presenter's notes", "End this session"):
        expect(paul.page.get_by_text(words)).to_have_count(0)
    paul.go(f"{paul.world.app.url}/cohorts?cohort=decision:declined", "declined")
    expect(paul.page.get_by_test_id("candor-cohort")).to_contain_text("declined")
    pin(paul.page, "Our own look")
    own = paul.page.get_by_role("link", name="Open the pin").get_attribute("href") or ""
    pam.go(own.removeprefix("./"), "declined")
    expect(pam.page.get_by_text("Kept by paul")).to_be_visible()
    pam.go(shared, WALL)


def test_two_meetings_at_once_a_killed_server_an_approval_and_shared_links(
    worlds: ExitStack, tmp_path: Path, browser: Browser, watch: Watch
) -> None:
    world = start(worlds, tmp_path)
    accounts = (("sofia", SPECIALISTS), ("otto", SPECIALISTS), ("paul", PARTNERS), ("pam", PARTNERS))
    sofia, otto, paul, pam = (sign_in(browser, world, *account, worlds, watch) for account in accounts)
    places = meet_at_once(sofia, otto)
    kill(world)
    watch.console.clear()  # a browser says so when its server is gone
    again = start(worlds, tmp_path, world.app.port)
    for window in (sofia, otto, paul, pam):
        window.world = again
    shared = go_on(sofia, otto, places)
    approve(sofia, otto, places[0])
    outside(paul, pam, places, shared)
    otto.go(shared, "applications")
    expect(otto.page.get_by_text("Kept by sofia")).to_be_visible()
    nothing_of_others(otto, paul, pam)
    assert watch.outside == []
    assert watch.console == []


def nothing_of_others(otto: Window, paul: Window, pam: Window) -> None:
    """Search all that the partner's people were sent, and see that the same search finds it at a specialist's."""
    secrets = Secrets({"pins": {HERS, HIS}, "internal questions": {INTERNAL}, "other partners": {"Prairie"}})
    for window in (otto, paul, pam):
        wait_idle(window.page)
        window.received.collect(window.page)
    assert set(found_in(otto.received.payloads, secrets)) == {"pins", "internal questions", "other partners"}
    assert b"Partner view" in b"".join(paul.received.payloads)
    assert WALL.encode() in b"".join(pam.received.payloads)
    for window in (paul, pam):
        assert found_in(window.received.payloads, secrets) == {}
