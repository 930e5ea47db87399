"""The explorer's pages: a form that explores, a grid of every schedule, and schedules stepped by hand with undo."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.explorer import saved as saved_explorations
from accounts.explorer import verdicts
from accounts.models import Bank, SavedExploration
from accounts.models.kept_run import LOST_AFTER_S
from tests.support.explorations import wait_for_explorations
from tests.support.pages import content, log_in_with
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CHOICES = {
    **{"transfer_with": "row_lock", "audit_with": "no_lock", "transfers": "1>2:30", "processes": "shared"},
    **{"account_count": 2, "audit_count": 1},
}

CELL = 'class="cell (?:right|torn)"'


def page(name: str, *args: int) -> str:
    return reverse(f"admin:accounts_savedexploration_{name}", args=args)


def explore(client, **choices):
    """Launch it from the form, and wait until all schedules have been run."""
    response = client.post(page("add"), CHOICES | choices, follow=True)
    wait_for_explorations()
    return response


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """The row of an exploration that the first test has run, for all others."""
    return {}


@pytest.fixture
def saved(admin_client, kept) -> SavedExploration:
    """What the form's exploration leaves."""
    if kept:
        return SavedExploration.objects.create(**kept)
    explore(admin_client)
    kept.update(SavedExploration.objects.values().get())
    return SavedExploration.objects.get()


def step(client, saved: SavedExploration, schedule: str, **press: str) -> str:
    """The page after a press; without one, the page of this schedule."""
    if not press:
        return client.get(page("step", saved.pk), {"schedule": schedule}).content.decode()
    return client.post(page("step", saved.pk), {"schedule": schedule, **press}, follow=True).content.decode()


def buttons(content: str) -> list[str]:
    return re.findall(r'name="press" value="(\w+)"', content)


def test_form_explores_every_schedule_and_leaves_no_bank_behind(admin_client):
    explore(admin_client)

    saved = SavedExploration.objects.get()
    assert (saved.report["torn"], saved.report["schedules"], saved.report["exhaustive"]) == (4, 35, True)
    assert len(saved.timelines) == 35
    assert not Bank.objects.exists()


def test_grid_shows_every_schedule_and_one_timeline(admin_client, saved):
    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert content.count('class="cell torn"') == 1 + 4  # in the legend, in the grid
    assert content.count('class="cell right"') == 1 + 31
    assert "read account 1 before transfer 1 (30 from 1 to 2) left" in content

    right = admin_client.get(page("change", saved.pk), {"schedule": "t t t t a a a"}).content.decode()
    assert "Schedule t t t t a a a</h2>" in right
    assert ">Right.</strong>" in right


def test_session_that_is_pressed_goes_next_and_undo_takes_it_back(admin_client, saved):
    start = step(admin_client, saved, "")
    assert buttons(start) == ["t", "a"]

    one = step(admin_client, saved, "", press="t")
    assert "SELECT 1, 2 FOR UPDATE -&gt; 1: 5,000, 2: 10,000" in one
    assert 'name="schedule" value="t"' in one

    assert 'name="schedule" value=""' in step(admin_client, saved, "t", undo="1")


def test_blocked_session_is_greyed_with_its_reason(admin_client):
    explore(admin_client, audit_with="row_lock")
    saved = SavedExploration.objects.get()

    content = step(admin_client, saved, "t", press="a")

    assert buttons(content) == ["t"]
    assert re.search(r'<button type="button" disabled class="button"><strong>a</strong> waits for t</button>', content)


def test_complete_schedule_shows_its_verdict(admin_client, saved):
    content = step(admin_client, saved, "t t t a t a", press="a")

    assert buttons(content) == []
    assert ">Torn.</strong>" in content
    assert "Every session has ended." in content


SLIDER = r'<input type="range" [^>]*max="(\d+)" value="(\d+)" [^>]*data-url="([^"]*)"'


