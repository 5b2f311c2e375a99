"""Wording is approved on the page Reasons by a second person, and takes effect for everybody at the next click."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from data.reason_approvals import list_words, propose_words
from data.snapshots import open_reader, open_snapshot
from data.workspace import open_workspace
from data.workspace.approvals import approve
from explainers.notices.compute import Desk, declined_of_month
from explainers.walkthroughs.script import shipped
from pages._router import PAGES
from pages.shared import readers, reason_fresh
from pages.shared.reason_wording import APPROVED, OPEN
from tests.data.workspace.meeting import RISK, RON
from tests.data.workspace.test_reason_approvals import DEBT
from tests.explainers.notices.letters import HARBOR
from tests.explainers.notices.world import DRAFTS, MONTH, letters_snapshot
from tests.pages.conftest import text_of

Visit = Callable[..., AppTest]
EXAMINER = Viewer("ed", Audience.REGULATOR)
PARTNER = Viewer("ann", Audience.PARTNER, HARBOR)
TITLE = "Wording that is not approved yet"
ELSEWHERE = """
from data.access import Audience, Viewer
from data.reason_approvals import propose_words
from data.reason_catalogue import SHIPPED, read_catalogue
from data.workspace import open_workspace
from data.workspace.approvals import approve

rita, ron = (Viewer(name, Audience.SPECIALIST) for name in ("rita", "ron"))
for entry in read_catalogue(SHIPPED).entries.values():
    approve(open_workspace(), ron, propose_words(open_workspace(), rita, entry).approval_id)
"""
"""Approves every shipped statement, in a process of its own."""


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose snapshot has everything that letters need but approved words."""
    folder = tmp_path_factory.mktemp("wording-page")
    letters_snapshot(folder / "home" / "snapshots", folder / "in", n=700, catalogue=DRAFTS)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield folder / "home"
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def stopped(drafts: Path) -> tuple[str, str]:
    """Return an application that a partner declined, and a statement for which its letter stops."""
    where = next((drafts / "snapshots").glob("*/*"))
    snapshot = open_snapshot(drafts / "snapshots", where.parent.name, where.name)
    reader = open_reader(snapshot, RISK)
    desk = Desk(reader)
    for number in next(declined_of_month(reader, MONTH, 100)):
        found = desk.write(number)
        told = [re.search("“(.+)”, which is not approved", problem.found) for problem in found.problems]
        if told and all(told) and reader.application(number).partner == HARBOR:
            snapshot.close()
            return number, told[0][1]
    raise AssertionError("every letter lacks more than approved words")


@pytest.fixture
def visit(drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """Open a page for a viewer, or show a page that is open once more; every test has a workspace of its own."""
    monkeypatch.setenv(HOME_VARIABLE, str(drafts))
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")

    def page(url: str | AppTest, viewer: Viewer = RISK, *, drawers: bool = True, **query: str) -> AppTest:
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = url if isinstance(url, AppTest) else AppTest.from_file(str(ROOT / "pages" / "_router.py"))
        at.default_timeout = 60
        if isinstance(url, str):
            at.run().switch_page(next(spec.file for spec in PAGES if spec.url == url))
            for key, value in query.items():
                at.query_params[key] = value
            at.run()
        if drawers:
            at.session_state[OPEN] = at.session_state[APPROVED] = True
        at.run()
        assert not at.exception
        return at

    yield page
    open_workspace().close()


def press(visit: Visit, at: AppTest, viewer: Viewer, label: str) -> str:
    """Press the one button of a label and return what the page says then."""
    (button,) = [one for one in at.button if one.label == label]
    button.click()
    return text_of(visit(at, viewer, drawers=False))


def pick(at: AppTest, statement: str, key: str = f"{OPEN}-choice") -> None:
    """Choose a statement in one of the two lists."""
    box = at.selectbox(key=key)
    box.select_index([name.removesuffix(" (proposed)") for name in box.options].index(statement))


def test_a_partner_reads_the_statement_and_the_letter_is_ready_once_a_second_person_approved(
    visit: Visit, stopped: tuple[str, str]
) -> None:
    number, statement = stopped
    decision, letter = visit("decision", PARTNER, app=number), visit("notice", RISK, app=number)
    assert statement not in text_of(decision)
    assert "cannot be sent yet" in text_of(letter)
    subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=ROOT, check=True)
    assert statement in text_of(visit(decision, PARTNER))
    assert "This is what the applicant would be told" in text_of(visit(letter, RISK))
    page = visit("reasons", RON)
    assert TITLE not in {one.label[: len(TITLE)] for one in page.expander}
    pick(page, statement, f"{APPROVED}-choice")
    visit(page, RON)
    assert "It is withdrawn now." in press(visit, page, RON, "Withdraw")
    assert statement not in text_of(visit(decision, PARTNER)), "another session, at its next run"
    assert "cannot be sent yet" in text_of(visit(letter, RISK))


