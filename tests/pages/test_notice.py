"""The page of the letter: for every view, with what is missing, and as files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.workspace import LogFilter, list_log, open_workspace
from explainers.notices.compute import Desk, declined_of_month
from pages.shared import readers
from tests.explainers.notices.letters import HARBOR, NOTICES, PRAIRIE
from tests.explainers.notices.world import MONTH, letters_snapshot
from tests.pages.conftest import text_of

Run = Callable[..., AppTest]
SPECIALIST = Viewer("test", Audience.SPECIALIST)


@pytest.fixture(scope="module")
def letters_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notice-page")
    creditors = {"partners": {HARBOR: NOTICES["creditors"]["partners"][HARBOR]}}
    letters_snapshot(folder / "home" / "snapshots", folder / "in", n=900, creditors=creditors)
    return folder / "home"


@pytest.fixture
def ask(letters_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Open the page for a viewer, with query parameters."""
    monkeypatch.setenv(HOME_VARIABLE, str(letters_home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def page(viewer: Viewer = SPECIALIST, **query: str) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page("notice.py").run()

    yield page
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def numbers(letters_home: Path) -> dict[str, str]:
    """One application of each kind: ready, from a creditor the card does not name, approved."""
    from data.snapshots import open_reader, open_snapshot

    where = next((letters_home / "snapshots").glob("*/*"))
    snapshot = open_snapshot(letters_home / "snapshots", where.parent.name, where.name)
    reader = open_reader(snapshot, SPECIALIST)
    desk, found = Desk(reader), {"approved": reader.pick("approved", 0.5)}
    for number in next(declined_of_month(reader, MONTH, 100)):
        result = desk.write(number)
        kind = result.state if reader.application(number).partner == HARBOR else "elsewhere"
        found.setdefault(kind, number)
    snapshot.close()
    return found


def headline(at: AppTest) -> str:
    return text_of(at).split("</h1>")[0].rsplit(">", 1)[-1]


def test_a_letter_that_can_be_sent_is_shown_as_the_applicant_reads_it(ask: Run, numbers: dict[str, str]) -> None:
    at = ask(app=numbers["ready"])
    assert not at.exception
    shown = text_of(at)
    assert "This is what the applicant would be told" in headline(at)
    assert "We could not approve your application" in shown
    assert "First Harbor Bank, N.A." in shown
    assert "12 CFR 1002.9(b)(1)" in shown
    assert "must not be sent" not in shown
    assert "letter-to" not in shown
    assert "must send it by" in shown


def test_a_letter_can_be_read_in_spanish(ask: Run, numbers: dict[str, str]) -> None:
    assert "No pudimos aprobar su solicitud" in text_of(ask(app=numbers["ready"], language="Spanish"))


def test_what_is_missing_is_listed_and_there_is_no_file(ask: Run, numbers: dict[str, str]) -> None:
    at = ask(app=numbers["elsewhere"])
    assert not at.exception
    assert "cannot be sent yet: 1 thing is missing" in headline(at)
    assert "name and address of the creditor" in text_of(at)
    assert "This is a draft. It must not be sent." in text_of(at)
    assert not [popover for popover in at.get("popover") if "letter" in str(popover).lower()]


def test_an_approved_application_needs_no_letter(ask: Run, numbers: dict[str, str]) -> None:
    at = ask(app=numbers["approved"])
    assert "No letter is due" in headline(at)
    assert "We could not approve" not in text_of(at)


def test_without_a_number_it_asks_for_one_and_picks_one(ask: Run) -> None:
    at = ask()
    assert "What would the applicant be told?" in headline(at)
    at.button(key="pick-declined").click().run()
    assert not at.exception
    assert 'class="letter"' in text_of(at)


@pytest.mark.parametrize("number", ["A-99999", "x' OR 1=1 --", "<script>alert(1)</script>"])
def test_a_number_that_is_not_there_is_not_found(ask: Run, number: str) -> None:
    shown = text_of(ask(app=number))
    assert "No application with this number" in shown
    assert "<script>" not in shown


def test_a_partner_reads_letters_of_own_applications_only(ask: Run, numbers: dict[str, str]) -> None:
    partner = Viewer("pat", Audience.PARTNER, HARBOR)
    assert "We could not approve your application" in text_of(ask(partner, app=numbers["ready"]))
    assert "No application with this number" in text_of(ask(partner, app=numbers["elsewhere"]))
    other = Viewer("pat", Audience.PARTNER, PRAIRIE)
    assert "No application with this number" in text_of(ask(other, app=numbers["ready"]))


def test_an_examiner_reads_it_under_a_masked_number(ask: Run, numbers: dict[str, str]) -> None:
    at = ask(Viewer("rita", Audience.REGULATOR))
    at.button(key="pick-declined").click().run()
    assert 'class="letter"' in text_of(at)
    assert not [number for number in numbers.values() if f">{number}<" in text_of(at)]


def test_files_are_made_when_the_menu_opens_and_a_partners_are_marked(
    ask: Run, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[str, bytes] = {}
    real = st.download_button

    def download(label: str, data: bytes, *words: str, **more: object) -> bool:
        if label in {"HTML", "Word", "PDF"}:
            taken[label] = data
        return real(label, data, *words, **more)

    monkeypatch.setattr(st, "download_button", download)
    partner = Viewer("pat", Audience.PARTNER, HARBOR)
    at = ask(partner, app=numbers["ready"])
    assert not taken
    at.session_state["candor-letter"] = True
    at.run()
    assert not at.exception
    assert sorted(taken) == ["HTML", "PDF", "Word"]
    read = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(taken["PDF"])).pages)
    assert f"Copy for {HARBOR} · pat" in " ".join(read.split())
    assert b"Copy for" in taken["HTML"]
    log = list_log(open_workspace(), SPECIALIST, LogFilter(page="notice"))
    assert [json.loads(inputs)["files"] for inputs in log.rows["inputs"][:2]] == ["yes", "no"]
    at.run()
    assert list_log(open_workspace(), SPECIALIST, LogFilter(page="notice")).n == log.n
