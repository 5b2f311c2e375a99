"""The block `notices:` of a model card: what a letter must say beside the reasons.

Everything in it may be left out, so that a card can be written step by step. What a letter needs and the card does not
say stops that letter, with a list of all that is missing (`explainers.notices`): never a blank in its place.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from data.card_types import Strict, Text

Language = Literal["en", "es"]
"""English and Spanish."""
Lines = Annotated[tuple[Text, ...], Field(min_length=1, max_length=6)]
"""An address, line by line."""


class PlaceBlock(Strict):
    """A name and where to write to: a federal agency."""

    name: Text
    address: Lines


class CreditorBlock(Strict):
    """A creditor as its letters name it (12 CFR 1002.9(a)(2))."""

    name: Text
    address: Lines
    phone: Text | None = None
    agency: PlaceBlock | None = None
    """The agency that administers compliance for this creditor, where it is not the block's own (appendix A)."""


class CreditorsBlock(Strict):
    """Who the creditors are."""

    default: CreditorBlock | None = None
    """For partners that are not named; never in a letter that several creditors share."""
    partners: dict[str, CreditorBlock] = Field(default_factory=dict)
    """By the partner's name in the table."""


class ReportingAgencyBlock(Strict):
    """A consumer reporting agency whose report was used (15 USC 1681m(a)(3)(A))."""

    name: Text
    address: Lines
    phone: Text
    """Toll-free where it keeps files on consumers across the country."""


class QuestionsBlock(Strict):
    """Where an applicant can ask."""

    phone: Text | None = None
    email: Text | None = None


class NoticesBlock(Strict):
    """What letters say beside the reasons."""

    creditors: CreditorsBlock = CreditorsBlock()
    agency: PlaceBlock | None = None
    """The federal agency that administers compliance with the Equal Credit Opportunity Act (appendix A)."""
    reporting_agencies: tuple[ReportingAgencyBlock, ...] = ()
    """Named here: their reports were used in every decision, and letters say so."""
    credit: dict[Language, Text] = Field(default_factory=dict)
    """What was asked for, by language: completes "your application for …"; "credit" where it is left out."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    """In which languages letters can be had; English always."""
    questions: QuestionsBlock = QuestionsBlock()
    age_may_be_considered: bool = False
    """Adds that the Act lets certain scoring systems consider age (12 CFR 1002.9(b)(1), comment 1)."""
