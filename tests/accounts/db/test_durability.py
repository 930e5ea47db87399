"""Commits that do not wait for the disk, as long as a block lasts."""

import pytest
from django.db import connection

from accounts.db.durability import commits_need_not_last

pytestmark = pytest.mark.django_db(transaction=True)


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def test_inside_only(monkeypatch):
    """The tests' own database never waits, so what is restored is looked at in another one of the server."""
    monkeypatch.setitem(connection.settings_dict, "NAME", "postgres")
    connection.close()
    before = setting()

    with commits_need_not_last():
        inside = setting()

    assert (before, inside, setting()) == ("on", "off", "on")
    connection.close()


def test_connection_that_was_lost_inside_is_no_error_of_ours():
    with commits_need_not_last():
        connection.connection.close()

    connection.close()
    assert setting()
