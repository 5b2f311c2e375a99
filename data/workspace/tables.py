"""The tables of the workspace, as the newest migration leaves them.

To add one: write it here, write the next file in `migrations/versions`, and raise `SCHEMA_VERSION`. A test
compares this page with what the migrations really make, on both databases. House rules of the tables:

- names are plural and in lower case; ids are UUIDs as text; every row knows when it was written (`created_at`);
- times are text in UTC with microseconds (`2026-11-20T09:15:00.000000Z`): the two databases order and return
  them alike, and a hash over a row does not depend on how a driver prints a time;
- JSON is kept as text for the same reason.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.errors import WorkspaceError

SCHEMA_VERSION = "0007"
"""The newest migration: what this code reads and writes."""
VERSION_TABLE = "schema_version"
TIME = String(27)
ID = String(36)
HASH = String(64)
BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite's own INTEGER has 64 bits, and only a column of that name is the key of the table itself."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WORKSPACES = Table(
    "workspaces",
    METADATA,
    Column("workspace_id", ID, primary_key=True),
    Column("salt", HASH, nullable=False, comment="32 random bytes; the key of every hidden value"),
    Column("created_at", TIME, nullable=False),
)
"""One row: which workspace this is."""

SHOWN_ENTRIES = Table(
    "shown_entries",
    METADATA,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("entry_id", ID, nullable=False, unique=True),
    Column("shown_at", TIME, nullable=False),
    Column("who", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("partner", Text),
    Column("page", Text, nullable=False),
    Column("inputs", Text, nullable=False, comment="canonical JSON; identifiers only as keyed hashes"),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("rows_behind", BigInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("previous_hash", HASH, nullable=False),
    Column("entry_hash", HASH, nullable=False),
    Index(None, "shown_at"),
    Index(None, "who", "shown_at"),
)
"""The log of what was shown: append-only, each row hashed together with the hash of the row before."""

SHOWN_HEADS = Table(
    "shown_heads",
    METADATA,
    Column("workspace_id", ID, primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("head_hash", HASH, nullable=False),
    Column("updated_at", TIME, nullable=False),
)
"""One row: how long the log is and the hash of its last entry; changed in the transaction of each entry."""

BUDGET_SPENDS = Table(
    "budget_spends",
    METADATA,
    Column("spend_id", ID, primary_key=True),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("cost", Integer, CheckConstraint("cost > 0", name="positive_cost"), nullable=False),
    Column("question", HASH, comment="keyed hash of the question; a repeat is free"),
    Column("spent_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "who", "kind", "spent_at"),
    Index(None, "spent_at"),
)
"""Questions of the last hour or so, per viewer and kind."""

SIGN_OUTS = Table(
    "sign_outs",
    METADATA,
    Column("account", HASH, primary_key=True, comment="keyed hash of issuer and account"),
    Column("signed_out_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
)
"""When each account last signed out: its sign-ins from before are over."""

SAVED_COHORTS = Table(
    "saved_cohorts",
    METADATA,
    Column("cohort_id", ID, primary_key=True),
    Column("scope", Text, nullable=False, comment="audience and partner: who finds it"),
    Column("model_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("folded_name", Text, nullable=False, comment="the name without case: one of each"),
    Column("cohort", Text, nullable=False, comment="the cohort's short text, a rule"),
    Column("who", Text, nullable=False),
    Column("saved_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    UniqueConstraint("scope", "model_id", "folded_name"),
)
"""Names for choices of applications."""

SHARED_GROUPS = Table(
    "shared_groups",
    METADATA,
    Column("share_id", ID, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("shared_by", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="why the lender shares it, in its own words"),
    Column("shared_at", TIME, nullable=False),
    Column("revoked_by", Text),
    Column("revoked_at", TIME, comment="empty while it is in force"),
    Column("created_at", TIME, nullable=False),
    Index(None, "model_id", "partner"),
)
"""Whose protected groups a partner may see, as aggregates; a share that ended keeps its line."""

PINS = Table(
    "pins",
    METADATA,
    Column("pin_id", ID, primary_key=True),
    Column("session_id", ID, comment="the session it was made in; null outside one"),
    Column("scope", Text, nullable=False, comment="audience and partner of the view it was made in"),
    Column("who", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("code_hash", HASH, nullable=False),
    Column("pinned_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("content_hash", HASH, nullable=False),
    Column("content", Text, nullable=False, comment="canonical JSON: everything that was shown"),
    Index(None, "scope", "pinned_at"),
    Index(None, "session_id", "pinned_at"),
)
"""Answers kept as they were shown. The content stands last: a list of pins does not read it."""

PIN_CHECKS = Table(
    "pin_checks",
    METADATA,
    Column("check_id", ID, primary_key=True),
    Column("pin_id", ID, nullable=False),
    Column("who", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("compared", BigInteger, nullable=False, comment="how many words and numbers were compared"),
    Column("differences", Text, nullable=False, comment="JSON list of sentences"),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("code_hash", HASH, nullable=False),
    Column("checked_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "pin_id", "checked_at"),
)
"""What came out when a pin was computed again."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_id", ID, primary_key=True),
    Column("scope", Text, nullable=False, comment="audience and partner it is held for: who else finds it"),
    Column("who", Text, nullable=False, comment="account that started it"),
    Column("name", Text, nullable=False),
    Column("presenter", Text, nullable=False),
    Column("participants", Text, nullable=False, comment="JSON list of roles, no names"),
    Column("held_on", String(10), nullable=False, comment="date, ISO"),
    Column("started_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("created_at", TIME, nullable=False),
    Index(None, "who", "ended_at"),
    Index(None, "scope", "started_at"),
)
"""Meetings. One without `ended_at` is running."""

