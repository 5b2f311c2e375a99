"""What was planted in the small book is what the gap goes with; what was not planted stays within chance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.cohorts import EVERYONE, read_cohort
from data.errors import NotFoundForViewer
from data.policy import POLICY, Audience
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.shared_groups import share_groups
from explainers.fairness_drivers import charts, table, words
from explainers.fairness_drivers.compute import compute_gap, compute_neutral, compute_proxies
from explainers.fairness_drivers.disclosure import disclose
from explainers.fairness_drivers.pair import attributes_of, groups_of
from explainers.fairness_drivers.result import GapResult, NeutralResult, ProxyResult
from tests.explainers.test_second_opinion_words import grade
from tests.grouped_snapshot import PARTNER, REGULATOR, N, book, planted_folder, planted_reader
from tests.snapshots_for_tests import numbers_of

RACE, BLACK = "race_ethnicity", "Black"
PLANTED = {"debt", "payments", "cards", "cash", "income"}
"""Families of the signals that income and payment habits stand behind."""


@pytest.fixture(scope="module")
def reader() -> Reader:
    return planted_reader()


@pytest.fixture(scope="module")
def race(reader: Reader) -> GapResult:
    return compute_gap(reader, RACE, BLACK, EVERYONE)


@pytest.fixture(scope="module")
def sex(reader: Reader) -> GapResult:
    return compute_gap(reader, "sex", "Female", EVERYONE)


def test_the_families_add_up_to_the_gap(race: GapResult, sex: GapResult) -> None:
    for result in (race, sex):
        assert abs(sum(p.size for p in result.parts) - (result.group_mean - result.reference_mean)) < 1e-12
        assert abs(sum(p.raw for p in result.parts) - result.gap.raw) < 1e-12


def test_the_parts_are_those_of_the_stored_tables(reader: Reader, race: GapResult) -> None:
    stored = numbers_of(planted_folder())
    applications = stored["snapshot.duckdb applications"].set_index("row_no")
    parts = stored["snapshot.duckdb contributions"].set_index("row_no")
    columns = stored["snapshot.duckdb families"].set_index("family")["col"]
    bases = stored["snapshot.duckdb comparison_groups"].set_index("group_no")["baseline"]
    groups = book().groups.set_index("application_id")[RACE]
    who = applications["application_id"].map(groups)
    rows = {name: who.index[who == name] for name in (BLACK, "White")}
    debt = parts[columns["debt"]] * parts["slope"]
    gap = debt[rows[BLACK]].mean() - debt[rows["White"]].mean()
    assert next(p for p in race.parts if p.name == "debt").size == pytest.approx(gap, abs=1e-12)
    base = applications["group_no"].map(bases)
    cutoffs = base[rows[BLACK]].mean() - base[rows["White"]].mean()
    assert race.parts[-1].raw == pytest.approx(cutoffs, abs=1e-11), "the rest is what they are compared with"
    assert (race.pair.n_group, race.pair.n_reference) == (len(rows[BLACK]), len(rows["White"]))


def test_income_and_payment_habits_hold_the_planted_gap(race: GapResult) -> None:
    assert race.gap.low > 0.04
    largest = [p.name for p in race.parts[:5]]
    assert set(largest) <= PLANTED
    assert sum(p.size for p in race.parts if p.name in PLANTED) > 0.75 * race.gap.size
    application = next(p for p in race.parts if p.name == "application")
    assert abs(application.size) < 0.002
    assert words.say_gap(race).startswith("The mean estimate of “Black” is")
    assert "higher than that of “White”" in words.say_gap(race)


def test_nothing_is_found_for_sex(sex: GapResult) -> None:
    assert not sex.gap.sure
    assert "does not differ" in words.say_gap(sex)
    assert sum(p.sure for p in words.families(sex)) <= 3


def test_chances_give_the_same_way_but_less(reader: Reader, race: GapResult) -> None:
    proxies = [a for a in reader.protected_groups().attributes if a.kind == "proxy"]
    result = compute_gap(reader, proxies[0].name, BLACK, EVERYONE)
    assert 0 < result.gap.size < race.gap.size
    assert compute_neutral(reader, proxies[0].name, BLACK, EVERYONE) is None
    assert compute_proxies(reader, proxies[0].name, EVERYONE, result) is None
    assert "chances" in words.say_gap_legend(result.pair)


def test_a_cohort_has_its_own_gap(reader: Reader) -> None:
    result = compute_gap(reader, RACE, BLACK, read_cohort("decision:approved"))
    assert result.pair.n < N
    assert result.pair.cohort == "approved"
    assert abs(sum(p.size for p in result.parts) - result.gap.size) < 1e-12


def test_too_few_is_an_answer(reader: Reader) -> None:
    result = compute_gap(reader, RACE, BLACK, read_cohort("month:2024-11..2024-11;decision:declined"))
    assert not result.pair.enough
    assert words.say_gap(result).startswith("Too few to judge")
    assert result.parts == ()
    assert compute_neutral(reader, RACE, BLACK, read_cohort("month:2024-11..2024-11;decision:declined")) is None


@pytest.mark.parametrize("place", [(RACE, "White"), (RACE, "<b>"), ("no such", BLACK)])
def test_what_is_not_there_cannot_be_asked_for(reader: Reader, place: tuple[str, str]) -> None:
    with pytest.raises(NotFoundForViewer):
        compute_gap(reader, *place, EVERYONE)


# -- what if, and stand-ins -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def neutral(reader: Reader) -> NeutralResult:
    found = compute_neutral(reader, RACE, BLACK, EVERYONE)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def proxies(reader: Reader, race: GapResult) -> ProxyResult:
    found = compute_proxies(reader, RACE, EVERYONE, race)
    assert found is not None
    return found


def test_a_planted_family_moves_approvals_and_an_ignored_one_does_not(neutral: NeutralResult) -> None:
    assert neutral.group_rate < neutral.reference_rate
    assert neutral.families[0].name in PLANTED
    assert neutral.families[0].low > 0
    application = next(one for one in neutral.families if one.name == "application")
    assert abs(application.change) < 0.02
    assert words.say_neutral(neutral).startswith("What if: with “")


def test_without_a_difference_mixing_people_changes_nothing(reader: Reader) -> None:
    found = compute_neutral(reader, "sex", "Female", EVERYONE)
    assert found is not None
    assert sum(words.sure_change(one) for one in found.families) <= 2


def test_signals_tell_race_apart_a_little_and_sex_not_at_all(reader: Reader, proxies: ProxyResult) -> None:
    assert proxies.together.low > 0.55
    assert next(one for one in proxies.families if one.name == "application").low < 0.53
    assert proxies.n_signals == len(reader.room.summaries().used)
    sex = compute_proxies(reader, "sex", EVERYONE, compute_gap(reader, "sex", "Female", EVERYONE))
    assert sex is not None
    assert sex.together.low < 0.5 + 0.02
    assert "hardly" in words.say_proxies(sex)


def test_pictures_and_tables_hold_every_figure(race: GapResult, neutral: NeutralResult, proxies: ProxyResult) -> None:
    assert len(charts.chart_gap(race).data[0].x) == len(words.shown_parts(race)) <= words.SHOWN + 2
    assert len(charts.chart_neutral(neutral).data[1].x) == words.SHOWN
    assert len(charts.chart_proxies(proxies).data) == 3
    frame = table.table_gap(race)
    assert frame.iloc[:-1, 1].sum() == pytest.approx(frame.iloc[-1, 1], abs=0.1)
    assert "Raw score" in frame
    assert len(table.table_proxies(proxies)) == len(proxies.families) + 1
    assert len(table.table_signals(proxies)) == table.MOST_SIGNALS
    assert "1e-12" in table.table_technical(race)


def test_what_outsiders_read_is_plain(race: GapResult, neutral: NeutralResult, proxies: ProxyResult) -> None:
    texts = [words.say_gap(race), words.say_neutral_context(neutral), words.say_proxies_context(proxies), *words.LIMITS]
    assert max(map(grade, texts)) <= 10
    everything = " ".join([*texts, words.say_gap_alt(race), words.say_neutral_alt(neutral)]).lower()
    assert not any(word in everything for word in ("caused", "unfair", "compliant", "biased", "odds"))


# -- who sees what --------------------------------------------------------------------------------


def test_a_partner_sees_nothing_unless_groups_are_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDOR_WORKSPACE_URL", f"sqlite:///{tmp_path / 'w.sqlite'}")
    partner, specialist = planted_reader(PARTNER), planted_reader()
    with pytest.raises(NotFoundForViewer):
        compute_gap(partner, RACE, BLACK, EVERYONE)
    workspace = open_workspace()
    model, name = specialist.manifest.model_id, str(PARTNER.partner)
    share_groups(workspace, specialist.viewer, model, name, "For the yearly review with this partner.")
    result = compute_gap(partner, RACE, BLACK, EVERYONE)
    assert BLACK in groups_of(partner, RACE)
    assert np.isnan(result.gap.raw)
    assert result.pair.n < N / 2 + 1000
    assert all(round(p.size * 1000) == pytest.approx(p.size * 1000, abs=1e-9) for p in result.parts)
    found = compute_proxies(partner, RACE, EVERYONE, result)
    assert found is not None
    assert found.signals == ()
    with pytest.raises(NotFoundForViewer):
        compute_gap(partner, RACE, BLACK, read_cohort("decision:approved"))
    workspace.close()


def test_a_regulator_sees_all_of_it_over_all_applications() -> None:
    reader = planted_reader(REGULATOR)
    assert attributes_of(reader) == {"sex": "Sex", RACE: "Race and ethnicity", "age_band": "Age"}
    assert not np.isnan(compute_gap(reader, RACE, BLACK, EVERYONE).gap.raw)
    with pytest.raises(NotFoundForViewer):
        compute_gap(reader, RACE, BLACK, read_cohort("decision:approved"))


def test_cutting_takes_away_what_a_partner_may_not_see(
    race: GapResult, neutral: NeutralResult, proxies: ProxyResult
) -> None:
    policy = POLICY[Audience.PARTNER]
    assert np.isnan(disclose(race, policy).parts[0].raw)
    assert disclose(neutral, policy).families[0].change == pytest.approx(neutral.families[0].change, abs=0.0005)
    assert disclose(proxies, policy).signals == ()
    assert disclose(race, policy).pair.n_group % 10 == 0
    assert disclose(race, POLICY[Audience.SPECIALIST]) is race


def test_families_within_chance_are_passed_over_in_words_too(race: GapResult) -> None:
    first, *rest = race.parts
    plain = words.say_gap(race)
    assert first.sure
    assert "Beyond chance" not in plain
    unsure = replace(first, low=-first.high)
    assert not unsure.sure
    assert ". Beyond chance, “" in words.say_gap(replace(race, parts=(unsure, *rest)))
    assert f"“{first.label}”" not in words.say_gap(replace(race, parts=(unsure, *rest)))
