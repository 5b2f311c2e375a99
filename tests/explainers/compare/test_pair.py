"""Two applications side by side and similar ones: the differences add up, and nothing hidden is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.access import Audience, Viewer
from data.errors import NotFoundForViewer
from data.reader import Reader
from explainers.attribution import Engine
from explainers.compare import charts, pair_words, similar_words
from explainers.compare.pair import PairResult, compute_pair
from explainers.compare.similar import SHOWN, compute_similar
from explainers.compare.table import table_pair, table_similar_one
from explainers.decision.compute import FittedGroup, compute_decision, fit_group, group_for
from tests.two_snapshots import TINY, raw_contributions, reader_of, stored

RISK = Viewer("r", Audience.SPECIALIST)
PARTNER = Viewer("p", Audience.PARTNER, "First Harbor Bank")
FAMILIES = ["income", "debt", "balances", "payments", "housing"]


def fitted(reader: Reader, number: str) -> FittedGroup:
    return fit_group(reader, Engine(reader.room.model), *group_for(reader, number, None))


def numbers(reader: Reader) -> tuple[str, str]:
    return reader.pick("declined", 0.3), reader.pick("approved", 0.5)


def pair_of(viewer: Viewer) -> PairResult:
    reader = reader_of("1", viewer)
    first, second = numbers(reader)
    group = fitted(reader, first)
    return compute_pair(compute_decision(reader, first, group), compute_decision(reader, second, group))


def test_differences_add_up_to_the_difference_of_the_estimates() -> None:
    result = pair_of(RISK)
    assert sum(d.apart for d in result.differences) == pytest.approx(result.apart, abs=1e-9)
    sizes = [abs(d.apart) for d in result.differences]
    assert sizes == sorted(sizes, reverse=True)


def test_the_same_application_twice_differs_in_nothing() -> None:
    reader = reader_of("1", RISK)
    first, _ = numbers(reader)
    one = compute_decision(reader, first, fitted(reader, first))
    result = compute_pair(one, one)
    assert all(d.apart == 0 and d.value is None for d in result.differences)
    assert "the same for both" in pair_words.say_pair(result)
    assert pair_words.say_differences(result) == ("No family of signals makes a difference that can be shown.",)


def test_different_groups_or_snapshots_are_refused() -> None:
    result = pair_of(RISK)
    other = replace(result.second.comparison, content_hash="0")
    for second in (replace(result.second, comparison=other), replace(result.second, snapshot_id="x")):
        with pytest.raises(ValueError, match="same comparison group"):
            compute_pair(result.first, second)


def test_values_told_are_those_on_file() -> None:
    result = pair_of(RISK)
    for difference in result.differences:
        if difference.value is not None:
            assert difference.value.first != difference.value.second
            assert difference.value.label in {
                s.label for f in result.first.families if f.family == difference.family for s in f.signals
            }


def test_a_partner_gets_tenths_and_the_words_say_so_much() -> None:
    result = pair_of(PARTNER)
    assert result.first.raw_score is None
    figures = [v for d in result.differences for v in (d.first, d.second)]
    assert all(abs(f * 1000 - round(f * 1000)) < 1e-9 for f in figures)
    assert pair_words.say_pair(result).startswith("The second is estimated")
    assert result.first.application_id in table_pair(result)
    assert len(charts.chart_pair(result).data) == 2
    assert len(pair_words.figures_pair(result)) == len(FAMILIES)


def test_the_headline_names_what_moves_most_that_way_and_never_calls_it_the_largest_where_it_is_not() -> None:
    result = pair_of(RISK)
    one = result.differences[0]
    sign = 1.0 if result.apart > 0 else -1.0
    with_it, against = (
        replace(one, label=label, first=0.0, second=sign * size) for label, size in (("With", 0.1), ("Against", -0.2))
    )
    said = pair_words.say_pair(replace(result, differences=(with_it,)))
    assert said.endswith("“With” makes the largest difference.")
    said = pair_words.say_pair(replace(result, differences=(against, with_it)))
    assert said.endswith(f"“With” moves it {'up' if sign > 0 else 'down'} most.")
    assert "“" not in pair_words.say_pair(replace(result, differences=(against,)))


def test_similar_applications_are_the_nearest_by_contributions() -> None:
    reader, table = reader_of("1", RISK), stored("1")
    number = reader.pick("declined", 0.5)
    result = compute_similar(reader, number)
    me = table.set_index("application_id").loc[number]
    same_group = table[(table["group_no"] == me["group_no"]) & (table["application_id"] != number)]
    assert result.n_total == len(same_group)
    raw = raw_contributions("1")
    distance = (raw.loc[same_group["row_no"]] - raw.loc[me["row_no"]]).abs().sum(axis=1)
    nearest = table.set_index("row_no").loc[distance.nsmallest(SHOWN).index, "application_id"]
    assert [one.application_id for one in result.others] == nearest.tolist()
    first, own = result.others[0], table.set_index("application_id")
    gaps = {g.label: g.apart for g in first.gaps}
    assert gaps["Income"] == pytest.approx(own.loc[first.application_id, "income"] - me["income"])
    assert first.apart == pytest.approx(np.mean([abs(g) for g in gaps.values()]))


def test_a_partner_finds_own_applications_only_and_a_regulator_masked_ones() -> None:
    reader = reader_of("1", PARTNER)
    result = compute_similar(reader, reader.pick("declined", 0.5))
    own = set(stored("1").query("partner == 'First Harbor Bank'")["application_id"])
    assert {one.application_id for one in result.others} <= own
    assert all(abs(g.there * 1000 - round(g.there * 1000)) < 1e-9 for one in result.others for g in one.gaps)
    examiner = reader_of("1", Viewer("e", Audience.REGULATOR))
    masked = compute_similar(examiner, examiner.pick("declined", 0.5))
    assert all(one.application_id.startswith("M-") for one in masked.others)
    assert masked.others[0].application_id in table_similar_one(masked, masked.others[0])


def test_too_few_applications_have_no_similar_ones() -> None:
    reader = reader_of("1", Viewer("p", Audience.PARTNER, TINY))
    with pytest.raises(NotFoundForViewer):
        compute_similar(reader, reader.pick("any", 0.5))


def test_what_is_said_of_similar_applications_agrees_with_their_decisions() -> None:
    reader = reader_of("1", RISK)
    result = compute_similar(reader, reader.pick("near the cut-off", 0.5))
    same = sum(one.decision == result.decision for one in result.others)
    assert str(same) in similar_words.say_similar(result) or same == result.n
    assert similar_words.say_one(result, result.others[0])
    assert len(similar_words.table_similar(result).columns) == SHOWN + 2
    swapped = replace(result, others=tuple(replace(o, decision=result.decision) for o in result.others))
    assert similar_words.say_similar(swapped) == f"The 5 most similar applications were {result.decision} too."
