"""Facts about one application: its decision, its principal reasons and its letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from explainers.style import THIN, day, of_100, percent, tiny, whole
from explainers.walkthroughs.desk import Desk
from explainers.walkthroughs.rules import FactRule, Found, counted, said

if TYPE_CHECKING:
    from explainers.decision.result import DecisionResult

APP = ("app",)
DECISION = "compute_decision; snapshot.duckdb: applications, signal_values, group_members; model.txt"
PRINCIPAL = "compute_principal; snapshot.duckdb as for the decision; card.yaml and reasons.yaml"
NOTICE = "compute_notice; the principal reasons, card.yaml and reasons.yaml"
STAGES = {"policy rule": "a policy rule", "review": "a person near the cut-off", "model": "the model’s estimate"}
ONE = 1
"""Facts about one application are over one."""


# -- the decision ----------------------------------------------------------------------------------


def _headline(result: DecisionResult) -> tuple[str, str]:
    """Return estimate and cut-off as the page's headline writes them: with a digit more where both look the same."""
    from explainers.decision.words import say_estimate

    estimate, cutoff = say_estimate(result, result.estimate), say_estimate(result, result.cutoff)
    if estimate == cutoff and result.estimate != result.cutoff:
        return say_estimate(result, result.estimate, 1), say_estimate(result, result.cutoff, 1)
    return estimate, cutoff


def _estimate(desk: Desk) -> Found:
    return Found(desk.decision.estimate, _headline(desk.decision)[0], ONE)


def _cutoff(desk: Desk) -> Found:
    return Found(desk.decision.cutoff, _headline(desk.decision)[1], ONE)


def _side(desk: Desk) -> Found:
    above = desk.decision.estimate > desk.decision.cutoff
    return Found(desk.decision.against_cutoff, "above" if above else "at or below", ONE)


def _raw_apart(desk: Desk) -> Found | None:
    """How far the raw score that LightGBM gives now lies from the one on file; None without raw scores."""
    from explainers.decision.compute import score_apart

    apart = score_apart(desk.reader, desk.on_file)
    return None if apart is None else Found(abs(apart), tiny(apart), ONE)


def _estimate_apart(desk: Desk) -> Found | None:
    if desk.decision.raw_score is None:
        return None
    apart = desk.decision.estimate - desk.reader.application(desk.chosen("app")).estimate
    return Found(abs(apart), tiny(apart), ONE)


def _explained(desk: Desk) -> Found:
    share = desk.decision.explained
    return Found(share, f"{share * 100:.2f}{THIN}%", ONE)


def _residual(desk: Desk) -> Found | None:
    left = desk.decision.residual
    return None if left is None else Found(abs(left), tiny(left), ONE)


def _bars_apart(desk: Desk) -> Found | None:
    """How far the bars' sum lies from the difference of the estimates; None where figures are rounded."""
    result = desk.decision
    apart = sum(family.points for family in result.families) - result.total_points
    return None if result.raw_score is None else Found(abs(apart), tiny(apart), ONE)


def _typical(desk: Desk) -> Found:
    from explainers.decision.words import say_estimate

    base = desk.decision.comparison.baseline_estimate
    return Found(base, say_estimate(desk.decision, base, 1), desk.decision.comparison.n)


def _exact(desk: Desk) -> Found:
    from explainers.decision.words import say_estimate

    return Found(desk.decision.estimate, say_estimate(desk.decision, desk.decision.estimate, 1), ONE)


def _moved(desk: Desk) -> Found:
    from explainers.decision.words import say_points

    total = desk.decision.total_points
    return Found(total, f"{say_points(desk.decision, total)} {_unit(desk.decision)}", ONE)


def _unit(result: DecisionResult) -> str:
    return "points" if result.scale == "probability" else "units"


def _group(desk: Desk) -> Found | None:
    from explainers.decision.words import say_group

    return said(say_group(desk.decision), desk.decision.comparison.n)


def _group_rule(desk: Desk) -> Found | None:
    return said(desk.decision.comparison.rule, desk.decision.comparison.n)


def _group_hash(desk: Desk) -> Found | None:
    return said(desk.decision.comparison.content_hash, desk.decision.comparison.n)


def _first_bar(desk: Desk) -> Found | None:
    from explainers.decision.result import shown_rows

    against = shown_rows(desk.decision).against
    return said(against[0].label, ONE) if against else None


def _first_points(desk: Desk) -> Found | None:
    from explainers.decision.result import shown_rows
    from explainers.decision.words import say_points

    against = shown_rows(desk.decision).against
    if not against:
        return None
    size = against[0].points
    return Found(size, f"{say_points(desk.decision, size)} {_unit(desk.decision)}", ONE)


def _like_this(desk: Desk) -> Found | None:
    seen = desk.decision.experience
    return None if seen is None else Found(seen.outcomes / seen.n, of_100(seen.outcomes / seen.n), seen.n)


def _like_this_n(desk: Desk) -> Found | None:
    seen = desk.decision.experience
    return None if seen is None else counted(seen.n, seen.n)