def test_schedule_has_a_slider_over_its_steps_for_those_with_javascript(admin_client, saved):
    content = admin_client.get(page("change", saved.pk), {"schedule": "t t t t a a a", "step": 3}).content.decode()

    assert re.findall(SLIDER, content) == [("7", "3", "?schedule=t+t+t+t+a+a+a&amp;step=")]
    assert '<span class="player" hidden>' in content


def test_schedule_by_hand_has_a_slider_over_the_steps_so_far_and_shows_the_chosen_one(admin_client, saved):
    schedule = {"schedule": "t t t t a a a"}

    content = admin_client.get(page("step", saved.pk), {**schedule, "step": 2}).content.decode()

    assert re.findall(SLIDER, content) == [("7", "2", "?schedule=t+t+t+t+a+a+a&amp;step=")]
    assert re.search(r'<tr aria-current="step"><td><a id="step-2"', content)
    assert re.findall(SLIDER, step(admin_client, saved, "t t t")) == [("3", "3", "?schedule=t+t+t&amp;step=")]
    assert re.findall(SLIDER, step(admin_client, saved, "")) == []


def test_chosen_schedule_is_downloaded_as_one_file(admin_client, saved):
    shown = admin_client.get(page("change", saved.pk)).content.decode()
    link = re.search(r'href="([^"]*/report/[^"]*)"', shown)[1]

    response = admin_client.get(link.replace("&amp;", "&"))

    assert response["Content-Disposition"] == f'attachment; filename="exploration-{saved.pk}.html"'
    assert "<h2>Schedule a t t t t a a</h2>" in response.content.decode()
    assert "4 of 35 schedules are torn." in response.content.decode()


def test_error_nothing_to_download_where_a_strategy_is_no_longer_there(admin_client, saved):
    SavedExploration.objects.update(audit_with="gone")

    response = admin_client.get(page("report", saved.pk), follow=True)

    assert (
        "There is nothing to report: no schedule was run, or a strategy is no longer there."
        in response.content.decode()
    )


def test_step_that_waits_has_no_answer_yet(admin_client):
    explore(admin_client, transfers="1>2:30,2>1:5", audit_count=0)
    saved = SavedExploration.objects.get()

    content = step(admin_client, saved, "t1", press="t2")

    assert "waits for t1" in content
    assert "waits for t1 -&gt;" not in content


@pytest.mark.parametrize("schedule", ["zz zz zz", "t zz", "\0", "t " * 300])
def test_error_schedule_that_cannot_be_stepped_through(schedule, admin_client, saved):
    assert "Choose who goes next" in step(admin_client, saved, schedule, press="zz")


@pytest.mark.parametrize("number", ["abc", "²", "9" * 30, "-1"])
def test_error_page_of_no_exploration(number, admin_client):
    assert admin_client.get(f"/admin/accounts/savedexploration/{number}/change/").status_code == 404
    assert admin_client.get(f"/admin/accounts/storm/{number}/change/").status_code == 404


def test_error_session_that_cannot_go_next(admin_client, saved):
    content = step(admin_client, saved, "t", press="x")

    assert "there is no session &#x27;x&#x27;" in content
    assert 'name="schedule" value="t"' in content


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"transfers": "1>1:5"}, "A transfer cannot be &#x27;1&gt;1:5&#x27;: choose two different accounts"),
        ({"transfers": "<b>"}, "A transfer cannot be &#x27;&lt;b&gt;&#x27;: write SOURCE&gt;TARGET:AMOUNT"),
        ({"account_count": 1}, "greater than or equal to 2"),
        ({"audit_with": "/tmp/mine.py"}, "Select a valid choice."),
        ({"audit_count": 9}, "less than or equal to 6"),
    ],
)
def test_error_exploration_that_cannot_be(choices, sentence, admin_client):
    content = explore(admin_client, **choices).content.decode()

    assert sentence in content
    assert not SavedExploration.objects.exists()


