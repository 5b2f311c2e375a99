"""The frame around every page: the page list's shape, the waiting page, and the as-of bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from data.access import Audience
from pages.shared import startup, viewing
from pages.shared.links import plain

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MODEL = "model"
SNAPSHOT = "snapshot"
LOCAL_NOTE = "Local mode: no sign-in, this machine only"


@dataclass(frozen=True)
class PageSpec:
    """One page of the navigation."""

    file: str
    """File beside the router."""
    title: str
    """The question the page answers; stands in the browser's tab."""
    nav: str
    """Short word in the navigation."""
    url: str
    """Last part of the page's address."""
    audiences: frozenset[Audience] = frozenset(Audience)
    """Who finds it in the navigation; what it shows is cut by the data layer, whoever opens it."""
    can_pin: bool = True
    """Whether what it shows is an answer that can be kept."""
    beside: bool = False
    """Whether its word stands beside the search box, with what people keep, and not among the questions on top."""


@dataclass(frozen=True)
class SnapshotChoice:
    """A snapshot that can be looked at."""

    model_id: str
    """Slug of the model; stands in the address."""
    model_label: str
    """Name and version of the model, for people."""
    snapshot_id: str
    """Id of the snapshot; stands in the address."""
    snapshot_label: str
    """What tells this snapshot from the model's others, for people."""


@dataclass(frozen=True)
class AsOf:
    """What a reader must know about the figures on every page."""

    model_label: str
    """Name and version of the model."""
    applications: int
    """How many applications the viewer can see."""
    as_of: str
    """Date of the latest application, as people write it."""
    checks: str
    """State of the self-checks in words: "self-checks passed"."""
    synthetic: bool
    """Whether the applications are made up."""
    audience: str
    """Who looks, in words: "Specialist view"."""


def as_of_bar(
    describe: Callable[[SnapshotChoice], AsOf],
    choices: tuple[SnapshotChoice, ...],
    partners: Callable[[SnapshotChoice], Sequence[str]],
) -> AsOf:
    """Draw the bar under the navigation and return what it says of the snapshot in force.

    The address names the model and the snapshot (`?model=…&snapshot=…`). It keeps them from page to page and
    over a reload, so that a link shows its reader the figures its sender saw.

    Parameters
    ----------
    describe : callable
        Gives what the bar says about a choice. Called once, after the switch is drawn: when a snapshot cannot
        be opened the reader can still choose another.
    choices : tuple of SnapshotChoice
        At least one. The first of each model is its newest; the first of all is shown to a visitor without a link.
    partners : callable
        Gives the partners of a choice, for rehearsals; asked in local mode only.
    """
    account = viewing.account_words()
    missing = _unknown_in_address(choices)
    _name_in_address(choices[0])
    with st.container(key="candor-asof", horizontal=True, vertical_alignment="center", gap="small"):
        words = st.empty()
        # An expander, not a popover: a closed popover unmounts its widgets, and Streamlit then drops their
        # values from the address when the reader goes to another page.
        with st.container(key="candor-switch", width="content"), st.expander("Switch model or snapshot"):
            choice = _switch(choices)
            if account is None:
                viewing.see_as(partners(choice))
        if account is not None:
            viewing.sign_out_button()
    current = describe(choice)
    words.html(_bar_text(current, account))
    if missing:
        st.html(
            '<p class="candor-warning" role="status">The snapshot this link names is not here. '
            f"You see {escape(choice.snapshot_label)} of {escape(choice.model_label)} instead.</p>"
        )
    return current


def wait_for_startup() -> None:
    """Show what is being built until there is a snapshot; then open the page that was asked for.

    Raises
    ------
    CandorError
        The build failed; says why.
    """
    state = startup.progress()
    if state.state == "failed" and state.error is not None:
        raise state.error
    if state.state == "building":
        _waiting()
        st.stop()


@st.fragment(run_every=0.5)
def _waiting() -> None:
    state = startup.progress()
    if state.state != "building":
        st.rerun()
    st.html('<h1 class="candor-finding">Candor is building its demonstration</h1>')
    st.html(
        '<p class="candor-context">Two models and a made-up lending book, once, on this machine. '
        "This page opens by itself when they are ready.</p>"
    )
    done = min(max(state.done, 0.0), 1.0)
    st.progress(done, text=f"{state.doing} · {done:.0%}")


def _switch(choices: tuple[SnapshotChoice, ...]) -> SnapshotChoice:
    """Draw the two choices, bound to the address, and return what they say."""
    newest = {c.model_id: c for c in reversed(choices)}
    models = {c.model_id: c.model_label for c in choices}
    model = st.radio(
        "Model",
        list(models),
        index=None,
        captions=[plain(label) for label in models.values()],
        key=MODEL,
        bind="query-params",
        on_change=_open_newest,
        args=({m: c.snapshot_id for m, c in newest.items()},),
    )
    model = model or choices[0].model_id
    snapshots = {c.snapshot_id: c for c in choices if c.model_id == model}
    snapshot = st.selectbox("Snapshot", list(snapshots), index=None, required=True, key=SNAPSHOT, bind="query-params")
    choice = snapshots.get(snapshot or "", newest[model])
    st.caption(plain(f"{choice.model_label}, {choice.snapshot_label}"))
    return choice


def _name_in_address(first: SnapshotChoice) -> None:
    """Let the address name what is shown from the first click on: a copied link must not follow newer snapshots.

    Streamlit writes a bound value to the address when it is set after its widget was drawn once. The bare address
    therefore stands for the newest snapshot until the reader does something.
    """
    for key, value in ((MODEL, first.model_id), (SNAPSHOT, first.snapshot_id)):
        if key not in st.query_params:
            st.session_state[key] = st.session_state.get(key) or value


def _open_newest(newest: dict[str, str]) -> None:
    """After another model was chosen, take its newest snapshot: the old one belongs to the other model."""
    st.session_state[SNAPSHOT] = newest.get(st.session_state[MODEL])


def _unknown_in_address(choices: tuple[SnapshotChoice, ...]) -> bool:
    """Return whether the address names a model or snapshot that is not among the choices."""
    models, snapshots = {c.model_id for c in choices}, {c.snapshot_id for c in choices}
    return (st.query_params.get(MODEL) or choices[0].model_id) not in models or (
        st.query_params.get(SNAPSHOT) or choices[0].snapshot_id
    ) not in snapshots


def _bar_text(current: AsOf, account: str | None) -> str:
    parts = [
        f"<b>{escape(current.model_label)}</b>",
        f"{current.applications:,} applications as of {escape(current.as_of)}",
        escape(current.checks),
    ]
    if current.synthetic:
        parts.append("<b>synthetic data</b>")
    parts += [escape(current.audience), escape(account) if account is not None else LOCAL_NOTE]
    return f'<p class="candor-asof" data-testid="candor-asof">{" · ".join(parts)}</p>'
