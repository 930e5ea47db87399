"""What failed in a storm: operations by their reasons, and jobs that raised, with their tracebacks."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django_q.models import Failure

from accounts.models import Audit, Storm, Transfer
from accounts.storms import queue

MAX_REASONS = 10
MAX_JOBS = 5
MAX_TRACEBACK = 6000  # characters

MODULES = re.compile(r"^(\w+\.)+(?=\w+(:|$))")  # of an exception's name: django.db.utils.


@dataclass(frozen=True)
class Reason:
    """Why operations failed: how many did for this reason, and the first of them, by its primary key."""

    reason: str
    count: int
    first: int


@dataclass(frozen=True)
class FailedJob:
    """A job that raised. django-q2 keeps it, and delivers it again later."""

    pk: str
    name: str
    stopped_at: datetime
    attempts: int
    #: The exception and the first line of its message.
    error: str
    traceback: str


@dataclass(frozen=True)
class FailedOperations:
    """The most frequent reasons, and the last jobs that raised."""

    transfers: list[Reason]
    audits: list[Reason]
    jobs: list[FailedJob]

    def __bool__(self) -> bool:
        return bool(self.transfers or self.audits or self.jobs)


def observe_failures(storm: Storm, *, transfers: int, audits: int) -> FailedOperations:
    """`transfers` and `audits` say how many have failed: where none has, nothing is read. Needs up to three queries."""
    return FailedOperations(
        transfers=_by_reason(storm.transfers.filter(status=Transfer.Status.FAILED)) if transfers else [],
        audits=_by_reason(storm.audits.filter(status=Audit.Status.FAILED)) if audits else [],
        jobs=_jobs(storm),
    )


def error_in(result: str) -> str:
    """The exception and its own first line: the first line after the last traceback's that is not part of it.

    A message of several lines ends in what helps least ("... before or while processing the request.").
    """
    lines = result.strip().splitlines() or [""]
    tracebacks = [place for place, line in enumerate(lines) if line.endswith("Traceback (most recent call last):")]
    last_lines = lines[tracebacks[-1] + 1 :] if tracebacks else []
    first = next((line for line in last_lines if line and not line[0].isspace()), lines[-1])
    return MODULES.sub("", first)


def _by_reason(failures: QuerySet[Any]) -> list[Reason]:
    """The most frequent reasons first."""
    reasons = failures.values("reason").order_by().annotate(count=Count("pk"), first=Min("pk"))
    return [Reason(**row) for row in reasons.order_by("-count", "first")[:MAX_REASONS]]


def _jobs(storm: Storm) -> list[FailedJob]:
    failures = Failure.objects.filter(name__startswith=queue.names_of_jobs(storm)).order_by("-stopped")[:MAX_JOBS]
    return [
        FailedJob(
            pk=job.pk,
            name=job.name,
            stopped_at=job.stopped,
            attempts=job.attempt_count,
            error=error_in(str(job.result)),
            traceback=str(job.result)[-MAX_TRACEBACK:],
        )
        for job in failures
    ]
