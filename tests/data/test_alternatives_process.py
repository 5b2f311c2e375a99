"""The limits a search for alternatives sets itself, in a process of its own: they cannot be taken back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from data.alternatives_process import MEMORY, SECONDS

BOUND = """
import json, resource, sys
from data.alternatives_process import bound_this_process
if lower := int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_CPU, (lower, lower))
bound_this_process()
print(json.dumps([resource.getrlimit(kind) for kind in (resource.RLIMIT_DATA, resource.RLIMIT_CPU)]))
"""


@pytest.mark.parametrize(("lower", "seconds"), [(0, SECONDS), (60, 60)], ids=["none before", "a lower one before"])
def test_memory_and_time_are_bounded_and_a_lower_limit_stays(lower: int, seconds: int) -> None:
    ran = subprocess.run([sys.executable, "-c", BOUND, str(lower)], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [[MEMORY, MEMORY], [seconds, seconds]]
