"""Letters by hand: a card, approved words, and decisions to write them from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from data.card_schema import Card
from data.files import ROOT
from data.reason_catalogue import Catalogue, read_catalogue
from explainers.notices.compute import write_notice
from explainers.notices.result import NoticeResult
from explainers.reasons.result import CreditorReasons, KeyFactors, PrincipalResult, StatedReason
from tests.snapshots_for_tests import small_card

DAY = date(2026, 10, 15)
HARBOR, PRAIRIE = "First Harbor Bank", "Prairie State Credit"
NOTICES: dict[str, Any] = {
    "creditors": {
        "partners": {
            HARBOR: {
                "name": "First Harbor Bank, N.A.",
                "address": ["12 Quay Street", "Portland, ME 04101"],
                "phone": "800-555-0111",
            },
            PRAIRIE: {
                "name": "Prairie State Credit, LLC",
                "address": ["900 Grain Avenue", "Springfield, IL 62701"],
                "agency": {
                    "name": "Federal Trade Commission, Equal Credit Opportunity",
                    "address": ["Washington, DC 20580"],
                },
            },
        }
    },
    "agency": {
        "name": "Office of the Comptroller of the Currency, Customer Assistance Group",
        "address": ["P.O. Box 53570", "Houston, TX 77052"],
    },
    "reporting_agencies": [
        {"name": "Made-up Credit Bureau", "address": ["P.O. Box 1", "Dover, DE 19901"], "phone": "800-555-0123"}
    ],
    "credit": {"en": "a personal loan", "es": "un préstamo personal"},
    "languages": ["en", "es"],
    "questions": {"phone": "800-555-0111", "email": "loans@harbor.example"},
}
"""Everything a letter can say; all of it made up but the federal agencies."""
SCORE = KeyFactors(
    "Made-up Scores",
    612,
    300,
    850,
    date(2026, 9, 1),
    ("Balances are high beside limits", "Too many accounts opened lately", "Too many inquiries"),
)


def card_with(notices: dict[str, Any] | None = NOTICES, **decision: Any) -> Card:
    """Return the small card with a block of notices."""
    plain = small_card()
    plain["decision"] |= decision
    return Card.model_validate(plain | ({} if notices is None else {"notices": notices}))


def without(*path: str) -> dict[str, Any]:
    """Return the block of notices without one entry."""

    def cut(block: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
        first, *rest = keys
        if not rest:
            return {key: value for key, value in block.items() if key != first}
        return block | {first: cut(block[first], tuple(rest))}

    return cut(NOTICES, path)


@cache
def approved() -> Catalogue:
    """Return the made-up lender's catalogue: every shipped statement, approved."""
    return read_catalogue(ROOT / "assets" / "demo" / "reasons.yaml")


def reason(code: str, **changes: Any) -> StatedReason:
    """Return a reason of the catalogue as the model's."""
    entry = approved().entries[code]
    plain = StatedReason(
        stage="model",
        statement=entry.statement,
        approved=True,
        code=code,
        explanation=entry.explanation,
        form_c1=entry.form_c1,
        hmda=entry.hmda,
        family=code.lower(),
        label=entry.statement,
        share=0.3,
        near_tie=False,
    )
    return replace(plain, **changes)


def creditor(name: str, *codes: str, **changes: Any) -> CreditorReasons:
    """Return a creditor that declined for reasons of the catalogue."""
    plain = CreditorReasons(
        creditor=name,
        own=name == HARBOR,
        decision="declined",
        stage="model",
        cutoff=0.18,
        group="just_approved",
        group_rule="at or just above the cut-off",
        reasons=tuple(reason(code) for code in codes),
        explained=0.9,
        material=len(codes),
        barriers=(),
    )
    return replace(plain, **changes)


def principal(
    *creditors: CreditorReasons, key_factors: KeyFactors | None = None, number: str = "A-1"
) -> PrincipalResult:
    """Return the decision of one or more creditors."""
    given = creditors or (creditor(HARBOR, "DE01", "PA01", "CA01"),)
    return PrincipalResult("snap", 1, 3000, number, date(2026, 9, 30), given, key_factors)


def letter(
    asked: PrincipalResult | None = None, card: Card | None = None, language: Any = "en", **more: Any
) -> NoticeResult:
    """Return a letter; by default one that has everything, from one creditor."""
    return write_notice(asked or principal(), card or card_with(), approved(), language, DAY, **more)


def joint() -> PrincipalResult:
    """Return a decision that two creditors declined, for different reasons."""
    return principal(creditor(HARBOR, "DE01", "PA01"), creditor(PRAIRIE, "CA01"))
