"""How a storm came out, and how it must come out by what its strategies promise: for commands and tests."""

from enum import Enum

from accounts import strategies
from accounts.models import Report
from accounts.strategies.shared.promises import Among, Beside


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
        audits = report.audits
        return cls.TORN if audits.torn or audits.incomplete or audits.wrong_total else cls.HOLDS


def expected(transfer_with: str, audit_with: str, *, among: Among, under_kills: bool = False) -> Outcome:
    """How a storm of this pair must come out. Raises BankError if a strategy's file says what it cannot mean.

    `among` is who transfers at the same time: THREADS, PROCESSES, machines (EVERYONE), or one transfer only (NO_ONE).
    `under_kills`: workers are killed meanwhile. What a strategy's file does not promise is not expected.

    1. Transfers that do not hold among these break the bank, whatever the audits do.
    2. Audits that hold beside these transfers hold.
    3. All others are torn.
    """
    if strategies.transfers_hold(transfer_with, under_kills=under_kills) < among:
        return Outcome.BREAKS
    beside = strategies.audits_hold(audit_with)
    is_together = beside is Beside.OWN_TRANSFERS and audit_with == transfer_with
    return Outcome.HOLDS if is_together or beside is Beside.ALL_TRANSFERS else Outcome.TORN


def among_workers(worker_count: int) -> Among:
    """Who takes part in a storm of one cluster."""
    return Among.THREADS if worker_count == 1 else Among.PROCESSES
