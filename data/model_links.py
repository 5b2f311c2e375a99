"""From raw score to estimate and back, for each LightGBM objective that Candor explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from data.errors import CandorError, ModelFileError
from data.model_text import ModelText

FloatArray = npt.NDArray[np.float64]
LinkName = Literal["sigmoid", "identity", "exp", "signed_square", "log1p_exp"]

_OBJECTIVES: dict[str, LinkName] = {
    "binary": "sigmoid",
    "cross_entropy": "sigmoid",
    "xentropy": "sigmoid",
    "regression": "identity",
    "regression_l1": "identity",
    "regression_l2": "identity",
    "huber": "identity",
    "fair": "identity",
    "quantile": "identity",
    "mape": "identity",
    "poisson": "exp",
    "gamma": "exp",
    "tweedie": "exp",
    "cross_entropy_lambda": "log1p_exp",
    "xentlambda": "log1p_exp",
}
_SINGLE_OUTCOME = "Candor explains models with one estimate per application."


@dataclass(frozen=True)
class Link:
    """How a raw score becomes an estimate."""

    name: LinkName
    """Kind of the curve."""
    steepness: float
    """LightGBM's `sigmoid` parameter; 1 for every other kind."""
    divisor: int
    """Trees of a random forest, whose raw score is their sum and whose estimate uses their mean; else 1."""

    def estimate(self, raw: npt.ArrayLike) -> FloatArray:
        """Return the estimates, outcome scale, of raw scores of any shape."""
        score = np.asarray(raw, dtype=np.float64) / self.divisor
        with np.errstate(over="ignore"):
            return np.asarray(self._forward()(score))

    def raw(self, estimate: npt.ArrayLike) -> FloatArray:
        """Return the raw scores of estimates of any shape; the inverse of `estimate`.

        Raises
        ------
        CandorError
            An estimate that this kind of model can never give.
        """
        values = np.asarray(estimate, dtype=np.float64)
        low, high = self.limits
        outside = int(np.count_nonzero(~((values > low) & (values < high))))
        if outside:
            raise CandorError(
                "The estimate is outside the model's range",
                f"This model's estimates lie between {low:g} and {high:g}, the ends not included; "
                f"{outside} of {values.size} lie outside.",
                "Give an estimate inside the range.",
            )
        return np.asarray(self._inverse()(values) * self.divisor)

    @property
    def limits(self) -> tuple[float, float]:
        """Open interval in which the estimates lie."""
        low = -np.inf if self.name in ("identity", "signed_square") else 0.0
        return low, 1.0 if self.name == "sigmoid" else np.inf

    def _forward(self) -> Callable[[FloatArray], FloatArray]:
        curves: dict[LinkName, Callable[[FloatArray], FloatArray]] = {
            "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-self.steepness * x)),
            "identity": lambda x: x,
            "exp": np.exp,
            "signed_square": lambda x: np.sign(x) * x * x,
            "log1p_exp": lambda x: np.logaddexp(0.0, x),
        }
        return curves[self.name]

    def _inverse(self) -> Callable[[FloatArray], FloatArray]:
        curves: dict[LinkName, Callable[[FloatArray], FloatArray]] = {
            "sigmoid": lambda p: (np.log(p) - np.log1p(-p)) / self.steepness,
            "identity": lambda y: y,
            "exp": np.log,
            "signed_square": lambda y: np.sign(y) * np.sqrt(np.abs(y)),
            "log1p_exp": lambda y: y + np.log(-np.expm1(-y)),
        }
        return curves[self.name]


def link_of(model: ModelText) -> Link:
    """Return the link of a model, refusing models that have no single estimate per application.

    Parameters
    ----------
    model : ModelText
        The model as read from its file.

    Returns
    -------
    Link
        Its curve from raw score to estimate.

    Raises
    ------
    ModelFileError
        A multiclass, ranking, custom or unknown objective, or linear trees.
    """
    _refuse_unexplained(model)
    name = _OBJECTIVES[model.objective]
    # huber drops the square root with a warning, every other identity objective keeps it
    if name == "identity" and "sqrt" in model.objective_parameters and model.objective != "huber":
        name = "signed_square"
    divisor = len(model.trees) if model.average_output else 1
    return Link(name, _steepness(model), divisor)


def _steepness(model: ModelText) -> float:
    if model.objective != "binary":
        return 1.0
    try:
        steepness = float(model.objective_parameters.get("sigmoid", "1"))
    except ValueError:
        steepness = float("nan")
    if not 0 < steepness < float("inf"):
        raise _refused("its sigmoid parameter is not a number above 0", "Save the model again with save_model().")
    return steepness


def _refuse_unexplained(model: ModelText) -> None:
    objective = model.objective
    if model.num_class != 1 or model.num_tree_per_iteration != 1 or objective.startswith("multiclass"):
        raise _refused(
            f"it has {model.num_class} classes and {model.num_tree_per_iteration} trees per round",
            "Train one model per outcome, each with one estimate.",
        )
    if objective in ("lambdarank", "rank_xendcg"):
        raise _refused(f"it ranks (objective {objective})", "Train with objective binary, or a regression.")
    if objective in ("", "none", "custom"):
        raise _refused(
            "its file names no objective, so it was trained with a custom one",
            "Train with a built-in objective, such as binary, so that the file says how to read the score.",
        )
    if objective not in _OBJECTIVES:
        raise _refused(f"its objective {objective[:40]!r} is not known", f"Known are {', '.join(_OBJECTIVES)}.")
    if any(tree.is_linear for tree in model.trees):
        raise _refused("its leaves hold linear models (linear_tree)", "Train it again with linear_tree=false.")


def _refused(reason: str, remedy: str) -> ModelFileError:
    return ModelFileError(
        "The model is of a kind Candor does not explain", f"{_SINGLE_OUTCOME} In this one {reason}.", remedy
    )
