"""The vote on a scene: who votes, who sees the bars when, and what the page sends again."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Storm, Vote
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import plan_storm
from tests.support.labs import log_in
from tests.support.pages import HTMX, content, log_in_with, storm_url
from tests.support.storms import do_all

pytestmark = pytest.mark.django_db(transaction=True)  # plans are written by a thread


@pytest.fixture
def scenes() -> list[Storm]:
    """Two scenes, started by hand."""
    choices = {"transfer_with": "row_lock", "audit_with": "single_statement", "transfer_count": 3, "audit_count": 1}
    row = [plan_storm(**choices) for _ in range(2)]
    launch_in_a_row(row, queue="nowhere", by_hand=True).join()
    return list(Storm.objects.order_by("pk"))


def vote(client, scene, choice):
    return client.post(storm_url(scene, "vote"), {"choice": choice}, follow=True)


def bars(page: str) -> list[str]:
    """How many votes each bar stands for; none without bars."""
    table = re.search(r'<table class="answers">(.*?)</table>', page)
    return re.findall(r'<td class="number">(\d+)</td>', table.group(1)) if table else []


def run(teacher, scene) -> None:
    """Start the scene as the teacher does, and do all of it."""
    teacher.post(storm_url(scene, "next"))
    do_all(Storm.objects.get(pk=scene.pk))


# To vote.


def test_student_votes_with_one_of_three_buttons_and_sees_the_bars_only_then(anna, scenes):
    page = content(anna.get(storm_url(scenes[0], "vote")))
    assert re.findall(r'name="choice" value="(\w+)"', page) == ["holds", "torn", "breaks"]
    assert "Without JavaScript this page does not follow the lecture" in page
    assert bars(page) == []

    response = vote(anna, scenes[0], "torn")

    page = content(response)
    assert response.redirect_chain == [(storm_url(scenes[0], "vote"), 302)]
    assert bars(page) == ["0", "1", "0"]
    assert "you said <strong>torn</strong>" in page
    assert re.findall(r'id="choice-(\w+)" aria-pressed="true"', page) == ["torn"]


def test_scene_without_votes_has_its_picture_and_no_empty_room_beside_it(teacher, scenes):
    assert not re.search(r'class="sides">\s*<figure', content(teacher.get(storm_url(scenes[0]))))

    run(teacher, scenes[0])

    assert re.search(r'class="sides">\s*<figure', content(teacher.get(storm_url(scenes[0]))))


def test_vote_is_changed_by_voting_again(anna, scenes):
    for choice in ("torn", "holds"):
        page = content(vote(anna, scenes[0], choice))

    assert bars(page) == ["1", "0", "0"]


def test_error_vote_after_the_start_is_refused_in_one_sentence(anna, teacher, scenes):
    vote(anna, scenes[0], "holds")
    teacher.post(storm_url(scenes[0], "next"))

    page = content(vote(anna, scenes[0], "torn"))

    assert page.count("is closed, because it is running: your vote was not taken.") == 1
    assert 'name="choice"' not in page
    assert Vote.objects.get().choice == "holds"


def test_error_vote_for_something_else(anna, scenes):
    assert "&#x27;maybe&#x27; is no vote: vote for holds, torn, breaks." in content(vote(anna, scenes[0], "maybe"))


def test_teacher_is_no_student(teacher, admin_client, scenes):
    for client in (teacher, admin_client):
        assert client.post(storm_url(scenes[0], "vote"), {"choice": "holds"}).status_code == 403
        page = content(client.get(storm_url(scenes[0], "vote")))
        assert 'name="choice"' not in page
        assert "Who may launch storms starts the scenes, and does not vote." in page
    assert not Vote.objects.exists()


def test_who_may_only_look_does_not_vote(viewer, scenes):
    assert viewer.post(storm_url(scenes[0], "vote"), {"choice": "holds"}).status_code == 403
    assert "Your login may look, and not vote." in content(viewer.get(storm_url(scenes[0], "vote")))
    assert log_in_with("add_vote", name="blind").get(storm_url(scenes[0], "vote")).status_code == 403


def test_no_scene_no_vote(anna):
    assert anna.get(reverse("admin:accounts_storm_vote", args=[1])).status_code == 404


# To see the votes.


def test_teachers_page_counts_votes_and_shows_the_bars_when_asked(anna, teacher, scenes):
    vote(anna, scenes[0], "holds")

    page = content(teacher.get(storm_url(scenes[0])))
    assert ("1 person has voted." in page, bars(page)) == (True, [])
    assert '<a id="bars" href="?bars=shown">Show the bars</a>' in page

    page = content(teacher.get(storm_url(scenes[0]), {"bars": "shown"}))
    assert bars(page) == ["1", "0", "0"]
    assert f'hx-get="{storm_url(scenes[0], "row")}?bars=shown"' in page, "and goes on to show them"


def test_storms_page_shows_a_student_no_bars_before_the_own_vote(anna, scenes):
    vote(log_in("ben", "student"), scenes[0], "holds")
    assert bars(content(anna.get(storm_url(scenes[0]), {"bars": "shown"}))) == []

    vote(anna, scenes[0], "torn")

    assert bars(content(anna.get(storm_url(scenes[0])))) == ["1", "1", "0"]


def test_bars_come_with_the_storms_in_a_row_that_are_reloaded_anyway(anna, teacher, scenes):
    vote(anna, scenes[0], "holds")

    part = content(teacher.get(storm_url(scenes[0], "row"), {"bars": "shown"}, headers=HTMX))

    assert '<div id="scenes" class="scenes" hx-swap-oob="true">' in part
    assert bars(part) == ["1", "0", "0"]


def test_outcome_stands_beside_the_votes_and_the_next_scene_waits_beside_it(anna, teacher, scenes):
    vote(anna, scenes[0], "torn")
    run(teacher, scenes[0])

    page = content(teacher.get(storm_url(scenes[0])))
    assert "1 of 1 said torn; it holds." in page
    assert re.findall(r'<th scope="row">(\w+) <span class="small">&larr; the result', page) == ["holds"]
    assert "Scene 2 of 2 is next" in page
    assert "Start scene 2</button>" in page

    phone = content(anna.get(storm_url(scenes[0], "vote")))
    assert "1 of 1 said torn; it holds." in phone
    assert f'id="onward" href="{storm_url(scenes[1], "vote")}"' in phone


def test_scene_without_votes_says_nothing_of_votes_afterwards(teacher, scenes):
    run(teacher, scenes[0])

    page = content(teacher.get(storm_url(scenes[0])))

    _before, here, _waiting = page.split('<section class="scene">')
    assert "Scene 1 of 2</h2>" in here
    assert not re.search("said|voted", here)


def test_next_scene_is_started_from_its_own_page_too(teacher, scenes):
    run(teacher, scenes[0])

    response = teacher.post(storm_url(scenes[1], "next"))

    assert response.url == storm_url(scenes[1])
    assert Storm.objects.get(pk=scenes[1].pk).state == "running"


# To follow it.


def test_page_is_sent_again_only_if_it_is_another(anna, teacher, scenes):
    """A class of phones asks all the time."""

    def ask(page):
        (address,) = re.findall(r'<div id="ballot" hx-get="(.*?)"', page)
        return anna.get(address.replace("&amp;", "&"), headers=HTMX)

    page = content(anna.get(storm_url(scenes[0], "vote")))
    vote(log_in("ben", "student"), scenes[0], "torn")
    assert ask(page).status_code == 204, "who has not voted is not shown the votes of others"

    page = content(vote(anna, scenes[0], "torn"))
    assert ask(page).status_code == 204
    vote(log_in("carl", "student"), scenes[0], "holds")
    page = content(ask(page))
    assert bars(page) == ["1", "2", "0"]

    teacher.post(storm_url(scenes[0], "next"))
    assert "The scene runs: the vote is closed." in content(ask(page))


def test_page_rests_when_the_lecture_has_ended(anna, teacher, scenes):
    for scene in scenes:
        run(teacher, scene)

    assert "hx-trigger" not in content(anna.get(storm_url(scenes[1], "vote")))


def test_poll_needs_few_queries(anna, scenes, django_assert_max_num_queries):
    vote(anna, scenes[0], "torn")

    with django_assert_max_num_queries(11):
        content(anna.get(storm_url(scenes[0], "vote"), headers=HTMX))


# The way there.


def test_first_page_leads_a_student_to_the_vote_and_the_teacher_to_the_lecture(anna, teacher, scenes):
    address = reverse("admin:index")
    vote_link = f'href="{storm_url(scenes[0], "vote")}">Vote: transfers row_lock, audits single_statement</a>'
    assert vote_link in content(anna.get(address))
    assert f'href="{storm_url(scenes[0])}">Go on with the lecture: transfers' in content(teacher.get(address))

    teacher.post(storm_url(scenes[0], "next"))

    assert ">Vote" not in content(anna.get(address)), "the scene runs"


def test_scene_of_a_lecture_that_was_left_does_not_wait_beside_a_new_one(anna, teacher, scenes):
    later = plan_storm(transfer_with="row_lock", audit_with="no_lock", transfer_count=3, audit_count=1)
    launch_in_a_row([later], queue="nowhere", by_hand=True).join()
    teacher.post(storm_url(later, "next"))

    assert ">Vote" not in content(anna.get(reverse("admin:index")))


def test_lecture_that_was_left_a_day_ago_asks_for_no_vote_and_its_pages_rest(anna, teacher, scenes):
    vote(anna, scenes[0], "holds")
    Storm.objects.update(created_at=timezone.now() - timedelta(days=2))

    assert ">Vote" not in content(anna.get(reverse("admin:index")))
    page = content(anna.get(storm_url(scenes[0], "vote")))
    assert "The vote is closed: it has waited for more than a day." in page
    assert 'name="choice"' not in page
    assert "hx-trigger" not in page
    assert 'id="vote"' not in content(anna.get(storm_url(scenes[0])))

    assert ">Go on with the lecture" in content(teacher.get(reverse("admin:index"))), "the teacher may go on with it"
    run(teacher, scenes[0])
    assert ">Vote" in content(anna.get(reverse("admin:index"))), "and then the next scene has a vote"


def test_votes_are_no_table_of_the_admin(admin_client):
    """Who voted for what is shown to no user: a wrong vote costs nothing."""
    assert "/accounts/vote/" not in content(admin_client.get(reverse("admin:index")))
