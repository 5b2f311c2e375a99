"""What may be said over the websocket: the few kinds of messages a viewer needs, small ones, at a human pace.

Streamlit obeys every kind of message from every connection: one of them empties the caches of all viewers. It also
begins a thread for each run it is asked for, and while hundreds begin, nobody is answered. So this layer before it
closes a connection that says anything a page never needs, and lets runs through only as fast as people ask.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from streamlit.proto.BackMsg_pb2 import BackMsg

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("candor")
NEEDED = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
"""Kinds of messages that pages need. Every other kind empties caches, changes the server, or asks for uploads,
files made later, or rows of tables that Candor does not offer."""
LONGEST = 2**20
"""Bytes of a message; a choice of thousands of points in a chart is the largest that a page can cause."""
MOST_WIDGETS = 1_000
"""Widgets that a message may tell of."""
POLICY = 1008
"""Code of a connection closed because of what was said (RFC 6455, section 7.4.1)."""
BURST = 20
"""Messages that go through at once after a rest."""
PER_SECOND = 5.0
"""Messages a second that go through for ever."""
PATIENCE = 10.0
"""Seconds that a connection may be too fast before it is closed."""


class Pace:
    """Tells how long a message has to wait: who says more than people do waits, and nobody else.

    References
    ----------
    ITU-T I.371: the generic cell rate algorithm.
    """

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Count a message that came at `now`, in seconds of any clock; return for how many seconds to hold it."""
        self._due = max(self._due, now - BURST / PER_SECOND) + 1 / PER_SECOND
        return max(0.0, self._due - now)


class StreamGuard:
    """Close websockets that say what no page needs, and hold up those that say too much.

    Parameters
    ----------
    app : ASGI application
        Streamlit.
    account : callable
        Gives the signed-in account behind a connection, None for nobody. All connections of an account have one
        pace together; a connection of nobody has its own.
    """

    def __init__(self, app: ASGIApp, account: Callable[[HTTPConnection], str | None]) -> None:
        self.app = app
        self.account = account
        self._paces: WeakValueDictionary[str, Pace] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection on; a websocket with a guard on what it says."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        account = self.account(HTTPConnection(scope))
        pace = Pace() if account is None else self._paces.setdefault(account, Pace())
        connection = _Guarded(receive, send, pace)
        await self.app(scope, connection.receive, connection.send)


class _Guarded:
    """One websocket: what is received is looked at first, and nothing is sent once it was closed here."""

    def __init__(self, receive: Receive, send: Send, pace: Pace) -> None:
        self._receive, self._send, self._pace = receive, send, pace
        self._closed = False
        self._late_since: float | None = None

    async def receive(self) -> Message:
        """Return the next message that may go through; the end of the connection when one may not."""
        message = await self._receive()
        if message["type"] != "websocket.receive" or self._closed:
            return message
        refused = refusal(message) or await self._hold()
        if refused is None:
            return message
        LOG.warning("a websocket was closed: %s", refused)
        self._closed = True
        await self._send({"type": "websocket.close", "code": POLICY})
        return {"type": "websocket.disconnect", "code": POLICY}

    async def send(self, message: Message) -> None:
        """Send a message, unless the connection was closed here: Streamlit may still be speaking."""
        if not self._closed:
            await self._send(message)

    async def _hold(self) -> str | None:
        """Wait until the message is due; return why to close instead, when it has been too fast for too long."""
        now = time.monotonic()
        seconds = self._pace.wait(now)
        if not seconds:
            self._late_since = None
            return None
        self._late_since = self._late_since or now
        if now - self._late_since > PATIENCE:
            return "it asked faster than people do"
        await asyncio.sleep(seconds)
        return None


def refusal(message: Message | dict[str, Any]) -> str | None:
    """Return why a message may not go through, None when it may; never anything of what it says.

    Parameters
    ----------
    message : mapping
        A `websocket.receive` event of ASGI.
    """
    data = message.get("bytes")
    if data is None:
        return "it sent text"
    if len(data) > LONGEST:
        return "its message was too long"
    try:
        said = BackMsg.FromString(data)
    except DecodeError:
        return "its message could not be read"
    kind = said.WhichOneof("type")
    if kind not in NEEDED:
        return f"it sent {kind or 'a message of no kind'}"
    if len(said.rerun_script.widget_states.widgets) > MOST_WIDGETS:
        return "its message told of too many widgets"
    return None
