"""Lab 1, the unsafe bank: the student's schedule is run, step by step, and the evidence judges it."""

from pathlib import Path

from accounts.errors import BankError
from accounts.explorer.plan import SHARED, make_plan
from accounts.explorer.replay import Replay, replay
from accounts.explorer.verdicts import Verdict
from accounts.labs.cases import Case
from accounts.labs.checks import Check
from accounts.labs.problems import TORN, WRONG_END
from accounts.labs.proofs import ScheduleProof
from accounts.labs.submission import Submission
from accounts.labs.verdict import Outcome, failed, passed

BANK = str(Path(__file__).parent / "exercise.py")  # as it was given, whatever has become of the student's
BOTH = "{first}>{second}:{amount},{second}>{first}:{other}"
ONE = Case("{first}>{second}:{amount}", accounts=2, transfer_with=BANK, audit_with=BANK)
TRANSFERS = Case(BOTH, accounts=2, audits=0, transfer_with=BANK)

SHOWN = ONE
TRUTHS = {
    "torn": (ONE, lambda schedules: schedules.has(TORN)),
    "error": (ONE, lambda schedules: schedules.audit_errors()[0]),
    "end": (TRANSFERS, lambda schedules: schedules.has(WRONG_END)),
}


def play(work: Submission) -> Replay:
    """The student's schedule, run. Raises BankError where a step cannot be taken."""
    transfers = work.variant.fill(BOTH)
    plan = make_plan(transfer_with=BANK, audit_with=BANK, accounts=2, transfers=transfers, audits=1, processes=SHARED)
    return replay(plan, schedule_of(work))


def play_to_the_end(work: Submission) -> tuple[Replay, Verdict]:
    """The same, for checks that need "complete"."""
    played = play(work)
    assert played.run is not None
    return played, played.run.observation


def schedule_of(work: Submission) -> str:
    """Raises BankError for anything that is no string."""
    given = work.value("SCHEDULE")
    if not isinstance(given, str):
        raise BankError(f'SCHEDULE is {given!r:.40}: write a string such as "t1 t1 a t1".')
    return given


def half_seen_of(work: Submission) -> int:
    """Raises BankError for anything that is not 1 or 2."""
    given = work.value("HALF_SEEN")
    if type(given) is not int or given not in (1, 2):
        raise BankError(f"HALF_SEEN is {given!r:.40}: write 1 or 2, the number of the transfer.")
    return given


def complete(work: Submission) -> Outcome:
    played = play(work)
    if played.run is not None:
        return passed("Every session comes to its end.", proof(work, played))
    ready = "; ".join(f"{name}: {step}" for name, step in played.ready.items())
    return failed(f"Not complete. Next could come: {ready}.", proof(work, played))


def torn(work: Submission) -> Outcome:
    played, verdict = play_to_the_end(work)
    if verdict.torn:
        return passed(" ".join(verdict.stories), proof(work, played))
    message = "The audit is not torn: it saw every transfer on both accounts or on neither. What did it read, and when?"
    return failed(message, proof(work, played))


def end_is_right(work: Submission) -> Outcome:
    played, verdict = play_to_the_end(work)
    expected = expected_balances(work)
    off = [
        f"account {number} ends with {balance:,}, and should hold {expected[number]:,}"
        for number, balance in verdict.balances.items()
        if balance != expected[number]
    ]
    if off:
        message = f"{' and '.join(off).capitalize()}: the transfers are in each other's way, not only in the audit's."
        return failed(message, proof(work, played))
    return passed("Both accounts end right: only the audit was wrong.", proof(work, played))


def names_the_transfer(work: Submission) -> Outcome:
    named = half_seen_of(work)
    played, verdict = play_to_the_end(work)
    if verdict.half_seen == (named,):
        return passed(f"Transfer {named} was seen on one account only.", proof(work, played))
    message = (
        f"Not transfer {named}, which is seen on both or on neither: on which side of the audit's readings is its "
        "COMMIT?"
    )
    if named in verdict.half_seen:
        message = "More than one transfer is half seen: leave one of them out of the audit's way."
    return failed(message, proof(work, played))


def expected_balances(work: Submission) -> dict[int, int]:
    """What the accounts hold if both transfers are made."""
    return dict(work.explore(TRANSFERS).expected)


def proof(work: Submission, played: Replay) -> ScheduleProof:
    """The schedule in columns."""
    there, back = (order.replace(">", " > ").replace(":", ", ") for order in work.variant.fill(BOTH).split(","))
    return ScheduleProof({"t1": f"t1: {there}", "t2": f"t2: {back}", "a": "a: audit"}, played.report())


CHECKS = [
    Check("complete", 1, "The schedule can be run to its end.", complete),
    Check("torn", 3, "The audit is torn.", torn, needs="complete"),
    Check("end_is_right", 2, "Both accounts end right.", end_is_right, needs="torn"),
    Check("names_the_transfer", 2, "The half-seen transfer is named.", names_the_transfer, needs="torn"),
]
