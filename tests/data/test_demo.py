"""The demonstration book keeps what it promises: planted truth, planted absences, same seed same files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from data.card_schema import RULE, Card
from data.demo import dgp
from data.demo.book import Book, generate_book, generate_development, known_outcome
from data.demo.people import RACES
from data.demo.prepare import (
    DemoInput,
    demo_card,
    prepare_demo,
    recorded_decisions,
    stopped_by_rule,
    train_version_3,
)
from data.demo.scaled import draw_chunks, generate_scaled
from data.demo.wide import generate_wide, variant_names
from data.recipes.training import TrainingPlan, auc

SIGNALS = list(dgp.SIGNALS)
SMALL = TrainingPlan(rounds=8, leaves=7)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def book() -> Book:
    return generate_book(7)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoInput, ...]:
    return prepare_demo(tmp_path_factory.mktemp("demo"))


def table(given: DemoInput) -> pd.DataFrame:
    return pd.read_parquet(given.folder / "applications.parquet")


def model_inputs(applications: pd.DataFrame) -> pd.DataFrame:
    rows = applications[SIGNALS].copy()
    for name, levels in dgp.CATEGORIES.items():
        rows[name] = pd.Categorical(rows[name], categories=list(levels))
    return rows


def model(given: DemoInput) -> lgb.Booster:
    return lgb.Booster(model_file=str(given.folder / "model.txt"))


def card(given: DemoInput) -> Card:
    return Card.model_validate(YAML(typ="safe").load(given.card.read_text(encoding="utf-8")))


def test_the_book_has_unique_ids_from_10001_and_24_months(book: Book) -> None:
    ids = book.applications["application_id"]
    assert sorted(ids.astype(int)) == list(range(10_001, 70_001))
    assert set(dgp.month_of(book.applications["application_date"].to_numpy())) == set(range(1, 25))
    assert book.applications["application_date"].max() == pd.Timestamp("2026-10-31")
    assert list(book.applications.columns[3:-1]) == SIGNALS
    assert list(book.groups["application_id"]) == list(ids)


def test_the_same_seed_gives_the_same_book_and_another_seed_another(book: Book) -> None:
    again, other = generate_book(7), generate_book(8)
    pd.testing.assert_frame_equal(book.applications, again.applications)
    pd.testing.assert_frame_equal(book.groups, again.groups)
    assert book.truth.log_odds.tolist() != other.truth.log_odds.tolist()


def test_outcomes_are_known_for_mature_months_only_and_their_rate_is_plausible(book: Book) -> None:
    known = book.applications["charge_off_12m"]
    month = dgp.month_of(book.applications["application_date"].to_numpy())
    assert np.array_equal(known.notna().to_numpy(), month <= 12)
    assert 0.12 <= known.mean() <= 0.15
    assert (known.dropna() == book.truth.outcome[month <= 12]).all()


def test_a_month_is_mature_twelve_months_later_and_not_a_month_before() -> None:
    dates = np.array(["2025-09-01", "2025-10-31", "2025-11-01"], dtype="datetime64[D]")
    known = known_outcome(np.array([1, 0, 1], dtype=np.int8), dates, np.datetime64("2026-10-31"))
    assert known.tolist() == [1, 0, pd.NA]


def test_the_true_log_odds_of_one_application_agrees_with_a_hand_count() -> None:
    row = pd.DataFrame([dgp.STORY])
    ramps = 1.5 * 31 / 40 + 0.5 * 1.1 / 14 - 0.7 * 54 / 90 + 1.2 * 2 / 3 + 0.4 * 1 + 0.9 * 58 / 65
    interaction = 0.9 * (28 / 35) * (48 / 54)
    history = -0.8 * 12 / 168 + 0.8 * 1 / 5 + 0.3 * 1 / 4
    job_home = -0.4 * 1 - 0.15 * 1 + 0.5 * 4.5 / 42 + 0.3 * 12 / 36 - 0.15
    cash = -0.3 * 5_200 / 6_000 - 0.5 * 3.5 / 6 - 0.4 * 1 / 3
    economy = 0.3 * 1.1 / 6
    before = dgp.INTERCEPT + ramps + interaction + history + job_home + cash + economy
    after = before + 0.40 + 0.6 * 1.1 / 6
    assert dgp.true_log_odds(row, np.array([1]))[0] == pytest.approx(before, abs=1e-9)
    assert dgp.true_log_odds(row, np.array([18]))[0] == pytest.approx(after, abs=1e-9)


def test_the_share_of_the_first_year_in_the_new_regime_is_counted_in_months() -> None:
    months = np.array([-20, 1, 6, 7, 12, 18, 24])
    assert dgp.regime_exposure(months).tolist() == pytest.approx([0, 0, 0, 1 / 12, 0.5, 1, 1])


def test_the_regime_raises_risk_and_unemployment(book: Book) -> None:
    month = dgp.month_of(book.applications["application_date"].to_numpy())
    risk, out_of_work = book.truth.probability, book.applications["local_unemployment"].to_numpy()
    assert risk[month >= 18].mean() - risk[month <= 6].mean() > 0.04
    assert out_of_work[month >= 18].mean() - out_of_work[month < 18].mean() == pytest.approx(1.3, abs=0.05)


def test_empty_values_have_their_meaning(book: Book) -> None:
    rows = book.applications
    no_file = rows["oldest_account_months"].isna()
    assert 0.03 < no_file.mean() < 0.10
    assert rows.loc[no_file, ["card_utilisation", "late_30_last_12m", "months_since_last_late"]].isna().all(axis=None)
    idle = rows["employment_type"].isin(["RETIRED", "NOT_EMPLOYED"])
    assert (rows["employment_months"].isna() == idle).all()
    lately = rows["late_30_last_12m"] > 0
    assert rows.loc[lately, "months_since_last_late"].between(1, 12).all()
    assert not rows[["annual_income", "debt_to_income", "loan_amount"]].isna().any(axis=None)


def test_ignored_signals_are_in_no_term_and_correlate_with_nothing(book: Book) -> None:
    assert not set(dgp.IGNORED_SIGNALS) & set(dgp.signals_with_effect())
    numbers = book.applications[SIGNALS].drop(columns=list(dgp.CATEGORIES))
    others = numbers.drop(columns="statement_day").corrwith(numbers["statement_day"]).abs()
    assert others.max() < 4.5 / np.sqrt(20_000)
    risk = pd.Series(book.truth.probability)
    by_channel = risk.groupby(book.applications["application_channel"].astype(str)).mean()
    assert by_channel.max() - by_channel.min() < 0.015


def test_blocks_of_signals_move_together(book: Book) -> None:
    signals = book.applications
    assert signals["card_utilisation"].corr(signals["highest_card_utilisation"]) > 0.7
    assert signals["inquiries_6m"].corr(signals["inquiries_12m"]) > 0.7
    assert signals["annual_income"].corr(signals["checking_balance"]) > 0.2


def test_the_disparity_and_its_absence_are_planted(book: Book) -> None:
    risk = pd.Series(book.truth.probability)
    by_race = risk.groupby(book.groups["race_ethnicity"]).mean()
    assert by_race["Black"] / by_race["White"] > 1.3
    assert by_race.drop("Black").max() - by_race.drop("Black").min() < 0.02
    by_sex = risk.groupby(book.groups["sex"]).mean()
    assert abs(by_sex["Female"] - by_sex["Male"]) < 0.006


def test_proxy_probabilities_sum_to_one_and_point_to_the_true_category(book: Book) -> None:
    proxy = book.groups[[f"p_{name.lower()}" for name in RACES]].to_numpy()
    assert np.allclose(proxy.sum(axis=1), 1)
    assert proxy.min() >= 0
    truth = book.groups["race_ethnicity"].map({name: k for k, name in enumerate(RACES)}).to_numpy()
    right = (proxy.argmax(axis=1) == truth).mean()
    assert 0.6 < right < 0.95


def test_a_small_book_works_and_has_no_hand_written_application() -> None:
    small = generate_book(3, n=300)
    assert len(small.applications) == 300
    assert dgp.STORY_DATE not in set(small.applications.query("application_id == '10432'")["application_date"])


def test_three_snapshots_are_written_with_their_dates_and_sizes(inputs: tuple[DemoInput, ...]) -> None:
    assert [(one.version, one.as_of) for one in inputs] == [
        ("3", "2026-10-31"),
        ("3", "2026-09-30"),
        ("4", "2026-10-31"),
    ]
    for one in inputs:
        rows = table(one)
        assert len(rows) == one.n
        assert str(rows["application_date"].max()) == one.as_of
        assert list(pd.read_parquet(one.folder / "groups.parquet")["application_id"]) == list(rows["application_id"])
        assert json.loads((one.folder / "truth.json").read_text())["ignored_signals"] == list(dgp.IGNORED_SIGNALS)
    assert inputs[0].n == 60_000
    assert table(inputs[1])["charge_off_12m"].notna().sum() < table(inputs[0])["charge_off_12m"].notna().sum()


def test_cards_fit_their_models_and_tables(inputs: tuple[DemoInput, ...]) -> None:
    for one in inputs:
        read, rows = card(one), table(one)
        assert read.model.synthetic
        assert (read.model.id, read.model.version) == (one.model_id, one.version)
        assert list(read.features) == model(one).feature_name() == SIGNALS
        block = read.applications
        named = [block.id, block.partner, block.date, block.outcome, block.score, block.held_out]
        assert set(named) <= set(rows.columns)
        for name, feature in read.features.items():
            assert feature.family in read.families
            assert feature.reason.missing or not rows[name].isna().any()
            if name in dgp.CATEGORIES:
                assert feature.reason.value
                assert set(feature.levels) == set(dgp.CATEGORIES[name])
            else:
                assert feature.reason.high
                assert feature.reason.low


def test_the_card_has_the_partners_and_rules_of_the_process() -> None:
    read = Card.model_validate(demo_card("3"))
    assert read.decision.cutoffs.partners == {bank.name: bank.cutoff for bank in dgp.PARTNERS}
    written = [RULE.match(rule.when) for rule in read.decision.policy_rules]
    parsed = tuple((found["column"], found["op"], float(found["value"])) for found in written if found)
    assert parsed == dgp.POLICY_RULES
    assert demo_card("4")["applications"].get("decision") is None  # type: ignore[attr-defined]


def test_protected_attributes_are_no_model_inputs(inputs: tuple[DemoInput, ...]) -> None:
    for one in inputs:
        protected = set(pd.read_parquet(one.folder / "groups.parquet").columns) - {"application_id"}
        assert not protected & set(model(one).feature_name())
        assert not protected & set(table(one).columns)


def test_the_recorded_score_is_the_models_own(inputs: tuple[DemoInput, ...]) -> None:
    for one in inputs[1:]:
        rows = table(one).iloc[::60]
        assert np.allclose(model(one).predict(model_inputs(rows)), rows["estimate"], rtol=0, atol=1e-12)


def test_both_versions_rank_well_on_held_out_applications_and_never_beat_the_truth_by_luck(
    inputs: tuple[DemoInput, ...], book: Book
) -> None:
    for one in (inputs[0], inputs[2]):
        rows = table(one)
        measured = (rows["charge_off_12m"].notna() & rows["held_out"]).to_numpy()
        outcome = rows["charge_off_12m"][measured].to_numpy(dtype=np.int8)
        reached = auc(outcome, rows["estimate"][measured].to_numpy())
        assert 0.79 < reached < auc(outcome, book.truth.log_odds[measured]) + 0.005


def test_version_3_saw_none_of_the_book_and_version_4_only_mature_months(inputs: tuple[DemoInput, ...]) -> None:
    assert table(inputs[0])["held_out"].all()
    rows = table(inputs[2])
    seen = rows.loc[~rows["held_out"], "application_date"].astype(str)
    assert len(seen) > 5_000
    assert seen.max() <= "2025-07-31"
    assert len(generate_development(7, 500).applications.query("application_date >= '2023-11-01'")) == 0


def test_ignored_signals_get_about_nothing(inputs: tuple[DemoInput, ...]) -> None:
    rows = model_inputs(table(inputs[0]).iloc[::120])
    size = np.abs(model(inputs[0]).predict(rows, pred_contrib=True)[:, :-1]).mean(axis=0)
    share = dict(zip(SIGNALS, size / size.sum(), strict=True))
    assert all(share[name] < 0.012 for name in dgp.IGNORED_SIGNALS)
    assert share["debt_to_income"] > 0.08


def test_version_4_is_monotone_and_version_3_is_not(inputs: tuple[DemoInput, ...]) -> None:
    rows = model_inputs(table(inputs[2]).iloc[::1500])
    broken = {"3": 0, "4": 0}
    for one in (inputs[0], inputs[2]):
        booster = model(one)
        for name, sign in dgp.MONOTONE.items():
            grid = np.nanquantile(table(one)[name], np.linspace(0, 1, 15))
            swept = pd.concat([rows.assign(**{name: value}) for value in grid])
            curves = booster.predict(swept, raw_score=True).reshape(len(grid), -1).T
            broken[one.version] += int((sign * np.diff(curves, axis=1) < -1e-12).sum())
    assert broken["4"] == 0
    assert broken["3"] > 0


def test_decisions_follow_cutoffs_and_rules_but_for_about_one_in_a_hundred(inputs: tuple[DemoInput, ...]) -> None:
    rows = table(inputs[0])
    cutoff = rows["partner"].map({bank.name: bank.cutoff for bank in dgp.PARTNERS})
    follows = (rows["estimate"] <= cutoff) & ~stopped_by_rule(rows)
    approved = rows["decision"] == "approved"
    assert 0.006 < (follows != approved).mean() < 0.014
    assert not approved[stopped_by_rule(rows)].any()
    assert 0.005 < stopped_by_rule(rows).mean() < 0.03
    assert approved.groupby(rows["partner"]).mean().between(0.65, 0.90).all()
    assert set(rows["decision"]) == {"approved", "declined"}


def test_the_cutoff_itself_passes_and_a_rule_outranks_it() -> None:
    rows = pd.DataFrame(
        {
            "application_id": ["1", "2", "3", "4"],
            "partner": ["First Harbor Bank", "First Harbor Bank", "Northline Federal", "Northline Federal"],
            "months_since_bankruptcy": [np.nan, np.nan, 23.0, 24.0],
            "annual_income": [50_000.0, 11_999.0, 50_000.0, 12_000.0],
        }
    )
    estimate = np.array([0.18, 0.05, 0.05, 0.16])

    class Never(np.random.Generator):
        def random(self, *_: object, **__: object) -> np.ndarray:  # type: ignore[override]
            return np.ones(4)

    decided = recorded_decisions(rows, estimate, Never(np.random.PCG64(1)))
    assert decided.tolist() == ["approved", "declined", "declined", "approved"]


def test_application_10432_is_declined_for_the_four_reasons_of_the_tour(inputs: tuple[DemoInput, ...]) -> None:
    for one in inputs[:2]:
        row = table(one).query("application_id == '10432'")
        assert row["partner"].tolist() == ["First Harbor Bank"]
        assert row["decision"].tolist() == ["declined"]
        assert 0.20 < row["estimate"].item() < 0.26
        parts = model(one).predict(model_inputs(row), pred_contrib=True)[0][:-1]
        families = pd.Series(parts).groupby([card(one).features[name].family for name in SIGNALS]).sum()
        assert set(families.sort_values(ascending=False).index[:4]) == {"debt", "payments", "cards", "history"}


def test_approval_differs_by_the_planted_group_and_not_by_sex(inputs: tuple[DemoInput, ...]) -> None:
    rows, groups = table(inputs[0]), pd.read_parquet(inputs[0].folder / "groups.parquet")
    approved = rows["decision"] == "approved"
    by_race = approved.groupby(groups["race_ethnicity"]).mean()
    assert by_race["Black"] / by_race["White"] < 0.85
    by_sex = approved.groupby(groups["sex"]).mean()
    assert abs(by_sex["Female"] - by_sex["Male"]) < 0.01


def test_the_same_seed_gives_the_same_model_text(inputs: tuple[DemoInput, ...]) -> None:
    again = train_version_3(7).model_to_string()
    assert again == (inputs[0].folder / "model.txt").read_text(encoding="utf-8")
    assert train_version_3(7, 5_000, SMALL).model_to_string() != train_version_3(8, 5_000, SMALL).model_to_string()


def test_progress_runs_from_nothing_to_all(tmp_path: Path) -> None:
    said: list[tuple[str, float]] = []
    generate_scaled(
        tmp_path, n=700, chunk=200, plan=SMALL, progress=lambda message, share: said.append((message, share))
    )
    assert [share for _, share in said] == pytest.approx([2 / 7, 4 / 7, 6 / 7, 1])


def test_a_scaled_book_comes_in_chunks_and_is_like_the_ordinary_one(tmp_path: Path, book: Book) -> None:
    written = generate_scaled(tmp_path, n=25_000, chunk=10_000, plan=SMALL)
    file = pq.ParquetFile(tmp_path / "applications.parquet")
    assert [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)] == [10_000, 10_000, 5_000]
    rows = table(written)
    assert rows["application_id"].is_unique
    assert card(written).model.id == written.model_id == "personal-loan-scaled"
    wanted = book.applications[["annual_income", "card_utilisation", "debt_to_income"]].mean()
    assert rows[wanted.index].mean().to_numpy() == pytest.approx(wanted.to_numpy(), rel=0.03)
    assert max(len(draw.applications) for _, draw in draw_chunks(7, 2_500, 1_000)) == 1_000


def test_memory_does_not_grow_with_the_size_of_a_scaled_book(tmp_path: Path) -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from data.demo.scaled import generate_scaled\n"
        "from data.recipes.training import TrainingPlan\n"
        "generate_scaled(pathlib.Path(sys.argv[1]), n=int(sys.argv[2]), chunk=10_000, plan=TrainingPlan(3, 7))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )

    def peak(n: int) -> float:
        run = [sys.executable, "-c", code, str(tmp_path), str(n)]
        return int(subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout) / 1024

    assert peak(120_000) - peak(20_000) < 40  # MiB; the 100,000 rows more are over 80 MiB as a table


def test_a_wide_book_describes_every_column_and_its_noise_gets_little(tmp_path: Path) -> None:
    written = generate_wide(tmp_path, n=2_000, signals=120, plan=TrainingPlan(30, 15, feature_fraction=0.5))
    read, booster = card(written), model(written)
    assert list(read.features) == booster.feature_name()
    assert len(read.features) == 120
    rows = table(written)
    assert set(read.features) <= set(rows.columns)
    assert all(read.features[name].reason.missing or not rows[name].isna().any() for name in read.features)
    gain = dict(zip(booster.feature_name(), booster.feature_importance("gain"), strict=True))
    noise = sum(gain[name] for name, base in variant_names(120) if base is None)
    assert noise < 0.02 * sum(gain.values())


def test_wide_column_names_are_unique_and_as_many_as_asked_for() -> None:
    names = [name for name, _ in variant_names(1_800)]
    assert len(names) == len(set(names)) == 1_760
    assert sum(base is None for _, base in variant_names(1_800)) == 88
    with pytest.raises(ValueError, match="at least 40"):
        generate_wide(Path("unused"), signals=39)
