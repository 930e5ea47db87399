"""Deadlock: two sessions each hold a row that the other one wants. The database ends one of them (SQLSTATE 40P01)."""

from collections.abc import Mapping
from functools import partial

from accounts.db.sqlstates import DEADLOCK
from accounts.explorer.anomalies.protections import Protection

TITLE = "deadlock"
ORDER = 70
ONLY_READ: set[str] = set()
REFUSED_WITH = DEADLOCK


def transfer(protected: Protection, *, source: int, target: int) -> None:
    with protected.transaction():
        debited, credited = protected.pair(source, target)
        debited.balance -= 30
        credited.balance += 30
        debited.save(update_fields=["balance"])
        credited.save(update_fields=["balance"])


SESSIONS = {"there": partial(transfer, source=1, target=2), "back": partial(transfer, source=2, target=1)}


def happened(results: Mapping[str, None]) -> bool:
    """Rows and results do not show it: it is counted by REFUSED_WITH."""
    return False
