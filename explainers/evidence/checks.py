"""The checks of the Evidence page: what each is, its threshold and where that comes from, what it does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explainers.evidence.result import EvidenceResult, State

OWN = "our own screening value"
NONE = "none: reported as it is"
EXACT = 1e-9
"""Largest accepted difference of a sum from the raw score it explains."""
APART = 0.30
"""How much more often the named reasons must change the decision than random families."""
ALIKE = 0.90
"""Least overlap of two lists of reasons, and least share with the same strongest reason."""


@dataclass(frozen=True)
class Check:
    """One check of the page."""

    key: str
    """Short name."""
    name: str
    """What it is called on screen."""
    question: str
    """What is done, in words."""
    threshold: str
    """From where on it is met."""
    source: str
    """Where the threshold comes from."""
    limit: str
    """What it does not show."""
    state: Callable[[EvidenceResult], State]
    """Tells how it ended."""
    outside: bool = False
    """Whether partners see it."""


def _reported(*names: str) -> Callable[[EvidenceResult], State]:
    """Return a state for a check without a threshold: it is only reported, where its figures are there."""
    return lambda result: "report only" if all(result.figure(n) for n in names) else "not tested"


def _at_least(least: float, *names: str) -> Callable[[EvidenceResult], State]:
    """Return a state that is met when each of some figures reaches a value."""

    def state(result: EvidenceResult) -> State:
        figures = [result.figure(name) for name in names]
        if any(f is None for f in figures):
            return "not tested"
        return "met" if all(f is not None and f.value >= least for f in figures) else "not met"

    return state


def _exact(result: EvidenceResult) -> State:
    figures = [result.figure(name) for name in ("residual", "baseline")]
    return "met" if all(f is not None and f.value <= EXACT for f in figures) else "not met"


def _never(_result: EvidenceResult) -> State:
    return "not tested"


CHECKS = (
    Check(
        "additivity",
        "The parts add up",
        "For every application, the comparison group's mean raw score and all contributions are added up and compared"
        " with the model's own raw score. The mean itself is compared with the mean over the stored group.",
        "each difference at most a billionth",
        "our own; a snapshot that misses it is not published",
        "That the parts add up does not show that they are shared out well. A wrong method can add up too.",
        _exact,
        outside=True,
    ),
    Check(
        "swap",
        "Swap test",
        "The signals of the named families are set to the values of applications of the comparison group, 32 of them"
        " drawn at random, one after the other. The mean of the 32 estimates counts. The same is done with as many"
        " families drawn at random, and with one list that is the same for everyone. Who has fewer than four reasons"
        " has only these swapped, in all three.",
        "named reasons change at least 30 more of 100 decisions than random families",
        OWN,
        "Swapped values can be ones that no person has together. It shows what the model does, not what would happen.",
        _at_least(APART, "apart"),
        outside=True,
    ),
    Check(
        "gap",
        "Gap closed",
        "How much of the way from the raw score to the cut-off swapping all named families makes up: the median."
        " More than the whole way is drawn as the whole way.",
        NONE,
        "",
        "A family can make up the whole way alone, so that others named beside it were not needed.",
        _reported("closed", "random_closed"),
    ),
    Check(
        "neighbours",
        "Real neighbours",
        "Real applications are looked for that match in all families but the named ones, and in which the named ones do"
        " not speak against approval. Matched is what each family contributes, within 0.2 standard deviations of the"
        " raw score. With at least five, the mean of their estimates is compared with the cut-off.",
        NONE,
        "the width of matching is our own choice, after Austin (2011)",
        "Contributions add up to the score, so part of this follows from the way of matching. It says nothing of"
        " applications without neighbours, and these may be the unusual ones.",
        _reported("near_covered", "near_passes"),
    ),
    Check(
        "noise",
        "Small changes of input",
        "Every amount of money, share and ratio is changed by chance, by 2 % (standard deviation), and reasons are"
        " found again.",
        "the same strongest reason for at least 90 of 100, and lists that overlap by at least 90 %",
        OWN,
        "One draw of changes. Counts, dates and categories stay as they are.",
        _at_least(ALIKE, "noise_first", "noise_overlap"),
    ),
    Check(
        "method",
        "The other method of the commentary",
        "The commentary to Regulation B names two comparisons: with applicants at or slightly above the passing score,"
        " and with all applicants. Any method may be used whose results are “substantially similar” to either (12 CFR"
        " 1002.9(b)(2), comment 5). Reasons are found by both.",
        NONE,
        "the commentary gives no number",
        "Where the two differ, neither is wrong: they answer different questions.",
        _reported("method_first", "method_set"),
        outside=True,
    ),
    Check(
        "lime",
        "A second opinion",
        "LIME, another way to explain, is asked about a few applications. Its four strongest families are compared.",
        NONE,
        "two methods that ask different questions are not expected to agree",
        "LIME simplifies the model and depends on chance. Reasons never come from it.",
        _reported("lime_first", "lime_overlap"),
    ),
    Check(
        "draw",
        "Another draw of the comparison group",
        "The comparison group of the most frequent cut-off is cut into two random halves, and reasons are found by"
        " each.",
        "lists that overlap by at least 90 %",
        OWN,
        "Halves are smaller than the group, so this is stricter than drawing two groups of its size.",
        _at_least(ALIKE, "halves_overlap"),
    ),
    Check(
        "width",
        "Another width of “just approved”",
        "Reasons are found with a band above the cut-off that is half as wide, and one that is twice as wide.",
        NONE,
        "",
        "At one cut-off only, the one most applications are decided by.",
        lambda result: "report only" if result.figure("narrow_set") or result.figure("wide_set") else "not tested",
    ),
    Check(
        "sense",
        "Reasons against common sense",
        "A reason is held for review when the leading signal of its family has a better value than is typical of the"
        " comparison group, by the direction that the card declares.",
        NONE,
        "held for a person to look at",
        "Signals without a declared direction, categories and missing values are left out.",
        _reported("held"),
    ),
    Check(
        "changes",
        "Reasons a person could act on",
        "For a few applications every change that the card allows within the family of one reason is tried: would it"
        " alone alter the decision? Several signals at once are tried at their best and at their furthest values only.",
        NONE,
        "a reason need not be one that can be changed",
        "A reason can be right although nobody can change it, such as the length of a credit history.",
        _reported("none_changes", "unresponsive"),
    ),
    Check(
        "retrain",
        "The same model trained again",
        "Models trained with other random seeds on the same data are asked for reasons.",
        NONE,
        "needs the training data, which a snapshot does not hold",
        "The command python -m explainers evidence --retrain measures it on the demonstration's data.",
        _never,
    ),
    Check(
        "placebo",
        "A signal of pure noise",
        "A model is trained with a signal of pure noise in a family of its own. How often does it become a reason?",
        "at most 5 of 100",
        f"{OWN}; needs the training data, which a snapshot does not hold",
        "The command python -m explainers evidence --retrain measures it on the demonstration's data.",
        _never,
    ),
)
"""Every check in the order of the page."""


def shown_checks(result: EvidenceResult) -> tuple[Check, ...]:
    """Return the checks that this viewer sees."""
    return tuple(check for check in CHECKS if result.whole or check.outside)
