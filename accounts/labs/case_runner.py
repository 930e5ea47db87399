"""Runs sessions on a small bank: in every order of their steps, or with a process that dies before each of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice, takewhile
from typing import Any, NamedTuple

from accounts.errors import BankError
from accounts.explorer.commit_log import LoggedScheduler
from accounts.explorer.judge import Judge
from accounts.explorer.plan import SHARED
from accounts.explorer.prepared import PATIENCE_S
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.serial import serial_runs
from accounts.explorer.sessions import Copies, is_step
from accounts.labs.heartbeat import beat
from accounts.labs.schedules import Schedules, Session
from accounts.models import Account
from accounts.models.opening import Order
from interleavings.engine.faults import Fault, Stuck
from interleavings.engine.scenario import Ended, Run, Scenario, finish
from interleavings.engine.scheduler import MAX_STEPS, Scheduler
from interleavings.engine.search import Search
from interleavings.engine.step import ACQUIRE, Step

MORE_PATIENCE = 4
MAX_STEPS_IN_ALL = 80_000  # an answer that asks for a lock 50 times without waiting has long schedules
LIMIT = 5_000  # of an audit at SERIALIZABLE, which cannot be pruned, beside two transfers there are 3,960

Observer = Callable[[ScratchBank], Callable[[Ended], Any]]


class TooSlow(Exception):
    """A session did not arrive at its next step, each time another one: the machine may be too busy to say more."""


class Runs(NamedTuple):
    """The schedules that were run."""

    runs: list[Run]
    is_exhaustive: bool  #: whether these are all that there are
    serial: Sequence[Run] = ()  #: besides, one for each order in which the sessions run one after the other
    bound: str = ""  #: what was run instead of all schedules, as a sentence, where that was the intention


Driver = Callable[[Scheduler, Scenario, Mapping[str, Session]], Runs]  # runs the schedules that a case is about


def explore_sessions(
    sessions: Mapping[str, Session],
    *,
    orders: Sequence[Order],
    account_count: int,
    processes: str = SHARED,
    is_step: Callable[[str], bool] = is_step,
    observe: Observer | None = None,
    driver: Driver | None = None,
    max_steps: int = MAX_STEPS,
) -> Schedules:
    """Run every schedule of these sessions, or those that the driver runs, on a scratch bank with pending transfers.

    `max_steps` is how many steps a session may take. What is seen at the end of each schedule is judged by the
    evidence, or by what `observe` makes of the bank. Raises BankError if a session does what none may do (see
    docs/explorer.md); nothing is left behind then either.
    """
    with ScratchBank(account_count, orders, places=_places(sessions)) as scratch:
        begin = partial(_begin, scratch, sessions, processes)
        observer = (observe or partial(judge_of, sessions))(scratch)
        scenario = Scenario(tuple(sessions), begin, observer, is_step)
        return _explore(driver or _run_all, scenario, scratch, sessions, orders, max_steps=max_steps)


def _run_all(scheduler: Scheduler, scenario: Scenario, sessions: Mapping[str, Session]) -> Runs:
    search = Search(scenario, scheduler)
    runs = takewhile(lambda _run: search.step_count < MAX_STEPS_IN_ALL, search.runs())
    taken = list(islice(runs, LIMIT))
    return Runs(taken, search.is_exhausted, list(serial_runs(scenario, scheduler)) if len(sessions) > 1 else ())


def explore_crashes(
    sessions: Mapping[str, Session],
    *,
    orders: Sequence[Order],
    account_count: int,
    is_step: Callable[[str], bool] = is_step,
) -> Schedules:
    """One session alone, whose process dies: before its first step, before its second ... and, in the last run, never.

    What it has committed by then stays; the rest is rolled back. A run has the steps that were taken before the death.
    No session is expected to end its transfer: what its row says then is for the lab's own checks.
    """
    with ScratchBank(account_count, orders) as scratch:
        begin = partial(_begin, scratch, sessions, SHARED)
        scenario = Scenario(tuple(sessions), begin, judge_of(sessions, scratch), is_step)
        return _explore(_run_crashes, scenario, scratch, sessions, orders)


def _explore(
    driver: Driver,
    scenario: Scenario,
    scratch: ScratchBank,
    sessions: Mapping[str, Session],
    orders: Sequence[Order],
    *,
    max_steps: int = MAX_STEPS,
) -> Schedules:
    opening = _opening(scratch)
    outcome = _drive(driver, scenario, scratch, sessions, max_steps=max_steps)
    numbers = {pk: number for number, pk in enumerate(scratch.account_pks, start=1)}
    return Schedules(
        sessions=sessions,
        runs=outcome.runs,
        is_exhaustive=outcome.is_exhaustive,
        expected=_expected(opening, orders),
        numbers=numbers,
        total=scratch.total,
        opening=opening,
        serial=outcome.serial,
        bound=outcome.bound,
    )


def _drive(
    driver: Driver,
    scenario: Scenario,
    scratch: ScratchBank,
    sessions: Mapping[str, Session],
    *,
    max_steps: int,
) -> Runs:
    """Run what the driver runs. Raises BankError for a session that does what none may do, and TooSlow.

    On a busy machine, a session may be late that would have arrived. So if one does not arrive, everything is run once
    more, with more patience; what does not arrive at the same place again is the file's doing.
    """

    def run(patience_s: float) -> Runs:
        options = {"is_step": scenario.is_step, "patience_s": patience_s, "max_steps": max_steps}
        with LoggedScheduler(scenario.sessions, log=scratch.log, **options) as scheduler:
            return _run_driver(driver, scheduler, scenario, scratch, sessions)

    try:
        return run(PATIENCE_S)
    except Stuck as first:
        try:
            return run(MORE_PATIENCE * PATIENCE_S)
        except Stuck as second:
            if _without_seconds(first) != _without_seconds(second):
                raise TooSlow(str(second)) from second
            raise BankError(str(second)) from second


def _without_seconds(stuck: Stuck) -> str:
    return re.sub(r"within [\d.]+ s", "", str(stuck))


def _run_driver(
    driver: Driver,
    scheduler: Scheduler,
    scenario: Scenario,
    scratch: ScratchBank,
    sessions: Mapping[str, Session],
) -> Runs:
    try:
        try:
            return driver(scheduler, scenario, sessions)
        finally:  # also after a fault: accounts that are gone are its cause
            _look_for_accounts(scratch)
    except Stuck:
        raise
    except Fault as fault:
        raise BankError(f"{fault}{_say_refused_lock(scheduler.trace)}") from fault


def _run_crashes(scheduler: Scheduler, scenario: Scenario, _sessions: Mapping[str, Session]) -> Runs:
    runs: list[Run] = []
    while True:
        scheduler.begin(scenario.begin())
        while len(scheduler.trace) < len(runs) and scheduler.ready():
            scheduler.step(scheduler.ready()[0])
        if not scheduler.ready():
            return Runs([*runs, finish(scheduler, scenario)], is_exhaustive=True)
        steps = list(scheduler.trace)
        scheduler.abandon()
        runs.append(Run(tuple(step.session for step in steps), steps, scenario.observe(Ended({}, {})), errors={}))


def _begin(scratch: ScratchBank, sessions: Mapping[str, Session], processes: str) -> dict[str, Callable[[], Any]]:
    """Everything set back; each session with its copy of its file."""
    beat()
    scratch.reset()
    copies = Copies(processes)
    return {name: partial(session.work, copies.get(session.file, name), scratch) for name, session in sessions.items()}


def _places(sessions: Mapping[str, Session]) -> dict[str, int]:
    """For each session that makes one of the transfers: which one, from 1."""
    return {name: session.place for name, session in sessions.items() if session.place is not None}


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
