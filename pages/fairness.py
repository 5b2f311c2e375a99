"""Are groups treated differently? Approval by group with intervals, and what the figures cannot tell."""

from __future__ import annotations

from explainers.fairness import charts, detail_words, words
from explainers.fairness.result import AttributeResult, FairnessResult, Settings
from pages.shared import cohorts, fairness_answers, fairness_parts, readers, widgets


def draw_attribute(result: FairnessResult, attribute: AttributeResult) -> None:
    """Draw one attribute: its finding, its picture, its figures and what to know of them."""
    widgets.section(words.say_attribute(attribute, result.settings))
    if attribute.kind == "proxy":
        widgets.chart(charts.chart_proxy(attribute, result.settings), alt=words.say_alt(attribute))
        widgets.table(words.table_proxy(attribute), f"groups-{result.snapshot_id}")
        for text in words.say_proxy_bias(result.settings):
            widgets.note(text)
    else:
        widgets.chart(charts.chart_attribute(attribute, result.settings), alt=words.say_alt(attribute))
        widgets.plain_table(words.table_short(attribute))
        widgets.table(words.table_attribute(attribute), f"groups-{result.snapshot_id}")
    for text in words.say_notes(result, attribute):
        widgets.note(text)


def draw_closely(name: str, settings: Settings) -> None:
    """Draw one attribute over time, against what happened, and at other cut-offs."""
    found = fairness_answers.closely(reader, name, cohort, settings)
    if found.over_time:
        widgets.section(detail_words.say_months(found))
        widgets.chart(charts.chart_months(found), alt=detail_words.say_months(found))
        widgets.note(detail_words.say_months_note())
        widgets.table(detail_words.table_months(found), f"groups-by-month-{found.snapshot_id}")
    since = fairness_answers.since(reader, name)
    if since is not None and since.changes:
        widgets.section(detail_words.say_change(since))
        widgets.table(detail_words.table_change(since), f"groups-since-{found.snapshot_id}")
    if found.outcomes:
        widgets.section(detail_words.say_outcomes(found))
        widgets.plain_table(detail_words.table_outcomes(found))
        for text in detail_words.say_outcomes_notes(found):
            widgets.note(text)
        fairness_parts.draw_levels(reader, name, cohort)
    if found.curve:
        widgets.section(detail_words.say_curve(found))
        widgets.chart(charts.chart_curve(found), alt=detail_words.say_curve(found))
        widgets.note(detail_words.say_curve_note())
        widgets.table(detail_words.table_curve(found), f"groups-by-cut-off-{found.snapshot_id}")


reader = readers.current()
names = fairness_answers.names(reader)
cohort = cohorts.choose(reader)
asked, pair = fairness_answers.choose_attribute(names, fairness_answers.first_attribute(reader, cohort))
settings = fairness_answers.choose_settings()
result = fairness_answers.fairness(reader, cohort, settings, pair)
attribute = result.pair if pair and result.pair else result.attribute(asked)
widgets.finding(words.say_fairness(result), words.say_context(result))
main, side = widgets.columns()
with main:
    draw_attribute(result, attribute)
    if attribute.lines and not pair:
        draw_closely(attribute.name, settings)
        fairness_parts.draw_drivers(reader, attribute.name, cohort)
        fairness_parts.draw_slices(reader, attribute.name, cohort)
with side:
    widgets.section("What was found for each attribute")
    for one in result.attributes:
        widgets.note(words.say_attribute(one, settings))
    widgets.note(words.say_shown_values(settings))
    widgets.section("The law around these figures")
    fairness_answers.draw_law()
    fairness_answers.draw_sharing(reader)
widgets.closing(words.say_how_to_read(result), words.say_limits(result), words.table_technical(result))
