"""Checks one file, in this process: the explorer's checks decide, and a storm confirms. Points only for what is proved.

The file runs here with all our rights: examination.py does the same in a process apart, with limits.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accounts.db.sqlstates import line_in
from accounts.errors import BankError
from accounts.labs.catalogue import Lab
from accounts.labs.checks import Check, Outcome
from accounts.labs.explored import Explored, Problem
from accounts.labs.problems import EVERYTHING
from accounts.labs.submission import Submission

NOT_RUN = "Not run: "
Verdict = dict[str, Any]


def check(lab: Lab, file: Path, *, student: str, with_storm: bool = True, until_refuted: bool = False) -> Verdict:
    """The verdict on the file, ready for JSON. Never raises for what the file does, short of ending the process.

    `until_refuted`: the first check that fails is the last: enough for whoever asks only why.
    """
    work = Submission(file, lab.variant(student))
    outcomes: dict[str, Outcome] = {}
    for one in lab.checks:
        if not one.is_storm:
            outcomes[one.name] = _examine(one, work, outcomes)
        elif with_storm and all(outcome.passed for outcome in outcomes.values()):
            outcomes[one.name] = one.examine(work)
        if until_refuted and one.name in outcomes and not outcomes[one.name].passed:
            break
    return verdict(lab, outcomes)


def _examine(one: Check, work: Submission, outcomes: dict[str, Outcome]) -> Outcome:
    if one.needs and not outcomes[one.needs].passed:
        return Outcome(False, f"{NOT_RUN}first repair what failed in {one.needs}.")
    try:
        return one.examine(work)
    except BankError as refusal:
        return Outcome(False, str(refusal))
    except Exception as error:  # a file may leave rows behind, or return values, of which nobody has thought
        line = line_in(work.file, error)
        where = f"; line {line}" if line else ""
        return Outcome(False, f"What it did cannot be judged ({type(error).__name__}: {error!s:.200}{where}).")


def observe(lab: Lab, file: Path, *, student: str) -> dict[str, Any]:
    """What the lab's own case comes to with this file, ready for JSON: counts, and the worst schedule (or None).

    `compared`: the counts of other cases, if the lab has any, each by a sentence. A file that cannot be explored gives
    {"refusal": why}.
    """
    work = Submission(file, lab.variant(student))
    try:
        shown = work.explore(lab.module.SHOWN)
        beside = {text: work.explore(case) for text, case in getattr(lab.module, "COMPARED", {}).items()}
    except BankError as refusal:
        return {"refusal": str(refusal)}
    foremost = getattr(lab.module, "FOREMOST", ())
    found = _problems(shown, foremost)
    worst = shown.shortest(found[0]) if found else None
    return {
        **_counts(shown, foremost),
        "compared": {text: _counts(explored) for text, explored in beside.items()},
        "detail": found[0].detail(worst, shown) if worst else "",
        "evidence": shown.evidence(worst) if worst else None,
    }


def _problems(explored: Explored, foremost: Iterable[Problem] = ()) -> list[Problem]:
    """Those that it has: first what the lab is about, then the worst."""
    return [problem for problem in (*foremost, *EVERYTHING) if explored.has(problem)]


def _counts(explored: Explored, foremost: Iterable[Problem] = ()) -> dict[str, Any]:
    return {
        "schedules": explored.schedule_count,
        "exhaustive": explored.is_exhaustive,
        "counts": {problem.what: explored.count(problem) for problem in _problems(explored, foremost)},
    }


def verdict(lab: Lab, outcomes: dict[str, Outcome]) -> Verdict:
    """Passed: everything that was checked holds. A check without an outcome was not asked for."""
    run = [(one, outcomes[one.name]) for one in lab.checks if one.name in outcomes]
    return {
        "lab": lab.number,
        "passed": all(outcome.passed for _, outcome in run),
        "score": sum(one.points for one, outcome in run if outcome.passed),
        "max_score": sum(one.points for one in lab.checks),
        "checks": [
            {
                "name": one.name,
                "passed": outcome.passed,
                "points": one.points,
                "message": outcome.message,
                "evidence": outcome.evidence,
            }
            for one, outcome in run
        ],
    }


def refused(lab: Lab, message: str) -> Verdict:
    """The verdict on a file that could not be checked to the end: every check has failed for the same reason."""
    return verdict(lab, {one.name: Outcome(False, message) for one in lab.checks if not one.is_storm})
