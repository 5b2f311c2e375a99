"""The sentences of the Evidence page. Made from the result alone."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from explainers.evidence.checks import Check, shown_checks
from explainers.evidence.result import EvidenceResult, Figure
from explainers.markup import render
from explainers.style import of_100, percent, tiny, whole

LIMITS = (
    "These tests show what the model does with the reasons. They do not show what would happen to a person whose life"
    " changes in that way.",
    "They do not show that a reason is one the law allows, that its wording is clear, or that the model is right.",
    "A check that is met is evidence for a review. It is not the review's result.",
    "Thresholds marked as our own screening values tell where to look. No rule sets them.",
)
NOTHING = "not tested for this snapshot"


def say_evidence(result: EvidenceResult) -> str:
    """Return the headline: what the swap test found."""
    named, random = result.figure("named4"), result.figure("random4")
    if named is None or random is None:
        return f"{whole(result.n)} declined applications were tested: too few to say how good the reasons are."
    return (
        f"Setting the named reasons to values of the comparison group changes the decision for {of_100(named.value)}"
        f" declined applications; random families do for {of_100(random.value)}."
    )


def say_context(result: EvidenceResult) -> str:
    """Return what was tested, and how the checks ended."""
    if result.n == 0:
        return "The model declined no application here, so there is no reason to test."
    tested = (
        f"Tested: all {whole(result.n)} applications"
        if result.n == result.n_total
        else f"Tested: {whole(result.n)} of {whole(result.n_total)} applications (drawn at random, seed {result.seed})"
    )
    states = [check.state(result) for check in shown_checks(result)]
    open_ones = states.count("not tested")
    left = f", {open_ones} not tested" if open_ones else ""
    few = f" At least {result.least} are needed for a figure." if result.n < result.least else ""
    counts = f"{states.count('met')} checks are met, {states.count('not met')} not met{left}"
    return f"{tested} that the model declined. {counts}; the others are reported as they are.{few}"


def say_swap(result: EvidenceResult) -> str:
    """Return the title of the picture."""
    one, four = result.figure("named1"), result.figure("named4")
    if one is None or four is None:
        return NOTHING
    return (
        f"The first reason alone changes {of_100(one.value)} decisions, all named reasons together {of_100(four.value)}"
    )


def say_swap_alt(result: EvidenceResult) -> str:
    """Describe the picture for readers who do not see it."""
    names = {"named": "named reasons", "global": "one list for everyone", "random": "random families"}
    parts = []
    for key, name in names.items():
        shares = [result.figure(f"{key}{k}") for k in range(1, 5)]
        parts.append(f"{name}: {', '.join(percent(f.value) for f in shares if f is not None)}")
    return f"{say_swap(result)}. Share of decisions changed by one to four families, {'; '.join(parts)}."


def table_swap(result: EvidenceResult) -> pd.DataFrame:
    """Return the figures behind the picture."""
    rows = []
    for k in range(1, 5):
        row = {"Families swapped": f"up to {k}"}
        for key, name in (("named", "Named reasons"), ("global", "One list for everyone"), ("random", "Random")):
            figure = result.figure(f"{key}{k}")
            row[name] = "" if figure is None else say_share(figure)
        rows.append(row)
    return pd.DataFrame(rows)


def say_share(figure: Figure, *, digits: int = 0) -> str:
    """Write a share with its interval."""
    if figure.low is None or figure.high is None:
        return percent(figure.value, digits)
    return f"{percent(figure.value, digits)} ({percent(figure.low, digits)} to {percent(figure.high, digits)})"


def say_finding(result: EvidenceResult, check: Check) -> str:
    """Return what a check found."""
    if check.state(result) == "not tested":
        how = f" {check.limit}" if check.key in {"retrain", "placebo"} else ""
        return f"{NOTHING.capitalize()}.{how}"
    return FINDINGS[check.key](result)


def _of(result: EvidenceResult, name: str) -> Figure:
    """Return a figure that a check's state has found to be there."""
    return result.figures[name]


def _hundred(figure: Figure) -> str:
    """Write a share as so many of 100, with its interval."""
    if figure.low is None or figure.high is None:
        return of_100(figure.value)
    return f"{of_100(figure.value)} ({round(figure.low * 100)} to {round(figure.high * 100)})"


def _additivity(result: EvidenceResult) -> str:
    residual, baseline = _of(result, "residual"), _of(result, "baseline")
    if not residual.n:
        return "Held for every application of the snapshot."
    return (
        f"Over all {whole(residual.n)} applications the largest difference is {tiny(residual.value)}; over"
        f" {baseline.n} comparison groups it is {tiny(baseline.value)}. In raw score."
    )


def _swap(result: EvidenceResult) -> str:
    named, random, apart = (_of(result, n) for n in ("named4", "random4", "apart"))
    everyone = result.figure("global4")
    one = "" if everyone is None else f", one list for everyone for {_hundred(everyone)}"
    return (
        f"Named reasons change the decision for {_hundred(named)}, random families for {_hundred(random)}{one}. The"
        f" named ones change {_more(apart)} more than random ones; {whole(named.n)} applications."
    )


