"""The checks on a loaded table: every problem is found and reported, by column, count and row.

The raw table holds one row per row of the source in its order, with the columns named in
`data.staging`. Conversions have been done, so a NaN is a text that was not a number.
"""

# ruff: noqa: S608 - statements hold constants and quoted names only; values are parameters
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from data.staging_columns import (
    COMPACT,
    DAY_FIRST,
    EARLIEST,
    ISO,
    LATEST,
    MONTH_FIRST,
    DayForm,
)
from data.staging_report import SHOWN_COLUMNS, SHOWN_ROWS, Report, RowNames, columns, count

UNSEEN_SHARE = 0.05
"""Above this share of rows, levels the model never saw are a problem and not a note."""
BATCH = 100
OUTCOME_TRUE = ("1", "1.0", "true")
OUTCOME_FALSE = ("0", "0.0", "false")


@dataclass(frozen=True)
class Loaded:
    """A raw table in a connection, ready to be checked."""

    connection: duckdb.DuckDBPyConnection
    """Where it is."""
    table: str
    """Its full name."""
    n: int
    """Rows."""
    names: RowNames
    """How rows are named."""
    report: Report
    """Collects problems and notes."""

    def find(self, condition: str, parameters: Sequence[object] = ()) -> tuple[int, list[int]]:
        """Count the rows of a condition and return the first of them, 1 for the first row."""
        rows = self.connection.execute(
            f"SELECT rowid + 1, count(*) OVER () FROM {self.table} WHERE {condition} ORDER BY 1 LIMIT {SHOWN_ROWS}",
            list(parameters),
        ).fetchall()
        return (rows[0][1], [row[0] for row in rows]) if rows else (0, [])

    def one(self, query: str, parameters: Sequence[object] = ()) -> tuple[object, ...]:
        """Return the single row of a query over the table (named ``{table}`` in it)."""
        row = self.connection.execute(query.replace("{table}", self.table), list(parameters)).fetchone()
        return tuple(row or ())

    def number(self, query: str, parameters: Sequence[object] = ()) -> int:
        """Return the single whole number of a query over the table."""
        return int(str(self.one(query, parameters)[0]))

    def problem(self, place: str, what: str, found: tuple[int, list[int]], allowed: str, remedy: str) -> None:
        """Report rows that are wrong, if there are any."""
        total, rows = found
        if total:
            where = self.names.first(rows, total)
            self.report.problem(place, f"{what} in {count(total, 'row')} ({where})", allowed, remedy)


def check_ids(loaded: Loaded, column: str) -> None:
    """Check that application ids are there, printable and unique."""
    place = f"column {column}"
    empty = "application_id IS NULL OR regexp_full_match(application_id, '\\p{Z}*')"
    loaded.problem(place, "no application id", loaded.find(empty), "an id in each row", "Add the ids.")
    control = loaded.find("regexp_matches(application_id, '\\p{Cc}')")
    allowed = "any visible characters, spaces, quotes and other scripts included"
    loaded.problem(place, "a control character (tab, line break, NUL)", control, allowed, "Remove these characters.")
    _check_repeats(loaded, place, empty)
    spaced = loaded.number(
        f"SELECT count(*) FROM {{table}} WHERE regexp_matches(application_id, '^\\p{{Z}}|\\p{{Z}}$') AND NOT ({empty})"
    )
    if spaced:
        verb = "begins or ends" if spaced == 1 else "begin or end"
        loaded.report.note(f"{count(spaced, 'application id')} {verb} with a space; the space is part of the id.")
    hidden = loaded.number("SELECT count(*) FROM {table} WHERE regexp_matches(application_id, '\\p{Cf}')")
    if hidden:
        loaded.report.note(
            f"{count(hidden, 'application id')} {'holds' if hidden == 1 else 'hold'} characters that cannot be seen."
        )


def _check_repeats(loaded: Loaded, place: str, empty: str) -> None:
    repeats = (
        f"SELECT application_id, min(rowid) AS first_row, count(*) AS times FROM {loaded.table} "
        f"WHERE NOT ({empty}) GROUP BY application_id HAVING count(*) > 1"
    )
    ids, extra = loaded.one(f"SELECT count(*), coalesce(sum(times - 1), 0) FROM ({repeats})")
    if not ids:
        return
    rows = loaded.connection.execute(
        f"SELECT raw.rowid + 1 FROM {loaded.table} AS raw JOIN ({repeats}) AS again USING (application_id) "
        f"WHERE raw.rowid > again.first_row ORDER BY 1 LIMIT {SHOWN_ROWS}"
    ).fetchall()
    where = loaded.names.first([row[0] for row in rows], int(str(extra)))
    loaded.report.problem(
        place,
        f"{count(int(str(extra)), 'row')} repeating {count(int(str(ids)), 'id')} of earlier rows ({where})",
        "each application id once",
        "Keep one row for each application.",
    )


