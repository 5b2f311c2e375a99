"""What `verify` computes again is what the pages show: each main page is kept, packed, and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.access import Audience, Viewer
from data.workspace import open_workspace
from data.workspace.pin_parts import ChartPart, Pin
from data.workspace.pins import list_pins, read_pin
from explainers.packs.compose import compose
from explainers.packs.contents import Kept, Pack
from explainers.packs.evidence import make_evidence
from explainers.packs.recompute import RECIPES, recompute
from explainers.packs.verify import verify_pack
from tests.explainers.packs.kept_pins import opened, root
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
"""Pages computed again -> their inputs; Fairness needs groups, which the small snapshots have not."""
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
