"""What a fault costs those who promise nothing against it, shown beside those who do."""

import threading

import pytest
from django.db import connection

from accounts import strategies
from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.db.application_name import QUEUE
from accounts.faults import kill_workers
from accounts.models import Transfer
from accounts.storms import jobs
from accounts.storms.launch import launch, private_cluster
from accounts.storms.report import accounts_off, report_on
from accounts.strategies.shared.promises import Among
from tests.support.clusters import aim, follow, is_waiting_for_a_lock, other_connection, small_storm
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


GATE = 4_711


WAIT_AT_COMMIT = f"""
CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER wait_at_commit AFTER UPDATE ON accounts_account DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate()
"""


@pytest.fixture
def gate():
    """Every COMMIT that changes an account waits until the gate is opened."""
    with other_connection() as holder:
        holder.autocommit = True
        holder.execute(WAIT_AT_COMMIT)
        holder.execute("SELECT pg_advisory_lock(%s)", [GATE])
        try:
            yield lambda: holder.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        finally:
            holder.execute("SELECT pg_advisory_unlock_all()")
            holder.execute("DROP FUNCTION wait_at_the_gate CASCADE")


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(("lock", "accounts_off_count"), [("file_lock", 2), ("row_lock", 0)])
def test_lock_outside_the_database_dies_before_its_transaction_does(gate, lock, accounts_off_count):
    """A worker dies in the middle of its COMMIT, which the server finishes: its lock file is free before that."""
    storm = small_storm(transfer_with=lock, worker_count=1, transfer_count=1, audit_count=0, account_count=2)
    launch(storm, queue="private-gate")
    (first,) = storm.transfers.all()
    second = Transfer.objects.create(
        bank=storm.bank, storm=storm, source_id=first.source_id, target_id=first.target_id, amount=1
    )
    with Cluster(queue=storm.queue, worker_count=1) as cluster:
        wait_until(lambda: is_waiting_for_a_lock(cluster.queue))
        kill_workers.inject(aim(storm, cluster, Role.BUSY))
        thread = threading.Thread(target=transfer_in_thread, args=[lock, second])
        thread.start()
        wait_until(lambda: is_waiting_for_a_lock("", 1))  # it has read, or it waits to
        gate()
        thread.join(60)
        wait_until(lambda: not storm.transfers.filter(status="pending").exists())

    assert set(storm.transfers.values_list("status", flat=True)) == {"applied"}
    assert len(accounts_off(storm)) == accounts_off_count
    assert (strategies.transfers_hold(lock, under_kills=True) is Among.NO_ONE) == bool(accounts_off_count)


def transfer_in_thread(strategy: str, order: Transfer) -> None:
    try:
        jobs.transfer_once(strategies.load(strategy, "transfer"), [order])
    finally:
        connection.close()


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize(("transfer_with", "is_damaged"), [("no_transaction", True), ("row_lock", False)])
def test_broken_connection_leaves_half_only_without_a_transaction(transfer_with, is_damaged):
    storm = small_storm(transfer_with=transfer_with, worker_count=1, transfer_count=1, audit_count=0, account_count=2)
    with private_cluster(storm) as cluster:
        with other_connection() as holder:
            launch(storm, queue=cluster.queue)
            last = storm.bank.account_pks[1]
            holder.execute("SELECT FROM accounts_account WHERE id = %s FOR UPDATE", [last])
            wait_until(lambda: is_waiting_for_a_lock(cluster.queue))
            break_connections(cluster.queue)
            holder.rollback()
        news = follow(storm, cluster)

    report = report_on(storm)
    (transfer,) = storm.transfers.filter(repeats=None)
    amount = transfer.amount if is_damaged else 0
    assert any("queued anew" in said for said in news)
    assert (report.state, report.transfers.applied, report.transfers.pending) == ("finished", 1, 0)
    assert abs(report.drift) == amount  # the half that was committed before, and the whole that came after
    assert report.accounts_off == (1 if is_damaged else 0)
    assert report.audits.unexplained == 0


def break_connections(queue: str) -> None:
    """Of everybody in the cluster who waits for a lock, as a crash of the server would."""
    with other_connection() as breaker:
        breaker.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {QUEUE} = %s AND wait_event_type = 'Lock'",
            [queue],
        )