SESSION_NOTES = Table(
    "session_notes",
    METADATA,
    Column("note_id", ID, primary_key=True),
    Column("session_id", ID, nullable=False),
    Column("who", Text, nullable=False),
    Column("page", Text, nullable=False, comment="the page it is for; empty for the whole meeting"),
    Column("note", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "session_id", "created_at"),
)
"""The presenter's own notes; no page of the shared screen reads them."""

QUESTIONS = Table(
    "questions",
    METADATA,
    Column("question_id", ID, primary_key=True),
    Column("session_id", ID, nullable=False, comment="the session it was asked in"),
    Column("scope", Text, nullable=False, comment="of the session"),
    Column("who", Text, nullable=False, comment="account that wrote it down"),
    Column("asked_by", Text, nullable=False, comment="a role, no name"),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False, comment="empty while it is open"),
    Column("owner", Text, nullable=False),
    Column("due", String(10), comment="date, ISO"),
    Column("sensitivity", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("address", Text, nullable=False, comment="JSON list of the page's query parameters"),
    Column("asked_at", TIME, nullable=False),
    Column("answered_at", TIME),
    Column("answered_by", Text),
    Column("answered_in", ID, comment="the session it was answered in"),
    Column("created_at", TIME, nullable=False),
    Index(None, "session_id", "asked_at"),
    Index(None, "scope", "answered_at"),
)
"""What was asked in meetings. One without `answered_at` is open and goes along to the next meeting."""

QUESTION_PINS = Table(
    "question_pins",
    METADATA,
    Column("question_id", ID, primary_key=True),
    Column("pin_id", ID, primary_key=True),
    Column("created_at", TIME, nullable=False),
    Index(None, "pin_id"),
)
"""Which pins belong to which question."""

