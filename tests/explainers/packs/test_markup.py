"""What a template shows becomes blocks of a document: every word and number of it, and no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from data.workspace.pin_parts import MarkupPart
from explainers.markup import TEMPLATES, render
from explainers.packs.bars import COLUMNS
from explainers.packs.document import (
    Block,
    ChartBlock,
    FactsBlock,
    ListBlock,
    TableBlock,
    TextBlock,
    say_cell,
)
from explainers.packs.markup import blocks_of_markup
from explainers.packs.numbering import MOST_ROWS, WIDEST, Numbering
from explainers.pins.compare import facts

FACTS = (("Cut-off", "18\u202f%"), ("Rows & <hash>", "ab12"))
BAR_ROWS = [
    {
        "name": "Debt <b>",
        "value": "Debt: 31\u202f%",
        "typical": "22\u202f%",
        "left": 1,
        "width": 2,
        "way": "raises",
        "points": "+12.3",
    },
    {"name": "Job", "value": None, "typical": "", "left": 1, "width": 2, "way": "lowers", "points": "−1,204.5"},
]
CHECKS = ({"name": "Adds up", "passed": False, "finding": "No.", "how": "Counted again.", "state": "met"},)
STATEMENTS = [{"statement": "Too much debt"}, {"statement": "Income too low"}]
PRINCIPAL = {
    "title": "Reasons",
    "head": "Two reasons.",
    "creditors": [("Alder", "Declined.", STATEMENTS, "They count most."), ("", "", STATEMENTS[:1], "")],
    "drafts": "One is a draft.",
    "barriers": STATEMENTS,
    "barriers_title": "Other barriers",
    "not_reasons": "They did not decide.",
    "score": "609 of 850.",
    "factors_title": "Factors",
    "factors": ["Late payments", "Inquiries"],
    "not_ours": "Not ours.",
}
CONTEXTS: dict[str, dict[str, Any]] = {
    "check.html": {"title": "Agrees on 4 of 4", "text": "The same reasons."},
    "compare_sides.html": {"title": "Two", "head": ["", "First", "Second"], "rows": [("Debt", "31", "22")]},
    "compare_similar.html": {"title": "A-1", "said": ["Like this one.", "But approved."]},
    "decision_rows.html": {
        "sections": [{"title": "Two reasons", "rows": BAR_ROWS}, {"title": "What helped", "rows": BAR_ROWS[1:]}],
        "zero": 3,
        "group": "just approved",
        "total": {"name": "Typical 11\u202f% → this 23\u202f%", "points": "+12.0"},
        "note": "Percentage points of the chance. They add up.",
    },
    "decision_technical.html": {
        "facts": FACTS,
        "whole": False,
        "most": 1,
        "total": 3,
        "families": [
            {
                "label": "Debt",
                "contribution": 0.5,
                "points": 0.1,
                "others": 2,
                "others_contribution": 0.25,
                "others_points": 0.5,
                "signals": [
                    {
                        "label": "Share",
                        "exact": "31.25",
                        "value": "31 %",
                        "typical": "22",
                        "contribution": 1,
                        "points": 2,
                    }
                ],
            }
        ],
        "write": lambda value: f"{value:+.3f}",
        "points": lambda value: f"{value:.1f} points",
    },
    "evidence_checks.html": {"checks": [{**CHECKS[0], "threshold": "0.8", "source": "29 CFR"}]},
    "evidence_methods.html": {"checks": [("Swap", "What if?", "Not everything.")]},
    "health_checks.html": {"checks": CHECKS},
    "health_groups.html": {"groups": [("just_approved", "at most 18 %", "31 Oct", "7", "ab12")], "facts": FACTS},
    "overview_facts.html": {"facts": FACTS, "title": "All checks", "checks": CHECKS},
    "pin_source.html": {"rows": FACTS},
    "pins.html": {"pins": [{"link": "./x", "title": "A pin", "finding": "Declined.", "about": "20 Nov"}]},
    "principal.html": PRINCIPAL,
    "questions.html": {
        "questions": [{"question": "Why?", "answer": "So.", "state": "open", "view": "./v", "pins": [("P", "./p")]}]
    },
    "reason_wording.html": {"parts": [("Statement", "Too much debt", "en"), ("Detail", "Mucha deuda", "es")]},
    "reason_test.html": {"finding": "It decided.", "detail": "Without it: 12\u202f%."},
    "recourse_neighbour.html": {"lines": ["Debt: 31", "Income: 12,000"]},
    "recourse_option.html": {"title": "One change", "sentence": "Lower it.", "lines": ["Debt: 31 to 22."]},
    "second.html": {"note": {"title": "Agrees", "text": "Mostly.", "detail": "0.9, seeds 1, 2"}, "closing": "A check."},
    "solid.html": {"title": "Solid?", "checks": FACTS},
    "technical_facts.html": {"facts": FACTS},
    "what_if_changes.html": {
        "changes": [{"label": "Debt", "linked": True, "before": "31", "after": "22"}],
        "hidden": "One is hidden.",
    },
    "what_if_sides.html": {"rows": [("Debt", "+1.0", "−0.4")]},
}
"""Template -> what fills it: every branch of it shows something."""


def words(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in text.split())


def texts_of(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield what blocks say; the chart of bars says again what the tables beside it say."""
    for block in blocks:
        match block:
            case TextBlock(text=text):
                yield text
            case ListBlock(items=items):
                yield from items
            case FactsBlock(rows=rows):
                yield from (text for row in rows for text in row)
            case TableBlock():
                if block.columns == COLUMNS:
                    yield block.title
                else:
                    yield from block.columns
                yield from (say_cell(cell) for row in block.whole for cell in row)


