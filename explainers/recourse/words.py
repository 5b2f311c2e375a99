"""The sentences of recourse. Made from the result alone: what could change, never why it was declined."""

from __future__ import annotations

from explainers.recourse.result import Neighbour, Option, RecourseResult
from explainers.style import percent, whole
from explainers.what_if.result import Change

PROMISE = "The model’s estimate is one part of the decision. This is not a promise of approval."


def say_recourse(result: RecourseResult) -> str:
    """Return the headline of the smallest changes."""
    if result.state == "rule decides":
        return "A policy rule decides first"
    if result.state == "passes":
        return f"The estimate is at or {'below' if result.riskier_up else 'above'} the cut-off as it is"
    if result.state == "found":
        count = {1: "One way", 2: "Two ways", 3: "Three ways"}[len(result.options)]
        return f"{count} to bring the estimate {_side(result)} the cut-off"
    if not result.open_signals:
        return "Nothing about this application may be changed"
    if result.full:
        return "No allowed change of up to three values is enough"
    return "No change that is enough was found in the time allowed"


def say_detail(result: RecourseResult) -> str:
    """Return the sentence under it: what was searched, and what it is not."""
    if result.rule is not None:
        return _say_rule(result)
    if result.state == "passes" or not result.open_signals:
        return PROMISE
    tried = f"The search tried {whole(result.searched)} sets of up to three signals"
    if result.full:
        smaller = " Nothing smaller than the first is enough." if result.options else ""
        return f"{tried}, at every allowed value.{smaller} {PROMISE}"
    return f"{tried} within the limit of work, all of up to {result.full_size} at a time. {PROMISE}"


def say_size(option: Option) -> str:
    """Name an option by how many values it changes."""
    count = sum(not c.linked for c in option.changes)
    return ("One change", "Two changes", "Three changes")[count - 1]


def say_option(result: RecourseResult, option: Option) -> str:
    """Return an option as a sentence."""
    typed = [say_change(change) for change in option.changes if not change.linked]
    reached = f" ({percent(option.estimate, 1)})" if option.estimate is not None and _chance(result) else ""
    way = "fall" if result.riskier_up else "rise"
    return f"The model’s estimate would {way} {_side(result)} the cut-off{reached} if {_and(typed)}."


def say_change(change: Change) -> str:
    """Return one change as a part of a sentence."""
    return f"“{change.label}” were {change.after} in place of {change.before}"


def say_moved_along(option: Option) -> str | None:
    """Say what moves along by the lender's links; None where nothing does."""
    linked = [f"“{c.label}” to {c.after}" for c in option.changes if c.linked]
    if option.hidden_moves:
        linked.append(f"{option.hidden_moves} more")
    return f"Moves along: {_and(linked)}." if linked else None


def say_effort(result: RecourseResult, option: Option) -> str:
    """Say how far an option goes, counted in applications."""
    if not result.population:
        return f"Size of the change: {percent(option.effort)} of the allowed range, added up."
    count = sum(not c.linked for c in option.changes)
    added = f", added up over {count} values" if count > 1 else ""
    places = max(1, round(option.effort * 100))
    return f"Size of the change: {places} {'place' if places == 1 else 'places'} among 100 applications{added}."


def say_neighbour(neighbour: Neighbour) -> tuple[str, ...]:
    """Say what a real approved application like this one has that this one has not."""
    head = f"Of {whole(neighbour.compared)} approved applications this one is closest in the parts of the estimate."
    if not neighbour.differences:
        return (head, "Its values shown here are the same.")
    rows = tuple(f"{c.label}: {c.after} there, {c.before} here." for c in neighbour.differences)
    if not neighbour.same:
        return (head, *rows)
    same = "One other value shown here is" if neighbour.same == 1 else f"{neighbour.same} other values shown here are"
    return (head, *rows, f"{same} the same.")


def say_how_to_read() -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    return (
        "The search goes over every allowed value of up to three signals. It lists the sets with the least effort."
        " Signals that move together are one change: a way that holds all of a better one is left out.",
        "Effort is the share of applications between the value on file and the new one, added up over the changes.",
        "Every option was scored again by the model before it was listed.",
    )


def _say_rule(result: RecourseResult) -> str:
    rule = result.rule
    if rule is None:
        return PROMISE
    if rule.label is None:
        may = "It looks at something that cannot be changed here."
    elif rule.changeable:
        may = f"It looks at “{rule.label}”, which may be changed."
    else:
        may = f"It looks at “{rule.label}”, which is fixed."
    more = " The ways below are for the estimate alone; the rule would still decide first." if result.options else ""
    return f"The rule: {rule.reason}. {may}{more} {PROMISE}"


def _side(result: RecourseResult) -> str:
    return "to or below" if result.riskier_up else "to or above"


def _chance(result: RecourseResult) -> bool:
    return result.scale == "probability"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
