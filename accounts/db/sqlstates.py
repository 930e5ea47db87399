"""What the database refused, by its SQLSTATE (PostgreSQL documentation: Appendix A, PostgreSQL Error Codes)."""

import traceback
from pathlib import Path

from django.db import InterfaceError, OperationalError

DEADLOCK = "40P01"
SERIALIZATION_FAILURE = "40001"
LOCK_NOT_AVAILABLE = "55P03"
# A statement that this connection has prepared is not there, or one of its name is: another session answers.
PREPARED_IN_ANOTHER_SESSION = ("26000", "42P05")
CONNECTION_EXCEPTIONS = "08"
OPERATOR_INTERVENTIONS = "57P"


def sqlstate(error: BaseException) -> str:
    """The five letters of the database's refusal; empty if it was not the database that refused."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_deadlock(error: Exception) -> bool:
    return sqlstate(error) == DEADLOCK


def is_retryable(error: Exception) -> bool:
    """Whether PostgreSQL advises to run the whole transaction again (its documentation: 13.5)."""
    return sqlstate(error) in (DEADLOCK, SERIALIZATION_FAILURE)


def is_lost_connection(error: Exception) -> bool:
    """Whether the connection to the server is gone, so that it is unknown what became of the last statement."""
    state = sqlstate(error)
    is_broken = not state or state.startswith((CONNECTION_EXCEPTIONS, OPERATOR_INTERVENTIONS))
    return isinstance(error, (OperationalError, InterfaceError)) and is_broken


def describe(error: BaseException) -> str:
    """One line: the SQLSTATE (or the exception's name) and its own first sentence."""
    first_line = str(error).strip().partition("\n")[0]
    return f"{sqlstate(error) or type(error).__name__}: {first_line}"


def line_in(file: Path, error: BaseException) -> int | None:
    """The innermost line of this file that an error came through; None if it was never there."""
    path = file.absolute()
    frames = reversed(list(traceback.walk_tb(error.__traceback__)))
    return next((line for frame, line in frames if Path(frame.f_code.co_filename) == path), None)
