"""What failed in a storm: operations by their reasons, and jobs that raised, with their tracebacks."""

import re
from typing import Any

from django.db.models import Count, Min, QuerySet
from django_q.models import Failure

from accounts.models import Storm
from accounts.storms import queue

MOST_REASONS = 10
MOST_JOBS = 5
MOST_TRACEBACK = 6000

MODULES = re.compile(r"^(\w+\.)+(?=\w+(:|$))")  # of an exception's name: django.db.utils.


def observe_failures(storm: Storm, *, transfers: int, audits: int) -> dict[str, Any]:
    """`transfers` and `audits` say how many have failed: where none has, nothing is read."""
    return {
        "failed_transfers": _by_reason(storm.transfers) if transfers else [],
        "failed_audits": _by_reason(storm.audits) if audits else [],
        "failed_jobs": _jobs(storm),
    }


def error_in(result: str) -> str:
    """The exception and its own first line: the first line after the last traceback's that is not part of it.

    A message of several lines ends in what helps least ("... before or while processing the request.").
    """
    lines = result.strip().splitlines() or [""]
    tracebacks = [place for place, line in enumerate(lines) if line.endswith("Traceback (most recent call last):")]
    after = lines[tracebacks[-1] + 1 :] if tracebacks else []
    first = next((line for line in after if line and not line[0].isspace()), lines[-1])
    return MODULES.sub("", first)


def _by_reason(operations: QuerySet) -> list[dict[str, Any]]:
    """The most frequent reasons, how often each was given, and the first operation that gave it."""
    reasons = operations.filter(status="failed").values("reason").order_by()
    return list(reasons.annotate(count=Count("pk"), first=Min("pk")).order_by("-count", "first")[:MOST_REASONS])


def _jobs(storm: Storm) -> list[dict[str, Any]]:
    """The last jobs that raised. django-q2 keeps each with its traceback, and delivers it again later."""
    raised = Failure.objects.filter(name__startswith=queue.names_of_jobs(storm)).order_by("-stopped")[:MOST_JOBS]
    return [
        {
            "pk": job.pk,
            "name": job.name,
            "at": job.stopped,
            "attempts": job.attempt_count,
            "error": error_in(str(job.result)),
            "traceback": str(job.result)[-MOST_TRACEBACK:],
        }
        for job in raised
    ]
