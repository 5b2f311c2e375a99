"""Which signals work together? For partners: which families of signals?"""

from __future__ import annotations

import streamlit as st

from explainers.interactions import charts, words
from explainers.interactions.result import PairResult, PairsResult
from explainers.interactions.table import table_pair, table_pairs, table_technical
from pages.shared import cohorts, pair_answers, readers, widgets


def show_pairs(result: PairsResult) -> None:
    """Arrange the finding and the strongest pairs."""
    widgets.finding(words.say_pairs(result), words.say_pairs_context(result))
    widgets.chart(charts.chart_pairs(result), alt=words.say_pairs_alt(result))
    widgets.table(table_pairs(result), f"pairs-{result.snapshot_id}")


def show_pair(result: PairResult) -> None:
    """Arrange one pair: finding, two-way picture, what each does alone."""
    widgets.section(words.say_pair(result))
    widgets.chart(charts.chart_pair(result), alt=words.say_pair_alt(result))
    widgets.note(words.say_main(result))
    few = words.say_few(result)
    if few:
        widgets.note(few)
    widgets.table(table_pair(result), f"pair-{result.snapshot_id}")


reader = readers.current()
cohort = cohorts.choose(reader)
found = pair_answers.pairs(reader, cohort)
show_pairs(found)
offered = {words.say_option(pair): pair for pair in found.pairs[: words.DRAWN]}
key = "families" if found.families else "pair"
said = st.selectbox("Look at a pair", list(offered), key=key, bind="query-params", width=620)
if said is not None:
    one = pair_answers.pair(reader, cohort, offered[said])
    show_pair(one)
    widgets.closing(words.say_how_to_read(found), words.say_limits(found), table_technical(one))
