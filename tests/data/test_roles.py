"""The file of roles, and what the claims of an ID token make of a person: by table, and for random input."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.access import Audience, Viewer
from data.roles import AccessError, NoAccess, Roles, RolesError, SignInNeeded, display_name, read_roles, viewer_for
from data.roles_text import read_fields

TEXT = """
issuer: https://login.example.com
client: candor
claim: groups
rules:
  - {value: risk-specialist, audience: specialist}
  - {value: risk-lead, audience: specialist}
  - {value: partner-first-harbor, audience: partner, partner: First Harbor Bank}
  - {value: examiner, audience: regulator}
not_before:
  accounts:
    leaver: 2026-11-20T10:00:00Z
"""
NOW = 1_800_000_000.0
CLAIMS = {
    "iss": "https://login.example.com",
    "aud": "candor",
    "sub": "00u1",
    "iat": NOW - 100,
    "exp": NOW + 3500,
    "groups": ["staff", "risk-specialist"],
}
HARBOR = Viewer("00u1", Audience.PARTNER, "First Harbor Bank")
SPECIALIST = Viewer("00u1", Audience.SPECIALIST)


def roles_of(tmp_path: Path, text: str = TEXT) -> Roles:
    path = tmp_path / "roles.yaml"
    path.write_text(text)
    return read_roles(path)


def outcome(claims: dict[str, Any], roles: Roles, **more: float) -> Viewer | type[AccessError]:
    try:
        return viewer_for(claims, roles, NOW, **more)
    except AccessError as error:
        return type(error)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, SPECIALIST),
        ({"groups": "risk-specialist"}, SPECIALIST),
        ({"groups": ["risk-lead", "risk-specialist"]}, SPECIALIST),
        ({"groups": ["partner-first-harbor"]}, HARBOR),
        ({"groups": ["examiner"]}, Viewer("00u1", Audience.REGULATOR)),
        ({"groups": ["examiner", "risk-specialist"]}, NoAccess),
        ({"groups": ["partner-first-harbor", "risk-specialist"]}, NoAccess),
        ({"groups": []}, NoAccess),
        ({"groups": ["staff"]}, NoAccess),
        ({"groups": "risk-specialist examiner"}, NoAccess),
        ({"groups": ["RISK-SPECIALIST"]}, NoAccess),
        ({"groups": {"risk-specialist": True}}, NoAccess),
        ({"groups": [["risk-specialist"]]}, NoAccess),
        ({"groups": None}, NoAccess),
        ({"iss": "https://login.example.com/"}, NoAccess),
        ({"iss": None}, NoAccess),
        ({"aud": "payroll"}, NoAccess),
        ({"aud": ["payroll", "candor"]}, SPECIALIST),
        ({"aud": ["payroll", "candor"], "azp": "payroll"}, NoAccess),
        ({"aud": {"candor": 1}}, NoAccess),
        ({"sub": ""}, NoAccess),
        ({"sub": "  "}, NoAccess),
        ({"sub": 7}, NoAccess),
        ({"sub": "a\nb"}, NoAccess),
        ({"sub": "x" * 256}, NoAccess),
        ({"exp": NOW}, SignInNeeded),
        ({"exp": NOW + 1}, SPECIALIST),
        ({"exp": None}, SignInNeeded),
        ({"exp": True}, SignInNeeded),
        ({"exp": math.inf}, SignInNeeded),
        ({"exp": math.nan}, SignInNeeded),
        ({"exp": NOW + 1e6, "iat": NOW - 8 * 3600}, SignInNeeded),
        ({"exp": NOW + 1e6, "iat": NOW - 8 * 3600 + 1}, SPECIALIST),
        ({"exp": NOW + 1e6, "auth_time": NOW - 9 * 3600}, SignInNeeded),
        ({"auth_time": "yesterday"}, SignInNeeded),
        ({"iat": NOW + 59}, SPECIALIST),
        ({"iat": NOW + 61}, SignInNeeded),
        ({"iat": None}, SignInNeeded),
        ({"sub": "leaver"}, Viewer("leaver", Audience.SPECIALIST)),
    ],
    ids=str,
)
def test_claims_make_a_viewer_or_a_polite_refusal(tmp_path: Path, changes: dict, expected: object) -> None:
    claims = {k: v for k, v in {**CLAIMS, **changes}.items() if v is not None}
    assert outcome(claims, roles_of(tmp_path)) == expected


@pytest.mark.parametrize(
    ("signed_out", "expected"), [(NOW - 101, SPECIALIST), (NOW - 100, SignInNeeded), (NOW, SignInNeeded)]
)
def test_a_sign_out_ends_sign_ins_from_before_it(tmp_path: Path, signed_out: float, expected: object) -> None:
    assert outcome(CLAIMS, roles_of(tmp_path), signed_out=signed_out) == expected


def test_the_file_ends_sign_ins_of_all_or_of_one_account(tmp_path: Path) -> None:
    everybody = roles_of(tmp_path, TEXT.replace("  accounts:", "  all: 2100-01-01T00:00:00+02:00\n  accounts:"))
    assert everybody.not_before == 4_102_437_600
    assert outcome(CLAIMS, everybody) is SignInNeeded
    one = roles_of(tmp_path, TEXT.replace("leaver: 2026", "00u1: 2100"))
    assert outcome(CLAIMS, one) is SignInNeeded
    assert outcome({**CLAIMS, "sub": "00u2"}, one) == Viewer("00u2", Audience.SPECIALIST)


def test_groups_may_stand_in_a_nested_claim_or_under_a_name_with_dots(tmp_path: Path) -> None:
    roles = roles_of(tmp_path, TEXT.replace("claim: groups", "claim: realm_access.roles"))
    bare = {k: v for k, v in CLAIMS.items() if k != "groups"}
    assert outcome({**bare, "realm_access": {"roles": ["risk-lead"]}}, roles) == SPECIALIST
    assert outcome({**bare, "realm_access.roles": ["risk-lead"]}, roles) == SPECIALIST
    assert outcome({**bare, "realm_access": ["risk-lead"]}, roles) is NoAccess


def test_a_changed_file_is_read_again_and_a_missing_one_is_said(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(TEXT)
    assert read_roles(path) is read_roles(path)
    stamp = path.stat().st_mtime_ns
    path.write_text(TEXT.replace("First Harbor Bank", "Other Harbor Bank"))
    os.utime(path, ns=(stamp + 1, stamp + 1))
    assert read_roles(path).rules[2].partner == "Other Harbor Bank"
    path.unlink()
    with pytest.raises(RolesError, match="CANDOR_ROLES"):
        read_roles(path)


def test_every_problem_of_the_file_is_reported_with_its_line() -> None:
    text = """issuer: https://login.example.com
