"""Lab 2, the lock that was missed: an audit must be whole beside one transfer, two, and transfers that cross."""

from types import ModuleType

from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case, Sessions, do_transfer, take_audit
from accounts.labs.checks import holds, sees_the_end
from accounts.labs.problems import TORN, UNTRUE, WAITED, WRONG_END
from accounts.labs.storm_check import survives_storm
from accounts.ledger import Reading

ONE = Case("{a}>{b}:{amount}")
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", accounts=2)
THREE = Case("{a}>{b}:{amount},{b}>{c}:{other}")


def in_lockstep(module: ModuleType, scratch: ScratchBank) -> list[Reading] | int:
    """The audit that this bank always ran: after the transfers of a round, by the same thread."""
    do_transfer(module, scratch)
    return take_audit(module, scratch)


LOCKSTEP = Sessions("{a}>{b}:{amount}", {"t": ("t: {a} > {b}, then audit", in_lockstep)}, function="audit")

SHOWN = ONE
COMPARED = {"The thread that made the transfer takes the audit after it, in lockstep": LOCKSTEP}
TRUTHS = {
    "torn": (ONE, lambda schedules: schedules.has(TORN)),
    "end": (ONE, lambda schedules: schedules.has(WRONG_END)),
    "blocked": (ONE, lambda schedules: schedules.has(WAITED)),
}

ADVICE = "While an audit reads, no transfer may be half done: which functions take LOCK, and when is it let go?"
CHECKS = [
    holds("one_transfer", 3, case=ONE, never=UNTRUE, claim="No audit beside one transfer is torn.", advice=ADVICE),
    sees_the_end("sees_transfers", 1, case=ONE, needs="one_transfer"),
    holds(
        "crossing",
        2,
        case=CROSSING,
        needs="sees_transfers",
        never=(*UNTRUE, WRONG_END),
        claim="No audit beside two transfers that cross is torn, and the end is right.",
        advice=ADVICE,
    ),
    holds(
        "three_accounts",
        2,
        case=(THREE, *audit_cases()),
        needs="sees_transfers",
        never=(*UNTRUE, WRONG_END),
        claim="No audit of three accounts or more is torn, and the end is right.",
        advice=ADVICE,
    ),
    survives_storm(claim="A storm of one worker with eight threads.", worker_count=1, thread_count=8),
]
