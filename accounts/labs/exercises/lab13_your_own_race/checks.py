"""Lab 13, your own race: the student's test finds what is wrong in `sell`, and would find it in other repairs too."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings

from accounts.labs.checks import Check
from accounts.labs.race_cases import LIMIT, Call, CallRace, OwnRace
from accounts.labs.race_schedules import (
    DEADLOCKED,
    EVERYTHING,
    UNFINISHED,
    UNLIKE_ANY_ORDER,
    WAITED,
    RaceProblem,
    RaceSchedules,
)
from accounts.labs.submission import Submission
from accounts.labs.variants import Variant
from accounts.labs.verdict import Outcome, failed, passed, undecided
from interleavings.report.report import Ending

HERE = Path(__file__).parent
APP = settings.BASE_DIR / "docs" / "ticket_shop"
SEATS = 1_000
TOO_MANY_SCHEDULES = f"Not graded yet: there are more than {LIMIT:,} schedules. With two sessions there are fewer."


# The lab's own test: two orders of {amount} and {other} seats, or of nine hundred more each.


def open_hall() -> None:
    show = apps.get_model("ticket_shop", "Show")  # type: ignore[misc]  # the app is installed only while it is explored
    show.objects.create(name="Hamlet", seats_left=SEATS)


def order(customer: str, seats: str) -> Call:
    def call(module: ModuleType, variant: Variant) -> Any:
        return module.sell("Hamlet", customer, int(variant.fill(seats)))

    return call


def orders(anna: str, ben: str) -> CallRace:
    sessions = {"anna": (f"anna: {anna}", order("anna", anna)), "ben": (f"ben: {ben}", order("ben", ben))}
    return CallRace(APP, open_hall, sessions)


BEYOND = orders("9{amount}", "9{other}")
WITHIN = orders("{amount}", "{other}")


def sold_in(ending: Ending) -> int:
    return sum(row["seats"] for row in ending.outcome.added.get("ticket_shop_order", []))


def left_in(ending: Ending) -> int:
    """What the show says; a row that was not changed is not among those that were added."""
    return next((row["seats_left"] for row in ending.outcome.added.get("ticket_shop_show", [])), SEATS)


def buyers_in(ending: Ending) -> set[str]:
    return {row["customer"] for row in ending.outcome.added.get("ticket_shop_order", [])}


def told_in(ending: Ending) -> set[str]:
    """The customers who were told that they have their seats."""
    return {name for name, result in ending.outcome.results.items() if result.get("returned") is True}


def _tell(ending: Ending, _schedules: RaceSchedules) -> str:
    told = " and ".join(sorted(told_in(ending))) or "none"
    return (
        f"{sold_in(ending):,} seats are sold, {left_in(ending):,} of {SEATS:,} are left. Told that it is done: {told}."
    )


OVERSOLD = RaceProblem("more seats are sold than there are", lambda ending, _: sold_in(ending) > SEATS, _tell)
NOTHING_SOLD = RaceProblem("neither order is taken", lambda ending, _: not sold_in(ending), _tell)
ONE_REFUSED = RaceProblem("an order is refused for nothing", lambda ending, _: len(buyers_in(ending)) < 2, _tell)
WRONG_LEFT = RaceProblem(
    "the number of seats that are left is wrong", lambda ending, _: sold_in(ending) + left_in(ending) != SEATS, _tell
)
UNTRUE = RaceProblem("a customer is told what is not so", lambda ending, _: told_in(ending) != buyers_in(ending), _tell)


def left_at_worst(schedules: RaceSchedules) -> int:
    worst = schedules.shortest(OVERSOLD)
    return left_in(worst) if worst else SEATS


SHOWN = BEYOND
PROBLEMS = (OVERSOLD, WRONG_LEFT, UNTRUE, *EVERYTHING)
TRUTHS = {
    "oversold": (BEYOND, lambda schedules: schedules.has(OVERSOLD)),
    "count": (BEYOND, lambda schedules: schedules.count(OVERSOLD)),
    "minus": (BEYOND, lambda schedules: left_at_worst(schedules) < 0),
    "waits": (BEYOND, lambda schedules: schedules.has(WAITED)),
}


# What is checked: the student's repair by the lab's test, and the student's test by the repairs of the lab.


def never(name: str, points: int, *, case: CallRace, problems: Sequence[RaceProblem], claim: str, needs: str) -> Check:
    """In no schedule of the lab's own test one of these problems."""

    def examine(work: Submission) -> Outcome:
        schedules = work.explore(case)
        for problem in (*UNFINISHED, *problems, UNLIKE_ANY_ORDER):
            if (ending := schedules.shortest(problem)) is not None:
                return failed(_say(problem, ending, schedules), schedules.proof(ending))
        if not schedules.is_exhaustive:
            return undecided(TOO_MANY_SCHEDULES)
        return passed(f"{claim} All {schedules.schedule_count:,} schedules were explored.")

    return Check(name, points, claim, examine, needs)