def check_partners(loaded: Loaded, column: str) -> None:
    """Check that each row names its partner: who may see a row depends on it."""
    empty = loaded.find("partner IS NULL OR regexp_full_match(partner, '\\p{Z}*')")
    loaded.problem(f"column {column}", "no partner", empty, "a partner in each row", "Fill in the partner.")
    control = loaded.find("regexp_matches(partner, '\\p{Cc}')")
    loaded.problem(f"column {column}", "a control character", control, "visible characters", "Remove them.")


def check_outcomes(loaded: Loaded, column: str) -> None:
    """Check that outcomes are 1, 0 or empty."""
    bad = loaded.find("NOT list_contains(?::VARCHAR[], lower(outcome))", [[*OUTCOME_TRUE, *OUTCOME_FALSE]])
    allowed = "1 (it happened), 0 (it did not), empty (not known)"
    loaded.problem(f"column {column}", "another value", bad, allowed, "Recode the outcome.")
    if loaded.n and not loaded.number("SELECT count(outcome) FROM {table}"):
        loaded.report.note(f"No outcome is known: column {column} is empty.")


def check_held_out(loaded: Loaded, column: str) -> None:
    """Check that the mark of held-out applications is 1, 0 or empty."""
    bad = loaded.find("NOT list_contains(?::VARCHAR[], lower(held_out))", [[*OUTCOME_TRUE, *OUTCOME_FALSE]])
    allowed = "1 (the model was not trained on it), 0 (it was), empty (not known)"
    loaded.problem(f"column {column}", "another value", bad, allowed, "Recode the column.")


def check_decisions(loaded: Loaded, column: str, approved: Sequence[str], declined: Sequence[str]) -> None:
    """Check that recorded decisions are among the values the card names."""
    known = [*approved, *declined]
    bad = loaded.find("NOT list_contains(?::VARCHAR[], decision)", [known])
    allowed = f"{', '.join(known)}, or empty"
    remedy = "Add the value to approved_values or declined_values in the card, or remove these rows."
    loaded.problem(f"column {column}", "a value that is neither approved nor declined", bad, allowed, remedy)
    for word, values in (("declined", declined), ("approved", approved)):
        query = "SELECT count(*) FROM {table} WHERE list_contains(?::VARCHAR[], decision)"
        if loaded.n and not loaded.number(query, [list(values)]):
            loaded.report.note(f"No {word} application on record: column {column} has none.")


def check_dates(loaded: Loaded, column: str) -> DayForm:
    """Find the one form in which all dates are written, and report those of another form.

    Returns
    -------
    DayForm
        How to convert them; year-month-day when no form fits all.
    """
    forms = (ISO, COMPACT, MONTH_FIRST, DAY_FIRST)
    valid = ", ".join(f"count({_within(form)})" for form in forms)
    total, *fits = (int(str(x)) for x in loaded.one(f"SELECT count(application_date), {valid} FROM {{table}}"))
    whole = [form for form, fit in zip(forms, fits, strict=True) if fit == total]
    if total < loaded.n:
        loaded.report.note(f"{count(loaded.n - total, 'row')} without a date in column {column}.")
    if not total or whole[:1] in ([ISO], [COMPACT]):
        return whole[0] if whole else ISO
    if whole == [MONTH_FIRST]:
        loaded.report.note(f"Dates in column {column} are read as {MONTH_FIRST.name}.")
        return MONTH_FIRST
    _report_dates(loaded, column, whole)
    return ISO


def _report_dates(loaded: Loaded, column: str, whole: list[DayForm]) -> None:
    remedy = "Write dates as year-month-day: 2026-03-31."
    if whole:
        found = "dates written day first" if whole == [DAY_FIRST] else "dates whose day and month cannot be told apart"
        loaded.report.problem(f"column {column}", found, "year-month-day", remedy)
        return
    bad = loaded.find(f"application_date IS NOT NULL AND {_within(ISO)} IS NULL")
    allowed = f"year-month-day between {EARLIEST} and {LATEST}, or month/day/year in every row"
    loaded.problem(f"column {column}", "no date of that form", bad, allowed, remedy)


def _within(form: DayForm) -> str:
    value = form.value.format("application_date")
    return f"CASE WHEN {value} BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}' THEN {value} END"


def day_value(form: DayForm) -> str:
    """Return the conversion of the raw table's dates to DATE."""
    return _within(form)


def check_scores(loaded: Loaded, column: str) -> None:
    """Check that production scores are finite numbers."""
    _check_number(loaded, "score", column)
    missing = loaded.n - loaded.number("SELECT count(score) FROM {table}")
    if missing:
        loaded.report.note(f"{count(missing, 'row')} without a production score in column {column}.")


