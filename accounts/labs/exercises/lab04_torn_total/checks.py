"""Lab 4, torn total: an audit must be whole over transfers that lock their rows, and no transfer may wait for it."""

from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case
from accounts.labs.checks import holds, sees_the_end
from accounts.labs.problems import TORN, UNTRUE, WAITED
from accounts.labs.storm_check import survives_storm
from interleavings.engine.scenario import Run
from interleavings.engine.step import COMMIT

ONE = Case("{first}>{second}:{amount}", accounts=2, transfer_with="row_lock")
ONE_SELECT = Case("{first}>{second}:{amount}", accounts=2, transfer_with="row_lock", audit_with="single_statement")
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", accounts=2, transfer_with="row_lock")
THREE = Case("{a}>{b}:{amount},{b}>{c}:{other}", transfer_with="row_lock")

SHOWN = ONE
TRUTHS = {
    "schedules": (ONE, lambda schedules: schedules.schedule_count),
    "torn": (ONE, lambda schedules: schedules.count(TORN)),
    "error": (ONE, lambda schedules: schedules.audit_errors()[0]),
    "after": (ONE_SELECT, lambda schedules: schedules.count(TORN)),
}


def between_two_statements(run: Run) -> str:
    """Said of audits of several statements only."""
    statements = [step for step in run.steps if step.session == "a" and step.sql != COMMIT]
    return "Between two statements, a transfer may commit." if len(statements) > 1 else ""


CHECKS = [
    holds(
        "whole",
        3,
        case=ONE,
        claim="No audit is torn.",
        advice=between_two_statements,
    ),
    sees_the_end("sees_transfers", 1, case=ONE, needs="whole"),
    holds(
        "no_session_waits",
        2,
        case=ONE,
        never=(WAITED,),
        claim="Neither the transfer nor the audit ever waits.",
        advice="The audit is right, and it stops the bank: can it be whole without a lock?",
        needs="whole",
    ),
    holds(
        "three_accounts",
        1,
        case=(THREE, *audit_cases(transfer_with="row_lock")),
        never=UNTRUE,
        claim="No audit of three accounts or more is torn.",
        advice=between_two_statements,
        needs="whole",
    ),
    holds(
        "crossing",
        1,
        case=CROSSING,
        never=UNTRUE,
        claim="No audit is torn and has the right total by luck.",
        advice=between_two_statements,
        needs="three_accounts",
    ),
    survives_storm(claim="A storm of four worker processes.", transfer_with="row_lock"),
]
