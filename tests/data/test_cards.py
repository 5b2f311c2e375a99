"""Reading a model card: every problem at once, with its line, and nothing but CardError for any file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from data.card_rules import is_vague, source_kind
from data.card_schema import ApplicationsBlock, Unit
from data.cards import LoadedCard, read_card
from data.errors import CardError, Problem
from tests.cards_for_tests import SMALL_CARD, card_yaml, small_card, to_yaml, wide_features


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(CardError) as caught:
        read_card(path)
    return list(caught.value.problems)


def only_problem(tmp_path: Path, **changes: Any) -> Problem:
    problems = problems_of(small_card(tmp_path, **changes))
    assert len(problems) == 1, [str(p) for p in problems]
    return problems[0]


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "card.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- a good card -------------------------------------------------------------------------------------


def test_a_good_card_is_read_with_its_lines_and_hash(tmp_path: Path) -> None:
    path = small_card(tmp_path)
    loaded = read_card(path)
    assert isinstance(loaded, LoadedCard)
    assert loaded.card.features["dti"].unit == "percent"
    assert loaded.card.cutoff_for("North") == 0.2
    assert loaded.card.cutoff_for(None) == 0.18
    lines = loaded.text.splitlines()
    assert lines[(loaded.line_of("features", "dti", "unit") or 0) - 1].strip() == "unit: percent"
    assert loaded.place("features", "dti", "unit").endswith(", features.dti.unit")
    assert loaded.folder == tmp_path.resolve()
    assert len(loaded.sha256) == 64


def test_a_key_that_is_not_there_has_the_line_of_the_block_around_it(tmp_path: Path) -> None:
    loaded = read_card(small_card(tmp_path))
    assert loaded.line_of("features", "dti", "levels", "7") == loaded.line_of("features", "dti")
    assert loaded.line_of("nowhere") is None


def test_words_stay_as_written_and_only_typed_fields_become_numbers(tmp_path: Path) -> None:
    text = card_yaml(features__housing__levels={"1": "one", "no": "none"})
    text = text.replace("version: '1.10'", "version: 1.10").replace("'no':", "no:").replace("'1':", "1:")
    text = text.replace("card_version: '1'", "card_version: 1").replace("'0.18'", "0.18")
    card = read_card(written(tmp_path, text)).card
    assert card.model.version == "1.10"
    assert set(card.features["housing"].levels) == {"1", "no"}
    assert card.decision.cutoffs.default == 0.18


@pytest.mark.parametrize(("word", "value"), [("no", False), ("yes", True), ("true", True), ("false", False)])
def test_a_yes_or_no_field_reads_the_word(tmp_path: Path, word: str, value: bool) -> None:
    assert read_card(small_card(tmp_path, model__synthetic=word)).card.model.synthetic is value


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + card_yaml().replace("\n", "\r\n").encode()
    loaded = read_card(written(tmp_path, raw))
    assert loaded.line_of("card_version") == 1


def test_an_alias_stands_for_the_block_it_names(tmp_path: Path) -> None:
    text = card_yaml().replace("  debt:\n    label: Debt compared with income", "  debt: &d {label: Debt}\n  home: *d")
    text = text.replace("\n  home:\n    label: Housing", "")
    card = read_card(written(tmp_path, text)).card
    assert card.families["home"].label == card.families["debt"].label == "Debt"


def test_a_card_of_1800_signals_is_read_within_three_seconds(tmp_path: Path) -> None:
    families = {f"family-{i}": {"label": f"Family {i}"} for i in range(40)}
    path = written(tmp_path, to_yaml(SMALL_CARD | {"families": families, "features": dict(wide_features(1800))}))
    started = time.perf_counter()
    loaded = read_card(path)
    assert time.perf_counter() - started < 3
    assert len(loaded.card.features) == 1800


# --- ten problems in one report -----------------------------------------------------------------------

TEN = """\
The model card card.yaml cannot be used. 10 problems found:
  1. card.yaml line 2, model.owner: found nothing; allowed: text of 1 to 2,000 characters. Add owner to model.
  2. card.yaml line 14, applications.source: found an address; allowed: a file on this machine: no request leaves it. \
