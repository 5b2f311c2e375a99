"""Nothing a partner can ask tells of another partner's applications, however the others are.

The strongest form of it is tested: *everything the reader gives stays the same* when all the applications of others
are exchanged for different ones. Only comparison groups that hold enough of others may differ, and these are held to
the smallest count in every part that sums and differences can reach.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from data.access import LOCAL_VIEWER, Audience, Viewer
from data.cohorts import read_cohort
from data.errors import CandorError, NotFoundForViewer
from data.masks import Masks
from data.model_room import ModelRoom
from data.neighbours import nearest
from data.policy import POLICY
from data.reader import Reader
from data.reason_counts import count_declines, count_reasons
from tests.data.worlds import Book, applications, card_and_model, memberships, open_book, with_other_others

SMALLEST = POLICY[Audience.PARTNER].smallest_count
REGULATOR = Viewer("examiner", Audience.REGULATOR)
Answers = dict[str, Any]


def of(partner: str) -> Viewer:
    return Viewer("p", Audience.PARTNER, partner)


def attempt(ask: Callable[[], Any]) -> Any:
    """Return an answer, or the words of the refusal."""
    try:
        return ask()
    except CandorError as error:
        return type(error).__name__, error.title, error.message, error.remedy


def evidence_of(room: ModelRoom) -> Any:
    """Return every part of what is kept of the tests of reasons."""
    found = room.evidence()
    return found.rows, found.facts, found.reported, found.families, found.declined


def fit_of(room: ModelRoom, group_no: int) -> Any:
    fit = room.group_fit(group_no)
    return fit and [fit.n, fit.baseline, fit.content_hash, [[p.leaf, p.pattern, p.n] for p in fit.parts()]]


FREE_OF_OTHERS: dict[str, Callable[[Reader], Any]] = {
    "snapshot_id": lambda r: r.snapshot_id,
    "manifest": lambda r: r.manifest,
    "application": lambda r: [attempt(lambda i=i: r.application(i)) for i in numbers_to_try(r)],
    "pick": lambda r: [
        attempt(lambda k=k, d=d: r.pick(k, d))
        for k, d in product(("declined", "approved", "near the cut-off", "any"), (0.0, 0.5, 0.999))
    ],
    "reveal": lambda r: [attempt(lambda i=i: r.reveal(i, "complaint")) for i in numbers_to_try(r)],
    "number_in": lambda r: [attempt(lambda i=i: r.number_in(i, r)) for i in numbers_to_try(r)],
    "is_probability": lambda r: r.is_probability,
    "outcomes_near": lambda r: [r.outcomes_near(e, c) for e, c in product((0.0, 0.3, 1.0), (1, 7, 10_000))],
    "totals": lambda r: r.totals().drop(labels="worst_residual"),
    "volume": lambda r: r.volume(),
    "estimates": lambda r: r.estimates(0.0, 1.0, 7),
    "outcomes_by_estimate": lambda r: r.outcomes_by_estimate(5),
    "estimate_range": lambda r: r.estimate_range(),
    "cutoffs": lambda r: r.cutoffs(),
    "checks": lambda r: r.checks(),
}
"""Every public method, with the questions asked of it, whose answers must not depend on others at all."""
OVER_GROUPS: dict[str, Callable[[Reader, int], Any]] = {
    "group_scope": lambda r, g: r.group_scope(g),
    "groups": lambda r, g: [group for group in attempt(r.groups) if getattr(group, "group_no", None) == g],
    "group_density": lambda r, g: attempt(lambda: r.group_density(g, 0.0, 1.0, 20)),
}
"""Methods about comparison groups, which may hold applications of others."""
NO_QUESTIONS = {
    "room": "for explainers only; see ROOM",
    "viewer": "who asks",
    "protected_groups": "attacked in test_protected.py",
}
ROOM: dict[str, Callable[[ModelRoom, int], Any]] = {
    "application": lambda m, g: attempt(lambda: m.application("id 1-0 0")),
    "signal_values": lambda m, g: m.signal_values(range(200)),
    "known_outcomes": lambda m, g: m.known_outcomes(),
    "extra_values": lambda m, g: m.extra_values(range(200)),
    "evidence": lambda m, g: evidence_of(m),
    "group_rows": lambda m, g: m.group_rows(g),
    "spread_rows": lambda m, g: m.spread_rows(g, 7),
    "group_places": lambda m, g: [m.group_places(g, range(0, 9, 2)), m.group_places(g, [1, 2], ["income"])],
    "group_blocks": lambda m, g: [(frame, raw) for frame, raw in m.group_blocks(g, 7)],
    "group_fit": lambda m, g: fit_of(m, g),
    "typical_values": lambda m, g: m.typical_values(g),
    "percentile_values": lambda m, g: m.percentile_values(["income"], [0.0, 0.5, 1.0]),
    "numbers": lambda m, g: m.numbers(range(7)),
    "summaries": lambda m, g: [summed(m, text) for text in ("", "decision:approved", "partner:A|a", "estimate:0.2..")],
}


def summed(room: ModelRoom, text: str) -> list[Any]:
    """Return every figure over a cohort."""
    s = room.summaries(read_cohort(text))
    tables = [s.families(), s.signals(spread=True), s.by_value("income", [60000.0]), s.by_value("home", [])]
    return [
        (s.counts, *tables),
        s.by_two_values("income", "home", [60000.0], []),
        [s.quantiles("income", [0.5]), s.sample(9), s.count_evenly("income", 0.0, 90_000.0, 3)],
        *(count(s) for count in (count_reasons, count_declines)),
        [nearest(s, 0, 3, decision) for decision in (None, "approved")],
    ]


def numbers_to_try(reader: Reader) -> list[str]:
    """Return numbers that exist for others, for nobody, and that are no numbers."""
    others = applications(Book("x", 0, {"y": 3}, 0, 1))["application_id"].tolist()
    return [*others, "", "' OR 1=1 --", "M-0000000000000000", "é\u0000", "%"]


def plain(value: Any) -> Any:
    """Return an answer as plain values that can be compared and searched."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, pd.DataFrame):
        return plain(value.reset_index().to_dict("list"))
    if isinstance(value, pd.Series):
        return plain(value.to_dict())
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value if isinstance(value, int | float) else str(value)


