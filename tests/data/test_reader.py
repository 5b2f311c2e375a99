"""The reader gives a viewer the rows of a snapshot, counted by hand, to every caller its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import NotFoundForViewer
from data.reader import Reader
from data.snapshots import Snapshot, open_reader, open_snapshot
from tests.snapshots_for_tests import numbers_of, small_snapshot

QUOTED = """O'Brien "x"; DROP TABLE applications; --"""
N = 400


def change(table: pd.DataFrame) -> pd.DataFrame:
    """Make everything easy to count: dates, partners and outcomes follow the place."""
    place = np.arange(len(table))
    ids = table["application_id"].to_numpy().copy()
    ids[7] = QUOTED
    return table.assign(
        application_id=ids,
        partner=np.where(place % 4 == 0, "East", "West"),
        application_date=[date(2026, 1, 1) + timedelta(days=int(31 * (i % 2))) for i in place],
        outcome=np.where(place % 5 == 0, None, (place % 10 == 1).astype(int)),
        held_out=np.where(place < 200, 1, 0),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reader")
    rules = [{"when": "income < 30000", "reason": "Income below the minimum"}]
    decision = {"cutoffs": {"default": 0.18}, "policy_rules": rules}
    roles = {"held_out": "held_out"}
    return small_snapshot(place / "root", place / "in", n=N, change=change, decision=decision, applications=roles)


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    return open_snapshot(folder.parents[1], folder.parent.name, folder.name)


@pytest.fixture(scope="module")
def reader(snapshot: Snapshot) -> Reader:
    return open_reader(snapshot, LOCAL_VIEWER)


@pytest.fixture(scope="module")
def stored(folder: Path) -> pd.DataFrame:
    return numbers_of(folder)["snapshot.duckdb applications"].sort_values("row_no").set_index("row_no")


def test_an_application_is_found_by_its_number_whatever_characters_it_has(reader: Reader, stored: pd.DataFrame) -> None:
    one = reader.application(QUOTED)
    row = stored.loc[one.row_no]
    assert (one.application_id, one.partner, one.application_date) == (QUOTED, "West", date(2026, 2, 1))
    assert (one.raw_score, one.estimate, one.cutoff) == (row["raw_score"], row["estimate"], 0.18)
    assert one.outcome == 0
    assert reader.application("A-00005").outcome is None
    # in a snapshot rows stand in the order of their numbers
    assert stored["application_id"].tolist() == sorted(stored["application_id"])


def test_an_unknown_number_and_one_of_another_partner_get_the_same_sentence(snapshot: Snapshot) -> None:
    east = open_reader(snapshot, Viewer("someone", Audience.PARTNER, "East"))
    assert east.application("A-00004").partner == "East"
    said = set()
    for number in ("A-00005", "A-99999", "", "' OR 1=1 --", QUOTED):
        with pytest.raises(NotFoundForViewer) as caught:
            east.application(number)
        said.add((caught.value.title, caught.value.message, caught.value.remedy))
    assert len(said) == 1


def test_totals_count_what_the_viewer_may_see(snapshot: Snapshot, reader: Reader, stored: pd.DataFrame) -> None:
    totals = reader.totals()
    assert (totals["n"], totals["known_outcomes"], totals["outcomes"], totals["partners"]) == (400, 320, 40, 2)
    assert totals["approved"] == int(((stored["estimate"] <= 0.18) & stored["rule_no"].isna()).sum())
    assert totals["declined_by_rule"] == int((stored["rule_no"] == 0).sum()) > 0
    assert totals["worst_residual"] < 1e-9
    east = open_reader(snapshot, Viewer("someone", Audience.PARTNER, "East")).totals()
    assert (east["n"], east["partners"]) == (100, 1)


def test_volume_is_counted_by_month_and_partner(reader: Reader) -> None:
    volume = reader.volume()
    found = [(str(row.month)[:10], row.partner, row.n) for row in volume.itertuples(index=False)]
    # even places lie in January; every fourth of all is East, so East has January only
    assert found == [("2026-01-01", "East", 100), ("2026-01-01", "West", 100), ("2026-02-01", "West", 200)]
    assert volume["approved"].sum() == reader.totals()["approved"]


def test_estimates_fall_into_steps_and_the_ends_take_what_lies_beyond(reader: Reader, stored: pd.DataFrame) -> None:
    low, high = reader.estimate_range()
    assert (low, high) == (stored["estimate"].min(), stored["estimate"].max())
    found = reader.estimates(0.1, 0.3, 4)
    steps = np.clip(np.floor((stored["estimate"] - 0.1) / 0.05), 0, 3).astype(int)
    assert dict(zip(found["bin"], found["n"], strict=True)) == steps.value_counts().to_dict()
    assert found["n"].sum() == N


def test_outcomes_are_measured_where_the_model_was_not_trained(reader: Reader, stored: pd.DataFrame) -> None:
    steps = reader.outcomes_by_estimate(4)
    # the first 200 places are held out; every fifth of them has no outcome
    assert steps["n"].tolist() == [40, 40, 40, 40]
    assert steps["estimate"].is_monotonic_increasing
    measured = stored[stored["outcome"].notna() & stored["measured"]]
    assert steps["outcomes"].sum() == measured["outcome"].sum() == 20
    closest = measured.assign(d=(measured["estimate"] - 0.18).abs()).nsmallest(30, "d")
    assert reader.outcomes_near(0.18, 30) == (30, int(closest["outcome"].sum()))
    band = measured[(measured["estimate"] - 0.18).abs() <= 0.03]
    assert 0 < len(band) < len(measured)
    assert reader.outcomes_near(0.18, 1000, within=0.03) == (len(band), int(band["outcome"].sum()))


def test_groups_and_their_density_hold_every_member(reader: Reader, stored: pd.DataFrame) -> None:
    approved, everyone = reader.groups()
    assert (approved.name, everyone.name, everyone.n) == ("just_approved", "all_applicants", N)
    assert approved.n == int((stored["decision"] == "approved").sum())  # fewer than 1,000: all of them
    assert approved.as_of == date(2026, 2, 1)
    density = reader.group_density(everyone.group_no, 0.0, 1.0, 10)
    assert density.sum() == N
    expected = np.histogram(stored["estimate"], bins=10, range=(0, 1))[0]
    assert density.tolist() == expected.tolist()
    assert everyone.baseline == pytest.approx(stored["raw_score"].mean(), abs=1e-12)


@pytest.mark.parametrize("kind", ["declined", "approved", "near the cut-off"])
def test_a_pick_is_of_the_kind_asked_for_and_every_one_can_be_drawn(
    kind: str, reader: Reader, stored: pd.DataFrame
) -> None:
    near = (stored["estimate"] - 0.18).abs().le(0.01) & stored["rule_no"].isna()
    fits = stored[near if kind == "near the cut-off" else stored["decision"] == kind]["application_id"].tolist()
    picked = [reader.pick(kind, (i + 0.5) / len(fits)) for i in range(len(fits))]
    assert picked == fits
    assert reader.pick(kind, 0.0) == fits[0]
    assert reader.pick(kind, 1 - 1e-12) == fits[-1]


def test_a_kind_that_nobody_is_of_is_said(folder: Path, tmp_path: Path) -> None:
    declined = small_snapshot(tmp_path / "root", tmp_path / "in", n=50, decision={"cutoffs": {"default": 0.0001}})
    with pytest.raises(NotFoundForViewer, match="There is no application that is approved"):
        open_reader(open_snapshot(tmp_path / "root", "small-loans", declined.name), LOCAL_VIEWER).pick("approved", 0.5)


def test_cutoffs_and_checks_are_those_of_the_build(reader: Reader) -> None:
    assert reader.cutoffs().to_dict("list") == {"partner": ["East", "West"], "cutoff": [0.18, 0.18], "n": [100, 300]}
    checks = reader.checks()
    assert checks["passed"].all()
    assert checks["name"].tolist()[0] == "Every explanation adds up"


def test_three_hundred_queries_from_sixteen_threads_each_get_their_own_rows(
    reader: Reader, stored: pd.DataFrame
) -> None:
    ids = stored["application_id"].tolist()
    asked = [ids[(37 * i) % N] for i in range(300)]

    def ask(number: str) -> tuple[str, tuple]:
        one = reader.application(number)
        signals = reader.room.signal_values([one.row_no])
        return number, (one.application_id, one.raw_score, float(signals["income"].iloc[0]))

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, asked))
    alone = {number: ask(number)[1] for number in set(asked)}
    assert all(answer[0] == number for number, answer in found)
    assert [answer for _, answer in found] == [alone[number] for number, _ in found]
    assert all(answer[1] == stored.set_index("application_id")["raw_score"][number] for number, answer in found)


def test_signals_come_back_in_the_order_asked_for_and_twice_when_asked_twice(
    reader: Reader, stored: pd.DataFrame
) -> None:
    room = reader.room
    found = room.signal_values([9, 3, 9])
    assert astuple(reader.application(stored["application_id"][9]))[0] == 9
    one_by_one = [room.signal_values([row]).iloc[0].to_dict() for row in (9, 3, 9)]
    assert pd.DataFrame(one_by_one).equals(pd.DataFrame(found.to_dict("records")))
    typical = room.typical_values(1)
    everyone = room.signal_values(range(N))
    assert typical["median"]["income"] == everyone["income"].median()
    assert typical["mode"]["home"] == everyone["home"].mode()[0]
    assert typical["missing_share"]["utilisation"] == pytest.approx(everyone["utilisation"].isna().mean())
