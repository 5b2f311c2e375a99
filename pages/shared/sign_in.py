"""How people sign in: the settings of `[auth]` in Streamlit's secrets, checked once when the server starts.

With `[auth]` Candor is in sign-in mode; without it in local mode. The decision is made once per process: a secrets
file that disappears later closes Candor and never opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import is_authlib_installed

from data.errors import InputProblems, Problem
from data.roles import RolesError, read_roles, roles_path

CALLBACK = "/oauth2callback"
SHORTEST_SECRET = 32
"""Characters; a cookie's signature is only as good as the secret behind it."""
PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")


class SignInError(InputProblems):
    """The settings of sign-in cannot be used as they are."""


@dataclass(frozen=True)
class SignInSettings:
    """What the rest of Candor needs to know of sign-in; the secrets stay in Streamlit's store."""

    provider: str | None
    """Name of the provider's block in `[auth]`; None when its keys stand in `[auth]` itself."""
    host: str
    """Host name people open Candor under."""
    secure: bool
    """Whether people reach Candor by https."""
    roles: Path
    """The file of roles."""


@cache
def settings() -> SignInSettings | None:
    """Return the settings of sign-in, None in local mode.

    Raises
    ------
    SignInError
        There is an `[auth]` block, or a secrets file, that cannot be used; names every problem.
    """
    auth = _auth_block()
    if auth is None:
        return None
    name, client = _provider(auth)
    address = urlsplit(str(auth.get("redirect_uri", "")))
    problems = [*_address_problems(auth), *_secret_problems(auth), *_provider_problems(auth, client)]
    problems += _role_problems(client)
    if st.get_option("server.trustedUserHeaders"):
        allowed = "no such setting: a header would stand in for a sign-in"
        problems.append(Problem("server.trustedUserHeaders", "headers", allowed, "Remove the setting."))
    if "_" in (name or ""):
        problems.append(Problem(f"[auth.{name}]", "an underscore in the name", "a name without", "Rename the block."))
    if not is_authlib_installed():
        problems.append(Problem("Python packages", "no Authlib", "the pinned Authlib", "Install requirements.txt."))
    if problems:
        raise SignInError("Sign-in cannot be used", problems)
    return SignInSettings(name, address.hostname or "", address.scheme == "https", roles_path())


def is_loopback(address: str | None) -> bool:
    """Return whether an address can be reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ip_address((address or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _auth_block() -> dict[str, Any] | None:
    """Return `[auth]`; a secrets file that cannot be read is an error, never local mode."""
    files = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    if not files:
        return None
    if not st.secrets.load_if_toml_exists():
        found = "a file that cannot be read as TOML"
        problems = [Problem(path, found, "TOML with [auth], or no such file", "Mend or remove it.") for path in files]
        raise SignInError("The secrets cannot be read", problems)
    return st.secrets["auth"].to_dict() if "auth" in st.secrets else None


def _provider(auth: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return the name and the keys of the provider; no keys when there is none, or more than one."""
    named = {
        name: dict(block) for name, block in auth.items() if isinstance(block, Mapping) and name != "client_kwargs"
    }
    if "client_id" in auth:
        return (None, auth) if not named else (None, {})
    return next(iter(named.items())) if len(named) == 1 else (None, {})


def _address_problems(auth: dict[str, Any]) -> list[Problem]:
    place, address = "[auth] redirect_uri", str(auth.get("redirect_uri", ""))
    parts = urlsplit(address.replace("{port}", "1"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or not address.endswith(CALLBACK):
        allowed = f"Candor's own address, ending with {CALLBACK}"
        return [Problem(place, f'"{address}"' if address else "nothing", allowed, "Write the address people open.")]
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return [Problem(place, f'"{address}"', "https, unless it is this machine", "Put Candor behind TLS.")]
    return []


def _secret_problems(auth: dict[str, Any]) -> list[Problem]:
    length = len(str(auth.get("cookie_secret", "")))
    if length >= SHORTEST_SECRET:
        return []
    remedy = 'Make one: python -c "import secrets; print(secrets.token_hex(32))"'
    allowed = f"a random text of {SHORTEST_SECRET} characters or more"
    return [Problem("[auth] cookie_secret", f"{length} characters", allowed, remedy)]


def _provider_problems(auth: dict[str, Any], client: dict[str, Any]) -> list[Problem]:
    if not client:
        found = "no provider, or more than one"
        return [Problem("[auth]", found, f"one provider with {', '.join(PROVIDER_KEYS)}", "Keep exactly one.")]
    place = "[auth]" if client is auth else "[auth.…]"
    missing = [key for key in PROVIDER_KEYS if not client.get(key)]
    problems = [Problem(f"{place} {key}", "nothing", "what the provider gave you", "Add it.") for key in missing]
    parts = urlsplit(str(client.get("server_metadata_url", "")))
    if "server_metadata_url" not in missing and parts.scheme != "https" and not is_loopback(parts.hostname):
        place = f"{place} server_metadata_url"
        problems.append(Problem(place, "an address without https", "https, unless it is this machine", "Use https."))
    return problems


def _role_problems(client: dict[str, Any]) -> list[Problem]:
    try:
        roles = read_roles(roles_path())
    except RolesError as error:
        return list(error.problems)
    if not client.get("client_id") or roles.client == client["client_id"]:
        return []
    allowed = "the client_id of [auth]: every sign-in would be refused"
    return [Problem(f"{roles_path().name}, client", "another client", allowed, "Write the same in both.")]