def answers(reader: Reader) -> Answers:
    return {name: plain(attempt(lambda a=ask: a(reader))) for name, ask in FREE_OF_OTHERS.items()}


names = st.one_of(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12),
    st.sampled_from(["O'Brien", 'x" OR "1"="1', "'; DROP TABLE applications; --", "Ünïon ₿ank", "%", "_", "all", "*"]),
)
books = st.builds(
    Book,
    own=names,
    own_n=st.integers(0, 60),
    others=st.dictionaries(names, st.integers(0, 60), max_size=4),
    seed=st.integers(0, 999),
    others_seed=st.integers(0, 999),
    others_cutoff=st.sampled_from([0.3, 0.22]),
).filter(lambda b: b.own not in b.others and b.own_n + b.n_others > 0)
quick = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))


def public(kind: type) -> set[str]:
    made = set(vars(open_book(Book("a", 2, {"b": 2}, 0, 0), of("a")))) if kind is Reader else set()
    return {name for name in {*dir(kind), *made} if not name.startswith("_")}


def test_every_public_name_of_the_reader_is_asked_here() -> None:
    """A new method without a case fails this test."""
    assert public(Reader) == {*FREE_OF_OTHERS, *OVER_GROUPS, *NO_QUESTIONS}
    assert public(ModelRoom) == set(ROOM)


@given(books, st.integers(1000, 1999), st.dictionaries(names, st.integers(0, 60), max_size=4))
@example(Book("A", 40, {"B": 29, "C": 1}, 1, 2), 1001, {"D": 60})
@quick
def test_exchanging_all_applications_of_others_changes_no_answer(book: Book, seed: int, others: dict) -> None:
    assume(book.own not in others)
    other = with_other_others(book, seed, others)
    before, after = open_book(book, of(book.own)), open_book(other, of(book.own))
    assert answers(before) == answers(after)
    mine = list(range(book.own_n))
    assert plain(before.room.signal_values(range(200))) == plain(after.room.signal_values(mine))
    assert plain(before.room.known_outcomes()) == plain(after.room.known_outcomes())
    if {n for n, own in plain_groups(before).items() if not own} == {
        n for n, own in plain_groups(after).items() if not own
    }:
        assert plain(ROOM["summaries"](before.room, 0)) == plain(ROOM["summaries"](after.room, 0))


@given(books, st.integers(1000, 1999))
@example(Book("A", 40, {"B": 29}, 1, 2), 1001)
@example(Book("A", 40, {"B": 29, "C": 5}, 1, 2), 1001)
@quick
def test_a_group_with_too_few_others_tells_nothing_of_them(book: Book, seed: int) -> None:
    """The same numbers of others, with other values: what is shown of a group without enough of them stays the same."""
    before = open_book(book, of(book.own))
    after = open_book(with_other_others(book, seed, {f"{n} 2": k for n, k in book.others.items()}), of(book.own))
    for group_no in (0, 1, 2):
        if {plain_groups(before).get(group_no), plain_groups(after).get(group_no)} <= {True}:
            for name, ask in OVER_GROUPS.items():
                assert plain(ask(before, group_no)) == plain(ask(after, group_no)), name
            for name, look in ROOM.items():
                assert plain(look(before.room, group_no)) == plain(look(after.room, group_no)), name
    densities = [[plain(OVER_GROUPS["group_density"](r, g)) for g in common(before, after)] for r in (before, after)]
    assert densities[0] == densities[1]


