"""What do we tell applicants? How often each reason is given, by month and by partner."""

from __future__ import annotations

from explainers.reasons import charts, words
from explainers.reasons.frequency import FrequencyResult
from pages.shared import answers, cohorts, readers, reason_answers, reason_wording, widgets


def show(result: FrequencyResult) -> None:
    """Arrange the reasons: how often each is given, how that moved, where partners differ."""
    main, side = widgets.columns()
    with main:
        widgets.section("How often each is a reason")
        widgets.chart(charts.chart_reasons(result), alt=words.say_alt(result), title=words.say_reasons(result))
        widgets.table(words.table_reasons(result), f"reasons-{result.snapshot_id}")
        moved = words.say_months(result)
        if moved is not None:
            widgets.section(moved)
            widgets.chart(charts.chart_months(result), alt=moved)
            widgets.table(words.table_months(result), f"reasons-by-month-{result.snapshot_id}")
        reason_answers.draw_drift(reader)
        widgets.section("From a reason to applications")
        reason_answers.draw_examples(reader, cohort, result)
    with side:
        widgets.section("Never, or nearly always")
        widgets.note(words.say_never(result))
        differ = words.say_partners(result)
        if differ is not None:
            widgets.section("Between partners")
            widgets.note(differ)
            widgets.table(words.table_partners(result), f"reasons-by-partner-{result.snapshot_id}")


reader = readers.current()
cohort = cohorts.choose(reader)
result = answers.reasons(reader, cohort)
widgets.finding(words.say_reasons(result), words.say_reasons_context(result))
if result.families:
    show(result)
reason_wording.draw(reader)
widgets.closing(words.say_how_to_read(), words.LIMITS)
