"""What would the applicant be told? The letter for one declined application, and what it still lacks."""

from __future__ import annotations

import streamlit as st

from data.notice_schema import Language
from data.reader import Reader
from explainers.notices import words
from explainers.notices.result import NoticeResult
from pages.shared import links, lookup, notice_answers, readers, widgets


def ask(reader: Reader) -> tuple[str, Language]:
    """Draw the inputs in one line; return the application's number and the language of the letter."""
    languages = notice_answers.LANGUAGES
    with st.container(horizontal=True, vertical_alignment="bottom", key="candor-inputs"):
        number = lookup.ask_number()
        language = st.selectbox(
            "Language", list(languages), format_func=languages.get, key="language", bind="query-params", width=160
        )
        lookup.offer_picks(reader, ["declined"])
    return number, language


def show(reader: Reader, result: NoticeResult) -> None:
    """Arrange one letter: finding, what is missing, the letter, its files, which rule wants which part."""
    widgets.finding(words.say_notice(result), words.say_context(result))
    main, side = widgets.columns()
    with side:
        links.same_application("decision", "Why was it decided this way?", result.application_id)
        if result.parts:
            widgets.section("Which rule wants which part")
            widgets.plain_table(words.table_sources(result))
    with main:
        if result.state == "stopped":
            widgets.section("What is missing")
            widgets.plain_table(words.table_missing(result))
        if result.state == "ready":
            notice_answers.offer(reader, result)
        if result.parts:
            notice_answers.show(result)
    widgets.closing(words.say_how_to_read(), words.LIMITS)


reader = readers.current()
number, language = ask(reader)
if not number:
    widgets.question("What would the applicant be told?", words.say_prompt())
else:
    show(reader, notice_answers.notice(reader, number, language))
