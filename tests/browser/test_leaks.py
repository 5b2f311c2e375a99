"""Whatever a partner does in the browser, nothing that is not for partners arrives there.

Every page is driven in a real browser: everything unfolded, chosen, clicked and downloaded. All websocket frames,
HTTP bodies, files, the page and its address are searched. The same search over a specialist's visit finds what it
looks for, so it could fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from data.files import ROOT
from pages._router import PAGES
from pages.shared import viewing
from tests.browser.leaks import Secrets, Visit, found_in, visit
from tests.browser.oidc import TestProvider
from tests.browser.signing_in import HARBOR, PRAIRIE, World, running_world
from tests.snapshots_for_tests import numbers_of, small_card, small_snapshot, trained

THIRD = "Few Rows Union"
HIDDEN = {"utilisation": "Zorblax ratio", "debt_share": "Quendor measure"}
"""Signals that are not for partners, with labels that stand nowhere else."""
ADDRESSES = [f"{page.url}?as=specialist" for page in PAGES]
"""Every page; the parameter that switches the view in local mode must do nothing here."""


def distinctive(table: pd.DataFrame) -> pd.DataFrame:
    """Give hidden signals values that nothing else has, and a third partner too few applications to tell of."""
    rng = np.random.default_rng(5)
    table = table.copy()
    for name in HIDDEN:
        table[name] += rng.uniform(0, 1e-2, len(table))
    table["income"] += rng.uniform(0, 1, len(table)).round(9)
    table.loc[table.index[-12:], "partner"] = THIRD
    return table


def secretive(card: dict) -> None:
    """Hide signals from partners, and give the third partner a cut-off of its own."""
    for name, label in HIDDEN.items():
        card["features"][name] |= {
            "label": label,
            "definition": f"{label}: what nobody knows.",
            "audience": "specialist",
        }
    card["decision"]["cutoffs"] = {"default": 0.18, "partners": {THIRD: 0.946813527}}
    card["model"]["limits"] = ["It knows nothing of savings."]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leaks")
    features = small_card()["features"]
    return small_snapshot(
        folder / "home" / "snapshots", folder / "in", change=distinctive, card=secretive, features=features
    )


@pytest.fixture(scope="module")
def world(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The app in sign-in mode; nobody signs in by hand here, so its provider is never asked."""
    provider = cast(TestProvider, SimpleNamespace(issuer="https://login.example.com"))
    with running_world(snapshot.parents[2], tmp_path_factory.mktemp("roles"), provider) as one:
        yield one


@pytest.fixture(scope="module")
def applications(snapshot: Path) -> pd.DataFrame:
    return numbers_of(snapshot)["snapshot.duckdb applications"]


@pytest.fixture(scope="module")
def asked(applications: pd.DataFrame) -> tuple[str, str, str]:
    """Return an own number, another partner's, and one of nobody."""
    declined = applications[applications["decision"] == "declined"]
    own, other = (declined.loc[declined["partner"] == p, "application_id"].iloc[3] for p in (HARBOR, PRAIRIE))
    return own, other, "A-99999"


@pytest.fixture(scope="module")
def secrets(snapshot: Path, applications: pd.DataFrame, asked: tuple[str, str, str]) -> Secrets:
    tables = numbers_of(snapshot)
    values = tables["snapshot.duckdb signal_values"].drop(columns="row_no").select_dtypes("number")
    parts = tables["snapshot.duckdb contributions"].drop(columns="row_no")
    groups = tables["snapshot.duckdb comparison_groups"]
    others = applications[applications["partner"] != HARBOR]
    return Secrets(
        words={
            "names of hidden signals": set(HIDDEN),
            "labels of hidden signals": set(HIDDEN.values()),
            "definitions of hidden signals": {f"{label}: what nobody knows." for label in HIDDEN.values()},
            "names of other partners": {PRAIRIE, THIRD},
            "numbers of other partners' applications": set(others["application_id"]) - set(asked),
            "cut-offs of other partners": {"94.7\u202f%", "94.68", "0.9468"},
        },
        numbers={
            "raw scores": applications["raw_score"].to_numpy(),
            "exact estimates": applications["estimate"].to_numpy(),
            "contributions": parts.to_numpy().ravel(),
            "mean raw scores of groups": groups["baseline"].to_numpy(),
            "exact values of signals": exact_only(values.to_numpy(dtype=float).ravel()),
            "thresholds of the model": exact_only(thresholds()),
        },
    )


