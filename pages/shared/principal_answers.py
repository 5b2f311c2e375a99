"""The reasons for one application, stage by stage and creditor by creditor: cached by snapshot and scope."""

from __future__ import annotations

import streamlit as st

from data.reader import Reader
from explainers.reasons.principal import compute_principal
from explainers.reasons.result import PrincipalResult
from pages.shared import readers


def principal(reader: Reader, number: str) -> PrincipalResult:
    """Return the principal reasons for an application that was just shown.

    Raises
    ------
    NotFoundForViewer
        No such application for this viewer.
    """
    return _principal(reader.snapshot_id, reader.viewer.scope, number, reader)


@st.cache_data(max_entries=256, show_spinner=False)
def _principal(snapshot_id: str, scope: str, number: str, _reader: Reader) -> PrincipalResult:
    asked = readers.on_file(snapshot_id, scope, number, _reader)
    return compute_principal(_reader, asked, readers.fitting(_reader))
