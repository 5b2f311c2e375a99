"""Fifty people at once on one process, each of a partner, over raw websockets.

How long they wait, how the memory grows, and that nobody gets a row of another partner. Everybody has an account of
their own and asks as fast as a person reads; a budget of 120 look-ups an hour allows less for long.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from data.files import ROOT
from tests.app_process import AppProcess, running_app
from tests.snapshots_for_tests import small_snapshot
from tests.stream_client import StreamClient, cookie_for, open_client

ISSUER, CLIENT, SECRET = "https://login.example.com", "candor", "a cookie secret for the bench on this machine only"
NUMBER = re.compile(r"A-\d{5}")
ASK, BOX = "Application number", "Pick one declined"
MIB = 2**20
ARRIVING = 10.0
"""Seconds in which all viewers come, one after the other."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    viewers: int
    partners: int
    rows: int
    seconds: float
    think: float
    """Mean seconds between an answer and the viewer's next question."""


FULL = Size(viewers=50, partners=20, rows=20_000, seconds=300, think=10.0)
QUICK = Size(viewers=50, partners=20, rows=6_000, seconds=40, think=10.0)


@dataclass
class Tally:
    """What all viewers met."""

    seconds: list[float] = field(default_factory=list)
    """Time of each rerun."""
    first: list[float] = field(default_factory=list)
    """Time of each viewer's first page."""
    errors: list[str] = field(default_factory=list)
    processor: float = 0.0
    """Processor time the server took for all reruns, s."""
    crossed: int = 0
    """Numbers of another partner's applications in anything a viewer received."""


