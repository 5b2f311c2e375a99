"""Reading LightGBM's text format: real files, hand-written trees, damaged files, round trips."""

from __future__ import annotations

import random
import warnings

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import ModelFileError
from data.model_text import TreeText, parse_model, trees_of
from tests.shared_data import shared_path

STUMP = """tree
version={version}
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=income debt_é
feature_infos=[0:9] -1:0:2
{sizes}
{trees}{end}
feature_importances:
income=1
{rest}"""
NUMERIC = """Tree=0
num_leaves=2
num_cat=0
split_feature=0
threshold=1.5
decision_type=2
left_child=-1
right_child=-2
leaf_value=-0.1 0.3
leaf_count=4 6
internal_count=10
shrinkage=1


"""
CATEGORICAL = """Tree=1
num_leaves=2
num_cat=1
split_feature=1
threshold=0
decision_type=1
left_child=-1
right_child=-2
leaf_value=1 2
cat_boundaries=0 1
cat_threshold=5
is_linear=0
shrinkage=0.1


"""
ONE_LEAF = "Tree=2\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nthreshold=\nleaf_value=0.25\nleaf_count=10\n\n\n"


def stump(
    version="v4",
    trees=(NUMERIC, CATEGORICAL, ONE_LEAF),
    rest="\npandas_categorical:null\n",
    sizes=True,
    end="end of trees\n",
):
    """Build a hand-written model text."""
    line = f"tree_sizes={' '.join(str(len(t)) for t in trees)}\n" if sizes else ""
    return STUMP.format(version=version, sizes=line, trees="".join(trees), end=end, rest=rest)


def trained(seed=0, rows=300, trees=5, **params):
    """Train a small model on seeded random rows and return its booster."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3))
    X[rng.random(X.shape) < 0.1] = np.nan
    target = (np.nan_to_num(X[:, 0]) + rng.normal(size=rows) > 0).astype(float)
    settings_ = {"objective": "binary", "num_leaves": 7, "verbosity": -1, "num_threads": 1, "seed": seed, **params}
    return lightgbm.train(settings_, lightgbm.Dataset(X, target, params={"verbosity": -1}), trees)


def walk(tree: TreeText, row: np.ndarray) -> float:
    """Follow LightGBM's rules by hand for numeric splits with missing type NaN or none."""
    if tree.num_leaves == 1:
        return float(tree.leaf_value[0])
    node = 0
    while node >= 0:
        value, kind = row[tree.split_feature[node]], int(tree.decision_type[node])
        assert kind & 1 == 0
        assert kind >> 2 in (0, 2)
        if np.isnan(value) and kind >> 2 == 2:
            left = bool(kind & 2)
        else:
            left = (0.0 if np.isnan(value) else value) <= tree.threshold[node]
        node = int((tree.left_child if left else tree.right_child)[node])
    return float(tree.leaf_value[~node])


def test_a_hand_written_model_is_read_field_by_field():
    parameters = "\nparameters:\n[boosting: gbdt]\n[data: ]\n[x: a:b]\n\nend of parameters\n"
    rest = parameters + '\npandas_categorical:[["a", 1, true]]\n'
    model = parse_model(stump(rest=rest))
    assert (model.version, model.objective, model.objective_parameters) == ("v4", "binary", {"sigmoid": "1"})
    assert (model.num_class, model.num_tree_per_iteration, model.average_output) == (1, 1, False)
    assert model.feature_names == ("income", "debt_é")
    assert model.feature_infos == ("[0:9]", "-1:0:2")
    assert model.parameters == {"boosting": "gbdt", "data": "", "x": "a:b"}
    assert model.pandas_categorical == (("a", 1, True),)
    numeric, categorical, leaf = model.trees
    assert numeric.threshold.tolist() == [1.5]
    assert numeric.leaf_value.tolist() == [-0.1, 0.3]
    assert numeric.leaf_count.tolist() == [4, 6]
    assert numeric.left_child.tolist() == [-1]
    assert categorical.cat_threshold.tolist() == [5]
    assert categorical.cat_threshold.dtype == np.uint32
    assert categorical.cat_boundaries.tolist() == [0, 1]
    assert (leaf.num_leaves, len(leaf.split_feature), leaf.leaf_value.tolist()) == (1, 0, [0.25])
    assert not any(tree.is_linear for tree in model.trees)


