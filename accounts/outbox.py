"""Puts a storm's jobs in the queue, in bulk; as rows of the database transaction that also writes the storm."""

import uuid

from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.models import Storm
from accounts.planning import Job

WHAT_WORKERS_RUN = "accounts.storms.run_job"


def enqueue(storm: Storm, jobs: list[Job], transfer_ids: list[int]) -> None:
    """Queue the jobs. (Row by row, as django-q2's async_task does it, costs five times as much.)"""
    packages = [_package(storm, number, job, transfer_ids) for number, job in enumerate(jobs, start=1)]
    if Conf.ORM:
        now = timezone.now()
        rows = [OrmQ(key=storm.queue, payload=package, lock=now) for package in packages]
        OrmQ.objects.bulk_create(rows, batch_size=1000)
    else:
        # Another kind of queue is not part of the transaction: its workers must not look before the COMMIT.
        transaction.on_commit(lambda: _send(storm.queue, packages))


def names_of_jobs(storm: Storm) -> str:
    """What the names of all jobs of a storm begin with."""
    return f"storm-{storm.pk}-job-"


def _send(queue: str, packages: list[str]) -> None:
    broker = get_broker(queue)
    for package in packages:
        broker.enqueue(package)


def _package(storm: Storm, number: int, job: Job, ids: list[int]) -> str:
    """A job as django-q2 signs and sends it."""
    return SignedPackage.dumps(
        {
            "id": uuid.uuid4().hex,
            "name": f"{names_of_jobs(storm)}{number}",
            "func": WHAT_WORKERS_RUN,
            "args": (storm.pk, ids[job.transfers.start : job.transfers.stop], list(job.audits)),
            "kwargs": {},
            "started": timezone.now(),
        }
    )
