"""Lab 5, atomic() will save us: an audit that reads account by account must be whole, and no lock may be asked for."""

from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case
from accounts.labs.checks import Check, holds, sees_the_end
from accounts.labs.problems import TORN, UNTRUE, WAITED
from accounts.labs.proofs import StatementProof
from accounts.labs.storm_check import survives_storm
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed

MOVE = "{first}>{second}:{amount}"
ONE = Case(MOVE, accounts=2, transfer_with="row_lock")
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", accounts=2, transfer_with="row_lock")
THREE = Case("{a}>{b}:{amount},{b}>{c}:{other}", transfer_with="row_lock")
WITHOUT = Case(MOVE, accounts=2, transfer_with="row_lock", audit_with="no_transaction")
SNAPSHOT = Case(MOVE, accounts=2, transfer_with="row_lock", audit_with="repeatable_read")

SHOWN = ONE
TRUTHS = {
    "torn": (ONE, lambda schedules: schedules.count(TORN)),
    "without": (WITHOUT, lambda schedules: schedules.count(TORN)),
    "snapshot": (SNAPSHOT, lambda schedules: schedules.count(TORN)),
    "waits": (SNAPSHOT, lambda schedules: schedules.has(WAITED)),
}


def one_by_one(work: Submission) -> Outcome:
    """Judged by what came, whatever the SQL is: for each account a statement that reads its balance, and no other one.

    A statement reads balances if it brings other rows after the transfer than before it. So a list of the accounts may
    be read at once, by whatever names.
    """
    schedules = work.explore(ONE)
    changed = [(step, count) for step, count in schedules.changed_rows("a") if count]
    at_once = [step.sql for step, count in changed if count > 1]
    if at_once or len(changed) < len(schedules.numbers):
        message = "Right for two accounts, and this bank has too many for one SELECT: one account at a time, please."
        return failed(message, StatementProof(at_once or schedules.statements("a")))
    return passed("It reads one account at a time.")


ADVICE = "At READ COMMITTED, the default, every statement of a transaction sees what was committed before *it* began."
CHECKS = [
    holds("whole", 3, case=ONE, never=UNTRUE, claim="No audit is torn.", advice=ADVICE),
    sees_the_end("sees_transfers", 1, case=ONE, needs="whole"),
    holds(
        "no_session_waits",
        2,
        case=ONE,
        never=(WAITED,),
        claim="Neither the transfer nor the audit ever waits.",
        advice="The audit is right, and it stops the bank: a snapshot needs no lock.",
        needs="whole",
    ),
    Check("one_by_one", 1, "It reads one account at a time.", one_by_one, needs="whole"),
    holds(
        "three_accounts",
        1,
        case=(THREE, *audit_cases(transfer_with="row_lock")),
        never=UNTRUE,
        claim="No audit of three accounts or more is torn.",
        advice=ADVICE,
        needs="whole",
    ),
    holds(
        "crossing",
        1,
        case=CROSSING,
        never=UNTRUE,
        claim="No audit is torn and has the right total by luck.",
        advice=ADVICE,
        needs="three_accounts",
    ),
    survives_storm(claim="A storm of four worker processes.", transfer_with="row_lock"),
]
