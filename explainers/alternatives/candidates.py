"""What is tried: fewer signals, other shapes, other weights. No candidate reads the group when it estimates.

The group is used in training only, as weights (reweighing) or as a constraint (Fairlearn). Of Fairlearn's
ExponentiatedGradient, which decides by lot between several models, the one model it trusts most is kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.reductions import DemographicParity, ExponentiatedGradient, GridSearch

from explainers.alternatives.learner import Learner, Shape
from explainers.alternatives.result import Excluded
from explainers.alternatives.settings import Settings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Tell = Callable[[str, float], None]
PRICES = (0.15, 0.9)
"""From which to which price of unequal shares Fairlearn's grid goes; 0 would be training as usual."""
SLACK = 0.02
"""Difference of shares that Fairlearn's mixture may keep."""
CONTRIBUTIONS = 2_000
"""Rows on which families are ordered by how far they move the two groups apart."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What candidates learn from."""

    values: Floats
    """Shape (n, p)."""
    outcome: Ints
    """Shape (n,)."""
    group: Bools
    """Shape (n,): of the group that is compared."""
    named: npt.NDArray[np.object_]
    """Shape (n,): value of the attribute."""
    families: Mapping[str, Sequence[int]]
    """Columns of each family, by its name for people."""
    directions: tuple[int, ...]
    """Direction the card expects of each signal: 1, −1 or 0."""
    categories: tuple[int, ...]
    """Columns that hold codes of categories."""
    riskier_up: bool
    """Whether a higher chance of the outcome speaks against approval."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained candidate."""

    key: str
    """Short name."""
    label: str
    """For people."""
    how: str
    """What was done."""
    kind: str
    """As in `result.Candidate`."""
    n_signals: int
    """Signals it may use."""
    estimate: Callable[[Floats], Floats]
    """Chance of the outcome, from the model's inputs alone."""


EXCLUDED = (
    Excluded(
        "A cut-off of its own for each group (Fairlearn ThresholdOptimizer)",
        "It asks for the group at the moment of the decision. That is treating people differently by group.",
    ),
    Excluded(
        "Changing decisions near the cut-off by group (reject option)",
        "It asks for the group at the moment of the decision. That is treating people differently by group.",
    ),
    Excluded(
        "The group as a signal, or a model for each group",
        "It asks for the group at the moment of the decision. That is treating people differently by group.",
    ),
    Excluded(
        "Models that decide by lot (the mixture of Fairlearn ExponentiatedGradient)",
        "The same application could be approved today and declined tomorrow. Only its one weightiest model is kept.",
    ),
)
"""What is never tried or kept, with the reason."""


def train_all(lessons: Lessons, settings: Settings, tell: Tell) -> Iterator[Trained]:
    """Train candidates one after the other, the model trained anew on all signals first.

    Parameters
    ----------
    lessons : Lessons
        What to learn from.
    settings : Settings
        How many, and how large.
    tell : callable
        Told what is being done and the share done; may raise to stop.
    """
    shape = Shape(trees=settings.trees)
    base = _learn(lessons, shape, settings)
    plain = _plain(lessons, shape, settings, base)
    fairlearn = min(settings.grid + 1, max(0, settings.candidates - 2))
    kept = plain[: max(0, settings.candidates - 2 - fairlearn)]
    total = len(kept) + 1 + fairlearn
    tell("Trained anew on all signals", 1 / total)
    every = lessons.values.shape[1]
    yield Trained("anew", "Trained anew", "The same signals, trained on these rows.", "anew", every, _of(base))
    for done, (one, make) in enumerate(kept, start=2):
        tell(one.label, done / total)
        yield replace(one, estimate=make())
    if fairlearn:
        yield from _by_grid(lessons, shape, settings, min(settings.grid, fairlearn), tell, len(kept) + 1, total)
    if fairlearn > settings.grid:
        tell("ExponentiatedGradient", 1 - 1 / total)
        yield from _single_of_mixture(lessons, shape, settings)


