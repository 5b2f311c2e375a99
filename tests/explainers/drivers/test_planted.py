"""The truth planted in a made-up book is found again, also among hundreds of signals; and the page stays small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from scipy.stats import spearmanr
from streamlit.testing.v1 import AppTest

from data.access import LOCAL_VIEWER
from data.cohorts import EVERYONE
from data.demo import dgp
from data.demo.wide import WIDE_PLAN, generate_wide
from data.files import HOME_VARIABLE, ROOT
from data.reader import Reader
from data.snapshots import open_reader, open_snapshot
from explainers.build import build_snapshot
from explainers.drivers import charts, table, words
from explainers.drivers.absence import compute_absence
from explainers.drivers.compute import Sums, compute_drivers, compute_signals, sum_families, sum_signals
from explainers.drivers.cross_check import compute_cross_check
from explainers.drivers.result import DriversResult
from pages.shared import readers
from tests.pages.conftest import text_of

SIGNALS = 160
PLAN = replace(WIDE_PLAN, rounds=120, leaves=15, learning_rate=0.1, feature_fraction=0.4)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a book of many signals, of which 40 or fewer matter."""
    folder = tmp_path_factory.mktemp("planted")
    made = generate_wide(folder / "in", n=3000, signals=SIGNALS, plan=PLAN)
    build_snapshot(made.card, folder / "home" / "snapshots")
    return folder / "home"


@pytest.fixture(scope="module")
def reader(home: Path) -> Reader:
    folder = next((home / "snapshots").glob("*/*/manifest.json")).parent
    return open_reader(open_snapshot(home / "snapshots", folder.parent.name, folder.name), LOCAL_VIEWER)


@pytest.fixture(scope="module")
def ranked(reader: Reader) -> tuple[Sums, DriversResult]:
    sums = sum_families(reader, EVERYONE)
    return sums, compute_drivers(reader, EVERYONE, sums)


def true_sizes(reader: Reader) -> dict[str, float]:
    """Return the mean size of each family's true part of the log-odds, from the book's own terms."""
    book: pd.DataFrame = reader.room.signal_values(reader.room.summaries().sample(3000))
    exposure = np.zeros(len(book))
    parts = {family: np.zeros(len(book)) for family in reader.room.card.families}
    for term in dgp.TERMS:
        for name in term.signals:
            family = reader.room.card.features[name].family
            parts[family] = parts[family] + term.value(book, exposure) / len(term.signals)
    return {family: float(np.abs(part - part.mean()).mean()) for family, part in parts.items()}


def test_the_order_of_the_families_is_the_planted_one(reader: Reader, ranked: tuple[Sums, DriversResult]) -> None:
    found = {family.name: family.size for family in ranked[1].families}
    truth = true_sizes(reader)
    assert spearmanr([truth[name] for name in found], list(found.values())).statistic > 0.85
    assert {family.name for family in ranked[1].families[:2]} == {"payments", "debt"}


def test_what_was_planted_without_effect_moves_about_nothing(
    reader: Reader, ranked: tuple[Sums, DriversResult]
) -> None:
    families = {family.name: family.size for family in ranked[1].families}
    largest = max(families.values())
    assert families["application"] < 0.05 * largest
    sizes = sum_signals(reader, EVERYONE).frame["mean_abs"]
    empty = [name for name in sizes.index if name in dgp.IGNORED_SIGNALS or str(name).startswith("unrelated")]
    assert all(sizes[name] < 0.05 * sizes.max() for name in empty)
    assert sizes.nlargest(3).index.str.split("_v").str[0].isin(dgp.signals_with_effect()).all()


def test_shuffling_agrees_with_the_contributions(reader: Reader, ranked: tuple[Sums, DriversResult]) -> None:
    result = compute_cross_check(reader, EVERYONE, ranked[0])
    assert result.agreement > 0.7
    lost = {row.label: row.lost for row in result.rows}
    assert abs(lost["How the application was made"]) < 0.2 * max(lost.values())


def test_among_many_signals_few_are_shown_and_the_rest_can_be_found(reader: Reader) -> None:
    sums = sum_signals(reader, EVERYONE)
    first = compute_signals(reader, EVERYONE, sums)
    assert (len(first.rows), first.n_signals) == (10, SIGNALS)
    assert words.say_signals(first) == f"{first.half} of {SIGNALS} signals carry half of all movement"
    found = compute_signals(reader, EVERYONE, sums, find="income")
    assert len(found.rows) == 25 < found.matched_used
    assert words.say_shown(found).startswith(f"The 25 largest of {found.matched_used} signals.")
    assert len(charts.chart_signals(found).layout.annotations) == 25
    assert len(table.table_signals(found)) == 25
    one = compute_signals(reader, EVERYONE, sums, find="unrelated_0002")
    assert one.matched == 1


def test_signals_without_a_split_are_counted_and_listed(reader: Reader) -> None:
    absence = compute_absence(reader)
    assert absence.n_unused == SIGNALS - len(reader.room.summaries().used)
    assert len(table.table_unused(absence)) == absence.n_unused


def test_the_page_never_holds_a_list_of_all_signals(
    home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setattr(readers, "viewer", lambda: LOCAL_VIEWER)
    clear: Callable[[], None] = st.cache_resource.clear
    clear()
    st.cache_data.clear()
    request.addfinalizer(clear)
    at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60).run()
    at.switch_page("drivers.py").run()
    at.text_input(key="find").set_value("variant").run()
    assert not at.exception
    assert all(len(box.options) <= 24 for box in at.selectbox), "the months are the longest list"
    assert "signals that fit “variant”" in text_of(at)
    assert len(text_of(at).encode()) < 100_000
