"""The search box of the frame: a question in plain words opens the page that answers it.

Asking looks up no application and spends no budget: what opens is a page like any other. The log keeps what kind of
question was asked, never its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from data.reader import Reader
from explainers.ask.compute import compute_ask
from explainers.ask.result import AskLink, AskResult, Vocabulary
from explainers.ask.vocabulary import compute_vocabulary
from explainers.ask.words import say_ask
from pages.shared import answers, lookup, readers
from pages.shared.frame import ASSETS, PageSpec

TEXT = "candor-ask-text"
"""Session key of what is typed."""
ASKED = "candor-ask"
"""Session key of the last answer, with the scope it was given in."""
OPEN = "candor-ask-open"
"""Session key of the link that is opened by the next run."""
KEPT = ("model", "snapshot", "as")
"""Query parameters that go along to every page."""
LIKELY = 0.03
"""Likeliness below which another page is not offered beside the first."""
LONGEST = 300
"""Letters of a question."""
COMPONENT, SLASH = "candor", "slash"
"""The name under which the browser finds the file that listens for the key."""


def draw(pages: Sequence[PageSpec], here: PageSpec) -> None:
    """Draw the box and, beside it, where the last question leads; a sure answer opens its page at once.

    Parameters
    ----------
    pages : sequence of PageSpec
        Every page of the navigation, the one at the bare address first.
    here : PageSpec
        The page being drawn.
    """
    reader = readers.current()
    chosen: AskLink | None = st.session_state.pop(OPEN, None)
    if chosen is not None:
        _open(chosen, pages)
    with st.container(key="candor-ask", horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Ask a question",
            key=TEXT,
            type="search",
            max_chars=LONGEST,
            placeholder="Ask: why was 10432 declined?  (press /)",
            label_visibility="collapsed",
            on_change=_ask,
            args=(reader, tuple(pages), here.url),
            width=420,
        )
        _slash()
        answer = st.session_state.get(ASKED)
        if answer is not None and answer[1:] == (here.url, reader.snapshot_id, reader.viewer.scope):
            st.html(_markup(answer[0], pages))


def _ask(reader: Reader, pages: tuple[PageSpec, ...], here: str) -> None:
    """Find the page for what was typed, log the kind of question, and keep the answer for the run that follows."""
    question = (st.session_state.get(TEXT) or "").strip()
    st.session_state[TEXT] = ""
    if not question:
        st.session_state.pop(ASKED, None)
        return
    known = _vocabulary(reader.snapshot_id, reader.viewer.scope, _urls(reader, pages), reader)
    result = compute_ask(question, known, str(st.query_params.get(lookup.NUMBER, "")) or None)
    answers.log(reader, "ask", {"intent": result.intent, "answer": result.state}, 0)
    if result.state == "sure":
        st.session_state[OPEN], here = result.links[0], result.links[0].page
    st.session_state[ASKED] = (result, here, reader.snapshot_id, reader.viewer.scope)


def _urls(reader: Reader, pages: Sequence[PageSpec]) -> tuple[str, ...]:
    """Return the addresses of the pages that the viewer can open; those for nobody's navigation are for everybody."""
    return tuple(page.url for page in pages if not page.audiences or reader.viewer.audience in page.audiences)


@st.cache_data(max_entries=64, show_spinner=False)
def _vocabulary(snapshot_id: str, scope: str, urls: tuple[str, ...], _reader: Reader) -> Vocabulary:
    return compute_vocabulary(_reader, urls)


def _open(link: AskLink, pages: Sequence[PageSpec]) -> None:
    """Open a page with its inputs: its boxes are filled as by hand, for the browser empties a box two pages share."""
    for key, value in link.query:
        st.session_state[key] = value
    page = next(page for page in pages if page.url == link.page)
    st.switch_page(page.file, query_params=dict(link.query))


def _markup(result: AskResult, pages: Sequence[PageSpec]) -> str:
    """Draw what was asked and where it may lead, every value escaped."""
    sure = result.state == "sure"
    offered = [link for link in result.links[sure:] if link.confidence >= LIKELY or not sure]
    links = "".join(f' <a href="{escape(_address(link, pages))}" target="_self">{escape(link.words)}</a>' for link in offered)
    other = f" Not this?{links}" if sure and links else links
    asked = f"“{escape(result.question)}”"
    return f'<p class="candor-ask" role="status" data-testid="candor-ask">{asked} {escape(say_ask(result))}{other}</p>'


def _address(link: AskLink, pages: Sequence[PageSpec]) -> str:
    """Return the address of a link, with the snapshot and the view of this page."""
    kept = {key: st.query_params[key] for key in KEPT if key in st.query_params}
    path = "." if link.page == pages[0].url else link.page
    return f"{path}?{urlencode({**kept, **dict(link.query)}, quote_via=quote)}"


def _slash() -> None:
    """Let "/" put the cursor into the box: a file of our own, for the page's rules allow no script but files."""
    manager = get_bidi_component_manager()
    if manager.get(f"{COMPONENT}.{SLASH}") is None or manager.get_component_path(f"{COMPONENT}.{SLASH}") is None:
        manifest = ComponentManifest(COMPONENT, "1", [ComponentConfig(SLASH, "browser")])
        manager.register_from_manifest(manifest, ASSETS / "ask")
        manager.register(manager.build_definition_with_validation(
            component_key=f"{COMPONENT}.{SLASH}", html=None, css=None, js="slash.js"
        ))
    st.components.v2.component(f"{COMPONENT}.{SLASH}", js="slash.js")(key="candor-ask-slash", height="content")
