"""Every dependency is pinned to one version, has a reason in the README, and is the version installed."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from tests.dependency_hashes import digest_of, listed, pinned, verify
from tests.test_rooms import ROOT

PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==(\d+(?:\.\d+)+)")
FILES = ("requirements.txt", "tests/requirements.txt")


def lines(file: str) -> list[str]:
    """Return the requirements of a file, without comments."""
    found = [line.partition("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    return [line for line in found if line]


def names(file: str) -> list[str]:
    return [found[1] for line in lines(file) if (found := PINNED.fullmatch(line))]


def reasons() -> dict[str, tuple[str, str]]:
    """Return what the README says of each dependency: why, and under which licence."""
    text = (ROOT / "README.md").read_text("utf-8").partition("## Why each dependency\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    told = [row for row in rows[2:] if len(row) == 3]
    return {name.strip(): (why, licence) for cell, why, licence in told for name in cell.split(",")}


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_to_exactly_one_version(file: str) -> None:
    assert lines(file)
    assert [line for line in lines(file) if not PINNED.fullmatch(line)] == []
    assert len({name.lower() for name in names(file)}) == len(lines(file)), "none stands twice"


def test_every_dependency_has_a_reason_and_a_licence_in_the_readme_and_none_is_gone() -> None:
    told = reasons()
    assert set(told) == set(names("requirements.txt"))
    assert [name for name, (why, licence) in told.items() if len(why) < 5 or not licence] == []


def test_the_packages_installed_are_the_ones_pinned() -> None:
    wanted = [line for line in lines("requirements.txt") if PINNED.fullmatch(line)]
    found = [f"{name}=={importlib.metadata.version(name)}" for name in names("requirements.txt")]
    assert found == wanted


@pytest.mark.parametrize(
    "line", ["numpy>=2", "numpy", "numpy==2.*", "numpy==2.4.6,<3", "git+https://x/y@1", "-r other"]
)
def test_a_requirement_that_leaves_a_choice_is_noticed(line: str) -> None:
    assert PINNED.fullmatch(line) is None


@pytest.mark.parametrize("name", sorted(pinned()))
def test_every_pinned_package_is_file_by_file_the_one_that_was_looked_at(name: str) -> None:
    package = f"{name}=={pinned()[name]}"
    assert listed()[package] == digest_of(name), f"another {package} is installed than the one on the list"
    assert verify(name) == []


def test_the_list_of_hashes_names_no_package_that_is_not_pinned() -> None:
    assert set(listed()) == {f"{name}=={version}" for name, version in pinned().items()}
