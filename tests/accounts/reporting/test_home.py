"""The admin's first page: the workers, and the last storms."""

import pytest
from django.urls import reverse

from accounts.cluster.subprocesses import Heartbeat
from accounts.reporting import home
from tests.support.pages import content, log_in_with, storm_url
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db


# The first page.


def test_first_page_of_an_empty_database_says_how_to_start_workers(admin_client):
    page = content(admin_client.get(reverse("admin:index")))

    assert "run <code>manage.py qcluster</code>" in page
    assert "No storm has been launched yet." in page


@pytest.mark.parametrize(("is_busy", "word"), [(True, "busy"), (False, "idle")])
def test_first_page_tells_of_workers_and_of_the_last_storms(is_busy, word, monkeypatch, viewer, running):
    monkeypatch.setattr(home, "heartbeat", lambda: Heartbeat(4, is_busy))
    page = content(viewer.get(reverse("admin:index")))

    assert f"4 workers {word}" in page
    assert storm_url(running) in page
    assert reverse("admin:accounts_storm_add") not in page


def test_first_page_needs_few_queries(admin_client, django_assert_max_num_queries):
    for _ in range(12):
        launched_storm(transfer_count=1, audit_count=0)

    with django_assert_max_num_queries(8):
        content(admin_client.get(reverse("admin:index")))


def test_first_page_keeps_storms_from_those_who_may_not_see_them(db):
    assert "No storm has been launched yet." not in content(log_in_with().get(reverse("admin:index")))
