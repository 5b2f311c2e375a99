"""Packs that were made, for the few minutes until they are fetched: a bounded part of the server's memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

LARGEST = 96_000_000
"""Bytes of all packs together that are kept; the oldest go first."""


@dataclass(frozen=True)
class PackFile:
    """One form of a pack."""

    label: str
    """On its button."""
    name: str
    """Of the file."""
    kind: str
    """Media type."""
    content: bytes
    """The file."""


class Shelf:
    """Keeps files by what they are, the ones asked for last."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._files: OrderedDict[tuple[str, ...], PackFile] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[str, ...]) -> PackFile | None:
        """Return a file; None where it is not kept any more."""
        with self._guard:
            if key in self._files:
                self._files.move_to_end(key)
            return self._files.get(key)

    def put(self, key: tuple[str, ...], file: PackFile) -> None:
        """Keep a file; the one kept now stays, however large."""
        with self._guard:
            self._files[key] = file
            self._files.move_to_end(key)
            while sum(len(one.content) for one in self._files.values()) > self._largest and len(self._files) > 1:
                self._files.popitem(last=False)


SHELF = Shelf()
"""The one of this process. A key begins with the viewer's scope and account: nobody finds another's copy."""
