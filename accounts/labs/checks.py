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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from accounts.labs.cases import Case, Sessions
from accounts.labs.folding import write_briefly
from accounts.labs.problems import UNFINISHED, UNTRUE, WRONG_END
from accounts.labs.proofs import StatementProof
from accounts.labs.repeated_audits import AFTER, BEFORE, ROBBED, STOLEN, InTurn
from accounts.labs.schedules import Problem, Schedules, notes_of
from accounts.labs.submission import Explorable, Submission
from accounts.labs.verdict import Outcome, failed, passed, undecided
from accounts.ledger import Reading
from interleavings.engine.scenario import Run


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


Advice = str | Callable[[Run], str]  # the same for every schedule, or what is true of this one


def holds(
    name: str,
    points: int,
    *,
    case: Explorable[Schedules] | Sequence[Explorable[Schedules]],
    claim: str,
    first: Sequence[Problem] = (),
    never: Sequence[Problem] = UNTRUE,
    advice: Advice = "",
    needs: str = "",
) -> Check:
    """In no schedule of the case one of these problems; nor an error, nor sessions that wait for ever.

    Of several cases, a small bank comes before a larger one. What is looked for `first` names an error that is the
    lesson, before it is only called an error. `advice` is said of a schedule without such an error.
    """
    cases = case if isinstance(case, Sequence) else [case]

    def examine(work: Submission) -> Outcome:
        all_schedules = []
        for each in cases:
            all_schedules.append(work.explore(each))
            for problem in (*first, *UNFINISHED, *never):
                if refutation := _refute(all_schedules[-1], problem, "" if problem in UNFINISHED else advice):
                    return refutation
        return _proved(all_schedules, claim)

    return Check(name, points, claim, examine, needs)


def sees_the_end(name: str, points: int, *, case: Case | Sessions, needs: str = "") -> Check:
    """The transfers do their work, and an audit that comes after them sees it, and does not return the opening.

    Nor what an earlier audit has read: of two audits, one before the transfers and one after them, each sees its own
    moment. The case is to have one audit, whose session is called "a".
    """
    claim = "The transfers move their money, and an audit that comes after them sees it."
    twice = InTurn(case)

    def saw_it(run: Run, _schedules: Schedules) -> bool:
        verdict = run.observation
        reads = [read for read in verdict.readings.values() if not isinstance(read, int)]
        return all({account: balance for account, balance, _ in read} == verdict.balances for read in reads)

    def examine(work: Submission) -> Outcome:
        schedules = work.explore(case)
        for problem in (*UNFINISHED, WRONG_END):
            if refutation := _refute(schedules, problem, ""):
                return refutation
        if schedules.has(Problem("an audit saw the end", saw_it)):
            return passed(claim)
        if not schedules.statements("a"):
            return failed("The audit takes no step: it asks the database for nothing. It must read.")
        last_run = max(schedules.runs, key=lambda run: run.schedule.index("a"))
        message = "In no schedule did an audit see the transfers, not even when it came after them: it must read."
        return failed(message, schedules.proof(last_run))

    def examine_twice(work: Submission) -> Outcome:
        outcome = examine(work)
        return outcome if not outcome.is_passed else _reads_anew(work.explore(twice)) or outcome

    return Check(name, points, claim, examine_twice, needs)


def _reads_anew(schedules: Schedules) -> Outcome | None:
    """Why not, if an audit before the transfers does not see the opening, or one after them not what they did."""
    for problem in UNFINISHED:
        if refutation := _refute(schedules, problem, "Here three audits come one after the other, by the same worker."):
            return refutation
    (run,) = schedules.runs
    readings, balances = run.observation.readings, run.observation.balances
    before_theft = balances | {1: balances[1] + STOLEN}
    if not (_sees(readings[BEFORE], schedules.opening) and _sees(readings[AFTER], before_theft)):
        message = (
            "An audit that came first and one that came after the transfers, by the same worker, did not each see what "
            "was there: it must read anew, and keep nothing from one audit to the next."
        )
    elif not _sees(readings[ROBBED], balances):
        message = "When money was stolen from account 1, an audit did not see it: it must tell what is there."
    else:
        return None
    return failed(message, schedules.proof(run))


def _sees(read: tuple[Reading, ...] | int, balances: Mapping[int, int]) -> bool:
    """Whether these readings are those balances; an account that is not there (yet) holds nothing. Of a sum: yes."""
    return isinstance(read, int) or all(balance == balances.get(account, 0) for account, balance, _ in read)


def says(
    name: str,
    points: int,
    *,
    case: Explorable[Schedules],
    session: str,
    claim: str,
    advice: str,
    always: str = "",
    never: str = "",
    needs: str = "",
) -> Check:
    """A session's SQL, when it runs alone, has a statement that matches `always`, and none that matches `never`.

    Written in capitals or not, on one line or several; names are to be matched without the quotes around them.
    """

    def examine(work: Submission) -> Outcome:
        schedules = work.explore(case)
        if refutation := next(filter(None, (_refute(schedules, problem, "") for problem in UNFINISHED)), None):
            return refutation
        statements = schedules.statements(session)
        forbidden = [sql for sql in statements if never and _says(never, sql)]
        is_missing = bool(always) and not any(_says(always, sql) for sql in statements)
        if forbidden or is_missing:
            return failed(advice, StatementProof(forbidden or statements))
        return passed(claim, StatementProof(statements))

    return Check(name, points, claim, examine, needs)


def _says(pattern: str, sql: str) -> bool:
    return re.search(pattern, " ".join(sql.replace('"', "").split()), re.IGNORECASE) is not None


NO_STEP = "(no session takes a step)"
NO_RACE = "This is no race: it is so also when one session runs after the other."


def _refute(schedules: Schedules, problem: Problem, advice: Advice) -> Outcome | None:
    """The shortest schedule with the problem, if there is one; first of all, one without a race, and without advice."""
    serial = schedules.shortest_serial(problem) if problem.may_be_race else None
    run = serial or schedules.shortest(problem)
    if run is None:
        return None
    sentences = (
        NO_RACE if serial else "",
        f"In {schedules.count(problem):,} of {schedules.schedule_count:,} schedules {problem.what}.",
        f"The shortest: {write_briefly(run) or NO_STEP}.",
        problem.detail(run, schedules),
        *notes_of(run),
        "" if serial else advice if isinstance(advice, str) else advice(run),
    )
    return failed(" ".join(filter(None, sentences)), schedules.proof(run))


def _proved(explored: Sequence[Schedules], claim: str) -> Outcome:
    """The claim, how much was explored, and what the evidence lacks; undecided if schedules are left."""
    unfinished = next((schedules for schedules in explored if not schedules.is_proof), None)
    if unfinished is not None:
        return undecided(
            f"Not graded yet: nothing wrong was found in as many schedules as are run ({len(unfinished.runs):,}), but "
            "there are more. With fewer statements, or a weaker isolation level, there are fewer schedules."
        )
    count = sum(schedules.schedule_count for schedules in explored if schedules.is_exhaustive)
    bounds = [schedules.bound for schedules in explored if schedules.bound]
    notes = dict.fromkeys(note for schedules in explored for note in schedules.notes())
    extent = f"All {count:,} schedules were explored." if count > 1 else "The only schedule was explored."
    return passed(" ".join([claim, extent, *bounds, *notes]))
