"""Rows that are not what they should be: deleted under a running storm, tampered with, or refused by a constraint."""

from functools import partial

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from accounts.errors import BankError
from accounts.models import Account, Bank, Transfer
from accounts.storms.follow import follow
from accounts.storms.launch import launch as launch_storm
from accounts.storms.launch import plan_storm, private_cluster
from accounts.storms.lifecycle import run_job
from accounts.storms.report import report_on
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db(transaction=True)


launch = partial(launched_storm, transfer_count=20, audit_count=4, worker_count=2)


def test_job_of_a_storm_that_was_deleted_does_nothing():
    storm = launch()
    ids = list(storm.transfers.values_list("pk", flat=True))
    pk = storm.pk
    storm.bank.delete()

    assert run_job(pk, ids, [0]) == f"storm {pk} was deleted: nothing done"


def test_error_when_a_bank_is_deleted_while_its_storm_runs():
    storm = launch()
    following = follow(storm)
    next(following)
    Bank.objects.get(pk=storm.bank_id).delete()

    with pytest.raises(BankError, match=f"Storm {storm.pk} was deleted while it ran"):
        next(following)


@pytest.mark.thorough(every=3)
@pytest.mark.processes
@pytest.mark.parametrize(
    "tamper",
    [
        lambda signed: signed[:-3] + "abc",
        lambda _signed: "garbage",
        lambda _signed: signing.dumps({"id": "1", "name": "forged", "func": "os.abort"}, key="somebody else's"),
    ],
)
def test_job_that_was_tampered_with_is_never_run_and_harms_no_other(tamper):
    storm = plan_storm(
        transfer_with="row_lock", audit_with="row_lock", transfer_count=20, audit_count=4, worker_count=1
    )
    with private_cluster(storm) as workers:
        launch_storm(storm, queue=workers.queue)
        row = OrmQ.objects.filter(key=workers.queue).first()
        OrmQ.objects.create(key=row.key, lock=row.lock, payload=tamper(row.payload))
        for _progress in follow(storm, workers):
            pass

    report = report_on(storm)
    assert (report.state, report.transfers.applied, report.accounts_off) == ("finished", 20, 0)


AN_AUDIT = (
    "INSERT INTO accounts_audit (storm_id, bank_id, number, expected_total, worker, waited_us, retries, deadlocks, "
    "serialization_failures, refused_locks, status, total, reason) "
    "SELECT id, bank_id, 1, 1, '', 0, 0, 0, 0, 0, {} FROM accounts_storm"
)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_account SET balance = -1",
        "UPDATE accounts_transfer SET amount = 0",
        "UPDATE accounts_transfer SET amount = -5",
        "UPDATE accounts_transfer SET target_id = source_id",
        "UPDATE accounts_transfer SET target_id = (SELECT id FROM accounts_account WHERE bank_id <> 1 LIMIT 1)",
        "UPDATE accounts_account SET number = 1",
        AN_AUDIT.format("'taken', NULL, ''"),
        AN_AUDIT.format("'odd', 1, ''"),
        AN_AUDIT.format("'failed', NULL, ''"),
        AN_AUDIT.format("'taken', 1, ''").replace("SELECT id", "SELECT max(id) OVER ()"),
        "UPDATE accounts_transfer SET status = 'odd'",
        "UPDATE accounts_transfer SET status = 'failed'",
        "UPDATE accounts_transfer SET storm_id = (SELECT max(id) FROM accounts_storm)",
        "UPDATE accounts_storm SET state = 'odd'",
        "UPDATE accounts_storm SET state = 'finished'",
        "UPDATE accounts_storm SET state = 'failed'",
    ],
)
def test_error_row_that_breaks_a_rule(change):
    launch(), launch()
    before = list(Account.objects.values()), list(Transfer.objects.values())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{change}; SET CONSTRAINTS ALL IMMEDIATE")

    assert (list(Account.objects.values()), list(Transfer.objects.values())) == before
