"""Reading model files: which are accepted, which refused and why, and that scores are LightGBM's own."""

from __future__ import annotations

import gzip
import hashlib
import json
import pickle
import random
import zipfile
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import model_process, models
from data.errors import CandorError, ModelFileError
from data.model_links import Link, link_of
from data.model_text import parse_model
from data.models import match_features, read_model
from tests.shared_data import shared_path

REAL_PAIRS = ["binary_classification", "regression_missing", "small_tree"]
REAL_FILES = [
    "leaves_breast_cancer.txt",
    "lleaves_airline_model.txt",
    "lleaves_mixed_categorical_model.txt",
    "lleaves_pure_categorical_model.txt",
    "lleaves_single_tree_model.txt",
]
OBJECTIVES = {
    "binary": ("sigmoid", {"sigmoid": 0.7}),
    "cross_entropy": ("sigmoid", {}),
    "cross_entropy_lambda": ("log1p_exp", {}),
    "regression": ("identity", {}),
    "regression_l1": ("identity", {}),
    "huber": ("identity", {}),
    "fair": ("identity", {}),
    "quantile": ("identity", {"alpha": 0.3}),
    "mape": ("identity", {}),
    "poisson": ("exp", {}),
    "gamma": ("exp", {}),
    "tweedie": ("exp", {}),
}
ROWS = np.random.default_rng(1).normal(size=(200, 3))


def trained(objective="binary", trees=4, **params):
    """Train a small model whose target lies strictly inside (0, 1) or is binary."""
    target = 1 / (1 + np.exp(-ROWS[:, 0])) if objective != "binary" else (ROWS[:, 0] > 0).astype(float)
    given_ = {"objective": objective, "num_leaves": 5, "verbosity": -1, "num_threads": 1, **params}
    data = lightgbm.Dataset(ROWS, target, feature_name=["income", "debt_ratio", "age"], params={"verbosity": -1})
    return lightgbm.train(given_, data, trees)


def read_published(path):
    """Read a file as a published one, which spares the start of a child process."""
    return read_model(path, verified_sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def saved(tmp_path):
    """Return a function that writes a booster or a text to a file and gives its path."""

    def save(model, name="model.txt") -> Path:
        path = tmp_path / name
        if isinstance(model, bytes):
            path.write_bytes(model)
        else:
            path.write_text(model if isinstance(model, str) else model.model_to_string(), encoding="utf-8")
        return path

    return save


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL_PAIRS)
def test_real_models_give_the_scores_that_came_with_them(name):
    stem = f"lightgbm_models/lightgbm__inference__{name}__"
    model = read_model(shared_path(f"{stem}model.txt"))
    rows = np.array(json.loads(shared_path(f"{stem}input.json").read_text())["data"], dtype=float)
    expected = json.loads(shared_path(f"{stem}expected.json").read_text())
    raw = model.predict_raw(rows, num_threads=1)
    np.testing.assert_allclose(raw, expected["raw"], rtol=0, atol=1e-9)
    if "proba" in expected:
        np.testing.assert_allclose(model.estimate(raw), expected["proba"], rtol=0, atol=1e-9)


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL_FILES)
def test_real_files_of_other_projects_are_read_and_scored(name):
    path = shared_path(f"lightgbm_models/{name}")
    model = read_model(path)
    rows = np.random.default_rng(0).integers(0, 5, size=(50, len(model.feature_names))).astype(float)
    expected = lightgbm.Booster(model_file=str(path)).predict(rows, raw_score=True)
    np.testing.assert_array_equal(model.predict_raw(rows), expected)
    assert model.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lightgbm__inference__linear_tree__model.txt", "its leaves hold linear models"),
        ("lleaves_multiclass_model.txt", "it has 3 classes and 3 trees per round"),
    ],
)
def test_real_models_of_other_kinds_are_refused(name, said):
    with pytest.raises(ModelFileError, match=said):
        read_model(shared_path(f"lightgbm_models/{name}"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The model file is empty"),
        (b" \n\n", "The model file is empty"),
        (pickle.dumps({"a": 1}), "Python pickle"),
        (pickle.dumps([1, 2], protocol=0), "no LightGBM model"),
        (gzip.compress(b"tree\nversion=v4\n"), "gzip"),
        (b"\x08\x07\x12\x0bonnx", "ONNX"),
        (b"\x78\x9cabc", "compressed joblib"),
        (b"tree\nversion=v4\n\x00", "binary data"),
        (b"tree\nversion=v4\nfeature_names=caf\xe9", "not UTF-8"),
        (b'{"name": "tree", "version": "v4"}', "no LightGBM model"),
        (b"hello\nworld\n", "no LightGBM model"),
    ],
)
def test_what_is_no_model_text_is_refused_by_its_content(saved, content, said):
    with pytest.raises(ModelFileError, match=said) as caught:
        read_model(saved(content))
    assert caught.value.remedy


