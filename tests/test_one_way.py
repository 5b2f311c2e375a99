"""There is one way to the rows of a snapshot: a reader opened for the viewer. Shown on the syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
EXPLAINERS = sorted((ROOT / "explainers").rglob("*.py"))
READERS = "pages/shared/readers.py"
CLOSED_TO_PAGES = {
    "data.models",
    "data.model_room",
    "data.scoped",
    "data.lookups",
    "data.masks",
    "data.group_scope",
    "data.sql",
    "duckdb",
}
OPENS = {"open_snapshot", "open_reader"}
ROOM_IN_PAGES = {(READERS, "engine"): "the engine is made of the model alone and explainers keep it"}
CACHES_WITHOUT_SCOPE = {
    "_snapshot": "an open file, the same for all; rows come from it through a reader only",
    "engine": "made of the model alone; holds nothing of any application",
}
"""Cached functions whose key has no scope, each with the reason why that is safe."""
ENDS_WITHOUT_DISCLOSURE = {
    "explainers/overview/compute.py": "takes the card's general words; counts and shares over the viewer's own scope",
    "explainers/assurance/reliability.py": "asks the model only whether estimates are probabilities",
    "explainers/assurance/health.py": "gives the size of the largest difference and counts, never a value",
    "explainers/recourse/compute.py": "leaves out hidden signals and writes every value to the policy's digits itself",
    "explainers/decision/second.py": "gives sentences, and figures only where the policy shows exact scores",
}
"""Modules of explainers that enter the room and do not end in `disclose`, each with the reason why that is safe."""
NEVER_NAMED = re.compile(r"\b(?:FROM|JOIN)\s+(?:group_members|comparison_groups)\b")
ROWS = re.compile(r"\b(?:FROM|JOIN)\s+(?:applications|signal_values|contributions|signal_contributions|reasons)\b")
VISIBLE = re.compile(r"\b(?:FROM|JOIN)\s+(?:seen|members|chosen)\b")
SCOPED = sorted(
    name
    for name in (path.relative_to(ROOT).as_posix() for path in (ROOT / "data").glob("*.py"))
    if name != "data/scoped.py" and "ScopedDatabase" in (ROOT / name).read_text("utf-8")
)
"""Modules that ask a snapshot for rows of a viewer."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def page_breaks(name: str, source: str) -> list[str]:
    """Return where a file of pages goes around the reader."""
    tree, found = ast.parse(source), []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="room") if (name, function_around(tree, node)) not in ROOM_IN_PAGES:
                found.append(f"line {node.lineno}: enters a reader's room")
            case ast.Constant(value="room"):
                found.append(f"line {node.lineno}: names the room, as getattr would")
            case ast.Attribute(attr=attr) if attr.startswith("_") and not attr.startswith("__"):
                if attr not in {"_asdict", "_replace"} and not of_this_module(node):
                    found.append(f"line {node.lineno}: reaches for the private name {attr}")
            case ast.Import() | ast.ImportFrom():
                found += [f"line {node.lineno}: imports {what}" for what in forbidden_imports(name, node)]
            case ast.Name(id=called) if called in OPENS and name != READERS:
                found.append(f"line {node.lineno}: opens a snapshot by itself")
            case ast.Attribute(attr=called) if called in OPENS and name != READERS:
                found.append(f"line {node.lineno}: opens a snapshot by itself")
    return found


def of_this_module(node: ast.Attribute) -> bool:
    """Return whether a private name belongs to `self` or `cls`."""
    return isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}


