"""The frame that every page runs in: navigation, as-of bar, one error boundary."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data.access import Audience
from pages.shared import ask_box, boundary, frame, memory, navigation, pin_button, readers, startup, theme, viewing
from pages.shared.frame import PageSpec

OURS = frozenset({Audience.SPECIALIST})
KEPT = partial(PageSpec, can_pin=False, beside=True)
"""A page of what people keep: it shows no answer to pin, and its word stands beside the search box."""
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
    KEPT("walkthroughs.py", "What shall we go through?", "Walkthroughs", "walkthroughs"),
    KEPT("sessions.py", "What was asked, and what was answered?", "Sessions", "sessions"),
    KEPT("pins.py", "What was kept?", "Pins", "pins"),
    KEPT("packs.py", "What do we hand over?", "Packs", "packs"),
    KEPT("log.py", "What was shown to whom?", "Log", "log", OURS),
    PageSpec("presenter.py", "What do I want to say?", "Presenter", "presenter", frozenset(), can_pin=False),
)
"""Every page, in the order of the navigation. The first one opens at the bare address."""


def main() -> None:
    """Draw the frame and, inside it, the page that the address names; before sign-in only the wall."""
    with viewing.one_run(), memory.at_work():
        _draw()


def _draw() -> None:
    page, spec = navigation.open_page(PAGES, viewing.audience())
    theme.apply()
    try:
        if not viewing.admit():
            return
        frame.wait_for_startup()
        choices = readers.choices()
        as_of = frame.as_of_bar(readers.as_of, choices, readers.partners)
        with st.container(key="candor-tools", horizontal=True, vertical_alignment="top"):
            ask_box.draw(PAGES, spec)
            navigation.draw_kept(PAGES, spec, readers.viewer().audience)
        with pin_button.around(spec, as_of, choices):
            _walkthrough(spec)
            page.run()
        startup.page_was_shown()
    except Exception as error:  # noqa: BLE001 - the one boundary: every failure of a page is shown in words here
        boundary.show(error)


def _walkthrough(spec: PageSpec) -> None:
    """Draw the step of a walkthrough over the page; without one its modules are not imported."""
    if "walk" in st.query_params:
        from pages.shared import walk_panel

        walk_panel.draw(spec)


if __name__ == "__main__":
    main()
