"""Hashes of what the pinned packages really installed: `python -m tests.dependency_hashes` prints the list.

An audit against a database of known vulnerabilities needs the network. What can be known here is that every pinned
package is, file by file, the one that was looked at when it was pinned: installers write a SHA-256 of each file into
the package's RECORD, and this is a SHA-256 over those, without what an installer adds of its own.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import sys
from pathlib import Path

LISTED = Path(__file__).with_name("dependency_hashes.txt")
REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
OWN = (".dist-info/", "__pycache__/", "../")
"""Parts of names that an installer writes by itself, or that it rewrites (scripts)."""


def pinned() -> dict[str, str]:
    """Return the pinned packages: name to version."""
    lines = REQUIREMENTS.read_text("utf-8").split()
    return dict(line.split("==") for line in lines)


def digest_of(name: str) -> str:
    """Return the hash over every file of an installed package, as its installer recorded them."""
    record = importlib.metadata.distribution(name).read_text("RECORD") or ""
    files = [(row[0], row[1]) for row in csv.reader(record.splitlines()) if not any(part in row[0] for part in OWN)]
    return hashlib.sha256("\n".join(f"{path} {digest}" for path, digest in sorted(files)).encode()).hexdigest()


def verify(name: str) -> list[str]:
    """Return the files of an installed package whose content is not what its installer recorded."""
    package = importlib.metadata.distribution(name)
    wrong = []
    for file in package.files or []:
        if file.hash is None or any(part in str(file) for part in OWN):
            continue
        found = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
        if found != _decoded(file.hash.value):
            wrong.append(str(file))
    return wrong


def _decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def listed() -> dict[str, str]:
    """Return the list: "name==version" to hash."""
    lines = [line.split() for line in LISTED.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {line[0]: line[1] for line in lines}


def main() -> int:
    """Print the list of this environment."""
    print("# What each pinned package installs on Linux x86-64, Python 3.11: python -m tests.dependency_hashes")
    for name, version in sorted(pinned().items(), key=lambda pair: pair[0].lower()):
        print(f"{name}=={version} {digest_of(name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
