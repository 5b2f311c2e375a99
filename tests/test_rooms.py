"""The house keeps its shape: who may import what, how long things are, what the README promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {"data": set(), "explainers": {"data"}, "pages": {"data", "explainers"}}
"""Room -> the other rooms it may import."""
ONLY_IN = {
    "streamlit": r"app\.py|pages/.*",
    "duckdb": r"data/.*",
    "sqlalchemy": r"data/.*",
    "plotly": r"explainers/(.*/)?charts\.py|explainers/style\.py",
    "matplotlib": r"explainers/(.*/)?charts\.py|explainers/style\.py",
}
PLOTLY_TYPE_ONLY = {"pages/shared/widgets.py", "pages/shared/exports.py"}
"""Files that name a figure's type but build none."""
NEVER = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
NETWORK = {"requests", "urllib", "urllib3", "httpx", "aiohttp", "socket", "http", "ftplib", "smtplib", "websockets"}
LISTENS_ONLY = {"pages/shared/no_delay.py"}
"""Sets an option of the socket that listens already; the test below sees to it that it connects to nothing."""
EVALUATES = {"eval", "exec", "compile", "__import__"}
TOP_LEVEL = {*ROOMS, "app.py", "assets", "tests", "requirements.txt", "README.md", "pyproject.toml", "LICENSE"}
COMMANDS = {
    "Run": "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt && streamlit run app.py",
    "Test": "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt && python -m tests",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files_in(*rooms: str) -> list[Path]:
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [ROOT / "app.py", *found] if "pages" in rooms else found


PRODUCT = files_in("data", "explainers", "pages")
EVERYTHING = [*PRODUCT, *files_in("tests")]


def modules(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of every module a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full, so that rooms can be read off them"
            yield node.module or ""


def broken_import_rules(name: str, source: str) -> list[str]:
    """Return what a file imports against the rules of its room."""
    room, broken = name.split("/")[0], []
    for module in modules(ast.parse(source)):
        top = module.split(".")[0]
        if top in {*ROOMS, "app", "tests"} and room in ROOMS and top != room and top not in ROOMS[room]:
            broken.append(f"{name} may not import {module}: imports point data <- explainers <- pages <- app.py")
        allowed = ONLY_IN.get(top)
        if allowed and not re.fullmatch(allowed, name) and not (top == "plotly" and name in PLOTLY_TYPE_ONLY):
            broken.append(f"{name} may not import {module}: its place is {allowed}")
        if top in NEVER:
            broken.append(f"{name} may not import {module}: it can run what a file says")
        if top in NETWORK and module != "urllib.parse" and name not in LISTENS_ONLY:
            broken.append(f"{name} may not import {module}: nothing leaves the machine")
    return broken


def test_who_may_name_a_socket_connects_to_nothing() -> None:
    for name in LISTENS_ONLY:
        called = {n.attr for n in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))) if isinstance(n, ast.Attribute)}
        assert not called & {"connect", "connect_ex", "create_connection", "sendto", "send", "sendall", "bind"}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_imports_stay_in_their_room(path: Path) -> None:
    assert broken_import_rules(name_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("data/x.py", "import explainers.style"),
        ("data/x.py", "from streamlit import cache_data"),
        ("explainers/x.py", "def f():\n    from pages.shared import frame"),
        ("explainers/overview/words.py", "import plotly.graph_objects as go"),
        ("pages/x.py", "import duckdb"),
        ("pages/x.py", "import app"),
        ("explainers/x.py", "import pickle"),
        ("data/x.py", "from urllib.request import urlopen"),
        ("pages/x.py", "import http.client"),
    ],
)
def test_the_room_rule_catches_a_planted_break(name: str, source: str) -> None:
    assert len(broken_import_rules(name, source)) == 1


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_is_evaluated_or_unpickled(path: Path) -> None:
    calls = [
        f"line {node.lineno}: {node.func.id}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EVALUATES
    ]
    assert calls == []


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_no_function_is_longer_than_60_lines_and_no_file_than_400(path: Path) -> None:
    source = path.read_text("utf-8")
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60] == []
    assert len(source.splitlines()) <= 400


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=name_of)
def test_a_page_has_at_most_80_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 80


def test_a_page_file_hides_no_other_module() -> None:
    """Streamlit puts `pages/` first on the path: a page called `random.py` would replace Python's own."""
    stems = {path.stem for path in (ROOT / "pages").glob("*.py")} | {
        folder.name for folder in (ROOT / "pages").iterdir() if folder.is_dir()
    }
    taken = {*sys.stdlib_module_names, *ROOMS, "app", "tests", *packages_distributions()}
    assert stems & taken == set()


def test_the_top_level_holds_only_what_belongs_there() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    entries = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {entry for entry in entries if not entry.startswith(".")} - TOP_LEVEL == set()


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [name_of(p) for p in EVERYTHING if p.stem in {"utils", "util", "helpers", "misc", "common"}] == []


def test_assets_fetch_nothing_from_elsewhere() -> None:
    """An address may stand in an asset as words or as a namespace, never where a browser would follow it."""
    attribute = r"""(?:src|href|srcset|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//"""
    follows = re.compile(rf"""{attribute}|url\(\s*["']?(?:https?:)?//|@import""", re.I)
    kinds = {".css", ".html", ".svg", ".js", ".jinja", ".j2"}
    files = [path for path in (ROOT / "assets").rglob("*") if path.suffix in kinds]
    assert files
    assert [name_of(path) for path in files if follows.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("section", list(COMMANDS))
def test_the_readme_holds_exactly_one_command_line_to(section: str) -> None:
    assert fenced_lines(section) == [COMMANDS[section]]


def fenced_lines(section: str) -> list[str]:
    """Return the lines inside fences of one section of the README."""
    text = (ROOT / "README.md").read_text("utf-8")
    body = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S)
    assert body, f"README.md has no section {section}"
    fences = re.findall(r"^```[^\n]*\n(.*?)^```", body[1], flags=re.M | re.S)
    return [line for fence in fences for line in fence.splitlines() if line.strip()]


def test_the_ci_script_runs_the_readme_line_and_has_none_of_its_own() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "README.md" in script
    assert "pip install" not in script
    found = re.search(r"command=\$\((awk .*?)\)\n", script, flags=re.S)
    assert found
    said = subprocess.run(["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [COMMANDS["Test"]]
