"""The line of exercises that are run for the labs' pages: in order, once each, and what is left of a killed program."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.db.lock_numbers import LAB_RUNS
from accounts.errors import BankError
from accounts.labs import examination, exercise_runs, records
from accounts.labs.catalogue import find_lab
from accounts.labs.exercise_outcome import Shown, run_exercise
from accounts.models import LabRecord
from tests.support.lab_runs import wait_for_lab_runs
from tests.support.labs import ANSWERS, OUTCOME, TRUTH, keep_record

pytestmark = pytest.mark.django_db(transaction=True)  # the exercise is run by another thread

LAB = find_lab(2)
LONG_AGO = timezone.now() - timedelta(minutes=5)


@pytest.fixture
def runs(monkeypatch) -> list[str]:
    """No process is started: whose exercise was run."""
    students = []

    def run_exercise(lab, *, student):
        students.append(student)
        return OUTCOME

    monkeypatch.setattr(examination, "run_exercise", run_exercise)
    return students


def press(student: str = "anna") -> LabRecord:
    """What the record says when the run has ended."""
    exercise_runs.request_run(student, LAB)
    wait_for_lab_runs()
    return LabRecord.objects.get(student=student)


def test_truth_and_the_worst_schedule_are_kept_where_the_terminal_keeps_them(runs):
    keep_record("anna", prediction=ANSWERS)

    record = press()

    assert (record.truth, Shown.from_values(record.shown)) == (TRUTH, OUTCOME.shown)
    assert record.shown_at is not None
    assert not exercise_runs.is_in_line(record)


def test_error_nothing_is_run_before_the_prediction(runs):
    with pytest.raises(BankError, match="First say what you expect: predict in lab 2"):
        press()

    assert (runs, LabRecord.objects.get().shown_at) == ([], None)


def test_prediction_stays_from_the_press_on(runs):
    keep_record("anna", prediction=ANSWERS, shown_at=timezone.now())

    with pytest.raises(BankError, match="what you predicted stays"):
        records.predict(LabRecord.objects.get(), LAB, ANSWERS)


def test_exercise_whose_truth_is_known_is_not_run_again(runs):
    keep_record("anna", prediction=ANSWERS, truth=TRUTH, shown_at=LONG_AGO)

    record = press()

    assert (runs, record.shown_at) == ([], LONG_AGO)


def test_one_thread_runs_what_all_have_asked_for_in_their_order(runs):
    for minutes, student in enumerate(["carla", "ben"]):
        keep_record(student, prediction=ANSWERS, shown_at=LONG_AGO + timedelta(minutes=minutes))
    keep_record("anna", prediction=ANSWERS)
    first, second = (LabRecord.objects.get(student=student) for student in ("carla", "ben"))
    assert [exercise_runs.count_before(record) for record in (first, second)] == [0, 1]

    press("anna")

    assert runs == ["carla", "ben", "anna"]


def test_run_that_was_lost_is_run_by_the_next_press(runs):
    record = keep_record("anna", prediction=ANSWERS, shown_at=LONG_AGO)
    assert exercise_runs.is_lost(record)

    assert press().truth == TRUTH


def test_run_is_not_lost_while_a_program_is_at_work():
    record = keep_record("anna", prediction=ANSWERS, shown_at=LONG_AGO)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", LAB_RUNS)
        assert exercise_runs.is_in_line(record)
    finally:
        other.close()


def test_run_that_was_just_asked_for_is_not_lost():
    assert exercise_runs.is_in_line(keep_record("anna", prediction=ANSWERS, shown_at=timezone.now()))


def test_run_that_fails_says_so_and_can_be_asked_for_again(runs, monkeypatch, caplog):
    keep_record("anna", prediction=ANSWERS)

    def fail(lab, *, student):
        raise BankError("It ended Python itself.")

    with monkeypatch.context() as patch:
        patch.setattr(examination, "run_exercise", fail)
        failed = press()

    assert exercise_runs.has_failed(failed)
    assert "It ended Python itself." in caplog.text
    assert press().truth == TRUTH


def test_terminal_runs_what_has_failed_on_the_page(monkeypatch):
    record = keep_record("anna", prediction=ANSWERS, truth={}, shown_at=LONG_AGO)
    monkeypatch.setattr(records, "run_exercise", lambda lab, student: OUTCOME)

    assert records.show(record, LAB) == TRUTH
    record.refresh_from_db()
    assert (record.truth, Shown.from_values(record.shown)) == (TRUTH, OUTCOME.shown)


def test_result_of_the_terminal_that_came_meanwhile_stays(monkeypatch):
    keep_record("anna", prediction=ANSWERS)

    def run_exercise(lab, *, student):
        LabRecord.objects.update(truth=TRUTH | {"torn": "from the terminal"})
        return OUTCOME

    monkeypatch.setattr(examination, "run_exercise", run_exercise)

    assert press().truth["torn"] == "from the terminal"


@pytest.mark.processes
@pytest.mark.parametrize("number", [2, 13])  # 13: of another app, in a database of its own
def test_process_of_its_own_finds_what_the_terminal_finds(number):
    lab = find_lab(number)

    outcome = examination.run_exercise(lab, student="anna")

    same = run_exercise(lab, "anna")
    assert outcome.truths == same.truths
    assert outcome.shown.file == same.shown.file
    assert outcome.shown.observation.worst.schedule == same.shown.observation.worst.schedule
