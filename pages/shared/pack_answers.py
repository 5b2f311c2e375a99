"""Packs for pages: put together for exactly the viewer who asks, made in the forms asked for, and logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from data.access import Audience, Viewer
from data.reader import Reader
from data.workspace import open_workspace
from explainers.packs.compose import compose
from explainers.packs.contents import Pack, pins_of
from explainers.packs.document import Document
from explainers.packs.draft import Draft
from explainers.packs.forms import WRITERS
from explainers.packs.gather import gather
from explainers.packs.scope import has_evidence
from explainers.packs.words import file_stem
from explainers.pdf import PdfUnavailable
from pages.shared import answers, exports, widgets
from pages.shared.pack_shelf import SHELF, PackFile

EVIDENCE = "evidence"
"""The form that holds all others."""
FORMS = {
    "pdf": ("PDF", "pdf", "application/pdf"),
    "word": ("Word", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "slides": ("PowerPoint", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "html": ("HTML", "html", "text/html"),
    EVIDENCE: ("Evidence (zip)", "zip", "application/zip"),
}
"""Form -> what it is called, ending, media type."""
MADE = "candor-pack-made"
"""Session key of (what the page asked for, keys of the files on the shelf): no file lies in a session."""
Key = tuple[str, ...]


def pack(reader: Reader, draft: Draft, order: Sequence[str], title: str, *, technical: bool) -> Pack:
    """Return a pack with everything in it, marked where files of its view are."""
    audience, _, partner = draft.scope.partition("|")
    readers = Viewer(reader.viewer.who, Audience(audience), partner if Audience(audience) is Audience.PARTNER else None)
    mark = exports.mark_for(readers)
    return gather(open_workspace(), reader.viewer, draft, order, title=title, technical=technical, mark=mark)


def forms_of(scope: str) -> tuple[str, ...]:
    """Return the forms that a pack of a view has."""
    evidence = has_evidence(Audience(scope.partition("|")[0]))
    return tuple(form for form in FORMS if evidence or form != EVIDENCE)


def make(reader: Reader, asked: Pack, forms: Sequence[str], said: Callable[[str], None]) -> list[Key]:
    """Make a pack in some forms and return where they lie; `said` is told what is being written.

    Raises
    ------
    InputProblems
        The pack mixes views, or holds what its readers may not have.
    """
    document = compose(reader.viewer, asked)
    own = (reader.viewer.scope, reader.viewer.who, asked.pack_id, asked.mark)
    rows = max((pin.shown.source.applications for pin in pins_of(asked.items)), default=0)
    found = []
    for form in forms:
        key = (*own, form)
        file = SHELF.get(key) or _made(form, document, asked, own, said)
        if file is not None:
            SHELF.put(key, file)
            answers.log_act(reader, "packs", {"pack": asked.pack_id, "form": form}, rows)
            found.append(key)
    return found


def offer(keys: Sequence[Key]) -> None:
    """Draw a button for each file that still lies on the shelf."""
    files = [SHELF.get(key) for key in keys]
    with st.container(horizontal=True):
        for file in files:
            if file is not None:
                label = f"Download {file.label}"
                st.download_button(
                    label, file.content, file.name, file.kind, key=f"pack-{file.label}", on_click="ignore"
                )
    if not all(files):
        widgets.note("A file made earlier is not kept any more. Make it again.")


def _made(form: str, document: Document, asked: Pack, own: Key, said: Callable[[str], None]) -> PackFile | None:
    """Write one form; None where this machine cannot, which is said."""
    label, ending, kind = FORMS[form]
    if form == EVIDENCE:
        parts = {
            one: SHELF.get((*own, one)) or _made(one, document, asked, own, said) for one in FORMS if one != EVIDENCE
        }
        said(f"Writing {label}")
        documents = {f"pack.{FORMS[one][1]}": file.content for one, file in parts.items() if file is not None}
        content = _evidence(document, asked, documents)
    else:
        said(f"Writing {label}")
        try:
            content = WRITERS[f".{ending}"](document)
        except PdfUnavailable as missing:
            widgets.warning(str(missing))
            return None
    return PackFile(label, f"{file_stem(asked)}.{ending}", kind, content)


def _evidence(document: Document, asked: Pack, documents: Mapping[str, bytes]) -> bytes:
    from explainers.packs.evidence import make_evidence

    return make_evidence(document, pins_of(asked.items), documents)
