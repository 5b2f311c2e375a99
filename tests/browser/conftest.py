"""A real browser on a real process of the app."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from explainers.build import build_snapshot
from tests.__main__ import CHROMES
from tests.app_process import AppProcess, running_app
from tests.snapshots_for_tests import small_inputs

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCAL = {"127.0.0.1", "localhost"}
HERE = Path(__file__).parent
expect.set_options(timeout=60_000)  # other tests run beside these on two cores: slow is not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a browser test."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@dataclass
class Watch:
    """What a page did that it should not."""

    outside: list[str] = field(default_factory=list)
    """Addresses of requests that left this machine."""
    console: list[str] = field(default_factory=list)
    """Errors in the console, and uncaught exceptions."""

    def on_request(self, request: Request) -> None:
        """Note a request to anywhere but this machine."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOCAL:
            self.outside.append(request.url[:200])

    def on_console(self, message: ConsoleMessage) -> None:
        """Note an error, but for Streamlit's own search of its base path under a deep link."""
        source = message.location.get("url", "")
        if message.type == "error" and "/_stcore/" not in source:
            self.console.append(f"{message.text} {source}")

    def attach(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("request", self.on_request)
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.console.append(str(error)))


def chromium() -> str:
    """Return the browser's program; without one fail under CI and skip elsewhere."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMES)), None)
    if found is None:
        reason = "no Chromium on this machine: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each test opens a context of its own."""
    playwright = sync_playwright().start()
    yield playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    end_driver()


def end_driver() -> None:
    """End the driver of the browser, and with it the browser.

    Asked to close a browser after a long run, the driver may never answer, and the tests would never end.
    """
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # a process that ended meanwhile
            mine = f"PPid:\t{os.getpid()}\n" in status.read_text()
            if mine and b"playwright/driver" in status.with_name("cmdline").read_bytes():
                os.kill(int(status.parent.name), signal.SIGKILL)


@pytest.fixture
def watch() -> Watch:
    """What the test's page did that it should not."""
    return Watch()


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page of a fresh context, watched."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    one = context.new_page()
    watch.attach(one)
    yield one
    context.close()


def changeable(card: dict) -> None:
    """Let an applicant change the numbers of the small card, as far as it takes."""
    limits = {"direction": "down", "minimum": 0, "maximum": 100, "step": 1}
    for name in ("debt_share", "utilisation", "late_payments"):
        card["features"][name]["actionable"] = dict(limits)
    card["features"]["income"]["actionable"] = {"direction": "up", "minimum": 0, "maximum": 900000, "step": 1000}


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with small snapshots of two models, built as users build them."""
    folder = tmp_path_factory.mktemp("small")
    home = folder / "home"
    for version in ("1", "2"):
        inputs = small_inputs(folder / f"inputs-{version}", card=changeable)
        text = inputs.card.read_text("utf-8").replace("id: small-loans\n", f"id: small-loans-{version}\n")
        inputs.card.write_text(text.replace("version: '1'", f"version: '{version}'"), "utf-8")
        build_snapshot(inputs.card, home / "snapshots")
    return home


@pytest.fixture(scope="session")
def shared_app(small_home: Path) -> Iterator[AppProcess]:
    """One process for the tests that do not need a fresh one."""
    with running_app(small_home) as app:
        yield app


@pytest.fixture
def app_server(small_home: Path) -> Iterator[Callable[..., AppProcess]]:
    """Start fresh processes of the app on the small snapshots: ``app_server(home=…, env=…)``."""
    with ExitStack() as stack:

        def start(home: Path = small_home, env: dict[str, str] | None = None) -> AppProcess:
            return stack.enter_context(running_app(home, env=env))

        yield start


def wait_idle(page: Page, seconds: float = 60) -> None:
    """Wait until the script has run and nothing on the page is stale."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=seconds * 1000)
    expect(page.locator("[data-stale=true]")).to_have_count(0, timeout=seconds * 1000)


def unfold(page: Page, words: str) -> None:
    """Unfold a part by its words, and wait until it stands still: a click into one that still moves can be lost."""
    page.get_by_text(words).click()
    page.wait_for_timeout(600)
    wait_idle(page)


def axe_findings(page: Page) -> list[str]:
    """Return what axe finds (WCAG 2.2 A and AA, best practice), one line each."""
    violations = Axe().run(page).response["violations"]
    return [f"{v['impact']} {v['id']}: {', '.join(n['html'][:120] for n in v['nodes'][:3])}" for v in violations]
