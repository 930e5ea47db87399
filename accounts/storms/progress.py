"""How far a storm has come: how much of its plan has ended, and what is known about it by now. Counted only here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Model, Q

from accounts.db.sql import ask
from accounts.models import Audit, Report, Storm, Transfer

# A row that `repeats` a planned transfer is no part of the plan: a job that was delivered twice wrote it.
TRANSFER_COUNTS = {
    "transfers_ended": Count("pk", filter=Q(repeats=None) & ~Q(status=Transfer.Status.PENDING)),
    "transfers_failed": Count("pk", filter=Q(repeats=None, status=Transfer.Status.FAILED)),
}
AUDIT_COUNTS = {
    "audits_taken": Count("pk", filter=Q(status=Audit.Status.TAKEN)),
    "audits_failed": Count("pk", filter=Q(status=Audit.Status.FAILED)),
    "audits_judged": Count("pk", filter=Q(torn__isnull=False)),
    "audits_torn": Count("pk", filter=Q(torn=True)),
    "audits_wrong": Count("pk", filter=Q(total__isnull=False) & ~Q(total=F("expected_total"))),
}
LAST_PENDING = """
SELECT id FROM accounts_transfer WHERE storm_id = %s AND status = 'pending' AND repeats IS NULL ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a storm has come."""

    #: Transfers of the plan that were applied or refused, or have failed.
    transfers_ended: int = 0
    #: Of these: those that failed.
    transfers_failed: int = 0
    #: Audits that have a total.
    audits_taken: int = 0
    #: Audits that failed; they have no total.
    audits_failed: int = 0
    #: Audits that are known to be torn, or known not to be.
    audits_judged: int = 0
    #: Audits that are known to be torn.
    audits_torn: int = 0
    #: Audits whose total is not the bank's.
    audits_wrong: int = 0

    @property
    def audits_ended(self) -> int:
        """How many audits of the plan were taken, or have failed."""
        return self.audits_taken + self.audits_failed

    @classmethod
    def by_report(cls, report: Report) -> "Progress":
        """The counts of a report: a storm that keeps one has ended."""
        return cls(
            transfers_ended=report.transfers.ended,
            transfers_failed=report.transfers.failed,
            audits_taken=report.audits.taken,
            audits_failed=report.audits.failed,
            audits_judged=report.audits.judged,
            audits_torn=report.audits.torn,
            audits_wrong=report.audits.wrong_total,
        )


def progress_of(storm: Storm) -> Progress:
    """How far this storm has come: by its report if it has one, else by its rows, in two queries."""
    return progress_of_all([storm])[storm.pk]


def progress_of_all(storms: Collection[Storm]) -> dict[int, Progress]:
    """How far each of these storms has come, by primary key, in two queries; in none if all of them have reports."""
    rows_of = [storm.pk for storm in storms if storm.report is None]
    counts: dict[int, dict[str, int]] = {pk: {} for pk in rows_of}
    if rows_of:
        for row in [*_count(Transfer, rows_of, TRANSFER_COUNTS), *_count(Audit, rows_of, AUDIT_COUNTS)]:
            counts[row.pop("storm_id")].update(row)
    return {
        storm.pk: Progress.by_report(storm.report) if storm.report else Progress(**counts[storm.pk]) for storm in storms
    }


def _count(model: type[Model], storms: list[int], counts: dict[str, Count]) -> Iterable[dict[str, int]]:
    rows: Iterable[dict[str, int]] = (
        model._default_manager.filter(storm__in=storms).values("storm_id").annotate(**counts).order_by()
    )
    return rows


def was_begun(storm: Storm) -> bool:
    """Whether a worker has begun anything of the storm."""
    never_begun = Q(status=Transfer.Status.PENDING, started_at=None)
    return storm.transfers.exclude(never_begun).exists() or storm.audits.exists()


def is_complete(storm: Storm) -> bool:
    """Whether every planned transfer has ended, and every planned audit was taken or has failed.

    The same as progress_of() would say, for less: nothing is counted while a transfer is pending. We look from the end
    of the plan, which is done last: while the storm runs, the first row answers.
    """
    return not ask(LAST_PENDING, storm.pk) and storm.audits.count() >= storm.audit_count
