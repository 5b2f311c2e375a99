"""The builder's commands: ``python -m explainers …``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from data.errors import CandorError
from data.files import snapshots_root
from data.listing import list_snapshots
from data.manifest import read_manifest
from data.models import read_model
from data.staging import profile_columns, source_at
from data.workspace import anchor_log, check_workspace, open_workspace, read_anchor
from explainers.build import build_snapshot
from explainers.check import check_snapshot
from explainers.demo import build_demo
from explainers.draft import draft_card
from explainers.notices.batch import Order, make_batch
from explainers.recipe import RECIPES, build_recipe
from explainers.self_checks import SelfCheck

WRONG_INPUT = 2
"""Exit code when the input cannot be used; nothing was written."""
CHECK_FAILED = 1
STOPPED = 130
"""Exit code after Ctrl-C."""


class Stop:
    """Ctrl-C, or the signal to end: remembered, because compiled code may turn it into another error or lose it."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        self.asked = True
        raise KeyboardInterrupt

    def lost(self, failure: sys.UnraisableHookArgs) -> None:
        """Say nothing where the interruption could not be passed on; `check` ends at the next step."""
        if not self.asked:
            sys.__unraisablehook__(failure)

    def check(self) -> None:
        """End here when it was asked for."""
        if self.asked:
            raise KeyboardInterrupt


STOP = Stop()
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Bar:
    """Progress for a person, on standard error; a context manager called with words and the share done.

    On a terminal it is a bar. Elsewhere (a log file) it is one line per step.
    """

    def __enter__(self) -> Bar:
        layout = "{percentage:3.0f}% |{bar:30}| {desc} [{elapsed}]"
        self._said = ""
        self._bar = tqdm(total=1.0, bar_format=layout, file=sys.stderr, disable=None)
        return self

    def __call__(self, doing: str, done: float) -> None:
        """Show how far it is."""
        STOP.check()
        if self._bar.disable:
            if doing != self._said:
                print(f"{done:4.0%} {doing}", file=sys.stderr, flush=True)
            self._said = doing
            return
        self._bar.set_description_str(doing, refresh=False)
        self._bar.update(max(0.0, done - self._bar.n))
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        self._bar.close()


class Lines:
    """Progress as JSON lines on standard output, for the app; a context manager."""

    def __enter__(self) -> Lines:
        return self

    def __call__(self, doing: str, done: float) -> None:
        """Print how far it is."""
        STOP.check()
        print(json.dumps({"done": round(done, 4), "doing": doing}), flush=True)

    def __exit__(self, *_: object) -> None:
        return None


def build(args: argparse.Namespace) -> int:
    """Build a snapshot from a card."""
    with Bar() as bar:
        folder = build_snapshot(args.card, args.out, seed=args.seed, progress=bar)
    return _announce(folder)


def _announce(folder: Path) -> int:
    """Print where the snapshot is, and beside it what a reader should know."""
    print(folder)
    for note in read_manifest(folder).notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def check(args: argparse.Namespace) -> int:
    """Verify a published snapshot, one line per check; or the log of what was shown."""
    if args.workspace:
        return _check_log(args.anchor)
    return _print_checks(check_snapshot(args.snapshot))


def _print_checks(results: Iterable[SelfCheck]) -> int:
    """Print one line per check, and return the exit code."""
    failed = 0
    for result in results:
        print(f"{'ok  ' if result.passed else 'FAIL'}  {result.name}: {result.finding}", flush=True)
        failed += not result.passed
    return CHECK_FAILED if failed else 0


def verify(args: argparse.Namespace) -> int:
    """Verify an evidence pack: hashes, figures, documents, and the figures computed again from the snapshots here."""
    # imported here: the other commands need no documents
    from explainers.packs.verify import verify_pack

    workspace = open_workspace(upgrade=False) if args.workspace else None
    return _print_checks(verify_pack(args.pack, args.snapshots, workspace))


def _check_log(file: Path | None) -> int:
    """Verify the hash chain of the log, and print what to keep elsewhere so that the next check finds more."""
    try:
        anchor = read_anchor(file.read_text("utf-8")) if file else None
    except (OSError, UnicodeError) as e:
        raise CandorError(
            "The anchor cannot be read", f"{file} cannot be read.", "Name the file it was kept in."
        ) from e
    found = check_workspace(anchor=anchor)
    print(f"{'ok  ' if found.ok else 'FAIL'}  Log of what was shown: {found.finding}")
    if found.ok:
        print(anchor_log(open_workspace(upgrade=False)).to_json())
    return 0 if found.ok else CHECK_FAILED


