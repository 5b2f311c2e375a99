"""What a viewer's questions can name: `compute_vocabulary` → `Vocabulary`."""

from __future__ import annotations

from collections.abc import Sequence

from data.card_schema import Card
from data.reader import Reader
from explainers.ask.disclosure import disclose
from explainers.ask.result import Topic, Vocabulary

SIGNAL = "signal"
DRIVERS = "drivers"


def compute_vocabulary(reader: Reader, pages: Sequence[str]) -> Vocabulary:
    """Collect what a viewer's questions can name.

    Parameters
    ----------
    reader : Reader
        The snapshot, opened for a viewer.
    pages : sequence of str
        Last parts of the addresses of the pages the viewer can open.
    """
    card, policy = reader.room.card, reader.viewer.policy
    partners = tuple(dict.fromkeys(str(name) for name in reader.cutoffs()["partner"]))
    months = tuple(sorted({f"{month:%Y-%m}" for month in reader.volume()["month"]}))
    attributes = tuple((one.name, one.label) for one in card.groups.attributes) if card.groups else ()
    whole = Vocabulary(reader.snapshot_id, tuple(pages), topics_of(card), partners, months, attributes)
    return disclose(whole, policy, card)


def topics_of(card: Card) -> tuple[Topic, ...]:
    """Return every signal of a card, then every family."""
    signals = [Topic(one.label, SIGNAL, "signal", name, family=False) for name, one in card.features.items()]
    families = [Topic(one.label, DRIVERS, "family", one.label, family=True) for one in card.families.values()]
    return (*signals, *families)
