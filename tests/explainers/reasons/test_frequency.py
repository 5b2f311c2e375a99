"""How often a family is a reason, against counting by hand."""

from __future__ import annotations

from data.cohorts import EVERYONE, Cohort
from data.reader import Reader
from explainers.reasons.frequency import FamilyFrequency, FrequencyResult, compute_frequency
from explainers.reasons.ranking import ReasonRule, rank_reasons
from explainers.reasons.words import say_common, table_common
from explainers.style import of_100


def test_every_declined_application_has_one_strongest_family(reader: Reader) -> None:
    result = compute_frequency(reader, EVERYONE)
    declined = reader.room.summaries(Cohort(decision="declined"))
    values = declined.ask(
        "SELECT c.* EXCLUDE (row_no, slope) FROM chosen JOIN contributions c USING (row_no)"
    ).to_numpy()
    assert result.n == len(values) == declined.counts["n"]
    labels = list(declined.families().index)
    again = rank_reasons(values, 1.0, tuple(labels), ReasonRule()).families
    for place, family in enumerate(labels):
        figures = result.of(family)
        assert figures is not None
        assert figures.first == (again[:, 0] == place).sum()
        assert figures.among == (again == place).any(axis=1).sum()
    assert [f.among for f in result.families] == sorted((f.among for f in result.families), reverse=True)


def test_a_partner_sees_counts_over_own_applications_only(partner_reader: Reader, reader: Reader) -> None:
    own, everyone = compute_frequency(partner_reader, EVERYONE), compute_frequency(reader, EVERYONE)
    assert 0 < own.n < everyone.n
    partner = partner_reader.viewer.partner
    assert own.n == compute_frequency(reader, Cohort(partners=(partner,))).n


def test_too_few_declined_applications_are_not_counted(reader: Reader) -> None:
    result = compute_frequency(reader, Cohort(low=0.9999))
    assert result.families == ()
    assert "too few" in say_common(result, ["debt"])


def test_the_sentence_and_the_table_say_the_counts() -> None:
    families = (FamilyFrequency("debt", "Debt", 40, 150), FamilyFrequency("cards", "Card balances", 10, 60))
    result = FrequencyResult("s", 200, 1000, families, 10)
    assert say_common(result, ["cards", "debt"]) == (
        f"“Card balances” is the strongest reason for {of_100(0.05)} declined applications,"
        f" and one of up to four reasons for {of_100(0.3)}."
    )
    assert table_common(result, ["debt", "unknown"]).to_dict("records") == [
        {"Reason": "Debt", "Strongest": "20 of 100", "One of the reasons": "75 of 100"}
    ]
    assert "no reason to compare" in say_common(result, [])
