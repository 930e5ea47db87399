"""Lab 7, lost update: each of three ways must end right in every schedule, and must be what it says it is."""

import re
from collections.abc import Sequence
from typing import Any

from accounts.db.sqlstates import SERIALIZATION_FAILURE
from accounts.labs.cases import Case
from accounts.labs.checks import Check, holds, says
from accounts.labs.problems import DRIFTED, LOST_UPDATE, WRONG_END
from accounts.labs.proofs import StatementProof
from accounts.labs.schedules import Problem, Schedules
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed
from interleavings.engine.step import Step

SAME_WAY = "{a}>{b}:{amount},{a}>{b}:{other}"
ON_AND_ON = "1>2:{amount},2>3:{other}"  # only account 2 is in both: no lock on one row of each will do
LOCKS = r"^SELECT .* FOR (NO KEY )?(UPDATE|SHARE|KEY SHARE)|pg_(try_)?advisory|^LOCK |^acquire "
UNSAFE = Case(SAME_WAY, audits=0)

SNAPSHOT_REFUSED = Problem(
    "PostgreSQL ends a transaction",
    lambda run, _: run.had(SERIALIZATION_FAILURE),
    lambda _run, _schedules: f"It was a snapshot that noticed ({SERIALIZATION_FAILURE}); the token is to notice.",
)

TOKEN_IS_NEVER_OLD = Problem(
    "no UPDATE finds that another transfer was faster",
    lambda run, schedules: not any(_found_nothing(step) for each in schedules.runs for step in each.steps),
    lambda _run, _schedules: "Here two transfers read before either writes: then a token must be another one.",
)


def _found_nothing(step: Step) -> bool:
    return step.row_count == 0 and step.sql.lstrip().upper().startswith("UPDATE")


def right_count(schedules: Schedules) -> int:
    return schedules.schedule_count - schedules.count(WRONG_END)


def is_hidden(schedules: Schedules) -> bool:
    return schedules.count(WRONG_END) > schedules.count(DRIFTED)


SHOWN = UNSAFE
TRUTHS = {
    "lost": (UNSAFE, lambda schedules: schedules.has(LOST_UPDATE)),
    "right": (UNSAFE, right_count),
    "hidden": (UNSAFE, is_hidden),
}


def sent(schedules: Schedules, *, first: bool) -> list[tuple[str, tuple[Any, ...]]]:
    """What session t1 sends with its parameters, if it comes first, or after the other one."""
    run = next(run for run in schedules.serial if (run.schedule[0] == "t1") == first)
    return [(step.sql, tuple(step.params or ())) for step in run.steps if step.session == "t1"]


def database_computes(name: str, case: Case, how: str) -> Check:
    """The same is sent whatever balances are there: then nothing was computed from one that was read."""

    def examine(work: Submission) -> Outcome:
        schedules = work.explore(case)
        before, after = sent(schedules, first=True), sent(schedules, first=False)
        if before != after or any(re.search(LOCKS, _plain(sql), re.IGNORECASE) for sql, _params in before):
            return failed(how, StatementProof([sql for sql, _params in before]))
        return passed(how)

    return Check(f"{name}_is_one", 1, how, examine, name)


def _plain(sql: str) -> str:
    return " ".join(sql.replace('"', "").split())


def check_way(
    name: str, *, advice: str, how: str, always: str = "", never: str = "", other_ways: Sequence[Problem] = ()
) -> list[Check]:
    """The checks of one of the three functions. Without `always`, the database is to compute."""
    same_way, on_and_on = (Case(transfers, audits=0, transfer=name) for transfers in (SAME_WAY, ON_AND_ON))
    return [
        holds(name, 2, case=same_way, never=(WRONG_END, *other_ways), claim="No update is lost.", advice=advice),
        says(
            f"{name}_is_one",
            1,
            case=same_way,
            session="t1",
            claim=how,
            advice=how,
            always=always,
            never=never,
            needs=name,
        )
        if always
        else database_computes(name, same_way, how),
        holds(
            f"{name}_on_and_on",
            1,
            case=on_and_on,
            never=(WRONG_END,),
            claim="No update is lost while money moves on through a third account.",
            advice=advice,
            needs=name,
        ),
    ]


CHECKS = [
    *check_way(
        "with_lock",
        always=r"^(SELECT|WITH)\b.* (FROM|JOIN) accounts_account\b.* FOR (NO KEY )?UPDATE",
        never=r"^SELECT (?!.* FOR (NO KEY )?UPDATE).* (FROM|JOIN) accounts_account\b",
        how="It is to read its accounts FOR UPDATE, and only so.",
        advice="A balance from which a new one is computed must be read under its row's lock.",
    ),
    *check_way(
        "with_expression",
        how="It is to let UPDATE compute the new balance from the old one, and to ask for no lock.",
        advice="A balance that was read in Python may be old when it is written.",
    ),
    *check_way(
        "with_token",
        always=r"\bUPDATE (ONLY )?accounts_account\b.* WHERE .*last_transfer",
        never=LOCKS,
        other_ways=(SNAPSHOT_REFUSED, TOKEN_IS_NEVER_OLD),
        how="It is to ask for the token in the WHERE of its UPDATE, and for no lock.",
        advice="An UPDATE that asks for the token changes no row if another transfer was faster: look at the count.",
    ),
]
