"""The sentences of a what-if question. Made from the result alone."""

from __future__ import annotations

from explainers.decision import words as decision
from explainers.decision.result import DecisionResult, shown_rows
from explainers.style import amount, points, whole
from explainers.what_if.result import EditorResult, FamilyMove, WhatIfResult

PROMISE = "This is no promise. A new application is scored on new values, and all of them count."
SHOWN = 8
"""Families with a row of their own in the picture; the rest is one row."""


def say_which(n_total: int) -> str:
    """Say what to do while no application is chosen."""
    asked = f"{whole(n_total)} applications can be asked for."
    return f"Type an application’s number or pick one, then change its values. {asked}"


def say_prompt(original: DecisionResult, step: float | None, *, closed: bool = False) -> str:
    """Return the headline while nothing is changed, or where nothing can be."""
    then = "No value of this application may be changed." if closed else "Change a value to see how far that moves."
    return (
        f"Now the model estimates {_estimate(original, step)}; the cut-off is"
        f" {decision.say_estimate(original, original.cutoff)}. {then}"
    )


def say_what_if(result: WhatIfResult, *, closed: bool = False) -> str:
    """Return the headline: the estimate with the changes, its side of the cut-off, the estimate now.

    Parameters
    ----------
    result : WhatIfResult
        The answer.
    closed : bool
        Whether no value of the application may be changed.
    """
    if not result.changes:
        return say_prompt(result.original, result.step, closed=closed)
    now, then = (_estimate(d, result.step) for d in (result.original, result.changed))
    head = f"With {_these(result)} the model’s estimate would be {then}, {_side(result.changed)}. It is {now} now."
    if result.changed.stage == "policy rule":
        return f"{head} A policy rule would still decline it: {result.changed.rule_reason}."
    return head


def say_context(result: WhatIfResult) -> str:
    """Return the sentence under the headline."""
    if not result.changes:
        return PROMISE
    if result.crossed:
        kept = f"By the rules and the cut-off it would be {result.changed.decision}, not {result.original.decision}."
    else:
        kept = f"By the rules and the cut-off it would still be {result.changed.decision}."
    unsure = " A rule on values outside the model could still decline it." if result.rule_unknown else ""
    near = " So near the cut-off a person decides." if result.changed.stage == "review" else ""
    return f"{kept}{near}{unsure} {PROMISE}"


def say_bars(result: WhatIfResult) -> str:
    """Title of the picture: which family moves the estimate most."""
    moves = shown_moves(result)[0]
    if not moves:
        return "The changes do not move the estimate"
    first = moves[0]
    way = "down" if first.moved < 0 else "up"
    return f"“{first.label}” moves the estimate {way} most: {say_moved(result, first.moved)}"


def say_moved(result: WhatIfResult, value: float) -> str:
    """Write a signed difference of estimates with its unit."""
    if result.original.scale != "probability":
        return amount(value, 2)
    digits = 1 if result.step is None else 0
    return f"{points(value, digits)} percentage points"


def shown_moves(result: WhatIfResult) -> tuple[tuple[FamilyMove, ...], float]:
    """Return the families with a row of their own, and what all others add; the sum holds."""
    least = (result.step or (0.0005 if result.original.scale == "probability" else 0.005 * abs(result.moved))) / 2
    large = tuple(m for m in result.moves if abs(m.moved) >= least)[:SHOWN]
    own = {m.family for m in large}
    return large, sum(m.moved for m in result.moves if m.family not in own)


def say_alt(result: WhatIfResult) -> str:
    """Describe the picture for readers who do not see it."""
    large, rest = shown_moves(result)
    parts = [f"{m.label} {say_moved(result, m.moved)}" for m in large]
    return f"{say_bars(result)}. " + "; ".join([*parts, f"all others {say_moved(result, rest)}"]) + "."


def say_sides(result: WhatIfResult) -> tuple[tuple[str, str, str], ...]:
    """Return rows of the comparison side by side: name, on file, with the changes."""
    before, after = result.original, result.changed
    rows: list[tuple[str, str, str]] = [
        ("Estimate", _estimate(before, result.step), _estimate(after, result.step)),
        ("Cut-off", decision.say_estimate(before, before.cutoff), decision.say_estimate(after, after.cutoff)),
        ("By the rules and the cut-off", before.decision, after.decision),
    ]
    pairs = [[f.statement for f in shown_rows(d).against] for d in (before, after)]
    for place in range(max(map(len, pairs))):
        cells = [reasons[place] if place < len(reasons) else "none" for reasons in pairs]
        rows.append((f"Counts against it, {place + 1}", cells[0], cells[1]))
    return tuple(rows)


def say_hidden(result: WhatIfResult) -> str | None:
    """Say that signals without approved labels moved too; None where none did."""
    if not result.hidden_moves:
        return None
    one = result.hidden_moves == 1
    return f"{result.hidden_moves} more linked signal{'' if one else 's'} moved with {'it' if one else 'them'}."


def say_fixed(editor: EditorResult) -> tuple[str, ...]:
    """Say which signals cannot be changed here, and why."""
    said = []
    if editor.fixed:
        said.append(f"Kept fixed by the lender: {_list(editor.fixed)}.")
    if editor.missing:
        said.append(f"No value on file, so nothing to change: {_list(editor.missing)}.")
    if editor.ended:
        said.append(f"Already at the end of the allowed range: {_list(editor.ended)}.")
    return tuple(said)


def say_how_to_read(result: WhatIfResult) -> tuple[str, ...]:
    """Return the paragraphs of "How to read this"."""
    rounded = (
        "For partners, estimates here are rounded to whole percentage points and questions are counted. The same"
        " question asked again within the hour is free."
    )
    return (
        "The model scores the application again with the values you typed. All other values stay as on file, but for"
        " the ones listed as moved along.",
        "The bars show how far the part of each family moves. A family can move although none of its values changed:"
        " the model reads values together.",
        "The lender sets which values may change, which way, how far and in which steps.",
        *((rounded,) if result.step is not None else ()),
    )


LIMITS = (
    "It does not say that a change can be made, or what it costs. It does not say what the loan officer would decide.",
    "It does not say that a change makes things go well for anyone. The model only uses what tends to go together.",
    "Values move together in life. Only the ones that the lender has linked move together here.",
    "Reasons say why the model estimates what it does. Changes say what would move the estimate. They can differ.",
)


def _estimate(result: DecisionResult, step: float | None) -> str:
    return decision.say_estimate(result, result.estimate, 1 if step is None else 0)


def _side(result: DecisionResult) -> str:
    """Say on which side of the cut-off an estimate lies, from the decision: a rounded estimate cannot tell."""
    cutoff = decision.say_estimate(result, result.cutoff)
    passes = result.decision == "approved" if result.stage == "model" else not result.against_cutoff
    way = "above" if passes != result.riskier_up else "below"
    return f"{'at or ' if passes else ''}{way} the cut-off of {cutoff}"


def _these(result: WhatIfResult) -> str:
    return "this change" if sum(not c.linked for c in result.changes) == 1 else "these changes"


def _list(names: tuple[str, ...], most: int = 12) -> str:
    more = f" and {whole(len(names) - most)} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
