"""What the app does by itself: groups after each `migrate`, names for the sessions of workers."""

import os

import pytest
from django.contrib.auth.models import Group
from django.core.management.sql import emit_post_migrate_signal
from django_q.signals import post_spawn

from accounts.permissions import STUDENT, TEACHER


@pytest.mark.django_db
def test_groups_are_made_after_migrate():
    Group.objects.all().delete()

    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert set(Group.objects.values_list("name", flat=True)) == {TEACHER, STUDENT}


def test_worker_names_its_sessions_when_it_is_spawned(monkeypatch):
    monkeypatch.setenv("PGAPPNAME", "private-x")

    post_spawn.send(sender="test", proc_name="worker")

    assert os.environ["PGAPPNAME"] == f"private-x {os.getpid()}"
