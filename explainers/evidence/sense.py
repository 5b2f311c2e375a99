"""Two questions about each reason: does it point the way it should, and could the person do anything about it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from data.card_schema import Card, Unit
from data.policy import POLICY, Audience
from explainers.attribution import Codes, Engine
from explainers.evidence.kernel import ROWS
from explainers.evidence.mixtures import mix
from explainers.evidence.world import CHANGED_MOST, CHANGED_SHARE, Floats, Ints, World, chosen
from explainers.recourse.candidates import Population, Variable, make_variables
from explainers.what_if.changes import allowed_changes

NOT_TRIED, NO, YES = -1, 0, 1
"""Whether an allowed change of a reason's signals alone alters the decision."""
NOBODY = Population(0, 0, {})
"""How common values are does not matter here: every allowed value is tried."""


def bad_when_high(card: Card, names: Sequence[str], sign: float) -> Floats:
    """Return +1 for signals of which more should speak against approval, −1 where less should, 0 where neither."""
    raises = {"raises": 1.0, "lowers": -1.0, "either": 0.0}
    ways = [0.0 if card.features[n].unit is Unit.CATEGORY else raises[card.features[n].direction] for n in names]
    return sign * np.array(ways)


def check_sense(world: World) -> npt.NDArray[np.bool_]:
    """Find reasons whose leading signal has a better value than is typical of the comparison group.

    The leading signal is the one of the family that speaks most against approval. Its value is better when it lies on
    the side of the group's median that the card declares to be the good one.

    Returns
    -------
    ndarray of bool, (n, 4)
        True where a reason is to be held for review.
    """
    used, medians = world.source.used(), world.source.medians(world.engine.feature_names)
    place = {name: i for i, name in enumerate(world.engine.feature_names)}
    columns = np.array([place[name] for name in used])
    values = world.engine.model.encode(world.rows.signals)[:, columns]
    typical = np.stack([medians[int(no)][columns] for no in world.rows.group_no])
    way = bad_when_high(world.card, used, world.sign)
    with np.errstate(invalid="ignore"):
        better = way * (values - typical) < 0  # False where either is missing, or the way is not declared
    against = world.sign * world.rows.signal_contributions.astype(np.float64)
    family = world.family_of_column[columns]
    held = np.zeros(world.reasons.shape, bool)
    for position in range(len(world.families)):
        inside = np.flatnonzero(family == position)
        if len(inside):
            leading = inside[against[:, inside].argmax(axis=1)]
            held |= (world.reasons == position) & better[np.arange(world.n), leading][:, None]
    return held


def check_changes(world: World) -> npt.NDArray[np.int8]:
    """Try, for a part of the sample, whether an allowed change of one reason's signals alone alters the decision.

    Returns
    -------
    ndarray of int8, (n, 4)
        `YES`, `NO`, or `NOT_TRIED`.
    """
    found = np.full(world.reasons.shape, NOT_TRIED, np.int8)
    few = min(world.n, CHANGED_MOST, max(1, world.n // CHANGED_SHARE))
    for row in np.sort(world.random(4).choice(world.n, few, replace=False)):
        values = {str(name): value for name, value in world.rows.signals.iloc[row].items()}
        own = chosen(world.codes, slice(int(row), int(row) + 1))
        families = [world.families[p] for p in world.reasons[row] if p >= 0]
        answers = answers_to(world.card, world.engine, values, own, families, float(world.cutoff[row]))
        found[row, : len(answers)] = answers
    return found


def answers_to(
    card: Card, engine: Engine, row: Mapping[str, Any], own: Codes, families: Sequence[str], cutoff: float
) -> list[int]:
    """Say for each family whether some allowed change of its own signals alone makes the estimate pass.

    Every allowed value of one signal is tried, with what the card links to it; then all signals of the family
    together, each at its best and each at its furthest value.

    Parameters
    ----------
    card : Card
        Says what may change.
    engine : Engine
        The model.
    row : mapping
        Values on file by signal.
    own : Codes
        The same application as the trees see it.
    families : sequence of str
        The families of its reasons.
    cutoff : float
        Its cut-off, estimate scale.
    """
    allowed = allowed_changes(card, engine.model.shape, row, POLICY[Audience.SPECIALIST])
    inside = {name: one for name, one in allowed.items() if card.features[name].family in set(families)}
    variables = make_variables(card, engine, row, inside, NOBODY)
    riskier = card.model.higher_score_is == "riskier"

    def passing(scores: Floats) -> npt.NDArray[np.bool_]:
        estimate = engine.model.estimate(scores)
        return estimate <= cutoff if riskier else estimate >= cutoff

    def answer(family: str) -> int:
        mine = [v for v in variables if card.features[v.name].family == family]
        scores = [score_changes(engine, own, _columns(v)) for v in mine]
        if any(passing(s).any() for s in scores):
            return YES
        together = list(_together(mine, scores, 1.0 if riskier else -1.0))
        return YES if any(passing(score_changes(engine, own, each)).any() for each in together) else NO

    return [answer(family) for family in families]


def _columns(variable: Variable) -> dict[int, Ints]:
    """Return the codes of every candidate value, the one on file left out."""
    return {signal: codes[1:] for signal, codes in variable.codes.items()}


def _together(variables: Sequence[Variable], scores: Sequence[Floats], sign: float) -> Iterator[dict[int, Ints]]:
    """Yield changes of several signals at once: each at its best value, each at its furthest."""
    best: dict[str, tuple[float, int]] = {}
    for i, (variable, found) in enumerate(zip(variables, scores, strict=True)):
        least = float((sign * found).min())
        if variable.name not in best or least < best[variable.name][0]:
            best[variable.name] = (least, i)
    if len(best) < 2:
        return
    for furthest in (False, True):
        moved: dict[int, Ints] = {}
        for _, i in best.values():
            place = -1 if furthest else int((sign * scores[i]).argmin())
            moved |= {signal: codes[[place]] for signal, codes in _columns(variables[i]).items() if signal not in moved}
        yield moved


def score_changes(engine: Engine, own: Codes, changes: Mapping[int, Ints]) -> Floats:
    """Score one application with each of a series of changes, (changes,): codes by engine signal."""
    count = len(next(iter(changes.values())))
    codes = np.repeat(own.codes, count, axis=1)
    taken = np.zeros((1, own.codes.shape[0]), np.uint8)
    for signal, series in changes.items():
        codes[signal], taken[0, signal] = series.astype(np.uint16), 1
    found = []
    for first in range(0, count, ROWS):
        block = np.ascontiguousarray(codes[:, first : first + ROWS])
        rows = Codes(block, np.zeros(block.shape[1]), own.model_sha256)
        found.append(mix(engine, own, taken, np.zeros(1, np.int64), rows)[0])
    return np.concatenate(found)
