"""Bad input to `python -m explainers build`: one report, exit code 2, and nothing written."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from data.access import LOCAL_VIEWER
from data.listing import list_snapshots
from data.snapshots import open_reader, open_snapshot
from explainers.__main__ import main
from tests.snapshots_for_tests import SIGNALS, Inputs, applications, small_inputs, to_csv, trained, tree

Table = pd.DataFrame


def refused(inputs: Inputs, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the build; check that it is refused in words and writes nothing; return the report."""
    root = inputs.folder.parent / "home" / "snapshots"
    before = tree(inputs.folder.parent)
    code = main(["build", "--card", str(inputs.card), "--out", str(root)])
    said = capsys.readouterr()
    assert code == 2
    assert tree(inputs.folder.parent) == before
    assert said.out == ""
    report = said.err.partition("\n\n")[2]  # after the lines of progress
    assert "Traceback" not in report
    return report


def problems(report: str) -> list[str]:
    """Return the numbered problems of a report."""
    return re.findall(r"^  \d+\. (.*)$", report, flags=re.MULTILINE)


def at(rows: list[int], column: str, value: object) -> Callable[[Table], Table]:
    """Return a change of some rows of a column."""

    def change(table: Table) -> Table:
        values = table[column].astype(object)
        values[rows] = value
        return table.assign(**{column: values})

    return change


def written(path: Path, lines: Callable[[list[bytes]], list[bytes]]) -> Callable[[Table, Path], None]:
    """Return a writer of CSV whose lines are edited."""

    def write(table: Table, target: Path) -> None:
        to_csv(table, target)
        target.write_bytes(b"\n".join(lines(target.read_bytes().split(b"\n"))))

    return write


AS_CSV = {"write": to_csv, "applications": {"source": "apps.csv"}}
BAD_TABLES: dict[str, tuple[dict, str]] = {
    "ids that repeat": (
        {"change": at([7, 9], "application_id", "A-00001")},
        r"column application_id: found 2 rows repeating 1 id of earlier rows \(rows 8, 10\)",
    ),
    "text among numbers": (
        {"change": lambda t: at([4], "income", "much")(t.astype({"income": str}))},
        r"features\.income: found a column of text; allowed: numbers",
    ),
    "infinite values": (
        {"change": at([3, 5], "debt_share", np.inf), **AS_CSV},
        r"column debt_share: found an infinite value in 2 rows \(lines 5, 7\)",
    ),
    "categories the model never saw": (
        {"change": at(list(range(600)), "home", "HOUSEBOAT")},
        r"column home: found a level that the model never saw \(20% of all\) in 600 rows",
    ),
    "no rows": (
        {"change": lambda t: t.head(0), **AS_CSV},
        r"the table: found no row; allowed: at least two applications",
    ),
    "a column without any value": (
        {"change": lambda t: t.assign(utilisation=np.nan)},
        r"column utilisation: found no value in any row",
    ),
    "a column without any text": (
        {"change": lambda t: t.assign(utilisation=np.nan, late_payments=np.nan), **AS_CSV},
        r"columns utilisation, late_payments: found no value in any row|late_payments.*no reason for it",
    ),
    "nobody declined": (
        {"decision": {"cutoffs": {"default": 0.9999}}},
        r"all applications: found none that is declined by the policy rules or the cut-off",
    ),
    "one row": ({"change": lambda t: t.head(1)}, r"all applications: found one row; allowed: at least two"),
    "an outcome of another kind": (
        {"change": at([0], "outcome", 3)},
        r"column outcome: found another value in 1 row \(row 1\)",
    ),
}


