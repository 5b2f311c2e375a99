"""Wording of reasons and its approval, in words."""

from __future__ import annotations

from explainers.markup import render
from explainers.pins.words import say_moment
from explainers.reasons.wording import Wording, WordingResult
from explainers.style import whole

HOW = (
    "People outside read a statement once a second person has approved its exact words. Until then they see the"
    " family’s name, and a letter that needs it stops."
)
PROPOSED = "Proposed. A second person has to approve it."


def say_wording(result: WordingResult) -> str:
    """Return the title: how many statements wait."""
    return f"Wording that is not approved yet ({whole(result.n)} of {whole(result.n_total)})"


def say_approved(result: WordingResult) -> str:
    """Return the title over the wording that was approved here."""
    return f"Wording approved here ({whole(len(result.approved))})"


def say_unlisted(result: WordingResult) -> str | None:
    """Say which statements cannot be approved; None where all can."""
    if not result.unlisted:
        return None
    named = ", ".join(f"“{statement}”" for statement in result.unlisted)
    return (
        f"Not in the reason catalogue: {named}. Such a statement has no form and no denial code, so it cannot be"
        " approved here. Add an entry and build the snapshot again."
    )


def say_choice(one: Wording) -> str:
    """Return a wording in a list to choose from."""
    proposed = one.approval is not None and one.approval.state == "draft"
    return f"{one.entry.statement} (proposed)" if proposed else one.entry.statement


def say_record(one: Wording) -> str:
    """Say who proposed and approved a wording, and when."""
    approval = one.approval
    if approval is None:
        return "Nobody has proposed these words yet."
    said = f"Proposed by {approval.drafted_by} on {say_moment(approval.drafted_at)}."
    if approval.approved_at is None:
        return f"{said} It waits for a second person."
    return f"{said} Approved by {approval.approved_by} on {say_moment(approval.approved_at)}."


def table_wording(one: Wording) -> str:
    """Draw all that is approved with a wording, and the forms it belongs to."""
    entry, none = one.entry, ("none: letters in Spanish stop", "en")
    spanish, explained = ((text, "es") if text else none for text in (entry.statement_es, entry.explanation_es))
    parts = (
        ("Statement", entry.statement, "en"),
        ("Explanation", entry.explanation, "en"),
        ("Spanish", *spanish),
        ("Explanation in Spanish", *explained),
        ("Form C-1", entry.form_c1, "en"),
        ("Denial code", f"{entry.hmda}, {one.denial}", "en"),
        ("Catalogue code", one.code, "en"),
    )
    return render("reason_wording.html", parts=parts)
