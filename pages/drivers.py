"""What drives its decisions? Families, then signals, over every application of a cohort."""

from __future__ import annotations

from explainers.drivers import charts, table, words
from pages.shared import cohorts, drivers_answers, drivers_parts, readers, widgets

reader = readers.current()
cohort = cohorts.choose(reader)
result = drivers_answers.drivers(reader, cohort)

widgets.finding(words.say_drivers(result), words.say_context(result))
main, side = widgets.columns()
with main:
    widgets.section(words.say_families(result))
    widgets.chart(charts.chart_drivers(result), alt=words.say_alt(result))
    widgets.note(words.say_legend())
    widgets.table(table.table_families(result), f"drivers-{result.snapshot_id}")
    drivers_parts.drill_down(cohort.text, drivers_answers.families(result))
    drivers_parts.compare(cohort.text)
with side:
    absence = drivers_answers.absence(reader)
    widgets.fragment(table.table_absence(absence))
    if absence.unused:
        widgets.table(table.table_unused(absence), f"unused-{result.snapshot_id}")
    drivers_parts.cross_check(cohort.text)
widgets.closing(words.say_how_to_read(result), words.say_limits(), table.table_technical(result))
