"""`python -m tests [pytest arguments]`: install what testing needs, then lint, types and every test.

Only the standard library is imported here: this runs first in a virtual environment that holds nothing but
`requirements.txt`.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
APART = ("tests/data", "tests/explainers")
"""What computes most of the time; beside it run the journeys in a browser, and everything else."""
BROWSER = ("tests/browser",)
MOVED = tuple(f"tests/explainers/{topic}" for topic in ("notices", "packs", "walkthroughs"))
"""What runs with everything else all the same: so the parts take about as long."""
TYPED = ("data", "explainers")
"""What mypy checks."""
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STRICT = os.environ.get("CI") == "true"

DEBIAN = {
    "libgomp1": ("LightGBM and scikit-learn compute in threads with it", "libgomp.so.1"),
    "chromium": ("the journeys drive a real browser", "chromium"),
    "nodejs": ("the sign-in journeys run a real OpenID Connect provider", "node"),
    "npm": ("it installs that provider", "npm"),
    "postgresql": ("the workspace is tested on PostgreSQL as well as on SQLite", "initdb"),
    "libpango-1.0-0": ("letters as PDF lay out their text with it", "libpango-1.0.so.0"),
    "libpangoft2-1.0-0": ("it gives Pango its fonts", "libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": ("a PDF keeps only the letters it uses of a font", "libharfbuzz-subset.so.0"),
    "fonts-liberation": ("pages in the browser need a font with the shapes of Arial and Times", "fonts"),
}
"""Debian package -> (why the tests need it, what shows that it is there)."""


def main(arguments: list[str]) -> int:
    """Run everything, or with arguments only pytest with these; return the exit code."""
    skipped = [*install_system_packages(), *install_python_packages()]
    codes = [run(["pytest", *arguments])] if arguments else run_everything()
    for reason in skipped:
        print(f"{'FAILED' if STRICT else 'skipped'}: {reason}")
    return next((code for code in codes if code), 1 if skipped and STRICT else 0)


def run_everything() -> list[int]:
    """Run lint, types and all tests, three parts of them beside each other.

    What is compiled on first use is compiled before, beside lint and types: every part, and every process that they
    start, then only loads it.
    """
    compiling = subprocess.Popen([sys.executable, "-m", "explainers.compiling"], cwd=ROOT)
    codes = [run(command) for command in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", *TYPED])]
    codes.append(compiling.wait())
    found = sorted(f"tests/{one.name}" for one in Path(__file__).parent.iterdir())
    rest = [one for one in found if one not in (*APART, *BROWSER) and (ROOT / one / "__init__.py").is_file()]
    others = [*BROWSER], [*rest, *(one for one in found if one.startswith("tests/test_")), *MOVED]
    with ExitStack() as open_files:
        beside = [_beside(words, open_files.enter_context(tempfile.TemporaryFile("w+"))) for words in others]
        codes.append(run(["pytest", "--durations=10", *APART, *(f"--ignore={folder}" for folder in MOVED)]))
        for process, told in beside:
            codes.append(process.wait())
            told.seek(0)
            print(told.read(), flush=True)
    return codes


def _beside(words: list[str], told: IO[str]) -> tuple[subprocess.Popen[bytes], IO[str]]:
    """Start a part of the tests that is printed at its end."""
    command = ["pytest", "--durations=10", *words]
    print(f"+ {' '.join(command)} (beside the rest; printed at the end)", flush=True)
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
    return process, told


def run(command: list[str]) -> int:
    """Run a Python tool of this environment in the checkout; return its exit code."""
    print(f"+ {' '.join(command)}", flush=True)
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode


def install_python_packages() -> list[str]:
    """Install what `tests/requirements.txt` names and is missing; return why a part cannot run."""
    missing = [line for line in requirement_lines() if not satisfied(line)]
    if not missing:
        return []
    print(f"Installing for the tests: {', '.join(missing)}", flush=True)
    if subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=False).returncode == 0:
        return []
    return [f"pip could not install {', '.join(missing)}"]


def requirement_lines() -> list[str]:
    """Return the requirements without comments and blank lines."""
    lines = (line.partition("#")[0].strip() for line in REQUIREMENTS.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def satisfied(requirement: str) -> bool:
    """Return whether a requirement `name` or `name==version` is installed here."""
    name, _, pinned = requirement.partition("==")
    try:
        found = importlib.metadata.version(re.split(r"[<>=!~\[; ]", name)[0])
    except importlib.metadata.PackageNotFoundError:
        return False
    return not pinned or found == pinned.strip()


def install_system_packages() -> list[str]:
    """Install the missing Debian packages as root; return for each that cannot be had which part cannot run."""
    missing = [package for package, (_, sign) in DEBIAN.items() if not present(sign)]
    if not missing:
        return []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for package in missing:
            print(f"Installing {package}: {DEBIAN[package][0]}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(install, check=False, env=environment)
    still = [package for package in missing if not present(DEBIAN[package][1])]
    return [f"{package} is not installed ({DEBIAN[package][0]}): apt-get install {package}" for package in still]


def present(sign: str) -> bool:
    """Return whether the thing a Debian package brings is on this machine."""
    if sign == "chromium":
        return bool(os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMES)), None))
    if sign in {"node", "npm"}:
        return shutil.which(sign) is not None
    if sign == "initdb":
        return shutil.which(sign) is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if sign == "fonts":
        return any(Path("/usr/share/fonts").rglob("Liberation*.ttf"))
    caches = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False)
    return sign in caches.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
