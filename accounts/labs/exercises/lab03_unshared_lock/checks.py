"""Lab 3, a lock of one process: it must be held until COMMIT, and be in a place that all workers share."""

from accounts.explorer.plan import SEPARATE
from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case
from accounts.labs.checks import holds, sees_the_end
from accounts.labs.problems import LOST_UPDATE, UNTRUE, WRONG_END
from accounts.labs.storm_check import survives_storm

TWO = "{a}>{b}:{amount},{a}>{b}:{other}"
THREADS = Case(TWO, audits=0)
PROCESSES = Case(TWO, audits=0, processes=SEPARATE)
# Only account 2 is in both, the target of one and the source of the other: no lock on one row of each will do.
ON_AND_ON = Case("1>2:{amount},2>3:{other}", audits=0, processes=SEPARATE)
AUDIT = Case("{a}>{b}:{amount}", processes=SEPARATE)
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", accounts=2, processes=SEPARATE)
OUTSIDE = Case(TWO, audits=0, transfer_with="python_lock")
OUTSIDE_IN_PROCESSES = Case(TWO, audits=0, transfer_with="python_lock", processes=SEPARATE)

SHOWN = THREADS
TRUTHS = {
    "threads": (THREADS, lambda schedules: schedules.has(LOST_UPDATE)),
    "outside": (OUTSIDE, lambda schedules: schedules.has(LOST_UPDATE)),
    "processes": (OUTSIDE_IN_PROCESSES, lambda schedules: schedules.has(LOST_UPDATE)),
}

CHECKS = [
    holds(
        "threads",
        3,
        case=THREADS,
        never=(WRONG_END,),
        claim="No update is lost among the threads of one process.",
        advice="A transfer that is let in before COMMIT reads what was there before: how long is the lock held?",
    ),
    holds(
        "processes",
        2,
        case=PROCESSES,
        never=(WRONG_END,),
        claim="No update is lost between two worker processes.",
        advice="Each process has imported this file for itself: do two of them have the same lock?",
        needs="threads",
    ),
    holds(
        "on_and_on",
        1,
        case=ON_AND_ON,
        never=(WRONG_END,),
        claim="No update is lost while money moves on through a third account.",
        advice="Each transfer writes two accounts: is the lock on both of them?",
        needs="processes",
    ),
    holds(
        "audit",
        2,
        case=(CROSSING, *audit_cases(processes=SEPARATE)),
        never=UNTRUE,
        claim="No audit of another process is torn.",
        advice="A lock holds up only those who ask for it, for as long as it is held.",
        needs="on_and_on",
    ),
    sees_the_end("sees_transfers", 1, case=AUDIT, needs="audit"),
    survives_storm(claim="A storm of four worker processes."),
]
