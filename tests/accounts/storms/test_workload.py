"""Plans: the same seed, the same storm, on every machine; every transfer and audit in exactly one job."""

from hypothesis import given
from hypothesis import strategies as st

from accounts.models.opening import opening_balances
from accounts.storms.workload import plan_jobs, plan_orders

COUNTS = st.integers(1, 500)


def test_plan_of_seed_1_is_this_one_on_every_machine():
    orders = plan_orders(seed=1, account_count=6, transfer_count=4, max_amount=100)

    assert [tuple(order) for order in orders] == [(1, 6, 77), (2, 5, 45), (4, 2, 10), (1, 6, 44)]


@given(seed=st.integers(0, 2**63 - 1), account_count=st.integers(2, 50), max_amount=st.integers(1, 10**9))
def test_planned_transfer_moves_something_between_two_accounts_of_the_bank(seed, account_count, max_amount):
    for order in plan_orders(seed=seed, account_count=account_count, transfer_count=20, max_amount=max_amount):
        assert order.source != order.target
        assert {order.source, order.target} <= set(range(1, account_count + 1))
        assert 1 <= order.amount <= max_amount


def test_bank_of_six_is_the_lecture_s():
    assert opening_balances(6) == [5000, 10000, 7500, 7000, 6000, 9000]
    assert sum(opening_balances(6)) == 44_500
    assert opening_balances(8) == [*opening_balances(6), 5000, 10000]


@given(COUNTS, st.integers(0, 500), st.integers(1, 8), st.integers(1, 8))
def test_every_transfer_and_audit_is_in_exactly_one_job(transfers, audits, workers, threads):
    size = {"transfer_count": transfers, "audit_count": audits, "worker_count": workers, "thread_count": threads}
    jobs = plan_jobs(**size, transfers_per_job=200)

    assert sorted(place for job in jobs for place in job.transfers) == list(range(transfers))
    assert sorted(number for job in jobs for number in job.audits) == list(range(audits))


def test_audits_are_jobs_of_their_own_only_for_several_workers():
    size = {"transfer_count": 2000, "audit_count": 20, "thread_count": 1, "transfers_per_job": 200}

    several, one = plan_jobs(**size, worker_count=2), plan_jobs(**size, worker_count=1)

    assert [(len(job.transfers), len(job.audits)) for job in several] == [(200, 0), (0, 2)] * 10
    assert [(len(job.transfers), len(job.audits)) for job in one] == [(200, 2)] * 10


def test_few_transfers_are_shared_out_so_that_every_worker_has_some():
    jobs = plan_jobs(transfer_count=40, audit_count=0, worker_count=4, thread_count=1, transfers_per_job=1000)

    assert [len(job.transfers) for job in jobs] == [2] * 20


def test_plan_of_audits_only_cuts_them_into_jobs():
    jobs = plan_jobs(transfer_count=0, audit_count=120, worker_count=4, thread_count=1, transfers_per_job=200)

    assert [len(job.audits) for job in jobs] == [40, 40, 40]
    assert not any(job.transfers for job in jobs)
