"""The smallest changes as fragments of a page. Made from the result alone."""

from __future__ import annotations

from explainers.markup import render
from explainers.recourse import words
from explainers.recourse.result import Neighbour, Option, RecourseResult


def table_option(result: RecourseResult, option: Option) -> str:
    """Draw one option: the sentence, what moves along, its size."""
    lines = [line for line in (words.say_moved_along(option), words.say_effort(result, option)) if line]
    return render(
        "recourse_option.html", title=words.say_size(option), sentence=words.say_option(result, option), lines=lines
    )


def table_neighbour(neighbour: Neighbour) -> str:
    """Draw the differences from a real approved application."""
    return render("recourse_neighbour.html", lines=words.say_neighbour(neighbour))
