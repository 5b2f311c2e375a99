"""A walkthrough on the screen: the panel over a page, the list, and the record of a run.

Everything is drawn by templates that escape every value: scripts, notes and names are what people wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.errors import Problem
from data.workspace.approvals import Approval
from data.workspace.walk_copies import ScriptCopy
from data.workspace.walkthroughs import WalkLine, WalkRun
from explainers.markup import render
from explainers.pins.words import say_moment
from explainers.style import whole
from explainers.walkthroughs.copies import Offered
from explainers.walkthroughs.result import SUPPORTED, StepResult
from explainers.walkthroughs.script import Script, Step
from explainers.walkthroughs.words import NOT_HERE, say_progress, say_script, say_state, say_technical

KINDS = {"note": "Note", "step": "Signed off", "whole": "The whole signed off"}
CONTEXT = "Each step opens a page with its claim on top. Begin one to keep notes and sign-offs, or only look through."
HOW_TO_READ = (
    "A walkthrough is a fixed order of steps. Each step makes one claim with live figures of this snapshot, over the"
    " page that shows them. A claim that does not hold here is not made.",
    "Go on with the buttons, or with Shift and the right or left arrow key. A note that was typed is kept when you go"
    " on. You can leave at any step and go on later.",
    "Where a box is left empty, a rule chooses. It chooses the same every time on a snapshot.",
)
HOW_TO_RECORD = (
    "Each step stands here as it was shown when somebody last wrote about it: the claim, and whether it was supported.",
    "Nothing that was written is ever changed. A correction is a new line, and the last sign-off of a step stands.",
    "The whole can be signed off once every step is, also those that are not supported.",
)
HOW_TO_EDIT = (
    "A claim holds names of figures in braces; the figures are put in when a step is shown. A script with a problem is"
    " not kept: every problem is listed with its line.",
    "Each version is kept. Others than specialists see a version once a second person approved it.",
)
ORIGIN = {"shipped": "", "approved": "Edited by the lender and approved by a second person.", "draft": "A draft."}


def draw_step(result: StepResult, leave: str) -> str:
    """Draw the head of the panel: where one is, the claim, whether it holds; `leave` is the address without it."""
    supported = result.state == SUPPORTED
    steps = range(1, result.steps + 1)
    return render(
        "walk_step.html",
        label=f"Walkthrough: {result.script_title}",
        place=say_progress(result),
        title=result.title,
        leave=leave,
        bar=["past" if no < result.step_no else "here" if no == result.step_no else "" for no in steps],
        supported=supported,
        claim=result.claim or f"{NOT_HERE}.",
        state=f"{say_state(result)}." if supported else result.why_not,
    )


def draw_detail(result: StepResult, recorded: str) -> str:
    """Draw how a step is computed, where it is recorded and what it does not show.

    Figures stand there only where the claim is supported: a figure that failed a condition is no answer.

    Parameters
    ----------
    result : StepResult
        The step.
    recorded : str
        Where it is recorded, as the script has it; the hashes stand in the table below.
    """
    said = [
        ("How it is computed", result.computed),
        ("Where it is recorded", recorded),
        ("What it does not show", result.not_shown),
    ]
    facts = result.facts if result.state == SUPPORTED else ()
    figures = [{"label": f.label, "text": f.text, "n": whole(f.n), "source": f.source} for f in facts]
    return render("walk_detail.html", said=said, figures=figures, technical=say_technical(result))


def draw_lines(lines: Sequence[WalkLine]) -> str:
    """Draw what was written about a step."""
    return render("walk_lines.html", lines=[_line(line) for line in lines])


def draw_record(run: WalkRun, script: Script, lines: Sequence[WalkLine], links: Mapping[int, str]) -> str:
    """Draw what was shown and written at each step of a run.

    Parameters
    ----------
    run : WalkRun
        The run.
    script : Script
        The script that it began with.
    lines : sequence of WalkLine
        What was written, the oldest first.
    links : mapping
        Number of a step to the address that opens it again; empty for none.
    """
    steps = []
    for number, step in enumerate(script.steps, start=1):
        own = [line for line in lines if line.step_id == step.step_id]
        shown = own[-1].shown if own else None
        steps.append(
            {
                "place": f"Step {whole(number)} of {whole(run.steps)}: {step.title}",
                "link": links.get(number, ""),
                "claim": (shown.claim or "") if shown else "",
                "state": _state(own),
                "lines": [_line(line) for line in own],
            }
        )
    return render("walk_record.html", steps=steps)


def draw_hashes(run: WalkRun, lines: Sequence[WalkLine]) -> str:
    """Draw what identifies a run: for those who compute it again, or compare it with a pack."""
    rows = [
        ("Run", run.run_id),
        ("Walkthrough", run.script_key),
        ("Script (SHA-256)", run.script_hash),
        ("Model", run.model_id),
        ("Snapshot", run.snapshot_id),
        ("Snapshot (fingerprint)", run.snapshot_hash),
        *((f"Input “{name}”", value) for name, value in run.inputs.items()),
        *((f"Line {line.number} (SHA-256)", line.line_hash) for line in lines),
    ]
    return render("pin_source.html", rows=rows)


def draw_runs(runs: Sequence[WalkRun], links: Mapping[str, str], done: Mapping[str, str]) -> str:
    """Draw a list of runs: `links` opens each, `done` says how far each is."""
    rows = [
        {
            "link": links[run.run_id],
            "title": run.title,
            "finding": done[run.run_id],
            "about": f"Begun {say_moment(run.started_at)} · {run.who} · {run.snapshot_id}",
        }
        for run in runs
    ]
    return render("pins.html", pins=rows)


def draw_script(one: Offered) -> str:
    """Draw what a walkthrough is: title, length, purpose, where it comes from."""
    about = " ".join(filter(None, (say_script(one.script), ORIGIN[one.kind])))
    return render("walk_script.html", title=one.script.title, about=about)


def draw_preview(script: Script, results: Sequence[StepResult]) -> str:
    """Draw every step of a script on the snapshot in force, with the presenter's notes: for specialists."""
    steps = [_previewed(step, result) for step, result in zip(script.steps, results, strict=True)]
    return render("walk_record.html", steps=steps)