def run(quick: bool) -> Iterator[dict[str, Any]]:
    """Yield every measure."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as name:
        home = Path(name) / "home"
        own = book(Path(name), home, size)
        with running_app(home, command=command(Path(name), size), env={"CANDOR_ROLES": f"{name}/roles.yaml"}) as app:
            yield from measure(app, own, size)


def record(measure: str, value: float, unit: str, target: float | None, n: int, note: str = "") -> dict[str, Any]:
    """Return one line; smaller is better everywhere here."""
    ok = None if target is None else bool(value <= target)
    line = {"bench": "load", "measure": measure, "value": round(value, 3), "unit": unit, "target": target, "ok": ok}
    return {**line, "n": n, "note": note}


def book(folder: Path, home: Path, size: Size) -> dict[str, list[str]]:
    """Build a snapshot of many partners; return each partner's numbers."""

    def spread(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(partner=[f"Partner {i % size.partners:02d}" for i in range(len(table))])

    built = small_snapshot(home / "snapshots", folder / "in", n=size.rows, change=spread)
    assert built.is_dir()
    own: dict[str, list[str]] = {}
    for i in range(size.rows):
        own.setdefault(f"Partner {i % size.partners:02d}", []).append(f"A-{i:05d}")
    return own


def command(folder: Path, size: Size) -> list[str]:
    """Write roles and secrets of sign-in mode, and return how to start the app with them."""
    rules = [{"value": f"g{i:02d}", "audience": "partner", "partner": f"Partner {i:02d}"} for i in range(size.partners)]
    fields = {"issuer": ISSUER, "client": CLIENT, "claim": "groups", "maximum_age_hours": 8, "rules": rules}
    with (folder / "roles.yaml").open("w") as stream:
        YAML(typ="safe").dump(fields, stream)
    (folder / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"\ncookie_secret = "{SECRET}"\n'
        f'[auth.local]\nclient_id = "{CLIENT}"\nclient_secret = "not used"\n'
        f'server_metadata_url = "{ISSUER}/.well-known/openid-configuration"\n'
    )
    words = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", "{port}"]
    return [*words, "--server.headless", "true", "--secrets.files", str(folder / "secrets.toml")]


def measure(app: AppProcess, own: dict[str, list[str]], size: Size) -> Iterator[dict[str, Any]]:
    """Let everybody ask, and tell what they met."""
    tally = Tally()
    warm, end = asyncio.run(everybody(app, own, size, tally))
    times = sorted(tally.seconds)
    n = len(times)
    who = f"{size.viewers} viewers of {size.partners} partners"
    note = f"{who}, {size.seconds:.0f} s, {n / size.seconds:.1f} decisions a second"
    yield record("rerun, median", statistics.median(times), "s", None, n, note)
    yield record("rerun, p95", times[int(0.95 * (n - 1))], "s", 1.0, n, f"slowest {times[-1]:.2f} s")
    share = tally.processor / n
    note = f"so {len(os.sched_getaffinity(0)) / share:.1f} decisions a second at most, if nothing else runs here"
    yield record("processor time of a rerun", share, "s", None, n, note)
    yield record(
        "first page of a viewer, slowest",
        max(tally.first),
        "s",
        None,
        len(tally.first),
        f"all come in {ARRIVING:.0f} s",
    )
    yield record("errors", len(tally.errors), "", 0, n, "; ".join(sorted(set(tally.errors)))[:300])
    yield record("rows crossed", tally.crossed, "", 0, n, "numbers of others in any frame")
    note = f"from {warm / MIB:.0f} MiB when everybody was in to {end / MIB:.0f} MiB at the end"
    yield record("memory growth", max(0.0, (end - warm) / MIB), "MiB", 200.0, n, note)


async def everybody(app: AppProcess, own: dict[str, list[str]], size: Size, tally: Tally) -> tuple[int, int]:
    """Let all viewers in, then ask until the time is over; return the memory at both moments, in bytes."""
    partners = sorted(own)
    others = {p: {number for q in partners if q != p for number in own[q]} for p in partners}

    async def come(i: int) -> tuple[str, StreamClient]:
        await asyncio.sleep(i * ARRIVING / size.viewers)
        partner, client = partners[i % len(partners)], await enter(app, i % len(partners), i)
        await arrive(client, own[partner], others[partner], tally)
        return partner, client

    clients = await asyncio.gather(*(come(i) for i in range(size.viewers)))
    warm, until = memory(app.process.pid), time.monotonic() + size.seconds
    before = processor(app.process.pid)
    await asyncio.gather(
        *(ask(c, own[p], others[p], until, size, tally, random.Random(i)) for i, (p, c) in enumerate(clients))
    )
    end, tally.processor = memory(app.process.pid), processor(app.process.pid) - before
    for _, client in clients:
        await client.socket.close()
    return warm, end


async def enter(app: AppProcess, group: int, account: int) -> StreamClient:
    """Connect with a sign-in of one account."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": f"account {account}", "iat": now, "exp": now + 3600}
    claims |= {"name": f"Viewer {account}", "groups": [f"g{group:02d}"], "origin": app.url, "provider": "local"}
    return await open_client(app.url, cookie_for({**claims, "is_logged_in": True}, SECRET))


async def arrive(client: StreamClient, own: list[str], others: set[str], tally: Tally) -> None:
    """Open the Decision with a first application."""
    answer = await client.open("decision", app=own[0])
    tally.first.append(answer.seconds)
    check(answer.text, own[0], others, tally)


async def ask(
    client: StreamClient, own: list[str], others: set[str], until: float, size: Size, tally: Tally, draw: random.Random
) -> None:
    """Ask one application after the other, as a person does: read the answer, then ask the next."""
    await asyncio.sleep(draw.uniform(0, size.think))
    while time.monotonic() < until:
        number = draw.choice(own[:100])
        try:
            answer = await client.set_text(ASK, number)
        except (TimeoutError, OSError, KeyError) as error:
            tally.errors.append(type(error).__name__)
            return
        tally.seconds.append(answer.seconds)
        check(answer.text, number, others, tally)
        await asyncio.sleep(draw.uniform(0.5, 1.5) * size.think)


def check(text: str, number: str, others: set[str], tally: Tally) -> None:
    """Count what must not be: an answer that fails or is of somebody else."""
    if "the model estimates" not in text:
        title = re.search(r'role="alert"><h1>([^<]*)', text)
        tally.errors.append(title[1] if title else "no decision shown")
    tally.crossed += len(set(NUMBER.findall(text)) & others)


def processor(pid: int) -> float:
    """Return the processor time a process has taken, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return the resident memory of a process, bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) * 1024
