"""Pins and what came of checking them, sessions with their notes and questions, and approvals of texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables of pins, sessions and approvals."""
    _make_pins()
    _make_pin_checks()
    _make_sessions()
    _make_session_notes()
    _make_questions()
    _make_question_pins()
    _make_approvals()


def _make_pins() -> None:
    op.create_table(
        "pins",
        sa.Column("pin_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), comment="the session it was made in; null outside one"),
        sa.Column("scope", sa.Text, nullable=False, comment="audience and partner of the view it was made in"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("snapshot_id", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("pinned_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False, comment="canonical JSON: everything that was shown"),
        sa.PrimaryKeyConstraint("pin_id", name="pk_pins"),
    )
    op.create_index("ix_pins_scope_pinned_at", "pins", ["scope", "pinned_at"])
    op.create_index("ix_pins_session_id_pinned_at", "pins", ["session_id", "pinned_at"])


def _make_pin_checks() -> None:
    op.create_table(
        "pin_checks",
        sa.Column("check_id", sa.String(36), nullable=False),
        sa.Column("pin_id", sa.String(36), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("compared", sa.BigInteger, nullable=False, comment="how many words and numbers were compared"),
        sa.Column("differences", sa.Text, nullable=False, comment="JSON list of sentences"),
        sa.Column("snapshot_id", sa.Text, nullable=False),
        sa.Column("snapshot_hash", sa.Text, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("checked_at", sa.String(27), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("check_id", name="pk_pin_checks"),
    )
    op.create_index("ix_pin_checks_pin_id_checked_at", "pin_checks", ["pin_id", "checked_at"])


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("scope", sa.Text, nullable=False, comment="audience and partner it is held for: who else finds it"),
        sa.Column("who", sa.Text, nullable=False, comment="account that started it"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("presenter", sa.Text, nullable=False),
        sa.Column("participants", sa.Text, nullable=False, comment="JSON list of roles, no names"),
        sa.Column("held_on", sa.String(10), nullable=False, comment="date, ISO"),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("ended_at", sa.String(27)),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_who_ended_at", "sessions", ["who", "ended_at"])
    op.create_index("ix_sessions_scope_started_at", "sessions", ["scope", "started_at"])


def _make_session_notes() -> None:
    op.create_table(
        "session_notes",
        sa.Column("note_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False, comment="the page it is for; empty for the whole meeting"),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name="pk_session_notes"),
    )
    op.create_index("ix_session_notes_session_id_created_at", "session_notes", ["session_id", "created_at"])


def _make_questions() -> None:
    op.create_table(
        "questions",
        sa.Column("question_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False, comment="the session it was asked in"),
        sa.Column("scope", sa.Text, nullable=False, comment="of the session"),
        sa.Column("who", sa.Text, nullable=False, comment="account that wrote it down"),
        sa.Column("asked_by", sa.Text, nullable=False, comment="a role, no name"),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False, comment="empty while it is open"),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("due", sa.String(10), comment="date, ISO"),
        sa.Column("sensitivity", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False, comment="JSON list of the page's query parameters"),
        sa.Column("asked_at", sa.String(27), nullable=False),
        sa.Column("answered_at", sa.String(27)),
        sa.Column("answered_by", sa.Text),
        sa.Column("answered_in", sa.String(36), comment="the session it was answered in"),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_questions"),
    )
    op.create_index("ix_questions_session_id_asked_at", "questions", ["session_id", "asked_at"])
    op.create_index("ix_questions_scope_answered_at", "questions", ["scope", "answered_at"])


def _make_question_pins() -> None:
    op.create_table(
        "question_pins",
        sa.Column("question_id", sa.String(36), nullable=False),
        sa.Column("pin_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("question_id", "pin_id", name="pk_question_pins"),
    )
    op.create_index("ix_question_pins_pin_id", "question_pins", ["pin_id"])


def _make_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="what the text is: answer, walkthrough, reason"),
        sa.Column("subject", sa.Text, nullable=False, comment="id of the thing it belongs to"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False, comment="SHA-256 of title and body as approved"),
        sa.Column("audience", sa.Text, nullable=False, comment="who may be shown it"),
        sa.Column("partner", sa.Text, comment="the one partner it is for; null for all"),
        sa.Column("drafted_by", sa.Text, nullable=False),
        sa.Column("drafted_at", sa.String(27), nullable=False),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", sa.String(27)),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("withdrawn_at", sa.String(27)),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", name="pk_approvals"),
        sa.CheckConstraint("approved_by <> drafted_by", name="ck_approvals_second_person"),
    )
    op.create_index("ix_approvals_kind_subject", "approvals", ["kind", "subject"])
    op.create_index("ix_approvals_audience_approved_at", "approvals", ["audience", "approved_at"])
