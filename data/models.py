"""Reads LightGBM models from their own text format, and scores rows with them.

A file is judged by its content before LightGBM sees it, then tried in a child process, then loaded.
Nothing is ever unpickled or evaluated. LightGBM itself is loaded with the first model that needs it: with
scikit-learn and SciPy that takes over a second, and a snapshot's own model has been tried when it was
built, so most pages need no more than its text. The file holds the trees that were saved: of a model with
early stopping those up to its best round, of a DART model the trees with their final weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.errors import ModelFileError, Problem
from data.model_links import Link, link_of
from data.model_rows import RowShape, encode_rows, find_columns, row_shape
from data.model_text import SAVE_AGAIN, ModelText, damaged, parse_model

if TYPE_CHECKING:
    import lightgbm

FloatArray = npt.NDArray[np.float64]
MOST_BYTES = 2**30
"""Largest model file read, 1 GiB: a limit against mistakes, far above any credit model."""

_MAGIC = (
    (b"\x80", "a Python pickle or joblib file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x78\x01", "a compressed joblib file"),
    (b"\x78\x5e", "a compressed joblib file"),
    (b"\x78\x9c", "a compressed joblib file"),
    (b"\x78\xda", "a compressed joblib file"),
    (b"\x08", "an ONNX or other binary file"),
    (b"PAR1", "a Parquet file"),
    (b"\x89HDF", "an HDF5 file"),
)
_AS_TEXT = (
    "Save the model as text: booster.save_model('model.txt'), or for a scikit-learn style model "
    "model.booster_.save_model('model.txt')."
)
_verified: set[str] = set()
"""SHA-256 of the files whose trial load this process has already made."""


@dataclass(frozen=True, eq=False)
class CreditModel:
    """A model that can be scored and explained."""

    path: Path
    """File it was read from."""
    sha256: str
    """Hash of the file's bytes, hexadecimal."""
    text: str
    """The file's text, with line feeds as line ends."""
    parsed: ModelText
    """The text, read."""
    shape: RowShape
    """Its features, categories and levels."""
    curve: Link
    """From raw score to estimate."""

    @cached_property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own reading of the text, loaded and checked when first asked for.

        Raises
        ------
        ModelFileError
            LightGBM refuses the text or reads something else from it.
        """
        return _load_checked(self, tried=None)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Features in the model's order."""
        return self.shape.feature_names

    @property
    def categorical_features(self) -> tuple[str, ...]:
        """Features that LightGBM treats as categories."""
        return self.shape.categorical_features

    @property
    def categories(self) -> dict[str, tuple[Any, ...]]:
        """Levels in code order, of each feature that was a pandas category column (ordered ones too)."""
        return self.shape.categories

    @property
    def link(self) -> str:
        """Kind of curve from raw score to estimate: sigmoid, identity, exp, signed_square or log1p_exp."""
        return self.curve.name

    def encode(self, rows: pd.DataFrame | npt.NDArray[Any]) -> FloatArray:
        """Return rows as (n, p) float64 in the model's order; see `data.model_rows.encode_rows`."""
        return encode_rows(self.shape, rows)

    def predict_raw(self, rows: pd.DataFrame | npt.NDArray[Any], num_threads: int = 0) -> FloatArray:
        """Score rows with LightGBM.

        Parameters
        ----------
        rows : DataFrame or ndarray, (n, p)
            As for `encode`; an encoded array is used as it is.
        num_threads : int
            Threads, 0 for LightGBM's default. LightGBM keeps one setting for the whole process.

        Returns
        -------
        ndarray, (n,)
            Raw scores. Of a random forest the sum over its trees, as LightGBM gives it.
        """
        values = self.encode(rows)
        raw = self.booster.predict(values, raw_score=True, num_threads=num_threads)
        return np.asarray(raw, dtype=np.float64)

    def estimate(self, raw: npt.ArrayLike) -> FloatArray:
        """Return the estimates (probability or outcome scale) of raw scores, same shape."""
        return self.curve.estimate(raw)

    def raw_from_estimate(self, estimate: npt.ArrayLike) -> FloatArray:
        """Return the raw scores of estimates, same shape; raises CandorError outside the model's range."""
        return self.curve.raw(estimate)


