"""Facts about groups of people: what Fairness shows, with Candor's own screening values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explainers.style import percent, points, tiny
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.rules import FactRule, Found, counted, said

if TYPE_CHECKING:
    from explainers.fairness.result import Line

ATTRIBUTE = ("attribute",)
GROUP = ("attribute", "group")
FAIRNESS = "compute_fairness; snapshot.duckdb: applications, beside groups.duckdb"
DETAIL = "compute_detail; snapshot.duckdb: applications, beside groups.duckdb"
GAP = "compute_gap; snapshot.duckdb: contributions, beside groups.duckdb"
PROXIES = "compute_proxies; snapshot.duckdb: signal_values, beside groups.duckdb"


# -- over every attribute --------------------------------------------------------------------------


def _too_few(desk: Desk) -> Found:
    lines = [line for one in desk.fairness.attributes for line in one.lines if not line.is_reference]
    return counted(sum(not line.enough for line in lines), desk.fairness.n)


def _approved(desk: Desk) -> Found | None:
    result = desk.fairness
    share = result.approved / result.n if result.n else None
    return None if share is None else Found(share, percent(share), result.n)


def _least(desk: Desk) -> Found:
    from explainers.fairness.intervals import LEAST_N

    return counted(LEAST_N, desk.fairness.n)


def _screen(read: Callable[[Desk], float], write: Callable[[float], str]) -> Callable[[Desk], Found]:
    """Return what reads a screening value."""

    def found(desk: Desk) -> Found:
        return Found(read(desk), write(read(desk)), desk.fairness.n)

    return found


# -- one attribute and one group -------------------------------------------------------------------


def _label(desk: Desk) -> Found | None:
    return said(desk.attribute.label, desk.fairness.n)


def _reference(desk: Desk) -> Found | None:
    return said(desk.attribute.reference, desk.fairness.n)


def _coverage(desk: Desk) -> Found:
    return Found(desk.attribute.coverage, percent(desk.attribute.coverage, 1), desk.fairness.n)


def _of_line(read: Callable[[Line], float], write: Callable[[float], str]) -> Callable[[Desk], Found]:
    """Return what reads a figure of the group that was chosen."""

    def found(desk: Desk) -> Found:
        return Found(read(desk.line), write(read(desk.line)), desk.line.n)

    return found


def _reference_rate(desk: Desk) -> Found | None:
    line = next((one for one in desk.attribute.lines if one.is_reference), None)
    return None if line is None else Found(line.rate, percent(line.rate, 1), line.n)


def _judged(desk: Desk) -> Found:
    from explainers.fairness.words import say_judged

    return Found(desk.line.closer, say_judged(desk.line), desk.line.n)


def _ratio(value: float) -> str:
    return f"{value:.2f}"


def _chance(value: float) -> str:
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


# -- over time -------------------------------------------------------------------------------------


def _months_judged(desk: Desk) -> Found | None:
    months = [p for p in desk.detail.months if p.enough and p.value == desk.line.value]
    return counted(len(months), sum(p.n for p in months)) if months else None


def _months_below(desk: Desk) -> Found | None:
    months = [p for p in desk.detail.months if p.enough and p.value == desk.line.value]
    return counted(sum(p.high < 1 for p in months), sum(p.n for p in months)) if months else None


# -- what the gap goes with ------------------------------------------------------------------------


def _gap_size(desk: Desk) -> Found:
    from explainers.fairness_drivers.words import say_size

    return Found(abs(desk.gap.gap.size), say_size(desk.gap.pair, desk.gap.gap.size), desk.gap.pair.n)


def _gap_way(desk: Desk) -> Found:
    higher = desk.gap.gap.size > 0
    return Found(higher, "higher" if higher else "lower", desk.gap.pair.n)


def _gap_sure(desk: Desk) -> Found:
    sure = desk.gap.gap.sure
    return Found(sure, "beyond chance" if sure else "not beyond chance", desk.gap.pair.n)


def _gap_apart(desk: Desk) -> Found:
    apart = sum(part.size for part in desk.gap.parts) - desk.gap.gap.size
    return Found(abs(apart), tiny(apart), desk.gap.pair.n)


def _gap_family(desk: Desk) -> Found | None:
    from explainers.fairness_drivers.words import same_way

    named = [part for part in same_way(desk.gap) if part.sure]
    return said(named[0].label, desk.gap.pair.n) if named else None


def _gap_family_size(desk: Desk) -> Found | None:
    from explainers.fairness_drivers.words import same_way, say_signed

    named = [part for part in same_way(desk.gap) if part.sure]
    if not named:
        return None
    word = "points" if desk.gap.pair.is_probability else "units"
    return Found(named[0].size, f"{say_signed(desk.gap.pair, named[0].size)} {word}", desk.gap.pair.n)


def _proxies_together(desk: Desk) -> Found:
    auc = desk.proxies.together.auc
    return Found(auc, _ratio(auc), desk.proxies.n_measured)


def _proxies_close(desk: Desk) -> Found:
    from explainers.fairness_drivers.words import CLOSE

    close = [one for one in desk.proxies.families if one.auc >= CLOSE]
    return counted(len(close), desk.proxies.n_measured)


def _proxies_line(desk: Desk) -> Found:
    from explainers.fairness_drivers.words import CLOSE

    return Found(CLOSE, _ratio(CLOSE), desk.proxies.n_measured)


def _best_proxy(desk: Desk) -> Found | None:
    return said(desk.proxies.families[0].label, desk.proxies.n_measured) if desk.proxies.families else None


def _best_proxy_auc(desk: Desk) -> Found | None:
    if not desk.proxies.families:
        return None
    return Found(desk.proxies.families[0].auc, _ratio(desk.proxies.families[0].auc), desk.proxies.n_measured)


def _all(name: str, label: str, read: Callable[[Desk], Found | None]) -> FactRule:
    return FactRule(name, label, FAIRNESS, read)


def _one(name: str, label: str, read: Callable[[Desk], Found | None]) -> FactRule:
    return FactRule(name, label, FAIRNESS, read, GROUP)


RULES = (
    _all("attributes", "the number of attributes", lambda d: counted(len(d.fairness.attributes), d.fairness.n)),
    _all("group_n", "the number of applications that are compared", lambda d: counted(d.fairness.n, d.fairness.n)),
    _all("group_approved", "the share approved", _approved),
    _all("comparisons", "the number of comparisons", lambda d: counted(d.fairness.comparisons, d.fairness.n)),
    _all("closer", "the number of groups worth a closer look", lambda d: counted(len(d.fairness.closer), d.fairness.n)),
    _all("too_few", "the number of groups that are too small to judge", _too_few),
    _all("least", "the fewest applications of a group that is judged", _least),
    _all("screen_ratio", "the screening value of the ratio",
         _screen(lambda d: d.fairness.settings.ratio_below, _ratio)),
    _all("screen_points", "the screening value in points",
         _screen(lambda d: d.fairness.settings.least_points, lambda v: points(v).lstrip("+"))),
    _all("screen_chance", "the share of chance findings put up with",
         _screen(lambda d: d.fairness.settings.chance, percent)),
    FactRule("attribute_label", "the attribute", FAIRNESS, _label, ATTRIBUTE),
    FactRule("reference", "the group that others are compared with", FAIRNESS, _reference, ATTRIBUTE),
    FactRule("coverage", "the share for which the attribute is known", FAIRNESS, _coverage, ATTRIBUTE),
    FactRule("reference_rate", "the share of the reference group approved", FAIRNESS, _reference_rate, ATTRIBUTE),
    _one("group", "the group", lambda d: said(d.line.value, d.line.n)),
    _one("group_rate", "the share of the group approved", _of_line(lambda x: x.rate, lambda v: percent(v, 1))),
    _one("group_count", "the number of applications of the group", lambda d: counted(d.line.n, d.line.n)),
    _one("ratio", "the ratio of the two shares", _of_line(lambda x: x.ratio, _ratio)),
    _one("ratio_low", "the lower end of the ratio's interval", _of_line(lambda x: x.ratio_low, _ratio)),
    _one("ratio_high", "the upper end of the ratio's interval", _of_line(lambda x: x.ratio_high, _ratio)),
    _one("apart", "the difference of the two shares in points", _of_line(lambda x: x.gap, points)),
    _one("apart_low", "the lower end of the difference's interval", _of_line(lambda x: x.gap_low, points)),
    _one("apart_high", "the upper end of the difference's interval", _of_line(lambda x: x.gap_high, points)),
    _one("chance", "the chance of such a difference", _of_line(lambda x: x.adjusted, _chance)),
    _one("judged", "what the three-part rule says", _judged),
    FactRule("months_judged", "the number of months that are judged", DETAIL, _months_judged, GROUP),
    FactRule("months_below", "the number of months below the reference", DETAIL, _months_below, GROUP),
    FactRule("gap_size", "the difference of the mean estimates", GAP, _gap_size, GROUP),
    FactRule("gap_way", "the way of the difference", GAP, _gap_way, GROUP),
    FactRule("gap_sure", "whether the difference is beyond chance", GAP, _gap_sure, GROUP),
    FactRule("gap_apart", "the difference of the parts' sum", GAP, _gap_apart, GROUP),
    FactRule("gap_family", "the family with the largest part of the difference", GAP, _gap_family, GROUP),
    FactRule("gap_family_size", "the part of that family", GAP, _gap_family_size, GROUP),
    FactRule("proxies_together", "how well all signals tell the groups apart", PROXIES, _proxies_together, GROUP),
    FactRule("proxies_close", "the number of families that can stand in", PROXIES, _proxies_close, GROUP),
    FactRule("proxies_line", "the value from which a family can stand in", PROXIES, _proxies_line, GROUP),
    FactRule("best_proxy", "the family that tells the groups apart best", PROXIES, _best_proxy, GROUP),
    FactRule("best_proxy_power", "how well that family does it", PROXIES, _best_proxy_auc, GROUP),
)  # fmt: skip
"""Every fact about groups."""
