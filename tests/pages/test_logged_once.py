"""What stands in the log of what was shown: each answer once while it stays on the screen, again when it comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.errors import WorkspaceError
from data.workspace import LogFilter, list_log, open_workspace
from pages._router import PAGES
from pages.shared import answers, readers
from tests.pages.conftest import text_of
from tests.pages.test_alternatives import home, open_page, parts
from tests.pages.test_pins import RISK, Visit, _nothing_cached, pin, visit

__all__ = ["_nothing_cached", "home", "open_page", "parts", "visit"]
LETTER = "candor-letter-preview"


def lines() -> Counter[str]:
    """Return how many entries the log has of each page."""
    return Counter(list_log(open_workspace(), RISK, LogFilter()).rows["page"])


def go(at: AppTest, url: str, **query: str) -> AppTest:
    """Go to another page in the same window."""
    at.switch_page(next(spec.file for spec in PAGES if spec.url == url))
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def test_a_rerun_writes_nothing_and_other_inputs_and_back_write_again(visit: Visit) -> None:
    at = visit("decision", app="A-00200")
    for _ in range(2):
        at.run()
    assert lines() == {"overview": 1, "decision": 1}
    for number, times in (("A-00201", 2), ("A-00200", 3), ("A-00200", 3)):
        at.text_input(key="app").set_value(number).run()
        assert lines()["decision"] == times


def test_a_page_left_and_opened_again_is_shown_again_also_after_one_that_logs_nothing(visit: Visit) -> None:
    at = visit("overview")
    for away in ("health", "log", "sessions"):
        before = lines()["overview"]
        go(at, away).run()
        go(at, "overview").run()
        assert lines()["overview"] == before + 1, away
    assert lines()["health"] == 1


def test_an_answer_that_gave_way_to_a_wall_is_shown_again(visit: Visit) -> None:
    at = visit("decision", app="A-00200")
    at.text_input(key="app").set_value("A-99999").run()
    assert "No application with this number" in text_of(at)
    at.text_input(key="app").set_value("A-00200").run()
    assert lines()["decision"] == 2


def test_a_list_between_two_looks_at_a_pin_is_a_place_of_its_own(visit: Visit) -> None:
    kept = pin(visit("overview"))
    at = visit("pins", pin=kept.pin_id)
    at.run()
    assert lines()["pins"] == 1
    for query in ({}, {"pin": kept.pin_id}):
        at.query_params.clear()
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
    assert lines()["pins"] == 2


def test_the_letter_on_a_decision_is_a_part_and_both_are_logged_once(visit: Visit) -> None:
    at = visit("decision", app=declined(visit))
    before = lines()
    at.session_state[LETTER] = True
    for _ in range(3):
        at.run()
    assert lines() - before == {"notice": 1}
    at.session_state[LETTER] = False
    at.run()
    assert lines() - before == {"notice": 1}
    at.text_input(key="app").set_value("A-00201").run()
    assert lines()["decision"] == before["decision"] + 1, "a new answer of the page"


def declined(visit: Visit) -> str:
    """Return the number of a declined application."""
    at = visit("decision")
    at.button(key="pick-declined").click().run()
    return str(at.text_input(key="app").value)


def test_a_reason_tried_after_another_and_again_is_three_answers(visit: Visit) -> None:
    at = visit("decision", app=declined(visit))
    box = next(box for box in at.selectbox if str(box.key).startswith("test-reason-"))
    before = lines()
    for place, times in ((0, 1), (0, 1), (1, 2), (0, 3)):
        at.selectbox(key=box.key).select_index(place).run()
        assert not at.exception
        assert lines()["reason test"] == times
    assert lines()["decision"] == before["decision"]


def test_every_application_of_one_answer_has_its_entry_once(visit: Visit) -> None:
    at = visit("compare", app="A-00200", second="A-00201")
    at.run()
    assert lines()["compare"] == 2
    for second, times in (("A-00202", 4), ("A-00201", 6)):
        at.text_input(key="second").set_value(second).run()
        assert lines()["compare"] == times
    for number, times in (("A-00200", 3), ("A-00201", 2), ("A-00202", 1)):
        found = list_log(open_workspace(), RISK, LogFilter(page="compare", hidden=("application", number)))
        assert found.n == times


def test_applications_with_a_reason_are_a_part_of_the_page(visit: Visit) -> None:
    at = visit("reasons")
    assert lines()["reasons"] == 1
    shown = 1
    for family in ("debt", "income", "debt"):
        at.selectbox(key="reason").set_value(family).run()
        assert lines()["reasons"] > shown
        shown = lines()["reasons"]
        at.run()
        assert lines()["reasons"] == shown


def part_above() -> None:
    """Draw a page with a part over its own answer, as a walkthrough does."""
    from pages.shared import answers, readers

    reader = readers.current()
    with answers.one_view("page"):
        answers.log(reader, "evidence", {}, 1, part="above")
        answers.log(reader, "health", {}, 1)


def test_a_part_over_the_answer_of_the_page_is_logged_once(visit: Visit) -> None:
    chosen = visit("overview").session_state[readers.CURRENT]
    at = AppTest.from_function(part_above, default_timeout=60)
    at.session_state[readers.CURRENT] = chosen
    for _ in range(3):
        assert not at.run().exception
    assert lines() == {"overview": 1, "health": 1, "evidence": 1}


def test_an_act_is_logged_each_time_and_the_page_under_it_is_not_shown_anew(visit: Visit) -> None:
    at = visit("overview")
    for _ in range(2):
        at.text_input(key="candor-ask-text").set_value("what is the weather").run()
    assert lines() == {"overview": 1, "ask": 2}


def test_the_parts_of_fairness_have_a_place_each(parts: Callable[..., AppTest]) -> None:
    at = parts(**{"gap-group": "Black"})
    other = next(group for group in at.selectbox(key="gap-group").options if group != "Black")
    at.run()
    kinds = ("fairness", "fairness drivers", "fairness slices")
    assert [lines()[kind] for kind in kinds] == [1, 1, 1]
    for group in (other, "Black"):
        at.selectbox(key="gap-group").set_value(group).run()
        at.run()
    assert [lines()[kind] for kind in kinds] == [1, 3, 3]
    at.toggle(key="what-if-race_ethnicity").set_value(True).run()
    at.run()
    assert [lines()[kind] for kind in kinds] == [1, 4, 3]


def test_what_could_not_be_logged_is_not_shown_and_is_logged_when_it_is(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise WorkspaceError("The log cannot be written", "The disk is full.", "Make room.")

    at = visit("overview")
    with monkeypatch.context() as broken:
        broken.setattr(answers, "record", refuse)
        assert "The log cannot be written" in text_of(go(at, "health"))
    assert "The log cannot be written" not in text_of(at.run())
    assert lines() == {"overview": 1, "health": 1}
