"""Real snapshots for tests, built once a session from small tables and a real LightGBM model."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import duckdb
import lightgbm as lgb
import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from data.manifest import hash_file
from data.sql import cursor, open_readonly
from explainers.build import build_snapshot

SIGNALS = ("income", "debt_share", "utilisation", "late_payments", "home")


@dataclass(frozen=True)
class Inputs:
    """A folder with a model, a table and a card."""

    folder: Path
    """Where they lie."""
    table: pd.DataFrame
    """The applications as written."""

    @property
    def card(self) -> Path:
        """Return the card's path."""
        return self.folder / "card.yaml"


def applications(n: int, seed: int = 3) -> pd.DataFrame:
    """Make up a small book: two partners, five signals, one with missing values, one category."""
    rng = np.random.default_rng(seed)
    utilisation = rng.uniform(0, 100, n)
    table = pd.DataFrame(
        {
            "application_id": [f"A-{i:05d}" for i in range(n)],
            "partner": np.where(rng.random(n) < 0.6, "First Harbor Bank", "Prairie State Credit"),
            "application_date": [date(2026, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, n)],
            "income": rng.lognormal(11, 0.5, n).round(),
            "debt_share": rng.uniform(0, 60, n).round(1),
            "utilisation": np.where(rng.random(n) < 0.2, np.nan, utilisation.round(1)),
            "late_payments": rng.poisson(0.6, n),
            "home": pd.Categorical(rng.choice(["RENT", "OWN", "MORTGAGE"], n)),
        }
    )
    odds = -3 + 0.04 * table["debt_share"] + 0.6 * table["late_payments"] - 0.5 * (np.log(table["income"]) - 11)
    odds += 0.015 * (table["utilisation"].fillna(60) - 50) + 0.4 * (table["home"] == "RENT")
    table["outcome"] = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    return table


def train(table: pd.DataFrame) -> lgb.Booster:
    """Train a small model with a native category and missing values."""
    params = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 2, "seed": 1, "deterministic": True}
    params |= {"min_data_in_leaf": 20, "learning_rate": 0.15}
    return lgb.train(params, lgb.Dataset(table[list(SIGNALS)], table["outcome"]), 40)


@lru_cache
def trained() -> str:
    """Return the text of the small model, trained once a session."""
    return train(applications(3000)).model_to_string()


def to_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet."""
    table.to_parquet(path, index=False)


def to_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, packed when the name ends with .gz."""
    table.to_csv(path, index=False)


def to_duckdb(table: pd.DataFrame, path: Path) -> None:
    """Write a table into a DuckDB file under the name book."""
    with duckdb.connect(path) as connection:
        connection.register("incoming", table)
        connection.execute("CREATE TABLE book AS FROM incoming")


def small_inputs(
    folder: Path,
    *,
    n: int = 3000,
    model: str | None = None,
    change: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    write: Callable[[pd.DataFrame, Path], None] = to_parquet,
    card: Callable[[dict], None] | None = None,
    **edits: dict,
) -> Inputs:
    """Write a model, a table and a card.

    `model` is another model's text; `change` edits the table and `write` writes it to the card's source;
    `edits` are keys of the card's blocks (None removes one), and `card` edits the whole card.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = applications(n)
    (folder / "model.txt").write_text(model or trained())
    if change is not None:
        table = change(table)
    content = small_card()
    for block, values in edits.items():
        merged = {**content.get(block, {}), **values}
        content[block] = {key: value for key, value in merged.items() if value is not None}
    if card is not None:
        card(content)
    target = (folder / content["applications"]["source"]).resolve()
    assert target.is_relative_to(folder.resolve()), "a test must not write outside its own folder"
    write(table.astype(dict.fromkeys({"home"} & set(table), str)), target)
    with (folder / "card.yaml").open("w") as stream:
        YAML(typ="safe").dump(content, stream)
    return Inputs(folder, table)


def small_snapshot(root: Path, folder: Path, **edits) -> Path:
    """Build a small snapshot under `root`; arguments as of `small_inputs`."""
    return build_snapshot(small_inputs(folder, **edits).card, root)


def change_published(folder: Path, sql: str) -> int:
    """Change a published database, and make the manifest fit again; return how many rows changed."""
    folder.chmod(0o750)
    for name in ("snapshot.duckdb", "manifest.json"):
        (folder / name).chmod(0o640)
    with duckdb.connect(folder / "snapshot.duckdb") as connection:
        changed = connection.execute(sql).fetchone()
    raw = json.loads((folder / "manifest.json").read_text())
    file = folder / "snapshot.duckdb"
    raw["files"]["snapshot.duckdb"] = {"sha256": hash_file(file), "size": file.stat().st_size}
    (folder / "manifest.json").write_text(json.dumps(raw))
    return changed[0] if changed else 0


def tree(folder: Path) -> list[str]:
    """Return the names of everything under a folder, hidden or not, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def numbers_of(snapshot: Path) -> dict[str, pd.DataFrame]:
    """Return every table of a snapshot's databases, in the order of its columns."""
    found = {}
    for file in sorted(snapshot.glob("*.duckdb")):
        with closing(open_readonly(file)) as connection, cursor(connection) as own:
            for (name,) in own.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
                found[f"{file.name} {name}"] = own.execute(f'FROM "{name}" ORDER BY ALL').df()
    return found


def small_features() -> dict:
    """Return the signals of the small card."""

    def feature(label: str, unit: str, family: str, direction: str, **reason: str) -> dict:
        return {
            "label": label,
            "definition": f"{label}.",
            "unit": unit,
            "family": family,
            "direction": direction,
            "reason": reason,
            "audience": "partner",
        }

    return {
        "income": feature("Yearly income", "dollars", "income", "lowers", low="Income too low for the amount asked"),
        "debt_share": feature(
            "Debt compared with income", "percent", "debt", "raises", high="Too much debt compared with income"
        ),
        "utilisation": feature(
            "Share of card limits used",
            "percent",
            "balances",
            "raises",
            high="Card balances close to limits",
            missing="No card accounts on file",
        ),
        "late_payments": feature(
            "Late payments in the last year", "count", "payments", "raises", high="Late payments on other accounts"
        ),
        "home": feature("Home", "category", "housing", "either", value="Type of housing"),
    }


def small_card() -> dict:
    """Return the card of the small book as plain data."""
    return {
        "card_version": 1,
        "model": {
            "id": "small-loans",
            "name": "Small loans",
            "version": "1",
            "file": "model.txt",
            "purpose": "Decides on small loans.",
            "product": "Unsecured personal loan",
            "owner": "Model risk",
            "decided_by": "The partner's officers",
            "outcome": "charge-off within 12 months",
            "outcome_past": "were charged off within 12 months",
            "higher_score_is": "riskier",
            "synthetic": True,
            "limits": ["It knows nothing of savings."],
        },
        "applications": {
            "source": "apps.parquet",
            "id": "application_id",
            "partner": "partner",
            "date": "application_date",
            "outcome": "outcome",
        },
        "decision": {"cutoffs": {"default": 0.18}},
        "families": {
            "income": {"label": "Income"},
            "debt": {"label": "Debt compared with income"},
            "balances": {"label": "Card balances"},
            "payments": {"label": "Payment history"},
            "housing": {"label": "Housing"},
        },
        "features": small_features(),
    }