def plain_groups(reader: Reader) -> dict[int, bool]:
    """Return which groups can be seen, and whether they are cut to the own applications."""
    try:
        return {g.group_no: g.own_only for g in reader.groups()}
    except NotFoundForViewer:
        return {}


def common(*readers: Reader) -> list[int]:
    """Return the groups whose own members are the same in all: those every reader has."""
    return sorted(set.intersection(*(set(plain_groups(r)) for r in readers)))


@given(books)
@example(Book("A", 40, {"B": 100}, 1, 2))
@example(Book("A", 40, {"B": 45}, 1, 2))
@example(Book("A", 5, {"B": 20}, 1, 2))
@example(Book("A", 1, {"B": 20}, 1, 2))
@quick
def test_every_part_that_subtraction_can_reach_holds_no_other_or_enough(book: Book) -> None:
    reader = open_book(book, of(book.own))
    table, shown = applications(book), plain_groups(reader)
    others = {
        number: set(members.loc[members["partner"] != book.own, "row_no"])
        for number, members in memberships(table).items()
        if shown.get(number) is False
    }
    for size in range(1, len(others) + 1):
        for inside in combinations(others, size):
            left = set.intersection(*(others[g] for g in inside))
            left -= set().union(*(others[g] for g in others if g not in inside))
            assert not 0 < len(left) < SMALLEST
    for number, own_only in shown.items():
        rows = reader.room.group_rows(number)
        group = next(g for g in reader.groups() if g.group_no == number)
        assert len(rows) == group.n
        if own_only:
            mine = set(table.loc[table["partner"] == book.own, "s0"])
            assert set(rows["income"]) <= mine
    hidden = set(memberships(table)) - set(shown)
    assert all(reader.room.group_rows(number).empty for number in hidden)
    assert not [block for number in hidden for block in reader.room.group_blocks(number, 7)]
    assert all(reader.room.typical_values(number).empty for number in hidden)
    assert all(reader.group_density(number, 0, 1, 9).sum() == 0 for number in hidden)


@given(books)
@quick
def test_no_value_of_anothers_row_is_in_any_answer(book: Book) -> None:
    reader, table = open_book(book, of(book.own)), applications(book)
    groups = [plain(ask(reader, g)) for ask in OVER_GROUPS.values() for g in range(4)]
    found = flat([answers(reader), groups])
    theirs = table[table["partner"] != book.own]
    distinctive = {*theirs["raw_score"], *theirs["estimate"], *theirs["residual"], *theirs["s0"]}
    asked = set(numbers_to_try(reader))
    assert not {v for v in found if isinstance(v, float)} & distinctive
    assert not {v for v in found if isinstance(v, str)} & (set(theirs["application_id"]) - asked)
    text = json.dumps(sorted(v for v in found if isinstance(v, str)), ensure_ascii=False)
    assert not [n for n in set(theirs["partner"]) - {book.own} if len(n) > 3 and n not in book.own and n in text]
    if book.own_n:
        mine = table[table["partner"] == book.own]
        exact = {*mine["raw_score"], *mine["residual"], *mine["estimate"]}
        assert not {v for v in found if isinstance(v, float)} & exact, "exact scores are not for partners"


