"""A visitor without a browser: Streamlit's own messages over a raw websocket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, generate_xsrf_token_string
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

COOKIE = "_streamlit_user"
WIDGETS = ("text_input", "selectbox", "radio", "button", "number_input", "download_button", "checkbox")
FINDING = 'class="candor-finding"'
"""Stands in the HTML of a page's answer."""
Result = TypeVar("Result")
DONE = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: a browser of other tests may keep the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def cookie_for(claims: Mapping[str, Any], secret: str) -> str:
    """Return the header of a sign-in cookie with these claims."""
    return f"{COOKIE}={create_signed_value(secret, COOKIE, json.dumps(claims)).decode()}"


@dataclass
class Answer:
    """What came back for one request."""

    frames: list[bytes] = field(default_factory=list)
    """Websocket frames as they came."""
    html: list[str] = field(default_factory=list)
    """What the page drew as HTML."""
    started: float = field(default_factory=time.perf_counter)
    """When it was sent."""
    answered: float = 0.0
    """Seconds from sending to the page's finding; 0 where none came."""
    seconds: float = 0.0
    """Seconds from sending to the end of the script and of all that runs beside it."""

    @property
    def text(self) -> str:
        """Return everything that came as text that can be searched."""
        return b"\n".join(self.frames).decode("utf-8", "ignore")


class StreamClient:
    """One visitor: opens a page and uses its widgets.

    Parameters
    ----------
    socket : ClientConnection
        An open connection; see `open_client`.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.ids: dict[str, str] = {}
        """Widgets of the page by label: their ids."""
        self.values: dict[str, WidgetState] = {}
        """What the visitor has set, by id."""
        self.page_hash = ""
        self.query = ""

    async def open(self, page: str, **query: str) -> Answer:
        """Open a page by its address."""
        self.query, self.ids, self.values = urlencode(query, quote_via=quote), {}, {}
        return await self.run(page_name=page)

    async def set_text(self, label: str, value: str) -> Answer:
        """Set a text or a choice by its label, and run the page."""
        self.values[self.ids[label]] = WidgetState(id=self.ids[label], string_value=value)
        return await self.run()

    async def click(self, label: str) -> Answer:
        """Press a button by its label."""
        return await self.run(WidgetState(id=self.ids[label], trigger_value=True))

    async def run(self, *once: WidgetState, page_name: str = "", patience: float = 60) -> Answer:
        """Ask for a run of the script with the present values and gather what comes until it ends."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = page_name
        message.rerun_script.page_script_hash = "" if page_name else self.page_hash
        message.rerun_script.widget_states.CopyFrom(WidgetStates(widgets=[*self.values.values(), *once]))
        return await self.send(message, patience)

    async def send(self, message: BackMsg, patience: float = 60) -> Answer:
        """Send any message and gather what comes until a script has ended."""
        answer = Answer()
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(patience):
            while True:
                frame = await self.socket.recv()
                answer.frames.append(frame if isinstance(frame, bytes) else frame.encode())
                if self._take(ForwardMsg.FromString(answer.frames[-1]), answer):
                    answer.seconds = time.perf_counter() - answer.started
                    return answer

    def _take(self, message: ForwardMsg, answer: Answer) -> bool:
        """Keep what a message tells of the page; return whether the script has ended."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            name = element.WhichOneof("type")
            if name == "html":
                answer.html.append(element.html.body)
                if FINDING in element.html.body and not answer.answered:
                    answer.answered = time.perf_counter() - answer.started
            elif name in WIDGETS:
                widget = getattr(element, name)
                self.ids[widget.label] = widget.id
        return kind == "script_finished" and message.script_finished in DONE


async def open_client(url: str, cookie: str | None = None, session: str | None = None) -> StreamClient:
    """Connect to an app; the caller closes `client.socket`.

    Parameters
    ----------
    url : str
        The app.
    cookie : str, optional
        From `cookie_for`.
    session : str, optional
        Id of a session to go on with, as a browser does after a broken connection.
    """
    token = generate_xsrf_token_string()
    cookies = "; ".join(filter(None, (f"_streamlit_xsrf={token}", cookie)))
    protocols = [Subprotocol(p) for p in ("streamlit", token, session) if p]
    socket = await connect(
        url.replace("http://", "ws://") + "/_stcore/stream",
        additional_headers={"Cookie": cookies},
        subprotocols=protocols,
        origin=Origin(url),
        max_size=None,
        open_timeout=60,
    )
    return StreamClient(socket)
