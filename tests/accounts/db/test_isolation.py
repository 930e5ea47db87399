"""Every connection of ours is at READ COMMITTED, whatever is the default of the database."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from accounts.db.isolation import one_snapshot
from accounts.labs.catalogue import all_labs


@pytest.fixture
def repeatable_read_by_default(transactional_db) -> Iterator[None]:
    """The database of these tests has another default than PostgreSQL's."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_isolation")


def on_a_new_connection(work: Callable[[], object]) -> object:
    answers = []

    def run() -> None:
        try:
            answers.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    (answer,) = answers
    return answer


def level() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return cursor.fetchone()[0]


def level_in_a_transaction() -> str:
    with transaction.atomic():
        return level()


def level_in_a_snapshot() -> str:
    with one_snapshot():
        return level()


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (level, "read committed"),
        (level_in_a_transaction, "read committed"),
        (level_in_a_snapshot, "repeatable read"),
    ],
)
def test_default_of_the_database_is_not_ours(repeatable_read_by_default, work, expected):
    assert on_a_new_connection(work) == expected


def test_weak_audit_is_torn_whatever_the_default_of_the_database(repeatable_read_by_default, explore):
    lab = next(lab for lab in all_labs() if lab.number == 2)
    wrong = lab.folder / "wrong" / "a_transaction_is_no_lock.py"

    assert explore("row_lock", str(wrong))["torn"] > 0
