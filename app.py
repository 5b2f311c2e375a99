"""The server of Candor: `streamlit run app.py` (or `uvicorn app:app`).

The script behind it is `pages/_router.py`, not this file: with a `pages/` folder beside the script Streamlit
would run a page file on its own, outside the frame, for the first visitor of a fresh process.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import streamlit.config as streamlit_config
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocketClose
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # `data`, `explainers`, `pages` are found from any working directory

from data.files import snapshots_root  # noqa: E402 - these need the line above
from data.listing import list_snapshots  # noqa: E402
from pages.shared import boundary, memory, no_delay, own_files, sign_in, startup  # noqa: E402
from pages.shared.sign_in import is_loopback  # noqa: E402
from pages.shared.sign_in_cookies import SignInCookies, base_path, cookie_claims  # noqa: E402
from pages.shared.stream_guard import StreamGuard  # noqa: E402

VERSION = "0.1.0"
HIDDEN = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file")
"""Routes of Streamlit that answer, or take files, without asking who calls. Nothing of Candor needs them."""


def settings_from_checkout() -> None:
    """Let Streamlit find `.streamlit/config.toml` of this checkout also under uvicorn and from elsewhere.

    Streamlit looks beside its main script and in the working directory. Under uvicorn it would take
    `pages/_router.py` for the main script and read no settings when started from another folder.
    """
    if streamlit_config._main_script_path is None:
        streamlit_config._main_script_path = str(ROOT / "app.py")


def sign_in_settings() -> sign_in.SignInSettings | None:
    """Return how people sign in, None in local mode; end with code 2 when the settings cannot be used."""
    try:
        return sign_in.settings()
    except sign_in.SignInError as error:
        sys.stderr.write(f"Candor did not start. {error}\n")
        sys.exit(2)


def allow_own_host(host: str) -> None:
    """Answer under the name people sign in with, besides the names in the settings."""
    allowed = st.get_option("server.allowedHosts")
    if allowed and host not in allowed:
        streamlit_config.set_option("server.allowedHosts", [*allowed, host])


def refuse_open_address() -> None:
    """End with code 2 when the server would listen beyond this machine.

    There is no sign-in, so whoever reaches the port sees every application.
    """
    address = st.get_option("server.address")
    if is_loopback(address):
        return
    found = f'"{address}"' if address else "empty (every address of this machine)"
    sys.stderr.write(
        f"Candor did not start: the setting server.address is {found}.\n"
        "Without sign-in Candor may listen only on this machine: 127.0.0.1, ::1 or localhost.\n"
        "Leave out --server.address (or STREAMLIT_SERVER_ADDRESS), or set up sign-in, and start it again.\n"
    )
    sys.exit(2)


def content_security_policy() -> str:
    """Allow what Streamlit itself serves and nothing from elsewhere.

    The one inline script of Streamlit's own page is allowed by its hash, read from the installed file.
    """
    page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    scripts = " ".join(["'self'", *(f"'sha256-{h}'" for h in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'self'; object-src 'none'"
    )


class SecurityHeaders:
    """Say on every response what a browser may do with it; keep pages out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        named = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if SIGN_IN is not None and SIGN_IN.secure:
            named["Strict-Transport-Security"] = "max-age=31536000"
        self.headers = [(name.lower().encode(), value.encode()) for name, value in named.items()]
        self.names = {name for name, _ in self.headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.extended(message["headers"])}
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def extended(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer with ours in place of any of the same name."""
        kept = [(name, value) for name, value in given if name.lower() not in self.names]
        kind = next((value for name, value in kept if name.lower() == b"content-type"), b"")
        if kind.startswith((b"text/html", b"application/json")):
            kept = [(name, value) for name, value in kept if name.lower() != b"cache-control"]
            kept.append((b"cache-control", b"no-store"))
        return kept + self.headers


class Door:
    """Refuse foreign host names, routes nobody should reach, and, without sign-in, other machines.

    `server.address` is checked at start; the refusal of other machines also holds under `uvicorn --host 0.0.0.0`
    and behind a proxy, where that setting does not decide who can connect. With sign-in, a file that a page offers
    for download goes only to the viewer it was made for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request here; pass every other one on."""
        refusal = self.refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None and SIGN_IN is not None and path_asked(scope).startswith(own_files.FOLDER):
            # in a thread: it asks the workspace, and must hold up nobody when that is slow
            cookies = HTTPConnection(scope).cookies
            refusal = await run_in_threadpool(own_files.refusal, path_asked(scope), cookies, SIGN_IN)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is refused, None for one that may go on."""
        client = scope.get("client")
        if SIGN_IN is None and client is not None and not is_loopback(client[0]):
            return PlainTextResponse("Candor without sign-in answers this machine only.", status_code=403)
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)
        if not is_host_allowed(host):
            return PlainTextResponse("This host name is not in server.allowedHosts.", status_code=421)
        if path_asked(scope).startswith(HIDDEN):
            return PlainTextResponse("Not Found", status_code=404)
        return None


def path_asked(scope: Scope) -> str:
    """Return the path of a request as Streamlit will match it: without what a server or a setting puts before it."""
    path = str(scope.get("path", ""))
    return path.removeprefix(scope.get("root_path", "")).removeprefix(base_path())


def account_behind(connection: HTTPConnection) -> str | None:
    """Return the account of the sign-in cookie of a connection, None for nobody and in local mode."""
    return None if SIGN_IN is None else cookie_claims(connection.cookies).get("sub")


async def health(_request: Request) -> JSONResponse:
    """Say whether the app can answer, for a supervisor; nothing about models or applications."""
    state = startup.progress().state
    count = len(list_snapshots(snapshots_root()).manifests)
    body = {"status": state, "version": VERSION, "snapshots": count, "building": state == "building"}
    return JSONResponse(body, status_code=503 if state == "failed" else 200)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start building the demonstration when there is no snapshot; pages show how far it is."""
    memory.bound_heaps()
    no_delay.send_at_once()
    startup.begin()
    yield


boundary.log_no_texts()
settings_from_checkout()
SIGN_IN = sign_in_settings()
if SIGN_IN is None:
    refuse_open_address()
else:
    allow_own_host(SIGN_IN.host)
own_files.install()
app = st.App(
    ROOT / "pages" / "_router.py",
    routes=[Route("/api/health", health)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(Door),
        Middleware(StreamGuard, account=account_behind),
        *([Middleware(SignInCookies, settings=SIGN_IN)] if SIGN_IN is not None else []),
    ],
    lifespan=lifespan,
    on_script_error=boundary.show_uncaught,
)

if __name__ == "__main__":
    app.run()
