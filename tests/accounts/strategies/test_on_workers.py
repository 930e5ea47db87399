"""Strategies on real worker processes: strong ones hold, and what weak ones lose adds up."""

import psutil
import pytest

from accounts.evidence import rows as archive
from accounts.models import Storm
from accounts.models.storm_report import AuditCounts, TransferCounts
from accounts.storms.follow import follow as follow_storm
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm, private_cluster
from accounts.storms.report import report_on
from tests.support.processes import command_line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def run(**choices) -> dict:
    storm = plan_storm(**{"transfer_count": 300, "audit_count": 40, **choices})
    with private_cluster(storm) as workers:
        launch_storm(storm, queue=workers.queue)
        for _progress in follow_storm(storm, workers):
            pass
    assert not worker_processes()
    return report_on(storm)


def worker_processes() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("qcluster" in word for word in command_line(child))]


@pytest.mark.thorough(every=2)  # the second is the last scene of `manage.py compare`
@pytest.mark.parametrize("audit_with", ["row_lock", "single_statement"])
def test_row_locked_storm_holds_on_four_workers(audit_with):
    report = run(transfer_with="row_lock", audit_with=audit_with)

    assert report.state == "finished"
    assert report.transfers == TransferCounts(planned=300, applied=300, refused=0, failed=0, pending=0, applied_twice=0)
    assert report.audits == AuditCounts(
        planned=40, taken=40, torn=0, incomplete=0, torn_unknown=0, wrong_total=0, unexplained=0, failed=0
    )
    assert (report.drift, report.lost_updates, report.accounts_off, report.deadlocks) == (0, 0, 0, 0)


@pytest.mark.thorough
def test_python_lock_holds_on_one_worker_with_threads():
    report = run(transfer_with="python_lock", audit_with="python_lock", worker_count=1, thread_count=4)

    assert (report.audits.taken, report.audits.torn, report.audits.wrong_total) == (40, 0, 0)
    assert (report.drift, report.lost_updates, report.accounts_off) == (0, 0, 0)


@pytest.mark.thorough
def test_storm_of_many_refusals_applies_or_refuses_every_transfer():
    report = run(transfer_with="row_lock", audit_with="row_lock", account_count=2, max_amount=15_000)

    transfers = report.transfers
    assert transfers.refused > 0
    assert transfers.applied + transfers.refused == 300
    assert report.accounts_off == 0


@pytest.mark.thorough
@pytest.mark.parametrize("transfer_with", ["no_transaction", "no_lock", "python_lock"])
def test_drift_of_a_weak_storm_is_its_lost_updates(transfer_with):
    report = run(transfer_with=transfer_with, audit_with="single_statement")

    storm = Storm.objects.get(pk=report.id)
    history = archive.read_history(storm.bank)
    assert report.transfers.applied == 300
    assert history.drift() == report.drift == -sum(lost.amount for lost in history.lost_updates())