def draw_problems(problems: Sequence[Problem]) -> str:
    """Draw every problem of an edited script, with its place and the remedy."""
    return render("walk_problems.html", problems=[str(problem) for problem in problems])


def say_record(run: WalkRun, lines: Sequence[WalkLine], left: Sequence[int]) -> str:
    """Return the headline of a run: how much is signed off."""
    if any(line.kind == "whole" for line in lines):
        return f"{run.title}: signed off as a whole"
    return f"{run.title}: {whole(run.steps - len(left))} of {whole(run.steps)} steps signed off"


def say_run(run: WalkRun, lines: Sequence[WalkLine]) -> str:
    """Return who began a run, on what, and where it stands."""
    whole_of = next((line for line in reversed(lines) if line.kind == "whole"), None)
    if whole_of is not None:
        said = f"Signed off by {whole_of.who} on {say_moment(whole_of.written_at)}. {whole_of.shown.claim}"
        return f"Begun by {run.who} on {say_moment(run.started_at)}. {said}"
    return f"Begun by {run.who} on {say_moment(run.started_at)}. It stands at step {run.last_step} of {run.steps}."


def say_reached(run: WalkRun, *, finished: bool) -> str:
    """Return how far a run is, for a list."""
    return "Signed off as a whole." if finished else f"At step {whole(run.last_step)} of {whole(run.steps)}."


def say_copy(copy: ScriptCopy | None) -> str:
    """Return which version of a script is edited."""
    if copy is None:
        return "This script came with Candor. Saving makes a copy; the script itself stays as it is."
    return f"Version {copy.version}, saved by {copy.who} on {say_moment(copy.saved_at)}."


def say_approval(one: Approval, copy: ScriptCopy) -> str:
    """Return whom a text was proposed for, and what became of it."""
    text = "This version" if one.body == copy.script_text else "Another version"
    view = ": ".join(filter(None, (str(one.audience), one.partner)))
    said = f"{text} was proposed for the view “{view}” by {one.drafted_by} on {say_moment(one.drafted_at)}."
    if one.approved_at is not None:
        said += f" {one.approved_by} approved it on {say_moment(one.approved_at)}."
    if one.withdrawn_at is not None:
        return f"{said} {one.withdrawn_by} withdrew it on {say_moment(one.withdrawn_at)}."
    return said if one.approved_at is not None else f"{said} It waits for a second person."


def _state(lines: Sequence[WalkLine]) -> str:
    """Return how a step stood when it was last written about."""
    if not lines:
        return "Nothing is written about this step."
    shown = lines[-1].shown
    return "Supported by this snapshot." if shown.claim is not None else f"{NOT_HERE}. {shown.why_not}"


def _line(line: WalkLine) -> dict[str, str]:
    return {"what": KINDS[line.kind], "about": f"{line.who}, {say_moment(line.written_at)}", "note": line.words}


def _previewed(step: Step, result: StepResult) -> dict[str, object]:
    notes = [{"what": "For the presenter", "about": "", "note": step.notes}] if step.notes else []
    state = f"{say_state(result)}." if result.claim is not None else f"{NOT_HERE}. {result.why_not}"
    place = f"{say_progress(result)}: {step.title}"
    return {"place": place, "link": "", "claim": result.claim or "", "state": state, "lines": notes}
