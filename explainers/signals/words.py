"""The sentences about one signal. Made from the result alone."""

from __future__ import annotations

from collections.abc import Sequence

from explainers.cohorts.words import EVERYTHING
from explainers.signals.result import ChoicesResult, FamilyResult, Option, ResponseResult, SignalResult, Step
from explainers.style import amount, of_100, percent, points, whole

MOST = 60
"""Options offered at a time; more are found by typing a word."""
NONE_FOUND = "Nothing has these words."
"""Said where nothing fits what was typed."""
CLEAR = 0.9
"""Share of the applications from which a direction is called the signal's own."""
MOSTLY = 0.7
"""Share of the applications from which a direction is called the usual one."""
HALF = 0.5
NARROW = 0.4
"""Most of a move is said to lie in a range only if no more than this share of the applications does."""


def offered(choices: ChoicesResult, typed: str, kept: str | None = None) -> tuple[str, ...]:
    """Return the labels to choose from: those that hold every typed word, the strongest first.

    Parameters
    ----------
    choices : ChoicesResult
        Everything there is.
    typed : str
        Words looked for; none finds everything.
    kept : str, optional
        A label that is offered although it is not among the strongest: the one in force.
    """
    words = typed.casefold().split()
    labels = [option.label for option in choices.options if _fits(option, words)]
    found = labels[:MOST]
    if kept is not None and not words and kept not in found and choices.named(kept) is not None:
        found.append(kept)
    return tuple(found)


def say_unknown(choices: ChoicesResult, shown: Option) -> str:
    """Say that a link asks for something that is not among the choices, without telling whether it exists."""
    kind = "family" if choices.families else "signal"
    return f"The link asks for a {kind} that is not among those shown here. This is “{shown.label}” instead."


def _fits(option: Option, words: Sequence[str]) -> bool:
    text = f"{option.label} {option.name}".casefold()
    return all(word in text for word in words)


def inside(label: str) -> str:
    """Write a label inside a sentence: its first letter small, unless it begins an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def say_move(value: float, *, is_probability: bool) -> str:
    """Write a move of the estimate with its sign."""
    return points(value) if is_probability else amount(value, 2)


def say_size(value: float, *, is_probability: bool) -> str:
    """Write the size of a move with its unit."""
    size = say_move(abs(value), is_probability=is_probability).lstrip("+")
    return f"{size} {'point' if size == '1.0' else 'points'}"


def say_unit(result: SignalResult | FamilyResult | ResponseResult) -> str:
    """Name the unit of moves."""
    return "percentage points" if result.is_probability else "units of the estimate"


def say_signal(result: SignalResult) -> str:
    """Return the headline: which way the signal moves the estimate, and where most."""
    label = inside(result.label)
    if not result.used:
        return f"The model does not use {label}. It moves no estimate."
    means = [step.mean for step in result.steps]
    if not means:
        return f"Too few applications have a value to show how {label} matters."
    if max(map(abs, means)) < result.smallest:
        size = say_size(result.smallest, is_probability=result.is_probability)
        return f"{result.label}: on average it moves the estimate by less than {size} at any value."
    if result.trend is None:
        return _say_levels(result)
    share, way = max((result.trend.up, "up"), (result.trend.down, "down"))
    if share >= CLEAR:
        return f"The estimate moves {way} with {label}{_where(result.steps)}."
    if share >= MOSTLY:
        return f"The estimate moves mostly {way} with {label}, but not everywhere."
    low, high = min(result.steps, key=lambda s: s.mean), max(result.steps, key=lambda s: s.mean)
    return f"{result.label} moved the estimate both ways: lowest at {low.words}, highest at {high.words}."


def _say_levels(result: SignalResult) -> str:
    """Return the headline of categories."""
    low, high = min(result.steps, key=lambda s: s.mean), max(result.steps, key=lambda s: s.mean)
    if low is high:
        return f"{result.label}: all applications with a value have the same, “{low.words}”."
    ends = [f"{say_move(step.mean, is_probability=result.is_probability)} points" for step in (high, low)]
    return f"{result.label}: highest estimates with “{high.words}” ({ends[0]}), lowest with “{low.words}” ({ends[1]})."


def _where(steps: Sequence[Step]) -> str:
    """Say where at least half of the whole move lies, if that is a narrow range."""
    total, whole_move = sum(step.n for step in steps), steps[-1].mean - steps[0].mean
    found = []
    for first in range(len(steps)):
        for last in range(first + 1, len(steps)):
            share = sum(step.n for step in steps[first : last + 1]) / total
            if (steps[last].mean - steps[first].mean) / whole_move >= HALF and share <= NARROW:
                found.append((share, first, last))
    if not found or not whole_move:
        return ""
    _, first, last = min(found)
    start, end = _end(steps[first].low, steps), _end(steps[last].high, steps)
    if start is None or end is None:
        return "" if start is end else f", most {f'below {end}' if start is None else f'above {start}'}"
    return f", most between {start} and {end}"


def _end(value: float | None, steps: Sequence[Step]) -> str | None:
    """Return the words of a limit between steps, as they stand in the steps' own words."""
    if value is None:
        return None
    for step in steps:
        if step.low == value:
            return step.words.removesuffix(" or more").split(" to under ")[0]
    return next((step.words.split("under ")[-1] for step in steps if step.high == value), None)


