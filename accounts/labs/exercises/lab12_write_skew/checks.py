"""Lab 12, write skew: of two withdrawals that together go beyond a joint limit, one is applied and one refused."""

from dataclasses import dataclass
from pathlib import Path

from accounts.errors import BankError
from accounts.explorer.plan import SEPARATE
from accounts.labs.cases import Sessions
from accounts.labs.checks import Check, holds
from accounts.labs.problems import LOST_UPDATE, WAITED, WRONG_END
from accounts.labs.schedules import Schedules
from accounts.labs.serialization_failures import MAX_ATTEMPTS, NeverEnds, always_ended
from accounts.labs.submission import Submission
from accounts.labs.transfer_outcomes import REFUSED_FOR_NOTHING, TOO_FEW, TOO_MANY, UNANSWERED, deliver, observe_answers
from accounts.labs.variants import Variant
from accounts.labs.verdict import Outcome, failed, passed


def withdrawals(one: str, two: str) -> Sessions:
    """One from each of the joint accounts, at once: "1>3:90"."""
    first, second = (order.replace(">", " > ").replace(":", ", ") for order in (one, two))
    sessions = {"t1": (f"t1: {first}", deliver(0)), "t2": (f"t2: {second}", deliver(1))}
    return Sessions(f"{one},{two}", sessions, "transfer", accounts=4, processes=SEPARATE, observe=observe_answers)


def withdrawal(order: str) -> Sessions:
    """One alone."""
    heading = f"t: {order.replace('>', ' > ').replace(':', ', ')}"
    sessions = {"t": (heading, deliver(0))}
    return Sessions(order, sessions, "transfer", accounts=4, observe=observe_answers)


@dataclass(frozen=True)
class WithFile:
    """A case that is run with a file of the lab's, whatever the student's is."""

    case: Sessions
    name: str

    def explore(self, _file: Path, variant: Variant) -> Schedules:
        return self.case.explore(Path(__file__).parent / self.name, variant)


BEYOND = withdrawals("1>3:9{amount}", "2>4:9{other}")  # the limit is 1,000; they never write the same row
WITHIN = withdrawals("1>3:{amount}", "2>3:{other}")
ALONE = [withdrawal("1>3:9{amount}"), withdrawal("2>4:9{other}")]
ALWAYS_ENDED = always_ended("1>3:9{amount}")
SERIALIZABLE = WithFile(BEYOND, "wrong/serializable_and_no_retry.py")


def kept_count(schedules: Schedules) -> int:
    """In how many schedules the limit is kept."""
    return schedules.schedule_count - schedules.count(TOO_MANY)


def sqlstate(schedules: Schedules) -> str:
    return next((step.error for run in schedules.runs for step in run.steps if step.error), "none")


SHOWN = BEYOND
FOREMOST = (TOO_MANY, TOO_FEW, UNANSWERED)
TRUTHS = {
    "beyond": (BEYOND, lambda schedules: schedules.has(TOO_MANY)),
    "kept": (BEYOND, kept_count),
    "lost": (BEYOND, lambda schedules: schedules.has(LOST_UPDATE)),
    "waits": (BEYOND, lambda schedules: schedules.has(WAITED)),
    "error": (SERIALIZABLE, sqlstate),
}


def alone(work: Submission) -> Outcome:
    """A repair that gives each account a limit of its own keeps the joint one, and refuses what is allowed."""
    for case in ALONE:
        outcome = holds("alone", 0, case=case, never=(REFUSED_FOR_NOTHING, UNANSWERED, WRONG_END), claim="").examine(
            work
        )
        if not outcome.is_passed:
            return outcome
    return passed("A withdrawal alone is applied, from either account.")


def ends(work: Submission) -> Outcome:
    """If PostgreSQL ends every transaction, this must come to its end all the same, with whatever error."""
    message = (
        f"Here every transaction was ended with 40001, and after {MAX_ATTEMPTS} attempts it still began another: a "
        "bounded number of times, please, and then let the error out."
    )
    try:
        schedules = work.explore(ALWAYS_ENDED)
    except BankError as refusal:  # a bare `except:` takes even our own stop for a failure
        return failed(f"{refusal} {message}")
    run = schedules.runs[-1]
    if any(isinstance(error, NeverEnds) for error in run.errors.values()):
        return failed(message, schedules.proof(run))
    return passed("It begins again a bounded number of times, or never.")


CHECKS = [
    holds(
        "beyond",
        3,
        case=BEYOND,
        never=(TOO_MANY, TOO_FEW, UNANSWERED, WRONG_END),
        claim="Of two withdrawals that together go beyond the limit, one is applied and the other one is refused.",
        advice="Each decides by an account that the other one writes: what keeps that account as it was read?",
    ),
    holds(
        "within",
        2,
        case=WITHIN,
        never=(REFUSED_FOR_NOTHING, UNANSWERED, WRONG_END),
        claim="Two withdrawals within the limit are both applied, from the same cash machine too.",
        advice="Both are allowed, and both write account 3.",
        needs="beyond",
    ),
    Check("alone", 1, "A withdrawal alone is applied, from either account.", alone, needs="beyond"),
    Check("bounded", 1, "It begins again a bounded number of times.", ends, needs="beyond"),
]