APPROVALS = Table(
    "approvals",
    METADATA,
    Column("approval_id", ID, primary_key=True),
    Column("kind", Text, nullable=False, comment="what the text is: answer, walkthrough, reason"),
    Column("subject", Text, nullable=False, comment="id of the thing it belongs to"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("text_hash", HASH, nullable=False, comment="SHA-256 of title and body as approved"),
    Column("audience", Text, nullable=False, comment="who may be shown it"),
    Column("partner", Text, comment="the one partner it is for; null for all"),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_at", TIME, nullable=False),
    Column("approved_by", Text, CheckConstraint("approved_by <> drafted_by", name="second_person")),
    Column("approved_at", TIME),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", TIME),
    Column("created_at", TIME, nullable=False),
    Index(None, "kind", "subject"),
    Index(None, "audience", "approved_at"),
)
"""Texts for outsiders, from draft to approved by a second person; a row is never changed but for its state."""

ALTERNATIVE_SEARCHES = Table(
    "alternative_searches",
    METADATA,
    Column("search_id", ID, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("training_hash", HASH, nullable=False, comment="over the rows that were learnt from"),
    Column("code_hash", HASH, nullable=False, comment="over the code and library versions"),
    Column("attribute", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("finished_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("content_hash", HASH, nullable=False),
    Column("content", Text, nullable=False, comment="canonical JSON: settings and every candidate"),
    Index(None, "snapshot_hash", "finished_at"),
)
"""Finished searches for alternative models. One that was stopped has no line."""

ALTERNATIVE_TOLERANCES = Table(
    "alternative_tolerances",
    METADATA,
    Column("tolerance_id", ID, primary_key=True),
    Column("search_id", ID, nullable=False),
    Column(
        "tolerance",
        Integer,
        CheckConstraint("tolerance >= 0", name="not_negative"),
        nullable=False,
        comment="loss of AUC accepted, in ten-thousandths",
    ),
    Column("rationale", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("written_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "search_id", "written_at"),
)
"""How much ranking a person would give up, and why; each is a line of its own and is never changed."""

WALK_RUNS = Table(
    "walk_runs",
    METADATA,
    Column("run_id", ID, primary_key=True),
    Column("scope", Text, nullable=False, comment="audience and partner of the view it is walked in"),
    Column("who", Text, nullable=False, comment="account that started it"),
    Column("script_key", Text, nullable=False, comment="id of a shipped script, or of an edited copy"),
    Column("script_hash", HASH, nullable=False),
    Column("script_text", Text, nullable=False, comment="the script as it was when the run began"),
    Column("title", Text, nullable=False),
    Column("steps", Integer, CheckConstraint("steps > 0", name="has_steps"), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("snapshot_id", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("inputs", Text, nullable=False, comment="JSON: what the walkthrough is about"),
    Column("started_at", TIME, nullable=False),
    Column("last_step", Integer, CheckConstraint("last_step > 0", name="a_step"), nullable=False),
    Column("created_at", TIME, nullable=False),
    Index(None, "scope", "started_at"),
)
"""Walkthroughs that were begun, with the step each stands at; only that step is ever changed."""

WALK_LINES = Table(
    "walk_lines",
    METADATA,
    Column("run_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False, comment="note, sign-off of a step, sign-off of the whole"),
    Column("who", Text, nullable=False),
    Column("words", Text, nullable=False, comment="the note, or a remark beside a sign-off"),
    Column("step_id", Text, nullable=False, comment="empty for the whole"),
    Column("shown", Text, nullable=False, comment="canonical JSON: what was shown, with its hashes"),
    Column("written_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("previous_hash", HASH, nullable=False),
    Column("line_hash", HASH, nullable=False),
)
"""Notes and sign-offs, line by line: none is ever changed, and each is hashed with the hash of the one before."""

WALK_COPIES = Table(
    "walk_copies",
    METADATA,
    Column("copy_id", ID, primary_key=True),
    Column("version", Integer, CheckConstraint("version > 0", name="a_version"), primary_key=True, autoincrement=False),
    Column("made_from", Text, nullable=False, comment="id of the script it was made from"),
    Column("from_hash", HASH, nullable=False),
    Column("title", Text, nullable=False),
    Column("script_text", Text, nullable=False),
    Column("script_hash", HASH, nullable=False),
    Column("who", Text, nullable=False),
    Column("saved_at", TIME, nullable=False),
    Column("created_at", TIME, nullable=False),
)
"""Edited walkthroughs, version by version. Outsiders see a version once a second person approved it."""


def time_text(moment: datetime) -> str:
    """Return an aware moment as the workspace keeps it.

    Parameters
    ----------
    moment : datetime
        With a time zone.

    Returns
    -------
    str
        UTC with microseconds, 27 characters.

    Raises
    ------
    WorkspaceError
        The moment has no time zone: it could mean another hour on another machine.
    """
    if moment.tzinfo is None:
        found = "The moment has no time zone."
        raise WorkspaceError("The workspace keeps moments in UTC", found, "Pass one with a time zone.")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_read(text: str) -> datetime:
    """Return a moment of the workspace as an aware datetime in UTC."""
    return datetime.fromisoformat(text)
