"""Building blocks of a lab's checks: each claims something, and refutes a file by one concrete schedule.

    CHECKS = [
        holds("one_transfer", 3, case=ONE, never=UNTRUE, claim="...", advice="..."),
        sees_the_end("sees_transfers", 1, case=ONE),
        says("no_lock", 1, case=ONE, session="a", never=r"FOR UPDATE", claim="...", advice="..."),
        survives_storm("storm", ...),
    ]

A check that none of these makes is a `Check` with a function of its own: a Submission in, an Outcome out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.explorer.scenario import Run
from accounts.labs.explored import Explored, Problem
from accounts.labs.problems import UNFINISHED, UNTRUE, WRONG_END
from accounts.labs.submission import Explorable, Submission


@dataclass(frozen=True)
class Outcome:
    """Whether a check passed, why, and what proves it (a schedule, a storm's report; None: nothing to show)."""

    passed: bool
    message: str
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True)
class Check:
    """`claim` is what is so if it passes, in one sentence; it is not run before the check that it `needs` has passed.

    So a small bank comes before a larger one, and refutes a wrong answer by a schedule that is short. A storm only
    confirms: it is run last, if all else holds.
    """

    name: str
    points: int
    claim: str
    examine: Callable[[Submission], Outcome]
    needs: str = ""
    is_storm: bool = False


def holds(
    name: str,
    points: int,
    *,
    case: Explorable,
    claim: str,
    first: Sequence[Problem] = (),
    never: Sequence[Problem] = UNTRUE,
    advice: str = "",
    needs: str = "",
) -> Check:
    """In no schedule of the case one of these problems; nor an error, nor sessions that wait for ever.

    What is looked for `first` names an error that is the lesson, before it is only called an error.
    """

    def examine(work: Submission) -> Outcome:
        explored = work.explore(case)
        for problem in (*first, *UNFINISHED, *never):
            if refuted := _refute(explored, problem, "" if problem in UNFINISHED else advice):
                return refuted
        return _proved(explored, claim)

    return Check(name, points, claim, examine, needs)


def sees_the_end(name: str, points: int, *, case: Explorable, needs: str = "") -> Check:
    """The transfers do their work, and an audit that comes after them sees it: nobody just returns the opening.

    The case is to have one audit, whose session is called "a".
    """
    claim = "The transfers move their money, and an audit that comes after them sees it."

    def saw_it(run: Run, _explored: Explored) -> bool:
        verdict = run.observation
        reads = [read for read in verdict.readings.values() if not isinstance(read, int)]
        return all({account: balance for account, balance, _ in read} == verdict.balances for read in reads)

    def examine(work: Submission) -> Outcome:
        explored = work.explore(case)
        for problem in (*UNFINISHED, WRONG_END):
            if refuted := _refute(explored, problem, ""):
                return refuted
        if explored.has(Problem("an audit saw the end", saw_it)):
            return Outcome(True, claim)
        if not explored.statements("a"):
            return Outcome(False, "The audit takes no step: it asks the database for nothing. It must read.")
        last = max(explored.runs, key=lambda run: run.schedule.index("a"))
        message = "In no schedule did an audit see the transfers, not even when it came after them: it must read."
        return Outcome(False, message, explored.evidence(last))

    return Check(name, points, claim, examine, needs)


def says(
    name: str,
    points: int,
    *,
    case: Explorable,
    session: str,
    claim: str,
    advice: str,
    always: str = "",
    never: str = "",
    needs: str = "",
) -> Check:
    """A session's SQL, when it runs alone, has a statement that matches `always`, and none that matches `never`."""

    def examine(work: Submission) -> Outcome:
        explored = work.explore(case)
        if refuted := next(filter(None, (_refute(explored, problem, "") for problem in UNFINISHED)), None):
            return refuted
        statements = explored.statements(session)
        found = [sql for sql in statements if never and re.search(never, sql)]
        missing = bool(always) and not any(re.search(always, sql) for sql in statements)
        passed = not found and not missing
        return Outcome(passed, claim if passed else advice, {"statements": found or statements})

    return Check(name, points, claim, examine, needs)


NO_STEP = "(nobody takes a step)"


def _refute(explored: Explored, problem: Problem, advice: str) -> Outcome | None:
    """The shortest schedule with the problem, if there is one."""
    run = explored.shortest(problem)
    if run is None:
        return None
    sentences = (
        f"In {explored.count(problem):,} of {explored.schedule_count:,} schedules {problem.what}.",
        f"The shortest: {str(run) or NO_STEP}.",
        problem.detail(run, explored),
        advice,
    )
    return Outcome(False, " ".join(filter(None, sentences)), explored.evidence(run))


def _proved(explored: Explored, claim: str) -> Outcome:
    if explored.is_exhaustive:
        return Outcome(True, f"{claim} All {explored.schedule_count:,} schedules were explored.")
    message = f"There are more schedules than the {len(explored.runs):,} that were run, so nothing is proved: ask less."
    return Outcome(False, message)
