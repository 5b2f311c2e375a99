"""Groups in words. Made from results alone: they assess and compare, and never say why."""

from __future__ import annotations

import math
import re

import pandas as pd

from explainers.fairness.intervals import LEAST_EXPECTED, LEAST_N
from explainers.fairness.result import AttributeResult, FairnessResult, Line, ProxyReading, Settings
from explainers.markup import render
from explainers.style import THIN, percent, points, whole

ALMOST_ZERO = 0.0005
AGES = re.compile(r"(under|over|aged) |\d+( to |-|–|\+| or (older|over|younger))")
"""Groups whose name stands behind "applicants"."""


def say_fairness(result: FairnessResult) -> str:
    """Return the finding over every attribute: what is worth a closer look, or that nothing shown is."""
    found = result.closer
    if not result.n:
        return "No application to compare"
    if not result.comparisons:
        return "Too few applications in each group to judge whether groups are treated differently."
    if not found:
        return "No difference between groups is both large and more than chance."
    attribute, line = found[0]
    more = f"; {len(found) - 1} more {'is' if len(found) == 2 else 'are'} worth a closer look" if found[1:] else ""
    side = "less" if line.gap < 0 else "more"
    return (
        f"{name_people(line.value)} are approved {side} often than {attribute.reference}: "
        f"{percent(line.rate)} against {percent(line.rate - line.gap)}{more}."
    )


def name_people(value: str) -> str:
    """Name the people of a group: "Black applicants", "Applicants under 25"."""
    return f"Applicants {value}" if AGES.match(value) else f"{value} applicants"


def say_context(result: FairnessResult) -> str:
    """Return over what was counted, and how many comparisons that makes."""
    over = f"{whole(result.n)} applications"
    if result.cohort_words:
        over = f"{over} of {whole(result.n_total)}, {result.cohort_words}"
    counted = f"{result.comparisons} {'comparison' if result.comparisons == 1 else 'comparisons'}"
    return (
        f"Over {over}. {percent(result.approved / max(result.n, 1))} are approved by the model, the cut-off and "
        f"the rules. "
        f"{counted} {'is' if result.comparisons == 1 else 'are'} judged on this page."
    )


def say_attribute(result: AttributeResult, settings: Settings) -> str:
    """Return the finding of one attribute."""
    if result.kind == "proxy":
        return _say_proxy(result)
    judged = result.compared
    if not judged:
        return f"{result.label}: too few to judge"
    closer = sorted(result.closer, key=lambda line: line.adjusted)
    if closer:
        line = closer[0]
        return (
            f"{result.label}: {name_people(line.value)} are approved at {percent(line.ratio)} of the rate of "
            f"{result.reference}"
        )
    chance = [line for line in judged if line.adjusted < settings.chance]
    if chance:
        return f"{result.label}: rates differ by more than chance, but by less than the screening values"
    return f"{result.label}: no difference that chance could not explain"


def _say_proxy(result: AttributeResult) -> str:
    shown = [line for line in result.proxy if not line.is_reference and line.weighted.enough]
    if not shown:
        return f"{result.label}: too few to judge"
    line = min(shown, key=lambda one: one.weighted.ratio)
    second = f", {line.over.ratio:.2f} above the threshold" if line.over.enough else ""
    return f"{result.label}: the lowest ratio is {line.weighted.ratio:.2f} for {line.value}, weighted{second}"


def say_line(result: AttributeResult, line: Line) -> str:
    """Return one group in a sentence."""
    size = f"{line.value}: {whole(line.approved)} of {whole(line.n)} approved ({percent(line.rate, 1)})"
    if line.is_reference:
        return f"{size}. Others are compared with this group."
    if not line.enough:
        needed = f" About {whole(line.needed)} would be needed." if line.needed else ""
        return f"{size}. Too few to judge.{needed}"
    return (
        f"{size}: {say_points(line.gap)} ({say_points(line.gap_low)} to {say_points(line.gap_high)}) from "
        f"{result.reference}, a ratio of {line.ratio:.2f} ({line.ratio_low:.2f} to {line.ratio_high:.2f})."
    )


def say_points(share: float) -> str:
    """Write a difference of rates: "−16.8 points"."""
    return "not known" if math.isnan(share) else f"{points(share)} points"


def say_judged(line: Line) -> str:
    """Return what the three-part rule says of a group."""
    if line.is_reference:
        return "compared with"
    if not line.enough:
        return "too few to judge"
    return "worth a closer look" if line.closer else "not singled out"


