"""The desk: results of the pages' own functions, each computed once for a viewer and the inputs of a walkthrough.

Facts are read from these results and from nothing else, so that a claim says what the page says. What explains is
imported when it is first asked for: the panel of a walkthrough must not make the first page wait for the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from data.cohorts import EVERYONE
from data.errors import NotFoundForViewer
from data.reader import Reader
from explainers.assurance.health import HealthResult, compute_health
from explainers.overview.compute import OverviewResult, compute_overview

if TYPE_CHECKING:
    from explainers.decision.compute import FittedGroup, OnFile
    from explainers.decision.result import DecisionResult
    from explainers.drivers.result import AbsenceResult, DriversResult
    from explainers.evidence.result import EvidenceResult
    from explainers.fairness.result import AttributeResult, DetailResult, FairnessResult, Line
    from explainers.fairness_drivers.result import GapResult, ProxyResult
    from explainers.notices.result import NoticeResult
    from explainers.reasons.result import PrincipalResult

Read = Callable[[str], "OnFile"]
"""Gives an application by its number, read for explaining."""
Fit = Callable[[str, int], "FittedGroup"]
"""Gives a comparison group by name and key, ready to explain with."""


class Desk:
    """Everything a walkthrough's facts are read from, for one viewer, snapshot and set of inputs.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    inputs : mapping
        From `explainers.walkthroughs.compute.compute_inputs`: "app", "attribute", "group", as far as they are chosen.
    read, fit : callable, optional
        What the app keeps of applications and comparison groups; without them the desk makes them ready itself.
    """

    def __init__(
        self, reader: Reader, inputs: Mapping[str, str], read: Read | None = None, fit: Fit | None = None
    ) -> None:
        self.reader = reader
        self.inputs: dict[str, str] = dict(inputs)
        self._read, self._fit = read, fit

    def for_inputs(self, inputs: Mapping[str, str]) -> Desk:
        """Return a desk for other inputs that explains with the same engine and groups."""
        return Desk(self.reader, inputs, *self._tools)

    def chosen(self, name: str) -> str:
        """Return an input of the walkthrough.

        Raises
        ------
        NotFoundForViewer
            Nothing was chosen, because there is nothing to choose from.
        """
        if not self.inputs.get(name):
            told = {"app": "no application that fits", "group": "no group that fits"}.get(name, f"no {name} that fits")
            raise NotFoundForViewer(f"There is {told}", "The snapshot holds none that you can see.", "")
        return self.inputs[name]

    @cached_property
    def n_total(self) -> int:
        """Return how many applications the viewer may see."""
        return int(self.reader.totals()["n"])

    @cached_property
    def overview(self) -> OverviewResult:
        """Return what the Overview shows."""
        return compute_overview(self.reader)

    @cached_property
    def health(self) -> HealthResult:
        """Return what Health shows."""
        return compute_health(self.reader)

    @cached_property
    def drivers(self) -> DriversResult:
        """Return what Drivers shows of families, over every application."""
        from explainers.drivers.compute import compute_drivers, sum_families

        return compute_drivers(self.reader, EVERYONE, sum_families(self.reader, EVERYONE))

    @cached_property
    def absence(self) -> AbsenceResult:
        """Return what Drivers shows of what the model does not use."""
        from explainers.drivers.absence import compute_absence

        return compute_absence(self.reader)

    @cached_property
    def evidence(self) -> EvidenceResult:
        """Return what Evidence shows."""
        from explainers.evidence.compute import compute_evidence

        return compute_evidence(self.reader)

    @cached_property
    def _tools(self) -> tuple[Read, Fit]:
        """Return what reads applications and fits groups: the app's, or the desk's own."""
        if self._read is not None and self._fit is not None:
            return self._read, self._fit
        from explainers.walkthroughs.tools import Tools

        own = Tools(self.reader)
        return own.read, own.fit

    @cached_property
    def on_file(self) -> OnFile:
        """Return the application, read for explaining; only functions of the pages look into it."""
        read, _ = self._tools
        return read(self.chosen("app"))

    @cached_property
    def decision(self) -> DecisionResult:
        """Return what Decision shows, against the card's own comparison group."""
        from explainers.decision.compute import decide_on_file, group_for

        _, fit = self._tools
        return decide_on_file(self.reader, self.on_file, fit(*group_for(self.reader, self.chosen("app"), None)))

    @cached_property
    def principal(self) -> PrincipalResult:
        """Return the principal reasons that Decision shows."""
        from explainers.reasons.principal import compute_principal

        _, fit = self._tools
        return compute_principal(self.reader, self.on_file, fit)

    @cached_property
    def notice(self) -> NoticeResult:
        """Return the letter that Notice shows, in English."""
        from explainers.notices.compute import compute_notice

        _, fit = self._tools
        return compute_notice(self.reader, self.on_file, fit)

    @property
    def fairness(self) -> FairnessResult:
        """Return what Fairness shows, with Candor's own screening values.

        Raises
        ------
        NotFoundForViewer
            Groups are not shown to this viewer, or not any more: a share can end between two steps.
        """
        self.reader.protected_groups()
        return self._fairness

    @cached_property
    def _fairness(self) -> FairnessResult:
        from explainers.fairness.compute import compute_fairness

        return compute_fairness(self.reader)

    @property
    def attribute(self) -> AttributeResult:
        """Return the attribute that was chosen.

        Raises
        ------
        NotFoundForViewer
            Groups are not shown to this viewer, there are none, or there is no such attribute.
        """
        found, asked = self.fairness, self.chosen("attribute")  # why groups are not shown comes first
        for one in found.attributes:
            if asked in (one.label, one.name):
                return one
        raise NotFoundForViewer("There is no such attribute", "The card names no attribute like this.", "Choose one.")

    @property
    def line(self) -> Line:
        """Return the group that was chosen, beside its reference.

        Raises
        ------
        NotFoundForViewer
            There is no such group for this viewer, or too few applications to judge it.
        """
        attribute = self.attribute
        asked = self.chosen("group")
        line = next((one for one in attribute.lines if one.value == asked and not one.is_reference), None)
        if line is None:
            raise NotFoundForViewer(
                "There is no such group", "This attribute has no group of that name.", "Choose one."
            )
        if not line.enough:
            told = "A group is judged only where approvals and denials are many enough."
            raise NotFoundForViewer("There are too few applications of this group to judge", told, "")
        return line

    @property
    def detail(self) -> DetailResult:
        """Return what Fairness shows of the attribute closely."""
        self.reader.protected_groups()
        return self._detail

    @cached_property
    def _detail(self) -> DetailResult:
        from explainers.fairness.detail import compute_detail

        return compute_detail(self.reader, self.attribute.name)

    @property
    def gap(self) -> GapResult:
        """Return what Fairness shows of the gap between the group and its reference.

        Raises
        ------
        NotFoundForViewer
            There are too few applications of either.
        """
        self.reader.protected_groups()
        return self._gap

    @cached_property
    def _gap(self) -> GapResult:
        from explainers.fairness_drivers.compute import compute_gap
        from explainers.fairness_drivers.words import say_too_few

        result = compute_gap(self.reader, self.attribute.name, self.chosen("group"), EVERYONE)
        if not result.pair.enough:
            raise NotFoundForViewer("There are too few applications to compare", f"{say_too_few(result.pair)}.", "")
        return result

    @property
    def proxies(self) -> ProxyResult:
        """Return what Fairness shows of signals that stand in for the group.

        Raises
        ------
        NotFoundForViewer
            There are too few applications, or the attribute is a proxy itself.
        """
        self.reader.protected_groups()
        return self._proxies

    @cached_property
    def _proxies(self) -> ProxyResult:
        from explainers.fairness_drivers.compute import compute_proxies

        result = compute_proxies(self.reader, self.attribute.name, EVERYONE, self.gap)
        if result is None:
            told = "Too few applications, or the attribute is a proxy itself."
            raise NotFoundForViewer("Stand-ins cannot be measured here", told, "")
        return result
