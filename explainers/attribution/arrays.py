"""Names for the array types used by the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
"""Whole numbers of which a pass over one row reads very many: half as long, they come from memory twice as fast."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.uint64]
States = npt.NDArray[np.uint16]
Counts = npt.NDArray[np.uint32]
CodeMatrix = npt.NDArray[Any]
"""Codes of rows, uint16, one row of the matrix per signal."""


def starts(counts: Ints) -> Ints:
    """Turn counts into the offsets of a flat array: (n,) -> (n + 1,), beginning with 0."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
