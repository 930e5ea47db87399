"""What a django-q2 worker runs: plain values in, facts out. May be delivered twice, and does not care.

One job is a few transfers, a few audits, or, where one worker must do it all, both side by side in threads.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
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
from accounts.models import AlreadyEnded, Audit, Storm, Transfer
from accounts.storms import live_judging, report
from accounts.storms.active_workers import at_work
from accounts.storms.work_queue import Work

PULSE_S = 1.0


def run(storm_id: int, transfer_ids: list[int], audit_numbers: list[int]) -> str:
    """Do what is still to be done of these transfers and audits; return a line for the log."""
    storm = Storm.objects.select_related("bank").filter(pk=storm_id).first()
    if storm is None:
        return f"storm {storm_id} was deleted: nothing done"
    if storm.state != Storm.State.RUNNING:
        return f"{storm} is {storm.state}: nothing done"
    orders = list(storm.transfers.filter(pk__in=transfer_ids, status=Transfer.Status.PENDING).order_by("pk"))
    taken = set(storm.audits.filter(number__in=audit_numbers).values_list("number", flat=True))
    numbers = [number for number in audit_numbers if number not in taken]
    _side_by_side(storm, orders, numbers)
    report.finish_if_complete(storm)
    return f"{storm}: {len(orders)} transfers, {len(numbers)} audits"


def _side_by_side(storm: Storm, orders: list[Transfer], numbers: list[int]) -> None:
    """Transfers in as many threads as the storm says, audits in one more: beside them, never in step with them."""
    storm.bank.account_pks  # noqa: B018 (read once, before the threads share it)
    threads = min(storm.thread_count, len(orders))
    work = Work(orders, threads)
    activities: dict[str, Callable[[], None]] = {
        f"thread_{number}": lambda: _transfer_all(storm, work) for number in range(threads)
    }
    if numbers:
        activities["audits"] = lambda: _audit_all(storm, numbers, work)
    if len(activities) == 1:
        (activity,) = activities.values()
        activity()  # on the worker's own connection, which outlives the job
    elif activities:
        _run_in_threads(activities)


def _run_in_threads(activities: dict[str, Callable[[], None]]) -> None:
    """Each in a thread of its own, which is called what it is called here, and so are its connection and its rows."""

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
    try:
        with at_work(storm.pk):
            # Asked only now: who has seen the storm's end and nobody at work may rely on that nothing happens any more.
            if storm.is_still_running():
                _transfer_each(storm, work)
    finally:
        work.leave()


def _transfer_each(storm: Storm, work: Work) -> None:
    """Until none is waiting: take as many as the strategy does at once, do them, note their end."""
    strategy = strategies.load(storm.transfer_with, "transfer")
    ends, pulse = [], Pulse()
    while orders := work.take(getattr(strategy, "BATCH_SIZE", 1)):
        went_through = transfer_once(strategy, orders)
        work.step(len(orders))
        ended_at = timezone.now()
        ends += [(order.pk, ended_at, contention) for order, contention in zip(orders, went_through, strict=False)]
        if pulse.is_due():
            Transfer.note_ends(ends)
            ends = []
            if not storm.is_still_running():
                work.drop_the_rest()
    Transfer.note_ends(ends)


class Pulse:
    """Says once in a second that it is time to save what was done, and to look whether the storm was stopped.

    (A row for each operation, as it ends, would make the operations slower than what they are about.)
    """

    def __init__(self) -> None:
        self._due_s = time.monotonic() + PULSE_S

    def is_due(self) -> bool:
        if time.monotonic() < self._due_s:
            return False
        self._due_s = time.monotonic() + PULSE_S
        return True


def transfer_once(strategy: ModuleType, orders: list[Transfer]) -> list[Contention]:
    """Let a strategy do one transfer (or one batch); return what each went through. What it cannot do has failed.

    Returns nothing if another worker ended it first: what we went through is then not what its transfer did. A lost
    connection is no fault of the transfers': it is raised, and the job is delivered again.
    """
    worker, started_at = worker_name(), timezone.now()
    for order in orders:
        order.worker, order.started_at = worker, started_at
    try:
        if hasattr(strategy, "transfer_many"):
            strategy.transfer_many(orders)
        else:
            strategy.transfer(*orders)
    except AlreadyEnded:  # this job was delivered twice, and the other worker got there first
        contention.take()
        return []
    except Exception as error:
        if is_lost_connection(error):
            raise
        contention.count_refusal(error)
        for order in orders:
            with suppress(AlreadyEnded):
                order.end(Transfer.Status.FAILED, reason=describe(error))
    together = contention.take()
    return [together, *(Contention(waited_us=together.waited_us) for _ in orders[1:])]


def _audit_all(storm: Storm, numbers: list[int], work: Work) -> None:
    with at_work(storm.pk):
        if storm.is_still_running():
            _audit_each(storm, numbers, work)


def _audit_each(storm: Storm, numbers: list[int], work: Work) -> None:
    """Spread over the job's transfers. Where those break off, so do the audits: the job will be delivered again."""
    audit = strategies.load(storm.audit_with, "audit").audit
    audits, pulse = [], Pulse()
    for place, number in enumerate(numbers):
        if not work.wait_for(place / len(numbers)):
            break
        audits.append(audit_once(audit, storm, number))
        if pulse.is_due():
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
        return  # the storm was deleted meanwhile, with its bank: they are nobody's audits
    live_judging.judge_now_and_then(storm)


def audit_once(audit: Callable[..., Iterable], storm: Storm, number: int) -> Audit:
    """Let a strategy take one audit, and return it, not saved."""
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
        row.keep(audit(storm.bank))
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
