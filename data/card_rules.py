"""Rules of a card that no single field can check: what belongs together and what must not be said.

The rules look at the card as written, not at the validated card, so that a card with a wrong unit
on line 9 still hears about the missing reason on line 40. They skip what is not there or of the
wrong kind: `data.cards` reports that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import duckdb

from data.card_text import Path
from data.errors import CandorError
from data.policy_rules import parse_rule
from data.prohibited import prohibited_basis
from data.suggestions import did_you_mean


@dataclass(frozen=True)
class Complaint:
    """A problem of the card, by its path; `data.cards` adds the line."""

    path: Path
    found: str
    allowed: str
    remedy: str


def complaints_of(card: dict[str, Any]) -> Iterator[Complaint]:
    """Yield every complaint of every rule about a card as written."""
    yield from _families(card)
    for name, feature in _block(card, "features").items():
        if isinstance(feature, dict):
            yield from _reasons_needed(name, feature, str(_block(card, "model").get("higher_score_is")))
            yield from _range(("features", name, "actionable"), feature.get("actionable"))
    yield from _reason_words(card)
    yield from _sources(card)
    yield from _decision_values(_block(card, "applications"))
    yield from _policy_rules(card)
    yield from _links(card)


def _block(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a block, or an empty one when it is missing or of the wrong kind."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _families(card: dict[str, Any]) -> Iterator[Complaint]:
    families, features = _block(card, "families"), _block(card, "features")
    used = set()
    for name, feature in features.items():
        family = feature.get("family") if isinstance(feature, dict) else None
        if not isinstance(family, str):
            continue
        used.add(family)
        if family not in families:
            remedy = f"{did_you_mean(family, families)}Add the family, or name one that is there."
            yield Complaint(("features", name, "family"), repr(family[:60]), "a family listed under families", remedy)
    for family in families:
        if features and family not in used:
            remedy = "Remove the family, or give it a signal."
            yield Complaint(("families", family), "a family without signals", "families with signals", remedy)


def _reasons_needed(name: str, feature: dict[str, Any], higher_score_is: str) -> Iterator[Complaint]:
    """An applicant must hear a reason for each way in which the signal can count against them."""
    direction, category = feature.get("direction"), feature.get("unit") == "category"
    reason = feature.get("reason")
    if not isinstance(reason, dict):
        return
    if category and direction in {"raises", "lowers"}:
        remedy = "Write direction: either, or give the signal a unit that has an order."
        yield Complaint(("features", name, "direction"), str(direction), "either, for a category", remedy)
    for key in _needed_reasons(str(direction), higher_score_is, category):
        if not reason.get(key):
            remedy = f"Add reason.{key}: what an applicant is told when {_WHEN[key]} counts against them."
            allowed = f"a reason for {key}, since direction is {direction}"
            yield Complaint(("features", name, "reason"), f"no reason for {key}", allowed, remedy)


_WHEN = {"high": "a high value", "low": "a low value", "value": "the category"}


def _needed_reasons(direction: str, higher_score_is: str, category: bool) -> tuple[str, ...]:
    if category:
        return ("value",)
    if direction == "either":
        return ("high", "low")
    bad_when_high = {("raises", "riskier"), ("lowers", "safer")}
    bad_when_low = {("lowers", "riskier"), ("raises", "safer")}
    if (direction, higher_score_is) in bad_when_high:
        return ("high",)
    return ("low",) if (direction, higher_score_is) in bad_when_low else ()


def _range(path: Path, actionable: Any) -> Iterator[Complaint]:
    if not isinstance(actionable, dict):
        return
    try:
        low, high = float(actionable["minimum"]), float(actionable["maximum"])
    except (KeyError, TypeError, ValueError):
        return
    if low >= high:
        yield Complaint(path, "a minimum that is not below the maximum", "minimum below maximum", "Swap or mend them.")


def _links(card: dict[str, Any]) -> Iterator[Complaint]:
    """Signals that move together must be numbers a person could change: nothing fixed moves by a side door."""
    links, features, seen = card.get("links"), _block(card, "features"), set()
    for position, link in enumerate(links if isinstance(links, list) else []):
        if not isinstance(link, dict):
            continue
        path, when = ("links", position), link.get("when")
        moved = [name for key in ("same", "opposite") for name in _names(link.get(key))]
        if when in seen:
            remedy = "Write one entry per signal, with all that moves with it."
            yield Complaint((*path, "when"), "a second entry for this signal", "one entry per signal", remedy)
        seen.add(when if isinstance(when, str) else None)
        if not moved:
            yield Complaint(path, "a link that moves nothing", "same, opposite or both", "Name the signals that move.")
        if len({*moved, when}) <= len(moved):
            yield Complaint(path, "a signal named twice", "each signal once in a link", "Keep one of them.")
        for name in [*_names([when]), *moved]:
            yield from _linked(path, name, features)


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _linked(path: Path, name: str, features: dict[str, Any]) -> Iterator[Complaint]:
    feature = features.get(name)
    if not isinstance(feature, dict):
        remedy = f"{did_you_mean(name, features)}Name a signal of the card."
        yield Complaint(path, repr(name[:60]), "a signal listed under features", remedy)
    elif feature.get("unit") == "category":
        yield Complaint(path, f"the category {name!r}", "signals that are numbers", "Remove it from the link.")
    elif not isinstance(feature.get("actionable"), dict):
        allowed = "signals with an actionable block"
        yield Complaint(path, f"{name!r}, which nobody can change", allowed, "Say how it may change, or remove it.")


_LENDER = r"(internal|our|bank'?s?|lender'?s?|company|lending|underwriting|credit|institution'?s?)"
_RULEBOOK = r"(polic(y|ies)|standards?|criteria|criterion|guidelines?|requirements?)"
_REFUSAL = r"(decision|decided|declin\w*|reject\w*|den(y|ied|ial)|score\w*|output|result\w*|recommend\w*)"
_VAGUE = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(insufficient|low(er)?|poor|inadequate|bad|failing|weak) (credit |risk |internal )?(score|rating|points)\b",
        r"\b(score|rating|scorecard|points)\b.*\b(low|insufficient|below|minimum|fail\w*|inadequate|poor|not enough)\b",
        r"\bfail\w* to (reach|achieve|meet)\b.*\b(score|cut-?off|threshold|minimum)\b",
        rf"\b{_LENDER}\b.{{0,20}}\b{_RULEBOOK}\b",
        rf"\b(not|n't|fail\w*|outside)\b.{{0,20}}\b(meet|satisfy|of|to|within|our)\b.{{0,20}}\b{_RULEBOOK}\b",
        r"\b(not|n't|fail\w*)( to)? qualif",
        r"\bnot (credit-?worthy|eligible)\b|\b(insufficient|lack of|poor) credit-?worthiness\b",
        rf"\b(algorithm\w*|computer|automated|machine|artificial intelligence|ai)\b.{{0,30}}\b{_REFUSAL}\b",
        rf"\b(model|system)('s)? {_REFUSAL}\b|\b{_REFUSAL} (of|by) (the|our|a) (model|system|algorithm|computer)\b",
        r"^(too )?(high )?(credit )?risk( is)?( too)?( high)?$|\btoo risky\b",
        r"^(other|various|several|general|unspecified|misc\w*)( reasons?| factors?|, specify)?$",
        r"^(credit )?(application )?(was )?(declined|denied|rejected|not approved|refused)$",
        r"^(reason|n/a|na|none|tbd|tba|unknown|xxx+|\.+|-+|\?+)$",
    )
)


def is_vague(reason: str) -> bool:
    """Say whether a reason names no factor, only a score, a standard, a machine or the refusal itself.

    References
    ----------
    12 CFR 1002.9(b)(2): reasons must be specific; internal standards or a failing score are not enough.
    """
    plain = re.sub(r"\s+", " ", reason.lower().replace("’", "'")).strip().rstrip(".!")
    return any(pattern.search(plain) for pattern in _VAGUE)


def _reason_words(card: dict[str, Any]) -> Iterator[Complaint]:
    for path, reason in _reasons(card):
        if is_vague(reason):
            remedy = "Name the factor itself, such as: debt is high compared with income."
            yield Complaint(path, repr(reason[:60]), "a reason that names a specific factor", remedy)
        basis = prohibited_basis(reason)
        if basis is not None:
            found = f"a reason that points to {basis}"
            yield Complaint(
                path, found, "no prohibited basis (12 CFR 1002.2(z))", "Remove the signal or mend the words."
            )


def _reasons(card: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, feature in _block(card, "features").items():
        for kind, reason in (_block(feature, "reason") if isinstance(feature, dict) else {}).items():
            if isinstance(reason, str):
                yield ("features", name, "reason", kind), reason
    for position, rule in _policies(card):
        if isinstance(rule.get("reason"), str):
            yield ("decision", "policy_rules", position, "reason"), rule["reason"]


def _policies(card: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    rules = _block(card, "decision").get("policy_rules")
    for position, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, dict):
            yield position, rule


def _policy_rules(card: dict[str, Any]) -> Iterator[Complaint]:
    for position, rule in _policies(card):
        if not isinstance(rule.get("when"), str):
            continue
        try:
            parse_rule(rule["when"])
        except CandorError as error:
            path = ("decision", "policy_rules", position, "when")
            yield Complaint(path, repr(rule["when"][:60]), error.message, error.remedy)


def _decision_values(applications: dict[str, Any]) -> Iterator[Complaint]:
    approved, declined = applications.get("approved_values"), applications.get("declined_values")
    if isinstance(approved, list) and isinstance(declined, list):
        shared = {str(value) for value in approved} & {str(value) for value in declined}
        for both in sorted(value for value in shared if not is_todo(value)):
            path = ("applications", "declined_values")
            yield Complaint(
                path, f"{both!r} in both lists", "a value in one list only", "Remove it from one of the lists."
            )


def _sources(card: dict[str, Any]) -> Iterator[Complaint]:
    model, applications, groups = (_block(card, key) for key in ("model", "applications", "groups"))
    yield from _path_rules(("model", "file"), model.get("file"))
    yield from _path_rules(("applications", "source"), applications.get("source"))
    yield from _path_rules(("groups", "source"), groups.get("source"))
    yield from _path_rules(("reasons", "catalogue"), _block(card, "reasons").get("catalogue"))
    yield from _table_rules("applications", applications)
    yield from _table_rules("groups", groups)
    if isinstance(applications.get("sql"), str):
        yield from _sql_rules(applications["sql"])


def source_kind(source: str) -> str | None:
    """Return "csv", "parquet" or "duckdb" by the ending of a file name; None for any other."""
    name = source.lower()
    endings = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet", ".duckdb": "duckdb", ".db": "duckdb"}
    return next((kind for ending, kind in endings.items() if name.endswith(ending)), None)


def _path_rules(path: Path, value: Any) -> Iterator[Complaint]:
    if not isinstance(value, str):
        return
    remedy = "Put the file beside the card and write its name."
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", value) or value.startswith(("//", "\\\\")):
        yield Complaint(path, "an address", "a file on this machine: no request leaves it", remedy)
    elif PurePosixPath(value).is_absolute() or PureWindowsPath(value).drive or value.startswith(("~", "\\")):
        yield Complaint(path, "a path from the top of the disk", "a path relative to the card", remedy)
    elif not value.isprintable() or any(mark in value for mark in "*?"):
        yield Complaint(path, "a path with a pattern or a control character", "the name of one file", remedy)
    elif path[-1] == "source" and source_kind(value) is None and not is_todo(value):
        allowed = "a file that ends in .csv, .csv.gz, .parquet, .duckdb or .db"
        yield Complaint(path, repr(value[-60:]), allowed, "Convert the table, or mend the name.")


def is_todo(text: str) -> bool:
    """Say whether a text still waits for a person."""
    return re.search(r"\bTODO\b", text) is not None


def _table_rules(where: str, block: dict[str, Any]) -> Iterator[Complaint]:
    """A DuckDB file needs one table or query; other files have none."""
    kind = source_kind(block["source"]) if isinstance(block.get("source"), str) else None
    given = [key for key in ("table", "sql") if block.get(key) is not None]
    wanted = "a table or a query (sql), not both" if where == "applications" else "a table"
    if kind == "duckdb" and len(given) != 1:
        found = "both table and sql" if given else "neither table nor sql" if where == "applications" else "no table"
        yield Complaint((where, "source"), found, f"{wanted} for a DuckDB file", "Keep or add exactly one.")
    if kind in {"csv", "parquet"}:
        for key in given:
            yield Complaint(
                (where, key), f"{key} with a {kind} file", f"no {key}: the file is one table", f"Remove {key}."
            )


def _sql_rules(sql: str) -> Iterator[Complaint]:
    """One reading statement, judged by DuckDB's own parser; nothing is run here."""
    path, allowed = ("applications", "sql"), "one SELECT statement"
    first = re.match(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*([A-Za-z]*)", sql, re.DOTALL)
    word = first.group(1).upper() if first else ""
    try:
        with duckdb.connect(":memory:") as parser:
            statements = parser.extract_statements(sql)
    except duckdb.Error as error:
        said = str(error).splitlines()[0][:120]
        yield Complaint(path, f"SQL that cannot be read ({said})", allowed, "Mend the query; try it in DuckDB first.")
        return
    if len(statements) != 1:
        remedy = "Keep one statement and remove the other semicolons."
        yield Complaint(path, f"{len(statements)} statements", allowed, remedy)
    elif statements[0].type != duckdb.StatementType.SELECT or word not in {"SELECT", "WITH", "FROM"}:
        found = f"a statement that starts with {word[:20] or 'no word'}"
        yield Complaint(path, found, f"{allowed}, starting with SELECT, WITH or FROM", "Only read from the source.")
