"""A what-if question is answered by the model itself, and cut to what its asker may know."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from functools import cache

import pandas as pd
import pytest

from data.models import CreditModel
from explainers.attribution import Engine
from explainers.decision.compute import compute_decision, fit_group, group_for
from explainers.what_if import words
from explainers.what_if.changes import ChangeProblems
from explainers.what_if.charts import chart_what_if
from explainers.what_if.compute import compute_editor, compute_what_if
from explainers.what_if.table import table_changes, table_sides, table_what_if
from tests.explainers.test_second_opinion_words import grade


@cache
def engine_of(model: CreditModel) -> Engine:
    return Engine(model)


def fitted(reader, number: str):
    return fit_group(reader, engine_of(reader.room.model), *group_for(reader, number, None))


def ask(reader, number: str, changes: dict):
    return compute_what_if(reader, number, fitted(reader, number), changes)


def where(reader, condition: str) -> str:
    found = reader._database.frame(
        f"SELECT application_id FROM seen JOIN signal_values v USING (row_no) WHERE {condition} ORDER BY row_no LIMIT 1"
    )
    return str(found.iloc[0, 0])


def column(reader, name: str) -> str:
    return reader.room._columns[name]


@pytest.fixture
def declined(reader) -> str:
    income, debt = column(reader, "income"), column(reader, "debt_share")
    near = (
        f"decision = 'declined' AND stage = 'model' AND {debt} BETWEEN 20 AND 50 AND {income} BETWEEN 30000 AND 60000"
    )
    return where(reader, f"{near} AND v.{column(reader, 'utilisation')} > 50")


def test_nothing_changed_is_the_decision_on_file(reader, declined) -> None:
    result = ask(reader, declined, {})
    decision = compute_decision(reader, declined, fitted(reader, declined))
    assert result.changes == ()
    assert not result.crossed
    assert result.original.estimate == result.changed.estimate == decision.estimate
    assert [f.points for f in result.changed.families] == [f.points for f in decision.families]
    assert words.say_what_if(result).startswith("Now the model estimates")
    assert words.say_what_if(result).endswith("Change a value to see how far that moves.")
    assert words.say_what_if(result, closed=True).endswith("No value of this application may be changed.")


def test_the_estimate_is_the_models_own_for_the_changed_values(reader, declined) -> None:
    result = ask(reader, declined, {"debt_share": 5.0, "utilisation": 10})
    row = reader.room.signal_values([reader.room.application(declined).row_no])
    row["debt_share"], row["utilisation"] = 5.0, 10.0
    model = reader.room.model
    assert result.changed.estimate == model.estimate(model.predict_raw(row))[0]
    assert [(c.label, c.after, c.linked) for c in result.changes] == [
        ("Debt compared with income", "5\u202f%", False),
        ("Share of card limits used", "10\u202f%", False),
    ]


def test_the_moves_of_all_families_add_up_to_the_move_of_the_estimate(reader, declined) -> None:
    result = ask(reader, declined, {"debt_share": 0, "home": "OWN"})
    assert math.fsum(m.moved for m in result.moves) == pytest.approx(result.moved, abs=1e-12)
    large, rest = words.shown_moves(result)
    assert math.fsum(m.moved for m in large) + rest == pytest.approx(result.moved, abs=1e-12)
    assert [abs(m.moved) for m in result.moves] == sorted((abs(m.moved) for m in result.moves), reverse=True)
    assert result.changed.residual == pytest.approx(0, abs=1e-12)


def test_a_linked_signal_is_listed_as_moved_along(reader, declined) -> None:
    before = reader.room.signal_values([reader.room.application(declined).row_no]).iloc[0]
    result = ask(reader, declined, {"income": 150_000})
    assert [(c.name, c.linked) for c in result.changes] == [("income", False), ("debt_share", True)]
    model, row = reader.room.model, before.to_dict()
    row["debt_share"] *= row["income"] / 150_000
    row["income"] = 150_000.0
    assert result.changed.estimate == pytest.approx(model.estimate(model.predict_raw(pd.DataFrame([row])))[0])
    assert "moves along" in table_changes(result)


def test_a_rule_on_a_changed_signal_is_asked_again(reader) -> None:
    number = where(reader, f"rule_no = 0 AND v.{column(reader, 'late_payments')} <= 2")
    result = ask(reader, number, {"debt_share": 55})
    assert result.original.stage == "policy rule"
    assert result.changed.stage == "model"
    assert not result.rule_unknown


def test_the_next_rule_is_found_behind_the_first(reader) -> None:
    number = where(reader, f"rule_no = 0 AND v.{column(reader, 'late_payments')} > 2")
    result = ask(reader, number, {"debt_share": 55})
    assert result.changed.rule_reason == "Three or more late payments in a year"
    assert "A policy rule would still decline it" in words.say_what_if(result)


def test_bad_changes_are_refused_before_anything_is_scored(reader, declined) -> None:
    with pytest.raises(ChangeProblems):
        ask(reader, declined, {"late_payments": 0})


def test_a_partner_gets_whole_points_and_nothing_finer(partner_reader) -> None:
    number = partner_reader.pick("declined", 0.5)
    result = ask(partner_reader, number, {"home": "OWN"} if "RENT" in str(editor_words(partner_reader, number)) else {})
    for side in (result.original, result.changed):
        assert side.estimate == round(side.estimate, 2)
        assert (side.raw_score, side.residual, side.comparison.baseline) == (None, None, None)
        assert side.comparison.density == ()
        assert side.experience is None
        assert all(f.points == round(f.points, 2) for f in side.families)
    assert result.step == 0.01


def editor_words(reader, number: str) -> list[str]:
    return [row.on_file for row in compute_editor(reader, number).rows]


def test_a_signal_without_an_approved_label_leaves_no_trace_for_a_partner(partner_reader) -> None:
    number = partner_reader.pick("declined", 0.5)
    editor = compute_editor(partner_reader, number)
    result = ask(partner_reader, number, {})
    everything = json.dumps([asdict(editor), asdict(result)], default=str) + " ".join(words.say_fixed(editor))
    assert "utilisation" not in everything
    assert "card limits" not in everything
    with pytest.raises(ChangeProblems) as hidden:
        ask(partner_reader, number, {"utilisation": 10})
    with pytest.raises(ChangeProblems) as unknown:
        ask(partner_reader, number, {"no_such_signal": 10})
    assert str(hidden.value) == str(unknown.value)


def test_the_editor_says_what_is_fixed_and_why(reader, declined) -> None:
    editor = compute_editor(reader, declined)
    assert {row.name for row in editor.rows} == {"income", "debt_share", "utilisation", "home"}
    assert editor.fixed == ("Late payments in the last year",)
    assert words.say_fixed(editor) == ("Kept fixed by the lender: Late payments in the last year.",)
    without = where(reader, f"v.{column(reader, 'utilisation')} IS NULL AND v.{column(reader, 'debt_share')} > 10")
    assert compute_editor(reader, without).missing == ("Share of card limits used",)


def test_the_words_name_both_estimates_and_promise_nothing(reader, declined) -> None:
    result = ask(reader, declined, {"debt_share": 0, "income": 150_000})
    said = words.say_what_if(result)
    assert "would be" in said
    assert "now" in said
    assert "no promise" in words.say_context(result)
    assert "caused" not in said + words.say_context(result) + " ".join(words.LIMITS)
    assert ("approved, not declined" in words.say_context(result)) == result.crossed


def test_the_picture_and_the_tables_hold_the_same_figures(reader, declined) -> None:
    result = ask(reader, declined, {"debt_share": 0})
    figure = chart_what_if(result)
    assert sum(figure.data[0].x) == pytest.approx(result.moved * 100)
    frame = table_what_if(result)
    assert frame["Difference (points)"].sum() == pytest.approx(result.moved * 100, abs=0.3)
    assert "With the changes" in table_sides(result)
    assert str(figure.layout.xaxis.title.text) == "percentage points of the estimate"


def test_the_words_for_people_are_plain(reader, partner_reader, declined) -> None:
    for asked, number in ((reader, declined), (partner_reader, partner_reader.pick("declined", 0.5))):
        result = ask(asked, number, {})
        for text in (words.say_context(result), " ".join(words.say_how_to_read(result)), " ".join(words.LIMITS)):
            assert grade(text) <= 8
    result = ask(reader, declined, {"debt_share": 0})
    assert grade(words.say_what_if(result)) <= 8
    assert grade(words.say_context(result)) <= 8