def say_context(result: SignalResult | FamilyResult) -> str:
    """Return the one sentence under the headline: how strong it is, over which applications."""
    if isinstance(result, SignalResult):
        if not result.used:
            return f"{result.definition} No tree of the model asks for it."
        ranked = f"{whole(result.rank)} of {whole(result.n_used)} signals the model uses"
    else:
        ranked = f"{result.rank} of {result.n_families} families"
    tail = f"It moved up {of_100(result.up_share)}. By size it is number {ranked}."
    if isinstance(result, FamilyResult):  # its headline has the size
        return f"Counted over {_applications(result)}. {tail}"
    size = say_size(result.mean_abs, is_probability=result.is_probability)
    return f"Over {_applications(result)} it moved the estimate by {size} on average. {tail}"


def _applications(result: SignalResult | FamilyResult) -> str:
    if result.cohort == EVERYTHING:
        return f"all {whole(result.n)} applications"
    return f"{whole(result.n)} of {whole(result.n_total)} applications ({result.cohort})"


def say_missing(result: SignalResult) -> str | None:
    """Say what happens without a value."""
    if result.missing is None:
        return None
    n, share = result.missing.n, result.missing.n / result.n
    move = say_move(result.missing.mean, is_probability=result.is_probability)
    shown = percent(share) if share >= 0.005 else f"under {percent(0.005, 1)}"
    return f"{whole(n)} applications ({shown}) have no value: {result.missing_words}. Mean move: {move} points."


def say_direction(result: SignalResult) -> str | None:
    """Compare the direction that the card declares with the measured one."""
    if not result.used or result.trend is None:
        return None
    if result.declared == "either":
        return "The lender expects no direction of this signal."
    verb = "raise" if result.declared == "raises" else "lower"
    expected = f"The lender expects higher values to {verb} the estimate."
    if not result.trend.against:
        text = f"{expected} Measured, they do so everywhere, allowing for chance."
        if result.trend.only_scale:
            text += (
                " Where the line bends the other way, only the scale does: points are smaller where the whole"
                " estimate is low."
            )
        return text
    share = of_100(result.trend.departs)
    return f"{expected} For {share} applications with a value they do not: {_ranges(result)}."


def _ranges(result: SignalResult) -> str:
    """Name the steps that stand against the declared direction, joined where they touch; at most three."""
    trend = result.trend
    runs: list[list[int]] = []
    for place in trend.against if trend is not None else ():
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    runs.sort(key=lambda run: -sum(result.steps[i].n for i in run))
    shown = [_joined(result.steps[run[0]], result.steps[run[-1]]) for run in sorted(runs[:3])]
    return "; ".join(shown) + ("; and more" if len(runs) > 3 else "")


def _joined(first: Step, last: Step) -> str:
    return first.words if first is last else f"from “{first.words}” to “{last.words}”"


def say_left_out(result: SignalResult | FamilyResult) -> str | None:
    """Say how many applications the picture leaves out."""
    if not result.left_out:
        return None
    what = "values" if isinstance(result, SignalResult) else "bands" if result.by == "estimate" else "months"
    return f"Not drawn: {whole(result.left_out)} applications with {what} too rare for an average."


def say_alt(result: SignalResult | FamilyResult) -> str:
    """Describe the picture, for readers who do not see it."""
    if not result.steps:
        return "No picture: there is nothing to average."
    parts = [f"{s.words}: {say_move(s.mean, is_probability=result.is_probability)}" for s in result.steps]
    shown = parts if len(parts) <= 8 else [parts[round(i * (len(parts) - 1) / 7)] for i in range(8)]
    what = "value" if isinstance(result, SignalResult) else "estimate" if result.by == "estimate" else "month"
    return f"Mean move of the estimate in {say_unit(result)} by {what}. {'; '.join(shown)}."


