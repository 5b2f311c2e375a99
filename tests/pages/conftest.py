"""Pages run by Streamlit's own test runner, on a real snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.files import HOME_VARIABLE, ROOT
from pages.shared import readers
from tests.snapshots_for_tests import SIGNALS, small_card, small_snapshot

ALONE = "One Loan Bank"
"""A partner with a single application."""
SILENT = "Blank Form Bank"
"""A partner whose applications have no signal at all."""
ABSENT = "Nobody Bank"
"""A partner without any application."""
VIEWS = {"full": None, "one row": ALONE, "all missing": SILENT, "empty": ABSENT}


def odd_partners(table: pd.DataFrame) -> pd.DataFrame:
    """Give one partner a single application and one partner applications without any value."""
    table = table.astype({"home": object})
    table.loc[0, "partner"] = ALONE
    table.loc[1:12, "partner"] = SILENT
    numbers = [name for name in SIGNALS if name != "home"]
    table[numbers] = table[numbers].astype(float)
    table.loc[1:12, numbers] = np.nan
    table.loc[1:12, "home"] = None
    table["decision"] = np.where(table.index % 50 == 0, "declined", "approved")
    return table


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one snapshot."""
    folder = tmp_path_factory.mktemp("pages")
    features = small_card()["features"]
    for feature in features.values():
        feature["reason"].setdefault("missing", "No information on file")
    small_snapshot(
        folder / "home" / "snapshots",
        folder / "inputs",
        change=odd_partners,
        applications={"decision": "decision"},
        decision={"policy_rules": [{"when": "late_payments > 3", "reason": "Four or more late payments in a year"}]},
        features=features,
    )
    return folder / "home"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Run a page for a viewer of a partner, with query parameters."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def page(file: str, partner: str | None = None, **query: str) -> AppTest:
        viewer = Viewer("test", Audience.PARTNER if partner else Audience.SPECIALIST, partner)
        monkeypatch.setattr(readers, "viewer", lambda: viewer)
        at = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page(file).run()

    yield page
    st.cache_resource.clear()


def text_of(at: AppTest) -> str:
    """Return everything a page shows as HTML or text, without the stylesheet."""
    html = [element.proto.body for element in at.get("html")]
    return "\n".join(part for part in html if not part.startswith("<style"))
