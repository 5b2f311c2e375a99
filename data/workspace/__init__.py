"""The workspace: the log of what was shown and the budgets of questions, in one database.

`open_workspace` finds and prepares the database; everything else takes what it returns.
"""

from __future__ import annotations

from data.workspace.budgets import BudgetState, QuestionKind, clean_budgets, read_budget, say_budget, spend
from data.workspace.database import Workspace, WorkspaceHealth, open_workspace
from data.workspace.log_list import LogFilter, LogPage, export_log, list_log
from data.workspace.shown_log import LoggedInputs, ShownEntry, record
from data.workspace.verify import LogAnchor, LogCheck, anchor_log, check_workspace, read_anchor, verify_log

__all__ = [
    "BudgetState",
    "LogAnchor",
    "LogCheck",
    "LogFilter",
    "LogPage",
    "LoggedInputs",
    "QuestionKind",
    "ShownEntry",
    "Workspace",
    "WorkspaceHealth",
    "anchor_log",
    "check_workspace",
    "clean_budgets",
    "export_log",
    "list_log",
    "open_workspace",
    "read_anchor",
    "read_budget",
    "record",
    "say_budget",
    "spend",
    "verify_log",
]