def shown_in(markup: str) -> Counter[str]:
    return words([str(value) for _, value in facts(MarkupPart("html", markup))])


def test_every_template_that_a_pin_may_hold_is_tried() -> None:
    drawn_beside_pages = "walk_"  # the panel of a walkthrough is noted by no pin
    names = {path.name for path in TEMPLATES.glob("*.html") if not path.name.startswith(drawn_beside_pages)}
    assert set(CONTEXTS) == names


@pytest.mark.parametrize("template", CONTEXTS)
def test_no_word_or_number_of_a_template_is_lost_and_none_comes_in(template: str) -> None:
    markup = render(template, **CONTEXTS[template])
    blocks = blocks_of_markup(markup, Numbering())
    assert words(list(texts_of(blocks))) == shown_in(markup)
    assert blocks


def test_the_bars_of_a_decision_are_a_chart_with_the_numbers_on_the_screen() -> None:
    blocks = blocks_of_markup(render("decision_rows.html", **CONTEXTS["decision_rows.html"]), Numbering())
    chart, against, helped, note = blocks
    assert isinstance(chart, ChartBlock)
    (bars,) = chart.part.figure["data"]
    assert bars["x"] == [12.3, -1204.5, -1204.5]
    assert bars["y"] == ["Debt <b>", "Job", "Job"]
    assert bars["text"] == ["+12.3", "−1,204.5", "−1,204.5"]
    assert chart.part.figure["layout"]["xaxis"]["title"]["text"] == "Percentage points of the chance"
    assert chart.part.title == "Two reasons"
    assert "Debt <b>: +12.3; Job: −1,204.5" in chart.part.alt
    assert isinstance(against, TableBlock)
    assert against.rows[0] == ("Debt <b>", "Debt: 31\u202f%", "just approved: 22\u202f%", "+12.3")
    assert isinstance(helped, TableBlock)
    assert helped.rows[-1] == ("Typical 11\u202f% → this 23\u202f%", None, None, "+12.0")
    assert isinstance(note, TextBlock)
    assert (chart.number, against.number, helped.number) == (1, 1, 2)


def test_checks_that_follow_each_other_are_one_list_of_facts() -> None:
    (facts_block,) = blocks_of_markup(
        "<div><div class='candor-check'><b>A: met</b>Found 1.<br><span>Threshold 2.</span></div>"
        "<div class='candor-check'><b>B</b><span>x</span></div></div>",
        Numbering(),
    )
    assert facts_block == FactsBlock((("A: met", "Found 1.\nThreshold 2."), ("B", "x")))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a<br>b</p>", [TextBlock("text", "a\nb")]),
        ("<p class='candor-note'>a  b</p>", [TextBlock("note", "a b")]),
        ("<section>loose <b>text</b><p>x</p></section>", [TextBlock("text", "loose text"), TextBlock("text", "x")]),
        ("<ol><li>1</li><li>2<br>3</li></ol>", [ListBlock(("1", "2\n3"), ordered=True)]),
        ("<table><tr><th>a</th><td>b</td></tr></table>", [FactsBlock((("a", "b"),))]),
        ("<p>&lt;script&gt; 18\u202f%</p>", [TextBlock("text", "<script> 18\u202f%")]),
        ("", []),
        ("<p></p><ul></ul>", []),
    ],
)
def test_elements_become_blocks_of_their_kind(markup: str, expected: list[Block]) -> None:
    assert list(blocks_of_markup(markup, Numbering())) == expected


def test_a_long_table_shows_its_first_rows_and_keeps_all() -> None:
    rows = [(f"Row {i}", i) for i in range(MOST_ROWS + 5)]
    (table,) = Numbering().table("Long", ["Name", "n"], rows, name="Rows of 2026/10!")
    assert (len(table.rows), table.n_total, len(table.whole)) == (MOST_ROWS, MOST_ROWS + 5, MOST_ROWS + 5)
    assert table.file == "table-01-rows-of-2026-10.csv"
    (short,) = Numbering().table("Short", ["Name", "n"], rows[:MOST_ROWS])
    assert (short.every, short.whole) == ((), tuple(rows[:MOST_ROWS]))


def test_a_table_too_wide_for_a_page_is_in_the_evidence_only_or_nowhere() -> None:
    wide = [tuple(range(WIDEST + 1))]
    (table,) = Numbering().table("Wide", ["n"] * (WIDEST + 1), wide)
    assert (table.rows, table.whole) == ((), tuple(wide))
    assert Numbering(evidence=False).table("Wide", ["n"] * (WIDEST + 1), wide) == ()
