"""The bars of a decision as a table a screen reader can read: name, values, bar, points."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from data.spreadsheet import as_text
from explainers.decision import words
from explainers.decision.result import Agreement, DecisionResult, FamilyShare, SignalShare, shown_rows
from explainers.markup import render
from explainers.style import MINUS

MOST_TECHNICAL = 100
"""Signals that the technical table names; the downloaded figures name all."""


@dataclass(frozen=True)
class _Row:
    name: str
    value: str | None
    typical: str
    left: float
    width: float
    way: str
    points: str


@dataclass(frozen=True)
class _Section:
    title: str
    rows: list[_Row]


@dataclass(frozen=True)
class _TechnicalFamily:
    label: str
    contribution: float | None
    points: float
    signals: tuple[SignalShare, ...]
    others: int
    others_contribution: float
    others_points: float


class _Ruler:
    """Places bars on one common scale whose zero is where the largest bars of both sides fit."""

    def __init__(self, result: DecisionResult, sizes: list[float]) -> None:
        self._result = result
        self._least = min(0.0, *sizes)
        self._span = max(max(0.0, *sizes) - self._least, 1e-12)

    @property
    def zero(self) -> float:
        return round(-self._least / self._span * 100, 2)

    def row(self, name: str, points: float, value: str | None, typical: str) -> _Row:
        width = abs(points) / self._span * 100
        left = self.zero - (width if points < 0 else 0)
        way = "raises" if points >= 0 else "lowers"
        shown = words.say_points(self._result, points)
        return _Row(name, value, typical, round(left, 2), round(max(width, 0.4), 2), way, shown)

    def family(self, family: FamilyShare, name: str) -> _Row:
        lead = family.leading
        if lead is None:
            return self.row(name, family.points, None, "")
        value = lead.value if lead.label == name else f"{lead.label}: {lead.value}"
        return self.row(name, family.points, value, lead.typical)


def table_decision(result: DecisionResult) -> str:
    """Draw the bars of a decision as an HTML fragment.

    Parameters
    ----------
    result : DecisionResult
        From `compute_decision`.

    Returns
    -------
    str
        HTML with every value escaped; colours and layout come from the theme.
    """
    shown = shown_rows(result)
    sizes = [f.points for f in (*shown.against, *shown.helped)] + [shown.rest_points]
    ruler = _Ruler(result, sizes)
    against = [ruler.family(f, f.statement) for f in shown.against]
    helped = [ruler.family(f, f.label) for f in shown.helped]
    if shown.rest:
        name = f"All other signals ({shown.rest_signals})"
        helped.append(ruler.row(name, shown.rest_points, None, ""))
    sections = [_Section(words.say_against_title(result), against)]
    if helped:
        sections.append(_Section("What helped" if shown.helped else "What else moved it", helped))
    return render(
        "decision_rows.html",
        sections=sections,
        zero=ruler.zero,
        group=words.say_group_short(result),
        total={"name": words.say_total(result), "points": words.say_points(result, result.total_points)},
        note=words.say_sum(result),
    )


def table_solid(result: DecisionResult) -> str:
    """Draw the side column: only what was really computed for this application."""
    checks = [("It adds up", words.say_adds_up(result))]
    if result.experience is not None:
        checks.append(("It can be held against the past", words.say_experience(result.experience, result.outcome_past)))
    return render("solid.html", title="Is this explanation solid?", checks=checks)


def table_agreement(agreement: Agreement) -> str:
    """Draw the comparison with another group as one more check of the side column."""
    return render("check.html", title=words.say_agreement_title(agreement), text=words.say_agreement(agreement))


def table_technical(result: DecisionResult) -> str | None:
    """Draw every family and signal with its contribution in raw-score units, and where it all comes from.

    None for an audience that sees points only.
    """
    if result.raw_score is None:
        return None
    signals = [s for family in result.families for s in family.signals]
    return render(
        "decision_technical.html",
        families=_technical_families(result),
        whole=len(signals) <= MOST_TECHNICAL,
        most=MOST_TECHNICAL,
        total=len(signals),
        facts=words.say_technical(result),
        write=lambda value: f"{value:+.6f}".replace("-", MINUS),
        points=lambda value: words.say_points(result, value),
    )


def _technical_families(result: DecisionResult) -> list[_TechnicalFamily]:
    """Name the signals with the largest contributions; the others of a family share one line, so that it adds up."""
    signals = [s for family in result.families for s in family.signals]
    named = {s.name for s in sorted(signals, key=lambda s: -abs(s.contribution or 0.0))[:MOST_TECHNICAL]}
    found = []
    for family in result.families:
        rest = [s for s in family.signals if s.name not in named]
        sums = (sum(s.contribution or 0.0 for s in rest), sum(s.points or 0.0 for s in rest))
        shown = tuple(s for s in family.signals if s.name in named)
        found.append(_TechnicalFamily(family.label, family.contribution, family.points, shown, len(rest), *sums))
    return found


def csv_decision(result: DecisionResult) -> str:
    """Write every family and signal of a decision as CSV, with full digits.

    Returns
    -------
    str
        Columns: `family`, `signal` (empty on a family's own line), `value` (in words), `exact_value`,
        `typical`, `contribution` (raw score), `points` (estimate scale).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["family", "signal", "value", "exact_value", "typical", "contribution", "points"])
    for family in result.families:
        writer.writerow([as_text(family.label), "", "", "", "", _digits(family.contribution), _digits(family.points)])
        for s in family.signals:
            cells = [as_text(t) for t in (family.label, s.label, s.value, s.exact or "", s.typical)]
            writer.writerow([*cells, _digits(s.contribution), _digits(s.points)])
    return out.getvalue()


def _digits(value: float | None) -> str:
    """Write a number with all its digits; nothing for a number that is not for this audience."""
    return "" if value is None else repr(value)
