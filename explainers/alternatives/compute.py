"""Looking for models that rank about as well and differ less between two groups: `compute_search`.

Candidates learn on a half of the rows. Each gets the cut-off at which it approves as many of a second part as the
current decisions do, and the frontier is chosen on that part. What is reported is measured on a third part that had no
say in anything: what looks best where it was chosen looks a little worse there.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from data.code_version import code_hash, library_versions
from data.errors import CandorError
from data.policy import Policy
from data.protected_values import Attribute
from data.reader import Reader
from data.workspace.alternatives import check_specialist
from explainers.alternatives.candidates import EXCLUDED, Lessons, Tell, Trained, train_all
from explainers.alternatives.measure import compare, cutoff_for, measure, on_frontier, passes
from explainers.alternatives.result import Candidate, Measures, SearchResult
from explainers.alternatives.rows import Parts, Rows, check_rows, load_rows, split
from explainers.alternatives.settings import Settings, check_settings
from explainers.fairness_drivers.pair import groups_to_choose
from explainers.slices.search import benjamini_hochberg

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TRAINING = 0.95
"""Share of the time that training takes."""


def compute_search(reader: Reader, attribute: str, group: str, settings: Settings, tell: Tell) -> SearchResult:
    """Search for alternatives.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer who sees groups in full.
    attribute, group : str
        An observed attribute's name in the card, and the group set against its reference.
    settings : Settings
        How many candidates, on how many rows.
    tell : callable
        Told what is being done and the share done; may raise to stop.

    Returns
    -------
    SearchResult
        Every candidate, measured. None is picked.

    Raises
    ------
    CandorError
        Too few rows, a model that estimates no chance, or settings out of bounds.
    """
    check_specialist(reader.viewer)
    check_settings(settings)
    protected = reader.protected_groups()
    if group not in groups_to_choose(protected, attribute):
        raise CandorError("There is no such group", "This attribute has no group of that name.", "Choose another.")
    found = protected.attribute(attribute)
    tell("Reading the rows", 0.0)
    rows = load_rows(reader.room, protected, attribute, settings.rows)
    parts = split(rows.n, settings.seed)
    check_rows(rows, parts, group, found.reference)
    trained = [_current(reader)]
    lessons = _lessons(reader, rows, parts, group)
    trained += train_all(lessons, settings, lambda doing, done: tell(doing, TRAINING * done))
    tell("Measuring", TRAINING)
    candidates = _measure_all(trained, rows, parts, (group, found.reference), riskier_up=lessons.riskier_up)
    result = _result(reader, found, group, rows, parts, settings, candidates)
    return disclose(result, reader.viewer.policy)


def _result(
    reader: Reader,
    attribute: Attribute,
    group: str,
    rows: Rows,
    parts: Parts,
    settings: Settings,
    candidates: tuple[Candidate, ...],
) -> SearchResult:
    return SearchResult(
        snapshot_id=reader.snapshot_id,
        snapshot_hash=reader.manifest.fingerprint,
        model_id=reader.manifest.model_id,
        attribute=attribute.name,
        attribute_label=attribute.label,
        group=group,
        reference=attribute.reference,
        outcome=reader.room.card.model.outcome,
        source=rows.source,
        n_train=int(parts.train.sum()),
        n_choose=int(parts.choose.sum()),
        n_report=int(parts.report.sum()),
        share=rows.share,
        seed=settings.seed,
        training_hash=rows.sha256,
        code_hash=code_hash(),
        versions=dict(library_versions()),
        settings={name: float(value) for name, value in asdict(settings).items()},
        candidates=candidates,
        excluded=EXCLUDED,
    )


def disclose(result: SearchResult, policy: Policy) -> SearchResult:
    """Return the result for a viewer who may see groups in full; there is no other part of it.

    Raises
    ------
    CandorError
        Another viewer.
    """
    if policy.groups != "on":
        raise CandorError("Alternatives are not part of this view", "They are for the lender's own specialists.", "")
    return result


def _current(reader: Reader) -> Trained:
    model = reader.room.model

    def estimate(values: Floats) -> Floats:
        return model.estimate(model.predict_raw(values, num_threads=1))

    told = "The model of the snapshot, as it is. It learnt from other rows, perhaps more of them."
    return Trained("current", "Current model", told, "current", len(model.feature_names), estimate)


def _lessons(reader: Reader, rows: Rows, parts: Parts, group: str) -> Lessons:
    model, card = reader.room.model, reader.room.card
    families: dict[str, list[int]] = {}
    for place, name in enumerate(model.feature_names):
        families.setdefault(card.families[card.features[name].family].label, []).append(place)
    categories = tuple(i for i, name in enumerate(model.feature_names) if name in model.categorical_features)
    ways = {"raises": 1, "lowers": -1, "either": 0}
    # LightGBM holds no category to a direction
    directions = tuple(
        0 if i in categories else ways[card.features[name].direction] for i, name in enumerate(model.feature_names)
    )
    return Lessons(
        values=rows.values[parts.train],
        outcome=rows.outcome[parts.train],
        group=rows.group[parts.train] == group,
        named=rows.group[parts.train],
        families=families,
        directions=directions,
        categories=categories,
        riskier_up=card.model.higher_score_is == "riskier",
    )


def _measure_all(
    trained: list[Trained], rows: Rows, parts: Parts, pair: tuple[str, str], *, riskier_up: bool
) -> tuple[Candidate, ...]:
    """Measure every candidate where the frontier is chosen, and where figures are reported."""
    choose, report = (rows.people(part, *pair) for part in (parts.choose, parts.report))
    chosen: list[Measures] = []
    reported: list[tuple[Floats, Bools]] = []
    for one in trained:
        first, second = one.estimate(rows.values[parts.choose]), one.estimate(rows.values[parts.report])
        cutoff = cutoff_for(first, rows.share, riskier_up=riskier_up)
        chosen.append(measure(first, passes(first, cutoff, riskier_up=riskier_up), choose))
        reported.append((second, passes(second, cutoff, riskier_up=riskier_up)))
    base = reported[1]
    frontier = on_frontier([(m.auc, m.air) for m in chosen])
    told = [measure(*now, report) for now in reported]
    changes = [compare(*now, *base, report) for now in reported]
    adjusted = [1.0, 1.0, *benjamini_hochberg([change.air_p for change in changes[2:]])]
    return tuple(
        Candidate(
            key=one.key,
            label=one.label,
            how=one.how,
            kind=one.kind,
            n_signals=one.n_signals,
            chosen=measures,
            reported=figures,
            change=change,
            adjusted=judged[0],
            frontier=judged[1],
        )
        for one, measures, figures, change, judged in zip(
            trained, chosen, told, changes, zip(adjusted, frontier, strict=True), strict=True
        )
    )
