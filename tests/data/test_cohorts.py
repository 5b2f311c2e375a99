"""A cohort's text: what stands in links must come back as written, and nothing else is let in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cohorts import (
    EVERYONE,
    LONGEST,
    Cohort,
    CohortProblems,
    GroupCondition,
    SignalCondition,
    month_starts,
    read_cohort,
)

WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
NUMBERS = st.integers(-(10**9), 10**9).map(lambda i: i / 1000)
MONTHS = st.tuples(st.integers(1990, 2040), st.integers(1, 12)).map(lambda ym: f"{ym[0]:04d}-{ym[1]:02d}")


@st.composite
def ranges(draw: st.DrawFn, values: st.SearchStrategy[object]) -> tuple[object, object]:
    ends = sorted([draw(values), draw(values)])  # type: ignore[type-var]
    keep = draw(st.sampled_from(["both", "low", "high", "none"]))
    return (ends[0] if keep in {"both", "low"} else None), (ends[1] if keep in {"both", "high"} else None)


@st.composite
def conditions(draw: st.DrawFn, name: str) -> SignalCondition:
    kind = draw(st.sampled_from(["range", "levels", "missing"]))
    if kind == "levels":
        return SignalCondition(name, levels=tuple(sorted(set(draw(st.lists(WORDS, min_size=1, max_size=3))))))
    low, high = draw(ranges(NUMBERS))
    if kind == "missing" or (low is None and high is None):
        return SignalCondition(name, missing=True)
    return SignalCondition(name, low, high)  # type: ignore[arg-type]


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    (first, last), (low, high) = draw(ranges(MONTHS)), draw(ranges(NUMBERS))
    names = sorted(set(draw(st.lists(WORDS, max_size=3))))
    return Cohort(
        partners=tuple(sorted(set(draw(st.lists(WORDS, max_size=3))))),
        decision=draw(st.sampled_from([None, "approved", "declined"])),
        first_month=first,  # type: ignore[arg-type]
        last_month=last,  # type: ignore[arg-type]
        low=low,  # type: ignore[arg-type]
        high=high,  # type: ignore[arg-type]
        outcome=draw(st.sampled_from([None, "happened", "did not"])),
        signals=tuple(draw(conditions(name)) for name in names),
        groups=tuple(GroupCondition(name, tuple(sorted({name, "F"}))) for name in names[:2]),
    )


@given(cohorts())
def test_a_cohort_comes_back_from_its_text(cohort: Cohort) -> None:
    if len(cohort.text) <= LONGEST:
        assert read_cohort(cohort.text) == cohort


def test_the_text_is_short_and_can_be_read() -> None:
    cohort = Cohort(
        partners=("Cedar", "Alder & Co"),
        decision="declined",
        first_month="2026-01",
        last_month="2026-03",
        low=0.1,
        signals=(SignalCondition("income", high=40000), SignalCondition("home", levels=("RENT", "OWN"))),
    )
    assert cohort.text == (
        "partner:Alder%20%26%20Co|Cedar;decision:declined;month:2026-01..2026-03;estimate:0.1..;"
        "signal.home:=OWN|RENT;signal.income:..40000"
    )
    assert EVERYONE.text == ""
    assert read_cohort("") == EVERYONE


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("decision:maybe", 1),
        ("month:2026-13..", 1),
        ("month:2026-01", 1),
        ("estimate:nan..", 1),
        ("estimate:inf..", 1),
        ("estimate:0.5..0.1", 1),
        ("signal.:1..2", 1),
        ("signal.income:one..two", 1),
        ("signal.home:=", 1),
        ("decision:approved;decision:declined", 1),
        ("nothing", 1),
        ("row_no:1;decision:maybe;month:2026-05..2026-01", 3),
        ("x" * (LONGEST + 1), 1),
    ],
)
def test_a_text_that_candor_does_not_write_is_refused_with_every_reason(text: str, problems: int) -> None:
    with pytest.raises(CohortProblems) as caught:
        read_cohort(text)
    assert len(caught.value.problems) == problems


@given(st.text(max_size=60))
def test_any_text_is_a_cohort_or_a_sentence(text: str) -> None:
    try:
        found = read_cohort(text)
    except CohortProblems:
        return
    assert read_cohort(found.text) == found


def test_months_run_to_the_first_day_of_the_next_one() -> None:
    assert month_starts(Cohort(first_month="2026-02", last_month="2026-12")) == (date(2026, 2, 1), date(2027, 1, 1))
    assert month_starts(Cohort(last_month="2026-11")) == (None, date(2026, 12, 1))