def list_all(args: argparse.Namespace) -> int:
    """List the snapshots, and the folders that cannot be used."""
    listing = list_snapshots(args.out)
    for m in listing.manifests:
        print(
            f"{m.model_id}/{m.snapshot_id}  {m.model_name} {m.model_version}  {m.n:,} applications  built {m.built_at}"
        )
    for sentence in listing.broken:
        print(f"not usable: {sentence}")
    for sentence in listing.unfinished:
        print(f"not finished: {sentence}")
    if not listing.manifests:
        print(f"no snapshots in {args.out}")
    return 0


def draft(args: argparse.Namespace) -> int:
    """Write a first card from a model and a table, with a TODO wherever a person must decide."""
    if args.out.exists():
        found = f"{args.out} is there already."
        raise CandorError("The card was not written", found, "Choose another name with --out.")
    model = read_model(args.model)
    columns = profile_columns(source_at(args.applications, args.table, None))
    folder = args.out.resolve().parent
    text = draft_card(model, columns, model_file=_beside(args.model, folder), source=_beside(args.applications, folder))
    try:
        args.out.write_text(text, "utf-8")
    except OSError as e:
        found = f"{args.out} cannot be written ({e.strerror})."
        raise CandorError("The card was not written", found, "Choose another place with --out.") from e
    print(f"{args.out}: {text.count('TODO')} places marked TODO wait for a person")
    return 0


def _beside(path: Path, folder: Path) -> str:
    """Return a path as the card should name it: relative to the card's folder where that is possible."""
    full = path.resolve()
    return full.relative_to(folder).as_posix() if full.is_relative_to(folder) else str(full)


def demo(args: argparse.Namespace) -> int:
    """Build the demonstration snapshots."""
    with Lines() if args.json else Bar() as tell:
        folders = build_demo(args.out, seed=args.seed, wide=args.wide, progress=tell)
    if not args.json:
        print("\n".join(str(f) for f in folders))
    return 0


def recipe(args: argparse.Namespace) -> int:
    """Clean a public data file, train a model on it and build a snapshot."""
    with Bar() as bar:
        folder = build_recipe(args.name, args.file, args.out, seed=args.seed, progress=bar)
    return _announce(folder)


def notices(args: argparse.Namespace) -> int:
    """Write the letters to a month's declined applications, with a manifest; the same command goes on when stopped."""
    order = Order(args.month, args.format, args.language, args.date, args.names, args.limit)
    with Bar() as bar:
        done = make_batch(args.snapshot, order, args.out, bar)
    print(done.folder)
    before = f" ({done.before:,} of them from before)" if done.before else ""
    print(f"{done.made:,} letters{before}, {done.stopped:,} stopped, {done.not_due:,} not due")
    for missing, n in done.reasons:
        print(f"stopped {n:,} times: {missing}", file=sys.stderr)
    return CHECK_FAILED if done.stopped else 0


