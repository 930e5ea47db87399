"""Runs sessions on a small bank: in every order of their steps, or with a process that dies before each of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count, islice, takewhile
from typing import Any

from accounts.errors import BankError
from accounts.explorer.plan import SHARED
from accounts.explorer.prepared import PATIENCE_S
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.sessions import Copies, is_step
from accounts.explorer.verdicts import Judge
from accounts.labs.schedules import Schedules, Session
from accounts.models import Account
from accounts.models.opening import Order
from interleavings.engine.scenario import Ended, Run, Scenario, finish
from interleavings.engine.scheduler import Fault, Scheduler
from interleavings.engine.search import Search
from interleavings.engine.step import ACQUIRE, Step

MAX_STEPS_IN_ALL = 80_000  # an answer that asks for a lock 50 times without waiting has long schedules
LIMIT = 5_000  # of an audit at SERIALIZABLE, which cannot be pruned, beside two transfers there are 3,960

Observer = Callable[[ScratchBank], Callable[[Ended], Any]]
Runs = tuple[list[Run], bool]  # and whether these are all


def explore_sessions(
    sessions: Mapping[str, Session],
    *,
    orders: Sequence[Order],
    account_count: int,
    processes: str = SHARED,
    is_step: Callable[[str], bool] = is_step,
    observe: Observer | None = None,
) -> Schedules:
    """Run every schedule of these sessions, on a scratch bank with these pending transfers.

    What is seen at the end of each is judged by the evidence, or by what `observe` makes of the bank. Raises BankError
    if a session does what none may do (see docs/explorer.md); nothing is left behind then either.
    """

    def run_all(scheduler: Scheduler, scenario: Scenario) -> Runs:
        search = Search(scenario, scheduler)
        runs = takewhile(lambda _run: search.step_count < MAX_STEPS_IN_ALL, search.runs())
        return list(islice(runs, LIMIT)), search.is_exhausted

    with ScratchBank(account_count, orders) as scratch:
        begin = partial(_begin, scratch, sessions, processes)
        observer = (observe or partial(judge_of, sessions))(scratch)
        return _explore(Scenario(tuple(sessions), begin, observer, is_step), scratch, sessions, orders, run_all)


def explore_crashes(
    sessions: Mapping[str, Session],
    *,
    orders: Sequence[Order],
    account_count: int,
    is_step: Callable[[str], bool] = is_step,
) -> Schedules:
    """One session alone, whose process dies: before its first step, before its second ... and, in the last run, never.

    What it has committed by then stays, what it has not is rolled back. Each run's steps are those that it came to.
    """
    with ScratchBank(account_count, orders) as scratch:
        begin = partial(_begin, scratch, sessions, SHARED)
        scenario = Scenario(tuple(sessions), begin, judge_of(sessions, scratch), is_step)
        return _explore(scenario, scratch, sessions, orders, _run_crashes)


def _explore(
    scenario: Scenario,
    scratch: ScratchBank,
    sessions: Mapping[str, Session],
    orders: Sequence[Order],
    run_all: Callable[[Scheduler, Scenario], Runs],
) -> Schedules:
    opening = _opening(scratch)
    try:
        with Scheduler(scenario.sessions, is_step=scenario.is_step, patience_s=PATIENCE_S) as scheduler:
            try:
                runs, is_exhaustive = run_all(scheduler, scenario)
            finally:  # whatever it came to, if accounts are gone, this is why
                _look_for_accounts(scratch)
    except Fault as fault:
        raise BankError(f"{fault}{_say_refused_lock(scheduler.trace)}") from fault
    numbers = {pk: number for number, pk in enumerate(scratch.account_pks, start=1)}
    return Schedules(sessions, runs, is_exhaustive, _expected(opening, orders), numbers, scratch.total, opening)


def _run_crashes(scheduler: Scheduler, scenario: Scenario) -> Runs:
    runs = []
    for step_count in count():
        scheduler.begin(scenario.begin())
        while len(scheduler.trace) < step_count and scheduler.ready():
            scheduler.step(scheduler.ready()[0])
        if not scheduler.ready():
            return [*runs, finish(scheduler, scenario)], True
        steps = list(scheduler.trace)
        scheduler.abandon()
        runs.append(Run(tuple(step.session for step in steps), steps, scenario.observe(Ended({}, {})), errors={}))


def _begin(scratch: ScratchBank, sessions: Mapping[str, Session], processes: str) -> dict[str, Callable[[], Any]]:
    """Everything set back; each session with its copy of its file."""
    scratch.reset()
    copies = Copies(processes)
    return {name: partial(session.work, copies.get(session.file, name), scratch) for name, session in sessions.items()}


def judge_of(sessions: Mapping[str, Session], scratch: ScratchBank) -> Judge:
    """Who judges these sessions' schedules by the evidence."""
    looks = [session.file.copy("a look at it") for session in sessions.values()]
    return Judge(scratch, transactional=all(getattr(module, "TRANSACTIONAL", True) for module in looks))


def _look_for_accounts(scratch: ScratchBank) -> None:
    """Raises BankError if accounts were deleted: nothing can be judged then."""
    if Account.objects.filter(pk__in=scratch.account_pks).count() < len(scratch.account_pks):
        raise BankError("Accounts are gone that were there: the file deletes them, and no lab asks for that.")


def _say_refused_lock(steps: Sequence[Step]) -> str:
    """Who asks again and again for a Python lock has no last schedule: say which lock, and how it can be asked for."""
    refused = next((step for step in reversed(steps) if step.is_acquire and step.row_count == 0), None)
    if refused is None:
        return ""
    lock = refused.sql.removeprefix(ACQUIRE)
    return (
        f" It asks for {lock} without waiting, and others may never let it in: `with {lock}:` waits, and is judged "
        "in every schedule."
    )


def _opening(scratch: ScratchBank) -> dict[int, int]:
    scratch.reset()
    return dict(scratch.read().balances)


def _expected(opening: Mapping[int, int], orders: Sequence[Order]) -> dict[int, int]:
    balances = dict(opening)
    for order in orders:
        balances[order.source] -= order.amount
        balances[order.target] += order.amount
    return balances
