"""Walkthroughs on the pages: the panel over a page, the list, notes and sign-offs, the record, and editing."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Audience, Viewer
from data.workspace import LogFilter, list_log, open_workspace
from data.workspace.pins import list_pins, read_pin
from data.workspace.walk_copies import list_copies
from data.workspace.walkthroughs import WalkRun, list_lines, list_runs, start_run
from explainers.walkthroughs import screen
from explainers.walkthroughs.script import Script, shipped
from pages._router import PAGES
from pages.shared import walk_answers
from tests.pages.conftest import VIEWS, text_of
from tests.pages.test_pins import EXAMINER, PARTNER, RISK, Visit, _nothing_cached, pin, visit
from tests.two_snapshots import reader_of

__all__ = ["_nothing_cached", "visit"]
RON = Viewer("ron", Audience.SPECIALIST)
ERIN = Viewer("erin", Audience.REGULATOR)
DECISION, FAIRNESS, MODEL = shipped()
NOT_HERE = "Not supported here."


def claim(at: AppTest) -> str:
    """Return the claim of the panel; "" without a panel that has one."""
    found = re.search(r'data-testid="candor-claim">(.*?)</p>', text_of(at), re.DOTALL)
    return found[1] if found else ""


def panel(at: AppTest) -> str:
    """Return what the panel draws as HTML, up to the page's own finding."""
    return text_of(at).split('class="candor-walk-where"')[1].split('class="candor-finding"')[0]


def begun(viewer: Viewer, script: Script = DECISION, version: str = "2") -> WalkRun:
    """Begin a run on a snapshot, as a click on the list does."""
    reader = reader_of(version, viewer)
    kept = {"script_key": script.script_id, "script_hash": script.hash, "script_text": script.text}
    where = {"model_id": reader.manifest.model_id, "snapshot_id": reader.snapshot_id}
    return start_run(
        open_workspace(),
        viewer,
        **kept,
        **where,
        title=script.title,
        steps=len(script.steps),
        snapshot_hash=reader.manifest.fingerprint,
        inputs={},
    )


def at_step(visit: Visit, run: WalkRun, viewer: Viewer, step: int = 1, page: str = "health") -> AppTest:
    """Open a step of a run as a link does."""
    where = {"model": run.model_id, "snapshot": run.snapshot_id}
    return visit(page, viewer, walk=run.script_key, step=str(step), run=run.run_id, **where)


# The panel over a page


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("step", [1, 5, 9])
def test_every_step_stands_over_its_page_whatever_there_is_to_see(
    run: Callable[..., AppTest], view: str, step: int
) -> None:
    page = MODEL.steps[step - 1].page
    file = next(spec.file for spec in PAGES if spec.url == page)
    at = run(file, VIEWS[view], walk="partner-model", step=str(step))
    shown = text_of(at)
    assert not at.exception
    assert "could not be shown" not in shown
    assert "<h1" in shown
    if view == "empty":
        assert "There is nothing to show" in shown
    else:
        assert f"<b>Step {step} of 9</b>" in shown
        assert shown.index("candor-claim") < shown.index("<h1"), "the claim is read first"
        assert (NOT_HERE in claim(at)) != ("Supported by this snapshot." in panel(at))


@pytest.mark.parametrize("script", [DECISION, FAIRNESS], ids=lambda script: script.script_id)
def test_the_steps_of_an_examiner_stand_over_their_pages(visit: Visit, script: Script) -> None:
    for number, step in list(enumerate(script.steps, start=1))[1::3]:
        at = visit(step.page, EXAMINER, walk=script.script_id, step=str(number))
        assert f"<b>Step {number} of {len(script.steps)}</b>" in text_of(at)
        assert "could not be shown" not in text_of(at)
        assert claim(at)


