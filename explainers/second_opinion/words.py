"""The words of the second opinion. Made from the result alone.

"R²" and other terms of statistics stand in the technical detail only.
"""

from __future__ import annotations

from explainers.second_opinion.result import SecondOpinionResult
from explainers.style import MINUS, percent, whole

CLOSE, FAIR = 0.8, 0.5
"""Share of the variation explained from which the fit is called close, and fair."""
WHAT = "A different method (LIME) asked the same model which families count most against approval."
REST = "The reasons come from the exact method. This is only a check."


def say_second_opinion(result: SecondOpinionResult) -> tuple[str, str]:
    """Return a title and a few short sentences for people.

    Parameters
    ----------
    result : SecondOpinionResult
        From `compute.compute_second_opinion`.

    Returns
    -------
    title, text : str
        "Second opinion agrees on 3 of 4 families", and what that means.
    """
    parts = [WHAT, _say_fit(result), _say_repeat(result), REST]
    return _say_title(result), " ".join(part for part in parts if part)


def _say_title(result: SecondOpinionResult) -> str:
    if not result.top_exact and not result.top_lime:
        return "Second opinion agrees: nothing counts against approval"
    if not result.top_exact:
        return "Second opinion differs: it finds something that counts against approval"
    n = len(result.top_exact)
    return f"Second opinion agrees on {result.agree} of {n} famil{'y' if n == 1 else 'ies'}"


def _say_fit(result: SecondOpinionResult) -> str:
    if result.r_squared >= CLOSE:
        return "It fits the model closely around this application."
    if result.r_squared >= FAIR:
        return "It fits the model fairly well around this application, so small gaps are normal."
    return "It fits the model around this application only roughly, so gaps are normal."


def _say_repeat(result: SecondOpinionResult) -> str:
    if result.repeatability is None:
        return ""
    if result.repeatability == 1.0:
        return f"We ran it {len(result.seeds)} times with new random draws, and it named the same ones each time."
    return (
        f"We ran it {len(result.seeds)} times with new random draws."
        f" Two runs shared {percent(result.repeatability)} of what they named, on average."
    )


def say_second_opinion_detail(result: SecondOpinionResult) -> str:
    """Return the technical detail: fit, agreement, repeatability, samples, and what was left out."""
    sentences = [
        f"LIME, {whole(result.n_samples)} samples per run, seeds {', '.join(str(seed) for seed in result.seeds)};"
        f" {whole(result.n_signals)} of {whole(result.n_signals_used)} signals used by the model;"
        f" values drawn from {whole(result.n)} of {whole(result.n_total)} applications of the comparison group.",
        f"R² {result.r_squared:.2f} (weighted, on its own samples).",
        f"Against the exact contributions by family: Jaccard of the top four {result.jaccard:.2f},"
        f" Spearman {_number(result.spearman)}. LIME against itself: mean Jaccard {_number(result.repeatability)}.",
        *result.notes,
    ]
    return " ".join(sentences)


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}".replace("-", MINUS)
