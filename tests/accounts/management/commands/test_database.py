"""`manage.py database`: the embedded server for the curious."""

import subprocess

import pytest
from django.db import connection

from tests.support.processes import finish, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_database_status_says_how_to_connect():
    status, out, _err = finish(manage("database", "status"))

    assert status == 0
    assert out.startswith("Running. Data in ")
    assert "dbname=" in out


def test_error_database_reset_without_a_yes():
    process = manage("database", "reset", stdin=subprocess.DEVNULL)

    status, _out, err = finish(process)

    assert status == 1
    assert err.startswith("CommandError: Nothing was deleted.")
    assert connection.server.is_running()