def test_error_without_the_permission_to_explore(saved):
    client = log_in_with("view_savedexploration")

    assert client.get(page("change", saved.pk)).status_code == 200
    assert explore(client).status_code == 403
    assert client.post(page("step", saved.pk)).status_code == 403


def test_list_of_explorations_reads_no_timelines(admin_client, saved):
    with CaptureQueriesContext(connection) as queries:
        page = content(admin_client.get(reverse("admin:accounts_savedexploration_changelist")))

    assert "4 of 35 schedules are torn." in page
    assert [query["sql"] for query in queries if "timelines" in query["sql"]] == []


def test_saving_leads_to_the_grid(admin_client):
    response = explore(admin_client)

    assert response.redirect_chain[-1][0] == page("change", SavedExploration.objects.get().pk)


def test_form_says_what_saving_does(admin_client):
    assert "After 30 s it ends early, and keeps what was found" in admin_client.get(page("add")).content.decode()


# While the schedules are being run.


class Held:
    """An exploration that is held after every schedule until the test lets it go on."""

    def __init__(self, monkeypatch) -> None:
        self.noted, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        note = saved_explorations.ProgressSaver.note

        def note_and_wait(saver, found) -> None:
            note(saver, found)
            self.noted.release()
            assert self.go_on.acquire(timeout=30)

        monkeypatch.setattr(saved_explorations, "SAVE_EVERY_S", -1)  # each schedule is saved at once
        monkeypatch.setattr(saved_explorations.ProgressSaver, "note", note_and_wait)

    def run(self, count: int) -> None:
        """Let so many more schedules be run."""
        for _ in range(count):
            assert self.noted.acquire(timeout=30)
            self.go_on.release()

    def let_go(self) -> None:
        self.go_on.release(1000)
        wait_for_explorations()


@pytest.fixture
def held(monkeypatch) -> Iterator[Held]:
    held = Held(monkeypatch)
    yield held
    held.let_go()


def ask(client, saved: SavedExploration) -> str:
    return client.get(page("change", saved.pk), headers={"HX-Request": "true"}).content.decode()


def test_grid_fills_while_the_schedules_are_run(admin_client, held):
    response = admin_client.post(page("add"), CHOICES, follow=True)
    saved = SavedExploration.objects.get()
    contents = []
    for _ in range(20):
        held.run(1)
        contents.append(ask(admin_client, saved))
    counts = [len(re.findall(f"<span {CELL}", content)) for content in contents]

    assert response.redirect_chain[-1][0] == page("change", saved.pk)
    assert counts == sorted(counts), "it never shows fewer than before"
    assert len(set(counts)) > 5
    assert 'hx-trigger="every 300ms"' in contents[-1]
    assert "4 of 35 schedules are torn." in contents[-1], "the verdict is there before all of them are shown"
    assert '<a href="?schedule' not in contents[-1]

    held.let_go()
    content = ask(admin_client, saved)
    assert len(re.findall(f'<a href="[?]schedule=[^"]+" {CELL}', content)) == 35
    assert "These are all possible orders" in content
    assert "hx-get" not in content


def test_one_schedule_of_each_kind_is_shown_where_there_are_many(admin_client):
    explore(admin_client, transfers="1>2:30,2>1:5", transfer_with="no_lock")
    saved = SavedExploration.objects.get()

    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert saved.report["exhaustive"]
    assert saved.report["run"] < 100 < 26_000 < saved.report["schedules"]
    assert f"{saved.report['run']} were run. They stand for all {saved.report['schedules']:,}" in content
    assert re.search(r"It stands for [\d,]+ schedules with the same result", content)


def test_exploration_that_takes_too_long_ends_early_and_keeps_what_was_found(admin_client, monkeypatch):
    monkeypatch.setattr(saved_explorations, "MAX_DURATION_S", 0)
    explore(admin_client)

    saved = SavedExploration.objects.get()
    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert (saved.state, saved.report["run"], len(saved.timelines)) == ("failed", 1, 1)
    assert "Given up after 0 s: choose fewer transfers or audits" in content
    assert re.search(r"[01] of \d schedules (is|are) torn.</strong> There are more", content)
    assert "hx-get" not in content
    assert "ended early" in admin_client.get(page("changelist")).content.decode()
    assert not Bank.objects.exists()