def exact_only(values: np.ndarray) -> np.ndarray:
    """Return the values that have more digits than a rounded one; the last bit of 49.400000000000006 is none."""
    finite = values[np.isfinite(values)]
    return np.array([v for v in finite if abs(float(f"{v:.6g}") - v) > 1e-12 * abs(v)])


def thresholds() -> np.ndarray:
    lines = [line for line in trained().splitlines() if line.startswith("threshold=")]
    return np.array([float(v) for line in lines for v in line.removeprefix("threshold=").split()])


@pytest.fixture(scope="module")
def as_partner(browser: Browser, world: World, asked: tuple[str, str, str]) -> Visit:
    return visit(browser, world, [*ADDRESSES, *(f"decision?app={number}" for number in asked)], "partner-first-harbor")


@pytest.fixture(scope="module")
def as_specialist(browser: Browser, world: World, asked: tuple[str, str, str]) -> Visit:
    # the search is tried on the pages that show most; each takes as long as it takes a partner
    addresses = [a for a in ADDRESSES if a.split("?")[0] in {"", "drivers", "health", "compare", "signal"}]
    return visit(browser, world, [*addresses, f"decision?app={asked[0]}"], "risk-specialist")


def test_nothing_hidden_reaches_a_partners_browser(as_partner: Visit, secrets: Secrets) -> None:
    assert as_partner.clicks >= 10
    assert as_partner.downloads >= 3
    text = b"\n".join(as_partner.payloads).decode("utf-8", "ignore")
    assert "Partner view" in text
    assert "Yearly income" in text
    assert found_in(as_partner.payloads, secrets) == {}


def test_the_same_search_finds_it_in_a_specialists_browser(as_specialist: Visit, secrets: Secrets) -> None:
    found = found_in(as_specialist.payloads, secrets)
    assert {
        "labels of hidden signals",
        "names of other partners",
        "cut-offs of other partners",
        "raw scores",
        "contributions",
        "mean raw scores of groups",
        "exact values of signals",
    } <= set(found)


@pytest.fixture
def drawn(snapshot: Path, asked: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[bytes]]:
    """Run a page in this process, rehearsed as a partner; return all that it draws."""
    monkeypatch.setenv("CANDOR_HOME", str(snapshot.parents[2]))
    st.cache_data.clear()
    st.cache_resource.clear()

    def draw(file: str) -> list[bytes]:
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        at.query_params.update({"app": asked[0], viewing.SEE_AS: f"partner {HARBOR}"})
        at = at.run().switch_page(file).run()
        assert not at.exception
        return [node.proto.SerializeToString() for node in at.main if node.proto is not None]

    yield draw
    st.cache_data.clear()
    st.cache_resource.clear()


def test_the_search_finds_what_a_broken_disclosure_lets_out(
    drawn: Callable[[str], list[bytes]], secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = drawn("decision.py")
    assert b"Yearly income" in b"".join(sound)
    assert found_in(sound, secrets) == {}
    st.cache_data.clear()
    monkeypatch.setattr("explainers.decision.compute.disclose", lambda result, *_: result)
    assert {
        "labels of hidden signals",
        "raw scores",
        "exact estimates",
        "mean raw scores of groups",
        "exact values of signals",
    } <= set(found_in(drawn("decision.py"), secrets))


def test_the_search_finds_text_written_numbers_and_packed_numbers() -> None:
    import base64

    secrets = Secrets({"word": {"Zorblax"}}, {"number": np.array([0.123456789012345, -7.25000001])})
    packed = base64.b64encode(np.array([1.0, 0.123456789012345]).tobytes())
    for payload, kind in [
        (b"..Zorblax..", "word"),
        (b'{"x": 0.1234567890}', "number"),
        (b"abc" + np.array([-7.25000001]).tobytes(), "number"),
        (b'{"bdata":"' + packed + b'"}', "number"),
    ]:
        assert set(found_in([payload], secrets)) == {kind}
    assert found_in([b'{"x": 0.1235, "y": "Zorbla"}'], secrets) == {}


def test_the_log_names_no_application_and_no_value(
    world: World, as_partner: Visit, as_specialist: Visit, secrets: Secrets, applications: pd.DataFrame
) -> None:
    written = world.app.log.read_bytes()
    everything = Secrets(
        {"numbers": set(applications["application_id"]), "partners": {HARBOR, PRAIRIE}}, secrets.numbers
    )
    assert found_in([written], everything) == {}
    assert b"Traceback" not in written
    assert b"a websocket was closed" not in written, "a page says nothing that the guard refuses"
