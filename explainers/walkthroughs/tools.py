"""Reading applications and fitting comparison groups where no app keeps them: for tests, packs and commands."""

from __future__ import annotations

from explainers.decision.compute import FittedGroup, OnFile, read_on_file
from explainers.notices.compute import Desk as Letters


class Tools(Letters):
    """What explains one application after the other; the engine and the groups are made ready once.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    """

    def read(self, number: str) -> OnFile:
        """Return an application, read for explaining."""
        return read_on_file(self._reader, self._engine, number)

    def fit(self, name: str, group_no: int) -> FittedGroup:
        """Return a comparison group, ready to explain with."""
        return self._fit(name, group_no)
