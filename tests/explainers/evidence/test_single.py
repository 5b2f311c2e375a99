"""One reason of one application tested, and how solid one explanation is: by hand, for every viewer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.errors import NotFoundForViewer
from data.reader import Reader
from data.snapshots import Snapshot, open_reader, open_snapshot
from data.sql import cursor
from explainers.attribution import Engine
from explainers.decision.compute import FittedGroup, OnFile, fit_group, group_for, read_on_file
from explainers.evidence.charts import chart_reason_test
from explainers.evidence.single import SolidResult, compute_reason_test, compute_solid
from explainers.evidence.single_words import say_reason_test, say_reason_test_detail, say_solid, table_solid


@pytest.fixture(scope="module")
def snapshot(evidence_folder: Path) -> Snapshot:
    folder = evidence_folder
    return open_snapshot(folder.parents[1], folder.parent.name, folder.name)


@pytest.fixture(scope="module")
def engine(snapshot: Snapshot) -> Engine:
    return Engine(snapshot.model)


def declined(snapshot: Snapshot, stage: str = "model") -> tuple[str, str]:
    """Return the number and partner of a declined application."""
    with cursor(snapshot.connection()) as own:
        row = own.execute(
            "SELECT application_id, partner FROM applications WHERE decision = 'declined' AND stage = ?"
            " ORDER BY abs(estimate - cutoff), row_no LIMIT 1",
            [stage],
        ).fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def opened(reader: Reader, engine: Engine, number: str) -> tuple[OnFile, FittedGroup]:
    return read_on_file(reader, engine, number), fit_group(reader, engine, *group_for(reader, number, None))


def test_the_estimate_is_the_mean_over_values_of_the_group(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    number, _ = declined(snapshot)
    asked, group = opened(reader, engine, number)
    result = compute_reason_test(reader, asked, group, "debt")
    members = reader.room.group_rows(group.record.group_no)
    every = -(-len(members) // 500)
    rows = asked.values.loc[asked.values.index.repeat(len(members[::every]))].reset_index(drop=True)
    rows["debt_share"] = members["debt_share"].to_numpy()[::every]
    estimates = snapshot.model.estimate(snapshot.model.predict_raw(rows))
    assert result.n == len(rows)
    assert result.after == pytest.approx(estimates.mean(), abs=1e-12)
    assert result.share_passing == pytest.approx((estimates <= result.cutoff).mean())
    assert result.passes == (estimates.mean() <= result.cutoff)
    assert not result.passed


def test_a_partner_gets_whole_points_and_no_share(snapshot: Snapshot, engine: Engine) -> None:
    number, partner = declined(snapshot)
    reader = open_reader(snapshot, Viewer("p", Audience.PARTNER, partner))
    result = compute_reason_test(reader, *opened(reader, engine, number), "debt")
    assert result.step == 0.01
    assert result.after == pytest.approx(round(result.after, 2), abs=1e-12)
    assert result.share_passing is None
    assert "With " not in say_reason_test_detail(result)


def test_a_family_that_is_not_there_is_refused(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    with pytest.raises(NotFoundForViewer):
        compute_reason_test(reader, *opened(reader, engine, declined(snapshot)[0]), "no-such-family")


def test_the_words_say_whether_the_side_changes(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    result = compute_reason_test(reader, *opened(reader, engine, declined(snapshot)[0]), "debt")
    assert "does not change the side" in say_reason_test(replace(result, passed=False, passes=False))
    crossed = say_reason_test(replace(result, passed=False, passes=True))
    assert "alone changes the side" in crossed
    assert "at or below the cut-off" in crossed
    figure = chart_reason_test(result)
    assert [float(line.x[0]) for line in figure.data] == [result.before, result.after]


def test_a_policy_rule_declines_whatever_the_estimate(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    result = compute_reason_test(reader, *opened(reader, engine, declined(snapshot, "policy rule")[0]), "debt")
    assert result.rule is not None
    assert "whatever the estimate" in say_reason_test(result)


def test_how_solid_an_explanation_is_says_what_holds_for_its_reasons(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    result = compute_solid(reader, *opened(reader, engine, declined(snapshot)[0]))
    assert result.named
    assert result.unresponsive is not None
    for some in (result.held, result.near_ties, result.unresponsive):
        assert set(some) <= set(result.named)
    assert "Could a change matter?" in table_solid(result)


def test_a_partner_does_not_learn_what_changes_would_do(snapshot: Snapshot, engine: Engine) -> None:
    number, partner = declined(snapshot)
    reader = open_reader(snapshot, Viewer("p", Audience.PARTNER, partner))
    assert compute_solid(reader, *opened(reader, engine, number)).unresponsive is None


def test_single_and_stored_tests_hold_the_same_reasons_for_review(snapshot: Snapshot, engine: Engine) -> None:
    reader = open_reader(snapshot, LOCAL_VIEWER)
    labels = {f.label: slug for slug, f in snapshot.card.families.items()}
    stored = reader.room.evidence()
    held = stored.rows[[f"held{k}" for k in range(1, 5)]].any(axis=1)
    rows = [*stored.rows[held].head(3).to_dict("records"), *stored.rows[~held].head(3).to_dict("records")]
    for row in rows:
        with cursor(snapshot.connection()) as own:
            found = own.execute("SELECT application_id FROM applications WHERE row_no = ?", [row["row_no"]]).fetchone()
        assert found is not None
        result = compute_solid(reader, *opened(reader, engine, str(found[0])))
        named = [stored.families[int(row[f"r{k}"])] for k in range(1, 5) if row[f"r{k}"] >= 0]
        expected = {f for k, f in enumerate(named, start=1) if row[f"held{k}"]}
        assert {labels[label] for label in result.held} == expected
        assert [labels[label] for label in result.named] == named


def test_nothing_named_is_nothing_said() -> None:
    assert say_solid(SolidResult("s", (), (), (), None)) == ()
    assert say_solid(SolidResult("s", ("A", "B"), (), (), ("A", "B")))[0][1].startswith("No allowed change of any one")
    said = dict(say_solid(SolidResult("s", ("A", "B"), ("A",), ("B",), ("B",))))
    assert said["A near tie"].startswith("“B”")
    assert "better than is typical" in said["To be looked at"]
    assert np.all([text.endswith(".") for text in said.values()])
