"""Checks one file, in this process: the explorer's checks decide, and a storm confirms. Points only for what is proved.

The file runs here with all our rights: examination.py does the same in a process apart, with limits.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accounts.db.shutdown import close_idle_connections, server_birth
from accounts.db.sqlstates import line_in
from accounts.errors import BankError
from accounts.labs.case_runner import TooSlow
from accounts.labs.catalogue import Lab
from accounts.labs.checks import Check
from accounts.labs.observation import CaseCounts, Observation, Unexplorable
from accounts.labs.problems import EVERYTHING
from accounts.labs.race_schedules import RaceSchedules
from accounts.labs.schedules import Schedules
from accounts.labs.submission import Submission
from accounts.labs.verdict import NOT_RUN, CheckResult, LabVerdict, Outcome, State, failed, undecided


def check(
    lab: Lab, file: Path, *, student: str, with_storm: bool = True, until_refuted: bool = False, only: str = ""
) -> LabVerdict:
    """The verdict on the file. Never raises for what the file does, short of ending the process.

    The checks are examined in their order:

    1. A check whose `needs` has not passed is not run.
    2. A storm is run only if it is wanted and all before it has passed.
    3. With `until_refuted`, the first check that has not passed is the last.
    4. With `only`, the check of that name is the only one, as if what it needs had passed.

    A check that could not be carried out whole is undecided, and not failed. So is one during which the server went
    away.
    """
    work = Submission(file, lab.variant(student))
    outcomes: dict[str, Outcome] = {}
    outage = _Outage()
    for each in lab.checks:
        if only not in ("", each.name):
            continue
        if not each.is_storm:
            outcomes[each.name] = outage.excuse(_examine(each, work, outcomes))
        elif with_storm and all(outcome.is_passed for outcome in outcomes.values()):
            outcomes[each.name] = each.examine(work)
        if until_refuted and each.name in outcomes and not outcomes[each.name].is_passed:
            break
    return _verdict(lab, outcomes)


class _Outage:
    """Notices, after a check that has failed, that the server is another one than before, or is shutting down."""

    def __init__(self) -> None:
        self._birth = server_birth()

    def excuse(self, outcome: Outcome) -> Outcome:
        """What a failed check says is not believed if the server went away: whatever the sessions met was that."""
        if outcome.state is not State.FAILED:
            return outcome
        birth = server_birth()
        if birth is not None and birth == self._birth:
            return outcome
        close_idle_connections()  # a server that shuts down waits for them
        self._birth = birth
        return undecided("Not graded yet: the database was shut down or restarted during this check.")


def _examine(each: Check, work: Submission, outcomes: dict[str, Outcome]) -> Outcome:
    needed = outcomes.get(each.needs)
    if needed is not None and not needed.is_passed:
        is_failed = needed.state is State.FAILED
        reason = "first repair what failed in" if is_failed else "it needs"
        return Outcome(State.NOT_RUN, f"{NOT_RUN}{reason} {each.needs}.")
    try:
        return each.examine(work)
    except TooSlow as slow:
        return undecided(f"Not graded yet: {slow}")
    except BankError as refusal:
        return failed(str(refusal))
    except Exception as error:  # a file may leave rows behind, or return values, that no check expects
        line = line_in(work.file, error)
        where = f"; line {line}" if line else ""
        return failed(f"What it did cannot be judged ({type(error).__name__}: {error!s:.200}{where}).")


def observe(lab: Lab, file: Path, *, student: str) -> Observation | Unexplorable:
    """What is wrong with this file in the lab's own case, and in the cases that the lab compares it with."""
    try:
        return observe_work(lab, Submission(file, lab.variant(student)))
    except BankError as refusal:
        return Unexplorable(str(refusal))


def observe_work(lab: Lab, work: Submission) -> Observation:
    """The same. Raises BankError if the schedules cannot be run."""
    shown = work.explore(lab.module.SHOWN)
    beside = {text: work.explore(case) for text, case in getattr(lab.module, "COMPARED", {}).items()}
    problems_asked = (*getattr(lab.module, "FOREMOST", ()), *getattr(lab.module, "PROBLEMS", EVERYTHING))
    problems = _problems(shown, problems_asked)
    worst = shown.shortest(problems[0]) if problems else None
    return Observation(
        case=_counts(shown, problems_asked),
        compared={text: _counts(schedules, problems_asked) for text, schedules in beside.items()},
        detail=problems[0].detail(worst, shown) if worst else "",
        worst=shown.proof(worst) if worst else None,
    )


def _problems(schedules: Any, wanted: Iterable[Any]) -> list[Any]:
    """The wanted problems that a schedule of these has: Problems of Schedules, or RaceProblems of RaceSchedules."""
    return [problem for problem in wanted if schedules.has(problem)]


def _counts(schedules: Schedules | RaceSchedules, wanted: Iterable[Any]) -> CaseCounts:
    return CaseCounts(
        schedules=schedules.schedule_count,
        exhaustive=schedules.is_exhaustive,
        counts={problem.what: schedules.count(problem) for problem in _problems(schedules, wanted)},
    )


def _verdict(lab: Lab, outcomes: dict[str, Outcome]) -> LabVerdict:
    """A check without an outcome was not asked for."""
    return LabVerdict(
        lab=lab.number,
        max_score=sum(each.points for each in lab.checks),
        checks=tuple(
            CheckResult(each.name, each.points, outcomes[each.name]) for each in lab.checks if each.name in outcomes
        ),
    )


def refused(lab: Lab, message: str) -> LabVerdict:
    """The verdict on a file that ended the check: every check has failed for the same reason."""
    return _verdict(lab, {each.name: failed(message) for each in lab.checks if not each.is_storm})


def left_undecided(lab: Lab, message: str) -> LabVerdict:
    """The verdict on a file whose check did not come to its end, for a reason that may not be the file's."""
    return _verdict(lab, {each.name: undecided(message) for each in lab.checks if not each.is_storm})
