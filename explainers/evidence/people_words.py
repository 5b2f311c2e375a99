"""The sentences of reasons by group of people, and against reported ones. Made from the result alone."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from data.reason_catalogue import HMDA
from explainers.assurance.intervals import wilson
from explainers.evidence.reported import ReportedCode
from explainers.evidence.result import EvidenceResult, Figure, GroupQuality
from explainers.evidence.words import say_share
from explainers.style import of_100, percent, whole


def say_groups(result: EvidenceResult) -> str | None:
    """Return where the quality of reasons differs most between groups of people; None without groups."""
    if not result.groups:
        return None
    apart = list(_clear_gaps(result))
    if not apart:
        return "The reasons pass the swap test about as often in every group: no interval lies apart from the reference"
    worst = max(apart, key=lambda pair: abs(pair[0].swapped.value - pair[1].swapped.value))
    return (
        f"The swap test differs most for {worst[0].attribute}: {of_100(worst[0].swapped.value)} for"
        f" {worst[0].value}, {of_100(worst[1].swapped.value)} for {worst[1].value}"
    )


def say_groups_context(result: EvidenceResult) -> str:
    """Return how many groups were looked at, and what that means."""
    return (
        f"{len(result.groups)} groups with at least 30 tested applications were looked at. With so many, an interval"
        " can lie apart by chance."
    )


def _clear_gaps(result: EvidenceResult) -> Iterator[tuple[GroupQuality, GroupQuality]]:
    """Yield groups whose interval has no point in common with that of their reference."""
    for reference in (g for g in result.groups if g.reference):
        for group in result.groups:
            if group.attribute == reference.attribute and _clear(group.swapped, reference.swapped):
                yield group, reference


def _clear(one: Figure, other: Figure) -> bool:
    ends = (one.low, one.high, other.low, other.high)
    low, high, other_low, other_high = (0.0 if end is None else end for end in ends)
    return high < other_low or other_high < low


def table_groups(result: EvidenceResult) -> pd.DataFrame:
    """Return the quality of reasons by group."""
    return pd.DataFrame(
        [
            {
                "Attribute": g.attribute,
                "Group": f"{g.value} (reference)" if g.reference else g.value,
                "Tested": whole(g.swapped.n),
                "Swap test changes the decision": say_share(g.swapped),
                "Same strongest reason after small changes": say_share(g.same_first),
                "Share explained by the reasons": percent(g.explained),
            }
            for g in result.groups
        ]
    )


def say_reported(result: EvidenceResult) -> str | None:
    """Return how the reasons fit those the lender reported; None where none are known."""
    with_cases = [code for code in result.reported if code.reported]
    if not with_cases:
        return None
    parts = [
        f"{HMDA[code.code].lower()} stands first here for {of_100(code.reported_first / code.reported)}"
        f" denials reported with it{_others(code)}"
        for code in with_cases
    ]
    return f"Against the lender’s own reported reasons: {'; '.join(parts)}"


def _others(code: ReportedCode) -> str:
    """Say how often the same families stand first where the code was not reported."""
    rest = code.compared - code.reported
    return f", for {of_100((code.found_first - code.reported_first) / rest)} others" if rest else ""


def _no_better(code: ReportedCode) -> bool:
    """Return whether a family is first no more often where its code was reported than where it was not."""
    rest = code.compared - code.reported
    if not code.reported or not rest:
        return False
    low, _ = wilson(code.reported_first, code.reported)
    return low <= (code.found_first - code.reported_first) / rest


def say_reported_context(result: EvidenceResult) -> tuple[str, ...]:
    """Return what can and cannot match."""
    first = result.reported[0]
    none = [f"{HMDA[c.code].lower()} ({_families(result, c)})" for c in result.reported if _no_better(c)]
    return (
        *(
            (
                f"Not shown to match: {' and '.join(none)}. It stands first about as often, or more often,"
                " where the lender did not report it.",
            )
            if none
            else ()
        ),
        f"{whole(first.denied)} denials on record have a reported reason. The model declines"
        f" {whole(first.compared)} of them too; only these have reasons here and are compared.",
        "The register holds no credit score and no credit history, so that reason (code 3) has nothing here that could"
        " match; nor have employment, cash, mortgage insurance and incomplete papers. Where a lender denied for one of"
        " these, something else stands first here.",
        "The model learned what was denied, not how this lender scores. Reported reasons are what the lender wrote"
        " down, at most four.",
    )


def table_reported(result: EvidenceResult) -> pd.DataFrame:
    """Return precision and recall by code, with Wilson intervals."""
    return pd.DataFrame([_code_row(result, code) for code in result.reported])


def _code_row(result: EvidenceResult, code: ReportedCode) -> dict[str, str]:
    return {
        "Reported reason": f"{code.code}: {HMDA[code.code]}",
        "Family here": _families(result, code),
        "Reported": f"{whole(code.reported)} of {whole(code.compared)}",
        "Reported, and first here": rate(code.reported_first, code.reported),
        "Reported, and first or second here": rate(code.reported_two, code.reported),
        "First here, and reported": rate(code.reported_first, code.found_first),
        "First or second here, and reported": rate(code.reported_two, code.found_two),
        "Not reported, yet first here": rate(code.found_first - code.reported_first, code.compared - code.reported),
    }


def rate(hits: int, n: int) -> str:
    """Write hits of tries as a share with its Wilson interval."""
    if not n:
        return "none to count"
    low, high = wilson(hits, n)
    return f"{percent(hits / n)} ({percent(low)} to {percent(high)})"


def _families(result: EvidenceResult, code: ReportedCode) -> str:
    return " or ".join(f"“{result.labels.get(family, family)}”" for family in code.families)