def _of(learner: Learner) -> Callable[[Floats], Floats]:
    return lambda values: learner.predict_proba(values)[:, 1]


def _learn(
    lessons: Lessons, shape: Shape, settings: Settings, weights: Floats | None = None, left_out: Sequence[int] = ()
) -> Learner:
    """Train one model; columns left out hold nothing, so that it cannot split on them."""
    values = lessons.values
    if left_out:
        values = values.copy()
        values[:, list(left_out)] = 0.0
    categories = tuple(c for c in lessons.categories if c not in set(left_out))
    return Learner(shape, categories, settings.seed).fit(values, lessons.outcome, weights)


Make = Callable[[], Callable[[Floats], Floats]]


def _plain(lessons: Lessons, shape: Shape, settings: Settings, base: Learner) -> list[tuple[Trained, Make]]:
    """Return what is trained without Fairlearn: other shapes and weights first, then families left out."""
    every = lessons.values.shape[1]
    held = tuple(lessons.directions)
    weights = reweigh(lessons.outcome, lessons.named)
    shapes = [
        ("weighed", "Reweighed", "Rows weighed so that outcome and group go together as by chance.", shape, weights),
        ("simple", "Smaller trees", "4 leaves a tree in place of 15.", replace(shape, leaves=4), None),
        (
            "cautious",
            "More cautious",
            "7 leaves, larger leaves and a stronger penalty.",
            replace(shape, leaves=7, smallest_leaf=200, l2=50.0),
            None,
        ),
        ("large", "Larger trees", "31 leaves a tree.", replace(shape, leaves=31), None),
    ]
    if any(held):
        told = "Each signal is held to the direction its card expects."
        constrained = replace(shape, monotone=held)
        shapes.insert(1, ("monotone", "Held to directions", told, constrained, None))
        told = "Held to the card’s directions, and rows reweighed."
        shapes.insert(2, ("monotone-weighed", "Held to directions, reweighed", told, constrained, weights))
    found: list[tuple[Trained, Make]] = []
    for key, label, how, one, own in shapes:
        kind = "weights" if own is not None else "shape"
        found.append((Trained(key, label, how, kind, every, _nothing), _maker(lessons, one, settings, own, ())))
    for label in _order(lessons, base)[: settings.drops]:
        columns = lessons.families[label]
        how = f"Without the {len(columns)} signals of this family."
        name = f"Without {label}"
        trained = Trained(f"without-{label}", name, how, "signals", every - len(columns), _nothing)
        found.append((trained, _maker(lessons, shape, settings, None, columns)))
    return found


def _nothing(_values: Floats) -> Floats:
    raise NotImplementedError("this candidate is not trained yet")


def _maker(lessons: Lessons, shape: Shape, settings: Settings, weights: Floats | None, left_out: Sequence[int]) -> Make:
    def make() -> Callable[[Floats], Floats]:
        learner = _learn(lessons, shape, settings, weights, left_out)
        return _without(learner, list(left_out))

    return make


def _without(learner: Learner, left_out: list[int]) -> Callable[[Floats], Floats]:
    def estimate(values: Floats) -> Floats:
        own = values.copy()
        own[:, left_out] = 0.0
        return learner.predict_proba(own)[:, 1]

    return estimate if left_out else _of(learner)


def _order(lessons: Lessons, base: Learner) -> list[str]:
    """Return families by how far they move the group's scores apart from all others', the furthest first."""
    rows = np.random.default_rng(5).permutation(len(lessons.outcome))[:CONTRIBUTIONS]
    parts = np.asarray(base.booster_.predict(lessons.values[rows], pred_contrib=True, num_threads=1))
    group = lessons.group[rows]
    gaps = parts[group].mean(axis=0) - parts[~group].mean(axis=0)
    sizes = {label: abs(float(gaps[list(columns)].sum())) for label, columns in lessons.families.items()}
    return sorted(sizes, key=lambda label: (-sizes[label], label))


