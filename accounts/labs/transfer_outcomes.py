"""What became of each transfer, besides the balances: for labs where an order may be refused, or delivered twice."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import NamedTuple

from django.db import connection

from accounts.db.sqlstates import sqlstate
from accounts.explorer.judge import Judge
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.verdicts import Verdict
from accounts.labs.cases import do_transfer
from accounts.labs.schedules import Problem, Schedules
from accounts.models import AlreadyEnded, Transfer
from interleavings.engine.scenario import Ended, Run

CHECK_VIOLATION = "23514"
APPLIED, REFUSED = Transfer.Status.APPLIED, Transfer.Status.REFUSED
LOOK = """
SELECT transfer.status, transfer.amount,
    source.opening_balance - source.balance, target.balance - target.opening_balance
FROM accounts_transfer AS transfer
JOIN accounts_account AS source ON source.id = source_id JOIN accounts_account AS target ON target.id = target_id
WHERE transfer.id = %s
"""


class TransferView(NamedTuple):
    """One transfer and its two accounts, in one snapshot: what other sessions see, and what a crash would leave."""

    status: str
    amount: int
    sent: int
    received: int

    @property
    def is_half_done(self) -> bool:
        moved = self.amount if self.status == APPLIED else 0
        return (self.sent, self.received) != (moved, moved)

    def __str__(self) -> str:
        return f"it is {self.status}, {self.sent} of {self.amount} have left and {self.received} have arrived"


@dataclass(frozen=True)
class TransfersVerdict(Verdict):
    """A verdict that also knows how each transfer ended, in their order, and what other sessions saw on the way."""

    answers: tuple[str, ...] = ()
    expected: Mapping[int, int] = field(default_factory=dict)  # the openings, and what is applied, once each
    sights: tuple[TransferView, ...] = ()

    def count(self, *statuses: str) -> int:
        return sum(answer in statuses for answer in self.answers)


def observe_answers(scratch: ScratchBank) -> Callable[[Ended], TransfersVerdict]:
    """For Sessions(observe=...)."""
    judge = Judge(scratch, transactional=True)

    def observe(ended: Ended) -> TransfersVerdict:
        sights = {name: result for name, result in ended.results.items() if isinstance(result, TransferView)}
        results = {name: result for name, result in ended.results.items() if name not in sights}
        verdict, transfers = judge(Ended(results, ended.errors)), list(scratch.bank().transfers.order_by("pk"))
        return TransfersVerdict(
            **vars(verdict),
            answers=tuple(transfer.status for transfer in transfers),
            expected=_as_answered(scratch, transfers),
            sights=tuple(sights.values()),
        )

    return observe


def _as_answered(scratch: ScratchBank, transfers: list[Transfer]) -> dict[int, int]:
    """The balances, by number, if exactly those transfers have been made that are applied."""
    balances = dict(scratch.bank().accounts.order_by("number").values_list("pk", "opening_balance"))
    for transfer in transfers:
        if transfer.status == APPLIED:
            balances[transfer.source_id] -= transfer.amount
            balances[transfer.target_id] += transfer.amount
    return {scratch.number(pk): balance for pk, balance in balances.items()}


def deliver(place: int) -> Callable[[ModuleType, ScratchBank], None]:
    """What a worker does with a job: one of the transfers. That another delivery has ended it is no error."""

    def work(module: ModuleType, scratch: ScratchBank) -> None:
        with suppress(AlreadyEnded):
            do_transfer(module, scratch, place=place)

    return work


def look_at_transfer(place: int) -> Callable[[ModuleType, ScratchBank], TransferView]:
    """A session that looks at one of the transfers, in one statement."""

    def work(_module: ModuleType, scratch: ScratchBank) -> TransferView:
        with connection.cursor() as cursor:
            cursor.execute(LOOK, [scratch.order(place).pk])
            return TransferView(*cursor.fetchone())

    return work


def _tell(run: Run, _explored: Schedules) -> str:
    answers = (f"transfer {place} is {answer}" for place, answer in enumerate(run.observation.answers, start=1))
    balances = (f"account {number} holds {balance:,}" for number, balance in run.observation.balances.items())
    return f"At the end {', '.join((*answers, *balances))}."


def _tell_sights(run: Run, _explored: Schedules) -> str:
    sight = next(sight for sight in run.observation.sights if sight.is_half_done)
    return f"Another session sees of the transfer: {sight}. If its worker dies there, it stays so."


UNANSWERED = Problem(
    "a transfer is neither applied nor refused",
    lambda run, _: run.observation.count(APPLIED, REFUSED) < len(run.observation.answers),
    _tell,
)
OVERDRAWN = Problem(
    "only a constraint stops an overdraft",
    lambda run, _: any(sqlstate(error) == CHECK_VIOLATION for error in run.errors.values()),
    lambda run, _: f"Session {next(iter(run.errors))} was refused its UPDATE ({CHECK_VIOLATION}): an error, no answer.",
)
HALF_DONE = Problem(
    "a transfer can be seen half done",
    lambda run, _: any(sight.is_half_done for sight in run.observation.sights),
    _tell_sights,
)
TOO_MANY = Problem("more than one transfer is applied", lambda run, _: run.observation.count(APPLIED) > 1, _tell)
TOO_FEW = Problem("no transfer is applied", lambda run, _: run.observation.count(APPLIED) < 1, _tell)
REFUSED_FOR_NOTHING = Problem("a transfer is refused for nothing", lambda run, _: run.observation.count(REFUSED), _tell)
