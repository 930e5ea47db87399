"""What a django-q2 worker runs: one job of a storm, which may be delivered twice.

A job is a few transfers, or a few audits. Where a storm has one worker, a job is both, side by side in threads.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import ModuleType

from django.db import IntegrityError, connection
from django.utils import timezone

from accounts import strategies
from accounts.db import contention
from accounts.db.application_name import name_thread
from accounts.db.contention import Contention
from accounts.db.sqlstates import describe, is_lost_connection
from accounts.models import AlreadyEnded, Audit, Bank, Storm, Transfer
from accounts.storms import live_judging, report
from accounts.storms.active_workers import at_work
from accounts.storms.work_queue import Work

PULSE_S = 1.0


def run(storm_id: int, transfer_ids: list[int], audit_numbers: list[int]) -> str:
    """Do these transfers (primary keys) and audits (numbers), if they have not ended; return a line for the log.

    1. If the storm was deleted or does not run, nothing is done.
    2. What another delivery of this job has ended is left out. What it does at the same time ends once all the same:
       Transfer.end() and the constraint on an audit's number see to that.
    3. The rest is done.
    4. If that was the last of the storm, the storm is judged and ends.

    Raises what a lost connection raises: the queue then delivers the job again.
    """
    storm = Storm.objects.select_related("bank").filter(pk=storm_id).first()
    if storm is None:
        return f"storm {storm_id} was deleted: nothing done"
    if storm.state != Storm.State.RUNNING:
        return f"{storm} is {storm.state}: nothing done"
    orders = _pending(storm, transfer_ids)
    taken_numbers = set(storm.audits.filter(number__in=audit_numbers).values_list("number", flat=True))
    numbers = [number for number in audit_numbers if number not in taken_numbers]
    _side_by_side(storm, orders, numbers)
    report.finish_if_complete(storm)
    return f"{storm}: {len(orders)} transfers, {len(numbers)} audits"


def _pending(storm: Storm, pks: list[int]) -> list[Transfer]:
    """Those of the storm's transfers (by primary key) that are still to be done, in order.

    A job's transfers stand side by side in the plan, so a range finds them. (`pk__in` would be built key by key.)
    """
    if not pks:
        return []
    wanted = set(pks)
    in_range = storm.transfers.filter(pk__range=(min(pks), max(pks)), status=Transfer.Status.PENDING)
    return [order for order in in_range.order_by("pk") if order.pk in wanted]


def _side_by_side(storm: Storm, orders: list[Transfer], numbers: list[int]) -> None:
    """Do the transfers in as many threads as the storm says, and the audits in one more.

    A single activity runs in the worker's main thread, on a connection that outlives the job.
    """
    if numbers:
        storm.bank.load_account_pks()
    threads = min(storm.thread_count, len(orders))
    work = Work(orders, threads)
    activities: dict[str, Callable[[], None]] = {
        f"thread_{number}": lambda: _transfer_all(storm, work) for number in range(threads)
    }
    if numbers:
        activities["audits"] = lambda: _audit_all(storm, numbers, work)
    if len(activities) == 1:
        (activity,) = activities.values()
        activity()
    elif activities:
        _run_in_threads(activities)


def _run_in_threads(activities: dict[str, Callable[[], None]]) -> None:
    """Run each activity in a thread of that name. Its connection and the rows that it writes carry the name too."""

    def with_own_connection(name: str, activity: Callable[[], None]) -> None:
        threading.current_thread().name = name
        name_thread(name)
        try:
            activity()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(activities)) as pool:
        for result in [pool.submit(with_own_connection, *activity) for activity in activities.items()]:
            result.result()


def _transfer_all(storm: Storm, work: Work) -> None:
    """Do the job's transfers, registered as a worker of the storm; nothing if the storm has ended.

    The storm's state is read after the worker is registered. So once the storm has ended, and no worker is registered,
    its rows no longer change.
    """
    try:
        with at_work(storm.pk):
            if storm.is_still_running():
                _transfer_each(storm, work)
    finally:
        work.leave()


def _transfer_each(storm: Storm, work: Work) -> None:
    """Take as many transfers as the strategy does at once, and do them, until none is left or the storm was stopped."""
    strategy = strategies.load(storm.transfer_with, "transfer")
    ends, pulse = [], Pulse()
    while orders := work.take(getattr(strategy, "BATCH_SIZE", 1)):
        went_through = transfer_once(strategy, orders)
        work.note_ended(len(orders))
        ended_at = timezone.now()
        ends += [(order.pk, ended_at, contention) for order, contention in went_through]
        if pulse.is_due():
            pulse.restart()
            Transfer.note_ends(ends)
            ends = []
            if not storm.is_still_running():
                work.drop_the_rest()
    Transfer.note_ends(ends)


class Pulse:
    """Every PULSE_S seconds it is time to save what was done, and to ask whether the storm was stopped.

    To do that after each operation would take longer than the operations themselves.
    """

    def __init__(self) -> None:
        self.restart()

    def is_due(self) -> bool:
        return time.monotonic() >= self._due_s

    def restart(self) -> None:
        self._due_s = time.monotonic() + PULSE_S


def transfer_once(strategy: ModuleType, orders: list[Transfer]) -> list[tuple[Transfer, Contention]]:
    """Let a strategy do one transfer, or one batch of them; return each with the contention that it met.

    1. The strategy is called. Most strategies do one transfer at a time; one with `transfer_many` takes a batch.
    2. If another worker ended the transfer first (the job was delivered twice), the answer is empty: the contention
       that we met is not that of the transfer that was applied.
    3. If the connection was lost, that is raised: the job will be delivered again.
    4. After any other error the transfers have failed, with its sentence as their reason.
    """
    worker, started_at = worker_name(), timezone.now()
    for order in orders:
        order.worker, order.started_at = worker, started_at
    try:
        if hasattr(strategy, "transfer_many"):
            strategy.transfer_many(orders)
        else:
            strategy.transfer(*orders)
    except AlreadyEnded:
        contention.take()
        return []
    except Exception as error:
        if is_lost_connection(error):
            raise
        contention.count_refusal(error)
        for order in orders:
            with suppress(AlreadyEnded):
                order.end(Transfer.Status.FAILED, reason=describe(error))
    return list(zip(orders, _shares(contention.take(), len(orders)), strict=True))


def _shares(together: Contention, count: int) -> list[Contention]:
    """What each of so many transfers met that were done together.

    They waited together, so each of them waited so long: percentiles are taken of these times. A deadlock or a retry
    happened once, to all of them; so that sums are right, it is counted with the first.
    """
    return [together, *(Contention(waited_us=together.waited_us) for _ in range(count - 1))]


def _audit_all(storm: Storm, numbers: list[int], work: Work) -> None:
    with at_work(storm.pk):
        if storm.is_still_running():
            _audit_each(storm, numbers, work)


def _audit_each(storm: Storm, numbers: list[int], work: Work) -> None:
    """Take the audits, spread evenly over the job's transfers; if the transfers stop early, the audits stop too."""
    audit = strategies.load(storm.audit_with, "audit").audit
    audits, pulse = [], Pulse()
    for place, number in enumerate(numbers):
        if not work.wait_until_ended(place / len(numbers)):
            break
        audits.append(audit_once(audit, storm, number))
        if pulse.is_due():
            pulse.restart()
            _keep(storm, audits)
            audits = []
            if not storm.is_still_running():
                break
    _keep(storm, audits)


