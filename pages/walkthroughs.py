"""What shall we go through? The walkthroughs for the viewer, the record of a run, and editing for specialists."""

from __future__ import annotations

import streamlit as st

from pages.shared import readers, walk_edit, walk_list

reader = readers.current()
run, edited = st.query_params.get("run"), st.query_params.get("edit")
if run:
    walk_list.record(reader, run)
elif edited:
    walk_edit.edit(reader, edited)
else:
    walk_list.overview(reader)
