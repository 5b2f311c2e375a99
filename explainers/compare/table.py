"""Comparisons as HTML tables whose every value is escaped. Made from results alone."""

from __future__ import annotations

from explainers.compare import pair_words, similar_words, versions_words
from explainers.compare.pair import PairResult
from explainers.compare.similar import Similar, SimilarResult
from explainers.compare.versions_result import VersionsResult
from explainers.markup import render


def table_pair(result: PairResult) -> str:
    """Draw two applications as two columns."""
    rows = pair_words.table_pair(result)
    return render("compare_sides.html", title="Both applications", head=("", "First", "Second"), rows=rows)


def table_snapshots(result: VersionsResult) -> str:
    """Draw two snapshots as two columns."""
    rows = versions_words.table_sides(result)
    return render("compare_sides.html", title="Both snapshots", head=("", "Here", "There"), rows=rows)


def table_similar_one(result: SimilarResult, one: Similar) -> str:
    """Draw one similar application: its title and what differs, in words."""
    title, said = similar_words.say_title(result, one), similar_words.say_one(result, one)
    return render("compare_similar.html", title=title, said=said)
