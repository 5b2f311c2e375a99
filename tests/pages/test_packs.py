"""A pack is put together on its page, by every audience, of no pins, one, many and one that was removed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.workspace import LogFilter, list_log, open_workspace
from data.workspace.pin_parts import MarkupPart, Pin
from data.workspace.pins import list_pins, read_pin, read_pins, remove_pin, save_pin
from data.workspace.sessions import start_session
from explainers.packs.markup import blocks_of_markup
from explainers.packs.numbering import Numbering
from explainers.packs.templates import templates
from explainers.pins.compare import facts
from pages._router import PAGES
from pages.shared import pack_answers, readers
from pages.shared.pack_shelf import SHELF, PackFile, Shelf
from tests.explainers.packs.test_markup import texts_of, words
from tests.pages.conftest import text_of
from tests.two_snapshots import two_snapshots

Visit = Callable[..., AppTest]
RISK = Viewer("rita", Audience.SPECIALIST)
EXAMINER = Viewer("ed", Audience.REGULATOR)
PARTNER = Viewer("ann", Audience.PARTNER, "First Harbor Bank")
EVERYBODY = (RISK, EXAMINER, PARTNER)
PINNED = ("overview", "decision", "health")
"""Pages whose real pins are read as blocks; every template has a test of its own."""


@pytest.fixture(scope="module", autouse=True)
def _nothing_cached() -> Iterator[None]:
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Visit]:
    """Open a page for a viewer, with query parameters; every test has a workspace of its own."""
    monkeypatch.setenv(HOME_VARIABLE, str(two_snapshots()))
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")

    def page(url: str, viewer: Viewer = RISK, **query: str) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        at.run()
        at.switch_page(next(spec.file for spec in PAGES if spec.url == url))
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception
        return at

    yield page
    open_workspace().close()


def pin(visit: Visit, url: str, viewer: Viewer = RISK) -> Pin:
    """Pin a page as it is, a decision and a what-if of an application that was declined."""
    at = visit(url, viewer)
    if "pick-declined" in {button.key for button in at.button}:
        at.button(key="pick-declined").click().run()
    at.button(key="pin-save").click().run()
    assert not at.exception
    return read_pin(open_workspace(), viewer, list_pins(open_workspace(), viewer)[0].pin_id)


def forms_offered(at: AppTest) -> list[str]:
    return [option.content for option in at.get("button_group")[0].proto.options]


def made(at: AppTest, *forms: str) -> list[PackFile]:
    """Make the pack in some forms and return the files."""
    at.get("button_group")[0].set_value(list(forms)).run()
    at.button(key="pack-make").click().run()
    assert not at.exception
    kept = at.session_state[pack_answers.MADE]
    return [file for key in kept[1] if (file := SHELF.get(key)) is not None]


@pytest.mark.parametrize(
    ("viewer", "template"),
    [*((RISK, template) for template in templates()), (EXAMINER, "examiner"), (PARTNER, "partner")],
    ids=lambda one: str(getattr(one, "audience", one)),
)
def test_without_a_pin_every_page_that_is_wanted_is_named_and_nothing_is_made(
    visit: Visit, viewer: Viewer, template: str
) -> None:
    at = visit("packs", viewer, template=template)
    shown = text_of(at)
    for wanted in templates()[template].pages:
        assert wanted.what in shown
        assert re.search(rf'href="(\./|{wanted.page})\?', shown)
    if not templates()[template].questions:
        assert "Nothing is chosen yet." in shown
        assert at.button(key="pack-make").disabled


@pytest.mark.parametrize("viewer", EVERYBODY, ids=lambda viewer: str(viewer.audience))
def test_a_pack_of_one_pin_says_what_it_holds_and_what_is_missing(visit: Visit, viewer: Viewer) -> None:
    kept = pin(visit, "overview", viewer)
    at = visit("packs", viewer, template="card")
    assert "One thing is in this pack." in text_of(at)
    (file,) = made(at, "html")
    page = file.content.decode()
    assert kept.shown.finding.split(".")[0].replace("'", "&#39;") in page
    assert "Nothing on what drives its decisions" in page
    assert ("First Harbor Bank · ann ·" in page) == (viewer is PARTNER)
    assert re.fullmatch(r"candor-model-overview-card-[0-9a-f]{8}\.html", file.name)
    labels = [button.proto.label for button in at.get("download_button")]
    assert labels == ["Download HTML"]


def test_the_log_names_the_pack_and_its_form_and_nothing_in_it(visit: Visit) -> None:
    pin(visit, "overview")
    made(visit("packs", template="card"), "html")
    rows = list_log(open_workspace(), RISK, LogFilter(page="packs")).rows
    (inputs,) = [json.loads(text) for text in rows["inputs"]]
    assert set(inputs) == {"pack", "form"}
    assert re.fullmatch("[0-9a-f]{64}", inputs["pack"])


def test_real_pins_of_pages_lose_no_word_or_number_of_their_bars_facts_and_checks(visit: Visit) -> None:
    pins = [pin(visit, page) for page in PINNED] + [pin(visit, page, PARTNER) for page in ("decision",)]
    parts = [part for one in pins for part in one.shown.parts if isinstance(part, MarkupPart)]
    assert len(parts) > len(pins)
    for part in parts:
        said = Counter(words(list(texts_of(blocks_of_markup(part.markup, Numbering())))))
        assert said == words([str(value) for _, value in facts(part)])
    files = made(visit("packs", template="examiner"), "html", "pdf")
    assert [file.label for file in files] == ["HTML", "PDF"]
    assert files[1].content.startswith(b"%PDF")


def test_a_pin_that_was_removed_is_missing_again(visit: Visit) -> None:
    kept = pin(visit, "overview")
    at = visit("packs", template="card")
    remove_pin(open_workspace(), RISK, kept.pin_id)
    at.button(key="pack-make").click().run()
    assert "Nothing is chosen yet." in text_of(at)
    assert at.get("download_button") == []


def test_contents_are_moved_taken_out_and_put_back(visit: Visit) -> None:
    for page in ("overview", "health"):
        pin(visit, page)
    at = visit("packs", template="card")

    def listed() -> list[str]:
        return re.findall(r"<b>\d\. ([^<]{12})", text_of(at))

    first, second = listed()
    at.button(key="pack-1-0").click().run()
    assert listed() == [second, first]
    at.button(key="pack-out-1").click().run()
    assert listed() == [first]
    at.button(key="pack-anew").click().run()
    assert listed() == [first, second]


def test_a_session_with_pins_of_two_views_is_refused_with_every_problem(visit: Visit) -> None:
    kept = pin(visit, "overview").shown
    workspace, day = (
        open_workspace(),
        {"presenter": "", "participants": (), "held_on": date(2026, 11, 20)},
    )
    session = start_session(workspace, RISK, "Ours", audience=Audience.SPECIALIST, partner=None, **day)
    for viewer in (RISK, PARTNER, PARTNER):
        save_pin(workspace, viewer, kept, f"Of {viewer.who}", session.session_id)
    at = visit("packs", session=session.session_id)
    assert "3 things are in this pack." in text_of(at)
    at.button(key="pack-make").click().run()
    shown = text_of(at)
    assert "2 things stand against this pack" in shown
    for number in (2, 3):
        assert f"number {number} of the contents: found the partner view of First Harbor Bank" in shown
    assert at.get("download_button") == []
    for _ in range(2):
        at.button(key="pack-out-2").click().run()
    (file,) = made(at, "html")
    assert b"Of rita" in file.content
    assert b"Of ann" not in file.content


@pytest.mark.parametrize("viewer", [EXAMINER, PARTNER], ids=["regulator", "partner"])
def test_nobody_makes_a_pack_of_what_others_kept(visit: Visit, viewer: Viewer) -> None:
    kept = pin(visit, "overview")
    for query in ({"source": "pins", "pins": kept.pin_id}, {"template": "card"}, {"source": "pins", "for": RISK.scope}):
        assert "Nothing is chosen yet." in text_of(visit("packs", viewer, **query))


def test_a_specialist_makes_a_partners_pack_of_the_partners_own_pins_and_it_is_marked(visit: Visit) -> None:
    for viewer in (RISK, PARTNER):
        pin(visit, "overview", viewer)
    at = visit("packs", template="card", **{"for": PARTNER.scope})
    (file,) = made(at, "html")
    assert "First Harbor Bank · rita ·" in file.content.decode()
    assert b"First Harbor Bank only" in file.content
    assert "Evidence (zip)" not in forms_offered(at)
    assert "Evidence (zip)" in forms_offered(visit("packs", template="card"))
    assert len(read_pins(open_workspace(), PARTNER, [p.pin_id for p in list_pins(open_workspace(), PARTNER)])) == 1


def test_a_source_with_nothing_in_it_says_so(visit: Visit) -> None:
    for source in ("session", "run"):
        assert "There is nothing to hand over yet." in text_of(visit("packs", source=source))


def test_the_shelf_keeps_what_was_asked_for_last_within_its_bytes() -> None:
    shelf = Shelf(largest=10)
    for name, size in (("a", 4), ("b", 4), ("c", 4)):
        shelf.put((name,), PackFile(name, name, "x", b"x" * size))
    assert [shelf.get((name,)) is not None for name in "abc"] == [False, True, True]
    shelf.get(("b",))
    shelf.put(("d",), PackFile("d", "d", "x", b"x" * 20))
    assert [shelf.get((name,)) is not None for name in "bcd"] == [False, False, True]
