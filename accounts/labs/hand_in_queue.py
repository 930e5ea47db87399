"""The line of files that were handed in on the labs' pages: one for each student, checked one at a time.

A file waits in its student's record (`handed_in`). The checker is the one program that holds the lock HAND_INS, on the
connection with which it takes files and keeps results. Where no program holds it, the check of a file that counts as
being checked is lost: its checker was ended. The file is kept, and may be handed in again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.db.advisory_locks import count_holders
from accounts.db.lock_numbers import HAND_INS
from accounts.errors import BankError
from accounts.labs import records
from accounts.labs.catalogue import Lab
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord

LOST = "The program that checked it was ended in the middle."

HandIn = LabRecord.HandIn


# What the pages do.


def hand_in(student: str, lab: Lab, text: str) -> None:
    """Put the student's file into the line.

    Raises BankError before the prediction, and while a file of the student is in the line.
    """
    record = records.record_of(student, lab)
    if not records.may_see_answers(record):
        raise BankError(f"The result would answer the questions: predict in lab {lab.number} first.")
    with transaction.atomic():
        # Two requests of one student take turns here.
        list(LabRecord.objects.select_for_update().filter(student=student).order_by("pk"))
        if _execute("SELECT pg_try_advisory_xact_lock_shared(%s, %s)"):  # no checker is at work, and none can begin
            _end_lost(Q(student=student))
        other = in_line(student)
        if other is not None:
            raise BankError(f"Your file for lab {other.lab} is in the line: hand in the next one after its result.")
        _update(Q(pk=record.pk), HandIn.WAITING, handed_in=text, handed_in_at=timezone.now())


def in_line(student: str) -> LabRecord | None:
    """The record whose file waits or is being checked; None if the student has none in the line."""
    return LabRecord.objects.filter(student=student, hand_in_state__in=LabRecord.IN_LINE).first()


def count_before(record: LabRecord) -> int:
    """How many files come before the one of this record, which waits; the one that is being checked counts."""
    before = Q(hand_in_state=HandIn.WAITING, handed_in_at__lt=record.handed_in_at)
    if is_checker_at_work():
        before |= Q(hand_in_state=HandIn.CHECKING)
    return LabRecord.objects.filter(before).count()


def is_checker_at_work() -> bool:
    """Whether a program is there that checks what waits."""
    return count_holders(*HAND_INS) > 0


# What the checker does.


@contextmanager
def only_checker() -> Iterator[None]:
    """In the block, this connection is the checker's; waits until no other one is. What an earlier one left is lost."""
    _execute("SELECT pg_advisory_lock(%s, %s)")
    try:
        _end_lost(Q())
        yield
    finally:
        connection.close()  # it frees the lock, also if it is broken


def take() -> LabRecord | None:
    """The file that has waited longest: from now on, it is being checked. None if none waits."""
    first = LabRecord.objects.filter(hand_in_state=HandIn.WAITING).order_by("handed_in_at", "pk").first()
    if first is not None:
        _update(Q(pk=first.pk), HandIn.CHECKING)
    return first


def finish(record: LabRecord, verdict: LabVerdict) -> None:
    """Keep the verdict where a terminal's would be kept; not if the file counts as lost by now."""
    with transaction.atomic():
        if _update(_taken(record), HandIn.CHECKED):
            records.keep(record, verdict)


def end(record: LabRecord, reason: str) -> None:
    """There is no result, for this reason, which is a sentence. The last verdict stays what it is."""
    _update(_taken(record), HandIn.ENDED, hand_in_reason=reason)


def _taken(record: LabRecord) -> Q:
    return Q(pk=record.pk, hand_in_state=HandIn.CHECKING, handed_in_at=record.handed_in_at)


def _end_lost(which: Q) -> None:
    _update(which & Q(hand_in_state=HandIn.CHECKING), HandIn.ENDED, hand_in_reason=LOST)


def _update(which: Q, state: HandIn, **values: object) -> int:
    return LabRecord.objects.filter(which).update(**{"hand_in_reason": "", "hand_in_state": state, **values})


def _execute(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, HAND_INS)
        return cursor.fetchone()[0]
