"""A database that lasts as long as a block, and leaves nothing behind."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.db.scratch_database import PREFIX, scratch_database, scratch_databases
from tests.support.processes import finish, manage, server_url

pytestmark = pytest.mark.django_db(transaction=True)


def ask(sql: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def is_there(name: str) -> bool:
    return ask("SELECT count(*) FROM pg_database WHERE datname = %s", name) == 1


def in_a_thread(function: Callable[[], Any]) -> Any:
    results: list[Any] = []

    def run() -> None:
        results.append(function())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]


def test_connections_of_all_threads_lead_to_it_and_back():
    ours = ask("SELECT current_database()")

    with scratch_database() as name:
        inside = ask("SELECT current_database()"), in_a_thread(lambda: ask("SELECT current_database()"))

    assert name.startswith("test_")
    assert inside == (name, name)
    assert (ask("SELECT current_database()"), connection.settings_dict["NAME"]) == (ours, ours)
    assert not is_there(name)


def test_dropped_also_after_an_error_and_with_connections_left():
    left = []

    def leave_a_connection() -> None:
        another = connection.copy()
        another.ensure_connection()
        left.append(another)

    with pytest.raises(ZeroDivisionError), scratch_database():
        leave_a_connection() or 1 / 0

    left[0].close()
    assert not is_there(left[0].settings_dict["NAME"])


def test_one_that_a_killed_process_left_is_dropped_and_one_in_use_is_not():
    left = f"{PREFIX}left_behind"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {left}")

    with scratch_database() as first:
        connection.close()  # as any code may
        with scratch_database():
            assert is_there(first)

    assert not is_there(left)


def test_several_are_alike_and_ours_stays_the_default(monkeypatch):
    ours = ask("SELECT current_database()")

    def fill() -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE filled AS SELECT 7 AS number")

    with scratch_databases(2, fill=fill) as names:
        inside = ask("SELECT current_database()")
        with scratch_database():
            pass  # takes none of them for one that was left
        numbers = []
        for name in names:
            monkeypatch.setitem(connection.settings_dict, "NAME", name)
            connection.close()
            numbers.append(ask("SELECT number FROM filled"))
        monkeypatch.undo()
        connection.close()

    assert (inside, numbers, len(set(names))) == (ours, [7, 7], 2)
    assert not any(map(is_there, names))


def test_error_in_what_fills_them_leaves_none():
    filled = []

    def fill() -> None:
        filled.append(ask("SELECT current_database()"))
        _ = 1 / 0

    with pytest.raises(ZeroDivisionError), scratch_databases(2, fill=fill):
        pass

    assert filled[0].startswith(PREFIX)
    assert not is_there(filled[0])


@pytest.mark.processes
def test_error_role_that_may_make_no_database():
    role, database = "makes_no_database", connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT ON django_migrations TO {role}")
    try:
        url = server_url(user=role, password="x", database=database)
        status, out, err = finish(manage("explore", "races.py", env={"DATABASE_URL": url}))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")

    assert (status, out) == (2, "")
    assert "The database of DATABASE_URL belongs to a role that may not make another one" in err