def test_an_old_file_without_sizes_counts_or_parameters_is_read():
    model = parse_model(
        stump(version="v2", sizes=False, end="", rest="").replace("feature_importances", "feature importances")
    )
    assert len(model.trees) == 3
    assert np.isnan(model.trees[1].leaf_count).all()
    assert np.isnan(model.trees[1].internal_count).all()
    assert model.parameters == {}
    assert model.pandas_categorical is None


def test_a_forest_and_an_objective_with_a_bare_word_are_recognised():
    text = stump().replace("objective=binary sigmoid:1\n", "objective=regression sqrt\naverage_output\n")
    model = parse_model(text)
    assert model.average_output
    assert (model.objective, model.objective_parameters) == ("regression", {"sqrt": ""})
    assert parse_model(stump().replace("objective=binary sigmoid:1\n", "")).objective == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tree\nversion", "forest\nversion", "begins with the lines"),
        ("version=v4", "version=v9", "'v9'; known are v2, v3, v4"),
        ("max_feature_idx=1", "max_feature_idx=2", "speaks of 3 features, names 2 and describes 2"),
        ("income debt_é", "income income", "same name"),
        ("feature_infos=[0:9] -1:0:2\n", "", "feature_infos not found"),
        ("threshold=1.5", "threshold=nan", "tree 1 of 3 has a leaf or a threshold that is not a number"),
        ("threshold=1.5", "threshold=1_5", "tree 1 of 3, line threshold, holds something that is not a number"),
        ("leaf_value=-0.1 0.3", "leaf_value=-0.1 xx3", "line leaf_value, holds something"),
        ("leaf_value=-0.1 0.3", "leaf_value=-0.1    ", "line leaf_value holds 1 of 2 numbers"),
        ("split_feature=1", "split_feature=7", "tree 2 of 3 splits on a feature that the model does not have"),
        ("left_child=-1\nright_child=-2\nleaf_value=-", "left_child=-1\nright_child=-1\nleaf_value=-", "points to"),
        ("threshold=0\n", "threshold=4\n", "tree 2 of 3 has a categorical split without its categories"),
        ("cat_boundaries=0 1", "cat_boundaries=0 9", "categories are incomplete"),
        ("cat_threshold=5", "cat_threshold=-", "not a number"),
        ("shrinkage=1\n", "shrinkage\n\n\n", "tree 1 of 3 has a line that is broken or comes twice"),
        ("shrinkage=1\n", "num_cat=0\n\n\n", "tree 1 of 3 has a line that is broken or comes twice"),
        ("Tree=1\n", "Tree=3\n", "Tree 2 of 3 is not where"),
        ("num_leaves=1\n", "num_leaves=0\n", "tree 3 of 3 has no leaves"),
        ("num_class=1", "num_class=x", "num_class is not a whole number"),
    ],
)
def test_each_kind_of_damage_has_its_own_sentence(old, new, said):
    text = stump()
    assert text.count(old) >= 1
    with pytest.raises(ModelFileError) as caught:
        parse_model(text.replace(old, new, 1))
    assert said in str(caught.value)


def test_a_split_of_an_unknown_kind_is_refused():
    for kind in ("16", "14", "-2"):
        tree = NUMERIC.replace("decision_type=2", f"decision_type={kind}")
        with pytest.raises(ModelFileError, match="tree 1 of 1 has a split of an unknown kind"):
            parse_model(stump(trees=(tree,)))


def test_a_loop_among_nodes_is_found():
    looped = ONE_LEAF.replace("Tree=2", "Tree=0").replace("num_leaves=1", "num_leaves=4")
    looped = looped.replace(
        "split_feature=\nthreshold=\n", "split_feature=0 0 0\nthreshold=1 2 3\ndecision_type=2 2 2\n"
    )
    looped = looped.replace(
        "leaf_value=0.25\nleaf_count=10", "left_child=-1 2 1\nright_child=-2 -3 -4\nleaf_value=1 2 3 4"
    )
    with pytest.raises(ModelFileError, match="cannot be reached"):
        parse_model(stump(trees=(looped,)))