def _check_number(loaded: Loaded, stored: str, column: str) -> None:
    allowed = "numbers; empty, NA, N/A, NaN, null or None when missing"
    place = f"column {column}"
    remedy = "Replace the text by numbers or leave it empty, or make the column a category."
    loaded.problem(place, "text that is not a number", loaded.find(f"isnan({stored})"), allowed, remedy)
    infinite = loaded.find(f"isinf({stored})")
    loaded.problem(place, "an infinite value", infinite, "finite numbers", "Leave it empty or correct it.")


def check_numbers(loaded: Loaded, signals: Mapping[str, str]) -> dict[str, int]:
    """Check numeric signals.

    Parameters
    ----------
    loaded : Loaded
        The raw table.
    signals : mapping of str to str
        Stored column to the signal's own name.

    Returns
    -------
    dict of str to int
        Rows without a value, by signal.
    """
    found = _measure(loaded, signals, "count({0}), bool_and(isfinite({0})), min({0}) = max({0})")
    wrong = [stored for stored, (_, right, _) in found.items() if right is False]
    for stored in wrong[:SHOWN_COLUMNS]:
        _check_number(loaded, stored, signals[stored])
    _report_rest(loaded, [signals[stored] for stored in wrong[SHOWN_COLUMNS:]], "text or infinite values", "numbers")
    return _report_presence(loaded, signals, {s: (present, bool(same)) for s, (present, _, same) in found.items()})


def check_categories(
    loaded: Loaded, signals: Mapping[str, str], levels: Mapping[str, tuple[str, ...] | None]
) -> dict[str, int]:
    """Check signals that are categories, also against the levels the model knows.

    Returns
    -------
    dict of str to int
        Rows without a value, by signal.
    """
    found = _measure(loaded, signals, "count({0}), TRUE, min({0}) = max({0})")
    for stored, name in signals.items():
        known = levels[name]
        if known is not None:
            _check_levels(loaded, stored, name, known)
    return _report_presence(loaded, signals, {s: (present, bool(same)) for s, (present, _, same) in found.items()})


def _check_levels(loaded: Loaded, stored: str, name: str, known: tuple[str, ...]) -> None:
    unseen = loaded.find(f"NOT list_contains(?::VARCHAR[], {stored})", [list(known)])
    total = unseen[0]
    if total > UNSEEN_SHARE * loaded.n:
        what = f"a level that the model never saw ({total / loaded.n:.0%} of all)"
        remedy = "Check how the column is coded. The model treats such a level as missing."
        allowed = f"the model's {count(len(known), 'level')}; others in at most {UNSEEN_SHARE:.0%} of rows"
        loaded.problem(f"column {name}", what, unseen, allowed, remedy)
    elif total:
        verb = "holds" if total == 1 else "hold"
        loaded.report.note(
            f"Column {name}: {count(total, 'row')} {verb} a level that the model never saw and treats as missing."
        )


def _measure(
    loaded: Loaded, signals: Mapping[str, str], measures: str
) -> dict[str, tuple[int, bool | None, bool | None]]:
    """Return for each column: values present, all of them right, all of them the same."""
    stored = list(signals)
    found: dict[str, tuple[int, bool | None, bool | None]] = {}
    for start in range(0, len(stored), BATCH):
        batch = stored[start : start + BATCH]
        row = loaded.one(f"SELECT {', '.join(measures.format(column) for column in batch)} FROM {{table}}")
        for i, column in enumerate(batch):
            present, right, same = row[3 * i : 3 * i + 3]
            found[column] = (int(str(present)), _truth(right), _truth(same))
    return found


def _truth(value: object) -> bool | None:
    return None if value is None else bool(value)


def _report_presence(
    loaded: Loaded, signals: Mapping[str, str], found: Mapping[str, tuple[int, bool]]
) -> dict[str, int]:
    """Report signals without any value, note those with one value only, and count what is missing."""
    absent = [signals[stored] for stored, (present, _) in found.items() if not present]
    if absent and loaded.n:
        remedy = "Fill the column. A signal without any value points to a failed export."
        loaded.report.problem(columns(absent), "no value in any row", "at least one value", remedy)
    constant = [signals[stored] for stored, (present, same) in found.items() if same and present == loaded.n > 1]
    if constant:
        loaded.report.note(f"One value only, the same in every row: {columns(constant)}.")
    return {signals[stored]: loaded.n - present for stored, (present, _) in found.items()}


def _report_rest(loaded: Loaded, names: Sequence[str], found: str, allowed: str) -> None:
    if names:
        remedy = "Mend the columns listed one by one first; these are likely of the same kind."
        loaded.report.problem(f"columns {', '.join(names)}", found, allowed, remedy)