def _say(problem: RaceProblem, ending: Ending, schedules: RaceSchedules) -> str:
    shortest = f"The shortest: {ending.schedule}."
    return " ".join(filter(None, (_count(problem, schedules), shortest, problem.detail(ending, schedules))))


def _count(problem: RaceProblem, schedules: RaceSchedules) -> str:
    return f"In {schedules.count(problem):,} of {schedules.schedule_count:,} schedules {problem.what}."


def finds(name: str, points: int, *, file: Path, what: str, advice: str, needs: str = "") -> Check:
    """The student's test fails where `sell` is that of this file."""
    claim = f"Your test fails on {what}."
    case = OwnRace(APP, "sell", file)

    def examine(work: Submission) -> Outcome:
        schedules = work.explore(case)
        wrong = _wrong_in(schedules)
        if wrong is not None:
            problem, ending = wrong
            return passed(f"{claim} {_count(problem, schedules)}", schedules.proof(ending))
        if not schedules.is_exhaustive:
            return undecided(TOO_MANY_SCHEDULES)
        return failed(f"Your test passes on {what}, in all {schedules.schedule_count:,} schedules. {advice}")

    return Check(name, points, claim, examine, needs)


def _wrong_in(schedules: RaceSchedules) -> tuple[RaceProblem, Ending] | None:
    """Why `manage.py explore` would end with status 1; None if it would not."""
    for problem in (UNLIKE_ANY_ORDER, DEADLOCKED):
        if (ending := schedules.shortest(problem)) is not None:
            return problem, ending
    return None


RIGHT = {
    "your repair": OwnRace(APP, "sell"),
    "a right repair, which locks the show": OwnRace(APP, "sell", HERE / "solution.py"),
    "a right repair, whose UPDATE has a condition": OwnRace(APP, "sell", HERE / "repairs" / "by_a_condition.py"),
}


def accepts(work: Submission) -> Outcome:
    """A test that fails on everything shows nothing."""
    for what, case in RIGHT.items():
        schedules = work.explore(case)
        wrong = _wrong_in(schedules)
        if wrong is not None:
            problem, ending = wrong
            return failed(f"Your test fails on {what}: {_say(problem, ending, schedules)}", schedules.proof(ending))
        if not schedules.is_exhaustive:
            return undecided(TOO_MANY_SCHEDULES)
    return passed("Your test passes on your repair, and on two of ours.")


CHECKS = [
    finds(
        "shows",
        2,
        file=HERE / "exercise.py",
        what="`sell` as it was given",
        advice="What do two customers have to want at once, and how many seats are there then?",
    ),
    never(
        "repaired",
        3,
        case=BEYOND,
        problems=(OVERSOLD, NOTHING_SOLD, WRONG_LEFT, UNTRUE),
        claim="Of two orders that together are more than there is, one is taken and the other one is refused.",
        needs="shows",
    ),
    never(
        "sells",
        1,
        case=WITHIN,
        problems=(ONE_REFUSED, WRONG_LEFT, UNTRUE),
        claim="Two orders for which there are enough seats are both taken.",
        needs="repaired",
    ),
    Check("accepts", 1, "Your test passes on your repair, and on two of ours.", accepts, needs="repaired"),
    finds(
        "condition",
        1,
        file=HERE / "repairs" / "no_condition.py",
        what="a wrong repair, which takes the seats with F() and decides by what it has read before",
        advice="It loses no update: what else is wrong with it, and how many seats must be left for that to be seen?",
        needs="shows",
    ),
    finds(
        "other_rows",
        1,
        file=HERE / "repairs" / "other_rows.py",
        what="a wrong repair, which locks the orders of the show and not the show",
        advice="When are there no orders that could be locked?",
        needs="shows",
    ),
    finds(
        "customers",
        1,
        file=HERE / "repairs" / "each_customer.py",
        what="a wrong repair, which has a lock for each customer",
        advice="Whom does such a lock keep apart?",
        needs="shows",
    ),
]
