"""The policy is exactly the table in its docstring, and a viewer cannot be made that does not fit it."""

from __future__ import annotations

import pytest

from data import policy
from data.access import Audience, Viewer
from data.errors import CandorError
from data.policy import POLICY


def table() -> dict[str, list[str]]:
    """Read the docstring's table: first column to the three others; continued lines are joined."""
    lines = [line for line in (policy.__doc__ or "").splitlines() if line.strip()]
    start = next(i for i, line in enumerate(lines) if line.startswith("==="))
    bounds = [0]
    for width in lines[start].split():
        bounds.append(bounds[-1] + len(width) + 2)
    rows: dict[str, list[str]] = {}
    name = ""
    for line in lines[start + 3 :]:
        if line.startswith("==="):
            break
        cells = [line[a:b].strip() for a, b in zip(bounds, [*bounds[1:-1], None], strict=False)]
        name = cells[0] or name
        before = rows.get(name, ["", "", ""])
        rows[name] = [" ".join(filter(None, pair)) for pair in zip(before, cells[1:4], strict=True)]
    return rows


WORDS = {
    "applications": {"own partner": "own partner's only", "all": "all"},
    "signals": {"families": "families and approved labels", "every signal": "every signal"},
    "groups": {"if shared": "off, unless shared: then aggregates", "on": "on", "aggregates": "on, aggregates"},
    "exports": {"own rows, watermarked": "own rows, watermarked", "all": "yes", "evidence pack": "evidence pack"},
}


@pytest.mark.parametrize(("place", "audience"), list(enumerate(Audience)))
def test_the_code_reads_the_same_table_as_people(place: int, audience: Audience) -> None:
    rows, rule = table(), POLICY[audience]
    said = {name: cells[place] for name, cells in rows.items()}
    assert said["applications"] == WORDS["applications"][rule.rows]
    assert said["application numbers"].startswith("masked") is rule.masked_numbers
    assert said["signals"] == WORDS["signals"][rule.signals]
    assert said["values"] == ("exact" if rule.exact_values else "rounded")
    assert said["scores"] == ("exact" if rule.exact_scores else "estimates and points, to a tenth")
    assert said["smallest count"] == str(rule.smallest_count)
    assert said["groups"] == WORDS["groups"][rule.groups]
    assert said["exports"] == WORDS["exports"][rule.exports]
    for name, limit in (("look-ups an hour", rule.lookups_per_hour), ("what-ifs an hour", rule.what_ifs_per_hour)):
        assert said[name].startswith("no limit" if limit is None else str(limit))
    assert {"applications", "values", "scores", "exports"} <= set(rows)


def test_a_partner_viewer_needs_a_partner() -> None:
    with pytest.raises(CandorError, match="cannot look at anything"):
        Viewer("p", Audience.PARTNER)


@pytest.mark.parametrize("audience", [Audience.SPECIALIST, Audience.REGULATOR])
def test_who_sees_everything_belongs_to_no_partner(audience: Audience) -> None:
    with pytest.raises(CandorError, match="cannot look at anything"):
        Viewer("s", audience, "First Harbor Bank")


def test_the_scope_of_a_cache_key_tells_viewers_apart() -> None:
    scopes = {
        Viewer("a", Audience.PARTNER, "A").scope,
        Viewer("a", Audience.PARTNER, "B").scope,
        Viewer("a", Audience.SPECIALIST).scope,
        Viewer("a", Audience.REGULATOR).scope,
    }
    assert len(scopes) == 4
