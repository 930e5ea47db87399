"""Jobs of transfers and audits: done once, however often they are delivered and wherever they break off."""

import threading
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.db.contention import Contention
from accounts.models import Audit, Storm, Transfer, erase_bank
from accounts.storms import active_workers, jobs
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from tests.support.sessions import in_another_session
from tests.support.storms import launched_storm, transfer_pks

pytestmark = pytest.mark.django_db(transaction=True)


launch = partial(launched_storm, audit_with="row_lock", transfer_count=20, audit_count=4)


@pytest.mark.parametrize("audits", [[], list(range(20))])
def test_long_job_notices_that_its_storm_was_stopped(audits, monkeypatch):
    """With audits, both are in threads side by side; the auditor must not wait for transfers that will not come."""
    storm = launch(transfer_count=100, worker_count=1)
    do_it, done = jobs.transfer_once, []

    def stop_after_ten(strategy, orders):
        done.extend(orders)
        if len(done) == 10:
            end_storm(storm, Storm.State.STOPPED, "Enough.")
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "PULSE_S", 0)
    monkeypatch.setattr(jobs, "transfer_once", stop_after_ten)
    jobs.run(storm.pk, transfer_pks(storm), audits)

    assert storm.transfers.filter(status="applied", ended_at__isnull=False).count() == 10
    assert storm.audits.count() < 20


def test_job_that_is_delivered_twice_does_its_work_once():
    storm = launch(transfer_count=20, audit_count=5)

    for _ in range(2):
        jobs.run(storm.pk, transfer_pks(storm), list(range(5)))

    assert storm.transfers.filter(status="applied").count() == 20
    assert Audit.objects.filter(storm=storm).count() == 5
    assert report_on(storm).accounts_off == 0


def test_transfer_that_the_database_will_not_do_fails_with_its_reason():
    storm = launch(transfer_count=3, audit_count=0)
    storm.bank.accounts.update(balance=2**63 - 1)

    jobs.run(storm.pk, transfer_pks(storm), [])

    assert set(storm.transfers.values_list("status", flat=True)) == {"failed"}
    assert storm.transfers.first().reason.startswith("22003: ")


def test_job_does_nothing_when_its_storm_ends_first(monkeypatch):
    """It was still running when the job looked; it was stopped, and reported on, before the job was seen at work."""
    storm = launch(worker_count=1, thread_count=2)

    @contextmanager
    def at_work_too_late(storm_id):
        end_storm(storm, Storm.State.STOPPED, "Enough.")
        with active_workers.at_work(storm_id):
            yield

    monkeypatch.setattr(jobs, "at_work", at_work_too_late)
    in_another_session(lambda: jobs.run(storm.pk, transfer_pks(storm), [0, 1, 2, 3]))

    assert (storm.transfers.exclude(status="pending").count(), storm.audits.count()) == (0, 0)


# Jobs that break off.


def lose_connection(*_anything) -> None:
    raise OperationalError("server closed the connection unexpectedly")


def run_and_lose(storm: Storm) -> None:
    with pytest.raises(OperationalError):
        jobs.run(storm.pk, transfer_pks(storm), [0, 1, 2, 3])


@pytest.mark.parametrize("what", ["transfer_once", "at_work"])
@pytest.mark.parametrize("threads", [1, 3])
def test_job_that_loses_its_connections_does_not_wait_with_its_audits(what, threads, monkeypatch):
    storm = launch(worker_count=1, thread_count=threads)
    in_transfers_only = {"transfer_once": lose_connection, "at_work": _lost_by_transfers}
    monkeypatch.setattr(jobs, what, in_transfers_only[what])

    in_another_session(lambda: run_and_lose(storm))

    monkeypatch.undo()
    in_another_session(lambda: jobs.run(storm.pk, transfer_pks(storm), [0, 1, 2, 3]))
    assert report_on(storm).transfers.applied == 20


def _lost_by_transfers(storm_id: int):
    if threading.current_thread().name.endswith("_0"):  # the first thread is one of transfers
        lose_connection()
    return active_workers.at_work(storm_id)


def test_lost_connection_ends_the_work_of_its_own_thread_only(monkeypatch):
    storm, do_it, lost = launch(worker_count=1, thread_count=2), jobs.transfer_once, []

    def lose_once(strategy, orders):
        if not lost:
            lost.append(orders[0].pk)
            lose_connection()
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "transfer_once", lose_once)
    in_another_session(lambda: run_and_lose(storm))

    assert list(storm.transfers.filter(status="pending").values_list("pk", flat=True)) == lost


def test_other_worker_that_was_faster_keeps_its_own_times_and_waits(monkeypatch):
    storm, do_it = launch(), jobs.transfer_once
    long_ago = timezone.now().replace(year=2020)

    def after_another(strategy, orders):
        strategy.transfer(Transfer.objects.get(pk=orders[0].pk))
        Transfer.note_ends([(orders[0].pk, long_ago, Contention(waited_us=7))])
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "transfer_once", after_another)
    jobs.run(storm.pk, transfer_pks(storm)[:1], [])

    first = storm.transfers.get(pk=transfer_pks(storm)[0])
    assert (first.status, first.ended_at, first.waited_us) == ("applied", long_ago, 7)


def test_job_whose_storm_is_deleted_meanwhile_ends_quietly(monkeypatch):
    storm, take = launch(), jobs.audit_once

    def take_and_delete(*arguments):
        audit = take(*arguments)
        erase_bank(storm.bank_id)
        return audit

    monkeypatch.setattr(jobs, "audit_once", take_and_delete)
    jobs.run(storm.pk, [], [0])

    assert not Audit.objects.exists()


def test_rows_are_signed_by_the_thread_that_wrote_them():
    storm = launch(worker_count=1, thread_count=2)

    in_another_session(lambda: jobs.run(storm.pk, transfer_pks(storm), [0, 1, 2, 3]))

    def threads(rows) -> set[str]:
        return {worker.rpartition(":")[2] for worker in rows.values_list("worker", flat=True)}

    assert threads(storm.transfers) <= {"thread_0", "thread_1"}
    assert threads(storm.audits) == {"audits"}