def test_a_step_that_is_not_supported_shows_no_number(visit: Visit) -> None:
    at = visit("fairness", EXAMINER, walk="examiner-fairness", step="3")  # this snapshot has no groups
    assert claim(at) == NOT_HERE
    assert "Figures of this step" not in text_of(at)
    state = re.search(r'candor-walk-state">(.*?)</p>', text_of(at), re.DOTALL)
    assert state is not None
    assert state[1].strip()
    assert not re.search(r"\d", state[1])


def test_the_presenters_notes_stand_on_no_page_that_is_shared(visit: Visit) -> None:
    noted = [(no, step) for no, step in enumerate(DECISION.steps, start=1) if step.notes]
    assert noted
    number, step = noted[0]
    for viewer in (RISK, EXAMINER):
        assert step.notes not in text_of(visit(step.page, viewer, walk="examiner-decision", step=str(number)))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"walk": "no-such-script"}, "You cannot see this walkthrough"),
        ({"walk": "<script>alert(1)</script>"}, "You cannot see this walkthrough"),
        ({"walk": "examiner-decision"}, "You cannot see this walkthrough"),
        ({"walk": "partner-model", "run": "nothing"}, "You cannot see this walkthrough"),
        ({"walk": "partner-model", "step": "10"}, "There is no such step"),
        ({"walk": "partner-model", "step": "0"}, "There is no such step"),
        ({"walk": "partner-model", "step": "9" * 5000}, "There is no such step"),
        ({"walk": "partner-model", "step": "one"}, "There is no such step"),
    ],
)
def test_an_address_that_names_nothing_gives_a_polite_wall_over_the_page(
    visit: Visit, query: dict[str, str], told: str
) -> None:
    shown = text_of(visit("overview", PARTNER, **query))
    assert told in shown
    assert "This model estimates" in shown, "the page is there all the same"
    assert "All walkthroughs" in shown
    assert "<script>alert" not in shown


def test_a_script_for_others_and_one_that_does_not_exist_look_alike(visit: Visit) -> None:
    walls = {
        text_of(visit("overview", PARTNER, walk=key)).split('class="candor-warning"')[1].split("</p>")[0]
        for key in ("examiner-fairness", "nothing")
    }
    assert len(walls) == 1


def test_a_run_of_others_and_none_give_the_same_wall(visit: Visit) -> None:
    other = begun(EXAMINER)
    walls = {
        text_of(visit("walkthroughs", PARTNER, run=key)).split('<section class="candor-panel"')[1]
        for key in (other.run_id, "nothing")
    }
    assert len(walls) == 1


