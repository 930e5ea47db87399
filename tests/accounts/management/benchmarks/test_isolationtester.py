"""PostgreSQL's own isolationtester, given the same steps as plain SQL, sees in every schedule what the explorer sees.

All permutations that isolationtester is given are schedules that the explorer found feasible. An order that is not
among them is impossible for both: in it, a session would have to take its next step while it still waits in the last
one. isolationtester can only wait for that until it gives up, so such an order is not run, but looked at here: at the
place where it leaves the feasible schedules, its session waits, and isolationtester said so too.
"""

from collections.abc import Iterator

import pytest

from accounts.explorer.explore import runs
from accounts.explorer.plan import Plan
from accounts.management.benchmarks.isolationtester import (
    Permutation,
    audit_steps,
    run_spec,
    transfer_steps,
    write_spec,
)
from accounts.models.opening import LECTURE_BALANCES
from interleavings.engine.scenario import Run
from tests.support.explorations import plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def sessions_of(plan: Plan) -> dict[str, list[str]]:
    """The plan's sessions as SQL."""
    return {
        name: audit_steps(plan.audit_with, plan.account_count)
        if order is None
        else transfer_steps(plan.transfer_with, *order)
        for name, order in plan.sessions.items()
    }


def explored(run: Run) -> Permutation:
    """What the explorer saw, in isolationtester's words."""
    return Permutation(
        schedule=run.schedule,
        blocked=tuple(place for place, step in enumerate(run.steps) if step.was_blocked),
        readings={
            name: tuple((account, balance) for account, balance, _token in readings)
            for name, readings in run.observation.readings.items()
        },
        balances=tuple(run.observation.balances.values()),
    )


def without_transfers(permutation: Permutation, names: set[str]) -> Permutation:
    """Only what audits read is compared: what a transfer read is in the balances that it wrote."""
    kept = {name: readings for name, readings in permutation.readings.items() if name in names}
    return Permutation(permutation.schedule, permutation.blocked, kept, permutation.balances)


PLANS = [
    plan("row_lock", "no_transaction"),
    plan("row_lock", "no_lock"),
    plan("row_lock", "row_lock"),
    plan("row_lock", "single_statement"),
    plan("no_transaction", "single_statement"),
    plan("no_transaction", "row_lock"),
    plan("no_lock", "row_lock"),
    plan("no_lock", "no_transaction", accounts=3, transfers="3>1:7"),
    plan("no_lock", "no_lock", transfers="1>2:30,1>2:5", audits=0),
    plan("row_lock", "single_statement", transfers="1>2:30,2>1:5", audits=0),
]


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.transfer_with} x {plan.audit_with} {plan.transfers}")
def test_isolationtester_sees_the_same_in_every_schedule(plan):
    audits = {name for name, order in plan.sessions.items() if order is None}
    sessions = sessions_of(plan)
    ours = [explored(run) for run in runs(plan)]
    spec = write_spec(sessions, LECTURE_BALANCES[: plan.account_count], [run.schedule for run in ours])

    theirs = [without_transfers(permutation, audits) for permutation in run_spec(spec)]

    assert theirs == ours
    for order in all_orders({name: len(steps) for name, steps in sessions.items()}):
        assert order in {run.schedule for run in ours} or is_impossible(order, ours)


def all_orders(left: dict[str, int]) -> Iterator[tuple[str, ...]]:
    """Every order of so many steps of each session."""
    if not any(left.values()):
        yield ()
    for name, count in left.items():
        if count:
            for rest in all_orders({**left, name: count - 1}):
                yield (name, *rest)


def is_impossible(order: tuple[str, ...], feasible: list[Permutation]) -> bool:
    """Whether the order leaves the feasible schedules at a step of a session that waits there in its last one."""
    length = next(n for n in range(len(order) + 1) if not any(one.schedule[:n] == order[:n] for one in feasible)) - 1
    beside = next(one for one in feasible if one.schedule[:length] == order[:length])
    last = max(place for place in range(length) if beside.schedule[place] == order[length])
    return last in beside.blocked


def test_isolationtester_runs_all_permutations_of_the_missed_lock():
    """Left to itself, it finds the same 15 schedules, and the same 4 of them torn."""
    spec = write_spec(sessions_of(plan("row_lock", "no_transaction")), (5000, 10000), [])

    permutations = run_spec(spec)

    torn = [one for one in permutations if sum(balance for _account, balance in one.readings["a"]) != 15_000]
    assert (len(torn), len(permutations)) == (4, 15)
