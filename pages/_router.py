"""The frame that every page runs in: navigation, as-of bar, one error boundary."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from data.access import Audience
from pages.shared import ask_box, boundary, frame, pin_button, readers, startup, theme, viewing
from pages.shared.frame import PageSpec

OURS = frozenset({Audience.SPECIALIST})
PAGES = (
    PageSpec("overview.py", "What is this model, and how good is it?", "Overview", "overview"),
    PageSpec("decision.py", "Why was this application decided this way?", "Decision", "decision"),
    PageSpec("reasons.py", "What do we tell applicants?", "Reasons", "reasons"),
    PageSpec("notice.py", "What would the applicant be told?", "Notice", "notice"),
    PageSpec("evidence.py", "Can we rely on these reasons?", "Evidence", "evidence"),
    PageSpec("drivers.py", "What drives its decisions?", "Drivers", "drivers"),
    PageSpec("one_signal.py", "How does one signal matter?", "Signal", "signal"),
    PageSpec("interactions.py", "Which signals work together?", "Interactions", "interactions"),
    PageSpec("what_if.py", "What would change it?", "What-if", "what-if"),
    PageSpec("fairness.py", "Are groups treated differently?", "Fairness", "fairness"),
    PageSpec("cohorts.py", "Which applications do we mean?", "Cohorts", "cohorts"),
    PageSpec("compare.py", "What is different?", "Compare", "compare"),
    PageSpec("alternatives.py", "Does another model differ less?", "Alternatives", "alternatives", OURS, can_pin=False),
    PageSpec("health.py", "Can we rely on this snapshot?", "Health", "health"),
    PageSpec("sessions.py", "What was asked, and what was answered?", "Sessions", "sessions", can_pin=False),
    PageSpec("log.py", "What was shown to whom?", "Log", "log", frozenset({Audience.SPECIALIST}), can_pin=False),
    PageSpec("pins.py", "What was kept?", "Pins", "pins", frozenset(), can_pin=False),
    PageSpec("presenter.py", "What do I want to say?", "Presenter", "presenter", frozenset(), can_pin=False),
)
"""Every page, in the order of the navigation. The first one opens at the bare address."""


def main() -> None:
    """Draw the frame and, inside it, the page that the address names; before sign-in only the wall."""
    with viewing.one_run():
        _draw()


def _draw() -> None:
    page, spec = _open(viewing.audience())
    theme.apply()
    try:
        if not viewing.admit():
            return
        frame.wait_for_startup()
        choices = readers.choices()
        as_of = frame.as_of_bar(readers.as_of, choices, readers.partners)
        ask_box.draw(PAGES, spec)
        with pin_button.around(spec, as_of, choices):
            page.run()
        startup.page_was_shown()
    except Exception as error:  # noqa: BLE001 - the one boundary: every failure of a page is shown in words here
        boundary.show(error)


def _open(audience: Audience | None) -> tuple[st.Page, PageSpec]:
    """Register every page, so that a deep link is known also before sign-in, and return the one asked for."""
    pages = [_page(spec, audience, default=spec is PAGES[0]) for spec in PAGES]
    page = st.navigation(pages, position="hidden" if audience is None else "top")
    spec = next(spec for spec in PAGES if spec.nav == page.title)
    st.set_page_config(page_title=f"{spec.title} · Candor", page_icon=frame.ASSETS / "logo-icon.svg", layout="wide")
    return page, spec


def _page(spec: PageSpec, audience: Audience | None, *, default: bool) -> st.Page:
    visibility: Literal["visible", "hidden"] = "visible" if audience in spec.audiences else "hidden"
    return st.Page(
        spec.file, title=spec.nav, url_path=spec.url, default=default, help=spec.title, visibility=visibility
    )


if __name__ == "__main__":
    main()
