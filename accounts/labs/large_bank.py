"""A case with a bank that is larger than usual page sizes: transfers are made at several places of one audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accounts.explorer.plan import SHARED, Plan, parse_orders
from accounts.labs.case_runner import Runs, explore_sessions
from accounts.labs.cases import Case
from accounts.labs.schedules import Schedules, Session
from accounts.labs.variants import Variant
from interleavings.engine.scenario import Run, Scenario, finish
from interleavings.engine.scheduler import Scheduler

ACCOUNTS = 257  # one more than 256; pages of 100, 128, 200, 250 or 256 end before its last account
# The last two are near the ends: an audit that locks 250 rows, or fewer, has locked neither account of one of them.
# (Not from accounts 1 and 2: the first two transfers may hold those, and wait for their other account.)
EARLY_AND_LATE = "1>257:{amount},130>2:{other},129>256:{third},251>257:{amount},3>7:{other}"
AT_THE_END, AT_THE_BEGINNING = "t4", "t5"
AUDIT = "a"
MAX_PLACES = 8
NEAR_AN_END = 4  # after so many steps, account 3 is read and account 7 is not
MAX_STEPS = 4 * ACCOUNTS  # of one session; an audit that reads account by account takes one for each


@dataclass(frozen=True)
class LargeBank:
    """One audit, and five transfers between accounts that it reads early, late and in between.

    Not every schedule is run: the audit is stopped at up to MAX_PLACES places, all transfers are made there as far as
    they need not wait, and then it goes on. What no strategy is named for is done by the student's file.
    """

    transfers: str = EARLY_AND_LATE
    processes: str = SHARED
    transfer_with: str = ""
    audit_with: str = ""

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """The schedules that were run. Raises BankError for a file that cannot be explored."""
        orders = parse_orders(variant.fill(self.transfers))
        plan = Plan("", "", ACCOUNTS, orders, audit_count=1, processes=self.processes)
        case = Case(self.transfers, transfer_with=self.transfer_with, audit_with=self.audit_with)
        return explore_sessions(
            case.sessions(file, plan),
            orders=orders,
            account_count=ACCOUNTS,
            processes=self.processes,
            driver=_run_at_places,
            max_steps=MAX_STEPS,
        )


def _run_at_places(scheduler: Scheduler, scenario: Scenario, _sessions: Mapping[str, Session]) -> Runs:
    """The audit alone, before the transfers; then with the transfers at several of its places."""
    alone = _run_at(scheduler, scenario, MAX_STEPS)
    step_count = sum(step.session == AUDIT for step in alone.steps)
    places = _spread(step_count)
    first = {NEAR_AN_END: AT_THE_BEGINNING, step_count - NEAR_AN_END: AT_THE_END}
    runs = [alone, *(_run_at(scheduler, scenario, place, first=first.get(place, "")) for place in places)]
    return Runs(runs, is_exhaustive=False, bound=_say_bound(step_count, len(places)))


def _say_bound(step_count: int, place_count: int) -> str:
    if step_count < 2:
        return f"In a bank of {ACCOUNTS} accounts, the audit is one step."
    where = "between any two" if place_count == step_count - 1 else f"at {place_count} places"
    return f"In a bank of {ACCOUNTS} accounts, transfers were made {where} of the audit's {step_count} steps."


def _spread(step_count: int) -> list[int]:
    """After how many of its steps an audit is stopped: after each but the last one; of many, some far apart."""
    last = step_count - 1
    if last <= MAX_PLACES:
        return list(range(1, last + 1))
    spaces = MAX_PLACES - 3  # between those that are far apart
    far_apart = {1 + place * (last - 1) // spaces for place in range(spaces + 1)}
    return sorted({*far_apart, NEAR_AN_END, last + 1 - NEAR_AN_END})


def _run_at(scheduler: Scheduler, scenario: Scenario, place: int, *, first: str = "") -> Run:
    """The audit takes so many steps, or all that it can; then the transfers, one after the other; then all go on.

    The transfer that is to be `first` comes before the others: one of them may wait for the audit, and keep a lock
    that all transfers take.
    """
    scheduler.begin(scenario.begin())
    for _ in range(place):
        if AUDIT not in scheduler.ready():
            break
        scheduler.step(AUDIT)
    transfers = sorted((name for name in scenario.sessions if name != AUDIT), key=lambda name: name != first)
    while ready := [name for name in (*transfers, AUDIT) if name in scheduler.ready()]:
        scheduler.step(ready[0])
    return finish(scheduler, scenario)
