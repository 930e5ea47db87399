"""The database cannot be reached: waits for it, says so, and gives up after a while."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from accounts.db.sqlstates import describe, is_lost_connection
from accounts.errors import BankError

POLL_S = 0.2
MAX_AWAY_S = 60.0
Answer = TypeVar("Answer")


class Outage:
    """How long the database has been away, and whether that is too long. One object serves many outages."""

    def __init__(self, patience_s: float = MAX_AWAY_S) -> None:
        self._patience_s = patience_s
        self._since_s: float | None = None

    def note(self, error: OperationalError | InterfaceError) -> str:
        """Take note that the database refused a question; return a sentence for the user, or "" if that was said.

        1. An error that is no lost connection is raised again: waiting does not help.
        2. The first lost connection begins the outage: the sentence says that we wait.
        3. After `patience_s` seconds of outage: BankError.
        """
        if not is_lost_connection(error):
            raise error
        connection.close()  # the next question makes a new one
        if self._since_s is None:
            self._since_s = time.monotonic()
            how_long = f" for up to {self._patience_s:g} s" if math.isfinite(self._patience_s) else ""
            return f"The database cannot be reached ({describe(error)}): waiting for it{how_long}."
        if time.monotonic() - self._since_s > self._patience_s:
            raise BankError(
                f"The database could not be reached for {self._patience_s:g} s ({describe(error)}): what was committed "
                "is kept. Look after the server, then launch the storm again."
            ) from error
        return ""

    def end(self) -> None:
        """The database has answered: the next error begins a new outage."""
        self._since_s = None


def retry_while_away(question: Callable[[], Answer], *, say: Callable[[str], None]) -> Answer:
    """Ask the database a question again and again while it is away; return its answer, and `say` that we wait.

    The question may be asked several times: it must not matter whether it was answered before. Raises BankError if the
    database is away for more than MAX_AWAY_S seconds, and its own error if waiting does not help.
    """
    outage = Outage()
    while True:
        try:
            return question()
        except (OperationalError, InterfaceError) as error:
            if news := outage.note(error):
                say(news)
        time.sleep(POLL_S)
