"""The answers of the Fairness page: asked for by right at every run, cached by snapshot, scope and question, logged."""

from __future__ import annotations

import streamlit as st

from data.cohorts import Cohort, read_cohort
from data.errors import NotFoundForViewer
from data.reader import Reader
from data.workspace import open_workspace
from data.workspace.shared_groups import end_sharing, list_shares, share_groups
from explainers.fairness import change, compute, detail, regimes
from explainers.fairness.result import ChangeResult, DetailResult, FairnessResult, Settings
from pages.shared import answers, readers, widgets

LIMITS = {"ratio": (0.50, 0.99, 0.05), "points": (0.0, 20.0, 0.5), "chance": (0.001, 0.2, 0.01)}
"""Smallest, largest and step of each screening value, as they are typed."""


def names(reader: Reader) -> dict[str, tuple[str, str]]:
    """Return the attributes to choose from: key to label and kind.

    Raises
    ------
    NotFoundForViewer
        Groups are not shown to this viewer, or there are none.
    """
    reader.protected_groups()
    return _names(reader.snapshot_id, reader.viewer.scope, reader)


def choose_attribute(known: dict[str, tuple[str, str]], first: str) -> tuple[str, tuple[str, str] | None]:
    """Draw the choice of an attribute, and of a second one to take with it; both stand in the address.

    Parameters
    ----------
    known : dict
        From `names`.
    first : str
        The one that is open while none is chosen.
    """
    left, right = st.columns(2)
    asked = left.selectbox(
        "Attribute", list(known), index=list(known).index(first), format_func=lambda key: known[key][0],
        key="attribute", bind="query-params",
    )  # fmt: skip
    others = [key for key in known if key != asked and known[key][1] == known[asked][1] == "observed"]
    second = right.selectbox(
        "Taken together with", others, index=None, placeholder="none", format_func=lambda key: known[key][0],
        key="with", bind="query-params",
    )  # fmt: skip
    return asked, None if second is None else (asked, second)


def first_attribute(reader: Reader, cohort: Cohort) -> str:
    """Return the attribute that the headline speaks of, so that the picture under it is of the same; else the first.

    Raises
    ------
    CohortProblems, NotFoundForViewer
        As `fairness`.
    """
    reader.protected_groups()
    return _fairness(reader.snapshot_id, reader.viewer.scope, cohort.text, Settings(), None, reader).headline


def fairness(reader: Reader, cohort: Cohort, settings: Settings, pair: tuple[str, str] | None) -> FairnessResult:
    """Return every attribute over a cohort.

    Raises
    ------
    CohortProblems
        The viewer cannot choose these applications.
    NotFoundForViewer
        Groups are not shown to this viewer, or not over these applications.
    """
    reader.protected_groups()  # a share may have ended since the answer was kept
    result = _fairness(reader.snapshot_id, reader.viewer.scope, cohort.text, settings, pair, reader)
    values = f"{settings.ratio_below:g} {settings.least_points:g} {settings.chance:g} {settings.proxy_threshold:g}"
    shown = {"cohort": cohort.text[: answers.LONGEST_INPUT] or "all", "values": values, "pair": ",".join(pair or ())}
    answers.log(reader, "fairness", {key: value or "none" for key, value in shown.items()}, result.n)
    return result


def closely(reader: Reader, name: str, cohort: Cohort, settings: Settings) -> DetailResult:
    """Return one attribute closely: by month, against what happened, at other cut-offs."""
    reader.protected_groups()
    return _detail(reader.snapshot_id, reader.viewer.scope, name, cohort.text, settings, reader)


def since(reader: Reader, name: str) -> ChangeResult | None:
    """Return how an attribute's ratios compare with the snapshot before; None where there is none with groups."""
    there = readers.earlier(reader)
    if there is None:
        return None
    try:
        return _change(reader.snapshot_id, reader.viewer.scope, there.snapshot_id, name, reader, there)
    except NotFoundForViewer:  # the snapshot before has no groups, or not this attribute
        return None


