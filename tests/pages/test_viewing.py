"""Who is looking: rehearsals in local mode, and claims in sign-in mode, through the whole frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import streamlit as st
from hypothesis import example, given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from data.files import HOME_VARIABLE, ROOT
from data.sign_outs import record_sign_out
from pages.shared import sign_in, viewing
from pages.shared.sign_in_cookies import is_own_path
from tests.pages.conftest import ALONE, text_of

ISSUER = "https://login.example.com"
RULES = """
  - {value: risk, audience: specialist}
  - {value: harbor, audience: partner, partner: First Harbor Bank}
"""
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the router with query parameters, for an account or for nobody."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def page(user: dict | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        at.query_params.update(query)
        if user is not None:
            at.user = user
        return at.run()

    return page


@pytest.fixture
def signing_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put Candor into sign-in mode; return its file of roles."""
    roles = tmp_path / "roles.yaml"
    roles.write_text(f"issuer: {ISSUER}\nclient: candor\nclaim: groups\nrules:{RULES}")
    settings = sign_in.SignInSettings("local", "candor.example", True, roles)
    monkeypatch.setattr(sign_in, "settings", lambda: settings)
    return roles


def account(*groups: str) -> dict:
    """Return the claims of a fresh sign-in."""
    now = time.time()
    about = {"iss": ISSUER, "aud": "candor", "iat": now - 5, "exp": now + 600}
    return {"is_logged_in": True, "sub": "00u1", "name": "Ada Account", "groups": list(groups), **about}


def bar_of(at: AppTest) -> str:
    """Return the as-of bar."""
    return next((e.proto.body for e in at.get("html") if 'data-testid="candor-asof"' in e.proto.body), "")


def test_local_mode_shows_the_specialists_view_and_says_that_it_is_local(open_page: Open) -> None:
    bar = bar_of(open_page())
    assert "3,000 applications" in bar
    assert "Specialist view" in bar
    assert "Local mode: no sign-in, this machine only" in bar


def test_a_rehearsal_shows_another_view_with_its_own_rows(open_page: Open) -> None:
    at = open_page()
    box = at.selectbox(key=viewing.SEE_AS)
    assert {"specialist", "regulator", f"partner {ALONE}"} <= set(box.options)
    bar = bar_of(box.select(f"partner {ALONE}").run())
    assert "Partner view" in bar
    assert " 1 applications" in bar.replace(">", " ")
    assert "Regulator view" in bar_of(at.selectbox(key=viewing.SEE_AS).select("regulator").run())


def test_a_rehearsal_as_a_partner_names_no_other_partner_and_leads_back_to_the_whole(open_page: Open) -> None:
    at = open_page(**{viewing.SEE_AS: f"partner {ALONE}"})
    box = at.selectbox(key=viewing.SEE_AS)
    assert box.options == ["specialist", "regulator", f"partner {ALONE}"]
    for _ in range(2):
        at = at.run()
        assert at.selectbox(key=viewing.SEE_AS).options == box.options
        assert "Partner view" in bar_of(at)
    at = at.selectbox(key=viewing.SEE_AS).select("specialist").run()
    assert "Specialist view" in bar_of(at)
    assert len(at.selectbox(key=viewing.SEE_AS).options) > 4


@pytest.mark.parametrize("asked", ["partner Nobody Bank", "partner", "partner "])
def test_a_link_to_the_rehearsal_of_an_unknown_partner_shows_nothing_and_never_everything(
    open_page: Open, asked: str
) -> None:
    at = open_page(**{viewing.SEE_AS: asked})
    assert "There is nothing to show" in text_of(at)
    assert "3,000" not in text_of(at)


def test_nobody_signed_in_sees_the_wall(open_page: Open, signing_in: Path) -> None:
    at = open_page({"is_logged_in": False}, **{viewing.SEE_AS: "specialist"})
    assert "Sign in to see Candor" in text_of(at)
    assert bar_of(at) == ""


def test_a_signed_in_account_sees_its_view_whatever_the_address_asks_for(open_page: Open, signing_in: Path) -> None:
    at = open_page(account("harbor"), **{viewing.SEE_AS: "specialist"})
    bar = bar_of(at)
    assert "Partner view" in bar
    assert "Ada Account" in bar
    assert "Local mode" not in bar
    assert [box for box in at.selectbox if box.key == viewing.SEE_AS] == []


def test_another_role_at_the_next_run_forgets_what_was_typed(open_page: Open, signing_in: Path) -> None:
    at = open_page(account("risk"))
    at.session_state["typed by the specialist"] = "A-00001"
    assert "Specialist view" in bar_of(at.run())
    assert at.session_state["typed by the specialist"] == "A-00001"
    signing_in.write_text(signing_in.read_text().replace("risk, audience: specialist", "team, audience: regulator"))
    signing_in.write_text(signing_in.read_text().replace("value: harbor", "value: risk"))
    assert "Partner view" in bar_of(at.run())
    assert "typed by the specialist" not in at.session_state


def test_a_sign_out_in_another_window_closes_this_one(open_page: Open, signing_in: Path) -> None:
    at = open_page({**account("risk"), "sub": "00u2"})
    assert "Specialist view" in bar_of(at)
    record_sign_out(ISSUER, "00u2", time.time())
    shown = text_of(at.run())
    assert "Please sign in again" in shown
    assert bar_of(at) == ""


def test_without_the_list_of_sign_outs_nobody_is_let_in(
    open_page: Open, signing_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", "postgresql://candor:hunter2@127.0.0.1:1/candor")
    at = open_page(account("risk"))
    assert "Candor cannot check who may look" in text_of(at)
    assert "hunter2" not in text_of(at)
    assert bar_of(at) == ""
    assert not at.exception


def test_a_name_with_markup_is_shown_as_text(open_page: Open, signing_in: Path) -> None:
    shown = text_of(open_page({**account("risk"), "name": "<img src=x onerror=alert(1)>"}))
    assert "<img" not in shown
    assert "&lt;img" in shown


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/", True),
        ("/decision?app=A-1&as=x", True),
        ("/decision?app=%0d%0aSet-Cookie", True),
        ("//attacker.example", False),
        ("/\\attacker.example", False),
        ("/decision\\x", False),
        ("/\t/attacker.example", False),
        ("/decision\r\nSet-Cookie: a=b", False),
        ("https://attacker.example/", False),
        ("decision", False),
        ("", False),
        ("/é", False),
        ("/" + "x" * 2000, False),
        ("/auth/logout", False),
        ("/oauth2callback?code=1", False),
        ("/_stcore/health", False),
        ("/media/x.csv", False),
    ],
)
def test_only_pages_of_candor_are_returned_to(path: str, ours: bool) -> None:
    assert is_own_path(path) is ours


@given(some.text(alphabet="/\\.:@?#% \t\r\nabé0", max_size=30).map(lambda tail: "/" + tail))
@example("///attacker.example")
def test_no_path_that_is_accepted_leads_to_another_host(path: str) -> None:
    as_browsers_read = "".join(c for c in path.replace("\\", "/") if c not in "\t\r\n")
    if is_own_path(path):
        assert urlsplit(urljoin("https://candor.example/x", as_browsers_read)).netloc == "candor.example"
