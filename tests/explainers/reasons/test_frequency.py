"""How often a family is a reason, against counting by hand."""

from __future__ import annotations

import pytest

from data.cohorts import EVERYONE, Cohort
from data.reader import Reader
from explainers.pictures import Caption, paint_svg
from explainers.reasons import charts, words
from explainers.reasons.frequency import FamilyFrequency, FrequencyResult, SideFrequency, compute_frequency
from explainers.reasons.ranking import ReasonRule, rank_reasons
from explainers.style import of_100


def test_every_declined_application_is_counted_with_its_reasons(reader: Reader) -> None:
    result = compute_frequency(reader, EVERYONE)
    declined = reader.room.summaries(Cohort(decision="declined"))
    values = declined.ask(
        "SELECT c.* EXCLUDE (row_no, slope) FROM chosen JOIN contributions c USING (row_no) WHERE stage = 'model'"
    ).to_numpy()
    assert result.n == len(values)
    labels = list(declined.families().index)
    again = rank_reasons(values, 1.0, tuple(labels), ReasonRule())
    for place, family in enumerate(labels):
        figures = result.of(family)
        assert figures is not None
        assert figures.first == (again.families[:, 0] == place).sum()
        assert figures.among == (again.families == place).any(axis=1).sum()
        for side in (result.partners, result.months):
            assert sum(s.n * s.among[family] for s in side) == pytest.approx(figures.among)
    assert result.explained == pytest.approx(again.explained.mean())
    assert result.named == pytest.approx((again.families >= 0).sum() / len(values))
    assert [f.among for f in result.families] == sorted((f.among for f in result.families), reverse=True)


def test_a_partner_sees_counts_over_own_applications_only(partner_reader: Reader, reader: Reader) -> None:
    own, everyone = compute_frequency(partner_reader, EVERYONE), compute_frequency(reader, EVERYONE)
    assert 0 < own.n < everyone.n
    partner = partner_reader.viewer.partner
    assert own.n == compute_frequency(reader, Cohort(partners=(partner,))).n


def test_too_few_declined_applications_are_not_counted(reader: Reader) -> None:
    result = compute_frequency(reader, Cohort(low=0.9999))
    assert result.families == ()
    assert "too few" in words.say_common(result, ["debt"])


DEBT, CARDS, JOB = (
    FamilyFrequency("debt", "Debt", 40, 150),
    FamilyFrequency("cards", "Card balances", 10, 60),
    FamilyFrequency("job", "Job", 0, 0),
)


def made(months: int = 0) -> FrequencyResult:
    """Return a result written by hand: 200 declined, two partners."""
    partners = (
        SideFrequency("Alder", 120, {"debt": 0.9, "cards": 0.3, "job": 0.0}),
        SideFrequency("Birch", 80, {"debt": 0.525, "cards": 0.3, "job": 0.0}),
    )
    series = tuple(
        SideFrequency(f"2026-{i + 1:02d}-01", 20, {"debt": 0.5 + 0.05 * i, "cards": 0.3, "job": 0.0})
        for i in range(months)
    )
    return FrequencyResult("s", 200, 12, 0, 1000, 2.4, 0.91, (DEBT, CARDS, JOB), partners, series, 10)


def test_the_sentences_say_the_counts() -> None:
    result = made(6)
    assert words.say_common(result, ["cards", "debt"]) == (
        f"“Card balances” is the strongest reason for {of_100(0.05)} declined applications,"
        f" and one of up to four reasons for {of_100(0.3)}."
    )
    assert "no reason to compare" in words.say_common(result, [])
    assert words.say_reasons(result) == "“Debt” is a reason most often: for 75 of 100 declined applications."
    assert "200 declined applications have 2.4 reasons on average" in words.say_reasons_context(result)
    assert "12 more were declined by a rule" in words.say_reasons_context(result)
    assert words.say_never(result) == "Never a reason: Job."
    assert words.say_partners(result) == "“Debt” differs most between partners: 90 of 100 at Alder, 52 of 100 at Birch."
    assert words.say_months(result) == (
        "“Debt” changed most: a reason for 55 of 100 in the first three months, for 70 of 100 in the last three."
    )
    assert words.say_months(made(5)) is None
    assert words.table_reasons(result)["One of the reasons"].tolist() == [150, 60, 0]
    assert words.table_partners(result).columns.tolist() == ["Reason", "Alder", "Birch"]
    assert words.table_months(result)["Declined"].tolist() == [20] * 6


def test_the_pictures_hold_the_shares() -> None:
    figure = charts.chart_reasons(made(6))
    assert [list(trace.x) for trace in figure.data] == [[0.75, 0.3, 0.0], [0.2, 0.05, 0.0]]
    months = charts.chart_months(made(6))
    assert len(months.data) == 3
    for drawn in (figure, months):
        assert paint_svg(drawn, Caption("Reasons", "by hand")).startswith(b"<?xml")
