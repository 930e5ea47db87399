"""Marks a class: every file that was handed in, in a process and with a database of its own.

No storm is run: what it finds depends on luck, and a mark must not. Marks are kept in this process only, until all
are there; nothing that a submission is meant to reach holds any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.errors import BankError
from accounts.labs import examination
from accounts.labs.catalogue import Lab
from accounts.labs.grading import refused
from accounts.labs.hand_ins import HandIn
from accounts.labs.submission_server import SubmissionServer
from accounts.labs.verdict import LabVerdict, State

LONGEST_MESSAGE = 600
LONGEST_FILE_BYTES = 1024**2


@dataclass(frozen=True)
class Mark:
    """What one student reached in one lab; the first check that failed, and why."""

    student: str
    lab: int
    file: str
    passed: bool
    score: int
    max_score: int
    failed: str
    message: str


def mark_class(server: SubmissionServer, hand_ins: Sequence[HandIn], *, time_limit_s: float) -> Iterator[Mark]:
    """The marks, one by one."""
    for one in hand_ins:
        yield _mark(one, _examine(server, one, time_limit_s))


def _examine(server: SubmissionServer, one: HandIn, time_limit_s: float) -> LabVerdict:
    if not one.files:
        return refused(one.lab, "No file was handed in.")
    if len(one.files) > 1:
        names = ", ".join(file.name for file in one.files)
        return refused(one.lab, f"Several files were handed in: {names}. Keep one.")
    if one.files[0].is_file() and one.files[0].stat().st_size > LONGEST_FILE_BYTES:
        return refused(one.lab, "The file is longer than a megabyte: that is no answer to this lab.")
    with server.database() as database:
        try:
            return examination.check(
                *(one.lab, one.files[0]),
                student=one.student,
                with_storm=False,
                time_limit_s=time_limit_s,
                database=database,
            )
        except (BankError, OSError) as refusal:
            return refused(one.lab, f"The file cannot be read: {refusal}")


def check_that_it_works(server: SubmissionServer, lab: Lab, *, time_limit_s: float) -> None:
    """Raises BankError where our own solution fails: that nothing can be graded here is not the students' fault."""
    verdict = _examine(server, HandIn("nobody", lab, (lab.solution,)), time_limit_s)
    if verdict.first_failed is not None:
        reason = verdict.first_failed.outcome.message
        raise BankError(f"Nothing was graded, because our own solution of lab {lab.number} fails here: {reason}")


def _mark(one: HandIn, verdict: LabVerdict) -> Mark:
    failed = [check for check in verdict.checks if not check.outcome.is_passed]
    first = next((check for check in failed if check.outcome.state is State.FAILED), None)
    # As a whole, and not by a check: then all say the same.
    is_refused = len(failed) > 1 and len({check.outcome.message for check in failed}) == 1
    return Mark(
        student=one.student,
        lab=one.lab.number,
        file=one.files[0].name if len(one.files) == 1 else "",
        passed=verdict.is_passed,
        score=verdict.score,
        max_score=verdict.max_score,
        failed=first.name if first and not is_refused else "",
        message=_shorten(first.outcome.message) if first else "",
    )


def _shorten(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]} ..."
