"""Protected groups are read by those who may, in their scope, and nothing small can be worked out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import Cohort
from data.errors import CandorError, NotFoundForViewer
from data.protected import Protected
from data.protected_values import FOLDED
from data.suppression import find_determined, fold_small, hide_cells
from data.workspace import open_workspace
from data.workspace.shared_groups import end_sharing, is_shared, list_shares, share_groups
from tests.explainers.fairness.worlds import grouped_snapshot, reader_of

BANK, OTHER = "First Harbor Bank", "Prairie State Credit"
PARTNER = Viewer("p", Audience.PARTNER, BANK)
REGULATOR = Viewer("r", Audience.REGULATOR)
TABLES = ("month", "outcome")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grouped_snapshot(tmp_path_factory.mktemp("protected") / "home", n=2000)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Share the groups of the small model with one partner, in a workspace of its own."""
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")
    share_groups(open_workspace(), LOCAL_VIEWER, "small-loans", BANK, "yearly review")


def protected_of(snapshot: Path, viewer: Viewer) -> Protected:
    return reader_of(snapshot, viewer).protected_groups()


def test_a_partner_sees_nothing_until_it_is_shared_and_nothing_after(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")
    reader, workspace = reader_of(snapshot, PARTNER), open_workspace()
    with pytest.raises(NotFoundForViewer, match="not shared"):
        reader.protected_groups()
    share_groups(workspace, LOCAL_VIEWER, "small-loans", BANK, "yearly review")
    share_groups(workspace, LOCAL_VIEWER, "small-loans", BANK, "again")
    assert reader.protected_groups().attributes
    with pytest.raises(NotFoundForViewer):
        reader_of(snapshot, Viewer("q", Audience.PARTNER, OTHER)).protected_groups()
    assert end_sharing(workspace, LOCAL_VIEWER, "small-loans", BANK)
    assert not end_sharing(workspace, LOCAL_VIEWER, "small-loans", BANK)
    with pytest.raises(NotFoundForViewer):
        reader.protected_groups()
    (kept,) = list_shares(workspace, REGULATOR, "small-loans")
    assert (kept.partner, kept.reason, kept.in_force, kept.revoked_by) == (BANK, "yearly review", False, "local")


@pytest.mark.parametrize("viewer", [PARTNER, REGULATOR])
def test_only_a_specialist_shares(shared: None, viewer: Viewer) -> None:
    workspace = open_workspace()
    with pytest.raises(CandorError):
        share_groups(workspace, viewer, "small-loans", OTHER, "why not")
    with pytest.raises(CandorError):
        end_sharing(workspace, viewer, "small-loans", BANK)
    assert is_shared(workspace, PARTNER, "small-loans")
    assert not is_shared(workspace, PARTNER, "another-model")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "a\x07b"])
def test_a_share_needs_a_reason(shared: None, reason: str) -> None:
    with pytest.raises(CandorError):
        share_groups(open_workspace(), LOCAL_VIEWER, "small-loans", OTHER, reason)


def test_counts_stay_in_the_viewers_scope(snapshot: Path, shared: None) -> None:
    everyone, own = protected_of(snapshot, LOCAL_VIEWER), protected_of(snapshot, PARTNER)
    n = int(reader_of(snapshot, PARTNER).totals()["n"])
    assert int(own.count().total["n"]) == n < int(everyone.count().total["n"])
    for attribute in own.attributes:
        if attribute.kind == "observed":
            assert sum(value.n for value in attribute.values) == n


def test_the_order_of_both_files_joins_the_right_people(snapshot: Path) -> None:
    table = pd.read_csv(snapshot.parents[3] / "home-inputs" / "groups.csv", dtype=str).set_index("application_id")
    rows = protected_of(snapshot, LOCAL_VIEWER).ask(("sex", "race"), "FROM labelled", {}, Cohort(decision="declined"))
    assert len(rows) > 100
    assert (rows["g0"].to_numpy() == table.loc[rows["application_id"], "sex"].to_numpy()).all()
    assert (rows["g1"].to_numpy() == table.loc[rows["application_id"], "race"].to_numpy()).all()


@pytest.mark.parametrize("viewer", [PARTNER, REGULATOR])
def test_viewers_of_aggregates_choose_no_cohorts(snapshot: Path, shared: None, viewer: Viewer) -> None:
    for cohort in (Cohort(first_month="2026-02"), Cohort(low=0.1), Cohort(decision="declined")):
        with pytest.raises(NotFoundForViewer, match="over all applications only"):
            protected_of(snapshot, viewer).count(cohort)
        with pytest.raises(NotFoundForViewer):
            protected_of(snapshot, viewer).ask(("sex",), "SELECT count(*) FROM labelled", {}, cohort)


