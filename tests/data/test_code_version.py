"""The hash of the code changes with every file that decides what is shown, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.code_version import code_hash, hash_of, library_versions


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("app.py", "data/a.py", "explainers/topic/b.py", "pages/c.py", "assets/theme/look.css"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["app.py", "data/a.py", "explainers/topic/b.py", "pages/c.py", "assets/theme/look.css"]
)
def test_one_changed_byte_or_another_name_is_another_hash(checkout: Path, name: str) -> None:
    before, path = hash_of(checkout), checkout / name
    text = path.read_text()
    path.write_text(text + " ")
    changed = hash_of(checkout)
    path.write_text(text)
    assert hash_of(checkout) == before != changed
    if name != "app.py":
        path.rename(path.with_stem("other"))
        assert hash_of(checkout) not in {before, changed}


def test_what_python_leaves_behind_and_tests_do_not_count(checkout: Path) -> None:
    before = hash_of(checkout)
    for name in ("data/__pycache__/a.cpython-311.pyc", "tests/test_a.py", "assets/.hidden", "README.md"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("x")
    assert hash_of(checkout) == before


def test_the_running_code_has_a_hash_and_names_its_libraries() -> None:
    assert len(code_hash()) == 64
    assert {"python", "lightgbm", "numpy", "duckdb"} <= library_versions().keys()
