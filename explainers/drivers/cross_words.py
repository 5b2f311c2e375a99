"""The sentences on two sides compared, on the second way of ranking, and on what is not used."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explainers.drivers.result import AbsenceResult, ContrastResult, CrossCheckResult, Named, Pair
from explainers.drivers.words import NEVER_ZERO, write_moved, write_size
from explainers.style import amount, whole

BASES = (
    "race",
    "colour",
    "religion",
    "national origin",
    "sex",
    "marital status",
    "public assistance",
    "use of consumer credit rights",
)
"""What names are looked through for; a test holds it against `data.prohibited`."""
ALIKE, CLOSE = 0.9, 0.7
"""From here on two orders agree well, or mostly."""
MOST_NAMES = 8
"""Names in one sentence at most."""


def say_contrast(result: ContrastResult) -> str:
    """Return the finding of a comparison: where both sides differ most, in figures."""
    first = result.pairs[0] if result.pairs else None
    if first is None or not _visible(first, result):
        return f"{_upper(result.first)} and {result.second}: no family differs by a tenth of a point on average"
    up, down = (_moved(value, result) for value in (first.first, first.second))
    return f"The largest difference is in {first.label}: {up} for {result.first}, {down} for {result.second}"


def say_contrast_detail(result: ContrastResult) -> str:
    """Say which families come next, and how many applications stand on each side."""
    more = [f"{p.label} ({_moved(p.gap, result)})" for p in result.pairs[1:4] if _visible(p, result)]
    then = f" Next come {', '.join(more)}." if more else ""
    return (
        f"● {_upper(result.first)}: {whole(result.n_first)} applications. ○ {_upper(result.second)}:"
        f" {whole(result.n_second)}. The figures are averages in {_unit(result)}, with their sign."
        f"{then}{_leaders(result)}"
    )


def _leaders(result: ContrastResult) -> str:
    """Say whether the largest family by size is the same on both sides."""
    if not result.pairs:
        return ""
    first = max(result.pairs, key=lambda p: p.first_size).label
    second = max(result.pairs, key=lambda p: p.second_size).label
    if first == second:
        return f" By size, {first} is the largest on both sides."
    return f" By size, the largest is {first} for {result.first} and {second} for {result.second}."


def say_contrast_alt(result: ContrastResult) -> str:
    """Describe the picture of a comparison, for readers who do not see it."""
    said = (f"{p.label}: {_moved(p.first, result)} and {_moved(p.second, result)}." for p in result.pairs)
    return f"{say_contrast(result)}. Two dots a family, {result.first} and {result.second}. {' '.join(said)}"


def _visible(pair: Pair, result: ContrastResult) -> bool:
    largest = max((max(p.first_size, p.second_size) for p in result.pairs), default=0.0)
    return abs(pair.gap) >= (NEVER_ZERO if result.is_probability else 0.005 * largest) and pair.gap != 0


def _moved(value: float, result: ContrastResult) -> str:
    return write_moved(value, is_probability=result.is_probability)


def _unit(result: ContrastResult) -> str:
    return "points" if result.is_probability else "units"


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def say_cross_check_title(result: CrossCheckResult) -> str:
    """Return the finding of the second way of ranking."""
    if math.isnan(result.agreement):
        return "A second way of ranking cannot be compared: too few families"
    verdict = (
        "gives nearly the same order"
        if round(result.agreement, 2) >= ALIKE
        else "gives mostly the same order"
        if round(result.agreement, 2) >= CLOSE
        else "gives another order"
    )
    return f"A second way of ranking {verdict}: agreement {amount(result.agreement, 2).lstrip('+')}"


def say_cross_check(result: CrossCheckResult) -> str:
    """Say how the second way works, on which sample, and what it found."""
    sample = "all" if result.n == result.n_total else f"{whole(result.n)} of {whole(result.n_total)}"
    how = f"One family's values are dealt out anew among {sample} applications (seed {result.seed})."
    if not result.rows:
        return how
    worst = max(result.rows, key=lambda row: row.lost)
    scale = "Agreement is 1 for the same order and 0 for none."
    if result.metric == "estimate moved":
        moved = write_size(worst.lost, is_probability=result.is_probability)
        word = "points" if result.is_probability else "units"
        return f"{how} {worst.label} costs most: an estimate moves by {moved} {word} on average. {scale}"
    before, after = _of_pairs(result.before), _of_pairs(result.before - worst.lost)
    return (
        f"{how} Their outcomes are known, and the model was not trained on them, where the table tells. It ranks"
        f" {before} of 100 pairs rightly; with {worst.label} shuffled {after}. {scale}"
    )


def _of_pairs(share: float) -> str:
    return f"{share * 100:.1f}"


def say_differences(result: CrossCheckResult) -> str:
    """Name the family whose place differs most between both orders; empty when none differs by three places."""
    places = {row.label: place for place, row in enumerate(result.rows, start=1)}
    by_loss = sorted(result.rows, key=lambda row: (-row.lost, row.label))
    others = {row.label: place for place, row in enumerate(by_loss, start=1)}
    label = max(places, key=lambda name: abs(places[name] - others[name]), default="")
    if not label or abs(places[label] - others[label]) < 3:
        return ""
    return f"{label} is number {places[label]} by size and number {others[label]} by shuffling."


def say_absence_title(result: AbsenceResult) -> str:
    """Return the finding on names that a model must not use."""
    if result.n_found:
        return f"{result.n_found} of its {whole(result.n_signals)} signals must not be used"
    return f"None of its {whole(result.n_signals)} signals is forbidden"


def say_absence(result: AbsenceResult) -> tuple[tuple[str, str], ...]:
    """Return names and findings: what must not be used, what needs care, what is not used."""
    rows = [("What it must not use", _forbidden(result))]
    if result.n_care:
        hidden = result.n_care - len(result.care)
        names = [f"{one.label} ({_basis(one.basis)})" for one in result.care]
        more = [f"{hidden} whose name is not shown to you"] if hidden else []
        rows.append(("Allowed, but needs care", f"{'; '.join([*names, *more])}."))
    rows.append(("What it does not use", _unused(result)))
    return tuple(rows)


def _forbidden(result: AbsenceResult) -> str:
    own = ""
    if result.n_own_list:
        names = f": {_list([Named(n, n, approved=False) for n in result.own_list])}" if result.own_list else ""
        columns = "1 column" if result.n_own_list == 1 else f"{result.n_own_list} columns"
        own = f" Also {columns} of the lender's own list{names}."
    looked = f"Checked by name in the model's own file: {', '.join(BASES)}.{own}"
    if result.n_found:
        names = "; ".join(f"{one.label} ({_basis(one.basis)})" for one in result.found)
        return f"Found: {names or 'names not shown to you'}. {looked}"
    return f"{looked} A name does not tell of stand-ins. A signal can still go together with one of these."


def _basis(basis: str) -> str:
    """Say why a name was found; the card's own list points to nothing but itself."""
    return basis if basis.startswith("on ") else f"points to {basis}"


def _unused(result: AbsenceResult) -> str:
    if not result.n_unused:
        return f"The model uses each of its {whole(result.n_signals)} signals somewhere."
    count = "1 signal has" if result.n_unused == 1 else f"{whole(result.n_unused)} signals have"
    said = f"{count} no part in any estimate: no tree of the model asks for {'it' if result.n_unused == 1 else 'them'}."
    return f"{said} {_upper(_list(result.unused))}." if result.unused else said


def _list(names: Sequence[Named]) -> str:
    shown = "; ".join(one.label for one in names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown}; and {whole(len(names) - MOST_NAMES)} more"
