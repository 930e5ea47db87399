"""The lecture's story in seven storms: what each shows, and how it must come out."""

from typing import NamedTuple

from accounts.expectations import Outcome
from accounts.reports import Report


class Scene(NamedTuple):
    """One storm of the story."""

    transfer_with: str
    audit_with: str
    worker_count: int
    thread_count: int
    expected: Outcome
    meaning: str

    def came_out_as_told(self, report: Report) -> bool:
        failed = report["transfers"]["failed"] + report["audits"]["failed"]
        return Outcome.of(report) is self.expected and not failed


SCENES = (
    Scene("no_lock", "no_lock", 1, 8, Outcome.BREAKS, "No lock: threads overwrite each other's balances."),
    Scene("python_lock", "python_lock", 1, 8, Outcome.HOLDS, "One Python lock, one process, everybody joins: right."),
    Scene("python_lock", "no_lock", 1, 8, Outcome.TORN, "The missed lock: the audit does not join, and is torn."),
    Scene("python_lock", "python_lock", 4, 1, Outcome.BREAKS, "Four processes have four Python locks: worthless."),
    Scene("row_lock", "no_lock", 4, 1, Outcome.TORN, "Row locks keep the money right; the audit did not join."),
    Scene("row_lock", "row_lock", 4, 1, Outcome.HOLDS, "Row locks for all, readers too: right, and all wait."),
    Scene("row_lock", "single_statement", 4, 1, Outcome.HOLDS, "One SELECT is one snapshot: right, nobody waits."),
)
