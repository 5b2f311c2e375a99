"""Pins come back to the last digit, to those who may see them, and a changed one is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from data.access import Audience, Viewer
from data.errors import CandorError, NotFoundForViewer, WorkspaceError
from data.workspace import Workspace
from data.workspace.pin_parts import Pin, TablePart, WordsPart, read_pin_text
from data.workspace.pins import (
    PinCheck,
    list_checks,
    list_pins,
    read_pin,
    read_pins,
    record_check,
    remove_pin,
    save_pin,
)
from data.workspace.tables import PINS
from tests.data.workspace.meeting import ALDER, AMY, BIRCH, EVERYBODY, EXAMINER, RISK, RON, pinned, shown


def sees(workspace: Workspace, viewer: Viewer, pin_id: str) -> bool:
    try:
        return read_pin(workspace, viewer, pin_id).pin_id == pin_id
    except NotFoundForViewer:
        return False


def test_a_pin_comes_back_as_it_was(workspace: Workspace) -> None:
    pin = pinned(workspace, title="  The first   one ", session_id="s-1")
    again = read_pin(workspace, RISK, pin.pin_id)
    assert again == pin
    assert (again.title, again.who, again.session_id) == ("The first one", "rita", "s-1")
    assert again.shown.finding == "Declined at 23.4 %."
    assert again.shown.parts[4].figure["data"][0]["x"] == [0.1, 0.30000000000000004, None]
    assert again.shown.parts[5].rows[2] == ("Odd", True)
    assert again.content_hash == pin.content_hash


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=20),
)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_every_number_and_text_survives_to_the_last_digit(rows: list[tuple[object, object]]) -> None:
    table = TablePart("table", "", ("a", "b"), tuple(rows))
    page = shown(parts=(WordsPart("finding", "x"), table))
    pin = Pin("id", "x", "rita", Audience.SPECIALIST, None, None, "2026-03-01", page)
    (_, found) = read_pin_text(pin.text).shown.parts
    assert [[repr(cell) for cell in row] for row in found.rows] == [[repr(cell) for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("maker", "viewers"),
    [
        (ALDER, {ALDER, AMY, RISK, RON}),
        (BIRCH, {BIRCH, RISK, RON}),
        (RISK, {RISK, RON}),
        (EXAMINER, {EXAMINER, RISK, RON}),
    ],
    ids=lambda one: one.who if isinstance(one, Viewer) else "",
)
def test_a_pin_is_found_in_its_own_view_and_by_specialists(
    workspace: Workspace, maker: Viewer, viewers: set[Viewer]
) -> None:
    pin = pinned(workspace, maker)
    for viewer in EVERYBODY:
        found = viewer in viewers
        assert sees(workspace, viewer, pin.pin_id) == found
        assert [p.pin_id for p in read_pins(workspace, viewer, [pin.pin_id])] == [pin.pin_id] * found
        assert [p.pin_id for p in list_pins(workspace, viewer)] == [pin.pin_id] * found


def test_a_pin_of_others_and_one_that_does_not_exist_look_alike(workspace: Workspace) -> None:
    pin, said = pinned(workspace, BIRCH), []
    for pin_id in (pin.pin_id, "nothing"):
        for asking in (read_pin, list_checks, remove_pin):
            with pytest.raises(NotFoundForViewer, match="You cannot see this pin") as caught:
                asking(workspace, ALDER, pin_id)
            said.append(str(caught.value))
    assert len(set(said)) == 1
    assert sees(workspace, BIRCH, pin.pin_id)


def test_a_changed_pin_is_never_shown(workspace: Workspace) -> None:
    pin = pinned(workspace)
    with workspace.write() as connection:
        forged = pin.text.replace("23.4", "13.4")
        connection.execute(update(PINS).values(content=forged))
    with pytest.raises(WorkspaceError, match="damaged"):
        read_pin(workspace, RISK, pin.pin_id)
    with pytest.raises(WorkspaceError, match="damaged"):
        read_pins(workspace, RISK, [pin.pin_id])


def test_a_session_lists_its_pins_in_order_and_others_newest_first(workspace: Workspace) -> None:
    first, other, last = (pinned(workspace, finding=f, session_id=s) for f, s in (("a", "s"), ("b", None), ("c", "s")))
    assert [p.pin_id for p in list_pins(workspace, RISK, session_id="s")] == [first.pin_id, last.pin_id]
    assert [p.pin_id for p in list_pins(workspace, RISK)] == [last.pin_id, other.pin_id, first.pin_id]
    assert [p.pin_id for p in read_pins(workspace, RISK, [last.pin_id, "?", first.pin_id])] == [
        last.pin_id,
        first.pin_id,
    ]


def test_a_pin_without_a_title_is_called_by_its_finding(workspace: Workspace) -> None:
    assert pinned(workspace).title == "Declined at 23.4 %."
    assert len(pinned(workspace, finding="long " * 60).title) <= 120


@pytest.mark.parametrize("title", ["x" * 121, "two\x00signs"])
def test_a_title_that_cannot_be_kept_is_refused(workspace: Workspace, title: str) -> None:
    with pytest.raises(CandorError, match="This title cannot be kept"):
        pinned(workspace, title=title)
    assert list_pins(workspace, RISK) == ()


def test_an_answer_too_large_to_keep_is_refused(workspace: Workspace) -> None:
    huge = (WordsPart("finding", "x"), WordsPart("note", "y" * 8_000_000))
    with pytest.raises(CandorError, match="too large"):
        save_pin(workspace, RISK, shown(parts=huge))


def test_only_who_kept_a_pin_removes_it_and_its_checks_go_too(workspace: Workspace) -> None:
    pin = pinned(workspace, ALDER)
    record_check(workspace, ALDER, pin, pin.shown, verdict="same", compared=9, differences=[])
    for viewer in (AMY, RISK):
        with pytest.raises(NotFoundForViewer):
            remove_pin(workspace, viewer, pin.pin_id)
    remove_pin(workspace, ALDER, pin.pin_id)
    assert not sees(workspace, ALDER, pin.pin_id)


def test_checks_are_kept_the_newest_first(workspace: Workspace) -> None:
    pin = pinned(workspace)
    record_check(workspace, RISK, pin, pin.shown, verdict="same", compared=9, differences=[])
    record_check(workspace, RON, pin, pin.shown, verdict="code", compared=9, differences=["é: then 1, now 2."])
    newest, oldest = list_checks(workspace, RISK, pin.pin_id)
    assert isinstance(newest, PinCheck)
    assert (newest.verdict, newest.who, newest.differences) == ("code", "ron", ("é: then 1, now 2.",))
    assert (oldest.verdict, oldest.compared, oldest.snapshot_hash) == ("same", 9, "aa" * 32)


def test_a_text_that_is_no_pin_is_refused() -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_pin_text('{"pin_id": "x"}')