def test_verdict_is_kept_when_showing_every_schedule_takes_too_long(admin_client, monkeypatch):
    note = saved_explorations.ProgressSaver.note

    def note_and_run_out_of_time_when_the_verdict_is_known(saver, found) -> None:
        if saver.verdict:
            monkeypatch.setattr(saved_explorations, "MAX_DURATION_S", 0)
        note(saver, found)

    monkeypatch.setattr(saved_explorations.ProgressSaver, "note", note_and_run_out_of_time_when_the_verdict_is_known)
    explore(admin_client)

    saved = SavedExploration.objects.get()
    assert (saved.state, len(saved.timelines)) == ("failed", 1)
    assert saved.reason.startswith("Given up after 0 s")
    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert "4 of 35 schedules are torn." in content
    assert "Every schedule was counted; not each of them is shown." in content
    assert "4 of 35 schedules are torn." in admin_client.get(page("changelist")).content.decode()


def test_exploration_that_fails_says_so(admin_client, monkeypatch, caplog):
    monkeypatch.setattr(saved_explorations, "explore", lambda *_, **__: 1 / 0)
    explore(admin_client)

    content = admin_client.get(page("change", SavedExploration.objects.get().pk)).content.decode()
    assert "It failed: ZeroDivisionError: division by zero" in content
    assert "No schedule was run." in content


def test_exploration_whose_program_has_ended_is_not_waited_for(admin_client, saved):
    long_ago = timezone.now() - timedelta(seconds=LOST_AFTER_S + 1)
    SavedExploration.objects.update(state="running", report={}, timelines=[], alive_at=long_ago)

    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert "the program that ran it has ended" in content
    assert "hx-get" not in content


def test_exploration_that_was_deleted_ends(admin_client, held):
    admin_client.post(page("add"), CHOICES)
    SavedExploration.objects.all().delete()
    held.let_go()

    assert not Bank.objects.exists()
    assert not SavedExploration.objects.exists()


def test_exploration_ends_with_its_program(admin_client, monkeypatch):
    monkeypatch.setattr(threading.main_thread(), "is_alive", lambda: False)
    monkeypatch.setattr(saved_explorations, "SAVE_EVERY_S", 0)
    explore(admin_client)

    assert SavedExploration.objects.get().reason.startswith("The program that ran it was ended.")
    assert not Bank.objects.exists()


@pytest.mark.thorough
def test_explorations_wait_for_their_turn(admin_client, held):
    for _ in range(saved_explorations.MAX_AT_ONCE):
        admin_client.post(page("add"), CHOICES)
        assert held.noted.acquire(timeout=30), "it does not run, although there is a slot"
    admin_client.post(page("add"), CHOICES)
    waiting = SavedExploration.objects.latest("pk")

    wait_until(lambda: SavedExploration.objects.get(pk=waiting.pk).alive_at > waiting.alive_at)
    assert "The first schedules are being run." in ask(admin_client, waiting), "it runs, although there is no slot"
    held.let_go()
    assert set(SavedExploration.objects.values_list("state", flat=True)) == {"finished"}


def test_try_it_as_a_storm_leads_to_the_form_with_these_strategies(admin_client):
    explore(admin_client, transfer_with="optimistic", audit_with="single_sum")
    saved = SavedExploration.objects.get()
    content = admin_client.get(page("change", saved.pk)).content.decode()
    (address,) = re.findall(r'<a href="([^"]+)">Try it as a storm</a>', content)

    form = admin_client.get(address.replace("&amp;", "&")).content.decode()

    chosen = re.findall(r'value="(\w+)"[^>]* checked', form)
    assert chosen == ["optimistic", "single_sum"]