# -- the principal reasons -------------------------------------------------------------------------


def _listed(statements: Iterable[str]) -> Found | None:
    """Return statements as one text; those of the decision and of the letter compare alike."""
    plain = [statement.rstrip(".") for statement in statements]
    return Found("; ".join(plain), "; ".join(f"“{one}”" for one in plain), ONE) if plain else None


def _reasons(desk: Desk) -> Found | None:
    return _listed(reason.statement for reason in desk.principal.own.reasons)


def _reasons_count(desk: Desk) -> Found:
    return counted(len(desk.principal.own.reasons), ONE)


def _reasons_share(desk: Desk) -> Found | None:
    share = desk.principal.own.explained
    return None if share is None else Found(share, percent(share), ONE)


def _smallest_share(desk: Desk) -> Found | None:
    shares = [reason.share for reason in desk.principal.own.reasons if reason.share is not None]
    return Found(min(shares), percent(min(shares)), ONE) if shares else None


def _drafts(desk: Desk) -> Found:
    return counted(sum(not reason.approved for reason in desk.principal.own.reasons), ONE)


# -- the letter ------------------------------------------------------------------------------------


def _letter_items(desk: Desk) -> list[str] | None:
    """Return the reasons of the creditor the application came through, as its letter lists them."""
    own = f"reasons: {desk.principal.own.creditor}"
    parts = [part for part in desk.notice.parts if part.key in ("reasons", own)]
    return [item.text for item in parts[0].items] if parts else None


def _letter_reasons(desk: Desk) -> Found | None:
    items = _letter_items(desk)
    return None if items is None else _listed(items)


def _letter_count(desk: Desk) -> Found | None:
    items = _letter_items(desk)
    return None if items is None else counted(len(items), ONE)


def _send_by(desk: Desk) -> Found | None:
    by = desk.notice.send_by
    return None if by is None else said(day(by), ONE)


def _about(name: str, label: str, source: str, read: Callable[[Desk], Found | None]) -> FactRule:
    return FactRule(name, label, source, read, APP)


RULES = (
    _about("app_number", "the application", DECISION, lambda d: said(d.decision.application_id, ONE)),
    _about("decision", "the decision", DECISION, lambda d: said(d.decision.decision, ONE)),
    _about("stage", "what decided", DECISION, lambda d: Found(d.decision.stage, STAGES[d.decision.stage], ONE)),
    _about("estimate", "the estimate", DECISION, _estimate),
    _about("estimate_exact", "the estimate with a decimal", DECISION, _exact),
    _about("cutoff", "the cut-off", DECISION, _cutoff),
    _about("side", "the side of the cut-off", DECISION, _side),
    _about("raw_apart", "the difference of the raw score computed again", DECISION, _raw_apart),
    _about("estimate_apart", "the difference of the estimate computed again", DECISION, _estimate_apart),
    _about("explained", "the share of the score that the parts explain", DECISION, _explained),
    _about("residual", "the part of the score that is left over", DECISION, _residual),
    _about("bars_apart", "the difference of the bars' sum", DECISION, _bars_apart),
    _about("typical_estimate", "the typical estimate of the comparison group", DECISION, _typical),
    _about("moved", "the difference of the two estimates", DECISION, _moved),
    _about("group_words", "the comparison group", DECISION, _group),
    _about("group_size", "the size of the comparison group", DECISION,
           lambda d: Found(d.decision.comparison.n, whole(d.decision.comparison.n), d.decision.comparison.n)),
    _about("group_rule", "the rule of the comparison group", DECISION, _group_rule),
    _about("group_hash", "the SHA-256 of the comparison group", DECISION, _group_hash),
    _about("first_bar", "the family that counts most against approval", DECISION, _first_bar),
    _about("first_points", "the points of that family", DECISION, _first_points),
    _about("like_this", "what happened to applications like this one", DECISION, _like_this),
    _about("like_this_n", "the number of applications like this one", DECISION, _like_this_n),
    _about("reasons", "the list of principal reasons", PRINCIPAL, _reasons),
    _about("reasons_count", "the number of principal reasons", PRINCIPAL, _reasons_count),
    _about("reasons_share", "the share that the reasons make up", PRINCIPAL, _reasons_share),
    _about("smallest_share", "the share of the smallest reason", PRINCIPAL, _smallest_share),
    _about("material", "the number of families that count enough", PRINCIPAL,
           lambda d: counted(d.principal.own.material, ONE)),
    _about("drafts", "the number of statements not approved yet", PRINCIPAL, _drafts),
    _about("letter_state", "the state of the letter", NOTICE, lambda d: said(d.notice.state, ONE)),
    _about("letter_reasons", "the list of reasons in the letter", NOTICE, _letter_reasons),
    _about("letter_count", "the number of reasons in the letter", NOTICE, _letter_count),
    _about("letter_missing", "the number of things the letter lacks", NOTICE,
           lambda d: counted(len(d.notice.problems), ONE)),
    _about("send_by", "the day the letter is due", NOTICE, _send_by),
)  # fmt: skip
"""Every fact about one application."""
