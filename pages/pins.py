"""What was kept? One pin as it was shown, or the list of those the viewer may see."""

from __future__ import annotations

import streamlit as st

from explainers.pins import words
from pages.shared import pin_view, readers, session_answers, session_view, widgets

reader = readers.current()
asked = st.query_params.get("pin")
if asked:
    pin_view.show(reader, asked)
else:
    pins = session_answers.pins(reader.viewer)
    widgets.finding(words.say_pins(len(pins)), "Pin an answer with the button at the end of its page.")
    if pins:
        links = {pin.pin_id: session_answers.pin_address(pin.pin_id) for pin in pins}
        widgets.fragment(words.table_pins(pins, links))
        session_view.anchors(
            [("Make a pack", session_answers.address("packs", {**session_answers.kept(), "source": "pins"}))]
        )
    widgets.closing(words.HOW_TO_READ, words.LIMITS)
