"""What the engine returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from data.errors import AttributionError
from explainers.attribution.arrays import CodeMatrix, Floats


@dataclass(frozen=True, eq=False)
class Codes:
    """Rows as the model's trees see them; can be given wherever rows are, for any group of the same engine."""

    codes: CodeMatrix = field(repr=False)
    """uint16, (signals used by the model, n)."""
    raw_score: Floats = field(repr=False)
    """LightGBM's raw score of each row, (n,)."""
    model_sha256: str
    """Hash of the model the codes belong to."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.codes.shape[1])


@dataclass(frozen=True, eq=False)
class Attributions:
    """Contributions of every signal to every row's raw score, against one comparison group."""

    values: Floats = field(repr=False)
    """Contributions in raw score, (n, p), in the model's order of features. Stored column by column."""
    baseline: float
    """Mean raw score of the comparison group."""
    raw_score: Floats = field(repr=False)
    """LightGBM's own raw score of each row, (n,)."""
    residual: Floats = field(repr=False)
    """raw_score − baseline − sum of the contributions, (n,): rounding only, about 1e-13."""
    feature_names: tuple[str, ...] = field(repr=False)
    """The model's features, p of them."""
    comparison_sha256: str
    """Hash of the comparison group; "" in path-dependent mode."""
    codes: CodeMatrix = field(repr=False)
    """Codes of the rows, kept to tell missing values."""
    code_column: npt.NDArray[np.int64] = field(repr=False)
    """Feature of each row of `codes`."""
    missing_code: npt.NDArray[np.int64] = field(repr=False)
    """Code that means "missing", for each row of `codes`."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.values.shape[0])

    @cached_property
    def missing(self) -> npt.NDArray[np.bool_]:
        """True where the row's value is missing, (n, p); made when first asked for.

        A missing value is a value: its contribution is in `values`, and a reason can say "no information".
        Features that no split uses have no contribution and are always False here.
        """
        found = np.zeros((len(self.feature_names), self.n), dtype=np.bool_)
        found[self.code_column] = self.codes == self.missing_code[:, None]
        return found.T


@dataclass(frozen=True, eq=False)
class FamilyAttributions:
    """Contributions of families of signals."""

    values: Floats = field(repr=False)
    """Contributions in raw score, (n, families)."""
    families: tuple[str, ...]
    """Names, in the order in which the model's features first name them."""
    baseline: float
    """Mean raw score of the comparison group."""
    raw_score: Floats = field(repr=False)
    """LightGBM's own raw score of each row, (n,)."""
    residual: Floats = field(repr=False)
    """raw_score − baseline − sum of the contributions, (n,)."""
    comparison_sha256: str
    """Hash of the comparison group."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.values.shape[0])


def by_family(attributions: Attributions, families: Mapping[str, str]) -> FamilyAttributions:
    """Add up the contributions of the signals of each family.

    Parameters
    ----------
    attributions : Attributions
        Contributions of p signals.
    families : mapping of str to str
        Family of every signal. Families are declared by people, never derived from the data.

    Returns
    -------
    FamilyAttributions
        Sums, (n, families), in raw score.

    Raises
    ------
    AttributionError
        A signal of the model has no family.
    """
    names, family_of = family_columns(attributions.feature_names, families)
    sums = np.zeros((len(names), attributions.n))
    for column, family in enumerate(family_of):
        sums[family] += attributions.values[:, column]
    return FamilyAttributions(
        values=sums.T,
        families=names,
        baseline=attributions.baseline,
        raw_score=attributions.raw_score,
        residual=residual(attributions.raw_score, attributions.baseline, sums),
        comparison_sha256=attributions.comparison_sha256,
    )


def family_columns(
    feature_names: tuple[str, ...], families: Mapping[str, str]
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Number the families in the order of the model's features.

    Returns
    -------
    names : tuple of str
        The families.
    family_of : ndarray of int64, (p,)
        Number of the family of each feature.

    Raises
    ------
    AttributionError
        A signal of the model has no family.
    """
    without = [name for name in feature_names if name not in families]
    if without:
        shown = ", ".join(without[:10]) + (" …" if len(without) > 10 else "")
        raise AttributionError(
            "Some signals have no family",
            f"{len(without)} of {len(feature_names)} signals of the model are in no family: {shown}.",
            "Give every signal a family in the card.",
        )
    number: dict[str, int] = {}
    family_of = [number.setdefault(families[name], len(number)) for name in feature_names]
    return tuple(number), np.array(family_of, dtype=np.int64)


def residual(raw_score: Floats, baseline: float, contributions: Floats) -> Floats:
    """What the contributions leave unexplained of each row's raw score; `contributions` is (columns, n)."""
    left: Floats = raw_score - baseline - contributions.sum(axis=0)
    return left
