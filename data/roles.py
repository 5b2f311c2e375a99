"""Roles: from the claims of an ID token to a `Viewer`, by one file that a person can read.

The file (`CANDOR_ROLES`, else `roles.yaml` in Candor's home) is YAML::

    issuer: https://login.example.com        # exactly as the provider writes it into `iss`
    client: candor                           # Candor's client id at the provider; must stand in `aud`
    claim: groups                            # the claim that holds a person's groups; realm_access.roles works too
    maximum_age_hours: 8                     # how long one sign-in lasts at most
    rules:
      - {value: risk-specialist, audience: specialist}
      - {value: partner-first-harbor, audience: partner, partner: First Harbor Bank}
      - {value: examiner, audience: regulator}
    not_before:                              # sign-ins made before these moments are over
      all: 2026-11-20T10:00:00Z
      accounts:
        00u1a2b3: 2026-11-20T10:00:00Z       # the account's `sub`

It is read again whenever it changes, and every run of a page asks it anew: a person who loses a role loses it at the
next click. Whoever matches no rule, or rules of two views, sees nothing.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.access import Audience, Viewer
from data.errors import CandorError, InputProblems, Problem
from data.files import home, stamp
from data.roles_text import read_fields

VARIABLE = "CANDOR_ROLES"
LEEWAY = 60.0
"""Seconds by which the clocks of Candor and of the provider may differ."""
LONGEST_ACCOUNT = 255
"""Characters of a subject (OpenID Connect Core 1.0, section 2)."""


class RolesError(InputProblems):
    """The file of roles cannot be used as it is."""


class AccessError(CandorError):
    """The person may not look now."""


class SignInNeeded(AccessError):
    """Nobody is signed in, or the sign-in is over: signing in (again) helps."""


class NoAccess(AccessError):
    """The account itself may not look: signing in again does not help."""


@dataclass(frozen=True)
class Rule:
    """One line of the mapping."""

    value: str
    """The group, as the provider writes it."""
    audience: Audience
    """What its members see."""
    partner: str | None
    """Whose applications, for the audience that sees one partner's only."""


@dataclass(frozen=True)
class Roles:
    """The file of roles."""

    issuer: str
    """`iss` that every ID token must have."""
    client: str
    """Client id that every ID token must be made for."""
    claim: str
    """Claim that holds a person's groups; dots lead into nested claims."""
    maximum_age: float
    """Seconds that one sign-in lasts at most."""
    rules: tuple[Rule, ...]
    """The mapping."""
    not_before: float
    """Sign-ins made before this moment are over (seconds since 1970); minus infinity for none."""
    accounts_not_before: Mapping[str, float]
    """The same for single accounts."""


def roles_path() -> Path:
    """Return where the file of roles is."""
    return Path(os.environ.get(VARIABLE) or home() / "roles.yaml").expanduser().resolve()


def read_roles(path: Path) -> Roles:
    """Return the roles of a file; read again only when the file changed.

    Raises
    ------
    RolesError
        The file is missing or wrong; names every problem with its line.
    """
    try:
        return _read(path, stamp(path))
    except (OSError, UnicodeError) as error:
        found = "no file that can be read" if isinstance(error, OSError) else "a file that is not UTF-8 text"
        remedy = f"Write the file, or set {VARIABLE} to where it is."
        raise RolesError(TITLE, [Problem(str(path), found, "a YAML file of roles", remedy)]) from error


TITLE = "The file of roles cannot be used"


@lru_cache(maxsize=4)
def _read(path: Path, _stamp: tuple[int, ...]) -> Roles:
    fields, problems = read_fields(path.read_text("utf-8"), path.name)
    if fields is None or problems:
        raise RolesError(TITLE, problems)
    return Roles(
        issuer=fields.issuer,
        client=fields.client,
        claim=fields.claim,
        maximum_age=fields.maximum_age_hours * 3600,
        rules=tuple(Rule(rule.value, rule.audience, rule.partner) for rule in fields.rules),
        not_before=-math.inf if fields.not_before.all is None else fields.not_before.all.timestamp(),
        accounts_not_before={a: moment.timestamp() for a, moment in fields.not_before.accounts.items()},
    )


