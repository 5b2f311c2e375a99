"""From a cohort to the applications it means, within what a viewer may see: the relation `chosen`.

`chosen` is defined over `seen`, so it can never hold more than a viewer's scope. Its definition goes before a
statement: names of signals are those of the snapshot's own list, values are parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from data.access import Viewer
from data.cohorts import OUTCOMES, Cohort, CohortProblems, SignalCondition, month_starts
from data.errors import Problem
from data.sql import quote_identifier


def check_cohort(
    cohort: Cohort,
    viewer: Viewer,
    kinds: Mapping[str, str],
    labels: Mapping[str, str],
    attributes: Collection[str] = (),
) -> None:
    """Check that a viewer may choose these applications.

    Parameters
    ----------
    cohort : Cohort
        What is asked for.
    viewer : Viewer
        Who asks.
    kinds : mapping of str to str
        The signals of the snapshot: name to "number" or another kind.
    labels : mapping of str to str
        Their labels, to name them to people.
    attributes : collection of str
        Protected attributes the viewer may choose by; none for most.

    Raises
    ------
    CohortProblems
        With every condition that does not fit. What a viewer may not see is worded as what does not exist.
    """
    hidden = viewer.policy.signals != "every signal"
    wrong = []
    for condition in cohort.signals:
        kind = None if hidden else kinds.get(condition.name)
        if kind is None:
            place, found, allowed = "a condition on a signal", "a signal you cannot choose by", "another condition"
        elif condition.levels and kind == "number":
            place, found, allowed = labels[condition.name], "categories", "a range of numbers"
        elif not condition.levels and not condition.missing and kind != "number":
            place, found, allowed = labels[condition.name], "a range of numbers", "categories"
        else:
            continue
        wrong.append(Problem(place, found, allowed, "Choose the applications again."))
    for group in cohort.groups:
        if viewer.policy.groups != "on" or group.name not in attributes:
            place, found, allowed = "a condition on a group", "a group you cannot choose by", "another condition"
            wrong.append(Problem(place, found, allowed, "Choose the applications again."))
    if wrong:
        raise CohortProblems("These applications cannot be chosen", wrong)


def define_chosen(
    cohort: Cohort,
    viewer: Viewer,
    columns: Mapping[str, str],
    groups: tuple[int, ...] | None,
    attributes: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the definition of `chosen` and its parameters.

    Parameters
    ----------
    cohort : Cohort
        Checked by `check_cohort`.
    viewer : Viewer
        Who asks.
    columns : mapping of str to str
        Signals with the columns that hold them.
    groups : tuple of int or None
        Comparison groups the viewer may see whole: only applications explained against one of them are chosen.
        None for a viewer who sees every group.
    attributes : mapping of str to str, optional
        Protected attributes with the expressions of their values; needs a connection that knows them.

    Returns
    -------
    tuple
        Text that stands between the definitions of the scope and the SELECT, and its parameters.
    """
    # an estimate that is shown rounded is also compared rounded: limits that move in small steps would tell the rest
    estimate = "estimate" if viewer.policy.exact_scores else "round(estimate, 3)"
    first, end = month_starts(cohort)
    conditions: list[tuple[str, Any]] = [
        ("list_contains($value, partner)", list(cohort.partners) or None),
        ("decision = $value", cohort.decision),
        ("application_date >= $value", first),
        ("application_date < $value", end),
        (f"{estimate} >= $value", cohort.low),
        (f"{estimate} <= $value", cohort.high),
        ("outcome = $value", None if cohort.outcome is None else OUTCOMES[cohort.outcome]),
        ("list_contains($value, group_no)", None if groups is None else [*groups, -1]),
    ]
    for condition in cohort.signals:
        conditions += _of_signal(condition, f"v.{quote_identifier(columns[condition.name])}")
    for group in cohort.groups:
        conditions.append((f"list_contains($value, {(attributes or {})[group.name]})", list(group.values)))
    used = [(text, value) for text, value in conditions if value is not None]
    where = " AND ".join(text.replace("$value", f"$chosen{i}") for i, (text, _) in enumerate(used)) or "true"
    parameters = {f"chosen{i}": value for i, (text, value) in enumerate(used) if "$value" in text}
    joined = " JOIN signal_values v USING (row_no)" if cohort.signals else ""
    return f", chosen AS NOT MATERIALIZED (SELECT seen.* FROM seen{joined} WHERE {where}) ", parameters  # noqa: S608


def _of_signal(condition: SignalCondition, column: str) -> list[tuple[str, Any]]:
    if condition.missing:
        return [(f"{column} IS NULL", True)]
    return [
        (f"{column} >= $value", condition.low),
        (f"{column} <= $value", condition.high),
        (f"list_contains($value, {column}::VARCHAR)", list(condition.levels) or None),
    ]
