"""What a lab's page shows: its texts in a student's own numbers, the prediction, and the result of the last check."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404

from accounts.admin.lab_code import exercise_code, kept_code
from accounts.errors import BankError
from accounts.labs import board, records
from accounts.labs.board import progress
from accounts.labs.catalogue import Lab, find_lab
from accounts.labs.checked_file import CheckedFile
from accounts.labs.exercise_outcome import Shown
from accounts.labs.proofs import Proof, ScheduleProof
from accounts.labs.verdict import CheckResult, LabVerdict, State
from accounts.models import LabRecord
from accounts.reporting.schedule_code import ScheduleCode
from accounts.reporting.schedule_table import schedule_rows

# How what became of a check is marked: as answers are on the class's board.
MARKS = {
    State.PASSED: board.RIGHT,
    State.FAILED: board.WRONG,
    State.UNDECIDED: board.OPEN,
    State.NOT_RUN: board.NONE,
}


def lab_or_404(number: int | str) -> Lab:
    """The lab of a number in a page's address. Raises Http404 if there is none."""
    try:
        return find_lab(number)
    except BankError as refusal:
        raise Http404(str(refusal)) from refusal


def describe(
    lab: Lab,
    record: LabRecord,
    *,
    is_mine: bool,
    given: Mapping[str, str],
    reasons: Mapping[str, str],
    step: int,
    of_exercise: bool,
) -> dict[str, Any]:
    """The lab in the student's own numbers, and what is recorded.

    A student sees the task, the hints and the checks after predicting, because they answer the questions; and what to
    read next after a pass, because it shows the repair. The answers in `given` were refused for these `reasons`. `step`
    and `of_exercise`: as for `_seen`.
    """
    variant = lab.variant(record.student)
    prediction, truth = record.prediction or {}, record.truth or {}
    marks = {mark.question: mark for mark in progress(lab, vars(record)).marks}
    may_see = records.may_see_answers(record) or not is_mine
    return {
        "lab": lab,
        "record": record,
        "story": variant.fill(lab.readme.story),
        "exercise": exercise_code(lab),
        "task": variant.fill(lab.readme.task) if may_see else "",
        "read_next": variant.fill(lab.readme.read_next) if record.passed or not is_mine else "",
        "asked": [
            {
                "question": question,
                "predicted": prediction.get(question.name),
                "given": given.get(question.name, prediction.get(question.name, "")),
                "truth": truth.get(question.name),
                "mark": marks[question.name],
                "reason": reasons.get(question.name, ""),
            }
            for question in lab.questions(variant)
        ],
        "hints": [variant.fill(hint) for hint in lab.readme.hints[: record.hint_count if may_see else 0]],
        "hints_left": len(lab.readme.hints) - record.hint_count,
        "has_predicted": record.prediction is not None,
        "may_see": may_see,
        "is_settled": records.is_settled(record),
        **(_seen(lab, record, step, of_exercise=of_exercise) if may_see else {}),
    }


def _seen(lab: Lab, record: LabRecord, step: int, *, of_exercise: bool) -> dict[str, Any]:
    """What running the exercise and checking the file have shown.

    One schedule of these can be gone through and has its code beside it, at this `step`: the one that refutes the
    student's file; the exercise's worst one where there is no other, or where it is asked for (`of_exercise`).
    """
    shown = Shown.from_values(record.shown) if record.shown else None
    verdict = LabVerdict.from_values(record.verdict) if record.verdict else None
    refutes = verdict is not None and _refutation(verdict) is not None
    of_exercise = shown is not None and (of_exercise or not refutes)
    return {
        "shown": _shown(lab, shown, step if of_exercise else None) if shown else None,
        "checks": _checks(verdict, None if of_exercise else step) if verdict else [],
    }


def _shown(lab: Lab, shown: Shown, step: int | None) -> dict[str, Any]:
    """How the exercise goes wrong, and its worst schedule as a table; at a step of it, with the code beside it."""
    worst, file, title = shown.observation.worst, shown.file, f"The exercise: {lab.name}.py"
    return {
        "observation": shown.observation,
        "first": next(iter(shown.observation.case.counts), ""),
        **_table(worst),
        "has_code": bool(worst and file),
        "code": kept_code(file, worst, step, title=title) if worst and file and step is not None else None,
    }


def _checks(verdict: LabVerdict, step: int | None) -> list[dict[str, Any]]:
    """Each check with its message and, where one schedule proves it, that schedule as a table.

    At a step of the one that refutes the file, the file is beside it.
    """
    refutation = _refutation(verdict)
    return [
        {
            **check.as_values(),
            "state": _word(check),
            **_table(check.outcome.proof),
            "mark": MARKS[check.outcome.state],
            "sign": board.SIGNS[MARKS[check.outcome.state]],
            "score": None if check.outcome.state is State.UNDECIDED else check.score,
            "is_open": check is verdict.first_failed,
            "has_code": check is verdict.first_failed and refutation is not None,
            "code": _code(refutation, step) if check is verdict.first_failed else None,
        }
        for check in verdict.checks
    ]


def _word(check: CheckResult) -> str:
    """What became of it. A storm is not graded, so it is not "not graded yet" either."""
    is_known = check.decides or check.outcome.state is not State.UNDECIDED
    return check.outcome.state.value if is_known else "not known"


def _refutation(verdict: LabVerdict) -> tuple[CheckedFile, ScheduleProof] | None:
    """The file and the schedule that refutes it; None where the verdict lacks one of them."""
    proof = verdict.first_failed.outcome.proof if verdict.first_failed else None
    return (verdict.file, proof) if verdict.file and isinstance(proof, ScheduleProof) else None


def _code(refutation: tuple[CheckedFile, ScheduleProof] | None, step: int | None) -> ScheduleCode | None:
    if refutation is None or step is None:
        return None
    file, proof = refutation
    return kept_code(file, proof, step, title=f"Checked: {file.name}")


def _table(proof: Proof | None) -> dict[str, Any]:
    """The schedule's columns, in the order in which the sessions begin (JSON that was kept has none), and its rows."""
    if not isinstance(proof, ScheduleProof):
        return {}
    sessions = list(dict.fromkeys([*(step.session for step in proof.steps), *proof.columns]))
    headings = [proof.columns.get(name, name) for name in sessions]
    return {"headings": headings, "rows": schedule_rows(sessions, proof.steps)}
