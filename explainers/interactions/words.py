"""The sentences about pairs. Made from the result alone."""

from __future__ import annotations

from explainers.cohorts.words import EVERYTHING
from explainers.interactions.result import Cell, Pair, PairResult, PairsResult, Sample
from explainers.signals.words import inside, say_move, say_size
from explainers.style import percent, points, whole

MEMBERS_SHOWN = 5
"""Signals that stand for a family in the search."""
DRAWN = 10
"""Pairs drawn, and offered to look at."""


def say_pairs(result: PairsResult) -> str:
    """Return the headline: the pair that does most together."""
    if not result.pairs:
        return "There are no two to look at together."
    first = result.pairs[0]
    size = say_size(first.mean_abs, is_probability=result.is_probability)
    if first.mean_abs < result.smallest:
        among = f"of the {result.strongest} strongest " if result.strongest < result.of else ""
        little = "less than 0.1 points on average" if size.startswith("0.0 ") else f"{size} on average at most"
        return f"No two {among}{_things(result)} do anything of size together: {little}."
    return f"{first.first_label} and {inside(first.second_label)} work together most: {size} on average."


def _things(result: PairsResult | PairResult) -> str:
    return "families" if result.families else "signals"


def say_pairs_context(result: PairsResult) -> str:
    """Return the one sentence under the headline: what was looked at."""
    text = (
        f"Looked at {len(result.pairs)} pairs of the {result.strongest} strongest of {whole(result.of)}"
        f" {_things(result)}, on {say_sample(result.sample)}."
    )
    if result.most_signals > MEMBERS_SHOWN:
        text += " In this search a family is its five strongest signals. The picture below counts all of them."
    return text


def say_sample(sample: Sample) -> str:
    """Say how many applications were asked, of how many, and which."""
    cohort = "" if sample.cohort == EVERYTHING else f" ({sample.cohort})"
    if sample.n == sample.n_total:
        return f"all {whole(sample.n)} applications{cohort}"
    return f"a fixed sample of {whole(sample.n)} of {whole(sample.n_total)} applications{cohort}"


def say_together(value: float, *, families: bool, is_probability: bool) -> str:
    """Write the size of what two do together, with a digit more where it is not rounded."""
    if not is_probability:
        return say_size(value, is_probability=False).split(" ")[0]
    return points(abs(value), 1 if families else 2).lstrip("+")


def say_pairs_alt(result: PairsResult) -> str:
    """Describe the bars, for readers who do not see them."""
    shown = [f"{p.label}: {say_size(p.mean_abs, is_probability=result.is_probability)}" for p in result.pairs[:DRAWN]]
    return f"Bars of the mean size of what two {_things(result)} do together. {'; '.join(shown)}."


def say_pair(result: PairResult) -> str:
    """Return the finding of one pair: where together they raise and lower most."""
    pair, known = result.pair, _known(result)
    if pair.mean_abs < result.smallest or not known:
        return f"{pair.first_label} and {inside(pair.second_label)} hardly do anything together."
    cell, row, column = max(known, key=lambda found: abs(found[0].mean or 0.0))
    side = "higher" if (cell.mean or 0.0) > 0 else "lower"
    size = say_size(cell.mean or 0.0, is_probability=result.is_probability)
    one, two = (
        f"“{label}: {step}”"
        for label, step in (
            (pair.first_label, result.first_steps[row]),
            (pair.second_label, result.second_steps[column]),
        )
    )
    return f"With {one} and {two}, the estimate is {size} {side} than the two moves alone add up to."


def _known(result: PairResult) -> list[tuple[Cell, int, int]]:
    return [(cell, i, j) for i, row in enumerate(result.cells) for j, cell in enumerate(row) if cell.mean is not None]


def say_main(result: PairResult) -> str:
    """Put what the two do together beside what each moves in all."""
    alone = [say_size(v, is_probability=result.is_probability) for v in (result.first_alone, result.second_alone)]
    together = say_size(result.pair.mean_abs, is_probability=result.is_probability)
    share = result.pair.mean_abs / max(result.first_alone + result.second_alone, 1e-12)
    return (
        f"On average {inside(result.pair.first_label)} moved the estimate by {alone[0]},"
        f" {inside(result.pair.second_label)} by {alone[1]}. What they did only together is {together}"
        f" ({percent(share)} of both). Counted on {say_sample(result.sample)}."
    )


def say_pair_alt(result: PairResult) -> str:
    """Describe the two-way picture, for readers who do not see it."""
    rows = []
    for words, row in zip(result.first_steps, result.cells, strict=True):
        cells = [
            "too few" if cell.mean is None else say_move(cell.mean, is_probability=result.is_probability)
            for cell in row
        ]
        rows.append(f"{words}: {', '.join(cells)}")
    return (
        f"A table of {inside(result.pair.first_label)} (rows) by {inside(result.pair.second_label)} (columns:"
        f" {', '.join(result.second_steps)}). {'; '.join(rows)}."
    )


def say_few(result: PairResult) -> str | None:
    """Say how many cells are empty and why."""
    empty = sum(cell.mean is None for row in result.cells for cell in row)
    if not empty:
        return None
    cells = "One cell is" if empty == 1 else f"{empty} cells are"
    return f"{cells} empty: fewer than {result.least} applications of the sample."


def say_how_to_read(result: PairsResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    what = "family" if result.families else "signal"
    points = "percentage points" if result.is_probability else "units of the estimate"
    steps = (
        "Each row or column holds a third of them, sorted by how far the family moved the estimate."
        if result.families
        else "Rows and columns are steps of values that hold about the same number of applications."
    )
    return (
        f"Each {what} moves the estimate in its own right. Some do more, or less, when another one has a certain value."
        f" The figures here are that difference only, in {points}: what two do together beyond what each does alone.",
        "Orange and a plus: together they put the estimate higher than their own moves add up to. Blue and a minus:"
        " lower.",
        f"{steps} The figure is the mean of its cell.",
        "On the other pages each of the two gets half of it, so that nothing is counted twice.",
        f"Compared with one group: {result.sample.group}.",
    )


def say_limits(result: PairsResult) -> tuple[str, ...]:
    """Return the paragraphs of "What this does not tell you"."""
    left = result.of - result.strongest
    rest = f" The other {whole(left)} {_things(result)} were not looked at in pairs." if left > 0 else ""
    sample = say_sample(result.sample)
    return (
        f"It says how the model combines what it is told. It does not say that the two belong together in life.{rest}",
        f"It looks for pairs on {sample}, the same one each time. A pair you open is measured on more."
        " The figures are exact for these. Others may differ.",
        "Three or more can work together too. Their part is shared among their pairs.",
    )


def say_technical(result: PairResult) -> tuple[tuple[str, str], ...]:
    """Return names and values for readers who re-compute."""
    facts = (
        (
            "Method",
            "Exact Shapley interaction index (Grabisch and Roubens 1999) of the raw score, times the slope of the chord"
            " that turns raw score into points.",
        ),
        ("Applications", f"{whole(result.sample.n)}: {result.sample.rule}"),
        ("Comparison group", result.sample.group),
        ("Snapshot", result.snapshot_id),
    )
    if result.comparison_sha256 is None:
        return facts
    return (*facts, ("SHA-256 of model and comparison group", result.comparison_sha256))


def say_option(pair: Pair) -> str:
    """Name a pair in the list to choose from."""
    return f"{pair.first_label} × {inside(pair.second_label)}"
