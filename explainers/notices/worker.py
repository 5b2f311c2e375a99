"""A process that writes letters: it gets numbers and names through a pipe, and tells what became of each."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from data.access import LOCAL_VIEWER
from data.errors import CandorError
from data.manifest import read_manifest
from data.notice_schema import Language
from data.reason_approvals import ApprovedWords, with_approvals
from data.snapshots import Snapshot, open_reader
from explainers.notices.compute import Desk
from explainers.notices.ledger import Entry, letter_name, working, write_whole
from explainers.notices.render_html import render_html
from explainers.notices.render_pdf import render_pdf
from explainers.notices.render_word import render_word
from explainers.notices.result import NoticeResult, Recipient

Asked = tuple[str, Recipient | None]
"""An application's number, and to whom its letter goes."""


@dataclass(frozen=True)
class Task:
    """What all letters of a batch have in common."""

    snapshot: Path
    """Folder of the snapshot; its files were verified by the process that starts others."""
    folder: Path
    """Where letters go."""
    kind: str
    """Ending of the files, without the dot."""
    language: Language
    """Of the letters."""
    day: date
    """On the letters."""
    with_names: bool
    """Whether each letter needs a name."""
    approvals: tuple[ApprovedWords, ...]
    """Wording that was approved since the snapshot was built, as it stood when the batch began."""


@dataclass(frozen=True)
class Failure:
    """Why a process had to end; nothing in it comes from an application."""

    title: str
    """What failed."""
    message: str
    """What was found."""
    remedy: str
    """What to do."""


def _html(result: NoticeResult, recipient: Recipient | None) -> bytes:
    return render_html(result, recipient).encode()


RENDER: dict[str, Callable[[NoticeResult, Recipient | None], bytes]] = {
    "html": _html,
    "pdf": render_pdf,
    "docx": render_word,
}
"""What makes each kind of file."""


class Maker:
    """Makes letters of one batch, one after the other.

    Parameters
    ----------
    task : Task
        What they have in common.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._snapshot = Snapshot(task.snapshot, read_manifest(task.snapshot))
        words = with_approvals(self._snapshot.catalogue, task.approvals)
        self._desk = Desk(open_reader(self._snapshot, LOCAL_VIEWER, words))

    def make(self, number: str, recipient: Recipient | None) -> Entry:
        """Write one letter's file, or say why there is none."""
        task = self._task
        result = self._desk.write(number, task.language, task.day)
        missing = [str(problem) for problem in result.problems]
        if task.with_names and recipient is None and result.state != "not due":
            missing.append("name: found nothing in the file of names; allowed: a line for this application. Add it.")
        if missing:
            state = "not due" if result.state == "not due" else "stopped"
            return Entry(number, state, None, None, tuple(missing))
        content = RENDER[task.kind](result, recipient)
        name = letter_name(number, f".{task.kind}")
        write_whole(task.folder / name, content)
        return Entry(number, "made", name, hashlib.sha256(content).hexdigest(), ())

    def close(self) -> None:
        """Close the snapshot."""
        self._snapshot.close()


def run_worker(pipe: Connection, task: Task) -> None:
    """Write letters until the other side of the pipe says stop, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to every process; the first one decides
    try:
        with working(task.folder):
            maker = Maker(task)
            try:
                while (asked := pipe.recv()) is not None:
                    for number, recipient in asked:
                        pipe.send(maker.make(number, recipient))
            finally:
                maker.close()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except CandorError as error:
        pipe.send(Failure(error.title, error.message, error.remedy))
    except Exception as error:  # noqa: BLE001 - its text may hold an applicant's values: only its kind and place go on
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = "" if at is None else f" at {Path(at.tb_frame.f_code.co_filename).name}, line {at.tb_lineno}"
        pipe.send(Failure("A letter could not be made", f"{type(error).__name__}{where}.", "Report this as a fault."))
