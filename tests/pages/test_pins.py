"""Every answer can be pinned, shown again as it was, and computed again to the same; nobody else sees it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.workspace import LogFilter, list_log, open_workspace
from data.workspace.pin_parts import ChartPart, Pin
from data.workspace.pins import list_checks, list_pins, read_pin
from pages._router import PAGES
from pages.shared import readers
from tests.pages.conftest import text_of
from tests.two_snapshots import two_snapshots

Visit = Callable[..., AppTest]
RISK = Viewer("rita", Audience.SPECIALIST)
EXAMINER = Viewer("ed", Audience.REGULATOR)
PARTNER = Viewer("ann", Audience.PARTNER, "First Harbor Bank")
INPUTS = {"decision": {"app": "A-00200"}, "what-if": {"app": "A-00200"}, "cohorts": {"cohort": "decision:declined"}}
"""Page -> inputs without which it shows no answer worth keeping."""
KEPT = ["overview", "signal", "what-if", "cohorts"]
"""Pages of which no part runs beside them; those with such parts are computed again in `tests/browser`."""


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
        for key in query.keys() & {"model", "snapshot"}:
            at.query_params[key] = query[key]
        at.run()
        at.switch_page(next(spec.file for spec in PAGES if spec.url == url))
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception
        return at

    yield page
    open_workspace().close()


def pin(at: AppTest, title: str = "") -> Pin:
    """Press the button and return what was kept."""
    at.text_input(key="pin-title").set_value(title)
    at.button(key="pin-save").click().run()
    assert not at.exception
    assert "Pinned: “" in text_of(at)
    return read_pin(open_workspace(), RISK, list_pins(open_workspace(), RISK)[0].pin_id)


def told(at: AppTest) -> str:
    """Return what came out of a check."""
    return " ".join(re.findall(r"Computed again[^<]*", text_of(at)))


@pytest.mark.parametrize("url", KEPT)
def test_an_answer_is_kept_shown_again_and_computed_again_to_the_same(visit: Visit, url: str) -> None:
    at = visit(url, **INPUTS.get(url, {}))
    kept = pin(at)
    assert kept.shown.page == url
    assert kept.shown.finding
    assert {"model", "snapshot", *INPUTS.get(url, {})} <= dict(kept.shown.address).keys()
    assert "check" not in dict(kept.shown.address)
    again = visit("pins", pin=kept.pin_id)
    for text in (kept.shown.finding, kept.shown.context):
        assert text.split("'")[0] in text_of(again).replace("&#x27;", "'")
    charts = [part for part in kept.shown.parts if isinstance(part, ChartPart) and part.kind == "chart"]
    assert [json.loads(c.proto.spec)["data"] is not None for c in again.get("plotly_chart")] == [True] * len(charts)
    check = visit(url, **dict(kept.shown.address), check=kept.pin_id)
    assert "Computed again: the same." in told(check)
    (recorded,) = list_checks(open_workspace(), RISK, kept.pin_id)
    assert (recorded.verdict, recorded.differences) == ("same", ())


def test_a_drawn_chart_keeps_the_numbers_that_were_sent_to_the_browser(visit: Visit) -> None:
    at = visit("drivers")
    sent = json.loads(at.get("plotly_chart")[0].proto.spec)["data"][0]["x"]
    chart = next(part for part in pin(at).shown.parts if isinstance(part, ChartPart))
    drawn = chart.figure["data"][0]["x"]
    assert len(drawn) > 2
    assert drawn == (
        sent if isinstance(sent, list) else np.frombuffer(b64decode(sent["bdata"]), sent["dtype"]).tolist()
    )


def test_another_snapshot_gives_the_differences_and_their_cause(visit: Visit) -> None:
    kept = pin(visit("overview"))
    others = [c for c in kept.shown.source.beside if c != kept.shown.source.snapshot_id]
    at = visit("overview", snapshot=others[0], model=kept.shown.source.model_id, check=kept.pin_id)
    assert "The snapshot is another one" in told(at)
    (recorded,) = list_checks(open_workspace(), RISK, kept.pin_id)
    assert recorded.verdict == "snapshot"
    assert recorded.snapshot_id == others[0]
    assert recorded.differences


def test_what_a_partner_pins_holds_nothing_a_partner_does_not_see(visit: Visit) -> None:
    at = visit("decision", PARTNER, app=visit_number(visit))
    kept = pin(at, "Ours")
    assert (kept.scope, kept.shown.source.inputs) == (PARTNER.scope, {})
    for name in ("debt_share", "utilisation", "late_payments"):
        assert name not in kept.text


def visit_number(visit: Visit) -> str:
    """Return an application of the partner."""
    at = visit("decision", PARTNER)
    at.button(key="pick-declined").click().run()
    return str(at.text_input(key="app").value)


def test_a_pin_of_others_and_no_pin_give_the_same_wall(visit: Visit) -> None:
    kept = pin(visit("overview"), "For us only")
    walls = []
    for viewer in (PARTNER, EXAMINER):
        for pin_id in (kept.pin_id, "nothing"):
            for url, name in (("pins", "pin"), ("overview", "check")):
                shown = text_of(visit(url, viewer, **{name: pin_id}))
                assert "For us only" not in shown
                walls.append(shown.split('<section class="candor-panel"')[1])
    assert len(set(walls)) == 1
    assert "You cannot see this pin" in walls[0]
    assert "For us only" not in text_of(visit("pins", PARTNER))


def test_a_number_that_was_revealed_for_a_reason_is_not_kept_for_others(visit: Visit) -> None:
    at = visit("decision", EXAMINER)
    at.button(key="pick-declined").click().run()
    at.text_input(key="reveal-reason").set_value("A complaint")
    at.button(key="FormSubmitter:candor-reveal-Show it").click().run()
    (number,) = re.findall(r"Number ([^ ]+)\. Who asked", text_of(at))
    kept = pin(at)
    assert number not in kept.text
    assert "M-" in kept.text


def test_the_log_names_the_pin_and_nothing_in_it(visit: Visit) -> None:
    kept = pin(visit("decision", app="A-00200"), "A title")
    visit("pins", pin=kept.pin_id)
    rows = list_log(open_workspace(), RISK, LogFilter(page="pins")).rows
    assert [json.loads(inputs) for inputs in rows["inputs"]] == [{"pin": kept.pin_id}]
    assert list(rows["snapshot_id"]) == [kept.shown.source.snapshot_id]


def test_a_page_without_an_answer_offers_no_pin(visit: Visit) -> None:
    for url in ("log", "sessions", "pins", "presenter"):
        assert "pin-save" not in {button.key for button in visit(url).button}


def test_a_pin_is_removed_by_who_kept_it_only(visit: Visit) -> None:
    kept = pin(visit("overview"))
    other = Viewer("ron", Audience.SPECIALIST)
    assert "pin-remove" not in {button.key for button in visit("pins", other, pin=kept.pin_id).button}
    at = visit("pins", pin=kept.pin_id)
    at.button(key="pin-remove").click().run()
    assert "Nothing is kept yet." in text_of(at)


def test_what_one_view_drew_is_never_kept_in_another(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    at = visit("overview")
    monkeypatch.setattr(readers, "viewer", lambda: PARTNER)  # the role changed; the click comes from the old page
    at.button(key="pin-save").click().run()
    assert "There is nothing to pin" in text_of(at)
    assert list_pins(open_workspace(), PARTNER) == list_pins(open_workspace(), RISK) == ()
