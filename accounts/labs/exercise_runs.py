"""The line of exercises that are to be run for the labs' pages: "see what happens", as `lab run` does it.

What runs is the lab's own exercise, in the numbers of the student, and never a student's file. It takes some seconds in
a process of its own. So a press of the button only puts the student's record into the line: `shown_at` is set, and
`truth` is not. One thread of all programs that serve the pages works the line off: the one that holds the lock
LAB_RUNS. Where it was ended in the middle, the record stays in the line, and another press goes on.
"""

import logging
import threading
import time
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.db.advisory_locks import count_holders
from accounts.db.lock_numbers import LAB_RUNS
from accounts.db.sql import ask
from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.labs import examination, records
from accounts.labs.catalogue import Lab, find_lab
from accounts.models import LabRecord

LOST_AFTER_S = 10.0  # longer than a thread takes to begin
LOOK_EVERY_S = 0.3
THREAD = "lab runs"

NOT_RUN = Q(truth__isnull=True, shown_at__isnull=False)
FAILED: dict[str, int | str] = {}  # the truth of an exercise that could not be run: it answers no question

log = logging.getLogger(__name__)
_turn = threading.Lock()  # threads of this program that want the lock in the database


def request_run(student: str, lab: Lab) -> None:
    """Put the student's record into the line, unless the truth is known; from now on, no prediction is taken.

    Raises BankError before the prediction.
    """
    record = records.record_of(student, lab)
    if not records.may_see_answers(record):
        raise BankError(f"First say what you expect: predict in lab {lab.number}.")
    if record.truth:
        return
    with transaction.atomic():
        begins = Q(shown_at=None) | Q(truth=FAILED)
        LabRecord.objects.filter(begins, pk=record.pk).update(shown_at=timezone.now(), truth=None)
        transaction.on_commit(threading.Thread(target=_work, name=THREAD).start)


def is_in_line(record: LabRecord) -> bool:
    """Whether the exercise waits to be run for this record, or is being run, and is not lost."""
    return is_asked(record) and not is_lost(record)


def is_asked(record: LabRecord) -> bool:
    """Whether the student has asked for a run that has not ended."""
    return record.shown_at is not None and record.truth is None


def is_lost(record: LabRecord) -> bool:
    """Whether the program that should run it was ended: it is to be asked for again."""
    if record.shown_at is None or timezone.now() - record.shown_at < timedelta(seconds=LOST_AFTER_S):
        return False
    return is_asked(record) and count_holders(*LAB_RUNS) == 0


def has_failed(record: LabRecord) -> bool:
    """Whether it was run, and there was no answer."""
    return record.truth == FAILED


def count_before(record: LabRecord) -> int:
    """How many runs come before the one of this record; the one that runs now counts."""
    return LabRecord.objects.filter(NOT_RUN, shown_at__lt=record.shown_at).count()


def _work() -> None:
    """Run what waits, the longest first, until none waits or the program ends."""
    with _turn:
        try:
            _wait_for_lock()
            while _is_program_alive() and (record := LabRecord.objects.filter(NOT_RUN).order_by("shown_at").first()):
                _run(record)
        finally:
            connection.close()  # it frees the lock


def _wait_for_lock() -> None:
    while _is_program_alive() and not ask("SELECT pg_try_advisory_lock(%s, %s)", *LAB_RUNS):
        time.sleep(LOOK_EVERY_S)


def _is_program_alive() -> bool:
    """At the end of a program its main thread ends first, and then waits for the others."""
    return threading.main_thread().is_alive()


def _run(record: LabRecord) -> None:
    """Keep what came of it, or that there is nothing; not if the terminal was faster."""
    try:
        values = records.kept_values(examination.run_exercise(find_lab(record.lab), student=record.student))
    except Exception as error:  # whatever it is: the page that waits must be told
        log.exception("%s could not be run: %s", record, describe(error))
        values = {"truth": FAILED}
    LabRecord.objects.filter(NOT_RUN, pk=record.pk).update(**values)
