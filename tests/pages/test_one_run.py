"""Who is looking is asked once in a run of a page, and anew by the next one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from data.access import Audience
from data.roles import AccessError
from pages.shared import sign_in, viewing

ISSUER = "https://login.example.com"


@pytest.fixture
def claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Sign a specialist in; what is put into these claims is what the next question finds."""
    roles = tmp_path / "roles.yaml"
    rules = "\n  - {value: risk, audience: specialist}\n  - {value: exam, audience: regulator}\n"
    roles.write_text(f"issuer: {ISSUER}\nclient: candor\nclaim: groups\nrules:{rules}")
    settings = sign_in.SignInSettings("local", "candor.example", True, roles)
    now = time.time()
    signed_in = {"is_logged_in": True, "iss": ISSUER, "aud": "candor", "iat": now - 5, "exp": now + 600}
    signed_in |= {"sub": "00u1", "name": "Ada Account", "groups": ["risk"]}
    monkeypatch.setenv("CANDOR_HOME", str(tmp_path))
    monkeypatch.setattr(sign_in, "settings", lambda: settings)
    monkeypatch.setattr(viewing, "_claims", lambda: dict(signed_in))
    return signed_in


def test_one_run_has_one_answer_and_the_next_run_asks_anew(claims: dict) -> None:
    with viewing.one_run():
        assert viewing.viewer().audience is Audience.SPECIALIST
        claims["groups"] = ["exam"]
        assert viewing.viewer().audience is Audience.SPECIALIST
    with viewing.one_run():
        assert viewing.viewer().audience is Audience.REGULATOR


def test_after_a_run_a_fragment_or_a_callback_asks_anew(claims: dict) -> None:
    with viewing.one_run():
        assert viewing.audience() is Audience.SPECIALIST
    claims["groups"] = []
    with pytest.raises(AccessError):
        viewing.viewer()


def test_a_person_without_a_role_stays_outside_in_a_run_too(claims: dict) -> None:
    claims["groups"] = []
    with viewing.one_run():
        assert viewing.audience() is None
        with pytest.raises(AccessError):
            viewing.viewer()


def test_a_run_that_fails_leaves_no_viewer_behind(claims: dict) -> None:
    with pytest.raises(KeyError), viewing.one_run():
        raise KeyError("the page failed")
    claims["groups"] = []
    assert viewing.audience() is None
