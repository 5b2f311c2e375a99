"""Protected attributes and proxies: a database of their own beside the snapshot's.

They are joined to applications by row number only, never to the model's inputs, and the file is
opened only for viewers who may see groups.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from data.card_schema import GroupsBlock
from data.errors import Problem, TableError
from data.sql import Attachment, cursor, open_scratch, quote_identifier
from data.staging import SourceSpec
from data.work_folder import WorkFolder

READ = {"parquet": "read_parquet", "csv": "read_csv"}


def write_groups_database(block: GroupsBlock, source: SourceSpec, work: WorkFolder, target: Path) -> int:
    """Write the protected attributes of every staged application.

    Parameters
    ----------
    block : GroupsBlock
        Which columns are attributes.
    source : SourceSpec
        The table of attributes.
    work : WorkFolder
        Holds the staging database with the applications.
    target : Path
        The database to make; table `groups` with `row_no` and one column per attribute.

    Returns
    -------
    int
        Applications without a line in the table of attributes; their attributes stay empty.

    Raises
    ------
    TableError
        Columns are missing, or an id stands there more than once.
    """
    target.unlink(missing_ok=True)
    attachments = [Attachment("staging", work.staging, read_only=True), Attachment("kept", target)]
    if source.kind == "duckdb":
        attachments.append(Attachment("theirs", source.path, read_only=True))
    readable = () if source.kind == "duckdb" else (source.path,)
    scratch = open_scratch(work.path / "spill", attachments=tuple(attachments), readable=readable)
    with closing(scratch), cursor(scratch) as own:
        _view(own, source)
        _check(own, block, source)
        columns = ", ".join(f"g.{quote_identifier(a.name)}" for a in block.attributes)
        own.execute(
            f"CREATE TABLE kept.groups AS SELECT a.row_no, {columns} FROM staging.staged a"  # noqa: S608
            f" LEFT JOIN attributes g ON a.application_id = g.{quote_identifier(block.id)}::VARCHAR ORDER BY a.row_no"
        )
        missing = own.execute(
            f"SELECT count(*) FROM staging.staged a WHERE NOT EXISTS (SELECT 1 FROM attributes g"  # noqa: S608
            f" WHERE g.{quote_identifier(block.id)}::VARCHAR = a.application_id)"
        ).fetchone()
    return int(missing[0]) if missing else 0


def _view(own: duckdb.DuckDBPyConnection, source: SourceSpec) -> None:
    """Name the table of attributes, wherever it is."""
    if source.kind == "duckdb":
        own.execute(f"CREATE TEMP VIEW attributes AS FROM theirs.{quote_identifier(source.table or '')}")
    else:
        own.execute(f"CREATE TEMP TABLE attributes AS FROM {READ[source.kind]}($path)", {"path": str(source.path)})


def _check(own: duckdb.DuckDBPyConnection, block: GroupsBlock, source: SourceSpec) -> None:
    """Report every missing column, and ids that stand there more than once."""
    present = {str(row[0]) for row in own.execute("DESCRIBE attributes").fetchall()}
    wanted = [block.id, *(a.name for a in block.attributes)]
    problems = [
        Problem(source.path.name, f"no column {name}", "every column that the card names", "Correct the card's groups.")
        for name in wanted
        if name not in present
    ]
    if not problems:
        doubled = own.execute(
            f"SELECT count(*) - count(DISTINCT {quote_identifier(block.id)}) FROM attributes"  # noqa: S608
        ).fetchone()
        if doubled and doubled[0]:
            found = f"{doubled[0]:,} lines whose id stands there already"
            problems = [Problem(source.path.name, found, "one line per application", "Remove the doubled lines.")]
    if problems:
        raise TableError("The table of protected attributes cannot be used", problems)
