"""The look of every page: reads the stylesheet of `assets/theme` and hands it to Streamlit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@cache
def _stylesheet() -> str:
    return (ASSETS / "theme" / "candor.css").read_text("utf-8")


def apply() -> None:
    """Draw the wordmark and style the page."""
    dark = st.context.theme.type == "dark"
    st.logo(ASSETS / ("logo-dark.svg" if dark else "logo.svg"), size="medium")
    style()


def style() -> None:
    """Put the house's stylesheet on the page."""
    st.html(f"<style>{_stylesheet()}</style>")
