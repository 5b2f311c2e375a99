"""A pack is composed of what was kept: hand-counted documents, and who may have what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import Audience, Viewer
from data.errors import InputProblems
from data.workspace.approvals import Approval
from data.workspace.pin_parts import ChartPart, MarkupPart, Part, Pin, TablePart, WordsPart
from data.workspace.pins import PinHeading
from data.workspace.questions import Question
from explainers.packs import words
from explainers.packs.compose import compose
from explainers.packs.contents import Answer, Answers, Kept, Pack, Step, answers_for
from explainers.packs.document import ChartBlock, FactsBlock, ListBlock, TableBlock, TextBlock, say_rest
from explainers.packs.scope import MOST, problems_of
from explainers.packs.templates import Template, Wanted, fill, templates
from pages._router import PAGES
from tests.data.workspace.meeting import ALDER, BIRCH, EXAMINER, FIGURE, RISK, SOURCE, shown

ALL = (ALDER, BIRCH, RISK, EXAMINER)
WHEN = "2026-11-20T16:54:00.000000+00:00"
BARS = (
    '<div class="candor-bars"><h2>One reason</h2><div role="table"><div class="candor-bar-row">'
    '<div class="candor-bar-name">Debt</div><div class="candor-bar-values">31<br>typical: 22</div>'
    '<div class="candor-bar"></div><div class="candor-bar-points raises">+4.1</div></div></div>'
    "<p>Points. Sum.</p></div>"
)


def a_pin(viewer: Viewer = RISK, title: str = "Ours", *parts: Part, **more: Any) -> Pin:
    page = replace(shown(), **({"parts": parts} if parts else {}))
    given: dict[str, Any] = {"pin_id": f"{title}-{viewer.scope}", "session_id": None, "pinned_at": WHEN, "shown": page}
    return Pin(title=title, who=viewer.who, audience=viewer.audience, partner=viewer.partner, **{**given, **more})


def a_pack(*items: Any, viewer: Viewer = RISK, **more: Any) -> Pack:
    return Pack("Board pack", "For the board", viewer.audience, viewer.partner, items, **more)


def blocks_of(*parts: Part, technical: bool = True) -> tuple[Any, ...]:
    return compose(RISK, a_pack(Kept(a_pin(RISK, "Ours", *parts)), technical=technical)).sections[0].blocks


def test_a_pin_becomes_a_section_in_the_order_of_its_page() -> None:
    document = compose(RISK, a_pack(Kept(a_pin(), ("Say this.",))))
    (section,) = document.sections
    assert (section.title, section.question, section.notes) == ("Ours", "Why?", ("Say this.",))
    assert [type(block).__name__ for block in section.blocks] == [
        *["TextBlock"] * 4,
        "ChartBlock",
        "TableBlock",
        *["TextBlock"] * 2,
    ]
    assert [block.kind for block in section.blocks if isinstance(block, TextBlock)] == [
        "finding",
        "context",
        "heading",
        "text",
        "heading",
        "small",
    ]
    assert section.source == SOURCE
    assert section.kept.startswith("Kept by rita on 20 Nov 2026, 16:54 UTC")
    assert document.lead == ("Declined at 23.4 %.",)
    assert document.made_on == "20 Nov 2026"
    assert document.synthetic
    assert len(document.as_of) == 1


def test_figures_name_their_chart_unless_another_part_began() -> None:
    chart, figures = ChartPart("chart", "T", "A.", FIGURE), TablePart("figures", "f", ("a",), (("1",),))
    heading = WordsPart("section", "Another part")
    found = [block for block in blocks_of(chart, figures, heading, figures) if isinstance(block, TableBlock)]
    assert [(table.behind, table.title) for table in found] == [(1, "Figures of chart 1"), (None, "Another part")]


def test_the_full_digits_behind_bars_are_in_the_evidence_and_not_written_out_twice() -> None:
    figures = TablePart("figures", "decision", ("family", "points"), (("Debt", "0.04123456789"),))
    found = blocks_of(MarkupPart("html", BARS), figures)
    chart, table, _, hidden = found
    assert isinstance(chart, ChartBlock)
    assert isinstance(table, TableBlock)
    assert (table.rows, hidden.rows, hidden.whole) == (
        (("Debt", "31", "typical: 22", "+4.1"),),
        (),
        (("Debt", "0.04123456789"),),
    )
    assert say_rest(hidden) == "One row, in the evidence pack only: file table-02-decision.csv."


def test_a_picture_that_was_only_a_file_and_technical_detail_that_is_not_wanted_stay_out() -> None:
    picture, technical = (
        ChartPart("picture", "T", "A.", FIGURE),
        MarkupPart("technical", "<dl><dt>a</dt><dd>b</dd></dl>"),
    )
    assert blocks_of(picture, technical, technical=False) == ()
    assert blocks_of(picture, technical) == (TextBlock("heading", "Technical detail"), FactsBlock((("a", "b"),)))


def test_a_question_under_which_nothing_was_shown_is_left_out_and_a_finding_stays() -> None:
    parts = [WordsPart("section", text) for text in ("Which one?", "Nothing changed", "Why?")]
    assert blocks_of(*parts) == (TextBlock("heading", "Nothing changed"),)


def test_tables_and_charts_are_counted_through_the_whole_pack() -> None:
    document = compose(RISK, a_pack(Kept(a_pin()), Kept(a_pin(title="Second"))))
    assert [chart.number for chart in document.charts()] == [1, 2]
    assert [(table.number, table.behind) for table in document.tables()] == [(1, 1), (2, 2)]
    assert len({block.file for block in (*document.charts(), *document.tables())}) == 4


def test_what_is_missing_opens_the_pack_and_limits_close_it() -> None:
    document = compose(
        RISK, a_pack(Kept(a_pin()), intro=("Hello.",), missing=("Nothing on fairness.",), limits=("No.",))
    )
    assert document.sections[0].blocks == (
        TextBlock("text", "Hello."),
        TextBlock("heading", "What is not in it"),
        ListBlock(("Nothing on fairness.",)),
    )
    assert document.limits == ("No.", *words.EVERY_PACK)


def test_a_step_says_its_claim_how_where_and_who_signed() -> None:
    step = Step(
        "Add up", RISK.scope, "It adds up.", "It held.", "Summed.", "Here.", "Not all.", signed="ed, today", at=WHEN
    )
    (section,) = compose(RISK, a_pack(step)).sections
    assert section.blocks[:2] == (TextBlock("finding", "It adds up."), TextBlock("context", "It held."))
    assert section.blocks[2] == FactsBlock(
        (
            ("How it is computed", "Summed."),
            ("Where it is recorded", "Here."),
            ("What it does not show", "Not all."),
            ("Signed off", "ed, today"),
        )
    )


def test_the_same_contents_have_the_same_id_and_any_change_another() -> None:
    first, second = Kept(a_pin()), Kept(a_pin(title="Second"))
    same = a_pack(first, second)
    assert same.pack_id == a_pack(first, second, mark="Alder").pack_id
    others = [
        a_pack(second, first),
        a_pack(first),
        replace(same, title="Another"),
        a_pack(Kept(first.pin, ("note",)), second),
        a_pack(first, second, technical=True),
        a_pack(first, second, viewer=EXAMINER),
    ]
    assert len({pack.pack_id for pack in [same, *others]}) == 7


def question(sensitivity: str = "everyone", answer: str = "So.") -> Question:
    empty: dict[str, Any] = dict.fromkeys(Question.__annotations__, "")
    given = {"question_id": "q", "question": "Why?", "answer": answer, "sensitivity": sensitivity, "asked_at": WHEN}
    return Question(**{**empty, **given, "answered_at": WHEN if answer else None, "address": (), "pin_ids": ()})


def approval(body: str) -> Approval:
    empty: dict[str, Any] = dict.fromkeys(Approval.__annotations__, "")
    return Approval(**{**empty, "body": body, "audience": Audience.PARTNER, "approved_at": WHEN})


def test_outsiders_read_approved_words_only_and_no_internal_question() -> None:
    asked = [question(), question("internal")]
    ours = answers_for(Audience.SPECIALIST, asked, {}, {"q": "Asked."})
    assert [(one.answer, one.internal) for one in ours] == [("So.", False), ("So.", True)]
    (theirs,) = answers_for(Audience.PARTNER, asked, {}, {"q": "Asked."})
    assert (theirs.answer, theirs.released) == ("", False)
    (released,) = answers_for(Audience.PARTNER, asked, {"q": approval("Approved words.")}, {"q": "Asked."})
    assert (released.answer, released.released) == ("Approved words.", True)


def test_every_problem_is_told_at_once_by_its_place_and_without_a_title() -> None:
    unreleased = Answers(
        "Q", ALDER.scope, (Answer("Why 10432?", "So.", "", WHEN), Answer("x", "", "", WHEN, internal=True))
    )
    pack = a_pack(Kept(a_pin(RISK, "Secret 10432")), Kept(a_pin(BIRCH, "B")), unreleased, viewer=ALDER)
    with pytest.raises(InputProblems) as caught:
        compose(RISK, pack)
    places = [problem.place for problem in caught.value.problems]
    assert places == [
        "number 1 of the contents",
        "number 2 of the contents",
        "number 3 of the contents, question 1",
        "number 3 of the contents, question 2",
    ]
    assert "10432" not in str(caught.value)
    assert "the partner view of Birch" in str(caught.value)


@pytest.mark.parametrize("n", [0, MOST + 1])
def test_a_pack_of_nothing_or_of_too_much_is_refused(n: int) -> None:
    (problem,) = problems_of(RISK, a_pack(*[Kept(a_pin())] * n))
    assert problem.place == "contents"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ALL), st.sampled_from(ALL), st.lists(st.sampled_from(ALL), min_size=1, max_size=4))
def test_a_pack_is_made_only_of_one_view_that_its_maker_may_see(maker: Viewer, of: Viewer, pins: list[Viewer]) -> None:
    pack = a_pack(*(Kept(a_pin(viewer)) for viewer in pins), viewer=of)
    allowed = maker.audience is Audience.SPECIALIST or maker.scope == of.scope
    fits = all(viewer.scope == of.scope for viewer in pins)
    assert (problems_of(maker, pack) == ()) == (allowed and fits)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([ALDER, EXAMINER, RISK]),
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=4),
)
def test_no_outsider_gets_an_answer_that_nobody_released(of: Viewer, drawn: list[tuple[bool, bool, bool]]) -> None:
    answers = tuple(
        Answer("Q", "A" if answered else "", "", WHEN, internal, released) for answered, internal, released in drawn
    )
    found = problems_of(RISK, a_pack(Answers("Q", of.scope, answers), viewer=of))
    bad = [one for one in answers if one.internal or (one.answer and not one.released)]
    assert len(found) == (len(bad) if of is not RISK else 0)


def heading(page: str, pinned_at: str, scope: str = RISK.scope, snapshot_id: str = "s") -> PinHeading:
    return PinHeading(f"{page}{pinned_at}", None, scope, "rita", page, page, page, "loans", snapshot_id, pinned_at)


def test_a_template_takes_the_newest_pin_of_its_view_and_snapshot_and_names_what_is_missing() -> None:
    template = Template(
        title="T", subtitle="S", pages=tuple(Wanted(page=page, what=page, note="") for page in ("overview", "health"))
    )
    pins = [
        heading("overview", "1"),
        heading("overview", "3"),
        heading("overview", "9", ALDER.scope),
        heading("overview", "8", snapshot_id="other"),
        heading("drivers", "5"),
    ]
    first, second = fill(template, pins, "s", RISK.scope)
    assert first.pin is not None
    assert first.pin.pin_id == "overview3"
    assert second.pin is None
    assert words.say_missing("x").startswith("Nothing on x")


def test_the_templates_want_pages_that_can_be_pinned() -> None:
    pinnable = {spec.url for spec in PAGES if spec.can_pin}
    assert set(templates()) == {"board", "partner", "examiner", "card"}
    assert {wanted.page for template in templates().values() for wanted in template.pages} <= pinnable
