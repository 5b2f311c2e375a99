"""What is this model, and how good is it? The first page, for every audience."""

from __future__ import annotations

from explainers.overview import charts, words
from explainers.overview.tables import table_facts, table_scores, table_volume
from pages.shared import answers, readers, widgets

reader = readers.current()
result = answers.overview(reader)

widgets.finding(words.say_overview(result), words.say_span(result))
main, side = widgets.columns()
with main:
    widgets.section(words.say_approval(result))
    if result.over_time:
        widgets.chart(
            charts.chart_approval(result), alt=f"{words.say_approval(result)}. {words.say_volume_alt(result)}"
        )
        widgets.chart(charts.chart_volume(result), alt=words.say_volume(result))
        widgets.table(table_volume(result), "applications-by-month")
    widgets.section(words.say_scores(result))
    widgets.chart(charts.chart_scores(result), alt=words.say_scores(result))
    widgets.table(table_scores(result), "estimates")
    widgets.section(words.say_reliability(result.reliability, result.outcome_past))
    if result.reliability is not None:
        alt = words.say_reliability_detail(result.reliability, result.outcome_past)
        widgets.chart(charts.chart_reliability(result.reliability), alt=alt)
        widgets.note(alt)
    widgets.note(words.say_ranking(result.ranking, result.outcome_past))
with side:
    widgets.fragment(table_facts(result))
widgets.closing(words.say_how_to_read(result), words.say_limits(result))
