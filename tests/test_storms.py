"""Storms on real worker processes: nothing lost, strong strategies hold, weak ones are seen failing."""

import psutil
import psycopg
import pytest
from django.db import OperationalError
from django_q.models import OrmQ

from accounts import archive, jobs, storms
from accounts.errors import BankError
from accounts.models import Audit, Storm, Transfer

pytestmark = pytest.mark.django_db(transaction=True)


def run(**choices) -> dict:
    storm = storms.plan(**{"transfer_count": 300, "audit_count": 40, **choices})
    with storms.private_cluster(storm) as workers:
        storms.launch(storm, queue=workers.queue)
        for _progress in storms.follow(storm, workers):
            pass
    assert not worker_processes()
    return storms.report(storm)


def worker_processes() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if any("qcluster" in word for word in child.cmdline())
    ]


@pytest.mark.parametrize("audit_with", ["row_lock", "single_statement"])
def test_row_locked_storm_holds_on_four_workers(audit_with):
    report = run(transfer_with="row_lock", audit_with=audit_with)

    assert report["state"] == "finished"
    assert report["transfers"] == {
        **{"planned": 300, "applied": 300, "refused": 0, "failed": 0, "pending": 0, "applied_twice": 0},
    }
    assert report["audits"] == {
        **{"planned": 40, "taken": 40, "torn": 0, "torn_unknown": 0, "wrong_total": 0, "unexplained": 0, "failed": 0},
    }
    assert (report["drift"], report["lost_updates"], report["accounts_off"], report["deadlocks"]) == (0, 0, 0, 0)


def test_python_lock_holds_on_one_worker_with_threads():
    report = run(transfer_with="python_lock", audit_with="python_lock", worker_count=1, thread_count=4)

    assert (report["audits"]["taken"], report["audits"]["torn"], report["audits"]["wrong_total"]) == (40, 0, 0)
    assert (report["drift"], report["lost_updates"], report["accounts_off"]) == (0, 0, 0)


def test_storm_of_many_refusals_applies_or_refuses_every_transfer():
    report = run(transfer_with="row_lock", audit_with="row_lock", account_count=2, max_amount=15_000)

    transfers = report["transfers"]
    assert transfers["refused"] > 0
    assert transfers["applied"] + transfers["refused"] == 300
    assert report["accounts_off"] == 0


@pytest.mark.parametrize("transfer_with", ["no_transaction", "no_lock", "python_lock"])
def test_drift_of_a_weak_storm_is_its_lost_updates(transfer_with):
    report = run(transfer_with=transfer_with, audit_with="single_statement")

    storm = Storm.objects.get(pk=report["id"])
    history = archive.read_history(storm.bank)
    assert report["transfers"]["applied"] == 300
    assert history.drift() == report["drift"] == -sum(lost.amount for lost in history.lost_updates())


def test_launch_is_all_or_nothing(monkeypatch):
    monkeypatch.setattr(storms, "enqueue", lambda *_: (_ for _ in ()).throw(RuntimeError("the queue is broken")))

    with pytest.raises(RuntimeError):
        storms.launch(storms.plan(transfer_with="row_lock", audit_with="row_lock"), queue="nowhere")

    assert not Storm.objects.exists()
    assert not Transfer.objects.exists()


def test_same_seed_plans_the_same_transfers():
    plans = []
    for _ in range(2):
        storm = storms.plan(transfer_with="row_lock", audit_with="row_lock", transfer_count=50, seed=7)
        storms.launch(storm, queue="nowhere")
        rows = storm.transfers.order_by("pk").values_list("source__number", "target__number", "amount")
        plans.append(list(rows))

    assert plans[0] == plans[1]


def test_stopped_storm_keeps_what_was_applied_and_leaves_the_rest_pending():
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock", transfer_count=100)
    storms.launch(storm, queue="nowhere")
    first_job = list(storm.transfers.order_by("pk").values_list("pk", flat=True)[:50])
    jobs.run(storm.pk, first_job, [])

    assert storms.end(storm, Storm.State.STOPPED, "Interrupted from the keyboard.")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])

    report = storms.report(storm)
    assert (report["state"], report["transfers"]["applied"], report["transfers"]["pending"]) == ("stopped", 50, 50)
    assert not OrmQ.objects.filter(key="nowhere").exists()


@pytest.mark.parametrize("audits", [[], list(range(20))])
def test_long_job_notices_that_its_storm_was_stopped(audits, monkeypatch):
    """With audits, both are in threads side by side; the auditor must not wait for transfers that will not come."""
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock", transfer_count=100, worker_count=1)
    storms.launch(storm, queue="nowhere")
    do_it, done = jobs.transfer_once, []

    def stop_after_ten(strategy, orders):
        done.extend(orders)
        if len(done) == 10:
            storms.end(storm, Storm.State.STOPPED, "Enough.")
        return do_it(strategy, orders)

    monkeypatch.setattr(jobs, "PULSE_S", 0)
    monkeypatch.setattr(jobs, "transfer_once", stop_after_ten)
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), audits)

    assert storm.transfers.filter(status="applied", ended_at__isnull=False).count() == 10
    assert storm.audits.count() < 20


def test_job_that_is_delivered_twice_does_its_work_once():
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock", transfer_count=20, audit_count=5)
    storms.launch(storm, queue="nowhere")
    ids = list(storm.transfers.values_list("pk", flat=True))

    for _ in range(2):
        jobs.run(storm.pk, ids, list(range(5)))

    assert storm.transfers.filter(status="applied").count() == 20
    assert Audit.objects.filter(storm=storm).count() == 5
    assert storms.report(storm)["accounts_off"] == 0


def test_transfer_that_the_database_will_not_do_fails_with_its_reason():
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock", transfer_count=3, audit_count=0)
    storms.launch(storm, queue="nowhere")
    storm.bank.accounts.update(balance=2**63 - 1)

    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])

    assert set(storm.transfers.values_list("status", flat=True)) == {"failed"}
    assert storm.transfers.first().reason.startswith("22003: ")


def test_error_when_no_worker_is_running(monkeypatch):
    monkeypatch.setattr(storms, "NO_WORKER_S", 0)

    with pytest.raises(BankError, match="No worker showed itself .* `manage.py qcluster`"):
        storms.launch_on_running(storms.plan(transfer_with="row_lock", audit_with="row_lock"))

    assert not Storm.objects.exists()


def test_error_when_no_worker_takes_a_job(monkeypatch):
    monkeypatch.setattr(storms, "NO_WORKER_S", 0)
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock")
    storms.launch(storm, queue="nowhere")

    with pytest.raises(BankError, match="No worker took a job"):
        for _progress in storms.follow(storm):
            pass

    assert storm.state == Storm.State.FAILED


def test_storm_whose_database_refuses_is_marked_as_failed(monkeypatch):
    def full(_storm):
        raise OperationalError("could not extend file: No space left on device") from psycopg.errors.DiskFull()

    monkeypatch.setattr(storms, "progress", full)
    storm = storms.plan(transfer_with="row_lock", audit_with="row_lock")
    storms.launch(storm, queue="nowhere")

    with pytest.raises(OperationalError):
        next(storms.follow(storm))

    assert (storm.state, storm.reason) == (
        Storm.State.FAILED,
        "The database refused: 53100: could not extend file: No space left on device",
    )
