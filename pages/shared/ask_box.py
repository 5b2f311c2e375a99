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
from pages.shared import answers, readers
from pages.shared.frame import ASSETS, PageSpec

TEXT = "candor-ask-text"
"""Session key of what is typed."""
ASKED = "candor-ask"
"""Session key of the last answer that was not sure, with the page, the snapshot and the scope it was given in."""
OPEN = "candor-ask-open"
"""Session key of the link that is opened by the next run."""
NUMBER = "app"
"""Query parameter of the application on the screen, as in `pages.shared.lookup`, whose import loads the engine."""
KEPT = ("model", "snapshot", "as")
"""Query parameters that go along to every page."""
LONGEST = 300
"""Letters of a question."""
COMPONENT, PART = "candor", "ask"
"""The name under which the browser finds the file of the box."""


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
    opening: AskLink | None = st.session_state.pop(OPEN, None)
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
        _in_the_browser(None if opening is None else _address(opening, pages))
        if opening is not None:
            st.html(f'<p class="candor-ask" role="status">Opening: {escape(opening.words)}</p>')
            st.stop()
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
    result = compute_ask(question, known, str(st.query_params.get(NUMBER, "")) or None)
    answers.log_act(reader, "ask", {"intent": result.intent, "answer": result.state}, 0)
    if result.state == "sure":
        st.session_state[OPEN] = result.links[0]
    else:
        st.session_state[ASKED] = (result, here, reader.snapshot_id, reader.viewer.scope)


def _urls(reader: Reader, pages: Sequence[PageSpec]) -> tuple[str, ...]:
    """Return the addresses of the pages that the viewer can open; those for nobody's navigation are for everybody."""
    return tuple(page.url for page in pages if not page.audiences or reader.viewer.audience in page.audiences)


@st.cache_data(max_entries=64, show_spinner=False)
def _vocabulary(snapshot_id: str, scope: str, urls: tuple[str, ...], _reader: Reader) -> Vocabulary:
    return compute_vocabulary(_reader, urls)


def _markup(result: AskResult, pages: Sequence[PageSpec]) -> str:
    """Draw what was asked and where it may lead, every value escaped."""
    links = "".join(
        f' <a href="{escape(_address(link, pages))}" target="_self">{escape(link.words)}</a>' for link in result.links
    )
    said = f"“{escape(result.question)}” {escape(say_ask(result))}"
    return f'<p class="candor-ask" role="status" data-testid="candor-ask">{said}{links}</p>'


def _address(link: AskLink, pages: Sequence[PageSpec]) -> str:
    """Return the address of a link, with the snapshot and the view of this page."""
    kept = {key: st.query_params[key] for key in KEPT if key in st.query_params}
    path = "." if link.page == pages[0].url else link.page
    return f"{path}?{urlencode({**kept, **dict(link.query)}, quote_via=quote)}"


def _in_the_browser(address: str | None) -> None:
    """Let "/" put the cursor into the box, and open the address of a sure answer as a link would.

    By a file of our own, for the page's rules allow no script but files. A whole new page, and not
    `st.switch_page`: that one cannot fill a box which both pages have, and would keep choices of the page before.
    """
    manager, name = get_bidi_component_manager(), f"{COMPONENT}.{PART}"
    if manager.get_component_path(name) is None:
        manifest = ComponentManifest(COMPONENT, "1", [ComponentConfig(PART, "browser")])
        manager.register_from_manifest(manifest, ASSETS / "ask")
    st.components.v2.component(name, js="ask.js")(key="candor-ask-part", data={"open": address})
