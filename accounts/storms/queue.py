"""Puts a storm's jobs into django-q2's queue: all of them at its launch, and what is still to be done after a fault."""

import uuid

from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import BadSignature, SignedPackage

from accounts import strategies
from accounts.cluster.redis_queue import redis_errors
from accounts.errors import BankError
from accounts.models import Storm, Transfer
from accounts.storms import workload

# The function that workers call with a job's arguments: by its name, which the queue keeps. It cannot be imported here,
# because lifecycle.py imports this module.
JOB_FUNCTION = "accounts.storms.lifecycle.run_job"
NOTHING_TO_DO = workload.Job(range(0), range(0))
MAX_TRANSFERS_OF_ONE_JOB, MAX_AUDITS_OF_ONE_JOB = 2_000, 200  # a tenth of the queue's timeout on a quiet machine


def enqueue(storm: Storm, ids: list[int], numbers: list[int], *, transfers_per_job: int | None = None) -> None:
    """Queue jobs for these transfers (primary keys, in order) and audits (by number), audits spread over transfers.

    A job has as many transfers as its strategy says, or `transfers_per_job`. As rows, in bulk: row by row, as
    async_task does it, costs five times as much.
    """
    size = transfers_per_job or strategies.transfers_per_job(storm.transfer_with)
    jobs = _plan_jobs(storm, len(ids), len(numbers), transfers_per_job=size) or [NOTHING_TO_DO]
    packages = [_package(storm, number, job, ids, numbers) for number, job in enumerate(jobs, start=1)]
    if Conf.ORM:
        now = timezone.now()
        rows = [OrmQ(key=storm.queue, payload=package, lock=now) for package in packages]
        OrmQ.objects.bulk_create(rows, batch_size=1000)
    else:
        # Another kind of queue is not part of the transaction: its workers must not look before the COMMIT.
        transaction.on_commit(lambda: _send(storm.queue, packages))


def is_one_job(storm: Storm) -> bool:
    """Whether a storm for one process is a single job.

    Any worker of the shared queue may take a job, and two of them are two processes. But a job that takes longer than
    the queue's `timeout` is given up: a larger storm is one of several jobs.
    """
    is_shared = storm.queue == Conf.CLUSTER_NAME
    is_small = storm.transfer_count <= MAX_TRANSFERS_OF_ONE_JOB and storm.audit_count <= MAX_AUDITS_OF_ONE_JOB
    return storm.worker_count == 1 and (storm.is_in_a_row or (is_shared and is_small))


def check_one_job(transfer_count: int, audit_count: int) -> None:
    """Raises BankError for more than one job of one process can do in time."""
    if transfer_count > MAX_TRANSFERS_OF_ONE_JOB or audit_count > MAX_AUDITS_OF_ONE_JOB:
        raise BankError(
            f"One process does {MAX_TRANSFERS_OF_ONE_JOB:,} transfers and {MAX_AUDITS_OF_ONE_JOB} audits at most here: "
            "choose fewer, or run `manage.py storm --workers 1` in a terminal."
        )


def _plan_jobs(storm: Storm, transfer_count: int, audit_count: int, *, transfers_per_job: int) -> list[workload.Job]:
    if is_one_job(storm):
        return [workload.Job(range(transfer_count), range(audit_count))]
    return workload.plan_jobs(
        transfer_count=transfer_count,
        audit_count=audit_count,
        worker_count=storm.worker_count,
        thread_count=storm.thread_count,
        transfers_per_job=transfers_per_job,
    )


def enqueue_again(storm: Storm) -> int:
    """Queue what is still to be done of a running storm once more; return how many operations that is.

    Jobs get lost: with the worker that held one (until the queue's `retry`, or in Redis for good), or after
    `max_attempts`. Our own tables say what is still to be done:

    1. transfers that are pending, and audits of the plan that have no row.
    2. The storm's jobs that are still in the queue are taken out, and new jobs are queued.
    3. If nothing is left to be done, only the storm's end was lost: a job with nothing to do judges the storm, and
       starts the next one.

    A job that was not lost, but is at work, is then done twice: every transactional strategy withstands that. Raises
    QueueUnusable where the queue is in Redis, and Redis refuses.
    """
    with transaction.atomic():
        pending_transfers = storm.transfers.filter(status=Transfer.Status.PENDING, repeats=None).order_by("pk")
        ids = list(pending_transfers.values_list("pk", flat=True))
        taken_numbers = set(storm.audits.values_list("number", flat=True))
        numbers = [number for number in range(storm.audit_count) if number not in taken_numbers]
        forget_jobs(storm)
        enqueue(storm, ids, numbers)
    return len(ids) + len(numbers)


def forget_jobs(storm: Storm) -> None:
    """Take the storm's jobs out of the queue: it has ended, or its jobs are queued anew.

    Jobs of other storms stay, but for a private queue in Redis: that is emptied, because a storm has it to itself. In a
    shared queue in Redis the storm's jobs stay: they find that nothing is left to be done. Raises QueueUnusable where
    Redis refuses.

    Only the signed package of a job says whose it is, so each one is opened: 25 us a job, and only when a storm is
    stopped or jobs were lost. The primary keys of the rows that enqueue() wrote would be one more thing to write at
    every launch, and they would not find a row that is a copy of ours: a queue may deliver twice.
    """
    if Conf.ORM:
        rows = OrmQ.objects.filter(key=storm.queue).values_list("pk", "payload").iterator()
        mine = [pk for pk, payload in rows if _name(payload).startswith(names_of_jobs(storm))]
        OrmQ.objects.filter(pk__in=mine).delete()
    elif storm.queue != Conf.CLUSTER_NAME:
        with redis_errors():
            get_broker(storm.queue).purge_queue()


def _name(payload: str) -> str:
    """The name of a job by its signed package; "" if the package is not one of ours."""
    try:
        return str(SignedPackage.loads(payload)["name"])
    except (BadSignature, TypeError, KeyError):
        return ""


def _send(queue: str, packages: list[str]) -> None:
    with redis_errors():
        broker = get_broker(queue)
        for package in packages:
            broker.enqueue(package)


def names_of_jobs(storm: Storm) -> str:
    """What the names of all jobs of a storm begin with."""
    return f"storm-{storm.pk}-job-"


def _package(storm: Storm, number: int, job: workload.Job, ids: list[int], numbers: list[int]) -> str:
    """A job as django-q2 signs and sends it."""
    package: str = SignedPackage.dumps(
        {
            "id": uuid.uuid4().hex,
            "name": f"{names_of_jobs(storm)}{number}",
            "func": JOB_FUNCTION,
            "args": (
                storm.pk,
                ids[job.transfers.start : job.transfers.stop],
                numbers[job.audits.start : job.audits.stop],
            ),
            "kwargs": {},
            "started": timezone.now(),
        }
    )
    return package
