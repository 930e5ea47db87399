"""Marks a class: every file that was handed in, in a process and with a database of its own.

No storm is run: what it finds depends on luck, and a mark must not. Marks are kept in this process only, until all
are there; nothing that a submission is meant to reach holds any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.errors import BankError
from accounts.labs import examination
from accounts.labs.catalogue import Lab
from accounts.labs.grading import left_undecided, refused
from accounts.labs.hand_ins import HandIn
from accounts.labs.submission_server import SubmissionServer
from accounts.labs.verdict import LabVerdict, State

MAX_MESSAGE_LENGTH = 600
MAX_FILE_BYTES = 1024**2


@dataclass(frozen=True)
class Mark:
    """What one student reached in one lab; the first check that did not pass, and why."""

    student: str
    lab: int
    file: str
    state: str  #: "passed", "failed" or "not graded yet"
    passed: bool
    score: int | None  #: None: not graded yet
    max_score: int
    failed: str
    message: str

    @property
    def is_graded(self) -> bool:
        return self.score is not None


def mark_class(server: SubmissionServer, hand_ins: Sequence[HandIn], *, time_limit_s: float) -> Iterator[Mark]:
    """The marks, one by one. What could not be decided is graded once more when all others are done."""
    undecided = []
    for hand_in in hand_ins:
        mark = _mark(hand_in, examine(server, hand_in, time_limit_s=time_limit_s))
        if mark.is_graded:
            yield mark
        else:
            undecided.append(hand_in)
    for hand_in in undecided:
        yield _mark(hand_in, examine(server, hand_in, time_limit_s=time_limit_s))


def examine(server: SubmissionServer, hand_in: HandIn, *, time_limit_s: float) -> LabVerdict:
    """The verdict on one student's work in one lab. Raises BankError where the server is gone."""
    lab, files = hand_in.lab, hand_in.files
    if not files:
        return refused(lab, "No file was handed in.")
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        return refused(lab, f"Several files were handed in: {names}. Keep one.")
    with server.database() as database:
        try:
            if files[0].is_file() and files[0].stat().st_size > MAX_FILE_BYTES:
                return refused(lab, "The file is longer than a megabyte: that is no answer to this lab.")
            return examination.check(
                lab,
                files[0],
                student=hand_in.student,
                with_storm=False,
                time_limit_s=time_limit_s,
                database=database,
            )
        except (BankError, OSError) as refusal:
            # A right that we lack, a link to nowhere, a full disk: no answer's fault.
            return left_undecided(lab, f"Not graded yet: {refusal}")


def check_that_it_works(server: SubmissionServer, lab: Lab, *, time_limit_s: float) -> None:
    """Raises BankError where our own solution does not pass: that is no student's fault."""
    verdict = examine(server, HandIn("our own", lab, (lab.solution,)), time_limit_s=time_limit_s)
    if verdict.is_passed:
        return
    message = (verdict.first_failed or verdict.first_undecided or verdict.checks[0]).outcome.message
    raise BankError(f"Nothing was graded, because our own solution of lab {lab.number} does not pass here: {message}")


def _mark(hand_in: HandIn, verdict: LabVerdict) -> Mark:
    check = verdict.first_undecided if verdict.state is State.UNDECIDED else verdict.first_failed
    # A file that was refused as a whole, and not by a check: all say the same.
    messages = {each.outcome.message for each in verdict.checks}
    is_whole = len(verdict.checks) > 1 and len(messages) == 1
    return Mark(
        student=hand_in.student,
        lab=hand_in.lab.number,
        file=hand_in.files[0].name if len(hand_in.files) == 1 else "",
        state=verdict.state.value,
        passed=verdict.is_passed,
        score=verdict.score,
        max_score=verdict.max_score,
        failed=check.name if check and not is_whole else "",
        message=_shorten(check.outcome.message) if check else "",
    )


def _shorten(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= MAX_MESSAGE_LENGTH else f"{line[:MAX_MESSAGE_LENGTH]} ..."
