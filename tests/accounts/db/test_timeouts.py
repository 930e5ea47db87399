"""No time limit of a server, a database or a role reaches a connection of ours; one that is asked for does."""

from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.labs.catalogue import find_lab
from accounts.labs.grading import check

LIMITS = {"lock_timeout": "1ms", "idle_in_transaction_session_timeout": "20ms", "statement_timeout": "30s"}


@pytest.fixture
def limits(transactional_db) -> Iterator[None]:
    """The database of these tests has time limits."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for limit, value in LIMITS.items():
            cursor.execute(f"ALTER DATABASE {name} SET {limit} = '{value}'")
    connection.close()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for limit in LIMITS:
                cursor.execute(f"ALTER DATABASE {name} RESET {limit}")
        connection.close()


def shown(limit: str, *, options: str = "") -> str:
    """What a new connection says that the limit is."""
    another = connection.copy()
    another.settings_dict = another.settings_dict | {
        "OPTIONS": {**another.settings_dict["OPTIONS"], "options": options}
    }
    try:
        with another.cursor() as cursor:
            cursor.execute(f"SHOW {limit}")
            return cursor.fetchone()[0]
    finally:
        another.close()


@pytest.mark.parametrize("limit", LIMITS)
def test_limit_of_the_database_does_not_count(limits, limit):
    assert shown(limit) == "0"


def test_limit_that_is_asked_for_counts(limits):
    assert shown("lock_timeout", options="-c lock_timeout=7s") == "7s"


def test_right_answer_is_right_where_the_database_has_limits(limits):
    lab = find_lab(8)  # the cheapest whose sessions wait for each other's rows

    verdict = check(lab, lab.solution, student="anna", with_storm=False)

    assert (verdict.is_passed, verdict.score) == (True, verdict.max_score)