def say_notes(result: FairnessResult, attribute: AttributeResult) -> list[str]:
    """Return what must be known to read an attribute's figures truly."""
    found: list[str] = []
    if not attribute.lines and not attribute.proxy:
        return found
    age = bool(attribute.elderly)
    if attribute.reference != attribute.card_reference and not age:
        found.append(
            f"The card compares with {attribute.card_reference}, which does not occur here; the largest group "
            f"stands in."
        )
    if age:
        found.append(
            f"People of the group {' or '.join(attribute.elderly)} are compared with the younger group that is "
            f"approved most, "
            f"{attribute.reference}. Regulation B allows a scoring system to use age only if older people are "
            f"scored no worse than "
            "that group (12 CFR 1002.6(b)(2)). A difference in approval alone does not show that age was used."
        )
    if attribute.straddling:
        found.append(
            f"{' and '.join(attribute.straddling)} spans the age at which people count as elderly, and counts as "
            f"neither."
        )
    if attribute.coverage < 1 - ALMOST_ZERO:
        found.append(
            f"It is known for {percent(attribute.coverage, 1)} of the applications. The others are left out, and "
            f"may differ."
        )
    if attribute.folded:
        found.append(
            f"Groups under {result.least} applications are put together, if need be with a larger one, so that none "
            "of them can be worked out."
        )
    better = [x for x in attribute.compared if x.gap > 0 and x.adjusted < result.settings.chance]
    if better:
        names = " and ".join(x.value for x in better[:3])
        found.append(
            f"{names} {'is' if len(better) == 1 else 'are'} approved more often than {attribute.reference}, by "
            f"more than chance."
        )
    return found


def say_proxy_bias(settings: Settings) -> list[str]:
    """Return how each way to count with probabilities tends to err."""
    return [
        "Weighted: everybody counts in every group, by probability. This tends to make differences look smaller "
        "than they are.",
        f"Threshold: only people with a probability of {percent(settings.proxy_threshold)} or more count. This "
        f"tends to make "
        "differences look larger, and it leaves out everybody the proxy is unsure of.",
        "A proxy is a guess about people from facts such as name and place. No person's own answer stands behind it.",
    ]


def say_screen(settings: Settings) -> str:
    """Return the three-part rule with the sources of its values."""
    return (
        f"Worth a closer look means all three: the ratio is below {settings.ratio_below:.2f} (or above "
        f"{1 / settings.ratio_below:.2f}), the rates are at least {points(settings.least_points).lstrip('+')} "
        f"points apart, and chance "
        f"would name at most {percent(settings.chance)} of such findings. The value 0.80 is the four-fifths rule "
        f"of thumb of an employment "
        "guideline (29 CFR 1607.4(D)); no federal lending rule sets one. The other two are habits of statistics."
    )


def say_alt(attribute: AttributeResult) -> str:
    """Describe the picture of an attribute."""
    if attribute.kind == "proxy":
        parts = [
            f"{line.value}: weighted {_reading(line.weighted)}, above the threshold {_reading(line.over)}"
            for line in attribute.proxy
            if not line.is_reference
        ]
    else:
        parts = [say_line(attribute, line) for line in attribute.lines]
    return f"Approval compared with {attribute.reference}, by {attribute.label.lower()}. " + " ".join(parts)


def _reading(reading: ProxyReading) -> str:
    if not reading.enough:
        return "too few to judge"
    return f"{reading.ratio:.2f} ({reading.ratio_low:.2f} to {reading.ratio_high:.2f})"


def table_short(attribute: AttributeResult) -> pd.DataFrame:
    """Return what everybody should see of each group at once; the rest is in the whole table."""
    columns = ["Group", "Approved", "Ratio", "Points apart", "", "Applications"]  # a phone cuts off at the right
    return table_attribute(attribute).reindex(columns=columns)


def table_attribute(attribute: AttributeResult) -> pd.DataFrame:
    """Return the groups of an attribute with their figures, as text for people."""
    scores = any(not math.isnan(line.score_gap) for line in attribute.lines)
    rows = []
    for line in attribute.lines:
        shown = line.known
        row = {
            "Group": line.value,
            "Applications": whole(line.n),
            "Approved": percent(line.rate, 1),
            "Ratio": f"{line.ratio:.2f}" if shown else "",
            "95 % interval": f"{line.ratio_low:.2f} to {line.ratio_high:.2f}" if shown else "",
            "Points apart": points(line.gap) if shown else "",
            "Points, 95 %": f"{points(line.gap_low)} to {points(line.gap_high)}" if shown else "",
            "Score apart": _score(line.score_gap) if shown else "",
            "Chance": _chance(line.adjusted) if shown else "",
            "Test": line.test if shown else "",
            "": say_judged(line),
        }
        if not scores:
            row.pop("Score apart")
        if line.needed and not line.enough:
            row[""] = f"too few to judge; about {whole(line.needed)} needed"
        rows.append(row)
    return pd.DataFrame(rows)


