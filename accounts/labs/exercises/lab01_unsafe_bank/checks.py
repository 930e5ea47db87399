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
    replay = play(work)
    assert replay.run is not None
    return replay, replay.run.observation


def schedule_of(work: Submission) -> str:
    """Raises BankError for anything that is no string."""
    schedule = work.value("SCHEDULE")
    if not isinstance(schedule, str):
        raise BankError(f'SCHEDULE is {schedule!r:.40}: write a string such as "t1 t1 a t1".')
    return schedule


def half_seen_of(work: Submission) -> int:
    """Raises BankError for anything that is not 1 or 2."""
    transfer = work.value("HALF_SEEN")
    if type(transfer) is not int or transfer not in (1, 2):
        raise BankError(f"HALF_SEEN is {transfer!r:.40}: write 1 or 2, the number of the transfer.")
    return transfer


def complete(work: Submission) -> Outcome:
    replay = play(work)
    if replay.run is not None:
        return passed("Every session comes to its end.", proof(work, replay))
    ready = "; ".join(f"{name}: {step}" for name, step in replay.ready.items())
    return failed(f"Not complete. Next could come: {ready}.", proof(work, replay))


def torn(work: Submission) -> Outcome:
    replay, verdict = play_to_the_end(work)
    if verdict.torn:
        return passed(" ".join(verdict.stories), proof(work, replay))
    message = "The audit is not torn: it saw every transfer on both accounts or on neither. What did it read, and when?"
    return failed(message, proof(work, replay))


def end_is_right(work: Submission) -> Outcome:
    replay, verdict = play_to_the_end(work)
    balances = expected_balances(work)
    off = [
        f"account {number} ends with {balance:,}, and should hold {balances[number]:,}"
        for number, balance in verdict.balances.items()
        if balance != balances[number]
    ]
    if off:
        message = f"{' and '.join(off).capitalize()}: the transfers are in each other's way, not only in the audit's."
        return failed(message, proof(work, replay))
    return passed("Both accounts end right: only the audit was wrong.", proof(work, replay))


def names_the_transfer(work: Submission) -> Outcome:
    transfer = half_seen_of(work)
    replay, verdict = play_to_the_end(work)
    if verdict.half_seen == (transfer,):
        return passed(f"Transfer {transfer} was seen on one account only.", proof(work, replay))
    message = (
        f"Not transfer {transfer}, which is seen on both or on neither: on which side of the audit's readings is its "
        "COMMIT?"
    )
    if transfer in verdict.half_seen:
        message = "More than one transfer is half seen: leave one of them out of the audit's way."
    return failed(message, proof(work, replay))


def expected_balances(work: Submission) -> dict[int, int]:
    """What the accounts hold if both transfers are made."""
    return dict(work.explore(TRANSFERS).expected)


def proof(work: Submission, replay: Replay) -> ScheduleProof:
    """The schedule in columns."""
    way_there, way_back = (order.replace(">", " > ").replace(":", ", ") for order in work.variant.fill(BOTH).split(","))
    return ScheduleProof({"t1": f"t1: {way_there}", "t2": f"t2: {way_back}", "a": "a: audit"}, replay.report())


CHECKS = [
    Check("complete", 1, "The schedule can be run to its end.", complete),
    Check("torn", 3, "The audit is torn.", torn, needs="complete"),
    Check("end_is_right", 2, "Both accounts end right.", end_is_right, needs="torn"),
    Check("names_the_transfer", 2, "The half-seen transfer is named.", names_the_transfer, needs="torn"),
]