def _keep(storm: Storm, audits: list[Audit]) -> None:
    """Save audits, and have them judged if it is time for that."""
    try:
        Audit.objects.bulk_create(audits, ignore_conflicts=True)
    except IntegrityError:
        if Storm.objects.filter(pk=storm.pk).exists():
            raise
        return  # the storm was deleted meanwhile, with its bank
    live_judging.judge_now_and_then(storm)


def audit_once(audit: Callable[[Bank], list[tuple[int, int, int | None]] | int], storm: Storm, number: int) -> Audit:
    """Let a strategy take one audit; return it, not saved.

    If the connection was lost, that is raised. After any other error, the audit has failed, with its sentence.
    """
    row = Audit(
        bank_id=storm.bank_id,
        storm=storm,
        number=number,
        expected_total=storm.bank.opening_total,
        worker=worker_name(),
        started_at=timezone.now(),
        status=Audit.Status.TAKEN,
    )
    try:
        row.note_reading(audit(storm.bank))
    except Exception as error:
        if is_lost_connection(error):
            raise
        contention.count_refusal(error)
        row.status, row.reason = Audit.Status.FAILED, describe(error)
    row.ended_at = timezone.now()
    row.note_contention(contention.take())
    return row


def worker_name() -> str:
    """Which host, process and thread this is: "host:1234", or "host:1234:thread_0"."""
    thread = threading.current_thread()
    own = "" if thread is threading.main_thread() else f":{thread.name}"
    return f"{socket.gethostname()}:{os.getpid()}{own}"