def test_missing_files_folders_and_archives_are_refused(tmp_path):
    with pytest.raises(ModelFileError, match=r"There is no file absent\.txt"):
        read_model(tmp_path / "absent.txt")
    with pytest.raises(ModelFileError, match="is a folder"):
        read_model(tmp_path)
    with zipfile.ZipFile(tmp_path / "model.txt", "w") as archive:
        archive.writestr("model.txt", "tree\n")
    with pytest.raises(ModelFileError, match="zip archive"):
        read_model(tmp_path / "model.txt")


def test_a_pickle_is_never_opened(saved, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "opened",))

    with pytest.raises(ModelFileError, match="can run code"):
        read_model(saved(pickle.dumps(Trap())))
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("objective=lambdarank", "it ranks"),
        ("objective=rank_xendcg", "it ranks"),
        ("objective=multiclass num_class:3", "1 classes"),
        ("objective=custom", "custom one"),
        ("objective=none", "custom one"),
        ("objective=brand_new", "'brand_new' is not known"),
        ("objective=binary sigmoid:0", "sigmoid parameter"),
        ("objective=binary sigmoid:x", "sigmoid parameter"),
        ("", "names no objective"),
    ],
)
def test_objectives_without_one_estimate_are_refused(saved, change, said):
    text = trained().model_to_string().replace("objective=binary sigmoid:1\n", f"{change}\n".lstrip("\n"), 1)
    with pytest.raises(ModelFileError, match=said):
        read_model(saved(text))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_estimates_equal_lightgbms_and_have_an_inverse(objective):
    link, params = OBJECTIVES[objective]
    booster = trained(objective, **params)
    curve = link_of(parse_model(booster.model_to_string()))
    raw, expected = booster.predict(ROWS, raw_score=True), booster.predict(ROWS)
    assert curve.name == link
    np.testing.assert_allclose(curve.estimate(raw), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(curve.raw(expected), raw, rtol=1e-9, atol=1e-9)


def test_a_square_root_target_is_squared_back_except_for_huber():
    booster = trained("regression", reg_sqrt=True)
    curve = link_of(parse_model(booster.model_to_string()))
    raw = booster.predict(ROWS, raw_score=True)
    assert curve.name == "signed_square"
    np.testing.assert_allclose(curve.estimate(raw), booster.predict(ROWS), rtol=0, atol=1e-12)
    assert curve.estimate([-3.0]).tolist() == [-9.0]
    assert curve.raw([-9.0]).tolist() == [-3.0]
    huber = trained("huber").model_to_string().replace("objective=huber\n", "objective=huber sqrt\n")
    assert link_of(parse_model(huber)).name == "identity"


def test_a_random_forest_sums_its_raw_scores_and_averages_for_the_estimate(saved):
    booster = trained(boosting="rf", bagging_fraction=0.6, bagging_freq=1, trees=6)
    model = read_published(saved(booster))
    raw = model.predict_raw(ROWS)
    np.testing.assert_array_equal(raw, booster.predict(ROWS, raw_score=True))
    np.testing.assert_allclose(model.estimate(raw), booster.predict(ROWS), rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.raw_from_estimate(model.estimate(raw)), raw, rtol=1e-12, atol=1e-12)


@given(st.floats(-20, 20), st.sampled_from(["sigmoid", "identity", "exp", "signed_square", "log1p_exp"]))
def test_every_curve_rises_and_turns_back(raw, name):
    curve = Link(name, 1.0, 1)
    assert float(curve.estimate(raw + 0.5)) > float(curve.estimate(raw))
    assert float(curve.raw(curve.estimate(raw))) == pytest.approx(raw, abs=1e-3)


@pytest.mark.parametrize(("name", "value"), [("sigmoid", 0.0), ("sigmoid", 1.0), ("exp", -1.0), ("identity", np.nan)])
def test_an_estimate_no_model_can_give_is_refused(name, value):
    with pytest.raises(CandorError, match="1 of 2 lie outside"):
        Link(name, 1.0, 1).raw([value, 0.5])


def test_estimates_of_extreme_scores_do_not_warn():
    assert Link("sigmoid", 1.0, 1).estimate([-1e6, 1e6]).tolist() == [0.0, 1.0]


def test_a_dart_model_and_an_early_stopped_one_score_as_saved(saved):
    model = read_published(saved(trained(boosting="dart", trees=8)))
    assert len(model.parsed.trees) == 8
    booster = trained(trees=8)
    cut = read_published(saved(booster.model_to_string(num_iteration=3), "cut.txt"))
    np.testing.assert_array_equal(cut.predict_raw(ROWS), booster.predict(ROWS, raw_score=True, num_iteration=3))


def test_a_model_of_one_leaf_is_read(saved):
    model = read_published(saved(trained(min_data_in_leaf=500)))
    assert {tree.num_leaves for tree in model.parsed.trees} == {1}
    assert len(set(model.predict_raw(ROWS).tolist())) == 1


def test_windows_line_ends_change_nothing(saved):
    text = trained().model_to_string()
    plain, windows = (
        read_published(saved(text)),
        read_published(saved(text.replace("\n", "\r\n").encode(), "windows.txt")),
    )
    assert windows.text == plain.text
    assert windows.sha256 != plain.sha256
    np.testing.assert_array_equal(plain.predict_raw(ROWS), windows.predict_raw(ROWS))


def test_nothing_is_printed_while_a_model_is_read(saved, capfd):
    read_model(saved(trained("huber").model_to_string().replace("objective=huber\n", "objective=huber sqrt\n")))
    assert capfd.readouterr() == ("", "")


def test_expected_features_are_compared_as_a_set(saved):
    path = saved(trained())
    assert read_model(path, ["age", "debt ratio", "income"]).feature_names == ("income", "debt_ratio", "age")
    with pytest.raises(ModelFileError, match="not in the model: score; only in the model: age"):
        read_model(path, ["score", "debt_ratio", "income"])


def test_missing_features_come_with_close_names(saved):
    model = read_published(saved(trained()))
    problems = match_features(model, ["incom", "debt ratio", "age", "age"])
    assert [p.place for p in problems] == ["column income", "column age"]
    assert "Did you mean incom?" in problems[0].remedy
    assert problems[1].found == "2 columns"
    assert match_features(model, ["age", "income", "debt_ratio", "other"]) == []


def test_a_published_file_needs_no_trial_and_a_changed_one_is_refused(saved, monkeypatch):
    monkeypatch.setattr(models, "_verified", set())
    path = saved(trained())
    published = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(model_process.sys, "executable", "/nonexistent/python")
    assert read_model(path, verified_sha256=published).sha256 == published
    with pytest.raises(ModelFileError, match="not the one that was published"):
        read_model(path, verified_sha256="0" * 64)


def test_a_trial_that_fails_is_one_sentence(monkeypatch):
    text = trained().model_to_string()
    with pytest.raises(ModelFileError, match="LightGBM refused it in a trial load"):
        model_process.try_in_child("tree\nversion=v4\n")
    with pytest.raises(ModelFileError, match="did not finish loading it within 0 seconds"):
        model_process.try_in_child(text, timeout=0.01)


def test_a_text_that_ends_lightgbms_process_leaves_this_one_alive():
    text = trained().model_to_string().replace("left_child=", "left_child=2000000000 ", 1)
    text = text.replace("\ntree_sizes=", "\nold_sizes=")
    with pytest.raises(ModelFileError, match="trial load"):
        model_process.try_in_child(text)


def test_a_broken_parameter_does_not_reach_lightgbm(saved):
    whole = trained().model_to_string()
    broken = whole.replace("[max_bin_by_feature: ]", "[max_bin_by_feat]").replace("[num_gpu: 1]", "[nu\n_gpu: 1]")
    assert broken != whole
    scores = read_published(saved(broken)).predict_raw(ROWS)
    np.testing.assert_array_equal(scores, read_published(saved(whole)).predict_raw(ROWS))


def test_flipped_bytes_end_in_a_model_or_one_error(saved, monkeypatch):
    monkeypatch.setattr(models, "_verified", set())
    content = trained(trees=2).model_to_string().encode()
    pick, outcomes = random.Random(11), []
    while outcomes.count("model") < 2:
        broken = bytearray(content)
        broken[pick.randrange(len(broken))] = pick.randrange(256)
        try:
            outcomes.append("model" if read_model(saved(bytes(broken))) else "")
        except ModelFileError:
            outcomes.append("refused")
    assert outcomes.count("refused") >= 2
