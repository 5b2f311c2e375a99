"""A figure as plain values: what a pin keeps of a chart."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

ENCODED = {"dtype", "bdata"}
"""Plotly writes arrays of numbers as the base64 of their bytes, under these names and perhaps a shape."""


def plain_figure(text: str) -> dict[str, Any]:
    """Return Plotly's JSON of a figure with every array written out as a list.

    Parameters
    ----------
    text : str
        From `figure.to_json()`.

    Returns
    -------
    dict
        Lists, mappings, text, finite numbers, true, false and None. A number that is not finite becomes None, which
        draws the same: nothing.
    """
    figure: dict[str, Any] = _plain(json.loads(text))
    return figure


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _array(value) if set(value) >= ENCODED else {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _array(value: Mapping[str, Any]) -> Any:
    numbers = np.frombuffer(base64.b64decode(value["bdata"]), dtype=np.dtype(value["dtype"]).newbyteorder("<"))
    if shape := value.get("shape"):
        numbers = numbers.reshape([int(side) for side in str(shape).split(",")])
    if np.issubdtype(numbers.dtype, np.floating) and not np.isfinite(numbers).all():
        return _plain(numbers.tolist())
    return numbers.tolist()
