"""Run by another environment: how long a tool takes to answer why one application was decided so, and what matters.

    python peers.py explainerdashboard ROWS.csv

Trains a LightGBM model on the rows, since these tools take models from memory, and prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import lightgbm as lgb
import pandas as pd

warnings.filterwarnings("ignore")


def main(tool: str, path: str) -> list[tuple[str, float, str]]:
    """Return name, value and unit of each measure."""
    rows = pd.read_csv(path)
    y, x = rows["target"], rows.drop(columns="target")
    model = lgb.LGBMClassifier(n_estimators=300, num_leaves=31, n_jobs=2, verbose=-1).fit(x, y)
    started = time.perf_counter()
    ask = {"explainerdashboard": explainerdashboard, "shapash": shapash}[tool]
    answers = ask(model, x, y)
    found = [("start to the first answers (one decision, all drivers)", time.perf_counter() - started, "s")]
    times = []
    for place in range(5):
        began = time.perf_counter()
        answers(place)
        times.append(time.perf_counter() - began)
    return [*found, ("another decision, median", sorted(times)[2] * 1000, "ms"), ("peak memory", peak_memory(), "MiB")]


def peak_memory() -> float:
    """Return the most memory this program held, MiB. (`getrusage` also counts what its parent held as it forked.)"""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def explainerdashboard(model: Any, x: pd.DataFrame, y: pd.Series) -> Any:
    """Return a function that explains one row, after everything was computed once."""
    from explainerdashboard import ClassifierExplainer

    explainer = ClassifierExplainer(model, x, y)
    explainer.get_importances_df()
    explainer.plot_contributions(0)
    return explainer.plot_contributions


def shapash(model: Any, x: pd.DataFrame, _y: pd.Series) -> Any:
    """Return a function that explains one row, after everything was computed once."""
    from shapash import SmartExplainer

    explainer = SmartExplainer(model=model)
    explainer.compile(x=x)
    explainer.plot.features_importance()
    return lambda place: explainer.plot.local_plot(index=x.index[place])


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
