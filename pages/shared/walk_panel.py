"""The panel of a walkthrough, over the page that a step is about: `?walk=…&step=…&run=…` on any page.

The page under it is the app's own page, with the step's inputs. Going on opens the next step's page as a whole new
page, as the search box does: a box that both pages have would keep what it holds.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from data.errors import CandorError
from data.workspace import open_workspace
from data.workspace.walkthroughs import add_note, list_lines, sign_step
from data.workspace.written import LONGEST_TEXT
from explainers.ask.result import AskLink
from explainers.walkthroughs import screen
from explainers.walkthroughs.copies import as_shown
from explainers.walkthroughs.result import StepResult
from pages.shared import ask_box, boundary, captured, readers, session_view, walk_answers
from pages.shared.frame import PageSpec
from pages.shared.walk_answers import Walk

NOTE = "walk-note"
"""Session key of what is typed about the step."""
SAID = "candor-walk-said"
"""Session key of why the last click kept nothing, shown once."""


def draw(spec: PageSpec) -> None:
    """Draw the panel of the walkthrough that the address names; what fails in it never hides the page."""
    with captured.paused(), st.container(key="candor-walk"):
        try:
            _panel(spec)
        except CandorError as error:
            _wall(spec, str(error))
        except Exception as error:  # noqa: BLE001 - the page under the panel is shown whatever fails here
            told = f"Tell the person who runs Candor the reference {boundary.refer(error)}."
            _wall(spec, f"This step of the walkthrough could not be shown. {told}")


def _panel(spec: PageSpec) -> None:
    reader = readers.current()
    walk = walk_answers.walk(reader)
    result = walk_answers.step(reader, walk)
    st.html(screen.draw_step(result, walk_answers.leave(spec.url)))
    if walk_answers.other_snapshot(reader, walk):
        _warn("This is not the snapshot of this walkthrough: here you can look, but not sign off.")
    _moves(walk, result, spec)
    if walk.run is not None and walk.run.scope == reader.viewer.scope:
        _signing(walk, result)
    with st.expander("How it is computed, where it is recorded, what it does not show"):
        st.html(screen.draw_detail(result, walk.script.steps[walk.step_no - 1].recorded))


def _moves(walk: Walk, result: StepResult, spec: PageSpec) -> None:
    """Draw the ways on, back and out."""
    with st.container(horizontal=True, vertical_alignment="center", key="candor-walk-moves"):
        last = walk.step_no == result.steps
        _move("Previous", "walk-back", None if walk.step_no == 1 else walk_answers.link(walk, walk.step_no - 1))
        if last:
            _move("To the record" if walk.run else "Finish", "walk-on", walk_answers.record_link(walk))
        else:
            _move("Next step", "walk-on", walk_answers.link(walk, walk.step_no + 1))
        if walk_answers.strayed(walk, result, spec.url):
            again = walk_answers.address(walk_answers.link(walk, walk.step_no))
            session_view.anchors([("Show what this step is about", again)])


def _move(label: str, key: str, to: AskLink | None) -> None:
    """Draw a button to another step. Arrows with Shift: they do nothing while somebody types."""
    kind, shortcut = ("primary", "Shift+Right") if key == "walk-on" else ("secondary", "Shift+Left")
    st.button(label, key=key, type=kind, disabled=to is None, shortcut=shortcut, on_click=_go, args=(to,))


def _go(to: AskLink | None) -> None:
    """Open another step; a note that was typed and not kept yet is kept first."""
    if (st.session_state.get(NOTE) or "").strip():
        reader = readers.current()
        walk = walk_answers.walk(reader)
        if walk.run is not None and not _kept(walk, walk_answers.computed(reader, walk), sign=False):
            return
    if to is not None:
        st.session_state[ask_box.OPEN] = to


@st.fragment
def _signing(walk: Walk, result: StepResult) -> None:
    """Draw the note and the sign-off; a click runs this part alone."""
    with captured.paused():
        with st.container(horizontal=True, vertical_alignment="bottom", key="candor-walk-sign"):
            hint = {"placeholder": "a note, if you like", "label_visibility": "collapsed"}
            st.text_area("Note on this step", key=NOTE, max_chars=LONGEST_TEXT, height=68, width=420, **hint)
            for label, sign in (("Sign off this step", True), ("Keep the note only", False)):
                kind = "secondary" if sign else "tertiary"
                key = "walk-sign" if sign else "walk-keep"
                st.button(label, key=key, type=kind, on_click=_kept, args=(walk, result), kwargs={"sign": sign})
        if said := st.session_state.pop(SAID, None):
            _warn(said)
        _written(walk, result)


def _kept(walk: Walk, result: StepResult, *, sign: bool) -> bool:
    """Keep the note or the sign-off with what was shown, and empty the box; say why where it cannot be kept."""
    words, viewer = str(st.session_state.get(NOTE) or ""), readers.viewer()
    if walk.run is None:
        return False
    write = sign_step if sign else add_note
    try:
        write(open_workspace(), viewer, walk.run.run_id, as_shown(result), words)
    except CandorError as error:
        st.session_state[SAID] = str(error)
        return False
    st.session_state[NOTE] = ""
    return True


def _written(walk: Walk, result: StepResult) -> None:
    """Draw what was written about this step so far."""
    if walk.run is None:
        return
    lines = list_lines(open_workspace(), readers.viewer(), walk.run.run_id)
    mine = [line for line in lines if line.step_id == result.step_id]
    if mine:
        st.html(screen.draw_lines(mine))


def _warn(told: str) -> None:
    st.html(f'<p class="candor-warning" role="status">{escape(told)}</p>')


def _wall(spec: PageSpec, told: str) -> None:
    """Say why no step is shown, and lead to the list and out."""
    _warn(told)
    listed = walk_answers.address(AskLink("walkthrough", walk_answers.PAGE, (), "", 1.0))
    session_view.anchors([("All walkthroughs", listed), ("Leave the walkthrough", walk_answers.leave(spec.url))])
