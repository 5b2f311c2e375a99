"""The app as users meet it: a real process on a free port with a home of its own."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
"""Seconds until the server must answer; two slow cores under load need more than the usual second."""


@dataclass(frozen=True)
class Answer:
    """What the server said to one request."""

    status: int
    """HTTP status code."""
    headers: dict[str, str]
    """Names in lower case."""
    body: str
    """Text of the body."""


@dataclass(frozen=True)
class AppProcess:
    """A running app."""

    port: int
    """Port on 127.0.0.1."""
    process: subprocess.Popen[bytes]
    """The server itself, not a shell around it."""
    log: Path
    """What it wrote."""

    @property
    def url(self) -> str:
        """Return the address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
        """Send one request exactly as given, without the help of a browser."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)
        finally:
            connection.close()

    def health(self) -> dict[str, object]:
        """Return what `/api/health` says."""
        return dict(json.loads(self.ask("/api/health").body))


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def streamlit_command(port: int) -> list[str]:
    """Return the command of the README on a port, without opening a browser."""
    app = str(ROOT / "app.py")
    return [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), "--server.headless", "true"]


def environment(home: Path, more: dict[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child: this one without Streamlit's settings, with a home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    return {**kept, "CANDOR_HOME": str(home), "PYTHONUNBUFFERED": "1", **(more or {})}


@contextmanager
def running_app(
    home: Path,
    *,
    cwd: Path = ROOT,
    command: list[str] | None = None,
    env: dict[str, str] | None = None,
    port: int | None = None,
) -> Iterator[AppProcess]:
    """Start the app, wait until it answers, and end it with every child it started.

    Parameters
    ----------
    home : Path
        `CANDOR_HOME` of the process.
    cwd : Path
        Working directory.
    command : list of str, optional
        Another command; `{port}` in it stands for the port.
    env : dict, optional
        More environment variables.
    port : int, optional
        Where it listens: the port of a process that ended. Without one, a free port.
    """
    port, log = port or free_port(), home.with_name(f"{home.name}-{time.monotonic_ns()}.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [w.replace("{port}", str(port)) for w in command] if command else streamlit_command(port)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            words, cwd=cwd, env=environment(home, env), stdout=stream, stderr=stream, start_new_session=True
        )
        app = AppProcess(port, process, log)
        try:
            _wait_until_it_answers(app)
            yield app
        finally:
            end_session(process)


def _wait_until_it_answers(app: AppProcess) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if app.process.poll() is not None:
            raise AssertionError(f"the app ended with {app.process.returncode}:\n{app.log.read_text()[-3000:]}")
        try:
            if app.ask("/_stcore/health").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer within {PATIENCE:.0f} s:\n{app.log.read_text()[-3000:]}")


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started: it leads a session of its own, so nothing else is touched."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pid in _members(process.pid):
        os.kill(pid, 9)


def _members(session: int) -> list[int]:
    """Return the processes that still belong to a session (field 6 of /proc/<pid>/stat)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(after_name[3]) == session and after_name[0] != "Z":
            found.append(int(entry.parent.name))
    return found
