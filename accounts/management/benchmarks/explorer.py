"""How fast the explorer is, beside PostgreSQL's own isolationtester on the same scenario, and on the same server."""

import time
from statistics import median
from typing import NamedTuple

from accounts.explorer.explore import explore
from accounts.explorer.plan import Plan, make_plan
from accounts.management.benchmarks.isolationtester import audit_steps, run_spec, transfer_steps, write_spec
from accounts.models.opening import LECTURE_BALANCES


class Measure(NamedTuple):
    """Medians over rounds in which both took turns. The ratio is ours to theirs: 1.0 is as fast."""

    transfer_with: str
    audit_with: str
    schedules: int
    explorer_per_s: float
    isolationtester_per_s: float
    ratio: float


PAIRS = (("row_lock", "no_lock"), ("row_lock", "row_lock"), ("no_transaction", "row_lock"))


def measure_explorer(rounds: int = 5) -> list[Measure]:
    """Schedules per second without pruning, pair by pair; then `measure_pruning` says what pruning makes of it."""
    return [_measure(_plan(transfer_with, audit_with), rounds) for transfer_with, audit_with in PAIRS]


def measure_pruning(rounds: int = 3) -> dict[str, float]:
    """Two transfers and an audit, pruned: how many schedules, how many of them were run, and the median seconds."""
    plan = _plan("row_lock", "no_lock", transfers="1>2:30,2>3:5")
    explorations = [explore(plan) for _ in range(rounds)]
    tally = explorations[0].tally
    return {
        "schedules": tally.schedule_count,
        "run": tally.run_count,
        "duration_s": median(exploration.duration_s for exploration in explorations),
    }


def _plan(transfer_with: str, audit_with: str, transfers: str = "1>2:30") -> Plan:
    return make_plan(
        transfer_with=transfer_with,
        audit_with=audit_with,
        accounts=None,
        transfers=transfers,
        audits=1,
        processes="shared",
    )


def _measure(plan: Plan, rounds: int) -> Measure:
    """Both run the same schedules: those that the explorer finds."""
    first = explore(plan, prune=False)
    spec = _spec(plan, first.schedules)
    count = first.tally.schedule_count
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(count / explore(plan, prune=False).duration_s)
        began = time.monotonic()
        run_spec(spec)
        theirs.append(count / (time.monotonic() - began))
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    return Measure(plan.transfer_with, plan.audit_with, count, median(ours), median(theirs), ratio)


def _spec(plan: Plan, schedules: list[tuple[str, ...]]) -> str:
    sessions = {
        name: audit_steps(plan.audit_with, plan.account_count)
        if order is None
        else transfer_steps(plan.transfer_with, *order)
        for name, order in plan.sessions.items()
    }
    return write_spec(sessions, LECTURE_BALANCES[: plan.account_count], schedules)
