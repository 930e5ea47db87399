"""The database is away: waits for it, and says so; gives up after a while."""

import math
import time

from django.db import InterfaceError, OperationalError, connection

from accounts.db.sqlstates import describe, is_lost_connection
from accounts.errors import BankError

AWAY_S = 60.0  # so long we wait for the database


class Outage:
    """The database is away: how long already, and whether that is too long."""

    def __init__(self, patience_s: float = AWAY_S) -> None:
        self._patience_s = patience_s
        self._since: float | None = None

    def note(self, error: OperationalError | InterfaceError) -> str:
        """What to say about it (the first time), or "". BankError when patience has run out; raises other errors."""
        if not is_lost_connection(error):
            raise error
        connection.close()  # the next question makes a new one
        if self._since is None:
            self._since = time.monotonic()
            how_long = f" for up to {self._patience_s:g} s" if math.isfinite(self._patience_s) else ""
            return f"The database is away ({describe(error)}): waiting for it{how_long}."
        if time.monotonic() - self._since > self._patience_s:
            raise BankError(
                f"The database has been away for {self._patience_s:g} s ({describe(error)}): what was committed is "
                "kept. Look after the server, then launch the storm again."
            ) from error
        return ""

    def is_over(self) -> None:
        self._since = None
