"""Pins in words: what was kept, from where, and what came out when it was computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from data.workspace.pin_parts import Pin
from data.workspace.pins import PinCheck, PinHeading
from explainers.markup import render
from explainers.pins.compare import MOST, CheckResult, Difference
from explainers.style import day, whole

CAUSES = {
    "snapshot": "The snapshot is another one: other applications, another model card or other settings.",
    "model": "The model is another one.",
    "code": "Candor's own code or texts are others.",
    "libraries": "Libraries that Candor computes with are of other versions.",
    "beside": "Other snapshots were added or removed; some parts of a page look at them too.",
}
VERDICTS = {
    "same": "the same",
    "snapshot": "other figures: another snapshot or model",
    "code": "other figures: other code or libraries",
    "beside": "other figures: other snapshots beside it",
    "unexpected": "other figures without a known cause",
}
HOW_TO_READ = (
    "A pin is an answer as it was shown: its words, its charts drawn again from the figures that were kept, and its"
    " tables. Nothing on this page was computed now.",
    "Re-compute opens the page with the same inputs, on the same snapshot where it is still here, and compares every"
    " word and every number.",
    "The address of this page can be shared. It opens for those who see what its maker sees; others are told nothing.",
)
LIMITS = (
    "A pin says what Candor showed. It does not say that the answer still holds: new applications or another model"
    " may have changed it.",
    "Inputs, links and buttons of the page are not kept.",
)


def say_pinned(title: str) -> str:
    """Return what is said after a click on the button."""
    return f"Pinned: “{title.rstrip('.')}”."


def say_moment(text: str) -> str:
    """Write a moment of the workspace: 20 Nov 2026, 16:54 UTC."""
    moment = datetime.fromisoformat(text)
    return f"{day(moment.date())}, {moment:%H:%M} UTC"


def say_kept(pin: Pin) -> str:
    """Return who kept a pin, when and from what, in one sentence."""
    source = pin.shown.source
    return (
        f"Kept by {pin.who} on {say_moment(pin.pinned_at)}, in the {_lower(source.audience_label)}. "
        f"It stood on the page “{pin.shown.question}”."
    )


def say_as_of(pin: Pin) -> str:
    """Return what stood in the bar over the page."""
    source = pin.shown.source
    parts = [source.model_label, f"{whole(source.applications)} applications as of {source.as_of}", source.checks]
    return " · ".join([*parts, *(["synthetic data"] if source.synthetic else []), source.audience_label])


def table_source(pin: Pin) -> str:
    """Draw where a pin comes from: snapshot, hashes, versions and inputs."""
    source = pin.shown.source
    rows = [
        ("Pin", pin.pin_id),
        ("Content (SHA-256)", pin.content_hash),
        ("Snapshot", source.snapshot_id),
        ("Snapshot (SHA-256)", source.snapshot_hash),
        *((f"{name.capitalize()} (SHA-256)", value) for name, value in sorted(source.inputs.items())),
        ("Candor's code and texts (SHA-256)", source.code_hash),
        *((name, version) for name, version in sorted(source.libraries.items())),
        *((f"Input “{name}”", value) for name, value in pin.shown.address),
    ]
    return render("pin_source.html", rows=rows)


def table_pins(pins: Sequence[PinHeading], links: Mapping[str, str]) -> str:
    """Draw a list of pins, each with the link of `links` that opens it."""
    rows = [
        {
            "link": links[pin.pin_id],
            "title": pin.title,
            "finding": pin.finding if pin.finding != pin.title else "",
            "about": f"{say_moment(pin.pinned_at)} · {pin.who} · {pin.page} · {pin.snapshot_id}",
        }
        for pin in pins
    ]
    return render("pins.html", pins=rows)


def say_pins(n: int) -> str:
    """Return the headline of the list."""
    if not n:
        return "Nothing is kept yet."
    return "One answer is kept." if n == 1 else f"{whole(n)} answers are kept."


def say_check(result: CheckResult) -> str:
    """Return what came out of a comparison, in one sentence."""
    if result.verdict == "same":
        return f"Computed again: the same. All {whole(result.n)} words and numbers agree."
    noun = "place differs" if result.n_differences == 1 else "places differ"
    return f"Computed again: {whole(result.n_differences)} of {whole(result.n)} {noun} from the pin."


def say_causes(result: CheckResult) -> str:
    """Return why a comparison came out as it did."""
    known = " ".join(CAUSES[cause] for cause in result.causes)
    if result.verdict == "unexpected":
        return "Snapshot, model, code and libraries are those of the pin, so this is a fault. Tell who runs Candor."
    if result.verdict == "same":
        gap = "" if not result.largest_gap else " The largest gap lies in the last of 16 digits."
        return (f"Although: {known}" if known else "Snapshot, model and code are those of the pin.") + gap
    return f"Why: {known}"


def say_differences(result: CheckResult) -> tuple[str, ...]:
    """Return the differences as sentences."""
    said = tuple(_difference(one) for one in result.differences)
    more = result.n_differences - len(said)
    return (*said, f"And {whole(more)} more.") if more and len(said) >= MOST else said


def say_checks(checks: Sequence[PinCheck]) -> tuple[str, ...]:
    """Return what came out of each earlier check."""
    return tuple(
        f"{say_moment(c.checked_at)}: {VERDICTS.get(c.verdict, c.verdict)} ({whole(c.compared)} compared, "
        f"snapshot {c.snapshot_id})."
        for c in checks
    )


def say_other_view(pin: Pin) -> str:
    """Return why a pin of another view is not compared."""
    view = _lower(pin.shown.source.audience_label)
    return f"This pin was made in the {view}. Only that view can compute it again; yours shows other things."


def _difference(one: Difference) -> str:
    if one.now is None:
        return f"{one.place}: then {one.then}, now nothing."
    return f"{one.place}: then {one.then or 'nothing'}, now {one.now}."


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