@pytest.mark.parametrize(("inputs", "expected"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_bad_table_is_refused_in_one_report(
    inputs: dict, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = refused(small_inputs(tmp_path / "in", **inputs), capsys)
    assert any(re.search(expected, problem) for problem in problems(report)), report


def test_missing_columns_are_named_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = small_inputs(tmp_path / "in", change=lambda t: t.drop(columns=["income", "outcome", "partner"]))
    report = refused(inputs, capsys)
    assert len(problems(report)) == 3
    for place in ("applications.partner", "applications.outcome", "features.income"):
        assert place in report


def test_lines_in_two_encodings_are_named_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def spoil(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b"First Harbor", b"F\xfcrst") if i in {4, 8} else line for i, line in enumerate(lines)]

    change = at([3, 7], "partner", "First Harbor Bank")
    inputs = small_inputs(
        tmp_path / "in", change=change, write=written(tmp_path, spoil), applications={"source": "apps.csv"}
    )
    report = refused(inputs, capsys)
    assert "lines 5, 9" in report
    assert "UTF-8" in report


def test_a_broken_line_of_two_hundred_columns_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def widen(table: Table) -> Table:
        more = pd.DataFrame({f"other_{i}": np.arange(len(table)) for i in range(200 - len(table.columns))})
        return pd.concat([table, more], axis=1)

    def spoil(lines: list[bytes]) -> list[bytes]:
        return [line + b",1,2" if i == 1234 else line for i, line in enumerate(lines)]

    inputs = small_inputs(
        tmp_path / "in", change=widen, write=written(tmp_path, spoil), applications={"source": "apps.csv"}
    )
    report = refused(inputs, capsys)
    (problem,) = problems(report)
    assert problem.startswith("line 1,235: found 1 line with too many fields")


def test_ten_problems_of_a_card_and_those_of_its_match_are_reported_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(card: dict) -> None:
        card["model"]["owner"] = "TODO"
        card["model"]["file"] = "other.txt"
        card["decision"]["cutoffs"]["default"] = 0.18
        card["decision"]["policy_rules"] = [
            {"when": "no such thing < 3", "reason": "Nothing"},
            {"when": "nonsense", "reason": "Nothing"},
        ]
        card["applications"]["outcome"] = "charged_off"
        card["families"]["spare"] = {"label": "Nothing is in it"}
        for name in ("income", "debt_share"):
            card["features"][name]["reason"] = {}
        card["features"]["utilisation"]["reason"] = {"high": "Your score is too low"}
        card["features"]["bonus"] = {**card["features"]["income"], "reason": {"low": "Bonus"}}
        card["features"]["late_payments"]["family"] = "nowhere"
        del card["features"]["home"]

    inputs = small_inputs(tmp_path / "in", card=spoil)
    (inputs.folder / "other.txt").write_text(trained())
    report = refused(inputs, capsys)
    found = "\n".join(problems(report))
    of_the_card = ["model.owner", "policy_rules[2]", "families.spare", "late_payments.family", "income.reason"]
    of_the_match = ["model signal home", "features.bonus", "applications.outcome", "policy_rules[1]"]
    for place in (*of_the_card, *of_the_match):
        assert place in found, place
    assert len(problems(report)) >= 10
    assert all(re.search(r"card\.yaml line \d+|model signal|column", problem) for problem in problems(report))


def test_a_model_of_other_signals_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = applications(500).rename(columns={"income": "earnings"})
    names = ["earnings", *SIGNALS[1:]]
    other = lgb.train({"objective": "binary", "verbose": -1}, lgb.Dataset(table[names], table["outcome"]), 3)
    report = refused(small_inputs(tmp_path / "in", model=other.model_to_string()), capsys)
    assert "model signal earnings: found no entry in the card" in report
    assert "features.income: found a name the model does not have" in report


def test_a_pickle_named_as_text_is_refused_unopened_together_with_other_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (os.system, (f"touch {tmp_path / 'opened'}",))

    inputs = small_inputs(tmp_path / "in", card=lambda card: card["model"].update(owner="TODO"))
    inputs.card.with_name("model.txt").write_bytes(pickle.dumps(Trap()))
    report = refused(inputs, capsys)
    assert "model.file: found the model file is not text: By its first bytes it is a Python pickle" in report
    assert "model.owner: found TODO" in report
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize("missing", ["card.yaml", "model.txt", "apps.parquet"])
def test_a_missing_file_is_named(missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = small_inputs(tmp_path / "in")
    (inputs.folder / missing).unlink()
    assert missing in refused(inputs, capsys)


def test_a_production_score_off_in_three_rows_is_counted_with_the_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(table: Table) -> Table:
        score = lgb.Booster(model_str=trained()).predict(table[list(SIGNALS)])
        score[[5, 50, 500]] += [2e-6, -0.0125, 1e-5]
        return table.assign(score=score)

    report = refused(small_inputs(tmp_path / "in", change=change, applications={"score": "score"}), capsys)
    (problem,) = problems(report)
    assert "column score: found 3 of 3,000 scores that differ" in problem
    assert "the worst by 0.0125" in problem


def test_groups_that_fit_no_application_or_stand_twice_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attributes = [{"name": "sex", "label": "Sex", "kind": "observed", "reference": "M"}]
    block = {"source": "groups.csv", "id": "id", "attributes": attributes}
    inputs = small_inputs(tmp_path / "in", groups=block)
    groups = inputs.folder / "groups.csv"
    groups.write_text("id,sex\nA-00001,F\nA-00001,M\n")
    assert "1 row whose id stands there already" in refused(inputs, capsys)
    groups.write_text("id,sex\nB-1,F\nB-2,M\n")
    assert "column id: found none of the 3,000 applications" in refused(inputs, capsys)
    groups.write_text("id,gender\nA-00001,F\n")
    assert "no column named sex" in refused(inputs, capsys)
    groups.unlink()
    assert "groups.csv" in refused(inputs, capsys)


STRANGE = [
    "a b c",
    "O'Brien",
    'say "x"',
    "1; DROP TABLE applications; --",
    "Zürich-北京-№7",
    "%_\\",
    "$id",
    "😀",
    "NULL",
]


def test_ids_of_any_characters_build_and_are_found(tmp_path: Path) -> None:
    def change(table: Table) -> Table:
        return table.assign(application_id=[*STRANGE, *table["application_id"][len(STRANGE) :]])

    for kind, more in {"p": {}, "c": {"write": to_csv, "applications": {"source": "apps.csv"}}}.items():
        inputs = small_inputs(tmp_path / kind, change=change, **more)
        root = tmp_path / f"root-{kind}"
        assert main(["build", "--card", str(inputs.card), "--out", str(root)]) == 0
        (manifest,) = list_snapshots(root).manifests
        reader = open_reader(open_snapshot(root, manifest.model_id, manifest.snapshot_id), LOCAL_VIEWER)
        for place, name in enumerate(STRANGE):
            found = reader.application(name)
            assert found.application_id == name
            assert found.partner == inputs.table["partner"][place]
