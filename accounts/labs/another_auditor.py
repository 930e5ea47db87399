"""Two audits by different workers, and a transfer: each to its end before the next one begins, in every order.

All other cases have one worker that takes audits. So only this one detects a lock that an audit takes and never lets
go: that worker gets it again, and every other one waits for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accounts.explorer.plan import SHARED
from accounts.explorer.serial import serial_runs
from accounts.labs.case_runner import Runs, explore_sessions
from accounts.labs.cases import Case
from accounts.labs.schedules import Schedules, Session
from accounts.labs.variants import Variant
from interleavings.engine.scenario import Scenario
from interleavings.engine.scheduler import Scheduler

BOUND = "Audits of two workers came one after the other, too."


@dataclass(frozen=True)
class AnotherAuditor:
    """One transfer and two audits, in turn. What no strategy is named for is done by the student's file."""

    transfer_with: str = ""
    processes: str = SHARED

    def explore(self, file: Path, variant: Variant) -> Schedules:
        """The schedules that were run: one for each order. Raises BankError for a file that cannot be explored."""
        case = Case("1>2:{amount}", audits=2, accounts=2, transfer_with=self.transfer_with)
        sessions, plan = case.cast(file, variant)
        return explore_sessions(
            sessions, orders=plan.orders, account_count=plan.account_count, processes=self.processes, driver=_in_turn
        )


def _in_turn(scheduler: Scheduler, scenario: Scenario, _sessions: Mapping[str, Session]) -> Runs:
    runs = list(serial_runs(scenario, scheduler))
    return Runs(runs, is_exhaustive=False, serial=runs, bound=BOUND)
