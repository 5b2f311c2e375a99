"""Reported reasons against those found: counted by hand, and on a public register."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data.access import LOCAL_VIEWER
from data.cards import read_card
from data.reason_catalogue import SHIPPED, read_catalogue
from data.recipes.hmda import CARD, CATALOGUE
from data.snapshots import open_reader, open_snapshot
from explainers.evidence import people_words
from explainers.evidence.compute import compute_evidence
from explainers.evidence.reported import CODES, FILE, ReportedCode, compare_reported, families_of_code
from explainers.evidence.result import EvidenceResult
from explainers.evidence.world import World
from explainers.recipe import build_recipe
from tests.shared_data import shared_path


def test_codes_are_mapped_to_families_by_the_catalogue() -> None:
    card, catalogue = read_card(CARD).card, read_catalogue(CATALOGUE)
    assert "debt" in families_of_code(card, catalogue, 1)
    assert families_of_code(card, catalogue, 4) == ("property",)
    assert families_of_code(card, catalogue, 3) == ()


def test_counts_are_those_made_by_hand(world: World, tmp_path: Path) -> None:
    numbers = world.rows.row_no[:6]
    ids = [f"A-{row:05d}" for row in numbers]
    codes = [("1", "4"), ("3", None), ("1", None), (None, None), ("4", None), ("9", "1")]
    file = tmp_path / FILE
    pd.DataFrame([(i, *c) for i, c in zip(ids, codes, strict=True)], columns=["application_id", "a", "b"]).to_parquet(
        file
    )
    catalogue = read_catalogue(SHIPPED)
    found = {c.code: c for c in compare_reported(world.source, world.card, catalogue, world.families, file)}
    mapped = [world.families.index(f) for f in families_of_code(world.card, catalogue, 1)]
    firsts, seconds = world.reasons[:6, 0], world.reasons[:6, 1]
    said, kept = [0, 2, 5], [0, 1, 2, 4, 5]
    first = [i for i in kept if firsts[i] in mapped]
    two = [i for i in kept if firsts[i] in mapped or seconds[i] in mapped]
    code = found[1]
    assert (code.denied, code.compared, code.reported) == (5, 5, 3)
    assert code.reported_first == len(set(first) & set(said))
    assert code.reported_two == len(set(two) & set(said))
    assert (code.found_first, code.found_two) == (len(first), len(two))


def test_rates_are_written_with_their_intervals() -> None:
    assert people_words.rate(0, 0) == "none to count"
    assert people_words.rate(8, 10).startswith("80")
    assert " to " in people_words.rate(8, 10)


@pytest.mark.parametrize(("first", "told"), [(9, False), (4, True), (1, True)])
def test_a_family_found_no_more_often_than_elsewhere_is_said_not_to_match(first: int, told: bool) -> None:
    code = ReportedCode(4, ("property",), 120, 110, 10, first, 9, 40 + first, 60)
    nothing = EvidenceResult("s", 110, 110, 7, {}, (), (), (code,), {"property": "Property"}, "", True, 1)
    said = people_words.say_reported_context(nothing)[0]
    assert ("Not shown to match" in said) == told
    assert "40 of 100 others" in (people_words.say_reported(nothing) or "")


@pytest.mark.shared
def test_a_public_register_is_compared_with_its_own_reported_reasons(tmp_path: Path) -> None:
    source = pd.read_parquet(shared_path("hmda_2021/lar_2021_one_lender.parquet"))
    source.iloc[::4].to_parquet(tmp_path / "register.parquet")
    folder = build_recipe("hmda", tmp_path / "register.parquet", tmp_path / "s", progress=lambda _w, _d: None)
    snapshot = open_snapshot(tmp_path / "s", folder.parent.name, folder.name)
    result = compute_evidence(open_reader(snapshot, LOCAL_VIEWER))
    snapshot.close()
    assert [code.code for code in result.reported] == list(CODES)
    for code in result.reported:
        assert 0 < code.reported_first <= code.reported_two <= code.reported <= code.compared <= code.denied
    debt = result.reported[0]
    others = (debt.found_first - debt.reported_first) / (debt.compared - debt.reported)
    assert debt.reported_first / debt.reported > others + 0.5
    assert "debt" in (people_words.say_reported(result) or "").casefold()
    assert len(people_words.table_reported(result)) == 2
    assert any("credit score" in text for text in people_words.say_reported_context(result))
