"""What every test of reasons works on: a seeded sample of declined applications with all that was stored of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from data.card_schema import Card
from data.evidence_source import EvidenceSource
from data.snapshot_checks import StoredGroup, StoredRows
from explainers.attribution import Codes, Comparison, Engine, fit_comparison
from explainers.attribution.results import family_columns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SHARE, LEAST, MOST = 20, 1_000, 10_000
"""Tested is one declined application in twenty, but at least 1,000 (all, where there are fewer) and at most 10,000."""
LIME_MOST, LIME_SHARE = 40, 100
"""Of those, one in a hundred is also asked of LIME, at most 40: a second each on a large model."""
CHANGED_MOST, CHANGED_SHARE = 400, 40
"""For one in forty, at most 400, allowed changes are tried."""
KEPT_BYTES = 256 << 20
"""Fitted groups held between explaining and testing; beyond that they are fitted again."""


@dataclass(frozen=True, eq=False)
class World:
    """A sample of the applications that the model declined, and what is needed to test their reasons."""

    source: EvidenceSource = field(repr=False)
    """The snapshot's database."""
    card: Card
    """The snapshot's card."""
    engine: Engine
    """The model, ready for explaining."""
    seed: int
    """Seed of everything drawn."""
    families: tuple[str, ...]
    """Families, in the order of their positions."""
    n_declines: int
    """Applications that the model declined."""
    rows: StoredRows
    """The sample as stored, n rows."""
    cutoff: Floats
    """Cut-off of each, estimate scale, (n,)."""
    codes: Codes
    """The sample as the trees see it."""
    everyone: Codes = field(repr=False)
    """All applications as the trees see them."""
    groups: dict[int, StoredGroup]
    """Comparison groups by number."""
    fit: Callable[[StoredGroup], Comparison] = field(repr=False)
    """Gives a stored group, ready to explain with."""

    @property
    def n(self) -> int:
        """Return how many applications are tested."""
        return len(self.rows.row_no)

    @property
    def sign(self) -> float:
        """Return +1 when a higher raw score speaks against approval, else −1."""
        return 1.0 if self.card.model.higher_score_is == "riskier" else -1.0

    @cached_property
    def reasons(self) -> Ints:
        """Return the stored reasons as positions of families, (n, 4); −1 where there is none."""
        return self.rows.reasons.astype(np.int64)

    @cached_property
    def named(self) -> Ints:
        """Return how many reasons each application has, (n,)."""
        return np.asarray((self.reasons >= 0).sum(axis=1), np.int64)

    @cached_property
    def family_of_column(self) -> Ints:
        """Return the position of the family of each signal of the model, (signals,)."""
        places = {family: i for i, family in enumerate(self.families)}
        names, of = family_columns(self.engine.feature_names, {k: f.family for k, f in self.card.features.items()})
        return np.array([places[names[i]] for i in of], np.int64)

    @property
    def family_of_signal(self) -> Ints:
        """Return the same for each signal that the trees use, in the engine's order."""
        return self.family_of_column[self.engine.book.column]

    def passes(self, estimate: Floats, cutoff: Floats) -> Bools:
        """Return which estimates are on the approved side of their cut-offs."""
        return estimate <= cutoff if self.sign > 0 else estimate >= cutoff

    def random(self, what: int) -> np.random.Generator:
        """Return random numbers of one test's own, so that no test's depend on another's."""
        return np.random.default_rng([self.seed, what])


class Fits:
    """Fitted comparison groups: those of the build are kept for the tests while they are small enough."""

    def __init__(self, engine: Engine, everyone: Codes) -> None:
        self._engine, self._everyone = engine, everyone
        self._kept: dict[str, Comparison] = {}
        self._bytes = 0

    def keep(self, fitted: Comparison) -> None:
        """Remember a group that was fitted for something else."""
        size = sum(table.nbytes for table in fitted.tables or ())  # by far the largest part
        if self._bytes + size <= KEPT_BYTES:
            self._bytes += size
            self._kept[fitted.sha256] = fitted

    def __call__(self, group: StoredGroup) -> Comparison:
        """Return a stored group fitted."""
        return self._kept.get(group.content_hash) or fit_rows(self._engine, self._everyone, group.rows, group.name)


def fit_rows(engine: Engine, everyone: Codes, rows: Ints, name: str) -> Comparison:
    """Fit any rows of the snapshot as a comparison group."""
    return fit_comparison(engine, chosen(everyone, rows), name=name, rule="a test of reasons")


def chosen(codes: Codes, rows: Ints | slice) -> Codes:
    """Return some of the encoded rows."""
    return Codes(np.ascontiguousarray(codes.codes[:, rows]), codes.raw_score[rows], codes.model_sha256)


def sample_size(n: int) -> int:
    """Return how many of `n` declined applications are tested."""
    return min(n, MOST, max(LEAST, n // SHARE))


def read_world(
    source: EvidenceSource,
    card: Card,
    engine: Engine,
    everyone: Codes,
    seed: int,
    fits: Fits | None = None,
    tested: int | None = None,
) -> World:
    """Draw the sample and read what is stored of it.

    Parameters
    ----------
    source : EvidenceSource
        The snapshot's database, all but finished.
    card : Card
        Its card.
    engine : Engine
        Its model.
    everyone : Codes
        All applications in row order.
    seed : int
        Seed of the build.
    fits : Fits, optional
        Groups that are fitted already.
    tested : int, optional
        How many applications to test, where there are as many; by default as `sample_size` says.
    """
    declines = source.declines()
    size = sample_size(len(declines)) if tested is None else min(tested, len(declines))
    drawn = np.random.default_rng([seed, 60]).choice(len(declines), size, replace=False)
    rows = declines.iloc[np.sort(drawn)]
    numbers = rows["row_no"].to_numpy(np.int64)
    return World(
        card=card,
        engine=engine,
        seed=seed,
        source=source,
        families=source.families(),
        n_declines=len(declines),
        rows=source.rows(numbers),
        cutoff=rows["cutoff"].to_numpy(np.float64),
        codes=chosen(everyone, numbers),
        everyone=everyone,
        groups=source.groups(),
        fit=fits or Fits(engine, everyone),
    )
