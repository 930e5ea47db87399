"""What a student has done in a lab, kept. Command and pages call the same functions."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.errors import BankError
from accounts.labs.catalogue import Lab
from accounts.labs.exercise_outcome import ExerciseOutcome, run_exercise
from accounts.labs.questions import AnswersRefused, Question
from accounts.labs.verdict import LabVerdict
from accounts.models import LabRecord

HINTS = 3


def record_of(student: str, lab: Lab) -> LabRecord:
    """The student's record in this lab; a new one if there is none."""
    return LabRecord.objects.get_or_create(student=student, lab=lab.number)[0]


def predict(record: LabRecord, lab: Lab, given: Mapping[str, str]) -> None:
    """Keep the student's answers to all questions.

    Raises AnswersRefused for answers that are missing or cannot be, and BankError for those that come too late.
    """
    if record.shown_at is not None:
        asked_at = timezone.localtime(record.shown_at)
        raise BankError(f"You have asked at {asked_at:%H:%M} to see lab {lab.number} run: what you predicted stays.")
    if is_settled(record):
        late = "what you predicted stays" if record.prediction else "it is too late to predict"
        raise BankError(f"You have seen what a check of lab {lab.number} found: {late}.")
    questions = {question.name: question for question in lab.questions(lab.variant(record.student))}
    if unknown := [name for name in given if name not in questions]:
        raise BankError(f"Lab {lab.number} asks nothing called {unknown[0]!r}: it asks {', '.join(questions)}.")
    if reasons := _reasons_against(given, questions):
        raise AnswersRefused(lab.number, reasons)
    record.prediction = {name: question.parse(given[name]) for name, question in questions.items()}
    record.predicted_at = timezone.now()
    record.save(update_fields=["prediction", "predicted_at"])


def _reasons_against(given: Mapping[str, str], questions: Mapping[str, Question]) -> dict[Question, str]:
    """For each question whose answer cannot be kept: why."""
    reasons = {}
    for name, question in questions.items():
        try:
            if not given.get(name, "").strip():
                raise BankError("No answer was given: answer every question, if only with a guess.")
            question.parse(given[name])
        except BankError as refusal:
            reasons[question] = str(refusal)
    return reasons


def may_see_answers(record: LabRecord) -> bool:
    """Whether what gives answers away may be shown: the student has predicted, or has seen answers without."""
    return record.prediction is not None or is_settled(record)


def is_settled(record: LabRecord) -> bool:
    """Whether it is too late to predict: the student has asked to see the run, or has seen what a check found."""
    return record.shown_at is not None or record.checked_at is not None


def show(record: LabRecord, lab: Lab) -> dict[str, int | str]:
    """The true answers for this student, found by running the exercise; from now on, no prediction is taken."""
    if not record.truth:  # none, or that of a run which has failed
        for name, value in kept_values(run_exercise(lab, record.student)).items():
            setattr(record, name, value)
        record.shown_at = timezone.now()
        record.save(update_fields=["truth", "shown", "shown_at"])
    return dict(record.truth or {})


def kept_values(outcome: ExerciseOutcome) -> dict[str, Any]:
    """The fields of a record that keep what came of running the exercise."""
    return {"truth": dict(outcome.truths), "shown": outcome.shown.as_values()}


def unfold_hint(record: LabRecord) -> int:
    """One hint more, up to three; how many are unfolded now. Raises BankError before the prediction."""
    if not may_see_answers(record):
        raise BankError(f"Hints help to repair, and would answer the questions: predict in lab {record.lab} first.")
    LabRecord.objects.filter(pk=record.pk, hint_count__lt=HINTS).update(hint_count=F("hint_count") + 1)
    record.refresh_from_db(fields=["hint_count"])
    return record.hint_count


def keep(record: LabRecord, verdict: LabVerdict) -> None:
    """Keep the verdict of a check. A lab that was passed once stays passed."""
    record.verdict, record.checked_at = _storable(verdict.as_values()), timezone.now()
    changed = ["verdict", "checked_at"]
    if verdict.is_passed:  # else not written: another check may have been passed since the record was read
        record.passed = True
        changed.append("passed")
    record.save(update_fields=changed)


def _storable(values: dict[str, Any]) -> Any:
    """The same in what PostgreSQL takes as JSON: a file's messages may hold a NUL, or half a character."""
    text = json.dumps(values, ensure_ascii=False).replace(r"\u0000", r"\ufffd")
    return json.loads(text.encode(errors="replace"))