def viewer_for(claims: Mapping[str, Any], roles: Roles, now: float, signed_out: float = -math.inf) -> Viewer:
    """Return who an ID token makes its bearer.

    Parameters
    ----------
    claims : mapping
        Claims of an ID token whose signature was checked when the person signed in.
    roles : Roles
        The mapping.
    now : float
        The present moment, seconds since 1970.
    signed_out : float
        When this account last signed out: sign-ins from before are over.

    Returns
    -------
    Viewer
        `who` is the token's subject: the provider's own stable name of the account, never a person's name.

    Raises
    ------
    SignInNeeded
        The sign-in is over: its token expired, it is older than `maximum_age`, or it was ended.
    NoAccess
        The token is of another provider or for another application, names no account, or the account has no role
        or roles of two views.

    References
    ----------
    OpenID Connect Core 1.0, sections 2 and 3.1.3.7.
    """
    account = _account(claims, roles)
    _check_time(
        claims, roles, now, max(signed_out, roles.not_before, roles.accounts_not_before.get(account, -math.inf))
    )
    groups = _groups(claims, roles.claim)
    views = {(rule.audience, rule.partner) for rule in roles.rules if rule.value in groups}
    if len(views) != 1:
        raise _no_role() if not views else _two_roles()
    audience, partner = views.pop()
    return Viewer(account, audience, partner)


def display_name(claims: Mapping[str, Any]) -> str:
    """Return what to call a person on their own screen; never for a log."""
    names = (claims.get(key) for key in ("name", "preferred_username", "email", "sub"))
    return next((name for name in names if isinstance(name, str) and name.strip()), "unnamed account")[:80]


def _account(claims: Mapping[str, Any], roles: Roles) -> str:
    """Return the token's subject after checking who made the token and for whom."""
    intended = claims.get("aud")
    clients = [intended] if isinstance(intended, str) else intended if isinstance(intended, list) else []
    party = claims.get("azp", roles.client)
    if claims.get("iss") != roles.issuer or roles.client not in clients or party != roles.client:
        raise NoAccess(
            "This sign-in is not for Candor",
            "It was made by another sign-in service, or for another application.",
            "Sign out and sign in again. If that does not help, tell the person who runs Candor.",
        )
    account = claims.get("sub")
    if not isinstance(account, str) or not account.isprintable() or not 0 < len(account.strip()) <= LONGEST_ACCOUNT:
        raise NoAccess(
            "This account has no name that Candor can use",
            "The sign-in service did not say which account it is.",
            "Tell the person who runs Candor.",
        )
    return account


def _check_time(claims: Mapping[str, Any], roles: Roles, now: float, not_before: float) -> None:
    """End a sign-in by its token's own end, by our maximum age, or because it was ended."""
    made, end = _moment(claims.get("iat")), _moment(claims.get("exp"))
    proved = _moment(claims.get("auth_time", made))
    if made is None or end is None or proved is None or made > now + LEEWAY:
        raise _over("The sign-in service gave no time that Candor can use.")
    if now >= end or now - min(made, proved) >= roles.maximum_age:
        raise _over("A sign-in lasts for a limited time, and this one has ended.")
    if made <= not_before:
        raise _over("This sign-in was ended, here or in another window.")


def _moment(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if number else None


def _groups(claims: Mapping[str, Any], claim: str) -> set[str]:
    """Return the values of the claim: a text is one value, a list several; anything else is none."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for step in claim.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return {value for value in values if isinstance(value, str)}


def _over(why: str) -> SignInNeeded:
    return SignInNeeded("Please sign in again", why, "Sign in again.")


def _no_role() -> NoAccess:
    return NoAccess(
        "Your account has no access to Candor yet",
        "You are signed in, but none of your groups is one that Candor knows.",
        "Ask the person who runs Candor for access, then sign out and sign in again.",
    )


def _two_roles() -> NoAccess:
    return NoAccess(
        "Your account has more than one role",
        "Candor shows each person one view. Your groups stand for two or more, so it shows none.",
        "Ask the person who runs Candor to leave you one of these groups, then sign out and sign in again.",
    )
