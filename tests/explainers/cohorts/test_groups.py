"""Cohorts chosen by protected groups: for who may see every group, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import Cohort, CohortProblems, GroupCondition, read_cohort
from data.reader import Reader
from data.snapshots import Snapshot, open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.cohorts.compute import compute_cohort, sums_of
from explainers.cohorts.group import fit_cohort
from explainers.cohorts.groups import group_choices
from explainers.reasons.frequency import compute_frequency
from tests.snapshots_for_tests import small_snapshot

WOMEN = Cohort(groups=(GroupCondition("sex", ("F",)),))


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = tmp_path_factory.mktemp("grouped")

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = np.arange(len(table))
        groups = pd.DataFrame({"id": table["application_id"], "sex": np.where(rows % 3 == 0, "F", "M")})
        groups[5:].to_csv(folder / "inputs" / "groups.csv", index=False)
        return table

    block = {
        "source": "groups.csv",
        "id": "id",
        "attributes": [{"name": "sex", "label": "Sex", "kind": "observed", "reference": "M"}],
    }
    built = small_snapshot(folder / "snapshots", folder / "inputs", change=change, groups=block)
    return open_snapshot(folder / "snapshots", built.parent.name, built.name)


@pytest.fixture
def specialist(grouped: Snapshot) -> Reader:
    return open_reader(grouped, LOCAL_VIEWER)


def test_a_cohort_by_group_holds_that_group_and_nobody_else(specialist: Reader) -> None:
    result = compute_cohort(specialist, WOMEN)
    expected = [f"A-{i:05d}" for i in range(5, 3000) if i % 3 == 0]
    found = specialist.room.summaries(WOMEN).ask("SELECT application_id FROM chosen ORDER BY 1")["application_id"]
    assert found.tolist() == expected
    assert (result.n, result.words) == (len(expected), "Sex: F")
    both = Cohort(decision="declined", groups=WOMEN.groups)
    declined = specialist.room.summaries(Cohort(decision="declined")).ask("SELECT application_id FROM chosen")
    assert compute_cohort(specialist, both).n == len(set(declined["application_id"]) & set(expected))
    unknown = read_cohort("group.sex:Not%20known")
    assert specialist.room.summaries(unknown).counts["n"] == 5


def test_every_summary_works_over_a_group_and_it_can_be_the_yardstick(specialist: Reader) -> None:
    sums = sums_of(specialist, WOMEN)
    assert len(sums.families()) == 5
    assert compute_frequency(specialist, WOMEN).n > 0
    fitted = fit_cohort(specialist, Engine(specialist.room.model), WOMEN)
    assert fitted.record.n == compute_cohort(specialist, WOMEN).n


def test_the_choices_are_the_values_there_are(specialist: Reader) -> None:
    assert [(c.value, c.words) for c in group_choices(specialist)] == [
        ("M", "Sex: M"),
        ("F", "Sex: F"),
        ("Not known", "Sex: Not known"),
    ]


@pytest.mark.parametrize("audience", [Audience.PARTNER, Audience.REGULATOR])
def test_who_sees_counts_only_cannot_choose_by_groups(grouped: Snapshot, audience: Audience) -> None:
    partner = "First Harbor Bank" if audience is Audience.PARTNER else None
    reader = open_reader(grouped, Viewer("v", audience, partner))
    assert group_choices(reader) == ()
    for text in ("group.sex:F", "group.nothing:F"):
        with pytest.raises(CohortProblems, match="a group you cannot choose by"):
            reader.room.summaries(read_cohort(text))


def test_an_attribute_that_is_not_there_and_a_snapshot_without_groups_are_refused(
    specialist: Reader, reader: Reader
) -> None:
    for one in (specialist, reader):
        with pytest.raises(CohortProblems, match="a group you cannot choose by"):
            one.room.summaries(read_cohort("group.race:F"))
    hostile = read_cohort("group.sex:F%27%29%20OR%201%3D1%20--")
    assert specialist.room.summaries(hostile).counts["n"] == 0
