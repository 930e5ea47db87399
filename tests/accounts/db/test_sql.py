"""Short SQL on a kept cursor behaves as on a new one: it survives a lost connection, and is seen by those who watch."""

import pytest
from django.db import close_old_connections, connection

from accounts.db.sql import ask, execute

pytestmark = pytest.mark.django_db(transaction=True)


def test_value_and_count_of_rows():
    assert ask("SELECT %s + %s", 2, 3) == 5
    assert ask("SELECT 1 WHERE false") is None
    assert execute("SELECT generate_series(1, %s)", 4) == 4


def test_cursor_is_kept_until_the_connection_is_another():
    ask("SELECT 1")
    kept = connection.kept_cursor
    assert ask("SELECT 2") == 2
    assert connection.kept_cursor is kept

    connection.close()

    assert ask("SELECT 3") == 3
    assert connection.kept_cursor is not kept


def test_connection_that_the_server_has_ended_is_noticed_between_two_jobs():
    pid = ask("SELECT pg_backend_pid()")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()

    close_old_connections()  # as django-q2 does before each job

    assert ask("SELECT 1") == 1


def test_statements_are_seen_by_those_who_watch(django_assert_num_queries):
    ask("SELECT 1")
    seen = []

    def watch(go_on, sql, *rest):
        seen.append(sql)
        return go_on(sql, *rest)

    with connection.execute_wrapper(watch), django_assert_num_queries(1):
        ask("SELECT 2")

    assert seen == ["SELECT 2"]
