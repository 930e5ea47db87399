"""A plan that is ready to be run: a scratch bank, and the plan's sessions before their first step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from accounts.db.durability import commits_need_not_last
from accounts.errors import BankError
from accounts.explorer.commit_log import LoggedScheduler
from accounts.explorer.judge import Judge
from accounts.explorer.plan import Plan
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.sessions import build
from accounts.explorer.strategy_files import find_strategy
from interleavings.engine.faults import Fault
from interleavings.engine.scenario import Scenario

PATIENCE_S = 5.0


@dataclass(frozen=True)
class Prepared:
    """What is needed to run schedules of a plan."""

    scenario: Scenario
    scheduler: LoggedScheduler
    numbers: Mapping[int, int]  #: of the accounts, by primary key


@contextmanager
def prepare(plan: Plan) -> Iterator[Prepared]:
    """Open a scratch bank and the plan's sessions; all of it is gone when the block ends.

    Raises BankError if, within the block, a strategy does what no session may do.
    """
    transfer = find_strategy(plan.transfer_with, "transfer").copy("a look at it")
    transactional = getattr(transfer, "TRANSACTIONAL", True)
    # Every schedule begins with a COMMIT, which sets the bank back: waiting for the disk was a third of its time.
    with commits_need_not_last(), ScratchBank(plan.account_count, plan.orders, places=plan.places) as scratch:
        scenario = build(plan, scratch, Judge(scratch, transactional=transactional))
        numbers = {pk: number for number, pk in enumerate(scratch.account_pks, start=1)}
        try:
            with LoggedScheduler(
                scenario.sessions, log=scratch.log, is_step=scenario.is_step, patience_s=PATIENCE_S
            ) as scheduler:
                yield Prepared(scenario, scheduler, numbers)
        except Fault as fault:
            raise BankError(str(fault)) from fault
