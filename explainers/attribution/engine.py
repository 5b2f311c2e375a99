"""The engine: a model made ready for explaining."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import AttributionError
from data.models import CreditModel
from explainers.attribution.arrays import Floats
from explainers.attribution.codes import encode_block, make_code_book
from explainers.attribution.deep import check_depth, make_weights
from explainers.attribution.direct import list_conditions
from explainers.attribution.groups import make_groups
from explainers.attribution.paths import longest_path
from explainers.attribution.patterns import MOST_SIGNALS
from explainers.attribution.plan import COLUMN_STATES, GROUP_STATES, LEAF_STATES
from explainers.attribution.quadrature import POINTS, make_quadrature
from explainers.attribution.results import Codes
from explainers.attribution.tables import table_bytes
from explainers.attribution.threads import available_threads, even_runs, run_all
from explainers.attribution.trees import read_trees

BLOCK_ROWS = 32_768
"""Most rows explained at a time. All tables pass by once per block, and at deep leaves more rows share a pattern."""
ENCODE_ROWS = 8_192
"""Most rows encoded at a time."""
FEW_TO_SCORE = 512
"""Up to so many rows LightGBM scores with one thread: waking others would cost more."""
KEPT_TABLE_BYTES = 128 << 20
"""Tables up to this size are kept: an application is explained in under a millisecond then. A model of 40 signals takes
about 40 MiB per group, one of 1,800 signals 600 MiB."""
Rows = pd.DataFrame | npt.NDArray[Any] | Codes


class Engine:
    """A model whose trees have been flattened, coded and grouped. Nothing in it changes after.

    Parameters
    ----------
    model : CreditModel
        As read by `data.models.read_model`.
    threads : int, optional
        Most threads per call; by default the processors this process may use. Results do not depend on it.
    group_states, leaf_states, column_states : int
        Most states of a table for several leaves, of one for a single leaf (both at most 65,536), and of one in
        which every signal has its own column. Results do not depend on them beyond rounding.

    Raises
    ------
    AttributionError
        The model is of a kind that cannot be explained.
    """

    def __init__(
        self,
        model: CreditModel,
        *,
        threads: int | None = None,
        group_states: int = GROUP_STATES,
        leaf_states: int = LEAF_STATES,
        column_states: int = COLUMN_STATES,
    ) -> None:
        self.model = model
        self.threads = threads or available_threads()
        self.trees = read_trees(model.parsed)
        self.forest = self.trees.forest
        self.book = make_code_book(self.trees)
        self.longest = int(longest_path(self.forest))
        check_depth(self.longest)
        self.groups, self.deep_leaves = make_groups(self.forest, self.book, group_states, leaf_states, column_states)
        self.rule = make_quadrature(POINTS)
        self.weights = make_weights(max(self.longest, MOST_SIGNALS))
        self.conditions = list_conditions(self.forest, self.book, self.longest)

    @property
    def keeps_tables(self) -> bool:
        """Whether tables of this model are small enough to be kept for every comparison group in use."""
        return table_bytes(self.groups) <= KEPT_TABLE_BYTES

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Features in the model's order."""
        return self.model.feature_names

    def encode_rows(self, rows: pd.DataFrame | npt.NDArray[Any], *, raw_score: Floats | None = None) -> Codes:
        """Encode rows once, to explain them against several groups.

        Parameters
        ----------
        rows : DataFrame or ndarray, (n, p)
            A table with the model's columns, or numbers in the model's own order.
        raw_score : ndarray, (n,), optional
            LightGBM's raw scores of these rows if they are known already.

        Returns
        -------
        Codes
            The rows as codes, with their raw scores.

        Raises
        ------
        TableError
            Columns are missing or of the wrong kind.
        AttributionError
            A value is infinite, or `raw_score` has another length.
        """
        values = self.model.encode(rows)
        codes = np.empty((len(self.book.column), len(values)), np.uint16)
        runs = even_runs(len(values), ENCODE_ROWS, self.threads)
        finite = run_all(lambda first, end: encode_block(values, self.book, first, end, codes), runs, self.threads)
        if not all(finite):
            self._refuse_infinite(values)
        scores = self._raw_score(values) if raw_score is None else np.asarray(raw_score, dtype=np.float64)
        if scores.shape != (len(values),):
            raise AttributionError(
                "The raw scores do not fit the rows",
                f"There are {len(values)} rows and raw scores of shape {scores.shape}.",
                "Give one raw score per row, or none.",
            )
        return Codes(codes, scores, self.model.sha256)

    def _raw_score(self, values: Floats) -> Floats:
        if not len(values):
            return np.zeros(0)
        return self.model.predict_raw(values, num_threads=1 if len(values) <= FEW_TO_SCORE else self.threads)

    def _refuse_infinite(self, values: Floats) -> None:
        columns = [self.feature_names[j] for j in self.trees.used if np.isinf(values[:, j]).any()]
        raise AttributionError(
            "Some values are infinite",
            f"Columns with infinite values: {', '.join(columns[:10])}{' …' if len(columns) > 10 else ''}.",
            "Give finite numbers, or leave the value empty if it is not known.",
        )

    def codes_of(self, rows: Rows, raw_score: Floats | None = None) -> Codes:
        """Rows as codes, encoded now unless they already are."""
        if not isinstance(rows, Codes):
            return self.encode_rows(rows, raw_score=raw_score)
        if rows.model_sha256 != self.model.sha256:
            raise AttributionError(
                "The encoded rows belong to another model",
                "Their codes were made from the thresholds of a model with another hash.",
                "Encode the rows with this model's engine.",
            )
        return rows
