"""Tests of the workspace, on SQLite and on PostgreSQL."""
