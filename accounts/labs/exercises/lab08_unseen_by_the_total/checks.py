"""Lab 8, what the total cannot see: each job is done once and gets its answer; money and status change together."""

from types import ModuleType

from accounts.explorer.plan import SEPARATE
from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.cases import Sessions, counts_status
from accounts.labs.checks import holds
from accounts.labs.problems import DRIFTED, WRONG_END
from accounts.labs.schedules import Schedules, Work
from accounts.labs.transfer_outcomes import (
    HALF_DONE,
    OVERDRAWN,
    REFUSED_FOR_NOTHING,
    TOO_FEW,
    UNANSWERED,
    deliver,
    look_at_transfer,
    observe_answers,
)

JOB = "{a}>{b}:{amount}"
DEAR = "1>2:49{amount},1>3:48{other}"  # account 1 holds 5,000: enough for either


def jobs(transfers: str, **works: tuple[str, Work]) -> Sessions:
    return Sessions(transfers, works, "transfer", processes=SEPARATE, is_step=counts_status, observe=observe_answers)


def again_later(module: ModuleType, scratch: ScratchBank) -> None:
    for place in (0, 1, 0):
        deliver(place)(module, scratch)


TWICE = jobs(JOB, d1=("d1: {a} > {b}, {amount}", deliver(0)), d2=("d2: the same job", deliver(0)))
LATER = jobs("{a}>{b}:{amount},{b}>{a}:{other}", d=("d: the job, another one back, and the same job", again_later))
OVERDRAFT = jobs(DEAR, t1=("t1: 1 > 2, 49{amount}", deliver(0)), t2=("t2: 1 > 3, 48{other}", deliver(1)))
ON_AND_ON = jobs(
    "1>2:{amount},2>3:{other}", t1=("t1: 1 > 2, {amount}", deliver(0)), t2=("t2: 2 > 3, {other}", deliver(1))
)
LOOKED_AT = jobs(JOB, t=("t: {a} > {b}, {amount}", deliver(0)), look=("look: the transfer", look_at_transfer(0)))


def most_off(schedules: Schedules) -> int:
    """By how much an account ends wrong, at most."""
    return max(
        abs(balance - int(run.observation.balances[number]))
        for run in schedules.runs
        for number, balance in schedules.expected.items()
    )


def how_the_second_ends(schedules: Schedules) -> str:
    """What becomes of the transfer for which there is not enough money, at worst."""
    return "error" if schedules.has(OVERDRAWN) else "overdrawn" if schedules.has(WRONG_END) else "refused"


SHOWN = TWICE
TRUTHS = {
    "twice": (TWICE, lambda schedules: schedules.has(WRONG_END)),
    "total": (TWICE, lambda schedules: schedules.has(DRIFTED)),
    "off": (TWICE, most_off),
    "second": (OVERDRAFT, how_the_second_ends),
}

CHECKS = [
    holds(
        "delivered_twice",
        2,
        case=TWICE,
        never=(UNANSWERED, TOO_FEW, WRONG_END),
        claim="A job that two workers do at once moves its money once.",
        advice="The second delivery must find out that it is the second, when no other session can come between.",
    ),
    holds(
        "again_later",
        1,
        case=LATER,
        never=(UNANSWERED, WRONG_END),
        claim="A job that comes again after another job moves its money once.",
        advice="The token of an account says which transfer wrote it last, and not which were made.",
        needs="delivered_twice",
    ),
    holds(
        "overdraft",
        2,
        case=OVERDRAFT,
        first=(OVERDRAWN,),
        never=(UNANSWERED, TOO_FEW, WRONG_END),
        claim="Of two transfers for which there is not enough money, one is applied and the other one is refused.",
        advice="Whether there is enough money is true only for as long as the row is locked.",
    ),
    holds(
        "on_and_on",
        1,
        case=ON_AND_ON,
        never=(REFUSED_FOR_NOTHING, UNANSWERED, WRONG_END),
        claim="Two jobs that have an account in common are both done right.",
        advice="Each of them writes two accounts: which rows are locked?",
        needs="delivered_twice",
    ),
    holds(
        "together",
        2,
        case=LOOKED_AT,
        never=(HALF_DONE, WRONG_END),
        claim="No session ever sees the money without the status, or the status without the money.",
        advice="Both have to be in one transaction.",
        needs="delivered_twice",
    ),
]
