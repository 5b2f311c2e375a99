"""The sentences of testing one reason, and of how solid one explanation is. Made from the result alone."""

from __future__ import annotations

from explainers.evidence.single import ReasonTestResult, SolidResult
from explainers.markup import render
from explainers.style import MINUS, percent, whole

PROMISE = "This shows what the model does with the reason. It is no promise, and no advice."


def say_reason_test(result: ReasonTestResult) -> str:
    """Return what the test found."""
    move = (
        f"With “{result.label}” as among {result.group}, the estimate would be {_estimate(result, result.after)} on"
        f" average, {_side(result, result.passes)} the cut-off of {_estimate(result, result.cutoff)}. It is"
        f" {_estimate(result, result.before)} now."
    )
    if result.rule is not None:
        return f"{move} A policy rule declines it whatever the estimate: {result.rule}."
    if result.passed == result.passes:
        return f"{move} This reason alone does not change the side."
    return f"{move} This reason alone changes the side."


def say_reason_test_detail(result: ReasonTestResult) -> str:
    """Return how it was done."""
    taken = (
        f"all {whole(result.n)} applications"
        if result.n == result.n_total
        else f"{whole(result.n)} of {whole(result.n_total)} applications (every k-th one)"
    )
    passing = "" if result.share_passing is None else f" With {percent(result.share_passing)} of them it would pass."
    return f"The values were taken from {taken} of the comparison group, one after the other.{passing} {PROMISE}"


def table_reason_test(result: ReasonTestResult) -> str:
    """Draw the finding with how it was made."""
    return render("reason_test.html", finding=say_reason_test(result), detail=say_reason_test_detail(result))


def say_solid(result: SolidResult) -> tuple[tuple[str, str], ...]:
    """Return what tells how far the reasons can be relied on: titles and sentences."""
    if not result.named:
        return ()
    found = []
    if result.held:
        found.append(
            (
                "To be looked at",
                f"{_list(result.held)}: the value is better than is typical, and still it counts against approval."
                " A person should look at this before it is told to anyone.",
            )
        )
    if result.near_ties:
        found.append(("A near tie", f"{_list(result.near_ties)}: what comes next counts almost as much."))
    if result.unresponsive is not None:
        found.append(("Could a change matter?", _responds(result)))
    return tuple(found)


def _responds(result: SolidResult) -> str:
    unresponsive = result.unresponsive or ()
    if not unresponsive:
        return "For each reason, an allowed change of it alone would alter the decision."
    if len(unresponsive) == len(result.named):
        return "No allowed change of any one reason alone would alter the decision."
    return f"No allowed change of {_list(unresponsive)} alone would alter the decision; of the others one would."


def table_solid(result: SolidResult) -> str:
    """Draw the sentences as further entries of the side column; nothing where there is nothing to say."""
    return "".join(render("check.html", title=title, text=text) for title, text in say_solid(result))


def _list(labels: tuple[str, ...]) -> str:
    quoted = [f"“{label}”" for label in labels]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _side(result: ReasonTestResult, passes: bool) -> str:
    way = "above" if passes != result.riskier_up else "below"
    return f"at or {way}" if passes else way


def _estimate(result: ReasonTestResult, value: float) -> str:
    if result.scale == "probability":
        return percent(value, 1 if result.step is None else 0)
    return f"{value:,.1f}".replace("-", MINUS)
