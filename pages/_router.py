"""The frame that every page runs in: navigation, as-of bar, one error boundary."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from data.access import Audience
from pages.shared import boundary, frame, readers, theme, viewing
from pages.shared.frame import PageSpec

PAGES = (
    PageSpec("overview.py", "What is this model, and how good is it?", "Overview", "overview"),
    PageSpec("decision.py", "Why was this application decided this way?", "Decision", "decision"),
    PageSpec("what_if.py", "What would change it?", "What-if", "what-if"),
    PageSpec("health.py", "Can we rely on this snapshot?", "Health", "health"),
    PageSpec("log.py", "What was shown to whom?", "Log", "log", frozenset({Audience.SPECIALIST})),
)
"""Every page, in the order of the navigation. The first one opens at the bare address."""


def main() -> None:
    """Draw the frame and, inside it, the page that the address names; before sign-in only the wall."""
    page = _open("top" if viewing.may_look() else "hidden")
    theme.apply()
    try:
        if not viewing.admit():
            return
        frame.wait_for_startup()
        frame.as_of_bar(readers.as_of, readers.choices(), readers.partners)
        page.run()
    except Exception as error:  # noqa: BLE001 - the one boundary: every failure of a page is shown in words here
        boundary.show(error)


def _open(position: Literal["top", "hidden"]) -> st.Page:
    """Register every page, so that a deep link is known also before sign-in, and return the one asked for."""
    page = st.navigation([_page(spec, default=spec is PAGES[0]) for spec in PAGES], position=position)
    question = next(spec.title for spec in PAGES if spec.nav == page.title)
    st.set_page_config(page_title=f"{question} · Candor", page_icon=frame.ASSETS / "logo-icon.svg", layout="wide")
    return page


def _page(spec: PageSpec, *, default: bool) -> st.Page:
    shown = viewing.audience() in spec.audiences
    visibility: Literal["visible", "hidden"] = "visible" if shown else "hidden"
    return st.Page(
        spec.file, title=spec.nav, url_path=spec.url, default=default, help=spec.title, visibility=visibility
    )


if __name__ == "__main__":
    main()
