"""Someone with full rights on the database changes the log: what its check finds, and what only an anchor finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from data.errors import WorkspaceError
from data.workspace import LogCheck, Workspace, anchor_log, check_workspace, open_workspace, read_anchor, verify_log
from data.workspace.chain import HASHED, entry_hash, first_hash
from data.workspace.tables import SHOWN_ENTRIES, SHOWN_HEADS, WORKSPACES
from tests.data.workspace.writers import BERT, log_one

LENGTH = 8
Rows = list[dict[str, Any]]
NEW_VALUES: Mapping[str, object] = {
    "number": 99,
    "partner": None,
    "rows_behind": 2,
    "shown_at": "2020-01-01T00:00:00.000000Z",
    "created_at": "yesterday",
    "previous_hash": "0" * 64,
    "entry_hash": "0" * 64,
    "entry_id": "00000000-0000-0000-0000-000000000000",
}


@pytest.fixture
def opened(workspace: Workspace) -> Workspace:
    """Return a workspace with a log, and no trigger left that refuses changes."""
    for i in range(LENGTH):
        log_one(workspace, inputs={"application": i})
    off = ["ALTER TABLE shown_entries DISABLE TRIGGER ALL"]
    if workspace.database == "sqlite":
        off = ["DROP TRIGGER shown_entries_no_update", "DROP TRIGGER shown_entries_no_delete"]
    with workspace.write() as connection:
        for statement in off:
            connection.execute(text(statement))
    return workspace


def rows_of(workspace: Workspace) -> Rows:
    with workspace.read() as connection:
        found = connection.execute(select(SHOWN_ENTRIES).order_by(SHOWN_ENTRIES.c.number))
        return [dict(row) for row in found.mappings()]


def put(workspace: Workspace, rows: Rows) -> None:
    """Replace the whole log by these rows and leave its head alone."""
    with workspace.write() as connection:
        connection.execute(delete(SHOWN_ENTRIES))
        if rows:
            connection.execute(insert(SHOWN_ENTRIES), rows)


def hashed_again(workspace: Workspace, rows: Rows) -> Rows:
    """Number and hash rows anew, as someone who knows the code would."""
    previous, forged = first_hash(workspace.workspace_id, workspace.salt), []
    for number, row in enumerate(rows, start=1):
        entry = {**row, "number": number, "previous_hash": previous}
        previous = entry_hash(entry)
        forged.append({**entry, "entry_hash": previous})
    return forged


def mend_head(workspace: Workspace, rows: Rows) -> None:
    last = rows[-1]["entry_hash"] if rows else first_hash(workspace.workspace_id, workspace.salt)
    with workspace.write() as connection:
        connection.execute(update(SHOWN_HEADS).values(entries=len(rows), head_hash=last))


def found_bad(workspace: Workspace, number: int | None, words: str) -> LogCheck:
    found = verify_log(workspace)
    assert (found.ok, found.first_bad) == (False, number), found
    assert words in found.finding
    return found


def test_a_sound_log_is_found_sound(opened: Workspace, url: str) -> None:
    expected = LogCheck(
        LENGTH, True, None, "All 8 entries are as written; none is missing.", verify_log(opened).head_hash
    )
    assert verify_log(opened) == expected == check_workspace(url)
    assert expected.head_hash == rows_of(opened)[-1]["entry_hash"]


@pytest.mark.parametrize("block", [3, LENGTH, LENGTH + 1])
def test_a_log_longer_than_a_block_is_checked_to_its_end(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("data.workspace.verify.BLOCK", block)
    assert verify_log(opened).ok
    rows = rows_of(opened)
    rows[-1]["page"] = "overview"
    put(opened, rows)
    found_bad(opened, LENGTH, "Entry 8 was changed")


def test_an_empty_log_is_sound(workspace: Workspace) -> None:
    found = verify_log(workspace)
    assert (found.ok, found.entries) == (True, 0)


@pytest.mark.parametrize("statement", ["UPDATE shown_entries SET page = 'x'", "DELETE FROM shown_entries"])
def test_the_database_itself_refuses_a_slip_of_the_hand(workspace: Workspace, statement: str) -> None:
    log_one(workspace)
    with pytest.raises(WorkspaceError) as caught, workspace.write() as connection:
        connection.execute(text(statement))
    assert isinstance(caught.value.__cause__, DatabaseError)
    assert "append-only" in str(caught.value.__cause__)


def test_a_change_of_any_column_is_found_at_its_entry(opened: Workspace) -> None:
    before = rows_of(opened)
    for column in (*HASHED, "entry_hash"):
        changed = [dict(row) for row in before]
        changed[3][column] = NEW_VALUES.get(column, "changed")
        assert changed[3] != before[3]
        put(opened, changed)
        found_bad(opened, 4, "Entry 4")
    put(opened, before)
    assert verify_log(opened).ok


def test_an_entry_taken_out_of_the_middle_is_found(opened: Workspace) -> None:
    before = rows_of(opened)
    put(opened, [row for row in before if row["number"] != 4])
    found_bad(opened, 4, "Entry 4 is missing")


def test_an_entry_taken_out_is_found_although_the_others_moved_up(opened: Workspace) -> None:
    left = [row for row in rows_of(opened) if row["number"] != 4]
    put(opened, [{**row, "number": i} for i, row in enumerate(left, start=1)])
    found_bad(opened, 4, "changed")


def test_two_entries_exchanged_are_found(opened: Workspace) -> None:
    rows = rows_of(opened)
    rows[2], rows[5] = {**rows[5], "number": 3}, {**rows[2], "number": 6}
    put(opened, rows)
    found_bad(opened, 3, "changed")


def test_an_entry_of_right_hash_in_the_wrong_place_is_found(opened: Workspace) -> None:
    rows = rows_of(opened)
    rows[3]["page"] = "overview"
    rows[3]["entry_hash"] = entry_hash(rows[3])
    put(opened, rows)
    found_bad(opened, 5, "does not follow")


@pytest.mark.parametrize("kept", [0, 1, LENGTH - 1])
def test_a_log_cut_at_its_end_is_found(opened: Workspace, kept: int) -> None:
    put(opened, rows_of(opened)[:kept])
    found_bad(opened, kept + 1, f"the head names 8, the log has {kept}")


def test_an_entry_put_behind_the_head_is_found(opened: Workspace) -> None:
    rows = rows_of(opened)
    put(opened, hashed_again(opened, [*rows, {**rows[0], "entry_id": "x"}]))
    found_bad(opened, 9, "the head does not know")


def test_a_changed_or_missing_head_is_found(opened: Workspace) -> None:
    with opened.write() as connection:
        connection.execute(update(SHOWN_HEADS).values(head_hash="0" * 64))
    found_bad(opened, LENGTH, "The head does not fit")
    with opened.write() as connection:
        connection.execute(delete(SHOWN_HEADS))
    found_bad(opened, None, "The head of the log is missing")
    with pytest.raises(WorkspaceError, match="damaged"):
        log_one(opened)


def test_an_exchanged_salt_is_found(opened: Workspace, url: str) -> None:
    with opened.write() as connection:
        connection.execute(update(WORKSPACES).values(salt="0" * 64))
    opened.close()
    again = open_workspace(url)
    try:
        found_bad(again, 1, "does not follow")
    finally:
        again.close()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL refuses broken text by itself
def test_text_that_is_no_text_is_reported(opened: Workspace) -> None:
    with opened.write() as connection:
        connection.execute(text("UPDATE shown_entries SET page = CAST(x'ff' AS TEXT) WHERE number = 2"))
        connection.execute(text("UPDATE shown_entries SET page = x'00' WHERE number = 5"))
    found_bad(opened, 2, "Entry 2 was changed")
    with opened.write() as connection:
        connection.execute(text("UPDATE shown_entries SET page = 'decision' WHERE number = 2"))
    found_bad(opened, 5, "Entry 5 was changed")


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rearrangement_of_the_rows_is_found(opened: Workspace, data: st.DataObject) -> None:
    before = rows_of(opened)
    order = data.draw(st.lists(st.integers(0, LENGTH - 1), max_size=LENGTH, unique=True))
    renumber = data.draw(st.booleans())
    rows = [{**before[i], "number": place if renumber else i + 1} for place, i in enumerate(order, start=1)]
    try:
        put(opened, rows)
        same = sorted(rows, key=lambda row: row["number"]) == before
        assert verify_log(opened).ok == same
    finally:
        put(opened, before)


def forge_a_change(rows: Rows) -> Rows:
    return [{**row, "page": "overview"} if row["number"] == 2 else row for row in rows]


def forge_a_removal(rows: Rows) -> Rows:
    return [row for row in rows if row["number"] != 2]


def cut_the_end(rows: Rows) -> Rows:
    return rows[:3]


def forge_a_longer_log(rows: Rows) -> Rows:
    return [*forge_a_change(rows), {**rows[0], "entry_id": "x"}]


def empty_the_log(rows: Rows) -> Rows:
    return []


@pytest.mark.parametrize("forge", [forge_a_change, forge_a_removal, cut_the_end, forge_a_longer_log, empty_the_log])
def test_only_an_anchor_finds_a_log_that_was_hashed_again_with_its_head(
    opened: Workspace, forge: Callable[[Rows], Rows]
) -> None:
    anchor = read_anchor(anchor_log(opened).to_json())
    forged = hashed_again(opened, forge(rows_of(opened)))
    put(opened, forged)
    mend_head(opened, forged)
    assert verify_log(opened).ok, "the limit that the documentation admits"
    assert not verify_log(opened, anchor).ok


def test_a_log_that_grew_fits_its_anchor(opened: Workspace) -> None:
    anchor = anchor_log(opened)
    assert anchor.entries == LENGTH
    log_one(opened, BERT)
    assert verify_log(opened, anchor).ok


def test_an_anchor_of_an_empty_log_fits_what_came_after(workspace: Workspace) -> None:
    anchor = anchor_log(workspace)
    log_one(workspace)
    assert verify_log(workspace, anchor).ok
    assert not verify_log(workspace, replace(anchor, head_hash="0" * 64)).ok


def test_an_anchor_of_another_workspace_is_named_as_such(opened: Workspace) -> None:
    other = replace(anchor_log(opened), workspace_id="another")
    assert "another workspace" in verify_log(opened, other).finding


def test_a_damaged_log_is_not_anchored(opened: Workspace) -> None:
    put(opened, rows_of(opened)[1:])
    with pytest.raises(WorkspaceError, match="Entry 1 is missing"):
        anchor_log(opened)


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"workspace_id":1,"entries":1,"head_hash":"a","taken_at":"b"}'])
def test_a_line_that_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(WorkspaceError, match="anchor cannot be read"):
        read_anchor(line)
