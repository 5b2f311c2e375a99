"""Comparing every group with its reference: `compute_fairness` → `FairnessResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from data.cohorts import EVERYONE, Cohort
from data.errors import NotFoundForViewer
from data.policy import Policy
from data.protected import Protected
from data.protected_counts import Counted
from data.protected_values import FOLDED, NOT_KNOWN, REST, Attribute
from data.reader import Reader
from explainers.cohorts.words import name_cohort
from explainers.fairness.proxy import compare_proxy
from explainers.fairness.rates import compare_lines, judge
from explainers.fairness.result import AttributeResult, FairnessResult, Settings

APART = " · "
"""Between the two values of a combination."""


def list_attributes(reader: Reader) -> dict[str, tuple[str, str]]:
    """Return the attributes a viewer may choose from: key to label and kind ("observed" or "proxy").

    Raises
    ------
    NotFoundForViewer
        Groups are not shown to this viewer, there are none, or none can be used.
    """
    protected = reader.protected_groups()
    found = {a.name: (a.label, str(a.kind)) for a in protected.attributes}
    if not found:
        raise NotFoundForViewer("There are no groups", "The card names no attribute that can be counted.", "")
    return found


def compute_fairness(
    reader: Reader,
    cohort: Cohort = EVERYONE,
    settings: Settings | None = None,
    pair: tuple[str, str] | None = None,
) -> FairnessResult:
    """Compare the groups of every attribute over a cohort.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    cohort : Cohort
        Which applications.
    settings : Settings, optional
        Screening values; Candor's defaults without.
    pair : tuple of str, optional
        Two observed attributes to be taken together.

    Returns
    -------
    FairnessResult
        As the viewer may see it: groups too small for the viewer are put together or left out.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        Groups are not shown to this viewer, there are none, or only over all applications.
    """
    protected, used = reader.protected_groups(), settings or Settings()
    _check(cohort)
    counted, card = protected.count(cohort), reader.room.card
    parts = [_attribute(counted, a, used, reader.viewer.policy) for a in protected.attributes]
    together = () if pair is None else (_pair(protected, counted, pair, reader.viewer.policy),)
    judged, comparisons = judge([*parts, *together], used)
    result = FairnessResult(
        snapshot_id=reader.snapshot_id,
        cohort=cohort,
        cohort_words=_name(reader, cohort),
        n=int(counted.total["n"]),
        n_total=int(reader.totals()["n"]),
        approved=int(counted.total["approved"]),
        differing=int(counted.total["differing"]),
        attributes=judged[: len(parts)],
        pair=judged[-1] if together else None,
        settings=used,
        comparisons=comparisons,
        unusable=protected.unusable,
        least=protected.least,
        whole=protected.whole,
        synthetic=card.model.synthetic,
        riskier=card.model.higher_score_is == "riskier",
    )
    return disclose(result, reader.viewer.policy)


def _name(reader: Reader, cohort: Cohort) -> str:
    """Return a cohort for people; "" for every application."""
    if not cohort.text:
        return ""
    return name_cohort(cohort, reader.room.card, is_probability=reader.room.model.link == "sigmoid")


def _check(cohort: Cohort) -> None:
    if cohort.decision or cohort.outcome:
        raise NotFoundForViewer(
            "These applications cannot be compared by group",
            "Among applications chosen by their decision or outcome, approval rates say nothing.",
            "Choose without a decision and an outcome.",
        )


def disclose(result: FairnessResult, policy: Policy) -> FairnessResult:
    """Return the result as an audience may see it.

    Small groups are put together before (`data.protected_values`); what is small even then, because there is hardly
    anybody, is left out here.
    """
    if policy.groups == "on":
        return result
    kept = tuple(_without_small(one, result.least) for one in result.attributes)
    pair = None if result.pair is None else _without_small(result.pair, result.least)
    cut = replace(result, attributes=kept, pair=pair)
    return cut if policy.exact_scores else replace(cut, differing=0)


def _without_small(attribute: AttributeResult, least: int) -> AttributeResult:
    return replace(attribute, lines=tuple(line for line in attribute.lines if line.n >= least))


def _attribute(counted: Counted, attribute: Attribute, settings: Settings, policy: Policy) -> AttributeResult:
    """Compare the values of one attribute; the rates of a proxy are not judged."""
    shell = _shell(attribute)
    n = float(counted.total["n"])
    if attribute.kind == "proxy":
        sums = counted.proxy(attribute.name, settings.proxy_threshold)
        covered = float(sums["known"].max()) / n if n and sums["known"].notna().any() else 0.0
        return replace(shell, proxy=compare_proxy(sums, attribute.reference), coverage=covered)
    counts = counted.of(attribute.name)
    named = counts[~counts.index.isin([NOT_KNOWN])]
    lines = compare_lines(named, attribute.reference, counted.total, scores=policy.exact_scores)
    lines = tuple(
        replace(line, elderly=line.value in attribute.elderly, **(_UNJUDGED if line.value in (FOLDED, REST) else {}))
        for line in lines
    )
    return replace(shell, lines=lines, coverage=float(named["n"].sum()) / n if n else 0.0)


_UNJUDGED: Mapping[str, Any] = {"enough": False, "needed": 0}


def _pair(protected: Protected, counted: Counted, pair: tuple[str, str], policy: Policy) -> AttributeResult:
    """Compare the combinations of two attributes with the combination of both references."""
    first, second = (protected.attribute(name) for name in pair)
    if "proxy" in (first.kind, second.kind) or first.name == second.name:
        raise NotFoundForViewer("These cannot be taken together", "Choose two attributes that were observed.", "")
    cells = counted.pair(first.name, second.name)
    cells = cells[~cells["hidden"] & ~cells["first"].isin([NOT_KNOWN]) & ~cells["second"].isin([NOT_KNOWN])]
    values = cells["first"].astype(str) + APART + cells["second"].astype(str)
    counts = cells.drop(columns=["first", "second", "hidden"]).set_index(pd.Index(values))
    counts = counts.sort_values("n", ascending=False, kind="stable")
    reference = f"{first.reference}{APART}{second.reference}"
    lines = compare_lines(counts, reference, counted.total, scores=policy.exact_scores)
    unnamed = {FOLDED, REST}
    lines = tuple(replace(x, **_UNJUDGED) if unnamed & set(x.value.split(APART)) else x for x in lines)
    return AttributeResult(
        name=f"{first.name},{second.name}",
        label=f"{first.label} and {second.label.lower()}",
        kind="observed",
        reference=reference,
        card_reference=f"{first.card_reference}{APART}{second.card_reference}",
        lines=lines,
        coverage=float(counts["n"].sum()) / max(int(counted.total["n"]), 1),
    )


def _shell(attribute: Attribute) -> AttributeResult:
    return AttributeResult(
        name=attribute.name,
        label=attribute.label,
        kind=attribute.kind,
        reference=attribute.reference,
        card_reference=attribute.card_reference,
        lines=(),
        folded=len(attribute.folded),
        elderly=attribute.elderly,
        straddling=attribute.straddling,
    )
