"""A letter as HTML: for the screen, for mail, and as what PDF is made from. Every value is escaped."""

from __future__ import annotations

import re

from data.errors import CandorError
from explainers.markup import environment
from explainers.notices.result import NoticeResult, Recipient
from explainers.notices.wording import FOLDER, words_of


def style() -> str:
    """Return the stylesheet of letters; all of it is under `.letter`."""
    return (FOLDER / "letter.css").read_text("utf-8")


def preview_html(result: NoticeResult) -> str:
    """Return a letter to show inside a page, without a name; one that cannot be sent says that it is a draft.

    Parameters
    ----------
    result : NoticeResult
        A letter that is due; what is missing is left out. Its headings are one step lower: the page has a first one.
    """
    letter = _fill("body.html", result, None, "", draft=result.state != "ready")
    return re.sub(r"<(/?)h([12])\b", lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}", letter)


def render_html(
    result: NoticeResult, recipient: Recipient | None = None, mark: str = "", *, styled: bool = True
) -> str:
    """Return a letter as one HTML page that needs no other file.

    Parameters
    ----------
    result : NoticeResult
        A letter that is ready.
    recipient : Recipient, optional
        To whom it goes; merged here and kept nowhere.
    mark : str
        For whom the copy was made, where files are marked.
    styled : bool
        Whether the stylesheet is inside.

    Raises
    ------
    CandorError
        The letter is not ready.
    """
    check_ready(result)
    return _fill("letter.html", result, recipient, mark, styled=styled, draft=False)


def check_ready(result: NoticeResult) -> None:
    """Refuse to make a file of a letter that lacks something.

    Raises
    ------
    CandorError
        With everything that is missing.
    """
    if result.state == "ready" and result.sender is not None:
        return
    told = " ".join(str(problem) for problem in result.problems)
    raise CandorError("This letter is not made", told, "Letters are never made with blanks.")


def marked(result: NoticeResult, mark: str) -> str:
    """Return the line that says for whom a copy was made; "" where files are not marked."""
    return words_of(result.language).fill("copy_for", mark=mark) if mark else ""


def _fill(template: str, result: NoticeResult, recipient: Recipient | None, mark: str, **context: bool) -> str:
    return (
        environment(FOLDER)
        .get_template(template)
        .render(
            letter=result,
            words=words_of(result.language),
            recipient=recipient,
            mark=marked(result, mark),
            **context,
        )
    )
