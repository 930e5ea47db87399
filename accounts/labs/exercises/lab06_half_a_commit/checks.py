"""Lab 6, half a commit: a transfer whose process may die anywhere must leave all of it behind, or nothing."""

from accounts.labs.cases import Case, Crashes
from accounts.labs.checks import holds, sees_the_end
from accounts.labs.problems import HALF_DONE, UNTRUE, WRONG_TOTAL
from accounts.labs.schedules import Problem, Schedules
from interleavings.engine.scenario import Run

MOVE = "{a}>{b}:{amount}"
DEATHS = Crashes(MOVE)
BESIDE_A_SNAPSHOT = Case(MOVE, audit_with="repeatable_read")


def contradicts_itself(run: Run, _schedules: Schedules) -> bool:
    """The transfer's own row says that it was made, or that it was not, and the accounts say otherwise."""
    return bool(run.observation.accounts_off)


CONTRADICTION = Problem(
    "the transfer's row says one thing and the accounts another",
    contradicts_itself,
    lambda _run, _schedules: (
        "After the crash, it cannot be known from the row whether the money has moved; it may be moved once more."
    ),
)


def money_off(schedules: Schedules) -> int:
    """How much the total is off by in the shortest run that leaves half a transfer."""
    run = schedules.shortest(HALF_DONE)
    return int(run.observation.drift) if run else 0


SHOWN = BESIDE_A_SNAPSHOT
TRUTHS = {
    "half": (DEATHS, lambda schedules: schedules.count(HALF_DONE)),
    "off": (DEATHS, money_off),
    "snapshot": (BESIDE_A_SNAPSHOT, lambda schedules: schedules.has(WRONG_TOTAL)),
}

CHECKS = [
    holds(
        "deaths",
        3,
        case=DEATHS,
        never=(HALF_DONE,),
        claim="Wherever the process dies, the money is all there.",
        advice="What is committed stays: which two writes must be committed together?",
    ),
    holds(
        "own_row",
        2,
        case=DEATHS,
        never=(CONTRADICTION,),
        claim="The transfer's own row tells the truth about it, wherever the process dies.",
        advice="The end of the order belongs to the same transaction as the money.",
        needs="deaths",
    ),
    holds(
        "snapshot",
        2,
        case=BESIDE_A_SNAPSHOT,
        never=UNTRUE,
        claim="An audit that reads one snapshot never sees half a transfer.",
        advice="That state really was there, for everybody: no reader can hide it.",
    ),
    sees_the_end("moves_money", 1, case=BESIDE_A_SNAPSHOT, needs="snapshot"),
]