def flat(value: Any) -> set[Any]:
    if isinstance(value, dict):
        return set().union(*(flat(v) for v in value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*(flat(v) for v in value)) if value else set()
    return {value}


def test_without_the_scope_the_same_search_finds_the_others() -> None:
    """The tests above can fail: a specialist's answers hold all that they search for."""
    book = Book("Harbor", 40, {"Prairie": 40}, 1, 2)
    found = flat([answers(open_book(book, LOCAL_VIEWER)), plain(open_book(book, LOCAL_VIEWER).groups())])
    table = applications(book)
    assert set(table.loc[table["partner"] == "Prairie", "application_id"]) & found
    assert any("Prairie" in str(v) for v in found)
    others = [g for g in (0, 1) if not plain_groups(open_book(book, LOCAL_VIEWER))[g]]
    assert others == [0, 1]


@pytest.mark.parametrize(
    ("own", "others", "seen"),
    [
        (100, 200, {0: False, 1: False}),  # enough of others everywhere: whole
        (100, 0, {0: False, 1: False}),  # nobody else in it: whole
        (200, 20, {0: True, 1: True}),  # a few of others: the own ones only
        (10, 20, {1: True}),  # too few of anybody for a group of the approved: all own ones
        (1, 20, {}),  # nothing to compare with
        (1, 200, {0: False, 1: False}),
        (20, 45, {1: False}),  # few of others just approved: all applications stand in
    ],
)
def test_which_groups_a_partner_is_compared_with(own: int, others: int, seen: dict[int, bool]) -> None:
    reader = open_book(Book("A", own, {"B": others}, 1, 2), of("A"))
    assert plain_groups(reader) == seen
    number = reader.pick("any", 0.5)
    if 0 in seen or not seen:
        return
    assert reader.application(number).group_no == 1


@pytest.mark.parametrize(("others", "own_only"), [(SMALLEST - 1, True), (SMALLEST, False)])
def test_the_smallest_count_itself_is_enough(others: int, own_only: bool) -> None:
    assert plain_groups(open_book(Book("A", 100, {"B": others}, 1, 2), of("A")))[1] is own_only


def test_of_two_groups_that_would_tell_a_few_apart_only_the_cards_default_stays_whole() -> None:
    """Of 40 others all but a handful are just approved: subtracting one group from the other would show the handful."""
    book = next(
        book
        for seed in range(400)
        for book in [Book("A", 50, {"B": 110, "C": 0}, 1, seed, 0.3)]
        if len(just := memberships(applications(book))[0].query("partner == 'B'")) >= SMALLEST and len(just) < 60
    )
    table = applications(book)
    keep = table[(table["partner"] == "A") | (table["decision"] == "approved")]
    few = table[(table["partner"] == "B") & (table["decision"] == "declined")].head(5)
    small = pd.concat([keep, few]).sort_values("row_no").assign(row_no=lambda t: np.arange(len(t)))
    reader = open_book(book, of("A"), small)
    assert plain_groups(reader) == {0: False, 1: True}


def test_another_cut_off_is_never_named() -> None:
    book = Book("A", 50, {"B": 80, "C": 800}, 1, 2, others_cutoff=0.22)
    assert "0.22" in json.dumps(plain(open_book(book, LOCAL_VIEWER).groups()))
    assert len(memberships(applications(book))[2]) > SMALLEST, "enough to be shown, were it not for the cut-off"
    reader = open_book(book, of("A"))
    assert 2 not in plain_groups(reader)
    said = json.dumps([answers(reader), plain(reader.groups())])
    assert "0.22" not in said


@given(books, st.integers(0, 5))
@quick
def test_a_regulator_sees_masked_numbers_only_and_can_ask_for_each_with_a_reason(book: Book, place: int) -> None:
    reader, table = open_book(book, REGULATOR), applications(book)
    ids = set(table["application_id"])
    shown = [reader.pick("any", min(0.999, place / 5))]
    record = reader.application(shown[0])
    assert record.application_id == shown[0]
    assert not flat(plain([answers(reader), reader.groups(), reader.room.signal_values([0])])) & ids
    assert reader.reveal(shown[0], "complaint 12") == table["application_id"].tolist()[record.row_no]
    assert open_book(book, REGULATOR).application(shown[0].upper()).row_no == record.row_no, "stable over openings"
    for reason in ("", "  \n"):
        with pytest.raises(CandorError, match="A reason is needed"):
            reader.reveal(shown[0], reason)


def test_a_real_number_or_a_made_up_mask_is_not_found_for_a_regulator() -> None:
    book = Book("A", 40, {"B": 40}, 1, 2)
    reader = open_book(book, REGULATOR)
    made_up = [f"M-{i:016x}" for i in range(500)]
    for number in [*applications(book)["application_id"], *made_up]:
        with pytest.raises(NotFoundForViewer):
            reader.application(number)


def test_specialists_and_partners_see_the_lenders_numbers() -> None:
    book = Book("A", 40, {"B": 40}, 1, 2)
    for viewer in (LOCAL_VIEWER, of("A")):
        reader = open_book(book, viewer)
        number = reader.pick("any", 0.0)
        assert number in set(applications(book)["application_id"])
        assert reader.reveal(number, "x") == number


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**32 - 1))
def test_masks_go_there_and_back_and_differ_by_key(key: bytes, row_no: int) -> None:
    masked = Masks(key).mask(row_no)
    assert Masks(key).unmask(f" {masked} ") == row_no
    assert Masks(bytes(b ^ 1 for b in key)).unmask(masked) != row_no


def test_masks_of_neighbours_share_nothing_that_shows() -> None:
    masked = [Masks(b"k" * 32).mask(i) for i in range(2000)]
    assert len(set(masked)) == 2000
    digits = np.array([[int(c, 16) for c in m[2:]] for m in masked])
    assert np.abs(np.diff(digits.mean(axis=0))).max() < 1.0


def test_the_model_of_these_tests_is_the_one_of_the_card() -> None:
    card, model = card_and_model()
    assert set(card.features) == set(model.feature_names)
