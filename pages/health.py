"""Can we rely on this snapshot? For specialists and examiners; partners see that it was checked."""

from __future__ import annotations

from explainers.assurance import health as words
from pages.shared import answers, readers, widgets

reader = readers.current()
result = answers.health(reader)

widgets.finding(words.say_health(result), words.say_context(result))
widgets.section("How we know the explanation is exact")
widgets.fragment(words.table_checks(result))
widgets.closing(words.say_how_to_read(result), words.LIMITS, words.table_groups(result))