def test_one_person_proposes_and_a_second_one_approves(visit: Visit) -> None:
    statement = "Card balances close to limits"
    page = visit("reasons", RISK)
    assert f"{TITLE} (10 of 10)" in {one.label for one in page.expander}
    pick(page, statement)
    shown = text_of(visit(page, RISK))
    assert "Nobody has proposed these words yet." in shown
    assert "Se usa gran parte del límite de las tarjetas de crédito." in shown
    assert "Proposed. A second person has to approve it." in press(visit, page, RISK, "Propose")
    assert "not the one who wrote it" in press(visit, page, RISK, "Approve")
    other = visit("reasons", RON)
    pick(other, statement)
    assert "It waits for a second person." in text_of(visit(other, RON))
    done = press(visit, other, RON, "Approve")
    assert "It is approved now." in done
    assert "Approved by ron on" in done
    assert {f"{TITLE} (9 of 10)", "Wording approved here (1)"} <= {one.label for one in other.expander}
    assert [one.title for one in list_words(open_workspace(), RISK)] == [statement]


def test_without_sign_in_a_wording_can_be_proposed_but_not_approved(visit: Visit) -> None:
    page = visit("reasons", LOCAL_VIEWER)
    press(visit, page, LOCAL_VIEWER, "Propose")
    assert "Set up sign-in: here everybody is one person." in press(visit, page, LOCAL_VIEWER, "Approve")
    assert "It is withdrawn now." in press(visit, page, LOCAL_VIEWER, "Withdraw")
    assert "Propose" in {one.label for one in page.button}


@pytest.mark.parametrize("outside", [PARTNER, EXAMINER])
def test_nobody_else_sees_which_words_wait(visit: Visit, outside: Viewer) -> None:
    page = visit("reasons", outside)
    assert not {one.label for one in page.expander if "ording" in one.label}
    assert not {"Propose", "Approve", "Withdraw"} & {one.label for one in page.button}


def test_the_drawers_stay_shut_and_empty_until_they_are_opened(visit: Visit) -> None:
    page = visit("reasons", RISK, drawers=False)
    assert any(one.label.startswith(TITLE) for one in page.expander)
    assert "Propose" not in {one.label for one in page.button}


def test_while_nothing_changes_answers_are_kept(
    visit: Visit, stopped: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[str] = []
    monkeypatch.setattr(reason_fresh, "_FORGET", [lambda: cleared.append("now")])
    page = visit("decision", RISK, app=stopped[0])
    del cleared[:]  # the workspace of the test before may have held approvals
    visit(page, RISK)
    propose_words(open_workspace(), RISK, DEBT)
    visit(page, RISK)
    assert not cleared
    approve(open_workspace(), RON, propose_words(open_workspace(), RISK, DEBT).approval_id)
    visit(page, RISK)
    visit(page, RISK)
    assert cleared == ["now"]


def test_a_walkthrough_says_that_the_letter_can_be_sent_once_its_words_are_approved(
    visit: Visit, stopped: tuple[str, str]
) -> None:
    script = next(one for one in shipped() if one.script_id == "examiner-decision")
    place = next(i for i, step in enumerate(script.steps, 1) if "letter_state" in step.claim or step.page == "notice")
    inputs = {"walk": script.script_id, "step": str(place), "walk-app": stopped[0], "app": stopped[0]}
    page = visit("notice", RISK, **inputs)
    assert "Not supported here." in text_of(page)
    subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=ROOT, check=True)
    assert "Not supported here." not in text_of(visit(page, RISK))
