"""A class that hands in files, and a checker that is there and checks nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.db.lock_numbers import HAND_INS
from accounts.labs import hand_in_queue
from accounts.labs.catalogue import find_lab
from tests.support.labs import ANSWERS, keep_record
from tests.support.waiting import wait_until

CODE = "def audit(bank):\n    return []\n"


def wait_in_line(*students: str, code: str = CODE) -> None:
    """Each student has predicted in lab 2, and hands in a file, in this order."""
    for student in students:
        keep_record(student, prediction=ANSWERS)
        hand_in_queue.hand_in(student, find_lab(2), code)


@contextmanager
def another_checker() -> Iterator[None]:
    """In the block, a connection holds the checker's lock; when it is closed, that is as if its program was killed."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", HAND_INS)
        yield
    finally:
        other.close()
        wait_until(lambda: not hand_in_queue.is_checker_at_work())  # the server notices it a moment later