def test_only_users_who_may_launch_a_storm_are_offered_one(client, saved):
    student = User.objects.create_user("student", is_staff=True)
    student.groups.add(Group.objects.get(name="student"))
    client.force_login(student)

    assert "Try it as a storm" not in client.get(page("change", saved.pk)).content.decode()


def test_lock_of_another_process_is_another_lock(admin_client):
    explore(admin_client, transfer_with="python_lock", audit_with="python_lock", processes="separate")
    saved = SavedExploration.objects.get()

    content = admin_client.get(page("change", saved.pk)).content.decode()

    assert "take LOCK (of process 1)" in content
    assert "take LOCK (of process 2)" in content
    assert content.count("COMMIT, then lets LOCK go") == 2
    assert "a lock of process 1 does not stop process 2" in content
    assert "<strong>a</strong>: <code>take LOCK (of process 2)</code>" in step(admin_client, saved, "")


def test_exploration_of_a_deleted_strategy_can_be_looked_at(admin_client, saved):
    SavedExploration.objects.update(transfer_with="<i>gone</i>")

    content = admin_client.get(page("change", saved.pk)).content.decode()
    assert "&lt;i&gt;gone" in content
    assert '<th scope="col">t</th>' in content

    response = admin_client.post(page("step", saved.pk), follow=True)
    assert "There is no strategy" in response.content.decode()


def test_press_leads_to_the_address_of_the_next_schedule(admin_client, saved):
    address = page("step", saved.pk)

    pressed = admin_client.post(address, {"schedule": "t (a)", "press": "t"})
    undone = admin_client.post(address, {"schedule": "t a", "undo": "1"})
    again = admin_client.post(address, {"schedule": "t a", "again": "1"})

    found = [(answer.status_code, answer.url) for answer in (pressed, undone, again)]
    assert found == [(302, f"{address}?schedule=t+%28a%29+t"), (302, f"{address}?schedule=t"), (302, f"{address}?")]


def test_chosen_step_can_be_gone_on_from_by_hand(admin_client, saved):
    content = admin_client.get(page("change", saved.pk), {"schedule": "t t t a t a a", "step": "3"}).content.decode()

    (address,) = re.findall(r'href="([^"]+)">Step by hand from here', content)
    here = admin_client.get(address).content.decode()

    assert 'name="schedule" value="t t t"' in here
    assert buttons(here) == ["t", "a"]


def test_session_keeps_its_key_and_the_one_pressed_last_the_focus(admin_client, saved):
    content = step(admin_client, saved, "t", press="a")

    assert re.findall(r'value="(\w)" class="button" data-key="(\d)" (\w*)>', content) == [
        ("t", "1", ""),
        ("a", "2", "autofocus"),
    ]


@pytest.mark.parametrize("query", ["", "?schedule=", "?schedule=x+y", "?schedule=%00"])
def test_instead_of_a_schedule_that_was_not_run_the_shortest_bad_one_is_shown(query, admin_client, saved):
    content = admin_client.get(page("change", saved.pk) + query).content.decode()

    assert saved.report["witness"]["verdict"] == ["torn"]
    assert re.findall(r'<h2 id="schedule">Schedule ([^<]+)</h2>', content) == [saved.report["witness"]["schedule"]]


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ([], ("✓", "right", "right")),
        (["lost update", "torn"], ("L", "money", "lost update")),
        (["torn (right by luck)"], ("T", "torn", "torn")),
        (["incomplete"], ("I", "torn", "incomplete")),
        (["drift -30", "lost update"], ("L", "money", "lost update")),
        (["drift +5"], ("$", "money", "drift")),
        (["serialization failure"], ("S", "refused", "serialization failure")),
        (["deadlock", "error"], ("D", "refused", "deadlock")),
        (["error"], ("E", "broken", "error")),
        (["something new"], ("?", "broken", "something new")),
    ],
)
def test_schedule_is_shown_by_its_worst_verdict(verdict, shown):
    assert verdicts.sign(verdict) == shown