def read_model(
    path: Path | str,
    expected_features: Sequence[str] | None = None,
    *,
    verified_sha256: str | None = None,
    category_columns: Sequence[str] | None = None,
) -> CreditModel:
    """Read a LightGBM model from its text file.

    Parameters
    ----------
    path : Path or str
        File written by Booster.save_model().
    expected_features : sequence of str, optional
        Names the model must have, no more and no fewer, in any order.
    verified_sha256 : str, optional
        Hash of the file when it was published. The same file is not tried in a child process again; another
        one is refused.
    category_columns : sequence of str, optional
        All features that were pandas category columns in training; needed only when the file cannot tell.

    Returns
    -------
    CreditModel
        The model, checked and loaded.

    Raises
    ------
    ModelFileError
        The file is missing, damaged, no LightGBM text, or a model of a kind that Candor does not explain.
    """
    path = Path(path)
    content = _read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if verified_sha256 is not None and verified_sha256.lower() != sha256:
        raise ModelFileError(
            "The model file has changed",
            "Its SHA-256 is not the one that was published.",
            "Put the published file back, or build a new snapshot with this one.",
        )
    text = decode(content)
    parsed = parse_model(text)
    curve = link_of(parsed)
    shape = row_shape(parsed, category_columns)
    _check_expected(shape.feature_names, expected_features)
    model = CreditModel(path, sha256, text, parsed, shape, curve)
    if verified_sha256 is None:
        _try_first(model)
    return model


def match_features(model: CreditModel, columns: Sequence[str]) -> list[Problem]:
    """Return one problem per feature of the model without exactly one column, with close names."""
    return find_columns(model.feature_names, columns)[1]


def decode(content: bytes) -> str:
    """Return a model file's text, refusing by content what is not text.

    Raises
    ------
    ModelFileError
        An empty, binary, pickled or packed file, whatever its name says.
    """
    if not content.strip():
        raise ModelFileError("The model file is empty", "It holds no text.", SAVE_AGAIN)
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            raise _not_text(f"By its first bytes it is {kind}.")
    if b"\x00" in content:
        raise _not_text("It holds binary data.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise _not_text("It holds bytes that are not UTF-8 text.") from err
    return text.replace("\r\n", "\n")


def _not_text(found: str) -> ModelFileError:
    return ModelFileError(
        "The model file is not text", f"{found} Candor never opens such files: they can run code.", _AS_TEXT
    )


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ModelFileError("The model file cannot be read", f"{path.name} is a folder.", "Give the file itself.")
        if size > MOST_BYTES:
            raise ModelFileError(
                "The model file is too large", f"It has {size} bytes; at most {MOST_BYTES} are read.", SAVE_AGAIN
            )
        return path.read_bytes()
    except FileNotFoundError as err:
        raise ModelFileError(
            "The model file was not found", f"There is no file {path.name}.", "Check the path in the card or command."
        ) from err
    except OSError as err:
        raise ModelFileError(
            "The model file cannot be read", f"The system says: {err.strerror}.", "Check its permissions."
        ) from err


def _check_expected(names: tuple[str, ...], expected: Sequence[str] | None) -> None:
    if expected is None:
        return
    wanted = {name.replace(" ", "_") if name not in names else name for name in expected}
    absent, extra = sorted(wanted - set(names)), sorted(set(names) - wanted)
    if absent or extra:
        parts = [
            f"{label}: {', '.join(found[:20])}{' …' if len(found) > 20 else ''}"
            for label, found in (("not in the model", absent), ("only in the model", extra))
            if found
        ]
        raise ModelFileError(
            "The model has other features than expected", f"{'; '.join(parts)}.", "Use the model that belongs here."
        )


def _try_first(model: CreditModel) -> None:
    """Load a model of unknown origin in a child, then here; both must agree. Once in a process for each file."""
    from data.model_process import try_in_child  # loads LightGBM

    if model.sha256 not in _verified:
        model.__dict__["booster"] = _load_checked(model, tried=try_in_child(model.text))
        _verified.add(model.sha256)
    _ = model.booster


def _load_checked(model: CreditModel, tried: dict[str, Any] | None) -> lightgbm.Booster:
    """Load a model here; what LightGBM, the parsed text and the trial (if any) say must agree."""
    from data.model_process import REFUSALS, load_booster, probe

    try:
        booster = load_booster(model.text)
        found = probe(booster)
    except REFUSALS as err:
        raise ModelFileError("The model file cannot be loaded", "LightGBM refused it.", SAVE_AGAIN) from err
    if found["trees"] != len(model.parsed.trees) or tuple(booster.feature_name()) != model.parsed.feature_names:
        damaged("LightGBM reads other trees or features from it than its text holds.")
    if not np.isfinite(found["raw"]).all() or (tried is not None and tried != found):
        damaged("Two loads of it gave different scores, or none.")
    if not np.allclose(model.curve.estimate(found["raw"]), found["estimate"], rtol=1e-12, atol=1e-12):
        damaged("Its objective does not give the estimates that LightGBM gives.")
    return booster
