"""The way there and back: from a page to the sign-in service, and back to that page with the right cookies.

Streamlit forgets the page after signing in, says nothing when signing in fails, and keeps its cookie for 30 days.
This layer around it remembers the page in a signed cookie, tells the wall what went wrong, and shortens the cookie.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import Request
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri, get_signing_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from data.errors import CandorError
from data.roles import read_roles
from pages.shared import viewing
from pages.shared.sign_in import CALLBACK, SignInSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN = "/auth/login"
RETURN_COOKIE = "candor_return_to"
RETURN_SECONDS = 600
"""How long a person may take to sign in and still come back to the page."""
OUTCOME_SECONDS = 60
"""How long the wall says how the last attempt ended."""
LONGEST_PATH = 2000
"""Characters of a path; a browser keeps cookies of up to 4,096 bytes."""
SIGNED_IN = re.compile(rf'{USER_COOKIE_NAME}=(?!"?"?;)')


def base_path() -> str:
    """Return the path Candor is served under, without a slash at the end."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}" if base else ""


def is_own_path(path: str) -> bool:
    """Return whether a browser that is sent to `path` stays with Candor's pages.

    Browsers read a backslash as a slash and skip control characters, so that either can lead to another host.
    """
    return (
        bool(re.fullmatch(r"/(?!/)[!-\[\]-~]*", path))
        and len(path) <= LONGEST_PATH
        and not path.split("?")[0].removeprefix(base_path()).startswith(("/auth/", CALLBACK, "/_stcore/", "/media/"))
    )


def cookie_claims(cookies: dict[str, str]) -> dict[str, Any]:
    """Return what the sign-in cookie says; nothing unless its signature and its origin are ours."""
    secret = get_signing_secret()

    def part(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies[name].encode("latin-1")) if name in cookies else None

    raw = get_cookie_with_chunks(part, USER_COOKIE_NAME)
    claims = json.loads(raw) if raw else {}
    return claims if claims.get("origin") == get_origin_from_redirect_uri() else {}


@dataclass(frozen=True)
class Way:
    """One step of signing in, from its request."""

    step: str
    """`LOGIN` or `CALLBACK`."""
    back: str | None
    """The page to come back to, if there is one that is ours."""
    query: dict[str, str]
    """Parameters of the address."""


class SignInCookies:
    """Remember the page asked for, say how signing in ended, and keep cookies short and, under https, secure.

    Parameters
    ----------
    app : ASGI application
        Streamlit.
    settings : SignInSettings
        Whether to mark cookies secure, and where the maximum age stands.
    """

    def __init__(self, app: ASGIApp, settings: SignInSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and change the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        way, replaced = self.way(Request(scope)), False

        async def changed(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                replaced = way is not None and message["status"] >= 400
                headers = [(n, self.cookie(v) if n.lower() == b"set-cookie" else v) for n, v in message["headers"]]
                message = {**message, "headers": headers}
                message = message if way is None else self.led(way, message)
            elif replaced:
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, changed)

    def way(self, request: Request) -> Way | None:
        """Return which step of signing in a request is, None for any other request."""
        step = request.url.path.removeprefix(base_path())
        if step not in {LOGIN, CALLBACK}:
            return None
        back = _referring_page(request.headers) if step == LOGIN else _remembered_page(request.cookies)
        return Way(step, back if back is not None and is_own_path(back) else None, dict(request.query_params))

    def led(self, way: Way, answer: Message) -> Message:
        """Return the answer to a step with the way back in it."""
        texts = [v.decode("latin-1") for n, v in answer["headers"] if n.lower() == b"set-cookie"]
        outcome = _outcome(way, answer["status"], any(map(SIGNED_IN.match, texts)))
        headers = [(n, v) for n, v in answer["headers"] if n.lower() not in {b"location", b"content-length"}]
        location = next((v for n, v in answer["headers"] if n.lower() == b"location"), b"/")
        if outcome is not None or way.step == CALLBACK:
            location = (way.back or f"{base_path()}/").encode("latin-1")
        headers += [(b"location", location), (b"content-length", b"0")]
        kept = way.back if way.step == LOGIN or outcome is not None else None
        headers.append(self.new_cookie(RETURN_COOKIE, _signed(kept) if kept else "", RETURN_SECONDS))
        headers.append(self.new_cookie(viewing.OUTCOME_COOKIE, outcome or "", OUTCOME_SECONDS))
        return {**answer, "status": 302, "headers": headers}

    def new_cookie(self, name: str, value: str, seconds: int) -> tuple[bytes, bytes]:
        """Return the header that sets one of our cookies, or removes it when the value is empty."""
        age = seconds if value else 0
        text = f"{name}={value}; Path={base_path() or '/'}; HttpOnly; SameSite=Lax; Max-Age={age}"
        return b"set-cookie", self.cookie(text.encode("latin-1"))

    def cookie(self, header: bytes) -> bytes:
        """Return a cookie's header as we want it: never longer than a sign-in lasts, and secure under https."""
        text = header.decode("latin-1")
        if text.startswith(USER_COOKIE_NAME):
            text = re.sub(r"(?i)(max-age=)(\d+)", lambda m: m[1] + str(min(int(m[2]), self.longest())), text)
        if self.settings.secure and not re.search(r"(?i);\s*secure(;|$)", text):
            text += "; Secure"
        return text.encode("latin-1")

    def longest(self) -> int:
        """Return how many seconds a sign-in lasts at most; 0 when the roles cannot be read."""
        try:
            return int(read_roles(self.settings.roles).maximum_age)
        except CandorError:
            return 0


def _outcome(way: Way, status: int, signed_in: bool) -> str | None:
    """Return how signing in ended, as a key of `viewing.OUTCOMES`; None while or when all is well."""
    if way.step == LOGIN:
        return "unreachable" if status >= 400 else None
    if signed_in or not way.query.keys() & {"error", "code", "state"}:
        return None
    return "cancelled" if way.query.get("error") == "access_denied" else "failed"


def _referring_page(headers: Headers) -> str | None:
    """Return the page a request came from, if it was one of this host."""
    parts = urlsplit(headers.get("referer", ""))
    if not parts.netloc or parts.netloc != headers.get("host"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _signed(path: str) -> str:
    return create_signed_value(get_signing_secret(), RETURN_COOKIE, path).decode("ascii")


def _remembered_page(cookies: dict[str, str]) -> str | None:
    value = cookies.get(RETURN_COOKIE, "")
    found = decode_signed_value(
        get_signing_secret(), RETURN_COOKIE, value.encode("latin-1"), max_age_days=RETURN_SECONDS / 86_400
    )
    return found.decode("utf-8") if found else None
