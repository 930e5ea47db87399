"""Storms on real worker processes: nothing lost, strong strategies hold, weak ones are seen failing."""

import threading
from collections.abc import Callable
from contextlib import contextmanager

import psutil
import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ

from accounts.db.contention import Contention
from accounts.errors import BankError
from accounts.evidence import rows as archive
from accounts.models import Audit, Report, Storm, Transfer, erase_bank
from accounts.storms import active_workers, follow, jobs, lifecycle
from accounts.storms import launch as launching
from accounts.storms import report as reports
from accounts.storms.follow import follow as follow_storm
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import launch_on_running, plan_storm, private_cluster
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from tests.reports import a_report

pytestmark = pytest.mark.django_db(transaction=True)


def run(**choices) -> Report:
    storm = plan_storm(**{"transfer_count": 300, "audit_count": 40, **choices})
    with private_cluster(storm) as workers:
        launch_storm(storm, queue=workers.queue)
        for _progress in follow_storm(storm, workers):
            pass
    assert not worker_processes()
    return report_on(storm)


def worker_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return any("qcluster" in word for word in process.cmdline())
    except psutil.Error:  # it has ended
        return False


@pytest.mark.parametrize("audit_with", ["row_lock", "single_statement"])
def test_row_locked_storm_holds_on_four_workers(audit_with):
    report = run(transfer_with="row_lock", audit_with=audit_with)

    assert report.state == "finished"
    assert report.transfers == a_report(transfers={"planned": 300, "applied": 300}).transfers
    assert report.audits == a_report(audits={"planned": 40, "taken": 40}).audits
    assert (report.drift, report.lost_updates, report.accounts_off, report.deadlocks) == (0, 0, 0, 0)


def test_python_lock_holds_on_one_worker_with_threads():
    report = run(transfer_with="python_lock", audit_with="python_lock", worker_count=1, thread_count=4)

    assert (report.audits.taken, report.audits.torn, report.audits.wrong_total) == (40, 0, 0)
    assert (report.drift, report.lost_updates, report.accounts_off) == (0, 0, 0)


def test_storm_of_many_refusals_applies_or_refuses_every_transfer():
    report = run(transfer_with="row_lock", audit_with="row_lock", account_count=2, max_amount=15_000)

    transfers = report.transfers
    assert transfers.refused > 0
    assert transfers.applied + transfers.refused == 300
    assert report.accounts_off == 0


@pytest.mark.parametrize("transfer_with", ["no_transaction", "no_lock", "python_lock"])
def test_drift_of_a_weak_storm_is_its_lost_updates(transfer_with):
    report = run(transfer_with=transfer_with, audit_with="single_statement")

    storm = Storm.objects.get(pk=report.id)
    history = archive.read_history(storm.bank)
    assert report.transfers.applied == 300
    assert history.drift() == report.drift == -sum(lost.amount for lost in history.lost_updates())


def test_launch_is_all_or_nothing(monkeypatch):
    monkeypatch.setattr(lifecycle, "enqueue", lambda *_: (_ for _ in ()).throw(RuntimeError("the queue is broken")))

    with pytest.raises(RuntimeError):
        launch_storm(plan_storm(transfer_with="row_lock", audit_with="row_lock"), queue="nowhere")

    assert not Storm.objects.exists()
    assert not Transfer.objects.exists()


def test_same_seed_plans_the_same_transfers():
    plans = []
    for _ in range(2):
        storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=50, seed=7)
        launch_storm(storm, queue="nowhere")
        rows = storm.transfers.order_by("pk").values_list("source__number", "target__number", "amount")
        plans.append(list(rows))

    assert plans[0] == plans[1]


def test_stopped_storm_keeps_what_was_applied_and_leaves_the_rest_pending():
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=100)
    launch_storm(storm, queue="nowhere")
    first_job = list(storm.transfers.order_by("pk").values_list("pk", flat=True)[:50])
    jobs.run(storm.pk, first_job, [])

    assert end_storm(storm, Storm.State.STOPPED, "Interrupted from the keyboard.")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])

    report = report_on(storm)
    assert (report.state, report.transfers.applied, report.transfers.pending) == ("stopped", 50, 50)
    assert not OrmQ.objects.filter(key="nowhere").exists()


