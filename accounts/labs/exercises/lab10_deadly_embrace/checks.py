"""Lab 10, deadly embrace: no session may deadlock, and no retry may hide it; the audit is to join the order."""

import re

from accounts.explorer.plan import SEPARATE
from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case
from accounts.labs.checks import Check, holds, sees_the_end
from accounts.labs.problems import DEADLOCKED, UNTRUE, WRONG_END
from accounts.labs.proofs import StatementProof
from accounts.labs.schedules import Schedules
from accounts.labs.storm_check import survives_storm
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed
from interleavings.engine.scenario import Run
from interleavings.engine.step import Step

# Workers are processes, so a Python lock is no repair here.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{other}", accounts=2, audits=0, processes=SEPARATE)
ORDERED = Case("{first}>{second}:{amount},{second}>{first}:{other}", accounts=2, audits=0, transfer_with="row_lock")
UPWARDS = Case("1>2:{amount}", processes=SEPARATE)
DOWNWARDS = Case("2>1:{amount}", processes=SEPARATE)
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
BOTH_WAYS = Case("1>2:{amount},2>1:{amount}", accounts=2, processes=SEPARATE)

LOCKS = re.compile(r"^\s*(SELECT|WITH)\b.*\bFOR\s+(NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE | re.DOTALL)
ORDER = re.compile(r"\bORDER\s+BY\s+(?P<columns>.*?)(?:\bFOR\b|\bLIMIT\b|\bOFFSET\b|\)|$)", re.IGNORECASE | re.DOTALL)
DIRECTION = re.compile(r"\s+(ASC|DESC|NULLS\s+(FIRST|LAST))\b", re.IGNORECASE)
UNIQUE = {"id", "pk", "number"}  # within a bank; they never change
NEVER_CHANGED = UNIQUE | {"bank_id", "opening_balance"}


def victims(schedules: Schedules) -> int:
    return max(len(run.errors) for run in schedules.runs)


def sqlstate(schedules: Schedules) -> str:
    return next(step.error for run in schedules.runs for step in run.steps if step.error)


SHOWN = CROSSING
FOREMOST = (DEADLOCKED,)
TRUTHS = {
    "deadlock": (CROSSING, lambda schedules: schedules.has(DEADLOCKED)),
    "error": (CROSSING, sqlstate),
    "victims": (CROSSING, victims),
    "after": (ORDERED, lambda schedules: schedules.count(DEADLOCKED)),
    "audit": (UPWARDS, lambda schedules: schedules.has(DEADLOCKED)),
}


def one_order(work: Submission) -> Outcome:
    """Within one statement the explorer cannot stop a session: there, the order in which rows were locked tells."""
    explored_pair = [work.explore(case) for case in (UPWARDS, DOWNWARDS)]
    for schedules in explored_pair:
        if statements := [
            step.sql for name in schedules.sessions for step in schedules.steps(name) if leaves_order_open(step)
        ]:
            message = (
                "A statement locks several rows and has no ORDER BY that always says the same, by id or by number: a "
                "balance changes, and without any, PostgreSQL promises nothing."
            )
            return failed(message, StatementProof(statements))
    orders = [order for schedules in explored_pair for order in orders_of_locks(schedules)]
    if [1, 2] in orders and [2, 1] in orders:
        message = "The audit and the transfers lock in opposite orders: in the midst of a statement, they can deadlock."
        return failed(message, StatementProof([step.sql for step in explored_pair[0].steps("a") if locks(step)]))
    return passed("All that lock accounts 1 and 2 lock them in the same order.")


def leaves_order_open(step: Step) -> bool:
    """(One row needs none.)"""
    return locks(step) and (step.row_count or 0) > 1 and not is_ordered_for_good(step)


def is_ordered_for_good(step: Step) -> bool:
    """Whether its ORDER BY always says the same: by a unique column, and before that by none that ever changes."""
    order = ORDER.search(step.sql)
    if order is None:
        return False
    for column in ordered_columns(order["columns"], step):
        if column in UNIQUE:
            return True
        if column not in NEVER_CHANGED:
            return False
    return False


def ordered_columns(text: str, step: Step) -> list[str]:
    """The names of the columns in an ORDER BY; "2" is the second one that is selected."""
    names = [DIRECTION.sub("", name).strip().rpartition(".")[2].strip('"').lower() for name in text.split(",")]
    return [step.columns[int(name) - 1] if name.isdigit() else name for name in names]


def locks(step: Step) -> bool:
    return bool(step.rows) and LOCKS.search(step.sql) is not None


def orders_of_locks(schedules: Schedules) -> list[list[int]]:
    """For each session, accounts 1 and 2 in the order in which it locks them when it does not have to wait."""
    alone: Run = min(schedules.runs, key=lambda run: (run.was_blocked, bool(run.errors)))
    orders: dict[str, list[int]] = {name: [] for name in schedules.sessions}
    for step in alone.steps:
        if locks(step) and "id" in step.columns:
            numbers = [schedules.numbers.get(row[step.columns.index("id")]) for row in step.rows or ()]
            orders[step.session] += [number for number in numbers if number in (1, 2)]
    return list(orders.values())


ADVICE = "In which order does each of them ask for its two rows, and how long does it keep them?"
AUDIT_ADVICE = (
    "An audit that locks has to join the order of the transfers, and to keep all rows locked until it has read."
)
CHECKS = [
    holds(
        "crossing",
        3,
        case=CROSSING,
        first=(DEADLOCKED,),
        never=(WRONG_END,),
        claim="Two transfers that cross never deadlock, and the end is right.",
        advice=ADVICE,
    ),
    holds(
        "audit",
        2,
        case=UPWARDS,
        first=(DEADLOCKED,),
        never=(*UNTRUE, WRONG_END),
        claim="A transfer and an audit never deadlock, and the audit is whole.",
        advice=AUDIT_ADVICE,
        needs="crossing",
    ),
    sees_the_end("sees_transfers", 1, case=UPWARDS, needs="audit"),
    Check("one_order", 1, "All lock in one order.", one_order, needs="audit"),
    holds(
        "audit_both_ways",
        1,
        case=(BOTH_WAYS, *audit_cases(processes=SEPARATE)),
        first=(DEADLOCKED,),
        never=(*UNTRUE, WRONG_END),
        claim="Two transfers that cross and an audit never deadlock, and no audit is torn in a larger bank.",
        advice=AUDIT_ADVICE,
        # Without one order three sessions race, and marks would depend on who is faster.
        needs="one_order",
    ),
    survives_storm(claim="A storm of four worker processes."),
]
