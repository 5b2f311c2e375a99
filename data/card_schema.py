"""The shape of a model card (`card.yaml`): every field, its type and its allowed values.

This module knows nothing of files, models or tables. `data.cards` reads a card and reports all its
problems with their lines; `data.card_match` compares a card with its model and its table.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from data.alternatives_schema import AlternativesBlock
from data.card_types import Column as Column
from data.card_types import Slug as Slug
from data.card_types import SqlText as SqlText
from data.card_types import Strict as Strict
from data.card_types import Text as Text
from data.notice_schema import NoticesBlock


class Unit(StrEnum):
    """How a signal's values are written for people (see `explainers.style`)."""

    DOLLARS = "dollars"
    THOUSAND_DOLLARS = "thousand dollars"
    NT_DOLLARS = "NT dollars"
    PERCENT = "percent"
    """0 to 100."""
    SHARE = "share"
    """0 to 1, shown as percent."""
    RATIO = "ratio"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    COUNT = "count"
    POINTS = "points"
    YES_NO = "yes or no"
    CATEGORY = "category"
    NONE = "none"


class ModelBlock(Strict):
    """What the model is, in words."""

    id: Slug
    name: Text
    version: Text
    file: Text
    """LightGBM text file, relative to the card."""
    purpose: Text
    product: Text
    owner: Text
    decided_by: Text
    """Who decides with it: "The partner bank's loan officers"."""
    outcome: Text
    """What is estimated: completes "a 23 % chance of …"."""
    outcome_past: Text
    """The same of people it happened to: completes "23 of 100 applications like this …"."""
    higher_score_is: Literal["riskier", "safer"]
    synthetic: bool = False
    limits: tuple[Text, ...] = ()
    """What the model does not do, one sentence each, shown on the Overview."""


class ApplicationsBlock(Strict):
    """Where the table of applications is and which columns mean what."""

    source: Text
    """CSV (also .csv.gz), Parquet or DuckDB file, relative to the card."""
    table: Text | None = None
    """Table or view of a DuckDB source."""
    sql: SqlText | None = None
    """One SELECT over a DuckDB source, in place of `table`."""
    id: Column
    partner: Column | None = None
    date: Column | None = None
    outcome: Column | None = None
    """1 the outcome happened, 0 it did not, empty not known (yet)."""
    decision: Column | None = None
    """The decision on record."""
    approved_values: tuple[str, ...] = ("approved",)
    declined_values: tuple[str, ...] = ("declined",)
    score: Column | None = None
    """The production score, re-computed and compared when given."""
    score_scale: Literal["estimate", "raw"] = "estimate"
    held_out: Column | None = None
    """1 where the model was not trained on this application; ranking and reliability are measured there."""


RULE = re.compile(r"^\s*(?P<column>[^<>=!]+?)\s*(?P<op><=|>=|==|=|!=|<|>|is missing|is present)\s*(?P<value>.*?)\s*$")
"""The grammar of a policy rule: one column, one comparison, one constant. Never evaluated as code."""


class PolicyRule(Strict):
    """A knock-out rule that declines before the model is asked."""

    when: Text
    """"column < number", "column = text", "column is missing"."""
    reason: Text


class ReviewBlock(Strict):
    """Applications near the cut-off that a person decides (a grey band), whatever the estimate."""

    below: float = Field(ge=0)
    """How far below the cut-off the band begins, on the scale of the estimate."""
    above: float = Field(ge=0)
    """How far above the cut-off the band ends."""
    reasons: Annotated[tuple[Column, ...], Field(min_length=1, max_length=4)]
    """Columns with the reviewer's reasons: codes of the reason catalogue, empty where there is none."""


class DecisionBlock(Strict):
    """How an estimate becomes a decision. Passing includes the cut-off itself."""

    class Cutoffs(Strict):
        """Cut-offs on the scale of the estimate."""

        default: float
        partners: dict[str, float] = Field(default_factory=dict)

    cutoffs: Cutoffs
    policy_rules: tuple[PolicyRule, ...] = ()
    review: ReviewBlock | None = None
    considered_by: Literal["own partner", "every partner"] = "own partner"
    """Who decides on an application: the partner it came through, or every partner by its own cut-off (12 CFR
    1002.9(g): then no notice is needed where one accepts, and a joint one says whose reasons are whose)."""
    comparison_group: Literal["just_approved", "all_applicants"] = "just_approved"


class FamilyBlock(Strict):
    """A group of signals that mean one thing to a person; written by people, never clustered."""

    label: Text
    """Neutral noun phrase: "Debt compared with income"."""
    definition: Text | None = None