Put the file beside the card and write its name.
  3. card.yaml line 19, applications.outcom: found the unknown key 'outcom'; allowed: the keys COLUMNS. Did you mean \
outcome? Rename it, or remove it.
  4. card.yaml line 22, decision.cutoffs.default: found '18%'; allowed: a number, such as 0.18. Write the number \
without a percent sign, such as 0.18 for 18 %.
  5. card.yaml line 32, families.cash: found a family without signals; allowed: families with signals. Remove the \
family, or give it a signal.
  6. card.yaml line 53, features.dti.unit: found 'percents'; allowed: one of UNITS. Did you mean percent? Write one \
of these words.
  7. card.yaml line 56, features.dti.reason: found no reason for high; allowed: a reason for high, since direction is \
raises. Add reason.high: what an applicant is told when a high value counts against them.
  8. card.yaml line 57, features.dti.reason.low: found 'Credit score too low'; allowed: a reason that names a specific \
factor. Name the factor itself, such as: debt is high compared with income.
  9. card.yaml line 59, features.n_open.label: found TODO; allowed: text of 1 to 2,000 characters. Decide this and \
write it in.
  10. card.yaml line 62, features.n_open.family: found 'det'; allowed: a family listed under families. Did you mean \
debt? Add the family, or name one that is there.
 Nothing was written. Mend every point above and run it again."""


def test_ten_different_problems_are_reported_together_in_the_order_of_their_lines(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "model__owner": None,
        "applications__source": "https://example.org/a.csv",
        "applications__outcome": None,
        "applications__outcom": "defaulted",
        "decision__cutoffs__default": "18%",
        "families__cash": {"label": "Cash flow"},
        "features__dti__unit": "percents",
        "features__dti__reason": {"low": "Credit score too low"},
        "features__n_open__label": "TODO",
        "features__n_open__family": "det",
    }
    with pytest.raises(CardError) as caught:
        read_card(small_card(tmp_path, **changes))
    expected = TEN.replace("UNITS", ", ".join(unit.value for unit in Unit))
    assert str(caught.value) == expected.replace("COLUMNS", ", ".join(ApplicationsBlock.model_fields))


# --- each rule, its case ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "place", "found"),
    [
        ({"model__id": "A B"}, "model.id", "'A B'"),
        ({"model__purpose": ""}, "model.purpose", "''"),
        ({"model__purpose": "x" * 2001}, "model.purpose", "a text of 2,001 characters"),
        ({"model__synthetic": "perhaps"}, "model.synthetic", "'perhaps'"),
        ({"model__limits": "none"}, "model.limits", "'none'"),
        ({"model": "x"}, "model", "'x'"),
        ({"card_version": "2"}, "card_version", "'2'"),
        ({"decision__cutoffs__default": "nan"}, "decision.cutoffs.default", "'nan'"),
        ({"decision__cutoffs__default": ["1"]}, "decision.cutoffs.default", "a list of 1"),
        ({"features__income__actionable__step": "0"}, "features.income.actionable.step", "'0'"),
        ({"features__income__actionable__maximum": "-5"}, "features.income.actionable", "a minimum that is not"),
        ({"features__dti__reason": {"missing": "No file"}}, "features.dti.reason", "no reason for high"),
        ({"features__income__reason": {"high": "High income"}}, "features.income.reason", "no reason for low"),
        ({"features__n_open__reason": {"high": "Many accounts"}}, "features.n_open.reason", "no reason for low"),
        ({"features__housing__reason": {"high": "Rents"}}, "features.housing.reason", "no reason for value"),
        ({"features__housing__direction": "raises"}, "features.housing.direction", "raises"),
        ({"features__dti__family": "debts"}, "features.dti.family", "'debts'"),
        ({"families__spare": {"label": "Spare"}}, "families.spare", "a family without signals"),
        ({"features": {}}, "features", "a block of 0 keys"),
        ({"applications__declined_values": ["approved"], "applications__approved_values": ["approved"]},
         "applications.declined_values", "'approved' in both lists"),
        ({"applications__table": "loans"}, "applications.table", "table with a csv file"),
        ({"applications__sql": "SELECT 1"}, "applications.sql", "sql with a csv file"),
        ({"applications__source": "book.duckdb"}, "applications.source", "neither table nor sql"),
        ({"applications__source": "book.xlsx"}, "applications.source", "'book.xlsx'"),
        ({"applications__source": "/data/a.csv"}, "applications.source", "a path from the top of the disk"),
        ({"applications__source": "C:\\a.csv"}, "applications.source", "a path from the top of the disk"),
        ({"applications__source": "~/a.csv"}, "applications.source", "a path from the top of the disk"),
        ({"applications__source": "s3://bucket/a.csv"}, "applications.source", "an address"),
        ({"applications__source": "//host/a.csv"}, "applications.source", "an address"),
        ({"applications__source": "parts/*.parquet"}, "applications.source", "a path with a pattern"),
        ({"model__file": "http://host/model.txt"}, "model.file", "an address"),
        ({"decision__policy_rules": [{"when": "dti", "reason": "Debt is high"}]},
         "decision.policy_rules[1].when", "'dti'"),
        ({"decision__policy_rules": [{"when": "dti > high", "reason": "Debt is high"}]},
         "decision.policy_rules[1].when", "'dti > high'"),
        ({"decision__policy_rules": [{"when": "dti > 60", "reason": "Internal policy"}]},
         "decision.policy_rules[1].reason", "'Internal policy'"),
        ({"features__dti__reason": {"high": "Sex of the applicant"}}, "features.dti.reason.high", "points to sex"),
        ({"features__dti__label": "TODO: ask"}, "features.dti.label", "TODO"),
        ({"features__dti__direction": "TODO"}, "features.dti.direction", "TODO"),
        ({"applications__approved_values": ["TODO"]}, "applications.approved_values[1]", "TODO"),
    ],
)  # fmt: skip
def test_each_rule_names_its_place_and_what_it_found(
    tmp_path: Path, changes: dict[str, Any], place: str, found: str
) -> None:
    problem = only_problem(tmp_path, **changes)
    assert problem.place.endswith(f", {place}")
    assert found in problem.found
    assert problem.allowed
    assert problem.remedy


@pytest.mark.parametrize(
    ("direction", "higher", "needed"),
    [
        ("raises", "riskier", {"high"}),
        ("lowers", "riskier", {"low"}),
        ("raises", "safer", {"low"}),
        ("lowers", "safer", {"high"}),
        ("either", "safer", {"high", "low"}),
    ],
)
def test_the_reasons_needed_follow_from_direction_and_meaning_of_the_estimate(
    tmp_path: Path, direction: str, higher: str, needed: set[str]
) -> None:
    features = {"dti": SMALL_CARD["features"]["dti"] | {"direction": direction, "reason": {"missing": "No file"}}}
    changes = {"features": features, "families": {"debt": {"label": "Debt"}}, "model__higher_score_is": higher}
    problems = problems_of(small_card(tmp_path, **changes))
    assert {p.found for p in problems} == {f"no reason for {kind}" for kind in needed}
    features["dti"]["reason"] |= dict.fromkeys(needed, "Debt is high compared with income")
    assert read_card(small_card(tmp_path, **changes)).card.features["dti"].direction == direction


@pytest.mark.parametrize("source", ["book.duckdb", "../data/Book.DB"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM loans",
        "select ';' as a, * from loans;",
        "-- all of them\nWITH x AS (SELECT * FROM loans) SELECT * FROM x",
        "/* a */ (FROM loans)",
    ],
)
def test_one_select_over_a_duckdb_file_is_accepted(tmp_path: Path, sql: str, source: str) -> None:
    card = read_card(small_card(tmp_path, applications__source=source, applications__sql=sql)).card
    assert card.applications.sql == sql


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DROP TABLE loans",
        "DROP TABLE loans",
        "WITH x AS (SELECT 1) INSERT INTO loans SELECT * FROM x",
        "COPY loans TO 'a.csv'",
        "ATTACH 'other.db'",
        "SHOW TABLES",
        "SUMMARIZE loans",
        "EXPLAIN SELECT 1",
        "SELEC 1",
        "--",
        ";",
    ],
)
def test_sql_that_is_not_one_select_is_refused(tmp_path: Path, sql: str) -> None:
    problem = only_problem(tmp_path, applications__source="book.duckdb", applications__sql=sql)
    assert problem.place.endswith("applications.sql")
    assert "one SELECT statement" in problem.allowed


def test_a_duckdb_source_has_a_table_or_a_query_but_not_both(tmp_path: Path) -> None:
    both = {"applications__sql": "SELECT 1", "applications__table": "t"}
    assert only_problem(tmp_path, applications__source="b.duckdb", **both).found == "both table and sql"


def test_groups_in_a_duckdb_file_need_their_table(tmp_path: Path) -> None:
    attribute = {"name": "sex", "label": "Sex", "kind": "observed", "reference": "1"}
    groups = {"source": "groups.duckdb", "id": "application_id", "attributes": [attribute]}
    assert only_problem(tmp_path, groups=groups).found == "no table"
    loaded = read_card(small_card(tmp_path, groups=groups | {"table": "g"}))
    assert loaded.card.groups is not None


def test_kinds_of_sources_follow_from_the_ending() -> None:
    assert [source_kind(n) for n in ("a.CSV", "a.csv.gz", "a.parquet", "a.db", "a.gz")] == [
        "csv", "csv", "parquet", "duckdb", None,
    ]  # fmt: skip


def test_every_todo_is_listed(tmp_path: Path) -> None:
    changes = {"model__owner": "TODO", "features__dti__unit": "TODO", "features__dti__reason": {"high": "TODO"}}
    places = [p.place.split(", ")[1] for p in problems_of(small_card(tmp_path, **changes))]
    assert places == ["model.owner", "features.dti.unit", "features.dti.reason.high"]


VAGUE = (
    "Insufficient score", "Credit score too low", "Low credit score", "Score below the minimum", "Internal policy",
    "Our lending standards", "You did not meet our standards", "Does not meet the bank's criteria", "Model decision",
    "Declined by the model", "The algorithm rejected the application", "Automated decision", "Other", "Declined",
    "Did not qualify", "Insufficient creditworthiness", "High risk", "Failed to reach the qualifying score", "N/A",
    "Outside of credit policy", "Too risky", "didn’t meet our requirements", "Various reasons",
)  # fmt: skip


@pytest.mark.parametrize("reason", VAGUE)
def test_a_reason_that_names_no_factor_is_vague(reason: str) -> None:
    assert is_vague(reason)


# the reasons of Form C-1, Appendix C to Regulation B, and some of a lender's own
SPECIFIC = (
    "Credit application incomplete", "Insufficient number of credit references provided",
    "Unacceptable type of credit references provided", "Unable to verify credit references",
    "Temporary or irregular employment", "Unable to verify employment", "Length of employment",
    "Income insufficient for amount of credit requested", "Excessive obligations in relation to income",
    "Unable to verify income", "Length of residence", "Temporary residence", "Unable to verify residence",
    "No credit file", "Limited credit experience", "Poor credit performance with us",
    "Delinquent past or present credit obligations with others", "Collection action or judgment",
    "Garnishment or attachment", "Foreclosure or repossession", "Bankruptcy",
    "Number of recent inquiries on credit bureau report", "Value or type of collateral not sufficient",
    "Age of automobile", "Card balances are close to their limits", "Type of housing", "Not on file",
)  # fmt: skip


@pytest.mark.parametrize("reason", SPECIFIC)
def test_a_reason_that_names_a_factor_is_accepted(tmp_path: Path, reason: str) -> None:
    loaded = read_card(small_card(tmp_path, features__dti__reason={"high": reason}))
    assert loaded.card.features["dti"].reason.high == reason
