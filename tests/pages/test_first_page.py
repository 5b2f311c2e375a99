"""What keeps the first page quick: it loads nothing that it does not need, and its answers do not wait.

Times differ between machines; what is loaded does not. Every case runs in a fresh process, as a start does.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from data.files import HOME_VARIABLE
from data.models import read_model
from pages.shared import no_delay

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"lightgbm", "scipy", "sklearn", "shap", "lime", "numba", "matplotlib"}
"""Libraries that take longer to import than the first page may take."""
FIRST_PAGE = """
import pages._router
from pages.shared import startup
startup._ahead("warm_first_page")
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("pages/_router.py", default_timeout=60).run()
assert any("This model estimates" in e.proto.body for e in app.get("html")), "the Overview was not shown"
"""


def loaded_after(code: str, home: Path) -> set[str]:
    """Return the packages that a fresh process has loaded after running some code."""
    ending = '\nimport json, sys\nprint("\\n" + json.dumps(sorted({m.split(".")[0] for m in sys.modules})))'
    done = subprocess.run(
        [sys.executable, "-c", code + ending],
        cwd=ROOT,
        env={**os.environ, HOME_VARIABLE: str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_server_answers_before_the_libraries_of_pages_are_loaded(tmp_path: Path) -> None:
    loaded = loaded_after("import app", tmp_path)
    assert "streamlit" in loaded
    assert not loaded & (HEAVY | {"pandas", "pyarrow", "duckdb", "sqlalchemy", "alembic"})


def test_the_overview_loads_neither_the_engine_nor_lightgbm(home: Path) -> None:
    loaded = loaded_after(FIRST_PAGE, home)
    assert {"pandas", "plotly", "duckdb"} <= loaded
    assert not loaded & HEAVY


def test_a_verified_model_is_read_without_lightgbm_and_scores_with_it(home: Path) -> None:
    path = next(home.glob("snapshots/*/*/model.txt"))
    loaded = loaded_after(
        "import hashlib, pathlib\nfrom data.models import read_model\n"
        f"path = pathlib.Path({str(path)!r})\n"
        "model = read_model(path, verified_sha256=hashlib.sha256(path.read_bytes()).hexdigest())\n"
        "assert model.feature_names and model.parsed.trees",
        home,
    )
    assert not loaded & HEAVY
    model = read_model(path)
    assert model.booster is model.booster
    assert model.booster.num_trees() == len(model.parsed.trees)


def test_what_is_imported_beside_the_first_page_exists_and_is_what_it_did_without(tmp_path: Path) -> None:
    code = "from importlib import import_module\nfrom pages.shared import startup\n"
    loaded = loaded_after(code + "for name in startup.LATER:\n    import_module(name)", tmp_path)
    assert {"lightgbm", "numba", "sklearn"} <= loaded


def test_connections_take_over_from_the_listening_socket_that_nothing_waits() -> None:
    with socket.socket() as listening:  # without naming TCP, as Streamlit makes its own
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        assert not listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert no_delay.send_at_once() >= 1
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_system_that_does_not_list_open_files_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(no_delay, "OPEN_FILES", tmp_path / "none")
    assert no_delay.send_at_once() == 0