@pytest.mark.parametrize("audits", [[], list(range(20))])
def test_long_job_notices_that_its_storm_was_stopped(audits, monkeypatch):
    """With audits, both are in threads side by side; the auditor must not wait for transfers that will not come."""
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=100, worker_count=1)
    launch_storm(storm, queue="nowhere")
    do_it, done = jobs.transfer_once, []

    def stop_after_ten(strategy, orders):
        done.extend(orders)
        if len(done) == 10:
            end_storm(storm, Storm.State.STOPPED, "Enough.")
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "PULSE_S", 0)
    monkeypatch.setattr(jobs, "transfer_once", stop_after_ten)
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), audits)

    assert storm.transfers.filter(status="applied", ended_at__isnull=False).count() == 10
    assert storm.audits.count() < 20


def test_job_that_is_delivered_twice_does_its_work_once():
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=20, audit_count=5)
    launch_storm(storm, queue="nowhere")
    ids = list(storm.transfers.values_list("pk", flat=True))

    for _ in range(2):
        jobs.run(storm.pk, ids, list(range(5)))

    assert storm.transfers.filter(status="applied").count() == 20
    assert Audit.objects.filter(storm=storm).count() == 5
    assert report_on(storm).accounts_off == 0


def test_transfer_that_the_database_will_not_do_fails_with_its_reason():
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=3, audit_count=0)
    launch_storm(storm, queue="nowhere")
    storm.bank.accounts.update(balance=2**63 - 1)

    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])

    assert set(storm.transfers.values_list("status", flat=True)) == {"failed"}
    assert storm.transfers.first().reason.startswith("22003: ")


def test_error_when_no_worker_is_running(monkeypatch):
    monkeypatch.setattr(launching, "NO_WORKER_S", 0)

    with pytest.raises(BankError, match="No worker showed itself .* `manage.py qcluster`"):
        launch_on_running(plan_storm(transfer_with="row_lock", audit_with="row_lock"))

    assert not Storm.objects.exists()


def test_error_when_no_worker_takes_a_job(monkeypatch):
    monkeypatch.setattr(follow, "NO_WORKER_S", 0)
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock")
    launch_storm(storm, queue="nowhere")

    with pytest.raises(BankError, match="No worker took a job"):
        for _progress in follow_storm(storm):
            pass

    assert storm.state == Storm.State.FAILED


def test_storm_whose_database_refuses_is_marked_as_failed(monkeypatch):
    def full(_storm):
        raise OperationalError("could not extend file: No space left on device") from psycopg.errors.DiskFull()

    monkeypatch.setattr(follow, "progress_of", full)
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock")
    launch_storm(storm, queue="nowhere")

    with pytest.raises(OperationalError):
        next(follow_storm(storm))

    assert (storm.state, storm.reason) == (
        Storm.State.FAILED,
        "The database refused: 53100: could not extend file: No space left on device",
    )


# What is kept is final.


def launch(**choices) -> Storm:
    storm = plan_storm(
        **{"transfer_with": "row_lock", "audit_with": "row_lock", "transfer_count": 20, "audit_count": 4, **choices}
    )
    launch_storm(storm, queue="nowhere")
    return storm


def ids(storm: Storm) -> list[int]:
    return list(storm.transfers.order_by("pk").values_list("pk", flat=True))


def in_another_session(work: Callable[[], object]) -> None:
    raised = []

    def with_own_connection() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=with_own_connection, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "it does not end"
    assert not raised


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


def test_report_of_a_stopped_storm_is_not_kept_while_a_worker_finishes_what_it_has_begun(monkeypatch):
    storm, do_it, early = launch(), jobs.transfer_once, []

    def stop_and_ask_before_the_tenth(strategy, orders):
        if orders[0].pk == ids(storm)[9]:
            end_storm(storm, Storm.State.STOPPED, "Enough.")
            early.append((report_on(storm), Storm.objects.get(pk=storm.pk).report))
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "PULSE_S", 0)
    monkeypatch.setattr(jobs, "transfer_once", stop_and_ask_before_the_tenth)
    jobs.run(storm.pk, ids(storm), [])

    ((said, kept),) = early
    assert (said.is_final, said.transfers.applied, kept) == (False, 9, None)
    final = report_on(storm)
    assert (final.is_final, final.transfers.applied, final.accounts_off) == (True, 10, 0)
    assert Storm.objects.get(pk=storm.pk).report == final


