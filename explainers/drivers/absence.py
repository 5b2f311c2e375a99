"""What a model does not use, and what it must not use: `compute_absence` → `AbsenceResult`."""

from __future__ import annotations

from collections.abc import Iterable

from data.card_schema import Card
from data.prohibited import SensitiveName, find_notes, find_prohibited
from data.reader import Reader
from explainers.drivers.disclosure import disclose
from explainers.drivers.result import AbsenceResult, Named


def compute_absence(reader: Reader) -> AbsenceResult:
    """Read from the model's own file which inputs it never splits on, and look its names through again.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.

    References
    ----------
    Regulation B, 12 CFR 1002.2(z) (prohibited bases) and 1002.6(b) (age, public assistance).
    """
    card, model = reader.room.card, reader.room.model
    inputs = model.feature_names
    used = set(reader.room.summaries().used)
    unused = tuple(_named(card, name) for name in inputs if name not in used)
    found = _sensitive(card, find_prohibited(inputs, card.prohibited))
    care = _sensitive(card, find_notes(inputs))
    result = AbsenceResult(
        snapshot_id=reader.snapshot_id,
        n_signals=len(inputs),
        unused=unused,
        n_unused=len(unused),
        found=found,
        n_found=len(found),
        care=care,
        n_care=len(care),
        own_list=card.prohibited,
        n_own_list=len(card.prohibited),
        model_hash=model.sha256,
    )
    return disclose(result, reader.viewer.policy)


def _sensitive(card: Card, names: Iterable[SensitiveName]) -> tuple[Named, ...]:
    return tuple(_named(card, one.name, one.basis) for one in names)


def _named(card: Card, name: str, basis: str = "") -> Named:
    block = card.features[name]
    return Named(name, block.label, block.audience == "partner", basis)
