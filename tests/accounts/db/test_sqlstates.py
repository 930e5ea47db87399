"""What the database refused is told from its SQLSTATE."""

from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from accounts.db import sqlstates


def refusal(cause: type[psycopg.Error] | None, kind: type[Exception] = OperationalError) -> Exception:
    """An error as Django raises it, for this error of the driver."""
    error = kind("first line\nsecond line")
    error.__cause__ = cause and cause()
    return error


@pytest.mark.parametrize(
    ("error", "state", "is_deadlock", "is_retryable", "is_lost_connection"),
    [
        (refusal(psycopg.errors.DeadlockDetected), "40P01", True, True, False),
        (refusal(psycopg.errors.SerializationFailure), "40001", False, True, False),
        (refusal(psycopg.errors.LockNotAvailable), "55P03", False, False, False),
        (refusal(psycopg.errors.DiskFull), "53100", False, False, False),
        (refusal(psycopg.errors.AdminShutdown), "57P01", False, False, True),
        (refusal(psycopg.errors.ConnectionFailure), "08006", False, False, True),
        (refusal(None), "", False, False, True),
        (refusal(None, InterfaceError), "", False, False, True),
        (refusal(None, ValueError), "", False, False, False),
    ],
)
def test_error_is_told_by_its_sqlstate(error, state, is_deadlock, is_retryable, is_lost_connection):
    assert sqlstates.sqlstate(error) == state
    assert sqlstates.is_deadlock(error) == is_deadlock
    assert sqlstates.is_retryable(error) == is_retryable
    assert sqlstates.is_lost_connection(error) == is_lost_connection


def test_description_is_one_line():
    assert sqlstates.describe(refusal(psycopg.errors.DeadlockDetected)) == "40P01: first line"
    assert sqlstates.describe(refusal(None, ValueError)) == "ValueError: first line"


def test_line_of_an_error_is_the_innermost_one_in_the_file():
    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError) as raised:  # noqa: PT011 (what is said is not the point)
        fail()

    first_line = fail.__code__.co_firstlineno
    assert sqlstates.line_in(Path(__file__), raised.value) == first_line + 1
    assert sqlstates.line_in(Path("elsewhere.py"), raised.value) is None