def _more(figure: Figure) -> str:
    """Write a difference of shares as so many of 100, with its interval."""
    ends = "" if figure.low is None or figure.high is None else f" ({figure.low * 100:.0f} to {figure.high * 100:.0f})"
    return f"{figure.value * 100:.0f}{ends} of 100"


def _gap(result: EvidenceResult) -> str:
    named, random = _of(result, "closed"), _of(result, "random_closed")
    return (
        f"For half of the applications they make up {_way(named)}; random families make up {_way(random)}."
        f" {whole(named.n)} applications."
    )


def _way(figure: Figure) -> str:
    return "the whole way and more" if figure.value >= 1 else f"at least {percent(max(figure.value, 0.0))} of it"


def _neighbours(result: EvidenceResult) -> str:
    covered, passes = _of(result, "near_covered"), _of(result, "near_passes")
    control = result.figure("random_passes")
    beside = "" if control is None else f" Matched on all but random families it is {_hundred(control)}, n {control.n}."
    return (
        f"{_hundred(covered)} applications have at least five such neighbours. For {_hundred(passes)} of these the"
        f" neighbours are on the approved side on average.{beside}"
    )


def _noise(result: EvidenceResult) -> str:
    return f"{_alike(result, 'noise')} {whole(_of(result, 'noise_first').n)} applications."


def _alike(result: EvidenceResult, name: str) -> str:
    """Say how alike two lists of reasons are."""
    first, same, overlap = (result.figure(f"{name}_{what}") for what in ("first", "set", "overlap"))
    parts = [f"the same strongest reason for {_hundred(first)}" if first else ""]
    parts.append(f"exactly the same reasons for {_hundred(same)}" if same else "")
    parts.append(f"lists overlap by {percent(overlap.value)}" if overlap else "")
    said = ", ".join(p for p in parts if p)
    return f"{said[:1].upper()}{said[1:]}."


def _method(result: EvidenceResult) -> str:
    rank = result.figure("method_rank")
    order = "" if rank is None else f" The order of all families correlates by {rank.value:.2f}."
    return f"Compared with {result.method}: {_alike(result, 'method')[:1].lower()}{_alike(result, 'method')[1:]}{order}"


def _lime(result: EvidenceResult) -> str:
    rank = result.figure("lime_rank")
    order = "" if rank is None else f" The order of all families correlates by {rank.value:.2f}."
    return f"{_alike(result, 'lime')}{order} Only {whole(_of(result, 'lime_first').n)} applications."


def _draw(result: EvidenceResult) -> str:
    return f"{_alike(result, 'halves')} {whole(_of(result, 'halves_overlap').n)} applications."


def _width(result: EvidenceResult) -> str:
    said = [
        f"{label}: {_alike(result, name)[:1].lower()}{_alike(result, name)[1:]}"
        for name, label in (("narrow", "Half as wide"), ("wide", "Twice as wide"))
        if result.figure(f"{name}_set")
    ]
    return " ".join(said)


def _sense(result: EvidenceResult) -> str:
    held = _of(result, "held")
    if not result.held:
        return f"No reason is held for review, in {whole(held.n)} applications."
    listed = "; ".join(f"“{f.label}” {whole(f.held)} of the {whole(f.named)} times named" for f in result.held[:5])
    return f"{_hundred(held)} applications have a reason held for review: {listed}."


def _changes(result: EvidenceResult) -> str:
    nothing, single = _of(result, "none_changes"), _of(result, "unresponsive")
    return (
        f"{of_100(single.value)} reasons do not respond: no allowed change within their family alone alters the"
        f" decision. For {_hundred(nothing)} applications none of the reasons does. {whole(nothing.n)} applications."
    )


FINDINGS: dict[str, Callable[[EvidenceResult], str]] = {
    "additivity": _additivity,
    "swap": _swap,
    "gap": _gap,
    "neighbours": _neighbours,
    "noise": _noise,
    "method": _method,
    "lime": _lime,
    "draw": _draw,
    "width": _width,
    "sense": _sense,
    "changes": _changes,
}
"""What each check says of its figures."""


def table_checks(result: EvidenceResult) -> str:
    """Draw the checks as an HTML fragment, every value escaped."""
    lines = [
        {
            "name": check.name,
            "state": check.state(result),
            "finding": say_finding(result, check),
            "threshold": check.threshold,
            "source": check.source,
        }
        for check in shown_checks(result)
    ]
    return render("evidence_checks.html", checks=lines)


def say_methods(result: EvidenceResult) -> tuple[tuple[str, str, str], ...]:
    """Return how each check is made: its name, what is done, what it does not show."""
    return tuple((check.name, check.question, check.limit) for check in shown_checks(result))


def table_methods(result: EvidenceResult) -> str:
    """Draw how each check is made."""
    return render("evidence_methods.html", checks=say_methods(result))


def say_how_to_read(result: EvidenceResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    shown = (
        ""
        if result.whole
        else " Other tests are shown to the lender’s specialists and to examiners. Figures are over your own"
        " applications."
    )
    return (
        "A test ran when the snapshot was built, and its findings are kept with it. The page only adds them up."
        f"{shown}",
        "Figures in brackets are 95 % intervals: Wilson’s for shares, the normal approximation for means and"
        " differences. They speak of the draw of applications, not of other months or other models.",
        "“Met” and “not met” refer to the threshold beside it. “Report only” means that there is none.",
    )
