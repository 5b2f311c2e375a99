"""A made-up book of applications, whole and as one of its partners sees it.

A module that uses these names the book, `BOOK`, and the partner's viewer, `ALDER`.
"""

from __future__ import annotations

import pandas as pd
import pytest

from data.access import LOCAL_VIEWER
from data.reader import Reader
from tests.data.worlds import applications, open_book


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> pd.DataFrame:
    return applications(request.module.BOOK)


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest, table: pd.DataFrame) -> Reader:
    return open_book(request.module.BOOK, LOCAL_VIEWER, table)


@pytest.fixture(scope="module")
def alder(request: pytest.FixtureRequest, table: pd.DataFrame) -> Reader:
    return open_book(request.module.BOOK, request.module.ALDER, table)
