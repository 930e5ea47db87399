"""The button "See what happens" of a lab's page: after the prediction, for the student alone, until it is shown."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.labs import examination
from accounts.models import LabRecord
from tests.support.lab_runs import wait_for_lab_runs
from tests.support.labs import ANSWERS, OUTCOME, TRUTH, keep_record, labs_url
from tests.support.pages import HTMX, content

pytestmark = pytest.mark.django_db(transaction=True)  # the exercise is run by another thread

PAGE, ADDRESS = labs_url("_lab", 2), labs_url("_run", 2)
ABOUT_RUN = HTMX | {"HX-Target": "run-line"}
BUTTON = f'<form method="post" action="{ADDRESS}"'


@pytest.fixture(autouse=True)
def _no_process(monkeypatch) -> None:
    monkeypatch.setattr(examination, "run_exercise", lambda lab, *, student: OUTCOME)


def test_button_is_there_after_the_prediction_and_shows_the_result(anna):
    assert BUTTON not in content(anna.get(PAGE))
    keep_record("anna", prediction=ANSWERS)
    assert BUTTON in content(anna.get(PAGE))

    answer = anna.post(ADDRESS)
    wait_for_lab_runs()

    assert answer.url == f"{PAGE}#predict"
    page = content(anna.get(PAGE))
    assert re.findall(r'class="mark (\w+)"', page) == ["right", "wrong", "right"]
    assert BUTTON not in page
    assert "What happens" in page


def test_error_press_before_the_prediction_runs_nothing(anna):
    page = content(anna.post(ADDRESS, follow=True))

    assert "First say what you expect: predict in lab 2" in page
    assert LabRecord.objects.get().shown_at is None


def test_page_follows_the_run_and_is_loaded_again_at_its_end(anna):
    keep_record("ben", prediction=ANSWERS, shown_at=timezone.now() - timedelta(seconds=5))
    record = keep_record("anna", prediction=ANSWERS, shown_at=timezone.now())

    page = content(anna.get(PAGE))
    assert "The exercise waits to be run: 1 before it." in page
    assert BUTTON not in page
    assert 'class="predict"' not in page, "what was predicted stays"
    part = content(anna.get(PAGE, headers=ABOUT_RUN))
    assert "waits to be run: 1 before it" in part
    assert "<html" not in part

    LabRecord.objects.filter(student="ben").delete()
    assert "The exercise is being run, every schedule of it." in content(anna.get(PAGE, headers=ABOUT_RUN))

    LabRecord.objects.filter(pk=record.pk).update(truth=TRUTH)
    assert anna.get(PAGE, headers=ABOUT_RUN).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("truth", "sentence"),
    [(None, "The program that ran the exercise was ended in the middle."), ({}, "The exercise could not be run")],
)
def test_error_run_without_a_result_says_so_and_can_be_asked_for_again(truth, sentence, anna):
    keep_record("anna", prediction=ANSWERS, truth=truth, shown_at=timezone.now() - timedelta(minutes=5))

    page = content(anna.get(PAGE))

    assert sentence in page
    assert BUTTON in page


def test_teacher_runs_nothing_for_a_student(teacher):
    keep_record("anna", prediction=ANSWERS)

    assert BUTTON not in content(teacher.get(f"{PAGE}?student=anna"))
    teacher.post(f"{ADDRESS}?student=anna", {"student": "anna"})
    assert LabRecord.objects.get(student="anna").shown_at is None
