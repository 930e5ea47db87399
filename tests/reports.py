"""Reports made to order."""

from typing import Any

from accounts.models import Report
from accounts.models.storm_report import AuditCounts, TransferCounts, Waits

TRANSFERS = {"planned": 10, "applied": 10, "refused": 0, "failed": 0, "pending": 0, "applied_twice": 0}
AUDITS = {"planned": 2, "taken": 2, "torn": 0, "torn_unknown": 0, "wrong_total": 0, "unexplained": 0, "failed": 0}
COUNTERS = ("drift", "lost_updates", "accounts_off", "retries", "deadlocks", "serialization_failures", "refused_locks")


def a_report(
    *, transfers: dict[str, int] | None = None, audits: dict[str, int] | None = None, **changes: Any
) -> Report:
    """The report of a finished storm in which nothing went wrong, with these changes."""
    facts = {
        "id": 1,
        "state": "finished",
        "transfer_with": "row_lock",
        "audit_with": "row_lock",
        "accounts": 6,
        "expected_total": 44_500,
        "workers": 4,
        "threads": 1,
        "seed": 1,
        "transfers": TransferCounts(**TRANSFERS | (transfers or {})),
        "audits": AuditCounts(**AUDITS | (audits or {})),
        **dict.fromkeys(COUNTERS, 0),
        "lock_wait_ms": Waits(p50=0.1, p99=2.5),
        "duration_s": 0.5,
        "transfers_per_second": 20.0,
        "faults": {},
        "story": "",
        "is_final": True,
    }
    return Report(**facts | changes)
