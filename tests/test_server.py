"""What the server answers and refuses, in a real process."""

from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.app_process import ROOT, AppProcess, environment, free_port, running_app, streamlit_command

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
ROUTES = (
    "/",
    "/decision",
    "/api/health",
    "/_stcore/health",
    "/_stcore/host-config",
    "/no/such/route",
    "/static/none.js",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, broken_home: Path) -> Iterator[AppProcess]:
    with running_app(broken_home) as process:
        yield process


@pytest.fixture(scope="module")
def broken_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose snapshots cannot be written: the demonstration is not built while headers are looked at."""
    home = tmp_path_factory.mktemp("server") / "home"
    home.mkdir()
    (home / "snapshots").write_text("a file stands where the folder should be")
    return home


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_carries_the_security_headers(app: AppProcess, path: str) -> None:
    answer = app.ask(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in answer.headers["permissions-policy"]


def test_the_policy_allows_own_scripts_and_one_inline_script_by_hash_and_no_other_source(app: AppProcess) -> None:
    policy = app.ask("/").headers["content-security-policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'self'"]
    assert rules["script-src"][0] == "'self'"
    assert [source[:8] for source in rules["script-src"][1:]] == ["'sha256-"]
    assert rules["frame-ancestors"] == rules["object-src"] == ["'none'"]
    assert "http" not in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("path", ["/", "/decision?app=1", "/api/health"])
def test_pages_and_health_are_never_cached(app: AppProcess, path: str) -> None:
    assert app.ask(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/interact",
        "/_stcore/upload_file/session/file",
    ],
)
def test_routes_that_answer_anybody_or_take_files_are_hidden(app: AppProcess, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        assert app.ask(path, method=method).status == 404


def test_health_says_state_version_and_count_and_nothing_else(app: AppProcess) -> None:
    health = app.health()
    assert set(health) == {"status", "version", "snapshots", "building"}
    assert health["status"] in {"building", "ready", "failed"}
    assert health["building"] == (health["status"] == "building")
    assert health["snapshots"] == 0


def test_a_foreign_host_name_is_refused_on_pages_and_on_the_stream(app: AppProcess) -> None:
    assert app.ask("/", headers={"Host": "attacker.example"}).status == 421
    with socket.create_connection(("127.0.0.1", app.port)) as sock, pytest.raises(InvalidStatus) as refused:
        connect("ws://attacker.example/_stcore/stream", sock=sock)
    assert refused.value.response.status_code == 403


def test_this_machine_is_answered_under_its_names(app: AppProcess) -> None:
    for host in ("127.0.0.1", f"localhost:{app.port}", f"[::1]:{app.port}"):
        assert app.ask("/", headers={"Host": host}).status == 200


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_an_open_address_is_refused_with_code_2_and_the_name_of_the_setting(tmp_path: Path, address: str) -> None:
    ended = subprocess.run(
        [*streamlit_command(free_port()), "--server.address", address],
        cwd=ROOT,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "server.address" in ended.stderr
    assert address in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "home").exists()


def test_an_open_address_from_the_environment_is_refused_too(tmp_path: Path) -> None:
    ended = subprocess.run(
        streamlit_command(free_port()),
        cwd=ROOT,
        env=environment(tmp_path / "home", {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "server.address" in ended.stderr


@pytest.mark.parametrize("way", ["streamlit from elsewhere", "uvicorn", "uvicorn from elsewhere"])
def test_every_way_to_start_reads_the_settings_of_the_checkout(tmp_path: Path, broken_home: Path, way: str) -> None:
    uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT), "app:app", "--port", "{port}"]
    command = None if way.startswith("streamlit") else uvicorn
    with running_app(broken_home, cwd=tmp_path if "elsewhere" in way else ROOT, command=command) as app:
        answer = app.ask("/_stcore/host-config")
        assert app.ask("/", headers={"Host": "attacker.example"}).status == 421
        assert answer.headers["x-frame-options"] == "DENY"
        assert app.health()["snapshots"] == 0


def test_other_machines_are_refused_even_when_uvicorn_listens_everywhere(broken_home: Path) -> None:
    own = _address_on_the_network()
    if own is None:
        pytest.skip("this machine has no address but the loopback")
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--port", "{port}"]
    with running_app(broken_home, command=command) as app, socket.create_connection((own, app.port)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 403")


def test_every_setting_exists_in_the_pinned_streamlit() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    known = set(config._config_options_template)
    named = [name for section, values in settings.items() for name in _names(section, values)]
    assert [name for name in named if name not in known] == []


def _names(prefix: str, values: dict[str, object]) -> list[str]:
    """Return the full names of the settings of a section and of the sections in it."""
    names = []
    for name, value in values.items():
        names += _names(f"{prefix}.{name}", value) if isinstance(value, dict) else [f"{prefix}.{name}"]
    return names


def _address_on_the_network() -> str | None:
    """Return an address of this machine that is not the loopback, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(s.getsockname()[0])
    return None if address.startswith("127.") else address
