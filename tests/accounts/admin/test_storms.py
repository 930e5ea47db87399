"""Storms are launched from a form or as the lecture, by those who may."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from accounts.models import Storm
from accounts.storms.lecture import SCENES
from accounts.storms.lifecycle import run_job
from tests.support.pages import content, storm_url
from tests.support.storms import do_all, wait_for_plans
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)  # a storm's plan is written by a thread


def test_launch_page_offers_the_lecture_and_a_storm_as_two_forms(admin_client, four_workers):
    """In one form, Enter in a field would press the form's first button, whichever that is."""
    page = content(admin_client.get(reverse("admin:accounts_storm_add")))

    lecture, _, storm = page.partition('id="storm_form"')
    assert "Start the lecture, scene by scene</button>" in lecture
    assert lecture.count('<svg class="boxes"') == len(SCENES), "where the locks are, scene by scene"
    assert storm.count('type="submit"') == 1
    assert 'value="Launch"' in storm


# The lecture.


def launch_lecture(client, data=None):
    return client.post(reverse("admin:accounts_storm_lecture"), data, follow=True)


def test_lecture_is_launched_and_shown_with_one_click(admin_client, four_workers):
    response = launch_lecture(admin_client)

    first = Storm.objects.order_by("pk").first()
    assert response.redirect_chain == [(storm_url(first), 302)]
    assert list(Storm.objects.order_by("pk").values_list("transfer_with", "audit_with", "worker_count")) == [
        (scene.transfer_with, scene.audit_with, scene.worker_count) for scene in SCENES
    ]
    page = content(response)
    for scene in SCENES:
        assert scene.meaning.replace("'", "&#x27;") not in page, "it gives away what a class is to say first"
    assert "The lecture has 7 storms: they run one after another." in page


@pytest.mark.django_db(transaction=True)
def test_lecture_is_given_scene_by_scene(admin_client, viewer, four_workers):
    launch_lecture(admin_client, data={"by_hand": "1"})
    wait_for_plans()
    first, second, *_ = Storm.objects.order_by("pk")
    assert Storm.objects.filter(state="planned").count() == 7, "a class is to say first what it expects"
    assert admin_client.post(storm_url(first, "next")).url == storm_url(first)
    assert 'id="next"' not in content(admin_client.get(storm_url(first)))
    admin_client.post(storm_url(first, "next"), follow=True)
    assert Storm.objects.get(pk=second.pk).state == "planned", "the first is running still"

    do_all(first)
    run_job(first.pk, [], [])
    page = content(admin_client.get(storm_url(first)))
    assert Storm.objects.get(pk=second.pk).state == "planned", "it waits for the teacher"
    assert "No lock: threads overwrite each other&#x27;s balances." in page
    assert "What will be the result of transfers: <strong>python_lock</strong>, audits: <strong>python_lock" in page
    assert 'id="next"' not in content(viewer.get(storm_url(first)))

    response = admin_client.post(storm_url(first, "next"), follow=True)
    assert response.redirect_chain == [(storm_url(second), 302)]
    assert Storm.objects.get(pk=second.pk).state == "running"


@pytest.mark.parametrize(("count", "found"), [(0, "There is none now."), (1, "There is one now.")])
def test_error_lecture_without_several_workers(count, found, pretend_workers, admin_client):
    pretend_workers(count)

    assert found in content(launch_lecture(admin_client))
    assert not Storm.objects.exists()


def test_error_lecture_without_the_permission(viewer, four_workers):
    assert launch_lecture(viewer).status_code == 403
    assert viewer.get(reverse("admin:accounts_storm_lecture")).url == reverse("admin:accounts_storm_add")
    assert not Storm.objects.exists()


# The form.

FORM = {
    "transfer_with": "row_lock",
    "audit_with": "no_lock",
    "transfer_count": 20,
    "audit_count": 2,
    "account_count": 6,
    "thread_count": 1,
    "max_amount": 100,
    "seed": 1,
}


def launch(client, **choices):
    return client.post(reverse("admin:accounts_storm_add"), FORM | choices, follow=True)


def started_storm() -> Storm:
    """The only storm, when its plan is written."""
    return wait_until(Storm.objects.filter(state="running").first)


def test_adding_a_storm_launches_it(admin_client, four_workers):
    response = launch(admin_client)

    storm = started_storm()
    assert (storm.state, storm.worker_count, storm.transfers.count()) == ("running", 4, 20)
    assert "is for 4 workers: it begins when its plan is written." in content(response)
    assert response.redirect_chain[-1][0] == storm_url(storm)


def test_storm_of_one_process_is_one_job_with_its_threads(admin_client, four_workers):
    """Scenes 2 and 3 of the lecture: a Python lock is right there."""
    response = launch(admin_client, processes="one", thread_count=8, transfer_with="python_lock")

    storm = started_storm()
    assert (storm.worker_count, storm.thread_count, OrmQ.objects.count()) == (1, 8, 1)
    assert "is for 1 worker: it begins when its plan is written." in content(response)


def test_error_more_than_one_process_does_in_time(admin_client, four_workers):
    page = content(launch(admin_client, processes="one", transfer_count=2_001))

    assert "One process does 2,000 transfers and 200 audits at most here: choose fewer" in page
    assert not Storm.objects.exists()


def test_launch_page_says_that_no_worker_is_there(admin_client):
    page = content(admin_client.get(reverse("admin:accounts_storm_add")))

    assert "No worker is running: start some with <code>manage.py qcluster</code>" in page


def test_error_launch_without_workers(admin_client):
    page = content(launch(admin_client))

    assert "No worker is running: start some with `manage.py qcluster`, then try again." in page
    assert not Storm.objects.exists()


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"transfer_count": 0}, "choose 1 to 1,000,000."),
        ({"account_count": 1}, "choose 2 to 1,000,000."),
        ({"max_amount": 44_501}, "max amount cannot be 44,501: all accounts together hold 44,500."),
        ({"transfer_with": "/tmp/mine.py"}, "Select a valid choice."),
        ({"seed": "x"}, "Enter a whole number."),
    ],
)
def test_error_launch_that_cannot_be(choices, sentence, admin_client, four_workers):
    page = content(launch(admin_client, **choices))

    assert sentence in page
    assert not Storm.objects.exists()


def test_error_launch_without_the_permission(viewer, four_workers):
    assert launch(viewer).status_code == 403
    assert viewer.get(reverse("admin:accounts_storm_changelist")).status_code == 200
    assert not Storm.objects.exists()
