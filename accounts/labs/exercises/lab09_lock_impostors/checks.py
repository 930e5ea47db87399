"""Lab 9, lock impostors: what locks is what other sessions have to wait for; transfers and audits must really lock."""

import functools
from collections.abc import Callable, Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from django.db import transaction

from accounts.explorer.plan import SEPARATE
from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.audit_cases import audit_cases
from accounts.labs.cases import Case, Sessions
from accounts.labs.checks import Check, holds, sees_the_end
from accounts.labs.exercises.lab09_lock_impostors.exercise import WAYS
from accounts.labs.problems import LOST_UPDATE, TORN, UNTRUE, WAITED, WRONG_END
from accounts.labs.proofs import StatementProof
from accounts.labs.schedules import Schedules
from accounts.labs.storm_check import survives_storm
from accounts.labs.submission import Submission
from accounts.labs.variants import Variant
from accounts.labs.verdict import Outcome, failed, passed

HERE = Path(__file__).parent
SAME_WAY = Case("{a}>{b}:{amount},{a}>{b}:{other}", audits=0, processes=SEPARATE)
TO_ONE = Case("{a}>{c}:{amount},{b}>{c}:{other}", audits=0, processes=SEPARATE)
ON_AND_ON = Case("1>2:{amount},2>3:{other}", audits=0, processes=SEPARATE)  # only account 2 is in both
ONE = Case("{first}>{second}:{amount}", processes=SEPARATE)
# Of the same amount: an audit that sees half of each has the right total, and balances that were there before.
CROSSING = Case("{first}>{second}:{amount},{second}>{first}:{amount}", accounts=2, processes=SEPARATE)
ELSEWHERE = Case("2>3:{amount}", processes=SEPARATE)
SKIPPED = Case("{a}>{b}:{amount}", transfer_with="row_lock", audit_with=str(HERE / "wrong" / "an_audit_that_skips.py"))


def statements_that_lock(schedules: Schedules) -> int:
    return sum(sql.endswith("FOR UPDATE") for sql in schedules.statements("t"))


def fewest_readings(schedules: Schedules) -> int:
    return min(len(run.observation.readings["a"]) for run in schedules.runs)


SHOWN = ONE
TRUTHS = {
    "for_update": (ONE, statements_that_lock),
    "lost": (SAME_WAY, lambda schedules: schedules.has(LOST_UPDATE)),
    "torn": (ONE, lambda schedules: schedules.has(TORN)),
    "skipped": (SKIPPED, fewest_readings),
}


def use_way(name: str) -> Callable[[ModuleType, ScratchBank], None]:
    """Lock in one of the exercise's ways (whatever has become of the student's), in a transaction of its own."""

    def work(_module: ModuleType, scratch: ScratchBank) -> None:
        with transaction.atomic():
            lock: Callable[..., Any] = WAYS[name]
            lock(scratch.bank().accounts.order_by("pk"))

    return work


@functools.cache
def way(name: str) -> Schedules:
    """Every schedule of it and of a session that wants all rows. (No student's file has a part in this.)"""
    sessions = {"lock": (f"lock: {name}", use_way(name)), "other": ("other: list", use_way("list"))}
    return Sessions("1>2:30", sessions, "transfer").explore(HERE / "exercise.py", Variant(1, 2, 3, 30, 20, 10))


def name_the_impostors(work: Submission) -> Outcome:
    answer = work.value("LOCKS_NOTHING")
    if isinstance(answer, str) or not isinstance(answer, Collection):
        return failed(f"LOCKS_NOTHING is {answer!r:.40}: make it a set of names.")
    names = {str(name) for name in answer}
    if unknown := sorted(names - WAYS.keys()):
        return failed(f"There is no way {unknown[0]!r}: name those in WAYS, such as {sorted(WAYS)[0]!r}.")
    for name in WAYS:
        schedules = way(name)
        waiting_run = schedules.shortest(WAITED)
        if waiting_run and name in names:
            message = f"{name!r} locks: in the schedule {waiting_run} a session that wants the rows has to wait."
            return failed(message, schedules.proof(waiting_run))
        if not waiting_run and name not in names:
            statements = [sql for sql in schedules.statements("lock") if sql != "COMMIT"]
            message = (
                f"Another one locks nothing: in none of {schedules.schedule_count} schedules a session waits for it."
            )
            return failed(f"{message} This is all that it sends:", StatementProof(statements or ["(nothing)"]))
    return passed(f"These lock nothing: {', '.join(sorted(names))}. No session ever waits for them.")


ADVICE = "Look at the SQL: which rows are locked, by which statement, and is what is saved what that statement read?"
CHECKS = [
    Check("locks_nothing", 2, "Those that lock nothing are named.", name_the_impostors),
    holds("transfer", 3, case=SAME_WAY, never=(WRONG_END,), claim="No update is lost.", advice=ADVICE),
    holds(
        "transfers_to_one",
        1,
        case=TO_ONE,
        never=(WRONG_END,),
        claim="No update is lost where money comes from two accounts to a third.",
        advice=ADVICE,
        needs="transfer",
    ),
    holds(
        "on_and_on",
        1,
        case=ON_AND_ON,
        never=(WRONG_END,),
        claim="No update is lost while money moves on through a third account.",
        advice=ADVICE,
        needs="transfers_to_one",
    ),
    holds("audit", 2, case=CROSSING, never=UNTRUE, claim="No audit is torn.", advice=ADVICE, needs="on_and_on"),
    holds(
        "audit_elsewhere",
        2,
        case=(ELSEWHERE, *audit_cases(processes=SEPARATE)),
        never=UNTRUE,
        claim="No audit is torn if account 1 has no part in the transfer, or in a larger bank.",
        advice=ADVICE,
        needs="audit",
    ),
    sees_the_end("sees_transfers", 1, case=ONE, needs="audit"),
    survives_storm(claim="A storm of four worker processes."),
]
