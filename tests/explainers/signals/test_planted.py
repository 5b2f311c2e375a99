"""The truth planted in a made-up book is found again: directions, a signal without effect, two that work together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import EVERYONE
from data.demo import dgp
from data.demo.book import generate_book, generate_development
from data.demo.prepare import demo_card, write_card
from data.reader import Reader
from data.recipes.training import TrainingPlan, train, write_parquet
from data.snapshots import open_reader, open_snapshot
from explainers.attribution import Engine
from explainers.build import build_snapshot
from explainers.decision.compute import FittedGroup, fit_group
from explainers.interactions import words as pair_words
from explainers.interactions.compute import compute_group, compute_pair, compute_pairs
from explainers.signals import words
from explainers.signals.compute import compute_choices, compute_signal
from explainers.signals.family import compute_family
from explainers.signals.response import compute_response
from explainers.signals.result import ChoicesResult

Open = Callable[[Viewer], Reader]
PLAN = TrainingPlan(rounds=120, leaves=15, learning_rate=0.08, smallest_leaf=150, monotone=dict(dgp.MONOTONE))
PARTNER = Viewer("p", Audience.PARTNER, "First Harbor Bank")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Open:
    """A snapshot of a small book, with a model held to the true directions."""
    folder: Path = tmp_path_factory.mktemp("planted")
    book, development = generate_book(7, 4_000), generate_development(7, 60_000)
    names = list(dgp.SIGNALS)
    model = train(development.applications[names], development.outcome, PLAN)
    estimate = np.asarray(model.predict(book.applications[names]))
    columns = {"estimate": estimate, "decision": "approved", "held_out": True, "charge_off_12m": book.truth.outcome}
    write_parquet(book.applications.assign(**columns), folder / "applications.parquet")
    write_parquet(book.groups, folder / "groups.parquet")
    (folder / "model.txt").write_text(model.model_to_string(), encoding="utf-8")
    write_card(folder / "card.yaml", demo_card("4", bureau=False))
    built = build_snapshot(folder / "card.yaml", folder / "snapshots")
    snapshot = open_snapshot(folder / "snapshots", built.parent.name, built.name)
    return lambda viewer: open_reader(snapshot, viewer)


@pytest.fixture(scope="module")
def reader(opened: Open) -> Reader:
    return opened(LOCAL_VIEWER)


@pytest.fixture(scope="module")
def choices(reader: Reader) -> ChoicesResult:
    return compute_choices(reader)


def group_of(reader: Reader) -> FittedGroup:
    return fit_group(reader, Engine(reader.room.model), *compute_group(reader, EVERYONE))


@pytest.mark.parametrize("name", dgp.MONOTONE)
def test_a_signal_held_to_a_direction_is_found_to_keep_it(reader: Reader, choices: ChoicesResult, name: str) -> None:
    result = compute_signal(reader, choices, name, EVERYONE, None)
    assert result.used
    assert result.declared == ("raises" if dgp.MONOTONE[name] > 0 else "lowers")
    assert result.trend is not None
    assert result.trend.departs == 0
    assert "they do so everywhere" in str(words.say_direction(result))


@pytest.mark.parametrize("name", ["debt_to_income", "annual_income"])
def test_asked_directly_the_model_never_goes_against_a_direction_it_is_held_to(reader: Reader, name: str) -> None:
    result = compute_response(reader, name, EVERYONE)
    steps = np.diff(result.mean) * dgp.MONOTONE[name]
    assert (result.against, result.worst) == (0, 0.0)
    assert steps.min() >= 0 < steps.max()
    assert "higher values never do other than" in words.say_response(result)


def test_a_signal_without_effect_moves_about_nothing(reader: Reader, choices: ChoicesResult) -> None:
    largest = choices.options[0].mean_abs
    for name in dgp.IGNORED_SIGNALS:
        result = compute_signal(reader, choices, name, EVERYONE, None)
        assert result.mean_abs < 0.03 * largest
        assert any(said in words.say_signal(result) for said in ("does not use", "moves the estimate by less than"))


def test_the_planted_pair_is_among_the_strongest_and_raises_in_its_corner(
    reader: Reader, choices: ChoicesResult
) -> None:
    group = group_of(reader)
    found = compute_pairs(reader, choices, group, EVERYONE)
    assert len(found.pairs) == 66
    assert set(dgp.INTERACTION) in [{pair.first, pair.second} for pair in found.pairs[:3]]
    result = compute_pair(reader, choices, group, EVERYONE, *dgp.INTERACTION)
    corner = result.cells[result.first_steps.index(full_cards(result.first_steps))][0].mean
    known = [cell.mean for row in result.cells for cell in row if cell.mean is not None]
    assert corner == max(known)
    assert corner > 0.005


def full_cards(steps: tuple[str, ...]) -> str:
    return next(step for step in steps if step.endswith("or more"))


def test_the_planted_pair_is_found_among_families_too(opened: Open) -> None:
    partner = opened(PARTNER)
    found = compute_pairs(partner, compute_choices(partner), group_of(partner), EVERYONE)
    assert {"cards", "history"} in [{pair.first, pair.second} for pair in found.pairs[:5]]
    shown = repr(found)
    assert not any(name in shown for name in dgp.SIGNALS)
    assert "families" in pair_words.say_pairs_context(found)


def test_full_cards_weigh_more_where_the_history_is_short(reader: Reader, choices: ChoicesResult) -> None:
    first, second = dgp.INTERACTION
    result = compute_signal(reader, choices, first, EVERYONE, second)
    assert result.cut is not None
    last = [line.means[-1] for line in result.cut.lines]
    assert last[0] is not None
    assert last[-1] is not None
    assert last[0] > last[-1] + 0.01
    assert "is “under" in str(words.say_cut(result))


def test_a_familys_bands_add_up_to_its_applications_and_name_no_signal(opened: Open) -> None:
    partner = opened(PARTNER)
    options = compute_choices(partner)
    for by in ("estimate", "month"):
        result = compute_family(partner, options, options.options[0].name, EVERYONE, by)
        assert sum(step.n for step in result.steps) + result.left_out == result.n == result.n_total
        assert min(step.n for step in result.steps) >= 30
        assert all(round(step.mean, 3) == step.mean for step in result.steps)
        assert all(step.raw is None for step in result.steps)
        assert not any(name in repr(result) for name in dgp.SIGNALS)
