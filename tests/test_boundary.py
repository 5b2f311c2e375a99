"""A part that is drawn beside its page and fails says so on the page, and in the log without any value."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.app_process import ROOT, running_app
from tests.stream_client import Answer, open_client, run_apart

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
    raise ValueError("the value 4711 of an applicant")

st.html("<p>The page itself</p>")
beside()
"""


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
