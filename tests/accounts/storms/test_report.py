"""A storm's report: read in one snapshot, and kept once it is final."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection

from accounts.evidence import History, rows
from accounts.models import Bank, Storm
from accounts.storms import active_workers, jobs
from accounts.storms import report as reports
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from tests.support.sessions import in_another_session
from tests.support.storms import launched_storm, transfer_pks

PATIENCE_S = 60

pytestmark = pytest.mark.django_db(transaction=True)


launch = partial(launched_storm, audit_with="row_lock", transfer_count=20, audit_count=4)


@contextmanager
def somebody_at_work(storm: Storm):
    """Another session is at work on the storm, until the block ends."""
    here, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with active_workers.at_work(storm.pk):
            here.set()
            leave.wait(30)
        connection.close()

    thread = threading.Thread(target=stay)
    thread.start()
    assert here.wait(30)
    try:
        yield
    finally:
        leave.set()
        thread.join(30)


def test_report_is_not_kept_while_a_worker_still_finishes(monkeypatch):
    storm, do_it, early = launch(), jobs.transfer_once, []

    def stop_and_ask_before_the_tenth(strategy, orders):
        if orders[0].pk == transfer_pks(storm)[9]:
            end_storm(storm, Storm.State.STOPPED, "Enough.")
            early.append((report_on(storm), Storm.objects.get(pk=storm.pk).report))
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "PULSE_S", 0)
    monkeypatch.setattr(jobs, "transfer_once", stop_and_ask_before_the_tenth)
    jobs.run(storm.pk, transfer_pks(storm), [])

    ((said, kept),) = early
    assert (said.is_final, said.transfers.applied, kept) == (False, 9, None)
    final = report_on(storm)
    assert (final.is_final, final.transfers.applied, final.accounts_off) == (True, 10, 0)
    assert Storm.objects.get(pk=storm.pk).report == final


def test_report_is_read_in_one_snapshot_while_workers_go_on(monkeypatch):
    storm, read = launch(), reports.read_history
    jobs.run(storm.pk, transfer_pks(storm)[:10], [])

    def read_while_others_go_on(bank):
        history = read(bank)
        in_another_session(lambda: jobs.run(storm.pk, transfer_pks(storm)[10:], []))
        return history

    monkeypatch.setattr(reports, "read_history", read_while_others_go_on)
    report = reports.judge(storm)

    assert storm.transfers.filter(status="applied").count() == 20
    assert (report.transfers.applied, report.accounts_off, report.drift) == (10, 0, 0)


def test_storm_is_judged_by_the_last_one_to_leave():
    storm = launch(worker_count=4)
    with somebody_at_work(storm):
        jobs.run(storm.pk, transfer_pks(storm), [])
        jobs.run(storm.pk, [], list(range(4)))
        assert storm.is_still_running()

    jobs.run(storm.pk, [], [])

    storm.refresh_from_db()
    assert (storm.state, storm.report.is_final) == (Storm.State.FINISHED, True)


def work_in_another_session(*job) -> None:
    """Do a job as another worker would, on a connection of its own, and return when it is done."""

    def work() -> None:
        try:
            jobs.run(*job)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(PATIENCE_S)


def test_report_counts_nothing_that_came_after_its_history_was_read(monkeypatch):
    storm = launched_storm(audit_with="no_lock", transfer_count=2, audit_count=2)
    first, second = storm.transfers.order_by("pk")
    jobs.run(storm.pk, [first.pk], [])

    def read_history(bank: Bank) -> History:
        history = rows.read_history(bank)
        work_in_another_session(storm.pk, [second.pk], [])
        work_in_another_session(storm.pk, [], [0])
        return history

    monkeypatch.setattr(reports, "read_history", read_history)

    report = reports.judge(storm)

    second.refresh_from_db()
    assert (second.status, storm.audits.count()) == ("applied", 1)
    assert (report.transfers.applied, report.transfers.pending) == (1, 1)
    assert report.audits.taken == 0