def test_lightgbm_is_given_nothing_after_the_last_tree():
    assert trees_of(stump(rest="\nparameters:\n[x: 1]\nend of parameters\n")).endswith("\n\n\nend of trees\n")
    old = stump(sizes=False, end="")
    assert trees_of(old) == old[: old.index("feature_importances")]


@pytest.mark.parametrize("rest", ["\nparameters:\n[boosting: gbdt]\n", 'x\npandas_categorical:[["a", "b"\n'])
def test_a_file_cut_off_after_its_trees_is_refused(rest):
    with pytest.raises(ModelFileError, match="cut off"):
        parse_model(stump(rest=rest))


def test_a_cut_inside_a_tree_names_the_tree():
    text = trained(trees=20).model_to_string()
    cut = text.index("Tree=16\n") + 60
    with pytest.raises(ModelFileError, match="tree 17 of 20 ends early"):
        parse_model(text[:cut])


def test_every_cut_up_to_the_end_of_the_parameters_is_refused():
    text = trained(trees=2).model_to_string()
    end = text.index("end of parameters") + len("end of parameters")
    for cut in range(0, end, 7):
        with pytest.raises(ModelFileError):
            parse_model(text[:cut])


def test_flipped_bytes_give_a_model_or_a_sentence_and_nothing_else():
    text = trained(trees=3).model_to_string().encode()
    pick, refused = random.Random(7), 0
    for _ in range(1500):
        broken = bytearray(text)
        for _ in range(pick.choice([1, 1, 3])):
            broken[pick.randrange(len(broken))] = pick.randrange(32, 127)
        try:
            model = parse_model(broken.decode("utf-8"))
        except ModelFileError:
            refused += 1
        else:
            assert len(model.trees) == 3
    assert refused > 500


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), leaves=st.integers(2, 12), boosting=st.sampled_from(["gbdt", "dart", "rf"]))
def test_the_parsed_trees_give_exactly_lightgbms_leaf_values(seed, leaves, boosting):
    bagging = {"bagging_fraction": 0.7, "bagging_freq": 1} if boosting == "rf" else {}
    booster = trained(seed, num_leaves=leaves, boosting=boosting, **bagging)
    model = parse_model(booster.model_to_string())
    assert len(model.trees) == booster.num_trees()
    for i, tree in enumerate(model.trees):
        assert [booster.get_leaf_output(i, leaf) for leaf in range(tree.num_leaves)] == tree.leaf_value.tolist()


def test_walking_the_parsed_trees_reproduces_lightgbms_score():
    booster = trained(3, trees=8)
    model = parse_model(booster.model_to_string())
    rows = np.random.default_rng(4).normal(size=(50, 3))
    rows[::7, 1] = np.nan
    by_hand = [sum(walk(tree, row) for tree in model.trees) for row in rows]
    np.testing.assert_allclose(by_hand, booster.predict(rows, raw_score=True), rtol=0, atol=1e-12)


def test_odd_feature_names_survive():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # LightGBM warns of replaced spaces
        data = lightgbm.Dataset(
            np.random.default_rng(0).normal(size=(60, 3)),
            np.arange(60) % 2,
            feature_name=["a b", "日本=é", "50%_(x)/y"],
            params={"verbosity": -1},
        )
        booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 2)
    assert parse_model(booster.model_to_string()).feature_names == ("a_b", "日本=é", "50%_(x)/y")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "version", "objective", "trees"),
    [
        ("leaves_breast_cancer.txt", "v3", "binary", 39),
        ("lleaves_airline_model.txt", "v3", "binary", 100),
        ("lleaves_multiclass_model.txt", "v3", "multiclass", 120),
        ("lleaves_mixed_categorical_model.txt", "v3", "regression", 1),
        ("lightgbm__inference__linear_tree__model.txt", "v4", "regression", 5),
    ],
)
def test_real_files_are_read(name, version, objective, trees):
    model = parse_model(shared_path(f"lightgbm_models/{name}").read_text())
    assert (model.version, model.objective, len(model.trees)) == (version, objective, trees)
    assert any(tree.is_linear for tree in model.trees) == ("linear" in name)