def forbidden_imports(name: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (a.name for a in node.names if a.name in CLOSED_TO_PAGES | {"data.snapshots"})
        return
    if node.module == "data":
        yield from (f"data.{a.name}" for a in node.names if f"data.{a.name}" in CLOSED_TO_PAGES | {"data.snapshots"})
    if node.module in CLOSED_TO_PAGES:
        yield str(node.module)
    if node.module == "data.snapshots" and name != READERS:
        yield from (a.name for a in node.names)


def function_around(tree: ast.AST, wanted: ast.AST) -> str | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(child is wanted for child in ast.walk(node)):
            return node.name
    return None


def cached_functions(source: str) -> Iterator[ast.FunctionDef]:
    """Yield every function that Streamlit caches for all viewers of the process."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            texts = [ast.unparse(decorator) for decorator in node.decorator_list]
            if any(re.match(r"(st|streamlit)\.cache_|cache_(data|resource)", text) for text in texts):
                yield node


def cache_breaks(source: str) -> list[str]:
    """Return cached functions whose key does not begin with snapshot and scope, or that read a session."""
    found = []
    for function in cached_functions(source):
        keys = [a.arg for a in function.args.args]
        wanted = ["snapshot_id"] if function.name in CACHES_WITHOUT_SCOPE else ["snapshot_id", "scope"]
        if keys[: len(wanted)] != wanted:
            found.append(f"{function.name}: its key begins with {keys[:2]}, not with {wanted}")
        body = "\n".join(ast.unparse(statement) for statement in function.body)
        private = ("session_state", "query_params", "st.context", "st.user", "viewer()", "current()")
        found += [f"{function.name}: reads {what}, which is one visitor's" for what in private if what in body]
    return found


def sql_breaks(source: str) -> list[str]:
    """Return statements that name stored tables of rows in place of what the viewer may see."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("frame", "_run", "ask")):
            text = " ".join(str(n.value) for a in node.args for n in ast.walk(a) if isinstance(n, ast.Constant))
            if NEVER_NAMED.search(text):
                found.append(f"line {node.lineno}: names the stored groups in place of members and visible_groups")
            if ROWS.search(text) and not VISIBLE.search(text):
                found.append(f"line {node.lineno}: takes rows without joining them to what may be seen")
            if "typical_values" in text and "visible_groups" not in text:
                found.append(f"line {node.lineno}: takes typical values of groups that may not be seen")
    return found


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_reach_a_snapshot_through_a_reader_only(path: Path) -> None:
    assert page_breaks(name_of(path), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "reader.room.card",
        "getattr(reader, 'room')",
        "reader._database.frame('SELECT 1')",
        "from data.models import read_model",
        "from data import model_room",
        "import data.snapshots",
        "from data.snapshots import Snapshot",
        "import duckdb",
        "def page():\n    return open_reader(snapshot, viewer)",
        "snapshots.open_snapshot(root, 'm', 's')",
    ],
)
def test_a_page_that_goes_around_is_caught(source: str) -> None:
    assert page_breaks("pages/x.py", source)


@pytest.mark.parametrize("path", [*PAGES, *EXPLAINERS, ROOT / "app.py"], ids=name_of)
def test_what_is_cached_for_all_is_kept_apart_by_snapshot_and_scope(path: Path) -> None:
    assert cache_breaks(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "@st.cache_data\ndef f(snapshot_id): ...",
        "@st.cache_resource(max_entries=3)\ndef f(scope, snapshot_id): ...",
        "@st.cache_data\ndef f(snapshot_id, scope):\n    return st.session_state['x']",
        "@cache_data\ndef f(snapshot_id, scope):\n    return viewing.viewer()",
    ],
)
def test_a_cache_that_mixes_viewers_is_caught(source: str) -> None:
    assert cache_breaks(source)


def test_the_allowances_are_all_in_use() -> None:
    cached = {f.name for path in PAGES for f in cached_functions(path.read_text("utf-8"))}
    assert set(CACHES_WITHOUT_SCOPE) <= cached
    assert {name for name in ENDS_WITHOUT_DISCLOSURE if enters_room((ROOT / name).read_text("utf-8"))} == set(
        ENDS_WITHOUT_DISCLOSURE
    )
    assert all(".room" in (ROOT / name).read_text("utf-8") for name, _ in ROOM_IN_PAGES)


def enters_room(source: str) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == "room" for n in ast.walk(ast.parse(source)))


def discloses(source: str) -> bool:
    """Return whether what is computed goes through `disclose`, with a policy."""
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "disclose"
        and any("policy" in ast.unparse(argument) for argument in node.args)
        for node in ast.walk(ast.parse(source))
    )


@pytest.mark.parametrize("path", EXPLAINERS, ids=name_of)
def test_what_is_computed_from_the_room_is_cut_to_the_viewers_policy(path: Path) -> None:
    source = path.read_text("utf-8")
    if enters_room(source) and name_of(path) not in ENDS_WITHOUT_DISCLOSURE:
        assert discloses(source), "end in disclose(result, reader.viewer.policy, …), or give the reason here"


def test_a_computation_without_disclosure_is_caught() -> None:
    assert not discloses("def compute_x(reader):\n    return XResult(reader.room.card)")
    assert discloses("def compute_x(reader):\n    return disclose(whole, reader.viewer.policy, card)")


@pytest.mark.parametrize("name", SCOPED)
def test_no_statement_of_the_reader_names_a_stored_table_of_rows(name: str) -> None:
    source = (ROOT / name).read_text("utf-8")
    assert sql_breaks(source) == []
    assert "cursor(" not in source, "queries run in data/scoped.py"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM applications",
        "SELECT * FROM seen JOIN group_members USING (row_no)",
        "SELECT s0 FROM signal_values",
        "SELECT f000 FROM contributions WHERE row_no = $row",
        "SELECT median FROM typical_values WHERE group_no = $group",
    ],
)
def test_a_statement_outside_the_scope_is_caught(sql: str) -> None:
    assert sql_breaks(f"self._database.frame({sql!r})")
