"""The changes and the two sides of a what-if question as tables. Made from the result alone."""

from __future__ import annotations

import pandas as pd

from explainers.markup import render
from explainers.what_if import words
from explainers.what_if.result import WhatIfResult


def table_changes(result: WhatIfResult) -> str:
    """Draw every value that is not as on file: before, after, and whether it moved along with another one."""
    return render("what_if_changes.html", changes=result.changes, hidden=words.say_hidden(result))


def table_sides(result: WhatIfResult) -> str:
    """Draw the application as on file beside the same with the changes."""
    return render("what_if_sides.html", rows=words.say_sides(result))


def table_what_if(result: WhatIfResult) -> pd.DataFrame:
    """Return the figures behind the picture.

    Returns
    -------
    pandas.DataFrame
        Per family: `Family`, and its part as on file, with the changes, and the difference; percentage points for a
        probability, else the estimate's own units.
    """
    factor, unit = (100.0, "points") if result.original.scale == "probability" else (1.0, "units")
    digits = 1 if result.step is None or factor == 1.0 else 0
    return pd.DataFrame(
        {
            "Family": [m.label for m in result.moves],
            f"On file ({unit})": [round(m.before * factor, digits) for m in result.moves],
            f"With the changes ({unit})": [round(m.after * factor, digits) for m in result.moves],
            f"Difference ({unit})": [round(m.moved * factor, digits) for m in result.moves],
        }
    )
