"""A report is of one moment, although workers go on while it is made."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.evidence import History, rows
from accounts.models import Bank
from accounts.storms import jobs
from accounts.storms import report as reports
from tests import torn

PATIENCE_S = 60


def work_in_another_session(*job) -> None:
    """Do a job as another worker would, on a connection of its own, and return when it is done."""

    def work() -> None:
        try:
            jobs.run(*job)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(PATIENCE_S)


@pytest.mark.django_db(transaction=True)  # in one transaction, the other session would see nothing of the test's rows
def test_report_counts_nothing_that_came_after_its_history_was_read(monkeypatch):
    storm = torn.launch(transfer_count=2, audit_count=2)
    first, second = storm.transfers.order_by("pk")
    torn.run(storm, [first])

    def read_history(bank: Bank) -> History:
        history = rows.read_history(bank)
        work_in_another_session(storm.pk, [second.pk], [])
        work_in_another_session(storm.pk, [], [0])
        return history

    monkeypatch.setattr(reports, "read_history", read_history)

    report = reports.judge(storm)

    second.refresh_from_db()
    assert (second.status, storm.audits.count()) == ("applied", 1)
    assert (report["transfers"]["applied"], report["transfers"]["pending"]) == (1, 1)
    assert report["audits"]["taken"] == 0
