"""Staging keeps to its memory limit, whatever the size of the table."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.shared_data import ROOT

LIMIT_MB = 300
STAGE = """
import json, resource, sys
from pathlib import Path
from data.staging import StagingRoles, source_at, stage
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
before = peak()
roles = StagingRoles(id="id", numeric=tuple(f"n{i}" for i in range(36)), categorical={f"k{i}": None for i in range(4)})
staged = stage(source_at(Path(sys.argv[1])), roles, Path(sys.argv[2]), memory_limit=sys.argv[3])
print(json.dumps({"n": staged.n, "mb": peak() - before}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_two_hundred_thousand_rows_of_forty_signals_stay_within_the_limit(tmp_path: Path, name: str) -> None:
    numbers = ", ".join(f"round((hash(i * {k + 3}) % 1000000) / 97.0, 3) AS n{k}" for k in range(36))
    levels = ", ".join(f"'L' || (hash(i + {k}) % 8) AS k{k}" for k in range(4))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'A' || hash(i) AS id, {numbers}, {levels} FROM range(200000) AS t(i)) TO '{tmp_path / name}'"
        )
    arguments = [sys.executable, "-c", STAGE, tmp_path / name, tmp_path / "out.duckdb", f"{LIMIT_MB}MB"]
    ended = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(ended.stdout)
    assert found["n"] == 200_000
    # DuckDB bounds its buffers; its allocator and the code pages come on top
    assert found["mb"] < 1.5 * LIMIT_MB
