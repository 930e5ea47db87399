"""Plans storms and launches them. Commands and admin call the same functions."""

import time
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django_q.conf import Conf

from accounts import strategies
from accounts.cluster.redis_queue import check_queue
from accounts.cluster.subprocesses import Cluster, running_worker_count
from accounts.errors import BankError
from accounts.models import Storm, opening
from accounts.storms.follow import NO_WORKER_S
from accounts.storms.lifecycle import start, written_whole
from accounts.storms.outage import POLL_S
from accounts.storms.written_plan import enter, write_plan

MAX_READINGS = 20_000_000


def plan_storm(**choices: Any) -> Storm:
    """A storm with these choices (field values of Storm), checked but not saved; BankError says what cannot be."""
    storm = Storm(**choices)
    try:
        storm.clean_fields(exclude=["bank", "queue", "state", "reason", "report"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        label = getattr(Storm._meta.get_field(name), "verbose_name", name)
        raise BankError(f"{label} cannot be {choices.get(name)!r}: {messages[0]}") from error
    strategies.load(storm.transfer_with, "transfer")
    strategies.load(storm.audit_with, "audit")
    _check_amounts(storm)
    _check_readings(storm)
    return storm


def _check_readings(storm: Storm) -> None:
    readings = storm.audit_count * storm.account_count
    if readings > MAX_READINGS:
        raise BankError(
            f"{storm.audit_count:,} audits of {storm.account_count:,} accounts would keep {readings:,} readings: "
            f"choose fewer audits or accounts, so that there are at most {MAX_READINGS:,}."
        )


def _check_amounts(storm: Storm) -> None:
    total = sum(opening.opening_balances(storm.account_count))
    if storm.max_amount > total:
        raise BankError(f"max amount cannot be {storm.max_amount:,}: all accounts together hold {total:,}.")


def check_connections(storm: Storm) -> None:
    """Refuse a storm whose threads would need more connections than the server has left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
            " - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
        (free,) = cursor.fetchone()
    # A worker has a connection of its own beside those of its threads and its auditor; its cluster has three more.
    per_worker = 1 if storm.thread_count == 1 and storm.worker_count > 1 else storm.thread_count + 2
    needed = storm.worker_count * per_worker + 3
    if needed > free:
        raise BankError(
            f"{storm.worker_count} workers with {storm.thread_count} threads need {needed} database connections, and "
            f"the server has {free} left: choose fewer workers or threads, or raise max_connections."
        )


def launch(storm: Storm, *, queue: str, transfers_per_job: int | None = None) -> None:
    """Write the planned storm, its bank and its jobs in one database transaction: all of it happens, or nothing.

    A job has as many transfers as its strategy says, unless `transfers_per_job` says otherwise.
    """
    with written_whole(storm):
        enter(storm, queue)
        write_plan(storm)
        start(storm, transfers_per_job=transfers_per_job)


def private_cluster(storm: Storm) -> Cluster:
    """The workers that a planned storm asks for, on a queue of their own; not started yet."""
    return Cluster(queue=f"private-{uuid.uuid4().hex[:12]}", worker_count=storm.worker_count)


def launch_on_running(storm: Storm) -> None:
    """Launch on the workers of `manage.py qcluster`, or refuse within NO_WORKER_S because there are none."""
    check_queue()
    deadline = time.monotonic() + NO_WORKER_S
    while not (worker_count := running_worker_count()):
        if time.monotonic() > deadline:
            raise BankError(
                f"No worker showed itself within {NO_WORKER_S} s: start some with `manage.py qcluster`, "
                "or leave out `--cluster running`."
            )
        time.sleep(POLL_S)
    storm.worker_count = worker_count
    launch(storm, queue=Conf.CLUSTER_NAME)
