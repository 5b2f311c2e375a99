"""What `verify` computes again is what the pages show: each main page is kept, packed, and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE
from data.reason_approvals import ApprovedWords, entry_hash, with_approvals
from data.snapshots import open_reader
from data.workspace import open_workspace
from data.workspace.pin_parts import ChartPart, Pin
from data.workspace.pins import list_pins, read_pin
from explainers.packs.compose import compose
from explainers.packs.contents import Kept, Pack
from explainers.packs.evidence import make_evidence
from explainers.packs.recompute import RECIPES, recompute
from explainers.packs.verify import verify_pack
from tests.explainers.packs.kept_pins import opened, pin_of, root, source_of
from tests.grouped_snapshot import planted, planted_home
from tests.pages.test_pins import Visit, _nothing_cached, pin, visit
from tests.two_snapshots import FOLDERS

__all__ = ["_nothing_cached", "visit"]
INPUTS = {
    "overview": {},
    "drivers": {},
    "reasons": {},
    "evidence": {},
    "health": {},
    "cohorts": {"cohort": "decision:declined"},
    "decision": {"app": "A-00200"},
}
"""Pages computed again -> their inputs; Fairness has a test of its own: the small snapshots have no groups."""
CHARTS = {"overview": 3, "drivers": 1, "reasons": 1, "evidence": 0, "health": 0, "cohorts": 3, "decision": 2}
"""Charts of each page that are computed again, at least."""
PARTNER = Viewer("ann", Audience.PARTNER, "First Harbor Bank")


def version_of(kept: Pin) -> str:
    return next(one for one, folder in FOLDERS.items() if folder.name == kept.shown.source.snapshot_id)


@pytest.mark.parametrize("page", INPUTS)
def test_a_main_page_computed_again_is_the_page_that_was_kept(visit: Visit, page: str) -> None:
    kept = pin(visit(page, **INPUTS[page]))
    again = recompute(kept, opened(version_of(kept)))
    assert again is not None
    assert (again.check.verdict, again.check.differences) == ("same", ())
    assert again.parts >= 2 + CHARTS[page]
    assert again.of == len(kept.shown.parts)


@pytest.mark.parametrize("inputs", [{}, {"attribute": "sex", "with": "age_band"}])
def test_fairness_computed_again_is_the_page_that_was_kept(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, inputs: dict[str, str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(planted_home()))
    kept = pin(visit("fairness", **inputs))
    again = recompute(kept, planted())
    assert again is not None
    assert (again.check.verdict, again.check.differences) == ("same", ())
    assert again.parts == 3


def test_wording_approved_in_the_app_is_known_to_who_verifies() -> None:
    snapshot = opened("1")
    approvals = [ApprovedWords(entry_hash(e), "bea", date(2026, 1, 2)) for e in snapshot.catalogue.entries.values()]
    reader = open_reader(snapshot, PARTNER, with_approvals(snapshot.catalogue, approvals))
    number = reader.pick("declined", 0.5)
    shown = list(RECIPES["decision"](reader, snapshot, {"app": number}))
    kept = replace(
        pin_of(shown, "decision", source_of("1"), {"app": number}), audience=PARTNER.audience, partner=PARTNER.partner
    )
    without, known = recompute(kept, snapshot), recompute(kept, snapshot, approvals)
    assert without is not None
    assert known is not None
    assert known.check.verdict == "same"
    assert without.check.n_differences > 0


def test_every_page_that_is_computed_again_is_compared_here() -> None:
    assert set(RECIPES) - {"fairness"} == set(INPUTS)


def test_a_partners_pack_is_verified_in_the_partners_own_view(visit: Visit, tmp_path: Path) -> None:
    at = visit("drivers", PARTNER)
    at.button(key="pin-save").click().run()
    workspace = open_workspace()
    kept = read_pin(workspace, PARTNER, list_pins(workspace, PARTNER)[0].pin_id)
    assert any(isinstance(part, ChartPart) for part in kept.shown.parts)
    asked = Pack("Ours", "Partner pack", PARTNER.audience, PARTNER.partner, (Kept(kept),), mark="First Harbor Bank")
    path = tmp_path / "pack.zip"
    path.write_bytes(make_evidence(compose(PARTNER, asked), [kept], {}))
    checks = list(verify_pack(path, root(), workspace))
    assert [one for one in checks if not one.passed] == []
    assert checks[-1].finding.startswith("Computed again: the same")