def test_report_is_read_in_one_snapshot_while_workers_go_on(monkeypatch):
    storm, read = launch(), reports.read_history
    jobs.run(storm.pk, ids(storm)[:10], [])

    def read_while_others_go_on(bank):
        history = read(bank)
        in_another_session(lambda: jobs.run(storm.pk, ids(storm)[10:], []))
        return history

    monkeypatch.setattr(reports, "read_history", read_while_others_go_on)
    report = reports.judge(storm)

    assert storm.transfers.filter(status="applied").count() == 20
    assert (report.transfers.applied, report.accounts_off, report.drift) == (10, 0, 0)


def test_storm_is_judged_by_the_last_one_to_leave():
    storm = launch(worker_count=4)
    with somebody_at_work(storm):
        jobs.run(storm.pk, ids(storm), [])
        jobs.run(storm.pk, [], list(range(4)))
        assert storm.is_still_running()

    jobs.run(storm.pk, [], [])

    storm.refresh_from_db()
    assert (storm.state, storm.report.is_final) == (Storm.State.FINISHED, True)


def test_job_that_its_storm_s_end_overtakes_does_nothing(monkeypatch):
    """It was still running when the job looked; it was stopped, and reported on, before the job was seen at work."""
    storm = launch(worker_count=1, thread_count=2)

    @contextmanager
    def at_work_too_late(storm_id):
        end_storm(storm, Storm.State.STOPPED, "Enough.")
        with active_workers.at_work(storm_id):
            yield

    monkeypatch.setattr(jobs, "at_work", at_work_too_late)
    in_another_session(lambda: jobs.run(storm.pk, ids(storm), [0, 1, 2, 3]))

    assert (storm.transfers.exclude(status="pending").count(), storm.audits.count()) == (0, 0)


def test_connection_that_was_lost_is_at_work_no_more():
    storm = launch()

    with pytest.raises(OperationalError), active_workers.at_work(storm.pk), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert active_workers.count_at_work(storm.pk) == 0


# Jobs that break off.


def lose_connection(*_anything) -> None:
    raise OperationalError("server closed the connection unexpectedly")


def run_and_lose(storm: Storm) -> None:
    with pytest.raises(OperationalError):
        jobs.run(storm.pk, ids(storm), [0, 1, 2, 3])


@pytest.mark.parametrize("what", ["transfer_once", "at_work"])
@pytest.mark.parametrize("threads", [1, 3])
def test_job_that_loses_its_connections_does_not_wait_with_its_audits(what, threads, monkeypatch):
    storm = launch(worker_count=1, thread_count=threads)
    in_transfers_only = {"transfer_once": lose_connection, "at_work": _lost_by_transfers}
    monkeypatch.setattr(jobs, what, in_transfers_only[what])

    in_another_session(lambda: run_and_lose(storm))

    monkeypatch.undo()
    in_another_session(lambda: jobs.run(storm.pk, ids(storm), [0, 1, 2, 3]))
    assert report_on(storm).transfers.applied == 20


def _lost_by_transfers(storm_id: int):
    if threading.current_thread().name.endswith("_0"):  # the first thread is one of transfers
        lose_connection()
    return active_workers.at_work(storm_id)


def test_one_thread_that_loses_its_connection_leaves_the_others_and_the_audits_at_work(monkeypatch):
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
    jobs.run(storm.pk, ids(storm)[:1], [])

    first = storm.transfers.get(pk=ids(storm)[0])
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


# Ending.


def test_ending_a_storm_that_has_ended_leaves_the_next_one_on_its_queue_alone():
    first, second = launch(), launch()
    Storm.objects.filter(pk=first.pk).update(state=Storm.State.FINISHED, report=a_report())
    count = OrmQ.objects.filter(key="nowhere").count()

    assert not end_storm(first, Storm.State.STOPPED, "Too late.")

    assert OrmQ.objects.filter(key="nowhere").count() == count
    assert second.is_still_running()
