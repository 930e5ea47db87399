"""A running storm on which no worker works says what to do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.conf import Conf

from accounts.models import Storm
from accounts.reporting import stalled
from tests.support.pages import content, storm_url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("queue", ["private-x", Conf.CLUSTER_NAME])
def test_running_storm_without_workers_says_what_to_do(queue, viewer, running):
    Storm.objects.update(queue=queue)
    says = {
        "private-x": "No worker works on it any more",
        Conf.CLUSTER_NAME: "No worker is running: start some with <code>manage.py qcluster</code>",
    }

    assert says[queue] not in content(viewer.get(storm_url(running)))

    running.transfers.update(ended_at=timezone.now() - timedelta(minutes=1))
    assert says[queue] in content(viewer.get(storm_url(running)))


@pytest.mark.django_db(transaction=True)  # within one, PostgreSQL answers from one look
def test_private_workers_are_known_by_their_connections(running):
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'private-x'")
    running.queue = "private-x"
    running.transfers.update(ended_at=timezone.now() - timedelta(minutes=1))

    assert stalled.what_is_missing(running) == ""

    with connection.cursor() as cursor:
        cursor.execute("RESET application_name")
    assert stalled.what_is_missing(running) == stalled.ABANDONED
