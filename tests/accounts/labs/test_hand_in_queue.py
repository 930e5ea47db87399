"""The line of files that were handed in: in order, one for each student, and what is left when a checker was killed."""

import pytest
from django.db import IntegrityError

from accounts.errors import BankError
from accounts.labs import hand_in_queue
from accounts.labs.catalogue import find_lab
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord
from tests.support.hand_ins import CODE, another_checker, wait_in_line
from tests.support.labs import ANSWERS, VERDICT, keep_record
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)  # the lock is held by another connection

FAILED = LabVerdict.from_values(VERDICT)


def states() -> dict[str, str]:
    return {record.student: record.hand_in_state for record in LabRecord.objects.filter(lab=2)}


def reasons() -> set[str]:
    return set(LabRecord.objects.values_list("hand_in_reason", flat=True))


def test_files_are_taken_one_after_the_other_in_their_order():
    wait_in_line("carla", "anna", "ben")
    with hand_in_queue.only_checker():
        first = hand_in_queue.take()
        waiting = [LabRecord.objects.get(student=student) for student in ("anna", "ben")]
        assert [hand_in_queue.count_before(record) for record in waiting] == [1, 2]
        hand_in_queue.finish(first, FAILED)
        assert [hand_in_queue.count_before(record) for record in waiting] == [0, 1]

        assert [first.student, hand_in_queue.take().student, hand_in_queue.take().student] == ["carla", "anna", "ben"]
        assert hand_in_queue.take() is None


def test_result_stands_where_a_terminals_stands():
    wait_in_line("anna")
    with hand_in_queue.only_checker():
        hand_in_queue.finish(hand_in_queue.take(), FAILED)

    record = LabRecord.objects.get()
    assert (record.hand_in_state, record.handed_in) == ("checked", CODE)
    assert record.verdict["score"] == FAILED.score
    assert record.checked_at is not None


def test_failed_check_takes_no_pass_back_that_came_meanwhile():
    wait_in_line("anna")
    with hand_in_queue.only_checker():
        taken = hand_in_queue.take()
        LabRecord.objects.update(passed=True)

        hand_in_queue.finish(taken, FAILED)

    assert LabRecord.objects.get().passed


def test_check_that_has_no_result_gives_its_reason_and_leaves_the_last_verdict():
    wait_in_line("anna")
    with hand_in_queue.only_checker():
        hand_in_queue.end(hand_in_queue.take(), "The server is gone.")

    record = LabRecord.objects.get()
    assert (record.hand_in_state, record.hand_in_reason, record.verdict) == ("ended", "The server is gone.", None)


def test_error_file_before_the_prediction():
    with pytest.raises(BankError, match="The result would answer the questions: predict in lab 2 first."):
        hand_in_queue.hand_in("anna", find_lab(2), CODE)

    assert states() == {"anna": ""}


def test_error_second_file_of_a_student_while_one_waits():
    wait_in_line("anna")
    keep_record("anna", 3, prediction={})

    with pytest.raises(BankError, match="Your file for lab 2 is in the line: hand in the next one after its result."):
        hand_in_queue.hand_in("anna", find_lab(3), "another")
    with pytest.raises(IntegrityError):
        LabRecord.objects.filter(lab=3).update(hand_in_state="waiting")


def test_error_second_file_of_a_student_while_one_is_checked():
    wait_in_line("anna")
    hand_in_queue.take()

    with another_checker(), pytest.raises(BankError, match="Your file for lab 2 is in the line"):
        hand_in_queue.hand_in("anna", find_lab(2), "another")


def test_file_whose_checker_was_killed_is_kept_and_may_be_handed_in_again():
    with another_checker():
        wait_in_line("anna", "ben")
        taken = hand_in_queue.take()

    hand_in_queue.hand_in("anna", find_lab(2), taken.handed_in)

    assert states() == {"anna": "waiting", "ben": "waiting"}
    assert hand_in_queue.count_before(LabRecord.objects.get(student="anna")) == 1, "it is the last one now"


def test_next_checker_ends_what_a_killed_one_left_and_goes_on_with_the_others():
    with another_checker():
        wait_in_line("anna", "ben")
        hand_in_queue.take()

    with hand_in_queue.only_checker():
        assert states() == {"anna": "ended", "ben": "waiting"}
        assert reasons() == {"The program that checked it was ended in the middle.", ""}
        assert hand_in_queue.take().student == "ben"


def test_result_of_a_checker_that_counts_as_ended_is_not_kept():
    wait_in_line("anna")
    late = hand_in_queue.take()
    with hand_in_queue.only_checker():
        hand_in_queue.finish(late, FAILED)
        assert states() == {"anna": "ended"}
    hand_in_queue.hand_in("anna", find_lab(2), "another")
    hand_in_queue.take()

    hand_in_queue.finish(late, FAILED)
    hand_in_queue.end(late, "No.")

    assert states() == {"anna": "checking"}
    assert LabRecord.objects.get().verdict is None


def test_checker_is_at_work_as_long_as_it_holds_the_lock():
    with hand_in_queue.only_checker():
        assert hand_in_queue.is_checker_at_work()

    wait_until(lambda: not hand_in_queue.is_checker_at_work())


def test_another_lab_may_be_handed_in_after_a_killed_check():
    with another_checker():
        wait_in_line("anna")
        hand_in_queue.take()
    keep_record("anna", 3, prediction=ANSWERS)

    hand_in_queue.hand_in("anna", find_lab(3), CODE)

    assert states() == {"anna": "ended"}
    assert LabRecord.objects.get(lab=3).hand_in_state == "waiting"