@pytest.mark.parametrize("viewer", [PARTNER, REGULATOR])
def test_small_values_are_put_together_in_every_statement(snapshot: Path, shared: None, viewer: Viewer) -> None:
    protected = protected_of(snapshot, viewer)
    for name in ("sex", "race", "age"):
        counts = protected.ask((name,), "SELECT g0, count(*) AS n FROM labelled GROUP BY 1", {}, Cohort())
        assert counts["n"].min() >= protected.least
    if viewer is PARTNER:
        assert FOLDED in {value.name for value in protected.attribute("race").values}


def seen_tables(protected: Protected) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Return every two-way table a viewer can ask for, as (attribute, other) and its cells."""
    counted, names = protected.count(), [a.name for a in protected.attributes if a.kind == "observed"]
    tables = [((name, by), counted.by(name, by).rename(columns={"value": "x", "by": "y"}))
              for name in names for by in TABLES]  # fmt: skip
    for first, second in itertools.combinations(names, 2):
        cells = counted.pair(first, second).rename(columns={"first": "x", "second": "y"})
        tables.append(((first, second), cells))
    return tables


@pytest.mark.parametrize("viewer", [PARTNER, REGULATOR])
@pytest.mark.parametrize("figure", ["n", "approved"])
def test_no_hidden_cell_follows_from_everything_that_is_shown(
    snapshot: Path, shared: None, viewer: Viewer, figure: str
) -> None:
    """Solve for every combination of attributes, month and outcome with all that is shown as equations."""
    protected = protected_of(snapshot, viewer)
    sql = f"SELECT g0, g1, g2, strftime(application_date, '%Y-%m') AS month, {_outcome()} AS outcome FROM labelled"
    rows = protected.ask(("sex", "race", "age"), sql, {}, Cohort())
    axes = dict(zip(("sex", "race", "age", *TABLES), rows.columns, strict=True))
    kinds = rows.drop_duplicates().reset_index(drop=True)
    shown, hidden = [], []
    for column in axes.values():  # sums of every axis are known to the viewer, from this page or another
        shown += [(kinds[column] == value).to_numpy(float) for value in kinds[column].unique()]

    for (first, second), cells in seen_tables(protected):
        for cell in cells.itertuples():
            indicator = ((kinds[axes[first]] == cell.x) & (kinds[axes[second]] == cell.y)).to_numpy(float)
            (hidden if cell.hidden else shown).append(indicator)
            assert cell.hidden == np.isnan(getattr(cell, figure))
            assert cell.hidden or cell.n >= protected.least
    assert hidden
    equations = np.array(shown)
    for indicator in {tuple(h): np.array(h) for h in hidden if h.any()}.values():
        weights, *_ = np.linalg.lstsq(equations.T, indicator, rcond=None)
        assert np.abs(equations.T @ weights - indicator).max() > 1e-6, "a hidden cell follows from what is shown"


def _outcome() -> str:
    return (
        "CASE WHEN outcome IS NULL OR NOT measured THEN 'not known' WHEN outcome = 1 THEN 'happened' ELSE 'did not' END"
    )


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(1, 40))
def test_what_is_put_together_is_large_enough_and_never_alone(counts: list[int], least: int) -> None:
    folded = fold_small(counts, least)
    assert all(counts[i] >= least for i in range(len(counts)) if i not in folded)
    if folded and len(folded) < len(counts):
        assert len(folded) >= 2
        assert sum(counts[i] for i in folded) >= least


@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_hidden_cells_have_no_single_solution(rows: int, columns: int, data: st.DataObject) -> None:
    counts = np.array(data.draw(st.lists(st.integers(0, 40), min_size=rows * columns, max_size=rows * columns)))
    counts = counts.reshape(rows, columns)
    hidden = hide_cells(counts, 10)
    assert (hidden | (counts >= 10)).all()
    assert not find_determined(hidden).any()
    for axis in (0, 1):
        totals, flags = np.where(hidden, counts, 0).sum(axis), hidden.any(axis)
        whole = hidden.all(axis)
        assert ((totals >= 10) | ~flags | whole).all()


def test_one_hidden_cell_alone_would_follow_and_two_crossed_pairs_do_not() -> None:
    alone = np.array([[True, False], [False, False]])
    assert find_determined(alone)[0, 0]
    assert not find_determined(np.ones((2, 2), dtype=bool)).any()
