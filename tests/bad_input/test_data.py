"""Rows that are not what they should be: deleted under a running storm, tampered with, or refused by a constraint."""

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django_q.models import OrmQ

from accounts import storms
from accounts.errors import BankError
from accounts.models import Account, Bank, Storm, Transfer

pytestmark = pytest.mark.django_db(transaction=True)


def launch(queue: str = "nowhere") -> Storm:
    storm = storms.plan(
        transfer_with="row_lock", audit_with="no_lock", transfer_count=20, audit_count=4, worker_count=2
    )
    storms.launch(storm, queue=queue)
    return storm


def test_job_of_a_storm_that_was_deleted_does_nothing():
    storm = launch()
    ids = list(storm.transfers.values_list("pk", flat=True))
    pk = storm.pk
    storm.bank.delete()

    assert storms.run_job(pk, ids, [0]) == f"storm {pk} was deleted: nothing done"


def test_error_when_a_bank_is_deleted_while_its_storm_runs():
    storm = launch()
    following = storms.follow(storm)
    next(following)
    Bank.objects.get(pk=storm.bank_id).delete()

    with pytest.raises(BankError, match=f"Storm {storm.pk} was deleted while it ran"):
        next(following)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda signed: signed[:-3] + "abc",
        lambda _signed: "garbage",
        lambda _signed: signing.dumps({"id": "1", "name": "forged", "func": "os.abort"}, key="somebody else's"),
    ],
)
def test_job_that_was_tampered_with_is_never_run_and_harms_no_other(tamper):
    storm = storms.plan(
        transfer_with="row_lock", audit_with="row_lock", transfer_count=20, audit_count=4, worker_count=1
    )
    with storms.private_cluster(storm) as workers:
        storms.launch(storm, queue=workers.queue)
        row = OrmQ.objects.filter(key=workers.queue).first()
        OrmQ.objects.create(key=row.key, lock=row.lock, payload=tamper(row.payload))
        for _progress in storms.follow(storm, workers):
            pass

    report = storms.report(storm)
    assert (report["state"], report["transfers"]["applied"], report["accounts_off"]) == ("finished", 20, 0)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_account SET balance = -1",
        "UPDATE accounts_transfer SET amount = 0",
        "UPDATE accounts_transfer SET amount = -5",
        "UPDATE accounts_transfer SET target_id = source_id",
        "UPDATE accounts_transfer SET target_id = (SELECT id FROM accounts_account WHERE bank_id <> 1 LIMIT 1)",
        "UPDATE accounts_account SET number = 1",
        "INSERT INTO accounts_audit (bank_id, number, status, expected_total, reason, worker, waited_us, retries, "
        "deadlocks, serialization_failures, refused_locks) SELECT bank_id, 1, 'taken', 1, '', '', 0, 0, 0, 0, 0 "
        "FROM accounts_storm",
    ],
)
def test_error_row_that_breaks_a_rule(change):
    launch(), launch()
    before = list(Account.objects.values()), list(Transfer.objects.values())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{change}; SET CONSTRAINTS ALL IMMEDIATE")

    assert (list(Account.objects.values()), list(Transfer.objects.values())) == before
