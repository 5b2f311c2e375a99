"""Files that pages offer for download: each for the one viewer it was made for.

Streamlit keeps a file under a hash of its content, for whoever knows that hash. Here the address is a keyed hash
over viewer and content that nobody can compute, and the file goes only to a browser signed in as that viewer, with
the role the file was made under. When Streamlit no longer takes this storage, no file has an owner and none goes out.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st
from starlette.responses import PlainTextResponse, Response
from streamlit.runtime import memory_media_file_storage
from streamlit.runtime.memory_media_file_storage import MemoryFile, MemoryMediaFileStorage

from data.access import Viewer
from data.errors import CandorError
from pages.shared import viewing
from pages.shared.sign_in import SignInSettings
from pages.shared.sign_in_cookies import cookie_claims

if TYPE_CHECKING:
    from streamlit.runtime.media_file_storage import MediaFileKind

FOLDER = "/media/"
"""Where Streamlit serves files."""
_KEY = secrets.token_bytes(32)
_owners: dict[str, Viewer | None] = {}


class OwnFiles(MemoryMediaFileStorage):
    """Streamlit's files in memory, each with its owner."""

    def load_and_get_id(
        self, path_or_data: str | bytes, mimetype: str, kind: MediaFileKind, filename: str | None = None
    ) -> str:
        """Keep a file for the viewer whose page is running, and return its id.

        Nothing is asked of a database here: Streamlit holds the lock of all files meanwhile.
        """
        content = self._read_file(path_or_data) if isinstance(path_or_data, str) else path_or_data
        owner = st.session_state.get(viewing.LAST)
        file_id = _id_of(owner, content, mimetype, filename)
        _owners[file_id] = owner
        self._files_by_id.setdefault(file_id, MemoryFile(content, mimetype, kind, filename))
        return file_id

    def delete_file(self, file_id: str) -> None:
        """Forget a file and whose it was."""
        super().delete_file(file_id)
        _owners.pop(file_id, None)


def install() -> None:
    """Let Streamlit keep files this way; `st.App` has no setting for it. Call this before the app is made."""
    memory_media_file_storage.MemoryMediaFileStorage = OwnFiles  # type: ignore[misc]


def refusal(path: str, cookies: dict[str, str], settings: SignInSettings) -> Response | None:
    """Return the answer to a browser that may not have a file, None to its owner.

    Parameters
    ----------
    path : str
        The path asked for, without the path Candor is served under.
    cookies : dict
        The browser's cookies.
    settings : SignInSettings
        Where the roles are.

    Returns
    -------
    Response or None
        To others the file does not exist.
    """
    try:
        viewer = viewing.bearer(cookie_claims(cookies), settings)
    except CandorError:
        return PlainTextResponse("Please sign in.", status_code=403)
    if _owners.get(PurePosixPath(path).stem) != viewer:
        return PlainTextResponse("Not Found", status_code=404)
    return None


def _id_of(owner: Viewer | None, content: bytes, mimetype: str, filename: str | None) -> str:
    """Return the same id for the same file of the same viewer, so that a rerun changes no address."""
    digest = hashlib.blake2b(key=_KEY, digest_size=28)
    for part in (repr(owner).encode(), mimetype.encode(), (filename or "").encode(), content):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
