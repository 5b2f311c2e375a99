"""A real OpenID Connect provider (node `oidc-provider`) on the loopback address, and how to install it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.app_process import ROOT, end_session, free_port

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "provider.js")
CLIENT = "candor"
CLIENT_SECRET = "only-for-tests-on-this-machine"
PATIENCE = 60.0


class TestProvider:
    """The provider; can be stopped and started again on its port.

    Parameters
    ----------
    accounts : mapping
        Login name -> claims of the ID token besides the standard ones.
    """

    __test__ = False

    def __init__(self, accounts: Mapping[str, Any]) -> None:
        self.port = free_port()
        self.accounts = json.dumps(accounts)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        """What the provider writes into `iss`."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        node = shutil.which("node") or missing("no Node.js on this machine: apt-get install nodejs npm")
        words = [node, "provider.js", str(self.port), CLIENT, CLIENT_SECRET, self.accounts]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(words, cwd=installed(), stdout=quiet, stderr=quiet, start_new_session=True)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the provider did not start")

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            end_session(self.process)


@contextmanager
def running_provider(accounts: Mapping[str, Any]) -> Iterator[TestProvider]:
    """Run a provider with accounts."""
    provider = TestProvider(accounts)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def installed() -> Path:
    """Return the folder the provider is installed in; installs it once per state of its files, outside the sources."""
    key = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = ROOT / ".candor" / "test-provider" / key
    if folder.exists():
        return folder
    npm = shutil.which("npm") or missing("no npm on this machine: apt-get install nodejs npm")
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent))
    for name in FILES:
        shutil.copy(HERE / name, work / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(work)
        missing(f"npm could not install the provider: {done.stderr.strip()[-300:]}")
    try:
        work.rename(folder)
    except OSError:
        shutil.rmtree(work)  # another run of the tests was faster
    return folder


def missing(reason: str) -> Any:
    """Skip for a reason; under CI fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