def reweigh(outcome: Ints, group: npt.NDArray[np.object_]) -> Floats:
    """Return the weights under which outcome and group are independent.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
        1 or 0.
    group : ndarray, shape (n,)
        Value of the attribute.

    References
    ----------
    Kamiran, F. & Calders, T. (2012). Data preprocessing techniques for classification without discrimination.
    Knowledge and Information Systems 33, 1–33.
    """
    names, place = np.unique(group.astype(str), return_inverse=True)
    together = np.bincount(place * 2 + outcome, minlength=2 * len(names)).reshape(-1, 2) / len(outcome)
    expected = together.sum(axis=1, keepdims=True) * together.sum(axis=0)
    weights: Floats = (expected / np.maximum(together, 1e-12))[place, outcome]
    return weights


@contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing of Fairlearn's own use of pandas, which pandas will stop to allow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _favourable(lessons: Lessons) -> Ints:
    """Return 1 for the outcome that speaks for approval."""
    return 1 - lessons.outcome if lessons.riskier_up else lessons.outcome


def _back(learner: Learner, lessons: Lessons) -> Callable[[Floats], Floats]:
    """Return the chance of the outcome from a model of what speaks for approval."""
    place = 0 if lessons.riskier_up else 1
    return lambda values: learner.predict_proba(values)[:, place]


def _by_grid(
    lessons: Lessons, shape: Shape, settings: Settings, size: int, tell: Tell, before: int, total: int
) -> Iterator[Trained]:
    """Train the models of Fairlearn's grid, each a single one with its own trade between error and parity."""
    group, good = lessons.group.astype(int), _favourable(lessons)
    for place, price in enumerate(np.linspace(*PRICES, size)):
        tell("Fairlearn GridSearch", (before + 1 + place) / total)
        search = GridSearch(
            Learner(shape, lessons.categories, settings.seed),
            DemographicParity(),
            grid=_grid(lessons.values, good, group, price),
        )
        with _quiet():
            search.fit(lessons.values, good, sensitive_features=group)
        learner = search.predictors_[0]
        if isinstance(learner, Learner):  # else it says the same of everybody
            label = f"Trade-off at price {price:.2g}"
            how = "Fairlearn GridSearch for equal shares approved: outcomes and weights changed in training, by group."
            every = lessons.values.shape[1]
            yield Trained(f"grid-{place + 1}", label, how, "weights", every, _back(learner, lessons))


def _grid(values: Floats, good: Ints, group: Ints, price: float) -> pd.DataFrame:
    """Return Fairlearn's multipliers for one price of unequal shares, on the side that favours the group."""
    parity = DemographicParity()
    with _quiet():
        parity.load_data(values, good, sensitive_features=group)
        sides = [basis[basis.columns[:1]] * price for basis in (parity.pos_basis, parity.neg_basis)]
        lifts = [float(np.asarray(parity.signed_weights(side.iloc[:, 0]))[group == 1].mean()) for side in sides]
    found: pd.DataFrame = sides[int(np.argmax(lifts))]
    return found


def _single_of_mixture(lessons: Lessons, shape: Shape, settings: Settings) -> Iterator[Trained]:
    """Train Fairlearn's mixture and keep the one model with the largest weight in it."""
    learner = Learner(replace(shape, trees=max(shape.trees // 2, 10)), lessons.categories, settings.seed)
    mixture = ExponentiatedGradient(learner, DemographicParity(), eps=SLACK, max_iter=settings.rounds)
    with _quiet():
        mixture.fit(lessons.values, _favourable(lessons), sensitive_features=lessons.group.astype(int))
    first = int(np.argmax(np.asarray(mixture.weights_, dtype=float)))
    chosen = list(mixture.predictors_)[first]
    if isinstance(chosen, Learner):
        how = "Fairlearn ExponentiatedGradient for equal shares; of its mixture the one model with the largest weight."
        every = lessons.values.shape[1]
        yield Trained("mixture", "Weightiest of a mixture", how, "weights", every, _back(chosen, lessons))
