"""What each strategy promises, and so how each pair of them must come out: one table, for commands and tests."""

from collections.abc import Iterable
from enum import Enum, IntEnum

from accounts.models import Report


class Scope(IntEnum):
    """Among whom a promise holds."""

    NOBODY = 0
    THREADS = 1  # of one process
    PROCESSES = 2  # of one machine
    EVERYONE = 3  # on this database


class Outcome(Enum):
    """How a storm may come out, by its report. Torn audits and damaged money are two axes, never mixed."""

    HOLDS = "holds"
    TORN = "torn"
    BREAKS = "breaks"
    UNFINISHED = "unfinished"

    @classmethod
    def of(cls, report: Report) -> "Outcome":
        """HOLDS: all is right. TORN: wrong audits of a right bank. BREAKS: the money itself is wrong."""
        if report.transfers.pending or report.audits.missing > 0:
            return cls.UNFINISHED
        if report.drift or report.lost_updates or report.accounts_off:
            return cls.BREAKS
        return cls.TORN if report.audits.torn or report.audits.wrong_total else cls.HOLDS


# Among whom the transfers of a strategy neither lose nor make money.
TRANSFERS = {
    "no_transaction": Scope.NOBODY,
    "no_lock": Scope.NOBODY,
    "python_lock": Scope.THREADS,
    "python_account_locks": Scope.THREADS,
    "file_lock": Scope.PROCESSES,
    "advisory_lock": Scope.EVERYONE,
    "row_lock": Scope.EVERYONE,
    "unordered_row_lock": Scope.EVERYONE,
    "conditional_update": Scope.EVERYONE,
    "optimistic": Scope.EVERYONE,
    "serializable": Scope.EVERYONE,
    "one_statement": Scope.EVERYONE,
    "batch": Scope.EVERYONE,
}

# Audits that are whole over all transfers that are right and are transactions: from one snapshot, by locking every row
# in one statement, or by looking twice.
WHOLE_BY_THEMSELVES = {
    *("single_statement", "single_sum", "repeatable_read", "serializable"),
    *("row_lock", "unordered_row_lock", "optimistic"),
}

# Audits that are whole only if the transfers ask for the same lock: exactly these, and in their scope.
WHOLE_TOGETHER = {"python_lock", "python_account_locks", "file_lock", "advisory_lock"}


def from_weak_to_strong(names: Iterable[str]) -> list[str]:
    """Strategies in the order in which they are taught; those that only audit come last."""
    places = {name: place for place, name in enumerate(TRANSFERS)}
    return sorted(names, key=lambda name: (places.get(name, len(places)), name))


def expected(transfer_with: str, audit_with: str, *, among: Scope) -> Outcome:
    """How a storm of this pair must come out whose workers are threads, processes, or machines (EVERYONE)."""
    scope = TRANSFERS[transfer_with]
    if scope < among:
        return Outcome.BREAKS
    if audit_with in WHOLE_BY_THEMSELVES:
        return Outcome.HOLDS
    return Outcome.HOLDS if audit_with in WHOLE_TOGETHER and audit_with == transfer_with else Outcome.TORN


def scope_of(*, worker_count: int) -> Scope:
    """Who takes part in a storm of one cluster."""
    return Scope.THREADS if worker_count == 1 else Scope.PROCESSES
