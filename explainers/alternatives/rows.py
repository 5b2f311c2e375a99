"""The rows that candidates learn from and are measured on, and how they are split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from data.alternatives_rows import read_training
from data.alternatives_schema import APPLICATIONS, AlternativesBlock
from data.cohorts import EVERYONE
from data.errors import CandorError
from data.fairness_rows import decided_rows
from data.model_room import ModelRoom
from data.protected import Protected
from explainers.alternatives.measure import People

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
LEAST = 50
"""Rows of either group, and rows with and without the outcome, that each part needs."""
TITLE = "There is no search for alternatives here"


@dataclass(frozen=True, eq=False)
class Rows:
    """Signals, outcomes and groups; the group is never among the signals."""

    values: Floats = field(repr=False)
    """Shape (n, p): encoded signals, in the model's order."""
    outcome: Ints = field(repr=False)
    """Shape (n,): 1 or 0."""
    group: npt.NDArray[np.object_] = field(repr=False)
    """Shape (n,): value of the protected attribute."""
    share: float
    """Share that the current decisions approve."""
    source: str
    """Where the rows come from, in words."""
    sha256: str
    """Hash over values, outcomes and groups."""

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.outcome)

    def people(self, part: Bools, group: str, reference: str) -> People:
        """Return outcomes and groups of a part of the rows."""
        named = self.group[part]
        return People(self.outcome[part], named == group, named == reference)


@dataclass(frozen=True, eq=False)
class Parts:
    """A random split; each array has shape (n,)."""

    train: Bools
    """To learn from: a half."""
    choose: Bools
    """To choose the frontier and each cut-off on: a quarter."""
    report: Bools
    """To report on: the rest."""


def split(n: int, seed: int) -> Parts:
    """Split rows at random: a half to learn from, a quarter to choose on, the rest to report on."""
    place = np.random.default_rng([seed, 11]).permutation(n)
    return Parts(place < n // 2, (place >= n // 2) & (place < 3 * n // 4), place >= 3 * n // 4)


def load_rows(room: ModelRoom, protected: Protected, attribute: str, most: int) -> Rows:
    """Read the rows of a search.

    Parameters
    ----------
    room : ModelRoom
        The snapshot's model with its inputs.
    protected : Protected
        Its groups, opened for a viewer who sees them in full.
    attribute : str
        An observed attribute, by its name in the card.
    most : int
        Rows at most; the same ones each time.

    Raises
    ------
    CandorError
        The model estimates no chance, the attribute is a proxy, or there is nothing to learn from.
    """
    if room.model.link != "sigmoid":
        raise CandorError(TITLE, "The model does not estimate the chance of an outcome.", "Choose another snapshot.")
    if protected.attribute(attribute).kind != "observed":
        raise CandorError(TITLE, "Chances of a group cannot be learnt from.", "Choose an attribute on file.")
    block = room.card.alternatives or AlternativesBlock()
    if block.training == APPLICATIONS:
        return _own(room, protected, attribute, most)
    table, sha256 = read_training(block, room.model.feature_names, attribute)
    kept = table.iloc[np.sort(np.random.default_rng(13).permutation(len(table))[:most])]
    values = room.model.encode(kept[list(room.model.feature_names)])
    estimate = room.model.estimate(room.model.predict_raw(values))
    cutoff = room.card.decision.cutoffs.default
    passed = estimate <= cutoff if room.card.model.higher_score_is == "riskier" else estimate >= cutoff
    source = f"the training file of the card (SHA-256 {sha256[:12]}…)"
    return _rows(values, kept["outcome"].to_numpy(), kept["group"].to_numpy(dtype=object), passed, source)


def _own(room: ModelRoom, protected: Protected, attribute: str, most: int) -> Rows:
    """Take the snapshot's own applications with a known outcome that the model did not learn from."""
    kept = decided_rows(protected, [attribute], EVERYONE, most, known=True)
    values = room.model.encode(room.signal_values(kept["row_no"].tolist()))
    riskier = room.card.model.higher_score_is == "riskier"
    passed = kept["estimate"] <= kept["cutoff"] if riskier else kept["estimate"] >= kept["cutoff"]
    source = "applications of the snapshot with a known outcome that the current model did not learn from"
    return _rows(values, kept["outcome"].to_numpy(), kept["g0"].to_numpy(dtype=object), passed.to_numpy(), source)


def _rows(
    values: Floats, outcome: Floats, group: npt.NDArray[np.object_], passed: npt.NDArray[np.bool_], source: str
) -> Rows:
    known = outcome.astype(np.int64)
    digest = hashlib.sha256(np.ascontiguousarray(values).tobytes())
    digest.update(known.tobytes())
    digest.update("\n".join(map(str, group)).encode())
    return Rows(values, known, group, float(passed.mean()) if len(passed) else 0.0, source, digest.hexdigest())


def check_rows(rows: Rows, parts: Parts, group: str, reference: str) -> None:
    """Check that each part holds enough to learn from and to judge.

    Raises
    ------
    CandorError
        Says which part holds too few of what, and how many are needed.
    """
    for name, part in (("learn from", parts.train), ("choose on", parts.choose), ("report on", parts.report)):
        people = rows.people(part, group, reference)
        counts = {
            f"of “{group}”": int(people.group.sum()),
            f"of “{reference}”": int(people.reference.sum()),
            "with the outcome": int(people.outcome.sum()),
            "without it": int((1 - people.outcome).sum()),
        }
        what, fewest = min(counts.items(), key=lambda item: item[1])
        if fewest < LEAST:
            told = f"To {name} there are {fewest} rows {what}; at least {LEAST} are needed."
            raise CandorError("Too few to search for alternatives", told, "Choose a larger group or snapshot.")
    if not 0 < rows.share < 1:
        told = f"The current cut-offs approve {rows.share:.0%} of these rows."
        raise CandorError(TITLE, told, "Groups can be compared only where some are approved and some are not.")
