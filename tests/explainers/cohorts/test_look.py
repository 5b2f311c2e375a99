"""A cohort beside everyone, and as a comparison group: counted again from what the snapshot stores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.access import Audience, Viewer
from data.cohorts import EVERYONE, Cohort, CohortProblems, SignalCondition
from data.errors import NotFoundForViewer
from explainers.attribution import Engine
from explainers.cohorts import charts, tables
from explainers.cohorts import look_words as words
from explainers.cohorts.group import fit_cohort
from explainers.cohorts.look import compute_look
from explainers.cohorts.signals import find_signals, name_conditions, signal_choices, signal_levels
from explainers.cohorts.words import say_cohort
from explainers.decision.compute import DENSITY_BINS, compute_decision, fit_group
from tests.two_snapshots import MOVED, TINY, reader_of, stored

RISK = Viewer("r", Audience.SPECIALIST)
PARTNER = Viewer("p", Audience.PARTNER, "First Harbor Bank")
DECLINED = Cohort(decision="declined")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return stored("1")


def test_families_stand_apart_by_the_difference_of_their_means(table: pd.DataFrame) -> None:
    result = compute_look(reader_of("1", RISK), DECLINED)
    own = table[table["decision"] == "declined"]
    assert (result.n, result.n_total) == (len(own), len(table))
    for family in result.families:
        assert family.cohort == pytest.approx(own[family.family].mean())
        assert family.everyone == pytest.approx(table[family.family].mean())
    sizes = [abs(f.apart) for f in result.families]
    assert sizes == sorted(sizes, reverse=True)
    assert "declined" in words.say_look(result)
    assert result.families[0].label in words.say_apart(result)


def test_shares_and_months_count_every_application(table: pd.DataFrame) -> None:
    result = compute_look(reader_of("1", RISK), Cohort(partners=(MOVED,)))
    own = table[table["partner"] == MOVED]
    assert sum(result.shares) == pytest.approx(1)
    steps = np.clip(np.floor((own["estimate"] - result.low) / (result.high - result.low) * 40), 0, 39)
    assert result.shares == pytest.approx(np.bincount(steps.astype(int), minlength=40) / len(own))
    assert words.by_month(result)["n"].sum() == len(own)
    assert words.by_partner(result)[["partner", "n"]].to_numpy().tolist() == [[MOVED, 100]]
    assert (tables.table_months(result)["Share approved"] == "too few").any()


def test_everyone_is_set_apart_by_nothing() -> None:
    result = compute_look(reader_of("1", RISK), EVERYONE)
    assert result.is_everyone
    assert "Every application" in words.say_look(result)
    assert all(f.apart == 0 for f in result.families)
    assert len(charts.chart_spread(result).data) == 1


def test_a_partner_sees_tenths_and_own_applications(table: pd.DataFrame) -> None:
    result = compute_look(reader_of("1", PARTNER), DECLINED)
    own = table[table["partner"] == "First Harbor Bank"]
    assert result.everyone.n == len(own)
    assert all(abs(f.cohort * 1000 - round(f.cohort * 1000)) < 1e-9 for f in result.families)
    assert set(words.by_partner(result)["partner"]) == {"First Harbor Bank"}


def test_too_few_and_hidden_conditions_are_refused() -> None:
    with pytest.raises(NotFoundForViewer, match="at least 10"):
        compute_look(reader_of("1", RISK), Cohort(partners=(TINY,)))
    with pytest.raises(CohortProblems):
        compute_look(reader_of("1", PARTNER), Cohort(signals=(SignalCondition("income", high=1e9),)))


def test_every_picture_and_table_is_made() -> None:
    for cohort in (DECLINED, Cohort(signals=(SignalCondition("utilisation", missing=True),))):
        result = compute_look(reader_of("1", RISK), cohort)
        assert len(charts.chart_apart(result).data[0].x) == len(words.shown_apart(result)) > 0
        assert len(charts.chart_spread(result).data) == 2
        assert len(charts.chart_months(result).data) == 1
        assert len(tables.table_spread(result)) == 40
        assert len(tables.table_apart(result)) == 5
        assert words.say_apart_alt(result).endswith(".")


def test_everyone_as_a_cohort_is_the_stored_group_of_all() -> None:
    reader = reader_of("1", RISK)
    engine = Engine(reader.room.model)
    stored_group = next(g for g in reader.groups() if g.name == "all_applicants")
    usual = fit_group(reader, engine, stored_group.name, stored_group.group_no)
    chosen = fit_cohort(reader, engine, EVERYONE)
    assert chosen.fitted.sha256 == usual.fitted.sha256 == stored_group.content_hash
    assert chosen.fitted.baseline == pytest.approx(usual.fitted.baseline, abs=1e-12)
    assert chosen.record.n == stored_group.n
    assert (chosen.record.band_low, chosen.record.band_high) == (stored_group.band_low, stored_group.band_high)
    assert np.array_equal(chosen.density(0.0, 0.8), usual.density(0.0, 0.8))
    for name, value in usual.typical.items():
        assert chosen.typical[name]["missing_share"] == pytest.approx(value["missing_share"])
        assert chosen.typical[name]["median"] == value["median"] or pd.isna(value["median"])


def test_a_decision_against_a_cohort_starts_from_its_mean_score(table: pd.DataFrame) -> None:
    reader = reader_of("1", RISK)
    group = fit_cohort(reader, Engine(reader.room.model), DECLINED)
    result = compute_decision(reader, reader.pick("approved", 0.5), group)
    own = table[table["decision"] == "declined"]
    assert result.comparison.n == len(own)
    assert result.comparison.baseline == pytest.approx(own["raw_score"].mean())
    assert sum(f.points for f in result.families) == pytest.approx(result.total_points, abs=1e-9)
    assert result.comparison.name == "declined"


def test_a_partners_cohort_is_made_of_own_applications_and_says_so(table: pd.DataFrame) -> None:
    reader = reader_of("1", PARTNER)
    group = fit_cohort(reader, Engine(reader.room.model), DECLINED)
    own = table[(table["partner"] == "First Harbor Bank") & (table["decision"] == "declined")]
    assert (group.record.n, group.record.own_only, group.record.baseline) == (len(own), True, None)
    assert group.fitted.baseline == pytest.approx(own["raw_score"].mean())
    assert group.density(0.0, 1.0).sum() == len(own)
    assert len(group.density(0.0, 1.0)) == DENSITY_BINS
    low, high = group.record.band_low, group.record.band_high
    assert low is not None
    assert high is not None
    assert low <= own["estimate"].min()
    assert high >= own["estimate"].max()
    assert abs(low * 1000 - round(low * 1000)) < 1e-9


def test_a_cohort_of_too_few_is_no_comparison_group() -> None:
    reader = reader_of("1", RISK)
    with pytest.raises(NotFoundForViewer, match="at least 10"):
        fit_cohort(reader, Engine(reader.room.model), Cohort(partners=(TINY,)))


def test_signals_are_found_by_words_and_hidden_from_partners() -> None:
    reader = reader_of("1", RISK)
    choices = signal_choices(reader)
    assert {c.name for c in choices} == {"income", "debt_share", "utilisation", "late_payments", "home"}
    assert [c.name for c in find_signals(choices, "inCOME yearly")] == ["income"]
    assert find_signals(choices, "nothing like it") == ()
    assert set(signal_levels(reader, "home")) == {"RENT", "OWN", "MORTGAGE"}
    assert signal_levels(reader, "income") == {}
    condition = SignalCondition("income", high=40000)
    assert name_conditions(reader, (condition,)) == ("Yearly income up to $40,000",)
    partner = reader_of("1", PARTNER)
    assert signal_choices(partner) == ()
    assert signal_levels(partner, "home") == {}
    assert name_conditions(partner, (condition,)) == ("another condition",)


def test_a_cohort_chosen_by_its_decision_has_no_approval_rate() -> None:
    result = compute_look(reader_of("1", RISK), DECLINED)
    said = f"{words.say_look_context(result)} {say_cohort(result.counted)}"
    assert "approved" not in said
    assert list(tables.table_months(result).columns) == ["Month", "Applications"]
    free = compute_look(reader_of("1", RISK), Cohort(last_month="2026-06"))
    assert "were approved" in words.say_look_context(free)
    assert " approved" in say_cohort(free.counted)
    assert "Share approved" in tables.table_partners(free)
