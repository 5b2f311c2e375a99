"""What do we hand over? Pins, a session or a walkthrough as one document, checked for whom it is before it is made."""

from __future__ import annotations

import streamlit as st

from data.errors import Problem
from data.reader import Reader
from explainers.packs import words
from explainers.packs.draft import Draft
from explainers.packs.scope import problems_of, say_scope
from pages.shared import pack_answers, pack_choice, pack_contents, readers, widgets


def settings(draft: Draft) -> tuple[str, bool]:
    """Draw what a pack is called and whether technical detail goes in."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", value=draft.title, max_chars=120, key=f"pack-title-{draft.subtitle}", width=460)
        technical = st.checkbox(words.TECHNICAL, value=draft.technical, key=f"pack-technical-{draft.subtitle}")
    return title, technical


def problems(found: tuple[Problem, ...]) -> None:
    """Draw everything that stands against a pack."""
    widgets.section(words.say_problems(len(found)))
    widgets.paragraphs([str(problem) for problem in found])


def make(reader: Reader, draft: Draft, order: tuple[str, ...], title: str, *, technical: bool) -> None:
    """Draw the forms and make those asked for."""
    labels = {form: pack_answers.FORMS[form][0] for form in pack_answers.forms_of(draft.scope)}
    key = f"pack-forms-{len(labels)}"
    forms = st.pills("Forms", list(labels), selection_mode="multi", default=["pdf"], format_func=labels.get, key=key)
    asked = (draft.scope, order, title, technical, tuple(forms))
    with st.container(horizontal=True):
        pressed = st.button("Make the pack", key="pack-make", type="primary", disabled=not (order and forms))
    if pressed:
        with st.status("Reading what goes in", expanded=False) as status:
            pack = pack_answers.pack(reader, draft, order, title, technical=technical)
            if against := problems_of(reader.viewer, pack):
                status.update(label="This pack was not made", state="error")
            else:
                made = pack_answers.make(reader, pack, forms, lambda text: status.update(label=text))
                st.session_state[pack_answers.MADE] = (asked, made)
                status.update(label="The pack is made", state="complete")
        if against:
            problems(against)
    kept = st.session_state.get(pack_answers.MADE)
    if kept is not None and kept[0] == asked:
        pack_answers.offer(kept[1])


reader = readers.current()
draft = pack_choice.choose(reader)
if draft is None:
    widgets.finding("There is nothing to hand over yet.", "Choose another source.")
else:
    order = pack_contents.order(draft)
    widgets.finding(words.say_contents(len(order)), words.say_made_of(say_scope(draft.scope), len(order)))
    title, technical = settings(draft)
    pack_contents.draw(draft, order)
    pack_contents.missing(draft)
    make(reader, draft, order, title, technical=technical)
widgets.closing(words.HOW_TO_MAKE, words.NOT_IN_PACKS)