def test_a_panel_that_fails_does_not_hide_the_page_and_tells_no_value(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("A-00200 earns 9 dollars")

    monkeypatch.setattr(walk_answers, "computed", fails)
    shown = text_of(visit("overview", EXAMINER, walk="examiner-decision"))
    assert "This step of the walkthrough could not be shown. Tell the person who runs Candor the reference" in shown
    assert "This model estimates" in shown
    assert "9 dollars" not in shown


def test_a_page_that_fails_does_not_hide_the_panel(visit: Visit) -> None:
    at = visit("pins", EXAMINER, walk="examiner-decision", pin="nothing")
    assert "You cannot see this pin" in text_of(at)
    assert "Step 1 of 8" in text_of(at)
    assert "Show what this step is about" in text_of(at)


def test_a_page_that_was_changed_since_leads_back_to_the_step(visit: Visit) -> None:
    about = {"walk": "partner-model", "step": "5", "walk-app": "A-00200"}
    assert "Show what this step is about" not in text_of(visit("decision", PARTNER, app="A-00200", **about))
    shown = text_of(visit("decision", PARTNER, app="A-00201", **about))
    back = re.search(r'href="([^"]*)" target="_self">Show what this step is about', shown)
    assert back is not None
    query = parse_qs(urlsplit(back[1].replace("&amp;", "&")).query)
    assert (query["app"], query["walk-app"], query["step"]) == (["A-00200"], ["A-00200"], ["5"])


def test_leaving_keeps_the_page_and_its_inputs(visit: Visit) -> None:
    shown = text_of(
        visit("decision", PARTNER, app="A-00200", walk="partner-model", step="5", **{"walk-app": "A-00200"})
    )
    leave = re.search(r'href="([^"]*)" target="_self">Leave the walkthrough', shown)
    assert leave is not None
    address = urlsplit(leave[1].replace("&amp;", "&"))
    query = parse_qs(address.query)
    assert address.path == "decision"
    assert query["app"] == ["A-00200"]
    assert not {"walk", "step", "run", "walk-app"} & set(query)


def test_a_pin_made_in_a_walkthrough_is_the_pin_of_its_page(visit: Visit) -> None:
    alone = pin(visit("overview", EXAMINER))
    inside = pin(visit("overview", EXAMINER, walk="examiner-decision", step="1"))
    parts = [read_pin(open_workspace(), EXAMINER, one.pin_id).shown for one in (alone, inside)]
    assert parts[0].parts == parts[1].parts
    assert parts[0].address == parts[1].address
    assert len(list_pins(open_workspace(), EXAMINER)) == 2


def test_a_step_is_logged_once_and_its_application_is_not_readable(visit: Visit) -> None:
    at = visit("decision", PARTNER, app="A-00200", walk="partner-model", step="5", **{"walk-app": "A-00200"})
    at.run()
    entries = list_log(open_workspace(), RISK, LogFilter(page="walkthroughs"))
    assert entries.n == 1
    assert "A-00200" not in entries.rows.to_csv()
    found = list_log(open_workspace(), RISK, LogFilter(page="walkthroughs", hidden=("application", "A-00200")))
    assert found.n == 1


# Notes and sign-offs


def test_a_sign_off_is_kept_with_what_was_shown_and_is_there_after_a_restart(visit: Visit) -> None:
    run = begun(EXAMINER)
    at = at_step(visit, run, EXAMINER)
    said = claim(at)
    at.text_area(key="walk-note").set_value("Seen, <b>agreed</b>.")
    at.button(key="walk-sign").click().run()
    assert "Signed off" in text_of(at)
    assert at.text_area(key="walk-note").value == ""
    open_workspace().close()
    (line,) = list_lines(open_workspace(), EXAMINER, run.run_id)
    assert (line.kind, line.who, line.words) == ("step", "ed", "Seen, <b>agreed</b>.")
    assert screen.draw_lines([line]).count("<b>agreed</b>") == 0
    record = text_of(visit("walkthroughs", EXAMINER, run=run.run_id))
    assert "1 of 8 steps signed off" in record
    assert said in record
    assert "Seen, &lt;b&gt;agreed&lt;/b&gt;." in record
    assert run.snapshot_hash in record
    assert line.line_hash in record
    assert re.search(rf'href="packs\?[^"]*run={run.run_id}"', record)
    assert "Seen, &lt;b&gt;agreed&lt;/b&gt;." in text_of(at_step(visit, run, EXAMINER))


def test_a_note_that_was_typed_is_kept_when_one_goes_on(visit: Visit) -> None:
    run = begun(EXAMINER)
    at = at_step(visit, run, EXAMINER)
    at.text_area(key="walk-note").set_value("Ask for the table.")
    at.button(key="walk-on").click().run()
    assert "Opening: step 2: The decision and the cut-off" in text_of(at)
    (line,) = list_lines(open_workspace(), EXAMINER, run.run_id)
    assert (line.kind, line.words, line.shown.step_no) == ("note", "Ask for the table.", 1)


def test_a_run_goes_on_where_it_was_left(visit: Visit) -> None:
    run = begun(EXAMINER)
    at_step(visit, run, EXAMINER, step=4, page="decision")
    listed = text_of(visit("walkthroughs", EXAMINER))
    assert "At step 4 of 8." in listed
    assert f"decision?model={run.model_id}&amp;snapshot={run.snapshot_id}" in listed
    assert "step=4" in listed


def test_two_people_in_two_runs_do_not_mix(visit: Visit) -> None:
    runs = {who: begun(who) for who in (EXAMINER, ERIN)}
    for who, run in runs.items():
        at = at_step(visit, run, who)
        at.text_area(key="walk-note").set_value(f"Note of {who.who}")
        at.button(key="walk-keep").click().run()
    for who, other in ((EXAMINER, "erin"), (ERIN, "ed")):
        record = text_of(visit("walkthroughs", who, run=runs[who].run_id))
        assert f"Note of {who.who}" in record
        assert f"Note of {other}" not in record


def test_on_another_snapshot_one_can_look_but_not_sign(visit: Visit) -> None:
    run, other = begun(EXAMINER), reader_of("1", EXAMINER)
    where = {"model": other.manifest.model_id, "snapshot": other.snapshot_id}
    at = visit("health", EXAMINER, walk=run.script_key, step="1", run=run.run_id, **where)
    assert "This is not the snapshot of this walkthrough" in text_of(at)
    at.button(key="walk-sign").click().run()
    assert "another snapshot" in text_of(at)
    assert list_lines(open_workspace(), EXAMINER, run.run_id) == ()


def test_a_specialist_reads_an_examiners_run_and_writes_nothing_in_it(visit: Visit) -> None:
    run = begun(EXAMINER)
    assert "0 of 8 steps signed off" in text_of(visit("walkthroughs", RISK, run=run.run_id))
    at = at_step(visit, run, RISK)
    assert "walk-sign" not in {button.key for button in at.button}


def test_the_whole_is_signed_once_every_step_is(visit: Visit) -> None:
    run = begun(EXAMINER)
    for number in range(1, run.steps + 1):
        at_step(visit, run, EXAMINER, number).button(key="walk-sign").click().run()
        if number == run.steps - 1:
            assert "walk-whole" not in {b.key for b in visit("walkthroughs", EXAMINER, run=run.run_id).button}
    at = visit("walkthroughs", EXAMINER, run=run.run_id)
    assert "8 of 8 steps signed off" in text_of(at)
    at.button(key="walk-whole").click().run()
    assert "signed off as a whole" in text_of(at)
    assert "Signed off as a whole." in text_of(visit("walkthroughs", EXAMINER))


# The list, and editing


def test_each_audience_finds_its_own_walkthroughs(visit: Visit) -> None:
    titles = {viewer: text_of(visit("walkthroughs", viewer)) for viewer in (RISK, EXAMINER, PARTNER)}
    for viewer, shown in titles.items():
        for script in shipped():
            assert (script.title in shown) == script.is_for(viewer.audience)
    assert "Copy and edit" in titles[RISK]
    assert "Copy and edit" not in titles[EXAMINER] + titles[PARTNER]


def test_beginning_opens_the_first_step_about_what_was_chosen(visit: Visit) -> None:
    at = visit("walkthroughs", PARTNER)
    at.text_input(key="begin-partner-model-app").set_value("A-00200")
    at.button(key="begin-partner-model").click().run()
    assert "Opening: step 1: What the model does" in text_of(at)
    (run,) = list_runs(open_workspace(), PARTNER)
    assert (run.script_key, dict(run.inputs), run.who) == ("partner-model", {"app": "A-00200"}, "ann")
    visit("walkthroughs", PARTNER).button(key="look-partner-model").click().run()
    assert len(list_runs(open_workspace(), PARTNER)) == 1, "a look keeps nothing"


def edited(visit: Visit, change: Callable[[str], str], viewer: Viewer = RISK, key: str = "partner-model") -> AppTest:
    """Open the editor, change the text, and save."""
    at = visit("walkthroughs", viewer, edit=key)
    box = next(area for area in at.text_area if str(area.key).startswith("walk-text-"))
    box.set_value(change(box.value))
    at.button(key="walk-save").click().run()
    return at


def test_a_script_with_problems_is_not_kept_and_every_problem_is_listed(visit: Visit) -> None:
    at = edited(visit, lambda text: text.replace("minutes: 20", "minuts: 20").replace("{passes}", "{pases} 12"))
    shown = text_of(at)
    assert "This script cannot be kept yet" in shown
    for told in ("minuts", "pases", "a figure typed into the claim", "line 6"):
        assert told in shown
    assert list_copies(open_workspace(), RISK) == ()
    box = next(area for area in at.text_area if str(area.key).startswith("walk-text-"))
    assert "minuts" in box.value, "nothing typed is lost"


def test_a_preview_shows_every_step_on_this_snapshot_with_the_notes(visit: Visit) -> None:
    at = visit("walkthroughs", RISK, edit="examiner-decision")
    at.button(key="walk-check").click().run()
    shown = text_of(at)
    assert re.search(r"\d of 8 steps are supported by this snapshot", shown)
    for number, step in enumerate(DECISION.steps, start=1):
        assert f"Step {number} of 8: {step.title}" in shown
    assert "For the presenter" in shown


def test_an_edited_walkthrough_is_seen_by_outsiders_once_a_second_person_approved_it(visit: Visit) -> None:
    edited(visit, lambda text: text.replace("title: How the model works, in 20 minutes", "title: Our <i>own</i> words"))
    (copy,) = list_copies(open_workspace(), RISK)
    ours = "Our &lt;i&gt;own&lt;/i&gt; words"
    assert ours in text_of(visit("walkthroughs", RISK)), "a specialist sees the draft"
    at = visit("walkthroughs", RISK, edit=copy.copy_id)
    at.selectbox(key="walk-for").set_value("partner").run()
    at.button(key="walk-propose").click().run()
    for viewer, said in ((RISK, "not the one who wrote it"), (RON, "It is approved now.")):
        assert ours not in text_of(visit("walkthroughs", PARTNER))
        assert "You cannot see this walkthrough" in text_of(visit("overview", PARTNER, walk=copy.copy_id))
        at = visit("walkthroughs", viewer, edit=copy.copy_id)
        next(button for button in at.button if button.label == "Approve").click().run()
        assert said in text_of(at)
    assert ours in text_of(visit("walkthroughs", PARTNER))
    assert "Step 1 of 9" in text_of(visit("overview", PARTNER, walk=copy.copy_id))
    assert ours not in text_of(visit("walkthroughs", EXAMINER))


def test_two_who_edit_at_once_do_not_write_over_each_other(visit: Visit) -> None:
    edited(visit, lambda text: text.replace("minutes: 20", "minutes: 21"))
    (copy,) = list_copies(open_workspace(), RISK)
    slow = visit("walkthroughs", RISK, edit=copy.copy_id)
    edited(visit, lambda text: text.replace("minutes: 21", "minutes: 22"), RON, copy.copy_id)
    box = next(area for area in slow.text_area if str(area.key).startswith("walk-text-"))
    box.set_value(box.value.replace("minutes: 21", "minutes: 23"))
    slow.button(key="walk-save").click().run()
    assert "changed by somebody else" in text_of(slow)
    (newest,) = list_copies(open_workspace(), RISK)
    assert "minutes: 22" in newest.script_text


@pytest.mark.parametrize("viewer", [EXAMINER, PARTNER], ids=["regulator", "partner"])
def test_only_specialists_edit(visit: Visit, viewer: Viewer) -> None:
    assert "You cannot see this page" in text_of(visit("walkthroughs", viewer, edit="partner-model"))


def test_the_words_beside_the_search_box_lead_to_what_was_kept(visit: Visit) -> None:
    def words(viewer: Viewer) -> list[str]:
        return [link.proto.label for link in visit("overview", viewer).get("page_link")]

    assert {"Walkthroughs", "Sessions", "Pins"} <= set(words(PARTNER))
    assert "Log" not in words(PARTNER)
    assert "Log" in words(RISK)
