"""Answers leave at once: small packets do not wait until the browser has confirmed the ones before.

Streamlit makes its socket without naming TCP, and asyncio then does not switch that waiting off. A browser confirms
after 40 milliseconds, so each of the sixty files of a first page, and many a message of a rerun, came that much later.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

OPEN_FILES = Path("/dev/fd")
"""Every open file of this process by its number; where a system has no such folder, answers wait as before."""


def send_at_once() -> int:
    """Let connections to this process not wait; they take it over from the socket that listens.

    Call it when the server listens and nobody is connected yet. The server's own socket is not handed to the app, so
    it is found among the open files.

    Returns
    -------
    int
        Listening sockets that were set.
    """
    done = 0
    for number in [int(name) for name in _names() if name.isdigit()]:
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as found:
            tcp = found.type == socket.SOCK_STREAM and found.family in {socket.AF_INET, socket.AF_INET6}
            if tcp and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                done += 1
    return done


def _names() -> list[str]:
    with suppress(OSError):
        return os.listdir(OPEN_FILES)  # noqa: PTH208 - names are enough, and the listing itself is among them
    return []