def _score(gap: float) -> str:
    return "" if math.isnan(gap) else f"{gap:+.2f} SD".replace("-", "−")


def _chance(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def table_proxy(attribute: AttributeResult) -> pd.DataFrame:
    """Return the values of a proxy, counted in both ways."""
    return pd.DataFrame(
        [
            {
                "Group": line.value,
                "Weighted: effective number": whole(line.weighted.effective),
                "Approved": percent(line.weighted.rate, 1),
                "Ratio, weighted": "" if line.is_reference else _reading(line.weighted),
                "Threshold: applications": whole(line.over.n),
                "Approved ": "" if math.isnan(line.over.rate) else percent(line.over.rate, 1),
                "Ratio, threshold": "" if line.is_reference else _reading(line.over),
            }
            for line in attribute.proxy
        ]
    )


def say_how_to_read(result: FairnessResult) -> list[str]:
    """Return how to read the page."""
    found = [
        "Each dot is a group's approval rate divided by the rate of the group it is compared with. At 1 both are "
        "approved equally often; at "
        "0.80 the group gets 80 approvals where the other gets 100. The line is the 95 % interval: what the ratio "
        "could be if the same "
        "process ran again.",
        say_screen(result.settings),
        f"A group is judged from {LEAST_N} applications on, with at least {LEAST_EXPECTED:.0f} approvals and "
        f"denials expected in it and in the "
        "group it is compared with. Few approvals say little, however many apply.",
    ]
    if _scores(result):
        found.append(
            "Score apart: how far the mean raw score lies from the other group's, in standard deviations of all "
            "applications. Higher means "
            f"{'more risk' if result.riskier else 'less risk'}."
        )
    return found


def say_limits(result: FairnessResult) -> list[str]:
    """Return what the page cannot tell."""
    found = [
        "It cannot tell why rates differ. A difference is associated with a group; what lies behind it is not seen "
        "here.",
        "It compares everybody, not people alike in income or credit history. People alike may be treated alike "
        "while rates differ, and the "
        "other way round.",
        "No difference here is no proof that people are treated alike: before they apply, in prices, or one by one.",
        "Screening values are habits, not law. What follows from a figure is for people to decide.",
    ]
    if result.differing:
        found.append(
            f"{whole(result.differing)} decisions on record differ from what the model, cut-off and rules give; "
            f"the latter are counted."
        )
    if not result.whole:
        found.append(
            f"Groups under {result.least} applications are not shown, and figures over chosen applications are not "
            f"given."
        )
    if result.synthetic:
        found.append("These applications are made up. They say nothing of real people.")
    return found


def table_technical(result: FairnessResult) -> str:
    """Return the methods as facts."""
    rows = [
        ("Ratio", "adverse impact ratio; score interval of the ratio of two shares (Koopman 1984)"),
        ("Points apart", "difference of shares; Newcombe's hybrid score interval (1998)"),
        ("Test", "two-proportion z test, pooled; Fisher's exact test under 30 expected approvals or denials"),
        ("Chance", f"adjusted over {result.comparisons} comparisons (Benjamini and Hochberg 1995)"),
        ("Score apart", "difference of mean raw scores over the standard deviation of all applications"),
        ("Proxy intervals", "as for the ratio, with effective numbers (Kish); shared people are treated as separate"),
        ("Snapshot", result.snapshot_id),
    ]
    facts = [row for row in rows if row[0] != "Score apart" or _scores(result)]
    return render("technical_facts.html", facts=facts)


def _scores(result: FairnessResult) -> bool:
    """Return whether differences of scores are shown."""
    return any(not math.isnan(line.score_gap) for a in result.attributes for line in a.lines)


def say_shown_values(settings: Settings) -> str:
    """Return the screening values in one line."""
    return (
        f"Screening values: ratio {settings.ratio_below:.2f}, {points(settings.least_points).lstrip('+')} points, "
        f"{percent(settings.chance)}{THIN}by chance."
    )
