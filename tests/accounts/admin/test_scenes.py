"""You are the scheduler: the list of scenes, and a scene played to its end, lost, given up, proved."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.admin import stepping
from accounts.models import Bank, SceneRecord
from accounts.scenes.catalogue import SCENES
from tests.support.labs import log_in
from tests.support.pages import content, log_in_with

pytestmark = pytest.mark.django_db(transaction=True)

WAIT, IMPOSSIBLE, FIRST = "make-it-wait", "one-select", SCENES[0].name


def url(name: str) -> str:
    return reverse("admin:scenes_play", args=[name])


def look(client: Client, name: str, schedule: str = "") -> str:
    return content(client.get(url(name), {"schedule": schedule}))


def press(client: Client, name: str, schedule: str, **pressed: str) -> str:
    return content(client.post(url(name), {"schedule": schedule, **pressed}, follow=True))


def test_list_shows_every_scene_with_its_goal_and_leads_to_the_first_that_is_not_won(anna):
    press(anna, FIRST, SCENES[0].shortest[:-2], press="a")
    page = content(anna.get(reverse("admin:scenes")))

    assert [name for name in re.findall(r"/play/([\w-]+)/\">[^<]*</a></th>", page)] == [scene.name for scene in SCENES]
    assert "won in 8 steps, the fewest" in page
    assert f'href="{url(SCENES[1].name)}">Go on: {SCENES[1].title}' in page


def test_scene_begins_with_its_goal_the_bank_and_a_button_for_each_session(anna):
    page = look(anna, FIRST)

    assert SCENES[0].goal.task in page
    assert re.findall(r'name="press" value="(\w+)"', page) == ["t", "a"]
    assert re.findall(r'<strong class="balance">([\d,]+)<', page) == ["5,000", "10,000"]
    assert "Steps: <strong>0</strong>" in page


def test_first_scene_shows_the_code_and_no_name_of_a_strategy(anna):
    before, after = look(anna, FIRST, "a"), look(anna, FIRST, SCENES[0].shortest)

    assert "<h2>The transfer</h2>" in before
    assert "order" in before
    assert "no_lock" not in before
    assert "Transfer: no_lock.py" in after, "when it is won, it is named"


def test_goal_that_is_reached_is_kept_with_its_steps_and_leads_to_the_next_scene(anna):
    scene = next(scene for scene in SCENES if scene.name == WAIT)
    page = press(anna, WAIT, "t t", press="a")

    assert "Goal reached</strong> in 3 steps. The shortest schedule has 2." in page
    assert scene.learnt in page
    assert 'id="next-scene"' in page
    record = SceneRecord.objects.get()
    assert (record.student, record.scene, record.steps) == ("anna", WAIT, 3)
    assert not Bank.objects.exists()


def test_step_that_was_pressed_is_run_once_and_again_when_the_page_is_loaded_again(anna, monkeypatch):
    played = []
    play = stepping.play
    monkeypatch.setattr(stepping, "play", lambda plan, words: played.append(words) or play(plan, words))

    first = press(anna, WAIT, "t", press="a")
    assert played == [["t", "a"]]

    assert look(anna, WAIT, "t a").split()[-50:] == first.split()[-50:]
    assert played == [["t", "a"]] * 2


def test_look_at_a_schedule_that_wins_keeps_nothing(anna):
    assert "Goal reached" in look(anna, WAIT, "t a")
    assert not SceneRecord.objects.exists()


def test_scene_that_is_over_has_a_slider_over_its_steps(anna):
    shortest = SCENES[0].shortest

    won = content(anna.get(url(FIRST), {"schedule": shortest, "step": 3}))

    assert re.search(rf'type="range" [^>]*max="{SCENES[0].par}" value="3"', won)
    assert f"Step 3 of {SCENES[0].par}" in won
    assert 'type="range"' not in look(anna, FIRST), "no step has been taken"


def test_look_back_at_the_steps_so_far_takes_none_of_them_back(anna):
    page = content(anna.get(url(FIRST), {"schedule": "t t a", "step": 1}))

    assert re.search(r'type="range" [^>]*max="3" value="1"', page)
    assert "Step 1 of 3" in page
    assert "You look back: the buttons go on after" in page
    assert 'name="schedule" value="t t a"' in page
    assert 'value="t t a a"' in press(anna, FIRST, "t t a", press="a"), "and are taken from the last step on"
    assert "You look back" not in look(anna, FIRST, "t t a")


def test_schedule_that_ends_without_the_goal_says_so_and_can_be_undone(anna):
    page = press(anna, FIRST, "t t t t t a a", press="a")
    assert "The schedule has ended without it." in page
    assert not SceneRecord.objects.exists()

    assert 'name="schedule" value="t t t t t a a"' in press(anna, FIRST, "t t t t t a a a", undo="1")
    assert 'name="schedule" value=""' in press(anna, FIRST, "t t t t t a a a", again="1")


@pytest.mark.parametrize("claimed", [True, False])
def test_impossible_scene_is_closed_by_the_claim_or_by_one_schedule_to_its_end(claimed, anna):
    page = press(anna, IMPOSSIBLE, "", cannot="1") if claimed else press(anna, IMPOSSIBLE, "t t t t", press="a")

    assert "It cannot be done.</strong>" in page
    assert "0 of 5 schedules make the audit torn. These are all: this is a proof." in page
    assert 'id="next-scene"' in page
    assert "proved: it cannot be done" in content(anna.get(reverse("admin:scenes")))


def test_error_claim_that_it_cannot_be_done_where_it_can_loses_and_shows_the_shortest_schedule(anna):
    page = press(anna, WAIT, "t", cannot="1")

    assert "Lost:</strong> you said that it cannot be done. It can." in page
    assert re.findall(r'<a href="\?schedule=([^"]*)">(.*?)</a>', page) == [("t", "t"), ("t+%28a%29", "(a)")]
    assert 'name="schedule" value="t"' in page, "the schedule stands as it was"
    assert "lost: it can be done" in content(anna.get(reverse("admin:scenes")))


def test_giving_up_shows_the_shortest_schedule(anna):
    page = press(anna, WAIT, "", show="1")

    assert "The shortest schedule has 2 steps" in page
    assert "Lost" not in page
    assert 'name="show"' not in page


def test_giving_up_an_impossible_scene_does_not_show_a_schedule_that_is_not_there(anna):
    page = press(anna, IMPOSSIBLE, "", show="1")

    assert "The shortest schedule" not in page
    assert "No schedule reaches it." in page


def test_progress_is_that_of_the_user(anna):
    press(anna, WAIT, "t", press="a")

    ben = log_in("ben", "student")
    assert "won in" not in content(ben.get(reverse("admin:scenes")))


def test_row_of_a_record_leads_to_its_scene(anna):
    press(anna, WAIT, "t", press="a")
    record = SceneRecord.objects.get()

    response = anna.get(reverse("admin:accounts_scenerecord_change", args=[record.pk]))
    assert (response.status_code, response.url) == (302, url(WAIT))
    others = log_in("ben", "student").get(reverse("admin:accounts_scenerecord_change", args=[record.pk]))
    assert others.status_code == 404


@pytest.mark.parametrize("schedule", ["zz", "t zz", "\0", "t>a>b", "t " * 300])
def test_error_schedule_that_cannot_be(schedule, anna):
    assert "errornote" in look(anna, WAIT, schedule)


def test_error_press_of_a_session_that_cannot_go_on(anna):
    page = press(anna, WAIT, "t", press="x")

    assert "there is no session &#x27;x&#x27;" in page
    assert 'name="schedule" value="t"' in page


def test_error_scene_that_is_not_there(anna):
    assert anna.get(url("nothing")).status_code == 404


def test_error_without_the_permission_to_play():
    viewer = log_in_with("view_scenerecord")

    assert viewer.get(url(WAIT)).status_code == 403
    assert viewer.post(url(WAIT), {"cannot": "1"}).status_code == 403
    assert url(WAIT) not in content(viewer.get(reverse("admin:scenes")))
    assert not SceneRecord.objects.exists()


def test_first_page_and_menu_lead_to_the_scenes(anna):
    page = content(anna.get("/admin/"))

    assert f'<a href="{reverse("admin:scenes")}">Scheduler</a>' in page
    assert f'<a class="button" href="{reverse("admin:scenes")}">Play</a>' in page
