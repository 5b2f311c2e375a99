"""Files that are no card, or a damaged one: always a CardError in plain words, whatever is in them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.card_text import parse_card_text
from data.cards import MAX_BYTES, read_card
from data.errors import CardError, Problem
from tests.cards_for_tests import SMALL_CARD, card_yaml

ANY_FILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(CardError) as caught:
        read_card(path)
    return list(caught.value.problems)


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "card.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("model: [", "YAML that cannot be read"),
        ("a: b: c", "YAML that cannot be read"),
        ("\tmodel: x", "YAML that cannot be read"),
        ("a: \x01", "YAML that cannot be read"),
        (b"model:\n  name: Stra\xdfe\n", "a byte that is not UTF-8"),
        ("", "nothing"),
        ("# only a comment", "nothing"),
        ("- a\n- b", "a list of 2"),
        ("just words", "'just words'"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("[" * 100_000, "blocks nested too deep"),
        ("- " * 100_000, "blocks nested too deep"),
        ("? " * 5_000, "blocks nested too deep"),
        ("a: &a [*a]", "the alias *a"),
        ("a: *nowhere", "the alias *nowhere"),
        ("? [1, 2]\n: x", "a key that is no text"),
        ("a: !!python/object/apply:os.system [ls]", "a tag"),
        ("a: 1\nb: 2\na: 3", "a a second time (first on line 1)"),
    ],
)
def test_a_file_that_is_no_card_is_told_so(tmp_path: Path, text: str | bytes, found: str) -> None:
    assert any(found in problem.found for problem in problems_of(written(tmp_path, text)))


def test_a_syntax_error_has_its_line_and_column(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, "model:\n  id: a: b\n"))
    assert problem.place == "card.yaml line 2, column 8"


def test_a_byte_that_is_not_utf8_has_its_line(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, b"model:\n  name: Stra\xdfe\n"))
    assert problem.place == "card.yaml line 2"


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    bomb += "".join(f"{n}: &{n} [{', '.join([f'*{m}'] * 10)}]\n" for m, n in zip("abcdefghi", "bcdefghij", strict=True))
    started = time.perf_counter()
    (problem,) = problems_of(written(tmp_path, bomb))
    assert problem.found == "too many values"
    assert time.perf_counter() - started < 2


def test_a_chain_of_aliases_cannot_nest_deeper_than_blocks_may(tmp_path: Path) -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 200))
    assert [p.found for p in problems_of(written(tmp_path, chain))] == ["blocks nested too deep"]


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(written(tmp_path, b"#" * (MAX_BYTES + 1)))
    assert "5 MB" in problem.allowed


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "none.yaml")[0].found == "no such file"
    assert problems_of(tmp_path)[0].found == "a file that cannot be opened"


@ANY_FILE
@given(text=st.text(max_size=300))
@example("a: \u2028b")
@example("\ufeff\ufeff")
@example("%YAML 1.1\n---\na: yes")
def test_any_text_gives_a_card_error_and_nothing_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(CardError):
        read_card(written(tmp_path, text.encode("utf-8", "surrogatepass")))


@ANY_FILE
@given(raw=st.binary(max_size=300))
def test_any_bytes_give_a_card_error_and_nothing_else(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(CardError):
        read_card(written(tmp_path, raw))


@ANY_FILE
@given(text=st.text(alphabet="ab:-?[]{}&*!|>'\"#%,~ \n\t1.", max_size=80))
def test_any_mix_of_yaml_signs_gives_a_card_error_and_nothing_else(tmp_path: Path, text: str) -> None:
    with pytest.raises(CardError):
        read_card(written(tmp_path, text))


KEYS = ("model", "features", "applications", "decision", "families", "groups", "income", "reason", "policy_rules")
WRONG = st.recursive(
    st.none() | st.text(max_size=8) | st.sampled_from(["1", "TODO", "nan", "either", "category"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    *SMALL_CARD,
    *(
        "__".join((block, key))
        for block in SMALL_CARD
        for key in SMALL_CARD[block]
        if isinstance(SMALL_CARD[block], dict)
    ),
    *(f"features__dti__{key}" for key in SMALL_CARD["features"]["dti"]),
    "decision__policy_rules",
    "groups",
    "prohibited",
]


@ANY_FILE
@given(place=st.sampled_from(PLACES), value=WRONG)
def test_a_card_with_anything_anywhere_is_read_or_refused_in_words(tmp_path: Path, place: str, value: Any) -> None:
    printable = "".join(c for c in card_yaml(**{place: value}) if c.isprintable() or c == "\n")
    said = ""
    try:
        read_card(written(tmp_path, printable))
    except CardError as error:
        said = str(error)
    for word in ("Input should", "pydantic", "validation error", "type=", "NoneType", "dict", "tuple"):
        assert word not in said


@given(st.lists(st.sampled_from(["a: 1", "b:", "  c: 2", "  - d", "e: {f: 1}"]), max_size=12).map("\n".join))
def test_lines_of_keys_are_the_lines_on_which_they_stand(text: str) -> None:
    card = parse_card_text(text, "card.yaml")
    for path, line in card.lines.items():
        if isinstance(path[-1], str):
            assert f"{path[-1]}:" in text.splitlines()[line - 1]
