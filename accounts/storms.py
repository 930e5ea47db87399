"""Plan a storm, launch it, follow it, stop it. Commands and admin call the same functions."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django_q.conf import Conf

from accounts import jobs, planning, reports, strategies
from accounts.endings import end as end
from accounts.errors import BankError
from accounts.following import NO_WORKER_S, POLL_S
from accounts.following import follow as follow
from accounts.following import progress as progress
from accounts.models import Account, Bank, Storm, Transfer
from accounts.queueing import enqueue
from accounts.workers import Cluster, check_queue, running_worker_count

MOST_READINGS = 20_000_000


def plan(**choices: Any) -> Storm:
    """A storm with these choices (field values of Storm), checked but not saved; BankError says what cannot be."""
    storm = Storm(**choices)
    try:
        storm.clean_fields(exclude=["bank", "queue", "state", "reason", "report"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BankError(
            f"{Storm._meta.get_field(name).verbose_name} cannot be {choices.get(name)!r}: {messages[0]}"
        ) from error
    strategies.load(storm.transfer_with, "transfer")
    strategies.load(storm.audit_with, "audit")
    _check_amounts(storm)
    _check_readings(storm)
    return storm


def _check_readings(storm: Storm) -> None:
    readings = storm.audit_count * storm.account_count
    if readings > MOST_READINGS:
        raise BankError(
            f"{storm.audit_count:,} audits of {storm.account_count:,} accounts would keep {readings:,} readings: "
            f"choose fewer audits or accounts, so that there are at most {MOST_READINGS:,}."
        )


def _check_amounts(storm: Storm) -> None:
    total = sum(planning.opening_balances(storm.account_count))
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
    each = 1 if storm.thread_count == 1 and storm.worker_count > 1 else storm.thread_count + 2
    needed = storm.worker_count * each + 3
    if needed > free:
        raise BankError(
            f"{storm.worker_count} workers with {storm.thread_count} threads need {needed} database connections, and "
            f"the server has {free} left: choose fewer workers or threads, or raise max_connections."
        )


def launch(storm: Storm, *, queue: str) -> None:
    """Write the planned storm, its bank and its jobs in one database transaction: all of it happens, or nothing."""
    launch_in_a_row([storm], queue=queue)


def launch_in_a_row(planned: list[Storm], *, queue: str, by_hand: bool = False) -> None:
    """Write several storms in one database transaction, each planned to run after the one before; start the first.

    The others start by themselves, each at the end of the one before; or, `by_hand`, with start_next().
    """
    with transaction.atomic():
        for before, storm in zip([None, *planned], planned, strict=False):
            storm.after, storm.by_hand = before, by_hand and before is not None
            _write(storm, queue)
        _start(planned[0])


def _write(storm: Storm, queue: str) -> None:
    storm.bank = _open_bank(storm)
    storm.queue = queue
    storm.save()
    storm.bank.name = f"Bank of storm {storm.pk}"
    storm.bank.save(update_fields=["name"])
    _write_plan(storm)


def _open_bank(storm: Storm) -> Bank:
    balances = planning.opening_balances(storm.account_count)
    bank = Bank.objects.create(name="Bank", opening_total=sum(balances))
    accounts = (
        Account(bank=bank, number=number, opening_balance=balance, balance=balance)
        for number, balance in enumerate(balances, start=1)
    )
    Account.objects.bulk_create(accounts, batch_size=5000)
    return bank


def _write_plan(storm: Storm) -> None:
    """Save the plan as pending transfers; their primary keys are in the order of the plan."""
    pks = storm.bank.account_pks
    orders = planning.plan_orders(
        seed=storm.seed,
        account_count=storm.account_count,
        transfer_count=storm.transfer_count,
        max_amount=storm.max_amount,
    )
    transfers = (
        Transfer(
            bank_id=storm.bank_id,
            storm_id=storm.pk,
            source_id=pks[order.source - 1],
            target_id=pks[order.target - 1],
            amount=order.amount,
        )
        for order in orders
    )
    Transfer.objects.bulk_create(transfers, batch_size=5000)


def run_job(storm_id: int, transfer_ids: list[int], audit_numbers: list[int]) -> str:
    """What a worker runs: one job of a storm and, if that storm is now finished, the start of the one after it."""
    said = jobs.run(storm_id, transfer_ids, audit_numbers)
    following = Storm.objects.filter(after=storm_id, state=Storm.State.PLANNED, by_hand=False).first()
    if following and Storm.objects.filter(pk=storm_id, state=Storm.State.FINISHED).exists():
        _start(following)
    return said


def start_next(storm: Storm) -> Storm:
    """Start the storm of this one's row that is to be started by hand now. Raises BankError if there is none."""
    following = next_by_hand(Storm.objects.filter(pk__in=storm.row).order_by("pk"))
    if following is None:
        raise BankError(f"Nothing can be started after {storm} now: the one before runs still, or the last has ended.")
    _start(following)
    return following


def next_by_hand(row: Iterable[Storm]) -> Storm | None:
    """Of storms in a row, the one that waits for somebody to start it: the one before it has finished."""
    before = None
    for storm in row:
        if storm.by_hand and storm.state == Storm.State.PLANNED and before == Storm.State.FINISHED:
            return storm
        before = storm.state
    return None


def _start(storm: Storm) -> bool:
    """Start a storm that was written; False if another worker got there first, or it was stopped meanwhile."""
    with transaction.atomic():
        planned = Storm.objects.filter(pk=storm.pk, state=Storm.State.PLANNED)
        now = timezone.now()
        if not planned.update(state=Storm.State.RUNNING, started_at=now):
            return False
        storm.state, storm.started_at = Storm.State.RUNNING, now
        ids = list(storm.transfers.order_by("pk").values_list("pk", flat=True))
        enqueue(storm, ids, list(range(storm.audit_count)))
    return True


def private_cluster(storm: Storm) -> Cluster:
    """The workers that a planned storm asks for, on a queue that nobody else works on; not started yet."""
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


def report(storm: Storm) -> reports.Report:
    """The storm's report: the one that was kept at its end, else one of how far it came.

    That one is kept as soon as it is final: the storm has ended, and nobody is at work on it any more.
    """
    storm.refresh_from_db(fields=["state", "reason", "report"])
    if storm.report is None:
        made = reports.judge(storm)
        if not made["is_final"]:
            return made
        _keep(storm, made)
    elif storm.report.get("faults") != (faults := reports.count_faults(storm)):  # the last ones came after its end
        _keep(storm, storm.report | {"faults": faults})
    return storm.report


def _keep(storm: Storm, made: reports.Report) -> None:
    storm.report = made
    storm.save(update_fields=["report"])
