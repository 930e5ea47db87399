"""Every schedule of a small bank: named sessions in, and what may be asked about all their schedules out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from types import ModuleType
from typing import Any, NamedTuple

from accounts.errors import BankError
from accounts.exploration import PATIENCE_S, witness
from accounts.explorer.copies import Original
from accounts.explorer.scenario import Ended, Run, Scenario
from accounts.explorer.search import Search
from accounts.explorer.stage import Fault, Stage
from accounts.planning import Order
from accounts.scenarios import SHARED, Copies, is_step
from accounts.scratch import ScratchBank
from accounts.verdicts import Judge

LIMIT = 3_000

Work = Callable[[ModuleType, ScratchBank], Any]


@dataclass(frozen=True)
class Session:
    """One session: the file whose fresh copy it works with, what it does with it, and what stands over its column.

    Its work returns the readings of an audit, or None; whatever else it returns is taken for an audit's.
    """

    file: Original
    work: Work
    heading: str


class Problem(NamedTuple):
    """What may be wrong with a schedule: `what` completes "In 4 of 35 schedules ...", `detail` tells it of one."""

    what: str
    holds: Callable[[Run, "Explored"], Any]
    detail: Callable[[Run, "Explored"], str] = lambda run, _explored: " ".join(run.observation.stories)


@dataclass(frozen=True)
class Explored:
    """The schedules that were run, and what they stand for."""

    sessions: Mapping[str, Session]
    runs: Sequence[Run]
    is_exhaustive: bool
    expected: Mapping[int, int]  # the balances, by number, if every transfer is done once
    numbers: Mapping[int, int]  # of the accounts, by primary key
    total: int

    @property
    def schedule_count(self) -> int:
        return sum(run.weight for run in self.runs)

    def count(self, problem: Problem) -> int:
        """How many of all schedules have the problem."""
        return sum(run.weight for run in self.runs if problem.holds(run, self))

    def has(self, problem: Problem) -> bool:
        return self.shortest(problem) is not None

    def shortest(self, problem: Problem) -> Run | None:
        """The schedule with the problem that is easiest to follow: few steps, few changes of session."""
        having = (run for run in self.runs if problem.holds(run, self))
        return min(having, key=_length, default=None)

    def audit_errors(self) -> list[int]:
        """By how much audits' totals were off, each amount once: less than 0 is money that they did not see."""
        read = (verdict for run in self.runs for verdict in run.observation.readings.values())
        sums = {found if isinstance(found, int) else sum(balance for _, balance, _ in found) for found in read}
        return sorted(total - self.total for total in sums if total != self.total)

    def statements(self, session: str) -> list[str]:
        """The SQL (and COMMITs) that a session ran when nobody was in its way, one step each."""
        alone = min(self.runs, key=lambda run: (run.was_blocked, bool(run.errors), len(run.steps)))
        return [step.sql for step in alone.steps if step.session == session]

    def evidence(self, run: Run) -> dict[str, Any]:
        """One schedule in plain values, with its columns, ready for JSON."""
        columns = {name: session.heading for name, session in self.sessions.items()}
        return {"columns": columns, **witness(run, dict(self.numbers))}


def _length(run: Run) -> tuple:
    switches = sum(one != other for one, other in zip(run.schedule, run.schedule[1:], strict=False))
    return len(run.steps), switches, run.schedule


def explore_sessions(
    sessions: Mapping[str, Session],
    *,
    orders: Sequence[Order],
    account_count: int,
    processes: str = SHARED,
    is_step: Callable[[str], bool] = is_step,
    observe: Callable[[ScratchBank], Callable[[Ended], Any]] | None = None,
    limit: int = LIMIT,
) -> Explored:
    """Run every schedule of these sessions, on a scratch bank with these pending transfers.

    What is seen at the end of each is judged by the evidence, or by what `observe` makes of the bank. Raises BankError
    if a session does what none may do (see docs/explorer.md); nothing is left behind then either.
    """
    with ScratchBank(account_count, orders) as scratch:
        scenario = Scenario(
            tuple(sessions),
            begin=partial(_begin, scratch, sessions, processes),
            observe=(observe or partial(_judge, sessions))(scratch),
            is_step=is_step,
        )
        try:
            with Stage(scenario.sessions, is_step=scenario.is_step, patience_s=PATIENCE_S) as stage:
                search = Search(scenario, stage)
                runs = list(islice(search.runs(), limit))
        except Fault as fault:
            raise BankError(str(fault)) from fault
        numbers = {pk: number for number, pk in enumerate(scratch.account_pks, start=1)}
        return Explored(sessions, runs, search.is_exhausted, _expected(scratch, orders), numbers, scratch.total)


def _begin(scratch: ScratchBank, sessions: Mapping[str, Session], processes: str) -> dict[str, Callable[[], Any]]:
    """Everything set back; each session with its copy of its file."""
    scratch.reset()
    copies = Copies(processes)
    return {name: partial(session.work, copies.get(session.file, name), scratch) for name, session in sessions.items()}


def _judge(sessions: Mapping[str, Session], scratch: ScratchBank) -> Judge:
    looks = [session.file.copy("a look at it") for session in sessions.values()]
    return Judge(scratch, transactional=all(getattr(module, "TRANSACTIONAL", True) for module in looks))


def _expected(scratch: ScratchBank, orders: Sequence[Order]) -> dict[int, int]:
    scratch.reset()
    balances = dict(scratch.read().balances)
    for order in orders:
        balances[order.source] -= order.amount
        balances[order.target] += order.amount
    return balances