client:
clame: groups
maximum_age_hours: 800
rules:
  - {value: a, audience: queen}
  - {value: b, audience: partner}
  - {value: c, audience: specialist, partner: First Harbor Bank}
  - {value: c, audience: regulator}
  - {audience: regulator}
not_before: {all: yesterday, accounts: {x: 2026-11-20}}
"""
    fields, problems = read_fields(text, "roles.yaml")
    said = "\n".join(map(str, problems))
    assert fields is None
    for line, words in [
        (2, "client"),
        (3, "unknown key clame"),
        (4, "at most 24"),
        (6, "partner or specialist or regulator"),
        (7, "a partner's view without partner"),
        (8, "a partner for specialist"),
        (9, '"c" a second time'),
        (10, "the key value"),
        (11, "time zone"),
    ]:
        assert any(f"line {line}," in str(p) and words in str(p) for p in problems), (line, words, said)
    assert any("the key claim" in str(p) for p in problems), said
    assert len(problems) == 11


@pytest.mark.parametrize(
    "text", ["", "- a", "just words", "rules: {a: b}", "issuer: [", "rules: []", "not_before: 7", "? [a]\n: b"]
)
def test_a_file_of_another_shape_is_reported_and_never_raises_anything_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(RolesError) as raised:
        roles_of(tmp_path, text)
    assert raised.value.problems


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from(["candor", "risk-specialist", "examiner"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*CLAIMS, "azp", "auth_time"]), VALUES))
@example({"groups": ["risk-specialist"]})
def test_no_claims_do_more_than_make_a_viewer_of_one_rule_or_refuse(tmp_path: Path, changes: dict) -> None:
    roles = roles_of(tmp_path)
    found = outcome({**CLAIMS, **changes}, roles)
    if isinstance(found, Viewer):
        claims = {**CLAIMS, **changes}
        groups = claims["groups"] if isinstance(claims["groups"], list) else [claims["groups"]]
        assert (found.audience, found.partner) in {(r.audience, r.partner) for r in roles.rules if r.value in groups}
        assert NOW - 8 * 3600 < claims["iat"] <= NOW + 60
        assert claims["exp"] > NOW
        assert found.who == claims["sub"]


@given(st.text(max_size=400))
def test_no_text_of_a_file_breaks_the_reading(text: str) -> None:
    fields, problems = read_fields(text, "roles.yaml")
    assert (fields is None) == bool(problems)


def test_the_name_on_screen_is_the_best_there_is() -> None:
    assert display_name({"name": "Ada", "email": "a@example.com"}) == "Ada"
    assert display_name({"name": " ", "email": "a@example.com"}) == "a@example.com"
    assert display_name({"name": 7}) == "unnamed account"
    assert len(display_name({"name": "x" * 500})) == 80
