"""`python -m tests.bench NAME [--quick]`: measure, and print one JSON line per measure.

Each line holds bench, measure, value, unit, target (null for none), ok (null without a target), n and note.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))
NAMES = (
    "main",
    "attribution",
    "recourse",
    "reasons",
    "access",
    "load",
    "notices",
    "pages",
    "fairness",
    "coverage",
    "packs",
)
"""Modules of this folder with `run(quick: bool) -> Iterator[dict]`."""


def main(arguments: list[str]) -> int:
    """Run one benchmark; end with 1 when a measure misses its target."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=NAMES, help="what to measure")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, within two minutes")
    parser.add_argument("--only", metavar="PART", help="one part, where a benchmark has parts: attribution")
    chosen = parser.parse_args(arguments)
    bench = importlib.import_module(f"tests.bench.{chosen.name}")
    parts = getattr(bench, "PARTS", {})
    if chosen.only is not None and chosen.only not in parts:
        parser.error(f"--only takes one of: {', '.join(parts) or 'nothing, this benchmark has no parts'}")
    missed = 0
    for measure in bench.run(chosen.quick, chosen.only) if chosen.only else bench.run(chosen.quick):
        print(json.dumps(measure), flush=True)
        missed += measure["ok"] is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