def say_cut(result: SignalResult) -> str | None:
    """Say whether a second signal changes what the first one moves."""
    if result.cut is None:
        return None
    spans = [(_span(line.means), line.words) for line in result.cut.lines]
    (least, few), (most, many) = min(spans), max(spans)
    other = inside(result.cut.label)
    if most - least < max(result.smallest, 0.15 * most):
        return f"It moves the estimate about as much whatever {other} is."
    sizes = [say_size(size, is_probability=result.is_probability) for size in (most, least)]
    return (
        f"It moves the estimate most where {other} is “{many}”: {sizes[0]} from its lowest to its highest step;"
        f" least where it is “{few}”: {sizes[1]}."
    )


def _span(means: Sequence[float | None]) -> float:
    known = [mean for mean in means if mean is not None]
    return max(known) - min(known) if known else 0.0


def say_how_to_read(result: SignalResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    line = (
        "The line is the mean: how far the signal moved the model's estimate, in"
        f" {say_unit(result)}, for applications with values close to this one."
    )
    if not result.ordered:
        line = (
            "Each bar is the mean: how far the signal moved the model's estimate, in"
            f" {say_unit(result)}, for applications with this value. The percentage is their share."
        )
    band = "shaded band" if result.ordered else "thin line"
    return (
        result.definition,
        line + " Each application is compared with its own comparison group, as on the Decision page.",
        f"Eight of ten applications lie within the {band}. They differ because other signals work together with it.",
        "The expected direction is checked on the model's own scale, because points are smaller where the whole"
        " estimate is very low or very high.",
    )


def _subject(result: SignalResult | FamilyResult) -> str:
    return "these signals" if isinstance(result, FamilyResult) else "this signal"


def say_limits(result: SignalResult | FamilyResult) -> tuple[str, ...]:
    """Return the paragraphs of "What this does not tell you"."""
    return (
        "It shows how the model uses what it is told. It does not show why people do well or badly.",
        f"Applications with other values of {_subject(result)} differ in other signals too. The line is not what"
        " would happen to one person whose value changed; the What-if page answers that.",
        f"It counts {_applications(result)} of snapshot {result.snapshot_id}, nothing sampled. Later ones may differ.",
    )


def say_family(result: FamilyResult) -> str:
    """Return the headline of a family: how far it moves the estimate, and from which end to which."""
    if result.mean_abs < result.smallest:
        return f"{result.label} hardly moved the estimate."
    size = say_size(result.mean_abs, is_probability=result.is_probability)
    text = f"{result.label} moved the estimate by {size} on average."
    if len(result.steps) < 2:
        return text
    first, last = result.steps[0], result.steps[-1]
    low, high = (say_move(step.mean, is_probability=result.is_probability) for step in (first, last))
    if result.by == "month":
        return f"{text} In {first.words} the mean was {low}, in {last.words} it was {high}."
    return f"{text} It was {low} where the estimate is {first.words}, and {high} where it is {last.words}."


def say_parts(result: FamilyResult) -> str:
    """Say what is in a family, as far as the viewer may know."""
    text = result.definition or ""
    if result.parts:
        rest = result.n_parts - len(result.parts)
        names = ", ".join(inside(part) for part in result.parts)
        more = f", and {rest} more" if rest else ""
        text += f" It holds {names}{more}."
    return text.strip()


def say_family_how(result: FamilyResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this" for a family."""
    by = "band" if result.by == "estimate" else "month"
    return (
        f"The line is the mean of all applications in a {by}. It shows how far the family moved the estimate, in"
        f" {say_unit(result)}.",
        "Eight of ten of these applications lie within the shaded band.",
        "Each application is compared with its own group, as on the Decision page. A family adds up all its signals.",
    )


def say_response(result: ResponseResult) -> str:
    """Return the finding of what the model answers when only this signal changes."""
    if not result.mean:
        return "No application in the sample has a value."
    span = say_size(max(result.mean) - min(result.mean), is_probability=result.is_probability)
    text = f"With this signal alone changed, the mean estimate moves over a range of {span}"
    if not result.ordered or result.declared == "either":
        return f"{text}."
    verb = "raise" if result.declared == "raises" else "lower"
    if not result.against:
        return f"{text}. In all {whole(result.n)} applications asked, higher values never do other than {verb} it."
    worst = say_size(result.worst, is_probability=result.is_probability)
    return (
        f"{text}. In {whole(result.against)} of {whole(result.n)} applications asked, a higher value somewhere does"
        f" not {verb} it as the lender expects: at most {worst}."
    )


def say_response_detail(result: ResponseResult) -> str:
    """Say on what it was measured and what the lines are."""
    lines = "Solid line: mean over the sample (partial dependence). Band: eight of ten applications (ICE)."
    if result.ale is not None:
        lines += " Dashed line: accumulated local effects (ALE), which never ask about values far from a person's own."
    return (
        f"{lines} Asked of the model itself, for {whole(result.n)} of {whole(result.n_total)} applications:"
        f" {result.rule}. Changes are counted from the estimate on file; ALE from its own mean."
    )
