"""Recording all that a visit sends to the browser, and searching it for what must not be there."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Browser, Locator, Page, Request, TimeoutError

from tests.browser.conftest import wait_idle
from tests.browser.signing_in import World, give_cookie

NUMBER = re.compile(rb"\d+(?:\.\d+)?(?:e-?\d+)?")
DIGITS = 8
"""Written numbers are compared by so many significant digits: a number shown to six or fewer is rounded."""
CLICK = "element => element.click()"
"""A click that works also inside something folded, and does not wait for animations."""
UNFOLD = """() => {
  const folded = [...document.querySelectorAll('details:not([open]) > summary')];
  folded.forEach(summary => summary.click());
  return folded.length;
}"""


@dataclass
class Secrets:
    """What must not reach a partner, by kind."""

    words: dict[str, set[str]] = field(default_factory=dict)
    """Kind to texts."""
    numbers: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    """Kind to exact values."""


@dataclass
class Visit:
    """Everything one visit received."""

    payloads: list[bytes] = field(default_factory=list)
    """Websocket frames, HTTP bodies, downloads, the page itself and its address."""
    addresses: set[str] = field(default_factory=set)
    """Files to read."""
    files: int = 0
    """Files read."""
    downloads: int = 0
    """Files downloaded."""
    clicks: int = 0
    """Buttons and expanders used."""

    def on_frame(self, payload: str | bytes) -> None:
        """Keep a websocket frame."""
        self.payloads.append(payload if isinstance(payload, bytes) else payload.encode())

    def collect(self, page: Page) -> None:
        """Keep the page as it stands, its address, and every file it was given, asked for again."""
        self.payloads += [page.content().encode(), page.url.encode()]
        while self.addresses:
            # the server closes a connection that rested for 5 s, perhaps just as it is used again
            answer = page.context.request.get(self.addresses.pop(), max_retries=3)
            if answer.ok:
                self.payloads.append(answer.body())
                self.files += 1

    def on_request(self, request: Request) -> None:
        """Note the address of a file; those of Streamlit itself are the same for everybody."""
        if request.url.startswith("http") and request.method == "GET" and "/static/" not in request.url:
            self.addresses.add(request.url)


def visit(browser: Browser, world: World, pages: Iterable[str], group: str) -> Visit:
    """Open every page as a member of a group, use everything on it, and record what arrives.

    Parameters
    ----------
    browser : Browser
    world : World
        The app in sign-in mode.
    pages : iterable of str
        What to open: pages with their parameters.
    group : str
        The group of the roles that the visitor is in.
    """
    seen = Visit()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        give_cookie(context, world.app, world.claims(sub=group, groups=[group]))
        page = context.new_page()
        page.on("websocket", lambda ws: ws.on("framereceived", seen.on_frame))
        page.on("request", seen.on_request)
        for address in pages:
            page.goto(f"{world.app.url}/{address}")
            page.locator("h1.candor-finding, .candor-panel h1").first.wait_for(timeout=60_000)
            settle(page)
            use_everything(page, seen)
            seen.collect(page)
    finally:
        context.close()
    return seen


def settle(page: Page) -> None:
    """Wait until the script has run and, shortly after, still rests: parts of a page run after it."""
    for _ in range(2):
        page.wait_for_timeout(250)
        wait_idle(page)


def choose_last(page: Page, box: Locator) -> None:
    """Choose the last option of a list; a rerun that ends just then folds the list again."""
    for _ in range(6):
        wait_idle(page)
        box.click()
        option = page.get_by_role("option").last
        try:
            option.click(timeout=5_000)
            return
        except TimeoutError:
            page.keyboard.press("Escape")
    raise AssertionError("the list did not unfold")


def use_everything(page: Page, seen: Visit) -> None:
    """Unfold, download, choose and click all that can be; buttons last, as they change the page."""
    seen.clicks += page.evaluate(UNFOLD)
    wait_idle(page)
    for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all():
        with page.expect_download() as download:
            button.evaluate(CLICK)
        seen.payloads.append(Path(download.value.path()).read_bytes())
        seen.downloads += 1
    seen.collect(page)
    for box in page.get_by_role("combobox", name="Compare with").all():
        choose_last(page, box)
        settle(page)
    names = [b.inner_text() for b in page.get_by_test_id("stButton").get_by_role("button").all()]
    for name in (name for name in names if name != "Sign out"):
        button = page.get_by_test_id("stButton").get_by_role("button", name=name, exact=True)
        if button.count() == 1:
            button.evaluate(CLICK)
            seen.clicks += 1
            settle(page)


def found_in(payloads: Iterable[bytes], secrets: Secrets) -> dict[str, list[str]]:
    """Return what of each kind of secret stands in payloads: as text, written number, or number in binary."""
    found: dict[str, list[str]] = {}
    everything = [part for payload in payloads for part in (payload, *unpacked(payload))]
    text = b"\n".join(everything).decode("utf-8", "ignore")
    for kind, words in secrets.words.items():
        found[kind] = sorted(word for word in words if word in text)
    written = {rounded(float(m)) for part in everything for m in NUMBER.findall(part) if long(m)}
    for kind, values in secrets.numbers.items():
        exact = np.unique(np.abs(values[np.isfinite(values) & (np.abs(values) > 1e-9)]))
        hits = {v for v in exact.tolist() if rounded(v) in written} | in_binary(b"\n".join(everything), exact)
        found[kind] = sorted(map(repr, hits))
    return {kind: hits for kind, hits in found.items() if hits}


def long(written: bytes) -> bool:
    """Return whether a number is written with so many digits that it can be told apart."""
    return len(written.split(b"e")[0].replace(b".", b"").lstrip(b"0")) >= DIGITS


def rounded(value: float) -> float:
    return float(f"{value:.{DIGITS - 1}g}")


def in_binary(part: bytes, exact: npt.NDArray[np.float64]) -> set[float]:
    """Return which numbers stand in bytes as eight-byte floats, wherever they begin."""
    hits: set[float] = set()
    for start in range(min(8, len(part))):
        whole = part[start : start + (len(part) - start) // 8 * 8]
        values = np.abs(np.frombuffer(whole, "<f8"))
        hits |= set(values[np.isin(values, exact)].tolist())
    return hits


def unpacked(payload: bytes) -> list[bytes]:
    """Return the arrays that Plotly packs as base64 into its JSON."""
    parts = []
    for packed in re.findall(rb'"bdata":\s*"([^"]+)"', payload):
        try:
            parts.append(base64.b64decode(packed.replace(b"\\u002f", b"/").replace(b"\\/", b"/")))
        except binascii.Error:
            continue
    return parts
