"""Recourse is the true optimum, never breaks the card, passes when scored again, and says what it is not."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.card_schema import Actionable, Card, Link
from data.models import CreditModel
from data.neighbours import nearest
from data.snapshots import open_reader
from explainers.attribution import Engine
from explainers.recourse import words
from explainers.recourse.candidates import LEVEL_EFFORT, TIE, Population, codes_of, make_variables
from explainers.recourse.compute import compute_recourse, fit_population
from explainers.recourse.result import Neighbour, Option
from explainers.recourse.search import search_changes
from explainers.recourse.warm import warm_search
from explainers.what_if.address import read_changes
from explainers.what_if.changes import allowed_changes, changed_row, check_changes, linked_moves, may_move
from explainers.what_if.result import Change
from tests.explainers.test_second_opinion_words import grade
from tests.explainers.what_if.worlds import ACTIONABLE


@cache
def engine_of(model: CreditModel) -> Engine:
    return Engine(model)


def row_at(reader, row_no: int) -> dict:
    return reader.room.signal_values([row_no]).iloc[0].to_dict()


def grid_of(one) -> list:
    if one.levels:
        return list(one.levels)
    low, high = one.ends
    first, last = math.ceil((low - one.origin) / one.step - 1e-9), math.floor((high - one.origin) / one.step + 1e-9)
    grid = [one.on_grid(k) for k in range(first, last + 1)]
    return [v for v in grid if one.problem(v) is None]


def effort_of(population: Population, one, value) -> float:
    """Written anew, from the definition: shares of the population passed by."""
    if one.levels:
        return LEVEL_EFFORT
    steps = population.values[one.name]
    below = [((steps < v).sum() + (steps <= v).sum()) / 2 / len(steps) for v in (value, one.value)]
    spread = one.high - one.low
    return abs(below[0] - below[1]) + TIE * abs(value - one.value) / spread


def brute_force(reader, card: Card, row: dict, population: Population, goal: float) -> list[tuple[float, frozenset]]:
    """Score every allowed combination of one to three values; the three best sets by the rule of the search."""
    allowed = allowed_changes(card, reader.room.model.shape, row, reader.viewer.policy)
    best: dict[frozenset, float] = {}
    rows, tried, engine = [], [], engine_of(reader.room.model)
    used = {engine.feature_names[column] for column in engine.book.column}
    lever = {n: frozenset({n, *linked_moves(card, row, {n: 1.0})} & used) for n in allowed}
    for size in (1, 2, 3):
        for names in itertools.combinations(allowed, size):
            moved = [{n, *linked_moves(card, row, {n: 1.0})} for n in names]
            if sum(map(len, moved)) > len(set().union(*moved)):
                continue
            for values in itertools.product(*(grid_of(allowed[n]) for n in names)):
                changes = dict(zip(names, values, strict=True))
                if all(may_move(card, n, row, v) for n, v in linked_moves(card, row, changes).items()):
                    rows.append(changed_row(card, row, changes))
                    effort = sum(effort_of(population, allowed[n], changes[n]) for n in names)
                    tried.append((frozenset(lever[n] for n in names), effort))
    if not rows:
        return []
    raw = reader.room.model.predict_raw(pd.DataFrame(rows))
    for (names, effort), score in zip(tried, raw, strict=True):
        if score <= goal - 1e-9:
            best[names] = min(effort, best.get(names, math.inf))
    chosen: list[tuple[float, frozenset]] = []
    for names, effort in sorted(best.items(), key=lambda p: (round(p[1], 12), len(p[0]))):
        if len(chosen) < 3 and not any(other <= names for _, other in chosen):
            chosen.append((effort, names))
    return chosen


LINKS = {
    "none": (),
    "one way": (Link(when="income", opposite=("debt_share",)), Link(when="late_payments", same=("utilisation",))),
    "both ways": (Link(when="utilisation", same=("debt_share",)), Link(when="debt_share", same=("utilisation",))),
}


def vary(card: Card, direction: str, step: float, ceiling: float, linked: str) -> Card:
    features = dict(card.features)
    changed = {
        "income": Actionable(direction="up", minimum=0, maximum=ceiling, step=10_000),
        "debt_share": Actionable(direction=direction, minimum=0, maximum=60, step=step),
        "utilisation": Actionable(direction="either", minimum=10, maximum=90, step=20),
        "late_payments": Actionable(direction="down", minimum=0, maximum=10, step=1),
    }
    for name, act in changed.items():
        features[name] = features[name].model_copy(update={"actionable": act})
    return card.model_copy(update={"features": features, "links": LINKS[linked]})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row_no=st.integers(0, 2999),
    direction=st.sampled_from(["up", "down", "either"]),
    step=st.sampled_from([5.0, 7.5, 12.0]),
    ceiling=st.sampled_from([60_000.0, 120_000.0]),
    linked=st.sampled_from(list(LINKS)),
    ask=st.floats(-0.6, -0.01),
)
def test_the_search_finds_what_trying_everything_finds(
    reader, row_no: int, direction: str, step: float, ceiling: float, linked: str, ask: float
) -> None:
    card = vary(reader.room.card, direction, step, ceiling, linked)
    engine, row, population = engine_of(reader.room.model), row_at(reader, row_no), fit_population(reader)
    goal = float(reader.room.model.predict_raw(pd.DataFrame([row]))[0]) + ask
    population = Population(population.n, population.n_total, _with_late(reader, population))
    allowed = allowed_changes(card, reader.room.model.shape, row, reader.viewer.policy)
    variables = make_variables(card, engine, row, allowed, population)
    if not variables:
        assert not any(brute_force(reader, card, row, population, goal))
        return
    found = search_changes(engine, row, variables, goal, 1.0)
    truth = brute_force(reader, card, row, population, goal)
    assert found.full
    assert [o.effort for o in found.options] == pytest.approx([effort for effort, _ in truth], abs=1e-9)
    for option in found.options:
        assert check_changes(card, allowed, row, option.changes) == option.changes
        assert reader.room.model.predict_raw(pd.DataFrame([changed_row(card, row, option.changes)]))[0] <= goal


def _with_late(reader, population: Population) -> dict:
    values = reader.room.percentile_values(["late_payments"], np.linspace(0, 1, 1001).tolist())
    return {**population.values, "late_payments": values["late_payments"].to_numpy()}


def declined(reader, count: int) -> list[str]:
    found = reader._database.frame(
        "SELECT application_id FROM seen WHERE decision = 'declined' AND stage = 'model' ORDER BY row_no LIMIT $n",
        {"n": count},
    )
    return [str(number) for number in found["application_id"]]


def recourse(reader, number: str, **options):
    return compute_recourse(reader, engine_of(reader.room.model), number, fit_population(reader), **options)


def test_every_option_passes_when_scored_again_and_keeps_to_the_card(reader) -> None:
    population, seen = fit_population(reader), 0
    for number in declined(reader, 40):
        result = compute_recourse(reader, engine_of(reader.room.model), number, population)
        row = row_at(reader, reader.room.application(number).row_no)
        assert [o.effort for o in result.options] == sorted(o.effort for o in result.options)
        for option in result.options:
            seen += 1
            typed = [c.name for c in option.changes if not c.linked]
            assert 1 <= len(typed) <= 3
            assert set(typed) <= set(ACTIONABLE)
            assert "late_payments" not in {c.name for c in option.changes}
            after = changed_row(reader.room.card, row, numbers_of(option.question))
            assert after["income"] >= row["income"]
            assert after["debt_share"] <= row["debt_share"]
            assert option.estimate <= result.cutoff
    assert seen > 20


def numbers_of(question: str) -> dict:
    return {n: v if n == "home" else float(v) for n, v in read_changes(question).items()}


def test_no_two_options_change_the_same_signals_and_none_holds_another(reader) -> None:
    for number in declined(reader, 40):
        sets = [set(read_changes(o.question)) for o in recourse(reader, number).options]
        for place, later in enumerate(sets):
            assert not any(earlier <= later for earlier in sets[:place])


def test_an_approved_application_needs_no_change(reader) -> None:
    result = recourse(reader, reader.pick("approved", 0.5))
    assert result.state == "passes"
    assert result.options == ()
    assert result.neighbour is None
    assert words.say_recourse(result) == "The estimate is at or below the cut-off as it is"


def test_a_rule_decides_first_and_says_whether_its_signal_may_change(reader) -> None:
    numbers = reader._database.frame("SELECT rule_no, min(application_id) AS number FROM seen GROUP BY 1 ORDER BY 1")
    by_rule = {int(r): str(n) for r, n in numbers.dropna().itertuples(index=False)}
    first, second = recourse(reader, by_rule[0]), recourse(reader, by_rule[1])
    assert first.state == second.state == "rule decides"
    assert (first.rule.label, first.rule.changeable) == ("Debt compared with income", True)
    assert (second.rule.label, second.rule.changeable) == ("Late payments in the last year", False)
    assert "which is fixed" in words.say_detail(second)
    assert "A policy rule decides first" in words.say_recourse(first)


def test_none_within_the_allowed_changes_is_said_plainly(reader, monkeypatch) -> None:
    card = reader.room.card
    only = {n: f.model_copy(update={"actionable": None}) for n, f in card.features.items()}
    only["home"] = card.features["home"]
    monkeypatch.setattr(reader.room, "card", card.model_copy(update={"features": only, "links": ()}))
    results = [recourse(reader, number) for number in declined(reader, 30)]
    none = next(r for r in results if r.state == "none")
    assert words.say_recourse(none) == "No allowed change of up to three values is enough"
    assert none.open_signals == 1
    only["home"] = only["home"].model_copy(update={"actionable": None})
    nothing = recourse(reader, declined(reader, 1)[0])
    assert words.say_recourse(nothing) == "Nothing about this application may be changed"


def test_a_search_cut_short_says_how_far_it_came_and_still_holds(reader) -> None:
    whole = [recourse(reader, n) for n in declined(reader, 20)]
    short = [recourse(reader, n, budget=2_000) for n in declined(reader, 20)]
    cut = [(s, w) for s, w in zip(short, whole, strict=True) if not s.full]
    assert cut
    for result, full in cut:
        assert result.searched <= full.searched
        assert "within the limit of work" in words.say_detail(result)
        assert all(o.estimate <= result.cutoff for o in result.options)
        if result.options:
            assert result.options[0].effort >= full.options[0].effort - 1e-12


def test_a_safer_score_is_searched_upwards(reader, monkeypatch) -> None:
    card = reader.room.card
    safer = card.model_copy(update={"model": card.model.model_copy(update={"higher_score_is": "safer"})})
    engine, population = engine_of(reader.room.model), fit_population(reader)
    number = next(n for n in declined(reader, 5))
    row = row_at(reader, reader.room.application(number).row_no)
    turned = {
        name: feature.model_copy(update={"actionable": feature.actionable.model_copy(update={"direction": "either"})})
        if feature.actionable
        else feature
        for name, feature in safer.features.items()
    }
    safer = safer.model_copy(update={"features": turned, "links": ()})
    allowed = allowed_changes(safer, reader.room.model.shape, row, reader.viewer.policy)
    goal = float(reader.room.model.predict_raw(pd.DataFrame([row]))[0]) + 0.3
    found = search_changes(engine, row, make_variables(safer, engine, row, allowed, population), goal, -1.0)
    assert found.options
    for option in found.options:
        assert reader.room.model.predict_raw(pd.DataFrame([changed_row(safer, row, option.changes)]))[0] >= goal


def test_a_partner_sees_no_estimate_no_hidden_signal_and_no_other_partners_application(partner_reader, reader) -> None:
    number = partner_reader.pick("declined", 0.4)
    result = recourse(partner_reader, number)
    text = json.dumps(asdict(result), default=str) + words.say_detail(result)
    assert all(o.estimate is None for o in result.options)
    assert "utilisation" not in text
    approved = partner_reader._database.frame(
        "SELECT count(*) FROM seen WHERE decision = 'approved' AND group_no = 0"
    ).iloc[0, 0]
    assert result.neighbour.compared == approved < reader.totals()["approved"]


def test_the_nearest_approved_application_is_the_nearest_and_its_number_stays_away(reader) -> None:
    number = declined(reader, 3)[2]
    row_no = reader.room.application(number).row_no
    neighbours = nearest(reader.room.summaries(), row_no, 1, "approved")
    assert neighbours is not None
    found = int(neighbours.rows["row_no"].iloc[1])
    frame = reader._database.frame("SELECT c.*, decision FROM contributions c JOIN seen USING (row_no)").set_index(
        "row_no"
    )
    families = [c for c in frame.columns if c.startswith("f")]
    distance = (frame[families] - frame.loc[row_no, families]).abs().sum(axis=1)[frame["decision"] == "approved"]
    assert distance[found] == distance.min()
    assert neighbours.compared == len(distance)
    result = recourse(reader, number)
    own = reader._database.frame("SELECT application_id FROM seen WHERE row_no = $r", {"r": found}).iloc[0, 0]
    assert own not in json.dumps(asdict(result), default=str)
    assert all(c.before != c.after for c in result.neighbour.differences)


def test_codes_of_single_signals_are_the_engines_own(reader) -> None:
    engine = engine_of(reader.room.model)
    rows = reader.room.signal_values(range(300))
    values, codes = reader.room.model.encode(rows), engine.encode_rows(rows).codes
    for signal, feature in enumerate(engine.book.column):
        assert codes_of(engine.book, signal, values[:, feature]).tolist() == codes[signal].tolist()


def test_effort_rises_with_the_value_and_counts_ties_by_half(reader) -> None:
    population = Population(100, 100, {"x": np.array([0.0, 0.0, 1.0, 1.0])})
    assert population.below("x", np.array([0.0, 0.5, 1.0, 2.0])).tolist() == [0.25, 0.5, 0.75, 1.0]


def test_with_too_few_applications_effort_is_a_share_of_the_range(changeable_snapshot, reader) -> None:
    engine = engine_of(reader.room.model)
    few = Population(3, 3, fit_population(reader).values)
    number = declined(reader, 1)[0]
    result = compute_recourse(reader, engine, number, few)
    assert result.population == 0
    assert all("of the allowed range" in words.say_effort(result, o) for o in result.options)
    assert open_reader(changeable_snapshot, reader.viewer).snapshot_id == result.snapshot_id


def test_the_compiled_search_can_be_made_ready_ahead() -> None:
    assert warm_search() >= 0


def test_the_words_for_people_are_plain(reader) -> None:
    results = [recourse(reader, n) for n in declined(reader, 20)]
    for text in [*map(words.say_detail, results), " ".join(words.say_how_to_read())]:
        assert grade(text) <= 8
    neighbours = [" ".join(words.say_neighbour(r.neighbour)) for r in results]
    assert np.median([grade(text) for text in neighbours]) <= 8


def test_the_words_of_options_are_conditional_and_promise_nothing(reader) -> None:
    result = next(r for r in (recourse(reader, n) for n in declined(reader, 20)) if r.options)
    for option in result.options:
        said = words.say_option(result, option)
        assert said.startswith("The model’s estimate would fall to or below the cut-off")
        assert " if “" in said
    assert "not a promise of approval" in words.say_detail(result)
    assert not any(word in words.say_detail(result) for word in ("reason", "because", "caused"))


def test_one_is_not_written_as_many(reader) -> None:
    neighbour = Neighbour(5, (), 1)
    change = Change("income", "Income", "$1", "$2", linked=False)
    assert (
        words.say_neighbour(replace(neighbour, differences=(change,)))[-1] == "One other value shown here is the same."
    )
    assert words.say_neighbour(replace(neighbour, differences=(change,), same=3))[-1].startswith("3 other values")
    assert "same" not in " ".join(words.say_neighbour(replace(neighbour, differences=(change,), same=0)))
    result = recourse(reader, declined(reader, 3)[2])
    option = Option((change,), "", 0, 0.001, None)
    assert result.population
    assert words.say_effort(result, option) == "Size of the change: 1 place among 100 applications."
    assert "2 places" in words.say_effort(result, replace(option, effort=0.02))
