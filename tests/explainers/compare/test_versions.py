"""Two snapshots side by side, counted again by joining what both store on the application's number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.access import Audience, Viewer
from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from explainers.compare import charts
from explainers.compare import versions_words as words
from explainers.compare.versions import STEPS, compute_versions, shift_of
from explainers.compare.versions_result import VersionsResult
from tests.two_snapshots import MOVED, TINY, N, reader_of, stored

RISK = Viewer("r", Audience.SPECIALIST)
PARTNER = Viewer("p", Audience.PARTNER, "First Harbor Bank")
FAMILIES = ["income", "debt", "balances", "payments", "housing"]
LABELS = ["Income", "Debt compared with income", "Card balances", "Payment history", "Housing"]


def compare(viewer: Viewer = RISK, cohort: Cohort = EVERYONE) -> VersionsResult:
    return compute_versions(reader_of("2", viewer), reader_of("1", viewer), cohort)


@pytest.fixture(scope="module")
def joined() -> pd.DataFrame:
    return stored("2").merge(stored("1"), on="application_id", suffixes=("", "_there"))


def test_applications_in_both_are_found_by_their_number(joined: pd.DataFrame) -> None:
    result = compare()
    assert result.matched == len(joined) == N - 100
    assert (result.n, result.here.n, result.there.n, result.n_total) == (N, N, N, N)
    assert not result.same_model


def test_differences_are_those_of_the_same_application(joined: pd.DataFrame) -> None:
    result, moved = compare(), joined["estimate"] - joined["estimate_there"]
    assert result.shift is not None
    assert result.shift.mean == pytest.approx(moved.mean())
    assert result.shift.mean_size == pytest.approx(moved.abs().mean())
    assert sum(result.shift.shares) == pytest.approx(1)
    half = result.shift.edges[STEPS // 2 + 1]
    assert result.shift.up == pytest.approx((moved > half).mean())


@pytest.mark.parametrize(("declined", "now"), [(True, "declined"), (False, "approved")])
def test_the_swap_set_is_counted_and_its_families_averaged(joined: pd.DataFrame, declined: bool, now: str) -> None:
    swap = compare().now_declined if declined else compare().now_approved
    own = joined[(joined["decision"] == now) & (joined["decision_there"] != now)]
    assert swap is not None
    assert swap.n == len(own) > 10
    expected = {lab: (own[f] - own[f"{f}_there"]).mean() for f, lab in zip(FAMILIES, LABELS, strict=True)}
    assert dict(swap.moved) == pytest.approx(expected, abs=1e-6)
    sizes = (own["estimate"] - own["estimate_there"]).abs().nlargest(5)
    assert list(swap.examples) == own.loc[sizes.index, "application_id"].tolist()
    values = [value for _, value in swap.moved]
    assert values == sorted(values, reverse=declined)


def test_first_reasons_are_compared_where_both_declined(joined: pd.DataFrame) -> None:
    found = compare().reasons
    both = joined[(joined["decision"] == "declined") & (joined["decision_there"] == "declined")]
    here, there = both[FAMILIES].idxmax(axis=1), both[[f"{f}_there" for f in FAMILIES]].idxmax(axis=1)
    assert found is not None
    changed = here != there.str.removesuffix("_there")
    assert (found.n, found.changed) == (len(both), int(changed.sum()))
    pairs = pd.Series(list(zip(there[changed], here[changed], strict=True))).value_counts()
    assert found.most_common == pairs.iloc[0]
    assert found.before in LABELS
    assert found.after in LABELS


def test_drivers_are_the_mean_sizes_of_both(joined: pd.DataFrame) -> None:
    here, there = stored("2")[FAMILIES].abs().mean(), stored("1")[FAMILIES].abs().mean()
    for family, label in zip(FAMILIES, LABELS, strict=True):
        (row,) = (d for d in compare().drivers if d.label == label)
        assert (row.here, row.there) == pytest.approx((here[family], there[family]))


def test_a_cohort_is_who_it_finds_here_whatever_became_of_them_there(joined: pd.DataFrame) -> None:
    result = compare(cohort=Cohort(decision="declined"))
    assert result.matched == int((joined["decision"] == "declined").sum())
    assert result.now_approved is not None
    assert result.now_approved.n == 0
    assert result.now_declined == compare().now_declined


def test_without_a_common_application_only_distributions_are_compared() -> None:
    result = compare(cohort=Cohort(partners=(MOVED,)))
    assert (result.matched, result.shift, result.now_declined, result.reasons) == (0, None, None, None)
    assert (result.here.n, result.there.n) == (100, 100)
    assert "no application in common" in words.say_versions(result)
    assert charts.chart_shift(result) is None
    assert sum(result.here.shares) == pytest.approx(1)


def test_a_snapshot_beside_itself_shows_no_difference() -> None:
    result = compute_versions(reader_of("1", RISK), reader_of("1", RISK), EVERYONE)
    assert result.same_model
    assert result.shift is not None
    assert (result.shift.mean_size, result.shift.up, result.shift.down) == (0, 0, 0)
    assert result.reasons is not None
    assert result.reasons.changed == 0
    assert "No estimate differs" in words.say_versions(result)
    assert words.say_shift_note(result) is None


def test_too_few_are_refused_in_words() -> None:
    with pytest.raises(NotFoundForViewer, match="at least 10"):
        compare(cohort=Cohort(partners=(TINY,)))
    with pytest.raises(NotFoundForViewer, match="other snapshot"):
        compare(cohort=Cohort(first_month="2027-01"))
    with pytest.raises(NotFoundForViewer, match="at least 30"):
        compare(Viewer("p", Audience.PARTNER, TINY))


def test_a_partner_compares_own_applications_to_a_tenth() -> None:
    result = compare(PARTNER)
    own = stored("2").query("partner == 'First Harbor Bank'")
    assert result.n == len(own) == result.matched
    assert result.shift is not None
    figures = [result.shift.mean, result.shift.mean_size, result.here.mean_estimate]
    figures += [d.here for d in result.drivers]
    for swap in (result.now_declined, result.now_approved):
        assert swap is not None
        figures += [value for _, value in swap.moved]
        assert set(swap.examples) <= set(own["application_id"])
    assert all(abs(f * 1000 - round(f * 1000)) < 1e-9 for f in figures)


def test_a_regulator_sees_masked_numbers() -> None:
    swap = compare(Viewer("e", Audience.REGULATOR)).now_declined
    assert swap is not None
    assert all(number.startswith("M-") for number in swap.examples)


def test_two_viewers_are_never_compared() -> None:
    with pytest.raises(ValueError, match="same viewer"):
        compute_versions(reader_of("2", RISK), reader_of("1", PARTNER), EVERYONE)


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(-1, 1)))
def test_every_difference_has_a_step(moved: np.ndarray) -> None:
    shift = shift_of(moved, is_probability=True)
    assert sum(shift.shares) == pytest.approx(1)
    assert shift.edges == pytest.approx([-edge for edge in reversed(shift.edges)])
    assert shift.up + shift.down <= 1 + 1e-12


def test_words_and_pictures_are_made_for_every_audience() -> None:
    for viewer in (RISK, PARTNER, Viewer("e", Audience.REGULATOR)):
        result = compare(viewer)
        assert "change sides" in words.say_versions(result)
        assert len(charts.chart_drivers(result).data) == 2
        assert charts.chart_shift(result) is not None
        assert len(charts.chart_spread(result).data) == 2
        assert result.now_declined is not None
        assert "points" in words.say_swap(result, result.now_declined)
        for said in (words.say_drivers_alt(result), words.say_shift_alt(result), words.say_spread_alt(result)):
            assert said.endswith(".")
        assert len(words.table_shift(result)) == STEPS
        assert len(words.table_drivers(result)) == len(FAMILIES)
