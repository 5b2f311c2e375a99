"""Whether reasons changed since the last snapshot, against counting by hand; and single applications with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from data.reader import Reader
from data.reason_counts import count_reasons
from data.snapshots import open_reader, open_snapshot
from explainers.assurance.intervals import newcombe
from explainers.reasons import drift_words as words
from explainers.reasons.drift import FamilyDrift, compute_drift
from explainers.reasons.examples import SHOWN, compute_examples
from tests.snapshots_for_tests import small_snapshot


def test_newcombes_own_example() -> None:
    # Newcombe 1998, table II (a): 56/70 less 48/80, method 10
    low, high = newcombe((56, 70), (48, 80))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def until(last: str):
    """Keep applications up to a day."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["application_date"].astype(str) <= last].reset_index(drop=True)

    return change


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder: Path = tmp_path_factory.mktemp("earlier")
    built = small_snapshot(folder / "snapshots", folder / "inputs", change=until("2026-07-31"))
    return open_reader(open_snapshot(folder / "snapshots", built.parent.name, built.name), LOCAL_VIEWER)


def test_since_the_earlier_snapshot_means_later_months_only(reader: Reader, earlier: Reader) -> None:
    result = compute_drift(reader, earlier)
    assert result is not None
    assert (result.earlier_as_of, result.since) == ("2026-07-31", "2026-08")
    later = reader.room.summaries(Cohort(decision="declined", first_month="2026-08"))
    assert result.n == len(later.ask("SELECT row_no FROM chosen WHERE stage = 'model'"))
    before = earlier.room.summaries(Cohort(decision="declined"))
    assert result.n_before == len(before.ask("SELECT row_no FROM chosen WHERE stage = 'model'"))
    counts, past = (count_reasons(s).set_index("family") for s in (later, before))
    for one in result.families:
        assert one.now == counts.loc[one.family, "among"] / result.n
        assert one.before == past.loc[one.family, "among"] / result.n_before
        assert one.low < one.now - one.before < one.high
    # the book is drawn by one process: nothing changed
    assert not any(one.changed for one in result.families)
    assert words.say_drift(result) == "No reason became more or less common since 31 Jul 2026, beyond chance"
    assert "from Aug 2026 on" in words.say_drift_context(result)


def test_a_change_is_said_with_both_shares(reader: Reader, earlier: Reader) -> None:
    result = compute_drift(reader, earlier)
    assert result is not None
    moved = FamilyDrift("debt", "Debt", 0.4, 0.6, 0.1, 0.3)
    said = words.say_drift(replace(result, families=(moved, replace(moved, family="x", low=-0.1))))
    assert said == "“Debt” is a more common reason since 31 Jul 2026: 60 of 100, 40 of 100 before"
    assert words.table_drift(replace(result, families=(moved,)))["Beyond chance"].tolist() == ["yes"]
    assert words.say_drift(replace(result, families=())).startswith("Too few applications were declined")


def test_there_is_no_change_to_speak_of_without_later_months(reader: Reader, earlier: Reader) -> None:
    assert compute_drift(earlier, reader) is None
    assert compute_drift(reader, reader) is None


def test_listed_applications_have_the_reason_and_the_highest_places_come_first(reader: Reader) -> None:
    result = compute_examples(reader, EVERYONE, "debt")
    families = list(reader.room.summaries().families(spread=False).index)
    stored = reader.room.summaries().ask(
        "SELECT application_id, r1, r2, r3, r4 FROM chosen JOIN reasons USING (row_no)"
        " WHERE stage = 'model' AND decision = 'declined'"
    )
    places = stored.set_index("application_id")
    having = (places == families.index("debt")).any(axis=1)
    assert result.n == int(having.sum())
    assert 0 < len(result.examples) <= SHOWN
    for one in result.examples:
        assert places.loc[one.application_id].tolist()[one.place - 1] == families.index("debt")
    assert [e.place for e in result.examples] == sorted(e.place for e in result.examples)


def test_an_unknown_family_and_too_few_applications_are_not_found(snapshot, reader: Reader) -> None:
    with pytest.raises(NotFoundForViewer):
        compute_examples(reader, EVERYONE, "nothing")
    partner = open_reader(snapshot, Viewer("p", Audience.PARTNER, "Prairie State Credit"))
    with pytest.raises(NotFoundForViewer):
        compute_examples(partner, Cohort(low=0.75), "debt")


def test_a_regulator_gets_masked_numbers(snapshot, reader: Reader) -> None:
    regulator = open_reader(snapshot, Viewer("r", Audience.REGULATOR, None))
    masked = compute_examples(regulator, EVERYONE, "debt").examples
    plain = compute_examples(reader, EVERYONE, "debt").examples
    assert len(masked) == len(plain)
    assert not {e.application_id for e in masked} & {e.application_id for e in plain}
