"""Makes a pack of pins in every form and prints how long each took: `python -m tests.bench.pack_maker FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from data.access import LOCAL_VIEWER
from data.workspace.pin_parts import read_pin_text
from explainers.packs.compose import compose
from explainers.packs.contents import Kept, Pack
from explainers.packs.evidence import make_evidence
from explainers.packs.forms import WRITERS


def main(folder: Path) -> int:
    """Print one JSON object: forms (seconds, bytes), all (seconds), charts, tables."""
    pins = [read_pin_text(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    asked = Pack("Thirty answers", "Board pack", LOCAL_VIEWER.audience, None, tuple(Kept(pin) for pin in pins))
    started = time.perf_counter()
    document = compose(LOCAL_VIEWER, asked)
    forms: dict[str, Any] = {}
    made = {}
    for form, write in WRITERS.items():
        begun = time.perf_counter()
        made[f"pack{form}"] = write(document)
        forms[form] = (time.perf_counter() - begun, len(made[f"pack{form}"]))
    begun = time.perf_counter()
    packed = make_evidence(document, pins, made)
    forms[".zip"] = (time.perf_counter() - begun, len(packed))
    told = {"forms": forms, "all": time.perf_counter() - started}
    print(json.dumps({**told, "charts": len(list(document.charts())), "tables": len(list(document.tables()))}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