def _above_zero(text: str) -> int:
    """Read a count."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def alternatives(args: argparse.Namespace) -> int:
    """Search for models that rank about as well and differ less between two groups; none is picked."""
    # imported here: Fairlearn takes a second, which the other commands need not wait for
    from explainers.alternatives.command import run_search
    from explainers.alternatives.settings import Settings

    asked = {"candidates": args.candidates, "rows": args.rows, "trees": args.trees}
    settings = Settings(seed=args.seed, **{name: value for name, value in asked.items() if value is not None})
    with Lines() if args.json else Bar() as tell:
        key, result = run_search(args.snapshot, args.attribute, args.group, settings, args.who, tell)
    if args.json:
        print(json.dumps({"search": key}), flush=True)
        return 0
    for one in result.candidates:
        ratio = f"{one.reported.air:.3f} ({one.reported.air_low:.3f} to {one.reported.air_high:.3f})"
        print(f"{one.label}: AUC {one.reported.auc:.4f}, impact ratio {ratio}")
    print(f"kept in the workspace as {key}; no model is picked")
    return 0


def evidence(args: argparse.Namespace) -> int:
    """Train the demonstration's model again, with other seeds and with a signal of noise, and compare reasons."""
    # imported here: the other commands need no demonstration data
    from explainers.evidence.retrain import measure_retraining

    with tempfile.TemporaryDirectory(prefix="candor-") as name:
        for line in measure_retraining(Path(name), seed=args.seed):
            print(line, flush=True)
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    ask = argparse.ArgumentParser(prog="python -m explainers", description="Builds and checks Candor's snapshots.")
    commands = ask.add_subparsers(required=True, metavar="COMMAND")
    root = snapshots_root()

    def command(name: str, run: Callable[[argparse.Namespace], int], seed: bool = False) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0], description=run.__doc__)
        one.set_defaults(run=run)
        if seed:
            one.add_argument("--seed", type=int, default=7, help="seed of everything drawn at random (default 7)")
        return one

    one = command("build", build, seed=True)
    one.add_argument("--card", type=Path, required=True, help="the model card")
    one.add_argument("--out", type=Path, default=root, help="folder of all snapshots")
    one = command("check", check)
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("snapshot", type=Path, nargs="?", help="folder of one snapshot")
    what.add_argument("--workspace", action="store_true", help="the log of what was shown, in the workspace in use")
    one.add_argument("--anchor", type=Path, help="with --workspace: file with the JSON line of an earlier check")
    one = command("verify", verify)
    one.add_argument("pack", type=Path, help="an evidence pack, as a zip file")
    one.add_argument("--snapshots", type=Path, default=root, help="folder of all snapshots")
    one.add_argument("--workspace", action="store_true", help="compare also with the pins in the workspace in use")
    one = command("list", list_all)
    one.add_argument("--out", type=Path, default=root, help="folder of all snapshots")
    one = command("draft-card", draft)
    one.add_argument("--model", type=Path, required=True, help="LightGBM text file")
    one.add_argument("--applications", type=Path, required=True, help="CSV, Parquet or DuckDB file")
    one.add_argument("--table", help="table of a DuckDB file")
    one.add_argument("--out", type=Path, default=Path("card.yaml"), help="the card to write (default card.yaml)")
    one = command("demo", demo, seed=True)
    one.add_argument("--out", type=Path, default=root, help="folder of all snapshots")
    one.add_argument("--wide", action="store_true", help="build the snapshot with 1,800 signals instead")
    one.add_argument("--json", action="store_true", help="print progress as JSON lines")
    command("evidence", evidence, seed=True).add_argument("--retrain", action="store_true", required=True, help="train")
    _ask_for_notices(command("notices", notices))
    one = command("alternatives", alternatives, seed=True)
    one.add_argument("snapshot", type=Path, help="folder of one snapshot")
    one.add_argument("--attribute", required=True, help="a protected attribute of the card, such as sex")
    one.add_argument("--group", help="the group set against the reference (default: the one approved least often)")
    one.add_argument("--candidates", type=int, help="models at most (default 24)")
    one.add_argument("--rows", type=int, help="rows at most (default 30,000)")
    one.add_argument("--trees", type=int, help="trees of each model (default 100)")
    one.add_argument("--who", help="account that asks, as the workspace keeps it")
    one.add_argument("--json", action="store_true", help="print progress as JSON lines")
    one.set_defaults(goes_on=" Nothing was kept.")
    one = command("recipe", recipe, seed=True)
    one.add_argument("name", choices=sorted(RECIPES), help="which data")
    one.add_argument("file", type=Path, help="the file as downloaded")
    one.add_argument("--out", type=Path, default=root, help="folder of all snapshots")
    return ask


def _ask_for_notices(one: argparse.ArgumentParser) -> None:
    """Describe which letters can be asked for."""
    one.add_argument("snapshot", type=Path, help="folder of one snapshot")
    one.add_argument("--month", required=True, help="month of the applications, such as 2026-09")
    one.add_argument("--format", choices=["pdf", "html", "docx"], default="pdf", help="kind of file (default pdf)")
    one.add_argument(
        "--out", type=Path, required=True, help="folder for the letters: new, or of the batch to go on with"
    )
    one.add_argument("--names", type=Path, help="CSV with application, name, address1, …: merged, kept nowhere else")
    one.add_argument("--language", choices=["en", "es"], default="en", help="language of the letters (default en)")
    one.add_argument("--date", type=date.fromisoformat, help="day on the letters, such as 2026-10-05 (default today)")
    one.add_argument("--limit", type=_above_zero, help="only the first so many applications")
    one.set_defaults(goes_on=" The same command goes on from here.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a problem with the input is printed once, without a traceback."""
    args = parser().parse_args(arguments)
    before = {one: signal.signal(one, STOP) for one in SIGNALS}
    sys.unraisablehook, lost = STOP.lost, sys.unraisablehook
    try:
        return int(args.run(args))
    except (KeyboardInterrupt, CandorError, RuntimeError) as e:
        if STOP.asked:
            published = " Nothing was published; the same command goes on from here." if "seed" in args else ""
            goes_on = vars(args).get("goes_on", published)
            print(f"\nStopped.{goes_on}", file=sys.stderr)
            return STOPPED
        if not isinstance(e, CandorError):
            raise
        print(f"\n{e.title}.\n{e.message}\n{e.remedy}", file=sys.stderr)
        return WRONG_INPUT
    finally:
        sys.unraisablehook = lost
        for one, handler in before.items():
            signal.signal(one, handler)


if __name__ == "__main__":
    sys.exit(main())