@st.cache_data(max_entries=64, show_spinner=False)
def _names(snapshot_id: str, scope: str, _reader: Reader) -> dict[str, tuple[str, str]]:
    return compute.list_attributes(_reader)


@st.cache_data(max_entries=64, show_spinner="Counting groups")
def _fairness(
    snapshot_id: str, scope: str, text: str, settings: Settings, pair: tuple[str, str] | None, _reader: Reader
) -> FairnessResult:
    return compute.compute_fairness(_reader, read_cohort(text), settings, pair)


@st.cache_data(max_entries=64, show_spinner="Looking closely")
def _detail(snapshot_id: str, scope: str, name: str, text: str, settings: Settings, _reader: Reader) -> DetailResult:
    return detail.compute_detail(_reader, name, read_cohort(text), settings)


@st.cache_data(max_entries=64, show_spinner="Comparing with the snapshot before")
def _change(
    snapshot_id: str, scope: str, earlier_id: str, name: str, _reader: Reader, _earlier: Reader
) -> ChangeResult:
    return change.compute_change(_reader, _earlier, name)


def choose_settings() -> Settings:
    """Draw the screening values and return them; they stand in the address."""
    plain = Settings()
    with st.expander("Screening values"):
        ratio = _number("Ratio below", "ratio", plain.ratio_below, "%.2f")
        points = _number("At least so many points apart", "points", plain.least_points * 100, "%.1f")
        chance = _number("Chance findings put up with", "chance", plain.chance, "%.3f")
        threshold = st.slider(
            "A proxy counts a person from", 0.5, 0.95, plain.proxy_threshold, 0.05, key="threshold", bind="query-params"
        )
    return Settings(ratio, points / 100, chance, threshold)


def _number(label: str, key: str, value: float, form: str) -> float:
    low, high, step = LIMITS[key]
    typed = st.number_input(label, low, high, value, step, form, key=key, bind="query-params")
    return value if typed is None else float(typed)


def draw_law() -> None:
    """Draw the note on one body of law; which one stands in the address."""
    law = regimes.read_regimes()
    name = {key: regime.name for key, regime in law.items()}
    chosen = st.selectbox("Body of law", list(law), format_func=name.get, key="law", bind="query-params")
    widgets.note(regimes.say_regime(law[chosen]))


def draw_sharing(reader: Reader) -> None:
    """Draw, for specialists, which partners see these figures, and let them share or end it; both are logged."""
    if reader.viewer.policy.groups != "on":
        return
    workspace, model = open_workspace(), reader.manifest.model_id
    with st.expander("Share with a partner"):
        shares = [s for s in list_shares(workspace, reader.viewer, model) if s.in_force]
        for share in shares:
            widgets.note(
                f"{share.partner} sees figures over its own applications, since {share.shared_at[:10]}: {share.reason}"
            )
            if st.button(f"End sharing with {share.partner}", key=f"end-{share.partner}"):
                end_sharing(workspace, reader.viewer, model, share.partner)
                answers.log_act(reader, "groups no longer shared", {"partner": share.partner}, 0)
                st.rerun()
        open_to = [str(p) for p in reader.cutoffs()["partner"].dropna() if p not in {s.partner for s in shares}]
        if not open_to:
            return
        widgets.note(
            "The partner will see figures over its own applications, with small groups left out. Figures that were "
            "shown to "
            "others may lose the protection of a self-test (12 CFR 1002.15): ask counsel first."
        )
        partner = st.selectbox("Partner", open_to, key="share-partner")
        reason = st.text_input("Why", key="share-reason", max_chars=300)
        if st.button("Share", disabled=not reason.strip()):
            share_groups(workspace, reader.viewer, model, partner, reason)
            answers.log_act(reader, "groups shared", {"partner": partner, "reason": reason.strip()[:200]}, 0)
            st.rerun()
