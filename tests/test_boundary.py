"""What a person and the log are told when something fails: everything needed, and no applicant's value."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_process import ROOT, environment, running_app
from tests.stream_client import Answer, open_client, run_apart

SECRET = "applicant 4711 earns 12345"
APP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from pages.shared import boundary
boundary.log_no_texts()
app = st.App("script.py", on_script_error=boundary.show_uncaught)
"""
SCRIPT = """
import streamlit as st

@st.fragment(parallel=True)
def beside():
    raise ValueError("applicant 4711 earns 12345")

st.html("<p>The page itself</p>")
beside()
"""


def ours() -> None:
    from data.errors import SnapshotError
    from pages.shared import boundary

    boundary.show(SnapshotError("Snapshot <b> cannot be opened", "It has layout version 9.", "Build it again."))


def several() -> None:
    from data.errors import Problem, TableError
    from pages.shared import boundary

    problems = [
        Problem("column age", "text", "numbers", "Mend it."),
        Problem("rows 4, 17", "no id", "an id", "Add it."),
    ]
    boundary.show(TableError("The table cannot be used", problems))


def defect() -> None:
    from pages.shared import boundary

    try:
        raise KeyError("applicant 4711 earns 12345")
    except KeyError as error:
        boundary.show(error)


def shown(script: object) -> str:
    """Run a script and return the HTML it drew."""
    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    return "".join(element.proto.body for element in app.get("html"))


def test_our_own_error_is_shown_with_its_remedy_and_escaped() -> None:
    html = shown(ours)
    assert "Snapshot &lt;b&gt; cannot be opened" in html
    assert "It has layout version 9." in html
    assert "Build it again." in html
    assert 'role="alert"' in html


def test_every_problem_of_an_input_is_shown() -> None:
    html = shown(several)
    assert html.count("<li>") == 2
    assert "column age: found text; allowed: numbers. Mend it." in html


def test_a_defect_is_shown_as_a_neutral_sentence_and_logged_by_type_and_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, logger="candor"):
        html = shown(defect)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "candor"]
    reference = line.split()[1].rstrip(":")
    assert reference in html
    assert "builtins.KeyError at" in line
    for said in (html, line):
        assert "4711" not in said
        assert "Traceback" not in said
        assert "KeyError" not in html


def test_the_text_of_an_uncaught_exception_does_not_reach_the_servers_log(tmp_path: Path) -> None:
    script = (
        "import app\n"
        "from streamlit.error_util import handle_user_script_exception as handle\n"
        f"try:\n    raise ValueError({SECRET!r})\n"
        "except ValueError as error:\n    handle(error, lambda _: True)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "4711" not in ran.stdout + ran.stderr


async def visit(url: str) -> Answer:
    client = await open_client(url)
    try:
        async with asyncio.timeout(30):
            return await client.run()
    finally:
        await client.socket.close()


def test_a_failure_beside_the_page_shows_a_panel_and_is_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    serve = "-m streamlit run app.py --server.headless true --server.port {port}"
    command = [sys.executable, *serve.split()]
    with running_app(tmp_path / "home", cwd=tmp_path, command=command) as app:
        answer = run_apart(visit(app.url))
    drawn = " ".join(answer.html)
    assert "The page itself" in drawn
    assert "This page could not be shown" in drawn
    reference = re.search(r"reference ([0-9a-f]{8})", drawn)
    assert reference is not None
    logged = app.log.read_text("utf-8")
    assert f"reference {reference[1]}: builtins.ValueError" in logged
    assert "4711" not in drawn + logged