class Reason(Strict):
    """What is said to an applicant when this signal counts against them."""

    high: Text | None = None
    low: Text | None = None
    value: Text | None = None
    """For a category: said for any of its values."""
    missing: Text | None = None


class Actionable(Strict):
    """In which way an applicant could change this signal (what-if and recourse)."""

    direction: Literal["up", "down", "either"]
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = Field(default=None, gt=0)


class FeatureBlock(Strict):
    """One signal of the model."""

    label: Text
    definition: Text
    unit: Unit
    family: Slug
    direction: Literal["raises", "lowers", "either"]
    """Expected effect on the estimate as the value goes up; "either" for categories."""
    reason: Reason
    actionable: Actionable | None = None
    audience: Literal["partner", "specialist"] = "specialist"
    """partner: its label is approved to be shown to partners."""
    levels: dict[str, Text] = Field(default_factory=dict)
    """Words for the values of a category or code: {"RENT": "rents the home"}."""
    missing_means: Text = "not on file"
    """What an empty value means, in words."""


class Link(Strict):
    """Signals that move with another one: a card's balance with the share of its limit that is used.

    When a person changes the signal `when` by a factor, those in `same` change by that factor and those in
    `opposite` by one over it. Links are not followed further: only the signal a person changes moves others.
    """

    when: Column
    """The signal that a person changes; a number that may be changed (actionable)."""
    same: tuple[Column, ...] = ()
    """Signals multiplied by the same factor: total balances, when the use of limits changes."""
    opposite: tuple[Column, ...] = ()
    """Signals divided by it: debt compared with income, when income changes."""


class ReasonsBlock(Strict):
    """Which catalogue says what may be told to applicants."""

    catalogue: Text
    """A YAML file relative to the card; see `assets/reasons.yaml` for its shape."""


class ConsumerReportBlock(Strict):
    """A credit score from outside, and what its provider says of it (15 USC 1681g(f)): never made up here."""

    provider: Text
    """Who made the score."""
    score: Column
    score_low: float
    """Lowest possible score under the model used."""
    score_high: float
    created: Column | None = None
    """The day the score was made."""
    key_factors: Annotated[tuple[Column, ...], Field(min_length=1, max_length=5)]
    """Columns with the provider's key factors in its order, empty where there are fewer."""
    inquiries: tuple[Text, ...] = ()
    """The provider's words that mean inquiries: only with one of them is a fifth factor kept."""


class GroupAttribute(Strict):
    """A protected attribute or a proxy of one."""

    name: Column
    """The column; of a proxy with `probabilities`, a name of its own."""
    label: Text
    kind: Literal["observed", "proxy"]
    reference: Text
    """The value that others are compared with."""
    probabilities: dict[Text, Column] = Field(default_factory=dict)
    """Of a proxy: the column that holds the probability (0 to 1) of each value."""
    older: float | None = Field(default=None, gt=0)
    """Of an age in years or age bands: from here on a person counts as elderly (12 CFR 1002.2(o): 62)."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the table of groups that hold it."""
        return tuple(self.probabilities.values()) or (self.name,)


class GroupsBlock(Strict):
    """Protected attributes, kept apart from everything the model sees."""

    source: Text
    table: Text | None = None
    id: Column
    attributes: Annotated[tuple[GroupAttribute, ...], Field(min_length=1)]


class Card(Strict):
    """A whole model card."""

    card_version: Literal[1]
    model: ModelBlock
    applications: ApplicationsBlock
    decision: DecisionBlock
    families: Annotated[dict[Slug, FamilyBlock], Field(min_length=1)]
    features: Annotated[dict[Column, FeatureBlock], Field(min_length=1)]
    links: tuple[Link, ...] = ()
    """Signals that move together in what-if questions; at most one entry per signal changed."""
    reasons: ReasonsBlock | None = None
    """None: the shipped catalogue, in which every statement is a draft."""
    consumer_report: ConsumerReportBlock | None = None
    notices: NoticesBlock | None = None
    """What letters to declined applicants say beside the reasons; None: none can be made."""
    groups: GroupsBlock | None = None
    alternatives: AlternativesBlock | None = None
    prohibited: tuple[Column, ...] = ()
    """Columns that must never be among the model's inputs, beyond the built-in list."""

    def cutoff_for(self, partner: str | None) -> float:
        """Return the cut-off on the estimate's scale that applies to a partner."""
        if partner is None:
            return self.decision.cutoffs.default
        return self.decision.cutoffs.partners.get(partner, self.decision.cutoffs.default)
