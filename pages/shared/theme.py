"""The look of every page: reads the stylesheets of `assets/theme` and hands them to Streamlit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SHEETS = ("candor.css", "fragments.css")


@cache
def _stylesheet() -> str:
    return "".join((ASSETS / "theme" / name).read_text("utf-8") for name in SHEETS)


def apply() -> None:
    """Draw the wordmark and style the page."""
    dark = st.context.theme.type == "dark"
    st.logo(ASSETS / ("logo-dark.svg" if dark else "logo.svg"), size="medium")
    style()


def style() -> None:
    """Put the house's stylesheets on the page."""
    st.html(f"<style>{_stylesheet()}</style>")
