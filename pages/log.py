"""What was shown to whom? For specialists."""

from __future__ import annotations

import streamlit as st

from data.access import Audience
from explainers import shown_log as words
from pages.shared import answers, exports, readers, widgets

ALL = "all"

reader = readers.current()
with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
    number = st.text_input("Was this application shown?", key="log-app", max_chars=200, width=230)
    page = st.selectbox("Page", [ALL, *answers.LOGGED], key="log-page", width=160)
    audience = st.selectbox("Audience", [ALL, *Audience], key="log-audience", width=160)
    who = st.text_input("Account", key="log-who", max_chars=200, width=200)
    first = st.number_input("Skip the newest", min_value=0, step=100, key="log-first", width=160)
asked = answers.log_filter(number.strip(), page, audience, who.strip())
entries, check = answers.shown_log(reader, asked, int(first))

widgets.finding(words.say_log(check), words.say_log_context(entries))
if not check.ok:
    widgets.warning(check.finding)
widgets.plain_table(words.table_log(entries))
exports.table("Download these entries (CSV)", answers.exported_log(reader, asked), "shown-log.csv")
widgets.closing(words.HOW_TO_READ, (*words.LIMITS, f"Last hash of the log: {check.head_hash}"))
