"""What a person meets when something fails: what failed, what was found, what to do. Never a traceback."""

from __future__ import annotations

import logging
import secrets
import traceback
from contextlib import suppress
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.errors import FragmentHandledException, StreamlitInvalidLayoutContextError

from data.errors import CandorError, InputProblems
from pages.shared import theme

LOG = logging.getLogger("candor")
ROOT = Path(__file__).resolve().parents[2]


def show(error: Exception) -> None:
    """Show a failure in words: our own with its remedy, any other with a reference for the log.

    Parameters
    ----------
    error : Exception
        A `CandorError` is written for people and shown as it is. Anything else is a defect: its text may hold
        an applicant's values, so neither the screen nor the log repeats it.
    """
    if isinstance(error, FragmentHandledException):
        return  # the part that failed has shown its own panel through `show_uncaught`
    if isinstance(error, CandorError):
        panel(error.title, escape(error.message), error.remedy, problems=_problems(error))
        return
    panel(
        "This page could not be shown",
        "Something in Candor did not work as it should. Nothing was changed.",
        f"Try again. If it happens again, give the reference {refer(error)} to the person who runs Candor: "
        "it stands in the server's log.",
    )


def refer(error: Exception) -> str:
    """Write a defect to the server's log by its type and place, and return the reference that finds it there."""
    reference = secrets.token_hex(4)
    LOG.error("reference %s: %s", reference, _places(error))
    return reference


def log_no_texts() -> None:
    """Keep the texts of uncaught exceptions out of Streamlit's log: they may hold an applicant's values.

    `show` logs the same failures by their type and place instead.
    """
    for name in ("streamlit.error_util", "streamlit.runtime.fragment"):
        logging.getLogger(name).addFilter(lambda record: record.exc_info is None)


def show_uncaught(error: Exception) -> bool:
    """Show a failure of a callback or a fragment, which Streamlit runs outside the frame.

    Returns
    -------
    bool
        True: Streamlit shows nothing of its own.
    """
    # after a failed callback the script does not run, so the frame has not styled the page; a part that runs beside
    # the page stands on one that is styled, and may not write outside its own place
    with suppress(StreamlitInvalidLayoutContextError):
        theme.style()
    show(error)
    return True


def panel(title: str, message: str, remedy: str, problems: str = "") -> None:
    """Draw a titled panel; `message` and `problems` are HTML, the rest is text."""
    st.html(
        f'<section class="candor-panel" role="alert"><h1>{escape(title)}</h1>'
        f"{problems or f'<p>{message}</p>'}<p>{escape(remedy)}</p></section>"
    )


def wall(title: str, message: str, outcome: str | None) -> None:
    """Draw what stands before sign-in: why nothing is shown, and how the last attempt ended."""
    told = f'<p class="candor-warning" role="alert">{escape(outcome)}</p>' if outcome else ""
    st.html(
        f'<section class="candor-wall"><h1 class="candor-finding">{escape(title)}</h1>'
        f'<p class="candor-context">{escape(message)} After signing in you are back at the page you asked for.</p>'
        f"{told}</section>"
    )


def _problems(error: CandorError) -> str:
    """Return the problems of an input as a list; empty for an error without them."""
    if not isinstance(error, InputProblems):
        return ""
    return "<ol>" + "".join(f"<li>{escape(str(problem))}</li>" for problem in error.problems) + "</ol>"


def _places(error: Exception) -> str:
    """Return the type of an error and where it passed, without its text and without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(ROOT) and ".venv" not in f.filename] or frames[-1:]
    path = " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in ours)
    return f"{type(error).__module__}.{type(error).__qualname__} at {path or 'an unknown place'}"
